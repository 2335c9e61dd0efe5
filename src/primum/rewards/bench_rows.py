"""Pairs and what a reward model read of them, flattened to the rows that its bench counts: verdicts, preferences, orders.

What nobody labelled is masked and what is a tie has no winner to find: both are counted, neither is a row. What the scorer could not read
is a row without a value, so that two scorers' rows stay side by side: it is counted as an abstention, never as wrong.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from primum.errors import InputError
from primum.records import CriterionKind, Settings
from primum.rewards.asked import Asked, Item, Parts, Read, parts_of
from primum.rewards.combine import RewardSettings, combine_parts, plain_sum
from primum.rewards.samples import PairSample

__all__ = [
    "SHAPES",
    "SLICES",
    "BenchFacts",
    "BenchRows",
    "BenchSettings",
    "Count",
    "Judged",
    "Ordered",
    "Preferred",
    "Shape",
    "Slice",
    "Unread",
    "rows_of",
    "why_empty",
]

Slice = Literal["all", "seen_criteria", "unseen_criteria", "unseen_policies", "en", "zh", "other_language"]
SLICES: tuple[Slice, ...] = (
    "all",
    "seen_criteria",
    "unseen_criteria",
    "unseen_policies",
    "en",
    "zh",
    "other_language",
)

Shape = Literal["clipped", "sum", "lexicographic", "verdicts"]
"""How parts become an order: the clipped reward; the plain sum of all criteria; fewer vetoes, then S1, then S2; that same order over
verdicts, met from .5. Expected values hardly ever tie, so that by them S2 hardly ever decides; by verdicts it does."""
SHAPES: tuple[Shape, ...] = ("clipped", "sum", "lexicographic", "verdicts")

_EVEN = 0.5


class BenchSettings(Settings, frozen=True):
    """`abstain_within` of even a chance is no decision for selective accuracy. `weighs_excellence` and `weighs_vetoes` false leave S2 and
    S3 out of every order but the plain sum (the ablations); `reward` is how parts become one number."""

    abstain_within: float = 0.1
    weighs_excellence: bool = True
    weighs_vetoes: bool = True
    reward: RewardSettings = RewardSettings()

    def check(self) -> None:
        if not 0 <= self.abstain_within < _EVEN:
            self.refuse(f"abstain_within = {self.abstain_within}", "is not in [0, .5)", "give a share of the scale")


class Unread(NamedTuple):
    """An answer that a scorer could not read, and why."""

    reason: str


class BenchFacts(NamedTuple):
    """What the model was trained on: families of criteria, who answered, languages. An empty one is not known; nothing is told by it."""

    trained_keys: frozenset[str] = frozenset()
    trained_policies: frozenset[str] = frozenset()
    trained_languages: frozenset[str] = frozenset()


class Judged(NamedTuple):
    """One labelled criterion of one answer: whether it is met, and the chance of that as read; not known where it was not read, and then
    the row says nothing."""

    kind: CriterionKind
    group: str
    slices: frozenset[Slice]
    is_met: bool
    chance: float
    wants_met: bool
    is_read: bool = True

    @property
    def is_right(self) -> bool:
        return self.says_met == self.is_met

    @property
    def says_met(self) -> bool:
        return self.chance >= _EVEN

    @property
    def is_violated(self) -> bool:
        """By the label: for a safety criterion, a veto."""
        return self.is_met != self.wants_met

    @property
    def says_violated(self) -> bool:
        """As read. The chance of being satisfied decides, as in `rewards.asked.parts_of`: exactly even is no veto."""
        return (self.chance if self.wants_met else 1.0 - self.chance) < _EVEN


class Preferred(NamedTuple):
    """One criterion under which one answer of a pair wins. `value`: 1 where the scores say so too, 0 where not, .5 where they are equal;
    no value where either answer was not read."""

    kind: CriterionKind
    group: str
    slices: frozenset[Slice]
    value: float
    is_read: bool = True


class Ordered(NamedTuple):
    """A pair whose overall winner is known; `values` by shape, as in `Preferred`, none where either answer was not read."""

    group: str
    slices: frozenset[Slice]
    values: Mapping[Shape, float]
    is_read: bool = True


class Count(NamedTuple):
    """What a row was not made of. `what` is judged, preferred or ordered; `kind` is empty for pairs as a whole."""

    what: Literal["judged", "preferred", "ordered"]
    kind: CriterionKind | Literal[""]
    where: Slice


class BenchRows(NamedTuple):
    """All rows, in the order of the pairs; ties and masked labels by where they stand."""

    judged: list[Judged]
    preferred: list[Preferred]
    ordered: list[Ordered]
    ties: Counter[Count]
    masked: Counter[Count]


def rows_of(
    pairs: Sequence[PairSample], reads: Mapping[str, Read | Unread], facts: BenchFacts, settings: BenchSettings
) -> BenchRows:
    """Flatten `pairs`; `reads` are by `Item.id` of `PairSample.items`.

    A preference is of an unseen policy where either answer is; a whole pair is of unseen criteria where any of its criteria is, of seen
    ones where all are. Raises `InputError` for an id that two pairs share, an answer of which nothing is said (not even `Unread`), or a
    read that is none of its criteria.
    """
    twice = [id for id, count in Counter(one.id for one in pairs).items() if count > 1]
    if twice:
        raise InputError(f"pair '{twice[0]}'", "stands in the pairs twice", "give each pair an id of its own", "bench")
    found = BenchRows([], [], [], Counter(), Counter())
    for pair in pairs:
        read = tuple(_checked(item, reads) for item in pair.items)
        _judge(pair, (read[0], read[1]), facts, found)
        _prefer(pair, (read[0], read[1]), facts, found)
        _order(pair, (read[0], read[1]), facts, settings, found)
    return found


def why_empty(where: Slice, facts: BenchFacts) -> str:
    """Why there is no row in a slice, in a sentence."""
    unknown = {
        "seen_criteria": (facts.trained_keys, "which criteria it was trained on is not known"),
        "unseen_criteria": (facts.trained_keys, "which criteria it was trained on is not known"),
        "unseen_policies": (facts.trained_policies, "whose answers it was trained on is not known"),
        "other_language": (facts.trained_languages, "which languages it was trained on is not known"),
    }
    known, told = unknown.get(where, (frozenset("all"), ""))
    if not known:
        return told
    return {
        "all": "nothing here was labelled and decided",
        "seen_criteria": "none of these is of a criterion it was trained on",
        "unseen_criteria": "none of these is of a criterion it was not trained on",
        "unseen_policies": "none of these is by a policy it was not trained on",
        "other_language": "none of these is in a language it was not trained on",
    }.get(where, "none of these is in that language")


def _checked(item: Item, reads: Mapping[str, Read | Unread]) -> Read | None:
    """`None` where it could not be read."""
    read = reads.get(item.id)
    if isinstance(read, Unread):
        return None
    if read is None:
        raise InputError(f"answer '{item.id}'", "was not read", "score every answer of the pairs", "bench")
    wanted = len(item.criteria)
    if len(read.scores) != wanted or len(read.probabilities) != wanted:
        raise InputError(
            f"the read of answer '{item.id}'", f"is not of its {wanted} criteria", "score it under them", "bench"
        )
    if not all(map(math.isfinite, read.scores)) or not all(0 <= chance <= 1 for chance in read.probabilities):
        raise InputError(
            f"the read of answer '{item.id}'", "holds what is no score or no chance", "mend the scorer", "bench"
        )
    return read


_Reads = tuple[Read | None, Read | None]


def _judge(pair: PairSample, reads: _Reads, facts: BenchFacts, found: BenchRows) -> None:
    sides = ((pair.met_first, pair.first_by, reads[0]), (pair.met_second, pair.second_by, reads[1]))
    for met, by, read in sides:
        for place, one in enumerate(pair.criteria):
            slices = _slices(pair, (by,), _keys(pair, place), facts)
            is_met = met[place]
            if is_met is None:
                found.masked.update(Count("judged", one.kind, where) for where in slices)
                continue
            chance = _EVEN if read is None else read.probabilities[place]
            found.judged.append(
                Judged(one.kind, pair.group, slices, is_met, chance, one.points > 0, is_read=read is not None)
            )


def _prefer(pair: PairSample, reads: _Reads, facts: BenchFacts, found: BenchRows) -> None:
    for place, one in enumerate(pair.criteria):
        slices = _slices(pair, (pair.first_by, pair.second_by), _keys(pair, place), facts)
        winner = pair.winner(place)
        if not winner:
            counted = found.masked if winner is None else found.ties
            counted.update(Count("preferred", one.kind, where) for where in slices)
            continue
        if reads[0] is None or reads[1] is None:
            found.preferred.append(Preferred(one.kind, pair.group, slices, 0.5, is_read=False))
            continue
        gap = (reads[0].scores[place] - reads[1].scores[place]) * (1 if one.points > 0 else -1)
        found.preferred.append(Preferred(one.kind, pair.group, slices, _value(gap * winner)))


def _order(pair: PairSample, reads: _Reads, facts: BenchFacts, settings: BenchSettings, found: BenchRows) -> None:
    slices = _slices(pair, (pair.first_by, pair.second_by), pair.keys, facts)
    winner = pair.overall
    if not winner:
        counted = found.masked if winner is None else found.ties
        counted.update(Count("ordered", "", where) for where in slices)
        return
    first, second = reads
    if first is None or second is None:
        found.ordered.append(Ordered(pair.group, slices, {}, is_read=False))
        return
    values = {shape: _value(_gap(pair.criteria, (first, second), shape, settings) * winner) for shape in SHAPES}
    found.ordered.append(Ordered(pair.group, slices, values))


def _gap(criteria: Sequence[Asked], reads: tuple[Read, Read], shape: Shape, settings: BenchSettings) -> float:
    """By how much (or only which way, in a lexicographic order) the first answer comes before the second."""
    if shape == "sum":
        return plain_sum(criteria, reads[0]) - plain_sum(criteria, reads[1])
    chosen = reads if shape != "verdicts" else (_decided(reads[0]), _decided(reads[1]))
    first, second = (_parts(criteria, read, settings) for read in chosen)
    if shape == "clipped":
        return combine_parts(first, settings.reward) - combine_parts(second, settings.reward)
    one, other = ((-side.vetoes, side.proficiency, side.excellence) for side in (first, second))
    return float((one > other) - (one < other))


def _parts(criteria: Sequence[Asked], read: Read, settings: BenchSettings) -> Parts:
    parts = parts_of(criteria, read)
    if not settings.weighs_excellence:
        parts = parts._replace(excellence=0.0)
    return parts if settings.weighs_vetoes else parts._replace(vetoes=0, depth=0.0)


def _decided(read: Read) -> Read:
    return Read(read.scores, tuple(float(chance >= _EVEN) for chance in read.probabilities))


def _value(gap: float) -> float:
    return 1.0 if gap > 0 else 0.0 if gap < 0 else 0.5


def _keys(pair: PairSample, place: int) -> tuple[str, ...]:
    return (pair.keys[place],) if pair.keys else ()


def _slices(pair: PairSample, by: Iterable[str], keys: Sequence[str], facts: BenchFacts) -> frozenset[Slice]:
    """Where a row of these answers and criteria stands; without a key, or without a name, it is neither seen nor unseen."""
    found: set[Slice] = {"all", pair.language}
    if keys and facts.trained_keys and all(keys):
        found.add("seen_criteria" if facts.trained_keys.issuperset(keys) else "unseen_criteria")
    if facts.trained_policies and any(one and one not in facts.trained_policies for one in by):
        found.add("unseen_policies")
    if facts.trained_languages and pair.language not in facts.trained_languages:
        found.add("other_language")
    return frozenset(found)
