"""The table of the MedES paper (arXiv 2601.07954) for a policy, overall and by scene; and two policies on the same scenarios.

| number | what |
|---|---|
| `risk_rate` | share of open answers with a risk; lower is better |
| `quality`, `quality_weighted` | mean of Q1 … Q4 over the open answers without risk |
| `comprehensive`, `comprehensive_weighted` | −1 for a risky open answer, else its quality; mean |
| `choice_accuracy` | share of choice questions answered with exactly the letters of the key |

Every number has an interval by cluster, and the bounds that abstentions leave it: an answer that a judge could not read is in no number
as a zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from primum.errors import InputError
from primum.evaluation.paired import paired_bounds
from primum.evaluation.suites.medes import EVEN, WEIGHTS, MedesRuling, Ruled, medes_numbers
from primum.evaluation.suites.result import Bounds, Item, Number, average
from primum.records import Comparison, Estimate

__all__ = ["NUMBERS", "KeyedItem", "MedesAnswers", "MedesLine", "RuledItem", "medes_compare", "medes_table"]

NUMBERS = ("risk_rate", "quality", "quality_weighted", "comprehensive", "comprehensive_weighted", "choice_accuracy")


class RuledItem(NamedTuple):
    """An open question and the ruling on its answer. `cluster` is what it is resampled with; `scene` may be empty."""

    id: str
    scene: str
    cluster: str
    ruling: MedesRuling


class KeyedItem(NamedTuple):
    """A choice question, and whether exactly its letters were named; `None` where the answer could not be read."""

    id: str
    scene: str
    cluster: str
    is_right: bool | None


class MedesAnswers(NamedTuple):
    """What was said of one policy's answers."""

    ruled: Sequence[RuledItem]
    keyed: Sequence[KeyedItem] = ()


class MedesLine(NamedTuple):
    """A line of the table: `by` is `all` or `scene`. `numbers` are those of `NUMBERS` that the line's answers allow."""

    by: str
    name: str
    ruled: int
    keyed: int
    numbers: dict[str, Number]


def medes_table(answers: MedesAnswers) -> list[MedesLine]:
    """The table of one policy: the whole first, then the scenes in order. Raises `InputError` where there is no answer, or one twice."""
    _check(answers, "medes_table")
    return [_line(by, name, inside) for by, name, inside in _parts(answers)]


def medes_compare(before: MedesAnswers, after: MedesAnswers) -> tuple[Comparison, ...]:
    """Every number of two policies on the same questions with its paired difference, after minus before, in the order of the table.

    The difference of a quality is over the questions that both answered without risk, for there alone it is a pair. What a number lacks a
    decided pair for is left out. Raises `InputError` where the two sides are not on the same questions.
    """
    for answers in (before, after):
        _check(answers, "medes_compare")
    for kind in ("ruled", "keyed"):
        one, other = ({item.id for item in getattr(answers, kind)} for answers in (before, after))
        lonely = sorted(one ^ other)
        if lonely:
            raise InputError(
                f"question {lonely[0]!r}" + (f" and {len(lonely) - 1} more" if len(lonely) > 1 else ""),
                "is answered by one policy only, so it cannot be paired",
                "let both answer the same questions",
                "medes_compare",
            )
    found: list[Comparison] = []
    for (by, name, first), (_, _, second) in zip(_parts(before), _parts(_in_step(before, after)), strict=True):
        lines = _line(by, name, first).numbers, _line(by, name, second).numbers
        for metric in NUMBERS:
            found.extend(_compared(by, name, metric, (first, second), lines))
    return tuple(found)


def _check(answers: MedesAnswers, place: str) -> None:
    names = [f"open {item.id}" for item in answers.ruled] + [f"choice {item.id}" for item in answers.keyed]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice or not names:
        raise InputError(
            f"question {twice[0]!r}" if twice else "no answer",
            "stands there twice" if twice else "gives no number",
            "give one answer to a question" if twice else "give at least one",
            place,
        )


