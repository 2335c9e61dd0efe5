"""`primum judge certify` and `primum judge probe`: how often a judge errs, and what sways it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from primum.cli import options, render

if TYPE_CHECKING:
    from primum.judging.probes import Probed
    from primum.records import Certificate, Estimate, JudgeRef

__all__ = ["certify", "probe"]

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_MOST_PATTERNS = 8

_judge = click.option("--judge", "judge", type=_FILE, required=True, help="The judge's file (judge.toml).")
_set = click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a setting of the judge.")
_cases = click.option(
    "--probe-cases", type=click.IntRange(1), default=100, show_default=True, help="How many answers to probe with."
)


@click.command("certify")
@click.argument("data", type=_FILE)
@click.argument("answers", type=_FILE)
@click.argument("labels", type=_FILE)
@_judge
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Where the certificate goes."
)
@click.option("--days", type=click.IntRange(1), default=180, show_default=True, help="How long it holds.")
@click.option("--issued", metavar="DATE", help="The day it is issued (YYYY-MM-DD). [default: today, UTC]")
@click.option("--verdicts", type=_FILE, help="What the judge said of these answers before: it is not asked again.")
@click.option("--no-probes", is_flag=True, help="Do not probe it; the certificate says so.")
@_cases
@click.option(
    "--simulated-seed", type=int, help="No person gave the labels: the seed of the generator that did (simulated)."
)
@_set
@click.option("--force", is_flag=True, help="Overwrite --out.")
@options.as_json
def certify(data: Path, answers: Path, labels: Path, **chosen: Any) -> None:
    """Measure a judge against people's LABELS of ANSWERS to DATA and write its certificate.

    DATA is a HealthBench-shaped set, ANSWERS one answer for each labelled conversation, LABELS rows {"prompt_id", "rater", "met"};
    several raters may label one answer, and each counts. The judge is then probed, which costs about ten times what judging the probed
    answers does. Replies are remembered in calls.db beside the certificate, so the same command run again asks nothing twice.
    """
    import datetime

    from primum.cycles.certifying import CertifyOrder, certify_judge
    from primum.judging.probes import ProbeSettings

    order = CertifyOrder(
        data=data,
        answers=answers,
        labels=labels,
        judge=chosen["judge"],
        out=chosen["out"],
        issued=chosen["issued"] or datetime.datetime.now(datetime.UTC).date().isoformat(),
        days=chosen["days"],
        verdicts=chosen["verdicts"],
        has_probes=not chosen["no_probes"],
        probes=ProbeSettings(cases=chosen["probe_cases"]),
        simulated_seed=chosen["simulated_seed"],
        overrides=chosen["overrides"],
        is_forced=chosen["force"],
    )
    found = certify_judge(order, render.bar)
    if chosen["as_json"]:
        render.to_json(_certificate_json(found.certificate, found.judge, found.reference, found.probed))
        return
    _show_certificate(found.certificate, found.judge, found.reference)
    if found.probed is not None:
        _show_probes(found.probed)
    render.lines(["What to know", *(f"  - {told}" for told in found.certificate.conditions), ""])
    render.lines([*found.notes, f"Certificate {found.certificate.id} is in {order.out}"])


@click.command("probe")
@click.argument("data", type=_FILE)
@click.argument("answers", type=_FILE)
@_judge
@click.option("--only", metavar="PROBE,…", help="Only these probes, by name, commas between them.")
@_cases
@click.option(
    "--injections", type=click.IntRange(1), default=4, show_default=True, help="Planted instructions for each answer."
)
@click.option(
    "--remember",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder whose calls.db remembers paid replies. [default: only where the judge's file says]",
)
@_set
@options.as_json
def probe(data: Path, answers: Path, judge: Path, only: str | None, **chosen: Any) -> None:
    """Measure what sways a judge that should not: ANSWERS to DATA are judged as they are, and changed.

    Probes: length, fences, sentence_position, position, criterion_order, batch_size, points, language, injection. A chat judge is also
    asked four criteria a call and all at once, so that the number of criteria a call can be chosen by what it costs.
    """
    from primum.cycles.certifying import ProbeOrder, probe_judge
    from primum.judging.probes import ProbeSettings

    order = ProbeOrder(
        data=data,
        answers=answers,
        judge=judge,
        only=tuple(name.strip() for name in only.split(",") if name.strip()) if only else (),
        settings=ProbeSettings(cases=chosen["probe_cases"], injections_per_case=chosen["injections"]),
        overrides=chosen["overrides"],
        beside=chosen["remember"],
    )
    probed, ref = probe_judge(order, render.bar)
    if chosen["as_json"]:
        render.to_json({"judge": {"id": ref.id, "name": ref.name, "kind": ref.kind_of}, **_probed_json(probed)})
        return
    _show_probes(probed, f"{ref.name} ({_words(ref.kind_of)})")


def _show_certificate(certificate: Certificate, judge: JudgeRef, reference: JudgeRef) -> None:
    render.lines(
        [
            f"{judge.name} ({_words(judge.kind_of)}) against {reference.name} ({_words(certificate.reference_kind)})",
            f"{certificate.n:,} labels, {certificate.calibrated_on[:20]}; holds from {certificate.issued} until {certificate.expires}",
            "",
        ]
    )
    rates = {(one.by, one.name, one.measure): one.estimate for one in certificate.errors}
    slices = dict.fromkeys((one.by, one.name) for one in certificate.errors if one.by != "class")
    rows = [
        (
            "all" if by == "all" else f"{by}: {name}",
            _told(rates.get((by, name, "agreement"))),
            _told(rates.get((by, name, "abstained"))),
            _counted(rates.get((by, name, "agreement"))),
        )
        for by, name in slices
    ]
    heads = ("slice", "agrees with the labels, %", "abstains, %", "decided")
    render.table("How often it decides as the labels do, with 95 % intervals", heads, rows)
    classes = dict.fromkeys(one.name for one in certificate.errors if one.by == "class")
    found = [
        (name, _told(rates.get(("class", name, "sensitivity"))), _told(rates.get(("class", name, "precision"))))
        for name in classes
    ]
    columns = ("class", "found of those so labelled, %", "right of those so decided, %")
    render.table("By what the labels say", columns, found)
    bins = [
        (f"{one.low:.1f} … {one.high:.1f}", f"{100 * one.confidence:.1f}", _told(one.observed), _counted(one.observed))
        for one in certificate.reliability
    ]
    if bins:
        shown = ("its probability", "mean, %", "right, %", "n")
        render.table("How often it is right where it gives a probability", shown, bins)


def _show_probes(probed: Probed, judge: str = "") -> None:
    rows = [
        (one.probe, f"{one.n:,}", _told(one.changed), _told(one.shift, is_signed=True), _told(one.abstained), one.note)
        for one in probed.outcomes
    ]
    columns = ("probe", "pairs", "changed %", "shift, pp", "abstained after %", "note")
    title = "What a change that should not matter does to its verdicts"
    render.table(f"{title}: {judge}" if judge else title, columns, rows)
    if probed.call_sizes:
        sizes = [
            (
                str(size.per_call or "all"),
                _told(size.agreement),
                "not counted" if size.tokens_per_verdict is None else f"{size.tokens_per_verdict:,.0f}",
            )
            for size in probed.call_sizes
        ]
        heads = ("criteria a call", "agrees with one a call, %", "tokens a verdict")
        render.table("Several criteria in one call", heads, sizes)
    swayed = sorted((one for one in probed.swayed if one.changed), key=lambda one: (-one.changed / one.n, one.pattern))
    if swayed:
        patterns = [
            (one.pattern.name, one.pattern.language, one.pattern.kind, f"{one.changed} of {one.n}", one.to_met)
            for one in swayed[:_MOST_PATTERNS]
        ]
        named = ("planted instruction", "language", "kind", "changed", "to met or accept")
        render.table("What swayed it most", named, patterns)


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _counted(estimate: Estimate | None) -> str:
    return "0" if estimate is None else f"{estimate.n:,}"


def _told(estimate: Estimate | None, is_signed: bool = False) -> str:
    if estimate is None:
        return "–"
    value, low, high = (100 * part for part in (estimate.value, estimate.low, estimate.high))
    sign = "+" if is_signed else ""
    return f"{value:{sign}.1f} [{low:{sign}.1f}, {high:{sign}.1f}]".replace("+0.0", "0.0").replace("-0.0", "0.0")


def _certificate_json(
    certificate: Certificate, judge: JudgeRef, reference: JudgeRef, probed: Probed | None
) -> dict[str, Any]:
    from primum.records import plain

    return {
        "id": certificate.id,
        "certificate": plain(certificate),
        "judge": {"id": judge.id, "name": judge.name, "kind": judge.kind_of},
        "reference": {"id": reference.id, "name": reference.name, "kind": certificate.reference_kind},
        **(_probed_json(probed) if probed is not None else {}),
    }


def _probed_json(probed: Probed) -> dict[str, Any]:
    from primum.records import plain

    sizes: Sequence[dict[str, Any]] = [
        {
            "criteria_per_call": size.per_call or "all",
            "agreement": plain(size.agreement),
            "tokens_per_verdict": size.tokens_per_verdict,
        }
        for size in probed.call_sizes
    ]
    swayed = [
        {
            "pattern": one.pattern.name,
            "language": one.pattern.language,
            "kind": one.pattern.kind,
            "n": one.n,
            "changed": one.changed,
            "to_met": one.to_met,
        }
        for one in probed.swayed
    ]
    return {"probes": plain(probed.outcomes), "call_sizes": sizes, "injections": swayed}
