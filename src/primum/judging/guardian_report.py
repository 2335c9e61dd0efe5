"""How right a guardian is: on models it has never seen, and on unseen answers of models it has.

The first number is the one to plan with; the second is what a single test split would have said. Both are reported, by model, with the
wrong ones in a confusion table. Abstentions are no errors and no successes: they widen the interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from primum.errors import TrainingError
from primum.judging.certificate import StanceRow
from primum.judging.features import features
from primum.judging.guardian import STANCES, GuardianSettings, LabelledAnswer
from primum.judging.guardian_training import fit, in_order, kin_rows, model_groups, scenario_folds
from primum.records import Estimate, Stance
from primum.stats import mean, wilson

__all__ = ["CalibrationBin", "GuardianReport", "held_out", "leave_one_group_out"]

_FOLDS = 5
_BINS = 10


class CalibrationBin(NamedTuple):
    """Answers whose likeliest stance got a probability in `low … high`: their mean probability, and how many were right."""

    low: float
    high: float
    confidence: float
    accuracy: Estimate
    n: int


class GuardianReport(NamedTuple):
    """`accuracy` is the share of right stances among the decided, pooled over the groups; its interval holds every abstention both ways.

    `abstained` counts by group. `confusion[truth][said]` counts answers, `abstained` among what was said. `calibration` looks at all
    answers, those it would have abstained from included. `left_out` says what was unseen: `model` or `scenario`. `rows` is what
    was said of each answer beside its truth, for a certificate.
    """

    left_out: str
    accuracy: Estimate
    by_group: dict[str, Estimate]
    abstained: dict[str, int]
    confusion: dict[str, dict[str, int]]
    calibration: tuple[CalibrationBin, ...]
    rows: tuple[StanceRow, ...]


class _Said(NamedTuple):
    example: LabelledAnswer
    group: str
    cluster: str
    truth: str
    likeliest: str
    probability: float


def leave_one_group_out(examples: Sequence[LabelledAnswer], settings: GuardianSettings) -> GuardianReport:
    """Each model's answers judged by a guardian that was trained and calibrated without that model (and its kin).

    Raises `TrainingError` with fewer than two models, or when leaving one out leaves fewer than two stances.
    """
    groups = model_groups(examples, settings)
    if len(groups) < 2:
        raise TrainingError(
            f"groups {groups}", "are too few to leave one out", "label answers of two models", "judging.guardian_report"
        )
    ordered = in_order(examples)
    folds = [[i for i, one in enumerate(ordered) if one.group == group] for group in groups]
    return _report("model", ordered, folds, settings)


def held_out(
    examples: Sequence[LabelledAnswer], settings: GuardianSettings, temperature: float | None = None
) -> GuardianReport:
    """The models' answers in five parts by scenario, each judged by a guardian trained on the others: known models, unseen questions.

    A `temperature` that was fitted before (the guardian's own) saves fitting one for each part.
    """
    ordered = in_order(examples)
    folds = scenario_folds(ordered, model_groups(ordered, settings), _FOLDS)
    return _report("scenario", ordered, folds, settings, temperature)


def _report(
    left_out: str,
    examples: Sequence[LabelledAnswer],
    folds: Sequence[Sequence[int]],
    settings: GuardianSettings,
    temperature: float | None = None,
) -> GuardianReport:
    import numpy as np

    matrix = features([one.response.text for one in examples])
    said: list[_Said] = []
    for fold in folds:
        held = np.asarray(fold)
        rest = np.setdiff1d(np.arange(len(examples)), kin_rows(examples, held, settings))
        guardian = fit([examples[i] for i in rest], matrix[rest], settings, "left out", temperature)
        for i, chances in zip(fold, guardian.chances(matrix[held]), strict=True):
            best = int(chances.argmax())
            one = examples[i]
            cluster = one.scenario.cluster or one.scenario.prompt
            said.append(_Said(one, one.group, cluster, one.stance, STANCES[best], min(1.0, float(chances[best]))))
    groups = sorted({row.group for row in said})
    by_group = {group: _accuracy([row for row in said if row.group == group], settings) for group in groups}
    pooled = _accuracy(said, settings)
    if pooled is None:
        raise TrainingError(
            "the guardian", "abstained from every left-out answer", "lower its confidence", "judging.guardian_report"
        )
    return GuardianReport(
        left_out=left_out,
        accuracy=pooled,
        by_group={group: estimate for group, estimate in by_group.items() if estimate is not None},
        abstained={group: sum(row.group == group and _abstains(row, settings) for row in said) for group in groups},
        confusion=_confusion(said, settings),
        calibration=_calibration(said),
        rows=tuple(_row(one, settings) for one in said),
    )


def _row(said: _Said, settings: GuardianSettings) -> StanceRow:
    scenario = said.example.scenario
    slices = {"model": said.group, "language": scenario.language, "style": scenario.style}
    slices |= {"harm_level": str(scenario.harm_level), "dimension": scenario.dimension}
    # Below its confidence it abstains, and then gives no probability.
    is_decided = not _abstains(said, settings)
    return StanceRow(
        said=cast(Stance, said.likeliest) if is_decided else "abstained",
        probability=said.probability if is_decided else None,
        truth=said.example.stance,
        cluster=said.cluster,
        slices=slices,
        id=said.example.judgement_id,
    )


def _abstains(row: _Said, settings: GuardianSettings) -> bool:
    return row.probability < settings.confidence


def _accuracy(said: Sequence[_Said], settings: GuardianSettings) -> Estimate | None:
    right = [None if _abstains(row, settings) else float(row.likeliest == row.truth) for row in said]
    return mean(right, [row.cluster for row in said], "cluster")


def _confusion(said: Sequence[_Said], settings: GuardianSettings) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {truth: dict.fromkeys((*STANCES, "abstained"), 0) for truth in STANCES}
    for row in said:
        table[row.truth]["abstained" if _abstains(row, settings) else row.likeliest] += 1
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
