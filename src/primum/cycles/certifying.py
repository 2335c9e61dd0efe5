"""A judge measured against people's labels, and probed: from the files of a set to a certificate."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from primum.cycles.cases import case_of, check_rows, prompt_digest
from primum.cycles.judges import OpenedJudge, is_same, load_judge
from primum.errors import InputError, SettingError, StoreError
from primum.evaluation.suites.files import (
    AnswerRow,
    HealthRow,
    LabelRow,
    answer_digest,
    read_answer_rows,
    read_health_rows,
    read_label_rows,
    read_verdict_rows,
)
from primum.judging.certificate import VALIDITY_DAYS, VerdictRow, certify, expiry
from primum.judging.chat import ChatSettings
from primum.judging.engine import Engine
from primum.judging.probes import Probed, ProbeSettings, run_probes
from primum.judging.recorded import RecordedJudge, RecordedRow
from primum.ports import Assessment, Case, Judge, Progress, silent
from primum.records import (
    ByImport,
    BySimulation,
    Certificate,
    JudgeRef,
    Met,
    NotMet,
    Verdict,
    content_hash,
    decode,
)

__all__ = ["Certified", "CertifyOrder", "ProbeOrder", "Stage", "certify_judge", "probe_judge", "read_certificate"]

Stage = Callable[[str], AbstractContextManager[Progress]]
"""Opens the progress of a long task by its title."""

# Who cannot be asked again about a changed answer.
_CANNOT_BE_PROBED = ("recorded", "person")
_NAMED_RATERS = 12
_CALLS_TOGETHER = (4, 0)
_UNNAMED = "the labels do not name the answers they are on: they are taken to be on those given"


class ProbeOrder(NamedTuple):
    """What to probe: a judge on answers. Paid replies are remembered in the folder `beside`, or only where the judge's file says so."""

    data: Path
    answers: Path
    judge: Path
    only: tuple[str, ...] = ()
    settings: ProbeSettings | None = None
    overrides: tuple[str, ...] = ()
    beside: Path | None = None


class CertifyOrder(NamedTuple):
    """What to certify. `issued` is the day, ISO 8601. With `verdicts` the judge is not asked again what it said there.

    `simulated_seed` is the seed of the generator when no person gave the labels: the reference is then called simulated.
    """

    data: Path
    answers: Path
    labels: Path
    judge: Path
    out: Path
    issued: str
    days: int = VALIDITY_DAYS
    verdicts: Path | None = None
    has_probes: bool = True
    probes: ProbeSettings | None = None
    simulated_seed: int | None = None
    overrides: tuple[str, ...] = ()
    is_forced: bool = False


class Certified(NamedTuple):
    """A certificate, who it is about, who was held to be right, what the probes found, and notes on the calls that were made."""

    certificate: Certificate
    judge: JudgeRef
    reference: JudgeRef
    probed: Probed | None
    notes: tuple[str, ...]


class _Labelled(NamedTuple):
    """A labelled conversation: its row of the set, the answer, the case, its labels."""

    row: HealthRow
    answer: AnswerRow
    case: Case
    labels: list[LabelRow]


@contextmanager
def _unwatched(_: str) -> Iterator[Progress]:
    yield silent


def certify_judge(order: CertifyOrder, stage: Stage = _unwatched) -> Certified:
    """Judge the labelled answers (or read what was said of them), probe the judge, and write its certificate to `order.out`.

    Bad input is found before the judge is asked. What ends the judging is raised and nothing is written; paid replies are remembered in
    `calls.db` beside the certificate.
    """
    _check_out(order)
    expiry(order.issued, order.days)
    labelled = _read_labelled(order)
    reference = _reference(order, labelled)
    with load_judge(order.judge, order.overrides, order.out.parent) as opened:
        opened.check_out(order.out, "judge certify")
        if order.verdicts is None:
            with stage(f"Judging {len(labelled):,} labelled answers") as progress:
                said = _engine(opened, opened.judge).judge([one.case for one in labelled], progress)
        else:
            said = _recorded(order, opened.judge.ref, labelled)
        rows = list(_beside(labelled, said))
        # Certified once before probing: what must be refused is refused before the probes are paid for.
        certificate = certify(opened.judge.ref, rows, reference, order.issued, order.days)
        probed = None
        if order.has_probes and opened.settings.kind not in _CANNOT_BE_PROBED:
            probed = _probe(opened, [one.case for one in labelled], (), order.probes, stage)
            certificate = certify(opened.judge.ref, rows, reference, order.issued, order.days, probes=probed.outcomes)
        # What a chat model tells of its calls hangs on how this run went, so it is shown and is no part of the certificate.
        spoken = tuple(note for chat in opened.chats for note in chat.notes)
        lasting = [note for note in opened.notes if note not in spoken]
        certificate = replace(certificate, conditions=(*certificate.conditions, _UNNAMED, *lasting))
        found = Certified(certificate, opened.judge.ref, reference, probed, spoken)
    _write(order.out, certificate)
    return found


