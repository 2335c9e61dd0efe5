"""Fine-tuning a transformer for the guardian, and the temperatures that make its confidence honest. `guardian_fitting` does one training.

The temperatures are fitted on groups (models, voices) that a training of its own has not seen: `calibration_parts` of three parts of them
are left out in turn, by scenario where there is one group only. The reader itself learns from all answers.

Of each training a checkpoint stands beside the guardian's folder, in `.NAME.checkpoints`, until the guardian is written.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from primum.errors import TrainingError
from primum.frameworks import at_work
from primum.judging.guardian import PHRASEBOOK, Guardian, GuardianSettings, LabelledAnswer
from primum.judging.guardian_fitting import (
    CALIBRATION_PARTS,
    TransformerSettings,
    Work,
    classes_of,
    fit,
    refuse_without_packages,
    steps_of,
)
from primum.judging.guardian_layout import LAYOUT_VERSION, Cut
from primum.judging.guardian_reader import HEADS, QUESTIONS, Head
from primum.judging.guardian_training import in_order, kin_rows, known, model_groups, scenario_folds
from primum.judging.guardian_transformer import TransformerReader, softmax
from primum.model_folder import check_model_folder, hash_model, writing_weights
from primum.ports import Case, Progress, silent
from primum.records import content_hash

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Scores = NDArray[numpy.float64]

__all__ = ["Running", "TransformerSettings", "train_transformer", "transformer_trainer", "tune"]

_RECEIPT = "training.json"
_KINDS: tuple[tuple[Head, ...], ...] = (("stance",), QUESTIONS)


class Running:
    """A progress of several trainings one after another: what is behind is added, and the total grows with each."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._before = self._done = self._total = 0

    def __call__(self, done: int, total: int, /) -> None:
        if done < self._done:  # the next one began
            self._before += self._total
        self._done, self._total = done, total
        self._progress(self._before + done, self._before + total)


