"""Exemplars: judgements that a person corrected, kept with their history and shown to the judge beside what it is asked next.

A file of exemplars only grows. The last line about a case (conversation, answer, criterion) holds; it names the one it replaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import sqrt

from primum.errors import InputError
from primum.language import normalise
from primum.records import Turn, Value, content_hash

__all__ = ["Exemplar", "ExemplarBook", "current", "newly_learned"]

_SIZES = (2, 3)
_REMEMBERED = 4096


class Exemplar(Value, frozen=True):
    """What is right about one criterion of one answer, and what the judge had said.

    `met` is right by `people` (pseudonyms, in order) in their `role`, and `why` is their reason where they gave one; `said` is what the
    judge `judge` (its id) had said, `None` where it abstained. `source` names the situation it comes from, `set:scenario-…`, by which a
    judge that learned from what it measures is refused. `supersedes` is the id of the exemplar of the same case that it replaces.
    """

    prompt: tuple[Turn, ...]
    answer: str
    criterion: str
    met: bool
    said: bool | None
    people: tuple[str, ...]
    source: str
    judge: str = ""
    role: str = ""
    why: str = ""
    supersedes: str = ""

    def check(self) -> None:
        if not self.prompt or not self.answer.strip() or not self.criterion.strip():
            self.refuse("an exemplar", "lacks a conversation, an answer or a criterion", "give it all three")
        if not self.people or not all(one.strip() for one in self.people):
            self.refuse("an exemplar", "names nobody who says so", "name the person, by a pseudonym")
        if not self.source.strip():
            self.refuse("an exemplar", "does not say which situation it comes from", "name its source")

    @property
    def id(self) -> str:
        """`exemplar-` and the first 20 hex digits of the hash of its content."""
        return f"exemplar-{content_hash(self)[:20]}"

    @property
    def answered(self) -> str:
        """The hash of its conversation with its answer: what makes two exemplars ones of one answer."""
        return _answered(self.prompt, self.answer)

    @property
    def case(self) -> str:
        """The hash of what was judged; two exemplars with the same are two opinions on one thing."""
        return content_hash([self.answered, normalise(self.criterion)])[:20]


def current(exemplars: Sequence[Exemplar], place: str = "the exemplars") -> tuple[Exemplar, ...]:
    """Those that hold: the last of each case, in the order of their lines. `place` is where they stand, for errors.

    Raises `InputError` for a history with a gap: a line that replaces something else than the line that held until then.
    """
    holds: dict[str, Exemplar] = {}
    for number, one in enumerate(exemplars, 1):
        before = holds.pop(one.case, None)
        if one.supersedes != (before.id if before is not None else ""):
            raise InputError(
                f"exemplar {number} on the criterion {one.criterion[:60]!r}",
                f"replaces {one.supersedes or 'nothing'}, but {before.id if before else 'nothing'} held until then",
                "keep every line of the file, in its order",
                place,
            )
        holds[one.case] = one
    return tuple(holds.values())


def newly_learned(known: Sequence[Exemplar], corrections: Iterable[Exemplar]) -> list[Exemplar]:
    """The lines to append: corrections of cases that are new, or on which people now say something else, or say why for the first time.

    What is there already comes back never; `supersedes` is filled in here.
    """
    holds = {one.case: one for one in current(known)}
    found: list[Exemplar] = []
    for one in corrections:
        before = holds.get(one.case)
        if before is not None and before.met == one.met and (not one.why or before.why == one.why):
            continue
        fields = {name: getattr(one, name) for name in one.__struct_fields__}
        added = Exemplar(**fields | {"supersedes": before.id if before is not None else ""})
        holds[one.case] = added
        found.append(added)
    return found


class ExemplarBook:
    """The exemplars that hold, of the lines of their file, ready to be looked up. Raises `InputError` as `current` does.

    Those shown for a criterion are the likest to it by their own criterion: the cosine of the sets of character 2- and 3-grams, so that no
    words have to be cut and Chinese is like English. Chosen by the criterion alone, they are the same for every answer under it, and
    a server with prefix caching reads them once. Of equally like ones the later correction comes first.
    """

    def __init__(self, exemplars: Sequence[Exemplar] = (), place: str = "the exemplars") -> None:
        self.exemplars = current(exemplars, place)
        self.fingerprint = content_hash(self.exemplars)
        self._grams = [_grams(one.criterion) for one in self.exemplars]
        self._answered = [one.answered for one in self.exemplars]
        self._ranked = lru_cache(_REMEMBERED)(self._rank)

    def __len__(self) -> int:
        return len(self.exemplars)

    @property
    def sources(self) -> tuple[str, ...]:
        """The situations that they come from, each once."""
        return tuple(sorted({one.source for one in self.exemplars}))

    def shown(self, statements: Sequence[str], prompt: Sequence[Turn], answer: str, count: int) -> list[Exemplar]:
        """At most `count` for these statements, the likest last; never one about this very answer, nor one with no n-gram in common.

        Half are met and half not while both last: a judge that sees one outcome only repeats it.
        """
        own = _answered(prompt, answer)
        ranked = [place for place in self._ranked(tuple(statements)) if self._answered[place] != own]
        sides = [[place for place in ranked if self.exemplars[place].met is met] for met in (True, False)]
        if sides[1] and (not sides[0] or ranked.index(sides[1][0]) < ranked.index(sides[0][0])):
            sides.reverse()  # the likest of all is shown whatever the count
        taken: list[int] = []
        for turn in range(max(map(len, sides))):
            taken += [side[turn] for side in sides if turn < len(side)]
        order = {place: rank for rank, place in enumerate(ranked)}
        chosen = sorted(taken[:count], key=lambda place: order[place], reverse=True)
        return [self.exemplars[place] for place in chosen]

    def _rank(self, statements: tuple[str, ...]) -> tuple[int, ...]:
        asked = [_grams(one) for one in statements]
        likeness = [max(_cosine(grams, one) for one in asked) for grams in self._grams]
        places = [place for place, like in enumerate(likeness) if like > 0]
        return tuple(sorted(places, key=lambda place: (-likeness[place], -place)))


def _answered(prompt: Sequence[Turn], answer: str) -> str:
    return content_hash([[(turn.role, normalise(turn.content)) for turn in prompt], normalise(answer)])[:20]


def _grams(text: str) -> frozenset[str]:
    plain = normalise(text)
    return frozenset(plain[at : at + size] for size in _SIZES for at in range(len(plain) - size + 1))


def _cosine(one: frozenset[str], other: frozenset[str]) -> float:
    """|A ∩ B| / √(|A| |B|): "abc" and "abd" share "ab" of {ab, bc, abc} and {ab, bd, abd}, so 1/3."""
    return len(one & other) / sqrt(len(one) * len(other)) if one and other else 0.0
