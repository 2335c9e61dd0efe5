"""People's labels beside a judge's verdicts: corrected scores, what to label next, and how many labels a width takes."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from primum.errors import SettingError, StoreError
from primum.evaluation.suites.files import HealthRow, VerdictRow, read_health_rows, read_verdict_rows
from primum.evaluation.suites.labelled import (
    Labelled,
    by_criterion,
    check_estimable,
    corrected_scores,
    join_labels,
    read_chance_rows,
    read_labels,
)
from primum.evaluation.suites.labels_next import Asked, draw_labels, rank_labels
from primum.evaluation.suites.labels_power import Plan, plan_labels
from primum.evaluation.suites.pairs import Options
from primum.records import Estimate
from primum.stats.labelling import labels_for_mean, labels_for_ppi, labels_for_rogan_gladen
from primum.stats.undefined import Undefined

__all__ = ["Assumed", "NextOrder", "chances_file", "choose_next", "correct_files", "plan_assumed", "plan_files"]


class NextOrder(NamedTuple):
    """What to choose labels from: verdicts on a set, the labels there are and the chances they were drawn with; how many, and how.

    The worksheet goes to `out`; with `is_sampled` the chances go beside it (`chances_file`).
    """

    data: Path
    verdicts: Path
    budget: int
    labels: Path | None = None
    sampling: Path | None = None
    is_sampled: bool = False
    seed: int = 0
    out: Path | None = None
    is_partial: bool = False
    is_forced: bool = False


class Assumed(NamedTuple):
    """What a plan without labels is made from: people's deviation, or rates; `None` where nothing is assumed."""

    deviation: float | None = None
    correlation: float | None = None
    judged: int | None = None
    rate: float | None = None
    sensitivity: float | None = None
    specificity: float | None = None


