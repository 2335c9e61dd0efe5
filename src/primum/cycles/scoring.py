"""Recorded verdicts to scores, as a suite defines them: files in, one dictionary out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from primum.cycles.labelling import correct_files
from primum.cycles.verdict_file import judge_of
from primum.errors import SettingError
from primum.evaluation.suites.lines import read_ids
from primum.evaluation.suites.pairs import Options
from primum.evaluation.suites.registry import SUITES
from primum.evaluation.suites.result import Number, Result

__all__ = ["objection", "score_files"]

WARNED_SHARE = 0.05  # ours: above it a score is shown with a warning, whether or not a share was set


def score_files(
    suite: str,
    data: Path,
    verdicts: Path,
    *,
    ids: Path | None = None,
    options: Options | None = None,
    labels: Path | None = None,
    sampling: Path | None = None,
) -> dict[str, Any]:
    """The score of `verdicts` on the set `data`.

    `score` is an estimate (`value`, `low`, `high`, `n`, `unit`), or `None` where the judge decided no answer wholly; `bounds` what a judge
    without abstentions could have found at least and at most; `tags` the same by slice, with `tag_bounds`; `abstained` counts verdicts.
    `judge` is what the verdicts call their judge, `judge_name` its name where the file beside them tells it.
    With people's `labels` (healthbench; drawn with the chances `sampling`), `corrected` holds what `cycles.labelling.correct_files` says.

    Raises `SettingError` for a suite that is not known or an option that the suite does not take, `InputError` for files that do not fit.
    """
    if suite not in SUITES:
        raise SettingError(f"suite {suite!r}", "is not known", f"choose of {', '.join(SUITES)}", "eval score")
    asked = options or Options()
    if ids is not None:
        asked = msgspec.structs.replace(asked, ids=tuple(read_ids(ids)))
    if suite != "healthbench" and (asked.answers or asked.length_adjust or asked.consensus):
        raise SettingError(
            "--answers, --length-adjust and --consensus",
            f"are not for {suite}",
            "use them with healthbench, or leave them out",
            "eval score",
        )
    if (labels is not None and suite != "healthbench") or (sampling is not None and labels is None):
        raise SettingError(
            "--labels and --sampling",
            "are for healthbench, and chances go with labels",
            "use them there and together, or leave them out",
            "eval score",
        )
    found = _told(SUITES[suite].score(data, verdicts, asked))
    ref = judge_of(verdicts)
    found["judge_name"] = ref.name if ref is not None and ref.id == found["judge"] else found["judge"]
    if labels is not None:
        found["corrected"], notes = correct_files(data, verdicts, labels, sampling, asked)
        found["notes"] = [*found["notes"], *notes]
    return found


def objection(result: dict[str, Any], most: float) -> str | None:
    """Why a result of `score_files` has too many abstentions; `None` when their share is at most `most`, a share from 0 to 1."""
    if result["abstained_share"] <= most:
        return None
    return f"the judge abstained from {result['abstained']:,} of {result['asked']:,} verdicts, more than {most:.1%}"


def _told(result: Result) -> dict[str, Any]:
    return {
        "suite": result.suite,
        "metric": result.metric,
        "is_better_high": result.is_better_high,
        "score": _estimate(result.score),
        "bounds": list(result.score.bounds),
        "tags": {tag: _estimate(one) for tag, one in result.tags.items()},
        "tag_bounds": {tag: list(one.bounds) for tag, one in result.tags.items()},
        "metrics": {name: _estimate(one) for name, one in result.metrics.items()},
        "metric_bounds": {name: list(one.bounds) for name, one in result.metrics.items()},
        "reference": result.reference,
        "abstained": result.abstained,
        "asked": result.asked,
        "abstained_share": result.abstained / result.asked,
        "n": result.n,
        "decided": result.decided,
        "missing": result.missing,
        "judge": result.judge,
        "notes": result.notes,
    }


def _estimate(number: Number) -> dict[str, Any] | None:
    return None if number.estimate is None else msgspec.structs.asdict(number.estimate)
