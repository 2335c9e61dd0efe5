"""Answers under their rubrics as arrays: what every correction of a rubric score starts from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from primum.errors import InputError

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Floats = NDArray[numpy.float64]
    Indices = NDArray[numpy.int64]
    Mask = NDArray[numpy.bool_]

__all__ = ["OVERALL", "Flat", "GradedExample", "flatten", "is_by_verdict", "labelled_in_part", "slices"]

OVERALL = "overall"
_PLACE = "stats.graded"


class GradedExample(NamedTuple):
    """One answer under its rubric, one entry a criterion: signed points, what the judge said, what a person said (`()`: unlabelled).

    `None` from the judge is an abstention, from a person no label. `tags` are each criterion's, `example_tags` the whole
    example's; `classes` name the kind of criterion the judge's accuracy is taken for (`()`: all alike; the sign of the points
    always divides). `chances` are those with which each criterion was chosen for labelling (`()`: all the same). `cluster` is what
    the example was drawn with (`""`: it stands alone).
    """

    points: Sequence[float]
    judge: Sequence[bool | None]
    human: Sequence[bool | None] = ()
    tags: Sequence[Sequence[str]] = ()
    example_tags: Sequence[str] = ()
    classes: Sequence[str] = ()
    chances: Sequence[float] = ()
    cluster: str = ""


class Flat(NamedTuple):
    """Verdicts as arrays of one length. `weight` is `u`; NaN in `judge` and `human` is none; `example` and `cluster` are positions."""

    weight: Floats
    judge: Floats
    human: Floats
    example: Indices
    cluster: Indices
    kind: Indices
    chance: Floats
    tags: list[frozenset[str]]
    kinds: list[str]

    def take(self, rows: Mask) -> Flat:
        """The verdicts of `rows`, weighed by the positive points they leave; examples without any are left out."""
        import numpy as np

        points = self.weight[rows]
        example = self.example[rows]
        positive = np.bincount(example, np.maximum(points, 0.0), minlength=int(self.example.max()) + 1)
        stays = positive[example] > 0
        chosen = np.flatnonzero(rows)[stays]
        kept = self.example[chosen]
        return self._replace(
            weight=self.weight[chosen] / positive[kept],
            judge=self.judge[chosen],
            human=self.human[chosen],
            example=np.unique(kept, return_inverse=True)[1],
            cluster=np.unique(self.cluster[chosen], return_inverse=True)[1],
            kind=self.kind[chosen],
            chance=self.chance[chosen],
            tags=[self.tags[i] for i in chosen.tolist()],
        )


def flatten(examples: Sequence[GradedExample]) -> Flat:
    """All verdicts of all examples; `weight` still holds the points. Raises `InputError` for columns that do not match, and points of 0."""
    import numpy as np

    if not examples:
        raise InputError("no example", "makes no score", "give one at least", _PLACE)
    kinds: dict[str, int] = {}
    clusters: dict[str, int] = {}
    rows: list[tuple[float, float, float, int, int, int, float]] = []
    tags: list[frozenset[str]] = []
    for position, one in enumerate(examples):
        size = len(one.points)
        for name in ("judge", "human", "tags", "classes", "chances"):
            found = len(getattr(one, name))
            if found != size and (found or name == "judge"):
                raise InputError(
                    f"{found} {name} for {size} criteria",
                    "do not match",
                    "give one each",
                    f"{_PLACE}, example {position}",
                )
        cluster = clusters.setdefault(one.cluster or f"\0{position}", len(clusters))
        # HealthBench: where an example's tag is also that of its criteria, the criteria make the score, if any is positive.
        shared = frozenset(one.example_tags) - _scored_by_criteria(one)
        for j, points in enumerate(one.points):
            if points == 0:
                raise InputError("a criterion with 0 points", "cannot change a score", "remove it", _PLACE)
            sign = "positive" if points > 0 else "negative"
            kind = kinds.setdefault(f"{one.classes[j]}, {sign}" if one.classes else sign, len(kinds))
            chance = float(one.chances[j]) if one.chances else float("nan")
            label = one.human[j] if one.human else None
            rows.append((float(points), _number(one.judge[j]), _number(label), position, cluster, kind, chance))
            tags.append(shared | frozenset(one.tags[j]) if one.tags else shared)
    weight, judge, human, example, owner, sort, chances = (np.asarray(column) for column in zip(*rows, strict=True))
    given = np.isfinite(chances)
    if given.any() and not given.all():
        raise InputError("chances of being labelled", "are given for some examples only", "give all or none", _PLACE)
    return Flat(weight, judge, human, example, owner, sort, chances, tags, list(kinds))


def _scored_by_criteria(one: GradedExample) -> frozenset[str]:
    return frozenset(tag for points, tags in zip(one.points, one.tags, strict=False) if points > 0 for tag in tags)


def _number(said: bool | None) -> float:
    return float("nan") if said is None else float(said)


def slices(flat: Flat) -> list[tuple[str, Flat]]:
    """The whole and every tag that has positive points somewhere, by name."""
    import numpy as np

    whole = flat.take(np.ones(len(flat.weight), dtype=bool))
    if not len(whole.weight):
        raise InputError("no example", "has a criterion with positive points", "a score needs one", _PLACE)
    found = [(OVERALL, whole)]
    for tag in sorted(frozenset().union(*flat.tags)):
        part = flat.take(np.asarray([tag in tags for tags in flat.tags]))
        if len(part.weight):
            found.append((tag, part))
    return found


def labelled_in_part(flat: Flat) -> int:
    """How many examples have labels on some of their criteria and not on others."""
    import numpy as np

    known = np.bincount(flat.example, np.isfinite(flat.human))
    size = np.bincount(flat.example)
    return int(((known > 0) & (known < size)).sum())


def is_by_verdict(flat: Flat) -> bool:
    """Whether labels were given verdict by verdict: on some criteria of an example only, or with chances that differ within one."""
    import numpy as np

    first = np.unique(flat.example, return_index=True)[1]
    differs = flat.chance != flat.chance[first][np.unique(flat.example, return_inverse=True)[1]]
    return labelled_in_part(flat) > 0 or bool((differs & np.isfinite(flat.chance)).any())