def correct_files(
    data: Path, verdicts: Path, labels: Path, sampling: Path | None, options: Options
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The headline (`overall`) and every tag: naive, ppi, classical, rogan_gladen, tuning, n_labelled; and what to know.

    A number that does not exist is `{"undefined": reason}`. Raises `InputError` for files that do not fit, `SettingError` with
    an adjustment for length, which people's labels say nothing of.
    """
    if options.length_adjust is not None:
        raise SettingError(
            "--labels with --length-adjust", "is not defined", "leave one of them out", "eval score healthbench"
        )
    check_estimable(labels, sampling is not None)
    joined = _joined(data, verdicts, (labels, sampling), options)
    told = {
        name: {key: _told(value) for key, value in one._asdict().items()}
        for name, one in corrected_scores(joined).items()
    }
    return told, joined.notes


def choose_next(order: NextOrder) -> Asked:
    """Choose, and write the worksheet and the chances where they were asked for; both or neither.

    Raises `SettingError` for options that do not go together and a file that is there, `InputError` for files that do not fit.
    """
    _check_order(order)
    rows, found = _judged(order.data, order.verdicts, Options(partial=order.is_partial))
    everything = read_health_rows(order.data)
    labelled = set(by_criterion(read_labels(order.labels, everything))) if order.labels is not None else set()
    if order.is_sampled:
        earlier = read_chance_rows(order.sampling, everything) if order.sampling is not None else None
        asked = draw_labels(rows, found, labelled, order.budget, order.seed, earlier)
    else:
        asked = rank_labels(rows, found, labelled, order.budget)
    if order.out is not None:
        files: list[tuple[Path, Sequence[msgspec.Struct]]] = [(order.out, [one.work for one in asked.wanted])]
        if order.is_sampled:
            files.insert(0, (chances_file(order.out), asked.chances))
        _write(files)
    return asked


def chances_file(out: Path) -> Path:
    """Where the chances of a worksheet stand: `next.jsonl` → `next.chances.jsonl`."""
    return out.with_name(f"{out.name.removesuffix('.jsonl')}.chances.jsonl")


def plan_files(data: Path, verdicts: Path, labels: Path, half_width: float, is_partial: bool = False) -> Plan:
    """How many labels the half-width takes, planned from labels that were drawn by lot."""
    check_estimable(labels, has_chances=True)
    return plan_labels(_joined(data, verdicts, (labels, None), Options(partial=is_partial)), half_width)


def plan_assumed(assumed: Assumed, half_width: float) -> Plan:
    """The same from assumptions. A rate without a deviation has `√(p (1 − p))`; Rogan-Gladen is for a rate."""
    deviation = assumed.deviation
    if deviation is None and assumed.rate is not None and 0 <= assumed.rate <= 1:
        deviation = math.sqrt(assumed.rate * (1 - assumed.rate))
    _check_assumed(assumed, deviation)
    classical: int | Undefined = Undefined("give --deviation, or --rate")
    by_ppi: int | Undefined = Undefined("give --correlation and --judged (and --deviation or --rate)")
    by_accuracy: int | Undefined = Undefined("give --rate, --sensitivity, --specificity and --judged")
    if deviation is not None:
        classical = labels_for_mean(half_width, deviation)
        if assumed.correlation is not None and assumed.judged is not None:
            by_ppi = labels_for_ppi(half_width, deviation, assumed.correlation, assumed.judged)
    rates = (assumed.rate, assumed.sensitivity, assumed.specificity)
    if None not in rates and assumed.judged is not None:
        rate, sensitivity, specificity = (share for share in rates if share is not None)
        by_accuracy = labels_for_rogan_gladen(half_width, rate, sensitivity, specificity, assumed.judged)
    return Plan(
        classical,
        by_ppi,
        by_accuracy,
        Undefined("not given") if deviation is None else deviation,
        Undefined("not given") if assumed.correlation is None else assumed.correlation,
        "item",
        assumed.judged,
        0,
    )


def _judged(data: Path, verdicts: Path, options: Options) -> tuple[list[HealthRow], list[VerdictRow]]:
    rows = read_health_rows(data)
    found = read_verdict_rows(verdicts, rows, partial=options.partial, wanted=options.ids)
    by_id = {row.prompt_id: row for row in rows}
    return [by_id[one.prompt_id] for one in found], found


def _joined(data: Path, verdicts: Path, people: tuple[Path, Path | None], options: Options) -> Labelled:
    rows, found = _judged(data, verdicts, options)
    everything = read_health_rows(data)
    labels = read_labels(people[0], everything)
    chances = read_chance_rows(people[1], everything) if people[1] is not None else None
    return join_labels(rows, found, labels, chances, options.consensus)


def _told(value: Any) -> Any:
    if isinstance(value, Undefined):
        return {"undefined": value.reason}
    return msgspec.structs.asdict(value) if isinstance(value, Estimate) else value


def _check_order(order: NextOrder) -> None:
    place = "judge next"
    if order.is_sampled and order.out is None:
        raise SettingError("--sampled", "needs a place for the chances it draws with", "add --out FILE", place)
    if order.seed < 0:
        raise SettingError(f"--seed {order.seed}", "is below 0", "give a whole number from 0", place)
    if order.sampling is not None and not (order.is_sampled and order.labels is not None):
        raise SettingError("--sampling", "tells how labels were drawn", "give it with --sampled and --labels", place)
    if order.out is None:
        return
    targets = [order.out, chances_file(order.out)] if order.is_sampled else [order.out]
    given = {path.resolve() for path in (order.data, order.verdicts, order.labels, order.sampling) if path is not None}
    for target in targets:
        if target.resolve() in given:
            raise SettingError(f"file '{target}'", "is one of the files to read", "name another --out", place)
        if target.exists() and not order.is_forced:
            raise SettingError(f"file '{target}'", "is there already", "name another --out, or add --force", place)


def _check_assumed(assumed: Assumed, deviation: float | None) -> None:
    place = "judge power"
    if assumed.judged is not None and assumed.judged < 2:
        raise SettingError(f"--judged {assumed.judged}", "is too few", "give 2 at least", place)
    for name in ("rate", "sensitivity", "specificity"):
        share = getattr(assumed, name)
        if share is not None and not 0 <= share <= 1:
            raise SettingError(f"--{name} {share}", "is not a share", "give a number from 0 to 1", place)
    if assumed.correlation is not None and not -1 <= assumed.correlation <= 1:
        raise SettingError(f"--correlation {assumed.correlation}", "is not between −1 and 1", "measure it", place)
    if deviation is None:
        raise SettingError(
            "no deviation", "was given, and no labels", "give DATA VERDICTS LABELS, or --deviation, or --rate", place
        )
    if not 0 <= deviation < math.inf:
        raise SettingError(f"--deviation {deviation}", "is no size", "give a number from 0", place)


def _write(files: Sequence[tuple[Path, Sequence[msgspec.Struct]]]) -> None:
    """All files or none: each is written beside its place first."""
    unfinished = [path.with_name(f"{path.name}.unfinished") for path, _ in files]
    try:
        for beside, (path, rows) in zip(unfinished, files, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
        for beside, (path, _) in zip(unfinished, files, strict=True):
            beside.replace(path)
    except OSError as error:
        for beside in unfinished:
            with contextlib.suppress(OSError):
                beside.unlink()
        place = str(files[-1][0])
        raise StoreError(
            f"file '{files[-1][0].name}'",
            f"cannot be written ({error.strerror or error})",
            "free the disk or check the path",
            place,
        ) from error