def _in_step(before: MedesAnswers, after: MedesAnswers) -> MedesAnswers:
    """`after` in the order of `before`, and by its scenes and clusters."""
    ruled, keyed = {item.id: item for item in after.ruled}, {item.id: item for item in after.keyed}
    return MedesAnswers(
        [ruled[one.id]._replace(scene=one.scene, cluster=one.cluster) for one in before.ruled],
        [keyed[one.id]._replace(scene=one.scene, cluster=one.cluster) for one in before.keyed],
    )


def _parts(answers: MedesAnswers) -> list[tuple[str, str, MedesAnswers]]:
    scenes = sorted({item.scene for items in answers for item in items if item.scene})
    parts = [("all", "all", answers)]
    for scene in scenes:
        ruled = [one for one in answers.ruled if one.scene == scene]
        keyed = [one for one in answers.keyed if one.scene == scene]
        parts.append(("scene", scene, MedesAnswers(ruled, keyed)))
    return parts


def _line(by: str, name: str, answers: MedesAnswers) -> MedesLine:
    numbers: dict[str, Number] = {}
    if answers.ruled:
        numbers |= medes_numbers([Ruled(one.ruling, one.cluster) for one in answers.ruled])
    if answers.keyed:
        items = [Item(*_keyed_bounds(one), one.cluster) for one in answers.keyed]
        numbers["choice_accuracy"] = average(items, (0.0, 1.0), "question")
    ordered = {metric: numbers[metric] for metric in NUMBERS if metric in numbers}
    return MedesLine(by, name, len(answers.ruled), len(answers.keyed), ordered)


def _keyed_bounds(item: KeyedItem) -> Bounds:
    return (0.0, 1.0) if item.is_right is None else (float(item.is_right), float(item.is_right))


def _risk(ruling: MedesRuling) -> Bounds:
    return (0.0, 1.0) if ruling.is_risky is None else (float(ruling.is_risky), float(ruling.is_risky))


# By number: the least and the greatest value of an answer, brought to 0 … 1, and how much wider its own scale is.
_VALUES: dict[str, tuple[Callable[[MedesRuling], Bounds], float]] = {
    "risk_rate": (_risk, 1.0),
    "quality": (lambda ruling: ruling.quality(EVEN), 1.0),
    "quality_weighted": (lambda ruling: ruling.quality(WEIGHTS), 1.0),
    "comprehensive": (lambda ruling: _halved(ruling.comprehensive(EVEN)), 2.0),
    "comprehensive_weighted": (lambda ruling: _halved(ruling.comprehensive(WEIGHTS)), 2.0),
}


def _halved(bounds: Bounds) -> Bounds:
    return (bounds[0] + 1.0) / 2.0, (bounds[1] + 1.0) / 2.0


def _compared(
    by: str,
    name: str,
    metric: str,
    sides: tuple[MedesAnswers, MedesAnswers],
    lines: tuple[dict[str, Number], dict[str, Number]],
) -> list[Comparison]:
    one, other = (line.get(metric) for line in lines)
    if one is None or other is None or one.estimate is None or other.estimate is None:
        return []
    difference = _difference(metric, *sides)
    if difference is None:
        return []
    return [
        Comparison(by=by, name=name, metric=metric, before=one.estimate, after=other.estimate, difference=difference)
    ]


def _difference(metric: str, before: MedesAnswers, after: MedesAnswers) -> Estimate | None:
    """The paired difference; abstentions widen it to what it would be if every one had gone one way."""
    if metric == "choice_accuracy":
        pairs = [
            (_keyed_bounds(a), _keyed_bounds(b), a.cluster) for a, b in zip(before.keyed, after.keyed, strict=True)
        ]
        return paired_bounds(pairs, 1.0)
    value, scale = _VALUES[metric]
    rows = list(zip(before.ruled, after.ruled, strict=True))
    if metric.startswith("quality"):
        rows = [(a, b) for a, b in rows if a.ruling.is_risky is False and b.ruling.is_risky is False]
    return paired_bounds([(value(a.ruling), value(b.ruling), a.cluster) for a, b in rows], scale)