def train_transformer(
    examples: Sequence[LabelledAnswer],
    settings: GuardianSettings,
    tuning: TransformerSettings,
    parent: Path,
    name: str,
    out: Path,
    progress: Progress = silent,
) -> Guardian:
    """Fine-tune the model in `parent` on all examples and write the guardian to `out`, or return what this very training wrote there.

    The order of the examples does not matter. A training that was cut off goes on. `training.json` says how many answers were too long to
    be read whole. Raises `TrainingError` when `out` holds another guardian, when nothing can be learned, or when the loss is no number;
    `ModelError` for a folder that cannot be used.
    """
    check_model_folder(parent, needs_whole=True)
    mark = _mark(examples, settings, tuning, parent, name)
    if (out / "guardian.json").exists():
        if _receipt(out).get("mark") == mark:
            return Guardian.load(out)
        raise TrainingError(
            f"folder {out.name!r}", "holds another guardian, which would be overwritten", "name a new folder", str(out)
        )
    heads = [head for head in HEADS if len({known(one, head) for one in examples} - {None}) > 1]
    if not heads:
        raise TrainingError(
            f"{len(examples)} labelled answers",
            "cannot teach a guardian to tell stances apart, nor any question",
            "label answers of at least two stances",
            str(out),
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    checkpoints = out.parent / f".{out.name}.checkpoints"
    reader = tune(examples, heads, settings, tuning, parent, checkpoints, progress)
    guardian = Guardian(name, settings, reader, tuple(sorted({one.judgement_id for one in examples})))
    cut = reader.cut([Case(one.scenario, one.response, ()) for one in examples])
    counted = {part: sum(getattr(one, part) > 0 for one in cut) for part in Cut._fields}
    receipt = {"mark": mark, "answers": len(examples), "cut": counted}
    with writing_weights(out):
        out.mkdir(exist_ok=True)
        (out / _RECEIPT).write_text(json.dumps(receipt, indent=1) + "\n", encoding="utf-8")
    guardian.save(out)
    shutil.rmtree(checkpoints, ignore_errors=True)
    return guardian


def transformer_trainer(
    settings: GuardianSettings, tuning: TransformerSettings, parent: Path, progress: Progress = silent
) -> Callable[[Sequence[LabelledAnswer], Sequence[Head]], TransformerReader]:
    """Trains transformers on parts of the examples, for `guardian_report.measure`: each from the same parent, without checkpoints."""

    def train(part: Sequence[LabelledAnswer], heads: Sequence[Head]) -> TransformerReader:
        return tune(part, heads, settings, tuning, parent, None, progress)

    return train


def tune(
    examples: Sequence[LabelledAnswer],
    heads: Sequence[Head],
    settings: GuardianSettings,
    tuning: TransformerSettings,
    parent: Path,
    checkpoints: Path | None = None,
    progress: Progress = silent,
) -> TransformerReader:
    """A reader of these heads, fine-tuned from the model in `parent` on the examples that speak to one of them."""
    import numpy as np

    check_model_folder(parent, needs_whole=True)
    refuse_without_packages(tuning)
    ordered = [one for one in in_order(examples) if any(known(one, head) is not None for head in heads)]
    work = Work(settings, tuning, parent, hash_model(parent), checkpoints)
    parts = _calibration_parts(ordered, settings)[: tuning.calibration_parts]
    rests = [np.setdiff1d(np.arange(len(ordered)), kin_rows(ordered, np.asarray(part), settings)) for part in parts]
    fits = [[ordered[i] for i in rest] for rest in rests]
    steps = [steps_of(len(one), tuning) for one in [*fits, ordered]]
    held: dict[Head, list[tuple[Scores, list[int]]]] = {head: [] for head in heads}
    with at_work(tuning.threads):
        for number, (part, rest) in enumerate(zip(parts, fits, strict=True)):
            able = [head for head in heads if classes_of(rest, head) == classes_of(ordered, head)]
            if able:  # a fit without one of the classes would be calibrated for another task
                body = fit(rest, able, work, _shifted(progress, sum(steps[:number]), sum(steps)))
                left_out = [ordered[i] for i in part]
                scores = body.scores([Case(one.scenario, one.response, ()) for one in left_out])
                for head in able:
                    rows = [i for i, one in enumerate(left_out) if known(one, head) is not None]
                    held[head].append((scores[head][rows], [known(left_out[i], head) or 0 for i in rows]))
        body = fit(ordered, heads, work, _shifted(progress, sum(steps[:-1]), sum(steps)))
    return TransformerReader(body, {head: _temperature(found) for head, found in held.items()})


def _calibration_parts(examples: Sequence[LabelledAnswer], settings: GuardianSettings) -> list[list[int]]:
    """Rows to leave out in turn, three times at most: of the models that speak to the stance and of those that answer questions."""
    found: list[set[int]] = [set() for _ in range(CALIBRATION_PARTS)]
    for kind in _KINDS:
        own = [i for i, one in enumerate(examples) if any(known(one, head) is not None for head in kind)]
        speaking = [examples[i] for i in own]
        groups = [group for group in model_groups(speaking, settings) if group != PHRASEBOOK]
        if len(groups) > 1:
            parts = [
                [i for i, one in zip(own, speaking, strict=True) if one.group in groups[start::CALIBRATION_PARTS]]
                for start in range(CALIBRATION_PARTS)
            ]
        else:
            parts = [[own[i] for i in fold] for fold in scenario_folds(speaking, groups, CALIBRATION_PARTS)]
        for part, rows in zip(found, parts, strict=False):
            part.update(rows)
    return [sorted(part) for part in found if part]


def _temperature(found: Sequence[tuple[Scores, list[int]]]) -> float:
    """The temperature (0.1 … 10) under which left-out classes are likeliest; 1 where nothing was left out.

    As Platt does, each class is held to be wrong with chance 1 / (n + 2): n answers that were all told right prove no certainty.
    """
    import numpy as np
    from scipy.optimize import minimize_scalar

    if not found:
        return 1.0
    scores = np.concatenate([one for one, _ in found])
    classes = np.concatenate([np.asarray(one, dtype=np.int64) for _, one in found])
    doubt = 1 / (len(classes) + 2)
    wanted = np.full(scores.shape, doubt / (scores.shape[1] - 1))
    wanted[np.arange(len(classes)), classes] = 1 - doubt

    def loss(log_temperature: float) -> float:
        chances = softmax(scores, float(np.exp(log_temperature)))
        return float(-(wanted * np.log(np.maximum(chances, 1e-12))).sum(axis=1).mean())

    fitted = minimize_scalar(loss, bounds=(np.log(0.1), np.log(10.0)), method="bounded")
    return float(np.exp(fitted.x))


def _mark(
    examples: Sequence[LabelledAnswer],
    settings: GuardianSettings,
    tuning: TransformerSettings,
    parent: Path,
    name: str,
) -> str:
    """The hash of all that decides a guardian: the parent, the settings, and what was told of which answer."""
    told = [
        [one.judgement_id, one.scenario.id, one.response.id, one.stance, sorted(one.answers.items()), one.group]
        for one in in_order(examples)
    ]
    return content_hash([hash_model(parent), settings, tuning, LAYOUT_VERSION, name, told])


def _receipt(out: Path) -> dict[str, Any]:
    try:
        read = json.loads((out / _RECEIPT).read_bytes())
    except (OSError, ValueError):
        return {}  # a guardian that was made another way
    return read if isinstance(read, dict) else {}


def _shifted(progress: Progress, before: int, total: int) -> Progress:
    """The progress of one training among several."""

    def shifted(done: int, _: int, /) -> None:
        progress(before + done, total)

    return shifted