def probe_judge(order: ProbeOrder, stage: Stage = _unwatched) -> tuple[Probed, JudgeRef]:
    """What sways a judge, measured on the answers of a file (a part of them may be answered)."""
    rows = read_health_rows(order.data)
    check_rows(rows, str(order.data))
    by_id = {row.prompt_id: row for row in rows}
    answers = read_answer_rows(order.answers, rows, partial=True)
    cases = [case_of(by_id[answer.prompt_id], answer, order.data.stem) for answer in answers]
    with load_judge(order.judge, order.overrides, order.beside) as opened:
        if opened.settings.kind in _CANNOT_BE_PROBED:
            raise SettingError(
                f"a judge of kind '{opened.settings.kind}'",
                "says only what it said once, so it cannot be probed with changed answers",
                "probe the judge that said it",
                str(order.judge),
            )
        return _probe(opened, cases, order.only, order.settings, stage), opened.judge.ref


def read_certificate(path: Path) -> Certificate:
    """The certificate that a file holds. Raises `InputError` for a file without one."""
    try:
        found = decode(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError(
            f"file '{path.name}'", f"cannot be read ({error.strerror})", "name a certificate", str(path)
        ) from error
    if not isinstance(found, Certificate):
        raise InputError(f"a {found.kind()}", "is not a certificate", "name what judge certify wrote", str(path))
    return found


def _probe(
    opened: OpenedJudge, cases: Sequence[Case], only: tuple[str, ...], settings: ProbeSettings | None, stage: Stage
) -> Probed:
    judge = _engine(opened, opened.judge)
    with stage(f"Probing {opened.judge.ref.name}") as progress:
        return run_probes(judge, cases, settings, only, _variants(opened, judge), None, progress)


def _variants(opened: OpenedJudge, judge: Judge) -> Mapping[str, Judge]:
    """The judge asked in other ways, where it is one that can be: points shown or not, one criterion a call, four, all."""
    if opened.variant() is None:
        return {}
    asked = opened.settings.chat or ChatSettings()
    sizes = dict.fromkeys((1, *_CALLS_TOGETHER, asked.criteria_per_call))
    variants: dict[str, Judge] = {"points": _engine(opened, _varied(opened, shows_points=not asked.shows_points))}
    for size in sizes:
        name = f"batch_size={size or 'all'}"
        is_itself = size == asked.criteria_per_call
        variants[name] = judge if is_itself else _engine(opened, _varied(opened, criteria_per_call=size))
    return variants


def _varied(opened: OpenedJudge, **changes: object) -> Judge:
    judge = opened.variant(**changes)
    assert judge is not None
    return judge


def _engine(opened: OpenedJudge, judge: Judge) -> Engine:
    return Engine(judge, settings=opened.settings.engine)


def _check_out(order: CertifyOrder) -> None:
    given = [order.data, order.answers, order.labels, order.judge, *([order.verdicts] if order.verdicts else [])]
    if any(is_same(order.out, path) for path in given):
        raise SettingError(f"--out '{order.out}'", "is one of the files to read", "name another", "judge certify")
    if order.out.exists() and not order.out.is_file():  # a device, which replacing would remove
        raise SettingError(f"--out '{order.out}'", "is no file", "name a file", "judge certify")
    if order.out.exists() and not order.is_forced:
        raise SettingError(f"--out '{order.out}'", "is there already", "name another, or add --force", "judge certify")


def _read_labelled(order: CertifyOrder) -> list[_Labelled]:
    rows = read_health_rows(order.data)
    check_rows(rows, str(order.data))
    labels: dict[str, list[LabelRow]] = {}
    for label in read_label_rows(order.labels, rows):
        labels.setdefault(label.prompt_id, []).append(label)
    answers = read_answer_rows(order.answers, rows, wanted=labels.keys())
    by_id = {row.prompt_id: row for row in rows}
    return [
        _Labelled(row, answer, case_of(row, answer, order.data.stem), labels[answer.prompt_id])
        for answer in answers
        for row in [by_id[answer.prompt_id]]
    ]


def _reference(order: CertifyOrder, labelled: Sequence[_Labelled]) -> JudgeRef:
    """Who is held to be right: the raters of the labels together."""
    raters = sorted({label.rater for one in labelled for label in one.labels})
    name = ", ".join(raters) if len(raters) <= 3 else f"{len(raters)} raters of {order.labels.name}"
    seed = order.simulated_seed
    return JudgeRef(
        name=name,
        kind_of="person" if seed is None else "simulated",
        fingerprint=content_hash(["cycles.certifying", raters]),
        made=ByImport(dataset=order.labels.name, row="all")
        if seed is None
        else BySimulation(generator=order.labels.name, seed=seed),
    )


def _recorded(order: CertifyOrder, ref: JudgeRef, labelled: Sequence[_Labelled]) -> list[Assessment]:
    """What the judge said before, from its file of verdicts. Raises `InputError` when they are another's, or on other answers."""
    assert order.verdicts is not None
    rows = [one.row for one in labelled]
    found = read_verdict_rows(order.verdicts, read_health_rows(order.data), wanted={row.prompt_id for row in rows})
    for row, one in zip(found, labelled, strict=True):
        if row.judge != ref.id:
            raise InputError(
                f"verdicts of judge '{row.judge}'",
                f"are not those of the judge to certify ({ref.id})",
                "leave --verdicts out, or name its own; a judge of kind recorded takes any",
                str(order.verdicts),
            )
        if row.answer != answer_digest(one.answer.response):
            raise InputError(
                f"the verdicts on {row.prompt_id!r}",
                "are not on the answer that is given" if row.answer else "do not say which answer they are on",
                "judge the answers that were labelled",
                str(order.verdicts),
            )
    recorded = [RecordedRow(row.prompt_id, row.met, row.reasons, row.probabilities, row.answer) for row in found]
    return RecordedJudge(ref, rows=recorded).judge([one.case for one in labelled])


def _beside(labelled: Sequence[_Labelled], said: Sequence[Assessment]) -> Iterator[VerdictRow]:
    """Each person on each criterion beside the judge."""
    raters = {label.rater for one in labelled for label in one.labels}
    for one, assessment in zip(labelled, said, strict=True):
        digest = f"{prompt_digest(one.row)}/{answer_digest(one.answer.response)}"
        for label in one.labels:
            named = {"rater": label.rater} if 1 < len(raters) <= _NAMED_RATERS else {}
            for number, (verdict, truth) in enumerate(zip(assessment.verdicts, label.met, strict=True)):
                met, probability = _said(verdict)
                yield VerdictRow(
                    said=met,
                    probability=probability,
                    truth=truth,
                    cluster=one.row.prompt_id,
                    slices=_slices(one, number) | named,
                    id=f"{one.row.prompt_id}#{number + 1}/{digest}/{label.rater}",
                    rater=label.rater,
                )


def _said(verdict: Verdict) -> tuple[bool | None, float | None]:
    match verdict.outcome:
        case Met():
            return True, verdict.probability
        case NotMet():
            return False, verdict.probability
        case _:
            return None, None


def _slices(one: _Labelled, number: int) -> dict[str, str]:
    criterion, scenario = one.case.criteria[number], one.case.scenario
    slices = {
        "axis": criterion.axis,
        "language": scenario.language,
        "dimension": "" if scenario.dimension == scenario.dataset else scenario.dimension,
        "points": "positive" if criterion.points > 0 else "negative",
        "model": one.answer.model,
    }
    return {by: name for by, name in slices.items() if name}


def _write(path: Path, certificate: Certificate) -> None:
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(certificate, order="sorted"), indent=1) + b"\n")
        unfinished.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise StoreError(
            f"file '{path.name}'",
            f"cannot be written ({error.strerror or error})",
            "free the disk or check the path; what the judge said is remembered, so run the same command again",
            str(path),
        ) from error
