"""Two versions of a corpus, article by article: what stands unchanged, stands elsewhere, was amended, repealed or added."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from primum.corpus.diff_pairing import Side, pair_articles, pair_sources, side_of
from primum.corpus.diff_words import Edit, body, edits, runs_of, similarity
from primum.records import Norm

__all__ = ["KINDS", "Change", "ChangeKind", "changed_words", "diff"]

ChangeKind = Literal["unchanged", "moved", "renumbered", "amended", "repealed", "new"]
KINDS: Final[tuple[ChangeKind, ...]] = ("unchanged", "renumbered", "moved", "amended", "repealed", "new")
_PART: Final = (
    0.6  # of a part's runs of characters: found in the article it came from and not in what became of that article
)
_PART_RUNS: Final = 8  # a part with fewer runs says too little to be told apart


class Change(NamedTuple):
    """What became of one article. `old` is `None` for a new article, `new` for a repealed one.

    unchanged   same text, same number, same place
    renumbered  same text and place, other number
    moved       same text, in another chapter or document
    amended     another text (punctuation counts, white space does not); `similarity` is the share of characters kept
    repealed    nothing of it stands, or only what another article took over (`how`)
    new         nothing like it stood, or it took over a part of another article (`how`)

    `how` `split`: what `old` said stands in several new articles; `merged`: what several old articles said stands in `new`.
    `related` are the other articles of it: on the change of the article that was split or merged into, its parts; on that of a
    part, the article it came from or went into. `similarity` of a part is the share of it that was taken over.
    """

    kind: ChangeKind
    old: Norm | None
    new: Norm | None
    similarity: float
    how: Literal["", "split", "merged"] = ""
    related: tuple[Norm, ...] = ()


class _Part(NamedTuple):
    """A place of the one side whose article was taken from, or into, the article at `whole` of the other side."""

    whole: int
    share: float


def diff(old: Sequence[Norm], new: Sequence[Norm]) -> list[Change]:
    """Every norm of `old` and of `new`, each in exactly one change; in the order of `new`, repealed ones where they stood.

    The same articles are paired whichever version is called old: what is new one way is repealed the other way.
    """
    before, after = side_of(old), side_of(new)
    is_turned = _order(before) > _order(after)  # ties fall by content, so they fall alike both ways
    if is_turned:
        sources = {b: a for a, b in pair_sources(after, before).items()}
        pairs = {j: i for i, j in pair_articles(after, before, {a: b for b, a in sources.items()}).items()}
    else:
        sources = pair_sources(before, after)
        pairs = pair_articles(before, after, sources)
    split = dict(_parts(after, before, {j: i for i, j in pairs.items()}, {b: a for a, b in sources.items()}))
    merged = dict(_parts(before, after, pairs, sources))
    chapters = _Chapters(before, after, pairs, sources)
    changes: dict[tuple[int, int], Change] = {}
    places = _places(before, after, pairs, sources)
    for at, norm in enumerate(old):
        if at in pairs:
            found = _paired(chapters, norm, new[pairs[at]], before.keys[at] == after.keys[pairs[at]], is_turned)
            changes[pairs[at], 0] = found
        else:
            part = merged.get(at)
            changes[places[at]] = Change(
                "repealed",
                norm,
                None,
                part.share if part else 0.0,
                "merged" if part else "",
                (new[part.whole],) if part else (),
            )
    for place, norm in enumerate(new):
        if (place, 0) not in changes:
            part = split.get(place)
            changes[place, 0] = Change(
                "new",
                None,
                norm,
                part.share if part else 0.0,
                "split" if part else "",
                (old[part.whole],) if part else (),
            )
    return _with_parts([changes[place] for place in sorted(changes)], old, new, split, merged)


def changed_words(change: Change) -> list[Edit]:
    """How the old wording became the new one, without numbers; of a new or repealed article, the whole of it."""
    old, new = (body(norm).lstrip(" .:：、") if norm else "" for norm in (change.old, change.new))
    return edits(old, new)


def _order(side: Side) -> list[tuple[str, ...]]:
    """What a version says and where, without ids: those tell where its files were read from."""
    return [
        (key, norm.source_key, *(f"{step.label} {step.title}" for step in norm.citation))
        for key, norm in zip(side.keys, side.norms, strict=True)
    ]


def _paired(chapters: _Chapters, old: Norm, new: Norm, is_equal: bool, is_turned: bool) -> Change:
    if not is_equal:
        first, second = (new, old) if is_turned else (old, new)
        return Change("amended", old, new, similarity(edits(body(first), body(second))))
    if chapters.differ(old, new):
        return Change("moved", old, new, 1.0)
    is_renumbered = old.citation[-1].label != new.citation[-1].label
    return Change("renumbered" if is_renumbered else "unchanged", old, new, 1.0)


def _parts(
    side: Side, other: Side, pairs: Mapping[int, int], sources: Mapping[str, str]
) -> Iterator[tuple[int, _Part]]:
    """Unpaired articles of `side` whose wording was taken from, or into, an article of the other edition of their document.

    What counts is wording that this article has and its own partner has not: else two boilerplate articles would be parts.
    """
    back = {j: i for i, j in pairs.items()}
    for id, here in side.sources.items():
        loose = [at for at in here if at not in pairs]
        there = other.sources.get(sources.get(id, ""), [])
        spare = {}
        for place in there if loose else ():
            partner = back.get(place)
            if partner is None:
                spare[place] = runs_of(other.keys[place])
            elif side.keys[partner] != other.keys[place]:
                spare[place] = runs_of(other.keys[place]) - runs_of(side.keys[partner])
        for at in loose:
            runs = runs_of(side.keys[at])
            shares = {place: len(runs & spare[place]) / max(len(runs), _PART_RUNS) for place in spare}
            most = min(shares, key=lambda place: (-shares[place], other.norms[place].key), default=None)
            if most is not None and shares[most] >= _PART:
                yield at, _Part(most, shares[most])


def _with_parts(
    changes: list[Change],
    old: Sequence[Norm],
    new: Sequence[Norm],
    split: Mapping[int, _Part],
    merged: Mapping[int, _Part],
) -> list[Change]:
    """The changes, those of articles that were split or merged into naming the parts."""
    pieces: dict[str, list[Norm]] = defaultdict(list)
    for place, part in split.items():
        pieces[old[part.whole].id].append(new[place])
    absorbed: dict[str, list[Norm]] = defaultdict(list)
    for at, part in merged.items():
        absorbed[new[part.whole].id].append(old[at])
    told = []
    for change in changes:
        if not change.how and change.old is not None and pieces.get(change.old.id):
            change = change._replace(how="split", related=tuple(pieces[change.old.id]))
        elif not change.how and change.new is not None and absorbed.get(change.new.id):
            change = change._replace(how="merged", related=tuple(absorbed[change.new.id]))
        told.append(change)
    return told


def _places(
    before: Side, after: Side, pairs: Mapping[int, int], sources: Mapping[str, str]
) -> dict[int, tuple[int, int]]:
    """Where repealed articles are told: behind the article they followed; a whole document behind everything."""
    told: dict[int, tuple[int, int]] = {}
    for id, here in before.sources.items():
        there = after.sources.get(sources.get(id, ""))
        at_place = there[0] - 1 if there else len(after.norms)
        for at in here:
            if at not in pairs:
                told[at] = (at_place, at + 1)
            elif there and after.norms[pairs[at]].source == sources[id]:
                at_place = pairs[at]
    return told


class _Chapters:
    """Which chapters are the same: those of one title or number, and those that hold each other's articles for the most part."""

    def __init__(self, before: Side, after: Side, pairs: Mapping[int, int], sources: Mapping[str, str]) -> None:
        self._sources = sources
        both = Counter((_chapter(before.norms[at]), _chapter(after.norms[place])) for at, place in pairs.items())
        ahead: dict[tuple[str, ...], tuple[str, ...]] = {}
        back: dict[tuple[str, ...], tuple[str, ...]] = {}
        for (one, other), _ in sorted(both.items(), key=lambda entry: (-entry[1], sorted(entry[0]))):
            ahead.setdefault(one, other)
            back.setdefault(other, one)
        self._ahead, self._back = ahead, back

    def differ(self, old: Norm, new: Norm) -> bool:
        """Whether an article that stands in `old` and `new` alike changed its document or its chapter."""
        if self._sources.get(old.source) != new.source:
            return True
        one, other = _chapter(old), _chapter(new)
        if one[1:] == other[1:]:
            return False
        return self._ahead[one] != other or self._back[other] != one


def _chapter(norm: Norm) -> tuple[str, ...]:
    """The document and the headings an article stands under, by their titles, or by their labels where they have none."""
    return norm.source, *("".join(step.title.split()) or step.label for step in norm.citation[:-1])
