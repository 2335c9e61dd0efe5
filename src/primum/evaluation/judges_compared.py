"""What two or more judges said of the same answers, side by side, and beside what people said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from primum.evaluation.suites.files import HealthRow, LabelRow, VerdictRow
from primum.records import Estimate
from primum.stats import mean
from primum.stats.agreement_alpha import krippendorff_alpha
from primum.stats.agreement_kappa import cohen_kappa, gwet_ac, raw_agreement
from primum.stats.undefined import Undefined

__all__ = ["Compared", "JudgesCompared", "Mark", "PairCompared", "Quarrel", "Said", "compare_said"]

_UNIT = "conversation"
_CLASSES = (False, True)
_MOST_QUARRELS = 20
Ratings = list[tuple[bool | None, ...]]
Maybe = Estimate | Undefined


class Compared(NamedTuple):
    """Agreement of two or more: raw, Cohen's κ (of two), Gwet's AC1, Krippendorff's α; each with its interval or the reason it has none."""

    agreement: Maybe
    cohen_kappa: Maybe
    gwet_ac1: Maybe
    krippendorff_alpha: Maybe


class PairCompared(NamedTuple):
    """Two judges, or a judge and a person."""

    first: str
    second: str
    compared: Compared


class Mark(NamedTuple):
    """One judge: its name in the tables, its file, the share of decided verdicts that are met, and of all that it abstained from."""

    name: str
    file: str
    judge: str
    met: Estimate | None
    abstained: Estimate | None


class Quarrel(NamedTuple):
    """A criterion, or all with one tag: on how many answers two judges or more decided, and the share on which they were not at one."""

    what: str
    n: int
    divided: int


class Said(NamedTuple):
    """One judge: its name in the tables, its file, how it is told, and its verdicts by prompt."""

    name: str
    file: str
    judge: str
    rows: dict[str, VerdictRow]


class JudgesCompared(NamedTuple):
    """The comparison. `tags` are those of the criteria; `criteria` the most divided ones, by how often and then how large a share."""

    judges: tuple[Mark, ...]
    together: Compared
    pairs: tuple[PairCompared, ...]
    people: tuple[PairCompared, ...]
    tags: tuple[Quarrel, ...]
    criteria: tuple[Quarrel, ...]
    n: int


def compare_said(rows: Sequence[HealthRow], judges: Sequence[Said], people: Sequence[LabelRow] = ()) -> JudgesCompared:
    """Compare two or more judges on the criteria of a set, and each with every person who labelled."""
    names = [one.name for one in judges]
    ratings, clusters, rules = _ratings(rows, [one.rows for one in judges])
    return JudgesCompared(
        judges=tuple(_mark(one, ratings, clusters, number) for number, one in enumerate(judges)),
        together=_compared(ratings, clusters),
        pairs=tuple(
            PairCompared(names[one], names[two], _compared([(row[one], row[two]) for row in ratings], clusters))
            for one, two in combinations(range(len(names)), 2)
        ),
        people=tuple(_against(names, ratings, clusters, people)),
        tags=tuple(_quarrels(ratings, [tags for _, tags in rules])),
        criteria=tuple(_quarrels(ratings, [(statement,) for statement, _ in rules])[:_MOST_QUARRELS]),
        n=len(ratings),
    )


def _ratings(
    rows: Sequence[HealthRow], found: Sequence[dict[str, VerdictRow]]
) -> tuple[Ratings, list[str], list[tuple[str, tuple[str, ...]]]]:
    """Every criterion of every answer: what each judge said, the conversation, and (statement, tags)."""
    ratings: Ratings = []
    clusters: list[str] = []
    rules: list[tuple[str, tuple[str, ...]]] = []
    for row in rows:
        said = [by_id.get(row.prompt_id) for by_id in found]
        if all(one is None for one in said):
            continue
        for place, rule in enumerate(row.rubrics):
            ratings.append(tuple(one.met[place] if one is not None else None for one in said))
            clusters.append(row.prompt_id)
            rules.append((rule.criterion, tuple(rule.tags)))
    return ratings, clusters, rules


def _mark(judge: Said, ratings: Ratings, clusters: Sequence[str], number: int) -> Mark:
    met: list[float] = []
    among: list[str] = []
    abstained: list[float] = []
    of: list[str] = []
    for row, cluster in zip(ratings, clusters, strict=True):
        if cluster not in judge.rows:
            continue
        said = row[number]
        abstained.append(float(said is None))
        of.append(cluster)
        if said is not None:
            met.append(float(said))
            among.append(cluster)
    return Mark(judge.name, judge.file, judge.judge, mean(met, among, _UNIT), mean(abstained, of, _UNIT))


def _compared(ratings: Sequence[tuple[bool | None, ...]], clusters: Sequence[str]) -> Compared:
    # False and True are always both on the scale, whether or not both were said.
    kappa: Maybe = Undefined("Cohen's κ is of two judges; the pairs have theirs")
    if len(ratings[0]) == 2:
        kappa = cohen_kappa(ratings, clusters=clusters, categories=_CLASSES, unit=_UNIT)
    return Compared(
        raw_agreement(ratings, clusters=clusters, categories=_CLASSES, unit=_UNIT),
        kappa,
        gwet_ac(ratings, clusters=clusters, categories=_CLASSES, unit=_UNIT),
        krippendorff_alpha(ratings, clusters=clusters, categories=_CLASSES, unit=_UNIT),
    )


def _against(
    names: Sequence[str],
    ratings: Ratings,
    clusters: Sequence[str],
    people: Sequence[LabelRow],
) -> list[PairCompared]:
    """Each judge with each person, on what the person labelled."""
    first = {name: position for position, name in reversed(list(enumerate(clusters)))}
    pairs = []
    for rater in sorted({row.rater for row in people}):
        theirs: list[bool | None] = [None] * len(ratings)
        for row in people:
            if row.rater == rater and row.prompt_id in first:
                start = first[row.prompt_id]
                theirs[start : start + len(row.met)] = row.met
        for number, name in enumerate(names):
            both = [(row[number], label) for row, label in zip(ratings, theirs, strict=True)]
            pairs.append(PairCompared(name, rater, _compared(both, clusters)))
    return pairs


def _quarrels(ratings: Ratings, keys: Sequence[tuple[str, ...]]) -> list[Quarrel]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row, names in zip(ratings, keys, strict=True):
        decided = [said for said in row if said is not None]
        if len(decided) > 1:
            for name in names:
                counts[name][0] += 1
                counts[name][1] += len(set(decided)) > 1
    divided = [Quarrel(name, n, apart) for name, (n, apart) in counts.items() if apart]
    return sorted(divided, key=lambda one: (-one.divided, -one.divided / one.n, one.what))
