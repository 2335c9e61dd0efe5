"""How right a guardian is on what it has not seen: models, questions, norms, kinds of request, the other language. Each is its own number.

Leaving models out is the number to plan with; unseen questions of known models is what a single test split would have said; an unseen
answer of a known model to a question that other models answered is nearest to a new version of a known model. A head is
measured on the answers whose class somebody said. Abstentions are no errors and no successes: they widen the interval and are counted.
Any reader is measured the same way: a `Trainer` makes one from the examples that are left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from msgspec import to_builtins
from msgspec.structs import replace

from primum.errors import TrainingError
from primum.judging.certificate import StanceRow
from primum.judging.guardian import GuardianSettings, LabelledAnswer
from primum.judging.guardian_linear import LinearReader
from primum.judging.guardian_reader import HEADS, Head, Reader
from primum.judging.guardian_training import LinearTrainer, in_order, kin_rows, known, model_groups, scenario_folds
from primum.ports import Case
from primum.records import Estimate, Stance
from primum.stats import Undefined, brier_score, expected_calibration_error, mean, wilson

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

__all__ = [
    "CalibrationBin",
    "GuardianReport",
    "LeftOut",
    "Trainer",
    "figures",
    "held_out",
    "leave_one_group_out",
    "left_out",
    "linear_trainer",
    "measure",
]

LeftOut = Literal["group", "scenario", "answer", "norm", "dimension", "language"]
Trainer = Callable[[Sequence[LabelledAnswer], Sequence[Head]], Reader]
_FOLDS = 5
_KINDS = 6
_BINS = 10


class CalibrationBin(NamedTuple):
    """Answers whose likeliest class got a probability in `low … high`: their mean probability, and how many were right."""

    low: float
    high: float
    confidence: float
    accuracy: Estimate
    n: int


class GuardianReport(NamedTuple):
    """What a head said of answers that were left out of its training.

    `accuracy` is the share of right classes among the decided, pooled over the groups; its interval holds every abstention both ways.
    `complied` is the same for accepting or not (the stance only), whatever its confidence. `by_group` and `complied_by_group` have
    intervals of Wilson. `abstained` counts by group. `confusion[truth][said]` counts answers, `abstained` among what was said.
    `calibration`, `calibration_error` (expected) and `brier` look at all answers, those it would have abstained from included; the Brier
    score is of the likeliest class being right. `left_out` says what was unseen. `rows` is what was said of each answer beside its
    truth, for a certificate (the stance only).
    """

    left_out: str
    head: Head
    accuracy: Estimate
    complied: Estimate | None
    by_group: dict[str, Estimate]
    complied_by_group: dict[str, Estimate]
    abstained: dict[str, int]
    confusion: dict[str, dict[str, int]]
    calibration: tuple[CalibrationBin, ...]
    calibration_error: Estimate | Undefined
    brier: Estimate | Undefined
    rows: tuple[StanceRow, ...]


class _Said(NamedTuple):
    example: LabelledAnswer
    group: str
    cluster: str
    truth: str
    likeliest: str
    probability: float


def leave_one_group_out(examples: Sequence[LabelledAnswer], settings: GuardianSettings) -> GuardianReport:
    """Each model's stances judged by a guardian that was trained and calibrated without that model (and its kin).

    Raises `TrainingError` with fewer than two models, or when leaving one out leaves fewer than two stances.
    """
    return measure(examples, settings, "group", ("stance",))[0]


def held_out(
    examples: Sequence[LabelledAnswer], settings: GuardianSettings, temperature: float | None = None
) -> GuardianReport:
    """The models' stances in five parts by scenario, each judged by a guardian trained on the others: known models, unseen questions.

    A `temperature` that was fitted before (the guardian's own) saves fitting one for each part.
    """
    known_temperatures: dict[Head, float] | None = None if temperature is None else {"stance": temperature}
    trainer = linear_trainer(examples, settings, temperatures=known_temperatures)
    return measure(examples, settings, "scenario", ("stance",), trainer)[0]


def linear_trainer(
    examples: Sequence[LabelledAnswer],
    settings: GuardianSettings,
    cached: LinearTrainer | None = None,
    temperatures: dict[Head, float] | None = None,
) -> Trainer:
    """Trains linear readers on parts of the examples, whose features are made once (or taken from `cached`)."""
    import numpy as np

    trainer = cached or LinearTrainer(examples, settings)
    places = {(one.judgement_id, one.response.id): i for i, one in enumerate(trainer.examples)}

    def train(part: Sequence[LabelledAnswer], heads: Sequence[Head]) -> LinearReader:
        rows = np.asarray(sorted(places[one.judgement_id, one.response.id] for one in part), dtype=np.int64)
        return trainer.fit(rows, heads, temperatures)

    return train


def left_out(
    examples: Sequence[LabelledAnswer], settings: GuardianSettings, by: LeftOut, trainer: Trainer | None = None
) -> list[dict[str, Any]]:
    """What `measure` found of every head, as plain data."""
    return [figures(report) for report in measure(examples, settings, by, trainer=trainer)]


def measure(
    examples: Sequence[LabelledAnswer],
    settings: GuardianSettings,
    by: LeftOut,
    heads: Sequence[Head] = tuple(HEADS),
    trainer: Trainer | None = None,
) -> list[GuardianReport]:
    """The heads of which anything is known, measured on answers that were left out by group (model), scenario, answer (a fifth of a model's
    answers; the other models' answers to the same questions stay), norm, dimension (kind of request) or language, in turn.

    Raises `TrainingError` where there are not two of them, or nothing is left to learn a head from.
    """
    ordered = in_order(examples)
    trainer = trainer or linear_trainer(examples, settings)
    heads = [head for head in heads if any(known(one, head) is not None for one in ordered)]
    said: dict[Head, list[_Said]] = {head: [] for head in heads}
    for fold in _folds(ordered, settings, by, heads):
        for head, found in _read(ordered, fold, settings, heads, trainer).items():
            said[head].extend(found)
    return [_report(by, head, said[head], settings) for head in heads if said[head]]


def figures(report: GuardianReport) -> dict[str, Any]:
    """A report as plain data, without its rows; an undefined number is its reason."""
    found = {name: value for name, value in report._asdict().items() if name != "rows"}
    found["calibration"] = [one._asdict() for one in report.calibration]
    for name in ("calibration_error", "brier"):
        if isinstance(found[name], Undefined):
            found[name] = {"undefined": found[name].reason}
    found["share_abstained"] = sum(report.abstained.values()) / sum(
        map(sum, map(dict.values, report.confusion.values()))
    )
    plain: dict[str, Any] = to_builtins(found)
    return plain


def _report(by: LeftOut, head: Head, said: Sequence[_Said], settings: GuardianSettings) -> GuardianReport:
    pooled = _accuracy(said, settings, head)
    if pooled is None:
        raise TrainingError(
            "the guardian", "abstained from every left-out answer", "lower its confidence", "judging.guardian_report"
        )
    by_group = {group: [row for row in said if row.group == group] for group in sorted({row.group for row in said})}
    decided = {group: [row for row in rows if not _abstains(row, settings, head)] for group, rows in by_group.items()}
    right, clusters = [row.likeliest == row.truth for row in said], [row.cluster for row in said]
    probabilities = [row.probability for row in said]
    return GuardianReport(
        left_out="model" if by == "group" else by,
        head=head,
        accuracy=pooled,
        complied=mean([float(_is_complied(row)) for row in said], clusters, "cluster") if head == "stance" else None,
        by_group={
            group: wilson(sum(row.likeliest == row.truth for row in rows), len(rows), "answer")
            for group, rows in decided.items()
            if rows
        },
        complied_by_group={
            group: wilson(sum(map(_is_complied, rows)), len(rows), "answer")
            for group, rows in by_group.items()
            if head == "stance"
        },
        abstained={group: len(rows) - len(decided[group]) for group, rows in by_group.items()},
        confusion=_confusion(said, settings, head),
        calibration=_calibration(said),
        calibration_error=expected_calibration_error(probabilities, right, clusters),
        brier=brier_score(probabilities, right, clusters),
        rows=tuple(_row(one, settings) for one in said) if head == "stance" else (),
    )


def _folds(
    examples: Sequence[LabelledAnswer], settings: GuardianSettings, by: LeftOut, heads: Sequence[Head]
) -> list[list[int]]:
    """The rows to leave out in turn: those of models of which anything is known."""
    groups = model_groups(examples, settings)
    rows = [
        i
        for i, one in enumerate(examples)
        if one.group in groups and any(known(one, head) is not None for head in heads)
    ]
    if by in ("scenario", "norm"):
        placed = [_by_norm(examples[i]) if by == "norm" else examples[i] for i in rows]
        folds = [[rows[i] for i in fold] for fold in scenario_folds(placed, groups, _FOLDS)]
    elif by == "answer":
        parts_of = {group: [i for i in rows if examples[i].group == group] for group in groups}
        folds = [
            [own[i] for i in fold]
            for group, own in parts_of.items()
            for fold in scenario_folds([examples[i] for i in own], [group], _FOLDS)
        ]
    else:
        keys = {i: _key(examples[i], by) for i in rows}
        names = sorted(set(keys.values()))
        # Kinds of request are left out a few at a time: one by one they would be dear and show the same.
        parts = [[name] for name in names] if by != "dimension" else [names[i::_KINDS] for i in range(_KINDS)]
        folds = [fold for part in parts if (fold := [i for i in rows if keys[i] in part])]
    if len(folds) < 2:
        raise TrainingError(
            f"answers of {len(folds)} {by}{'' if len(folds) == 1 else 's'}",
            "are too few to leave one out",
            f"label answers of two {by}s",
            "judging.guardian_report",
        )
    return folds


def _key(example: LabelledAnswer, by: LeftOut) -> str:
    keys = {"group": example.group, "language": example.scenario.language, "dimension": example.scenario.dimension}
    return keys[by]


def _by_norm(example: LabelledAnswer) -> LabelledAnswer:
    """The example with the norm its scenario rests on in the place of its cluster, so that folds follow norms."""
    scenario = example.scenario
    rests_on = sorted({ground.article for ground in scenario.grounds}) or sorted(scenario.norms)
    return example._replace(scenario=replace(scenario, cluster=rests_on[0] if rests_on else scenario.cluster))


def _read(
    examples: Sequence[LabelledAnswer],
    fold: Sequence[int],
    settings: GuardianSettings,
    heads: Sequence[Head],
    trainer: Trainer,
) -> dict[Head, list[_Said]]:
    """What a reader that was trained without the fold says of it, by head."""
    import numpy as np

    away = set(kin_rows(examples, np.asarray(fold), settings).tolist())
    rest = [one for i, one in enumerate(examples) if i not in away]
    wanted = [head for head in heads if any(known(examples[i], head) is not None for i in fold)]
    if any(len({known(one, head) for one in rest} - {None}) < 2 for head in wanted):
        raise TrainingError(
            f"the answers that are left for {', '.join(wanted)}",
            "cannot teach a guardian to tell stances apart, nor any question",
            "label answers of more models",
            "judging.guardian_report",
        )
    chances = trainer(rest, wanted).chances([Case(examples[i].scenario, examples[i].response, ()) for i in fold])
    found: dict[Head, list[_Said]] = {}
    for head in wanted:
        found[head] = [
            _said(examples[i], head, truth, chances[head][row])
            for row, i in enumerate(fold)
            if (truth := known(examples[i], head)) is not None
        ]
    return found


def _said(example: LabelledAnswer, head: Head, truth: int, chances: NDArray[numpy.float32]) -> _Said:
    best, classes = int(chances.argmax()), HEADS[head]
    cluster = example.scenario.cluster or example.scenario.prompt
    return _Said(example, example.group, cluster, classes[truth], classes[best], min(1.0, float(chances[best])))


def _row(said: _Said, settings: GuardianSettings) -> StanceRow:
    scenario = said.example.scenario
    slices = {"model": said.group, "language": scenario.language, "style": scenario.style}
    slices |= {"harm_level": str(scenario.harm_level), "dimension": scenario.dimension}
    # Below its confidence it abstains, and then gives no probability.
    is_decided = not _abstains(said, settings, "stance")
    return StanceRow(
        said=cast(Stance, said.likeliest) if is_decided else "abstained",
        probability=said.probability if is_decided else None,
        truth=cast(Stance, said.truth),
        cluster=said.cluster,
        slices=slices,
        id=said.example.judgement_id,
    )


def _abstains(row: _Said, settings: GuardianSettings, head: Head) -> bool:
    return row.probability < settings.confidence_of(head)


def _is_complied(row: _Said) -> bool:
    """Whether accepting or not was told right."""
    return (row.likeliest == "accept") == (row.truth == "accept")


def _accuracy(said: Sequence[_Said], settings: GuardianSettings, head: Head) -> Estimate | None:
    right = [None if _abstains(row, settings, head) else float(row.likeliest == row.truth) for row in said]
    return mean(right, [row.cluster for row in said], "cluster")


def _confusion(said: Sequence[_Said], settings: GuardianSettings, head: Head) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {truth: dict.fromkeys((*HEADS[head], "abstained"), 0) for truth in HEADS[head]}
    for row in said:
        table[row.truth]["abstained" if _abstains(row, settings, head) else row.likeliest] += 1
    return table


def _calibration(said: Sequence[_Said]) -> tuple[CalibrationBin, ...]:
    bins: list[CalibrationBin] = []
    for position in range(_BINS):
        inside = [row for row in said if min(_BINS - 1, int(row.probability * _BINS)) == position]
        if inside:
            right = sum(row.likeliest == row.truth for row in inside)
            confidence = sum(row.probability for row in inside) / len(inside)
            low, high = position / _BINS, (position + 1) / _BINS
            bins.append(CalibrationBin(low, high, confidence, wilson(right, len(inside), "answer"), len(inside)))
    return tuple(bins)
