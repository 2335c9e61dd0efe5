"""Issuing a judge's certificate: what it said against what the reference said, by class and by slice, until a date.

A rate is clustered by conversation, and where five raters or more labelled by rater too: neither the verdicts on one conversation nor
those beside one person's labels are independent. Of fewer raters the interval speaks as they are, not of raters like them. What the
judge abstained from is no part of a value and widens its interval. What the reference left undecided is left out and counted.

A judge that learned from the labels it is measured on is not measured: such a certificate is refused, unless what was said comes from fits
that left those labels out.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from primum.errors import InputError
from primum.records import (
    ByModel,
    BySimulation,
    Certificate,
    Estimate,
    JudgeError,
    JudgeRef,
    ProbeOutcome,
    ReliabilityBin,
    Stance,
    content_hash,
)
from primum.stats import mean
from primum.stats.crossed import crossed_mean

__all__ = ["VALIDITY_DAYS", "StanceRow", "VerdictRow", "certify", "certify_stances", "expiry", "why_invalid"]

VALIDITY_DAYS = 180
"""How long a certificate holds where nobody says otherwise. Ours."""

_UNIT = "conversation"
_STANCES = ("accept", "caution", "refuse")
_VERDICTS = ("met", "not met")
_BINS = 10
# Below these a rate says little; the certificate then says so. Ours.
_FEW_LABELS, _FEW_CONVERSATIONS, _FEW_OF_A_CLASS, _FEW_RATERS = 100, 30, 10, 5
_PLACE = "judging.certificate"


class VerdictRow(NamedTuple):
    """One verdict beside one person's: `None` is an abstention. `probability` is that of what was said.

    `cluster` is the conversation; `slices` names what to break the errors down by (`axis`: `accuracy`); `id` names the label, `rater` who
    gave it. Each person on each criterion is a row of its own: nobody is outvoted.
    """

    said: bool | None
    probability: float | None
    truth: bool | None
    cluster: str
    slices: Mapping[str, str]
    id: str
    rater: str = ""


class StanceRow(NamedTuple):
    """One stance beside the reference's; the fields are those of a `VerdictRow`."""

    said: Stance
    probability: float | None
    truth: Stance
    cluster: str
    slices: Mapping[str, str]
    id: str


class _Row(NamedTuple):
    """Either kind of row by the names of its classes; `None` is undecided."""

    said: str | None
    probability: float | None
    truth: str | None
    cluster: str
    slices: Mapping[str, str]
    id: str
    rater: str


def certify(
    ref: JudgeRef,
    rows: Sequence[VerdictRow],
    reference: JudgeRef,
    issued: str,
    validity_days: int = VALIDITY_DAYS,
    left_out: str | None = None,
    probes: tuple[ProbeOutcome, ...] = (),
) -> Certificate:
    """The certificate of a judge's verdicts on criteria.

    `reference` is who is held to be right. `issued` is a date, ISO 8601. `left_out` says what was left out of the fits that gave `said`
    (`model`, `scenario`), where the judge has learned from these labels.

    Raises `InputError` when nothing was decided on both sides, a label is there twice, or the judge learned from the labels.
    """
    labels = [_Row(_named(row.said), row.probability, _named(row.truth), *row[3:]) for row in rows]
    return _issue("verdict", ref, labels, reference, _Terms(issued, validity_days, left_out, probes))


def certify_stances(
    ref: JudgeRef,
    rows: Sequence[StanceRow],
    reference: JudgeRef,
    issued: str,
    validity_days: int = VALIDITY_DAYS,
    left_out: str | None = None,
    probes: tuple[ProbeOutcome, ...] = (),
) -> Certificate:
    """`certify` for the stances a judge reads in answers; `unusable` counts with the abstentions."""
    labels = [_Row(_stance(row.said), row.probability, _stance(row.truth), *row[3:], "") for row in rows]
    return _issue("stance", ref, labels, reference, _Terms(issued, validity_days, left_out, probes))


def why_invalid(certificate: Certificate, ref: JudgeRef, today: str) -> str | None:
    """Why a certificate does not hold for a judge on a day (ISO 8601), or `None` when it holds."""
    if certificate.judge != ref.id:
        return f"it is that of another judge ({certificate.judge}), not of {ref.id}"
    day = _date(today, "today")
    if day < datetime.date.fromisoformat(certificate.issued):
        return f"it holds from {certificate.issued} on"
    if day >= datetime.date.fromisoformat(certificate.expires):
        return f"it expired on {certificate.expires}"
    return None


def expiry(issued: str, validity_days: int) -> str:
    """The day from which a certificate no longer holds, ISO 8601. Raises `InputError` for no date, no time to hold, or no such day."""
    first = _date(issued, "issued")
    try:
        if validity_days < 1:
            raise OverflowError
        return (first + datetime.timedelta(days=validity_days)).isoformat()
    except OverflowError as error:
        raise InputError(
            f"{validity_days} days", "is no time to be valid", "give at least one day, and no millennia", _PLACE
        ) from error


class _Terms(NamedTuple):
    issued: str
    validity_days: int
    left_out: str | None
    probes: tuple[ProbeOutcome, ...]


def _named(met: bool | None) -> str | None:
    return None if met is None else _VERDICTS[not met]


def _stance(stance: Stance) -> str | None:
    return stance if stance in _STANCES else None


def _issue(
    subject: Literal["verdict", "stance"],
    ref: JudgeRef,
    labels: Sequence[_Row],
    reference: JudgeRef,
    terms: _Terms,
) -> Certificate:
    rows = [row for row in labels if row.truth is not None]
    _check(ref, [row.id for row in labels], rows, reference, terms)
    classes = _VERDICTS if subject == "verdict" else _STANCES
    is_simulated = reference.kind_of == "simulated" or isinstance(reference.made, BySimulation)
    return Certificate(
        judge=ref.id,
        subject=subject,
        reference=reference.id,
        reference_kind="simulated" if is_simulated else reference.kind_of,
        calibrated_on=content_hash(sorted((row.id, row.truth or "") for row in rows)),
        n=len(rows),
        errors=(*_rates("all", "all", rows), *_class_rates(rows, classes), *_sliced(rows)),
        issued=_date(terms.issued, "issued").isoformat(),
        expires=expiry(terms.issued, terms.validity_days),
        probes=terms.probes,
        reliability=_reliability(rows),
        conditions=(
            *_of_the_judges(ref, is_simulated, terms),
            *_of_the_labels(rows, len(labels) - len(rows), classes),
            *_of_the_probes(terms.probes),
        ),
    )


def _check(ref: JudgeRef, ids: Sequence[str], rows: Sequence[_Row], reference: JudgeRef, terms: _Terms) -> None:
    often, times = Counter(ids).most_common(1)[0] if ids else ("", 0)
    if times > 1:
        raise InputError(f"label {often!r}", "is there twice", "give each label an id of its own", _PLACE)
    if ref.id == reference.id:
        raise InputError(f"judge {ref.name!r}", "is its own reference", "measure it against another", _PLACE)
    learned = sorted(set(ref.trained_on) & set(ids))
    if learned and terms.left_out is None:
        raise InputError(
            f"{len(learned)} of the labels, {learned[0]} first",
            f"are what judge {ref.name!r} was trained on, so they cannot tell how often it errs",
            "give labels it has not seen, or what was said by fits that left them out (left_out)",
            _PLACE,
        )
    if not any(row.said is not None for row in rows):
        raise InputError(
            f"{len(ids)} labels",
            "hold none that both the judge and the reference decided",
            "give labels of answers that the judge can read",
            _PLACE,
        )


def _rate(rows: Sequence[_Row], of: Callable[[_Row], float | None]) -> Estimate | None:
    """The mean of a value of each row; `None` among them is an abstention."""
    values, conversations = [of(row) for row in rows], [row.cluster for row in rows]
    raters = [row.rater for row in rows]
    if len(set(raters)) >= _FEW_RATERS:
        return crossed_mean(values, conversations, raters)
    return mean(values, conversations, _UNIT)


def _agrees(row: _Row) -> float | None:
    return None if row.said is None else float(row.said == row.truth)


def _rates(by: str, name: str, rows: Sequence[_Row]) -> list[JudgeError]:
    """Agreement and abstentions of a slice; a slice that was abstained from wholly has no agreement."""
    agreed, abstained = _rate(rows, _agrees), _rate(rows, lambda row: float(row.said is None))
    found = []
    if agreed is not None:
        found.append(JudgeError(by=by, name=name, measure="agreement", estimate=agreed))
    if abstained is not None:
        found.append(JudgeError(by=by, name=name, measure="abstained", estimate=abstained))
    return found


def _class_rates(rows: Sequence[_Row], classes: Iterable[str]) -> list[JudgeError]:
    """Of each class: how much of it was found (abstentions widen it), and how often what was said to be of it is."""
    found: list[JudgeError] = []
    for name in classes:
        sensitivity = _rate([row for row in rows if row.truth == name], _agrees)
        precision = _rate([row for row in rows if row.said == name], _agrees)
        if sensitivity is not None:
            found.append(JudgeError(by="class", name=name, measure="sensitivity", estimate=sensitivity))
        if precision is not None:
            found.append(JudgeError(by="class", name=name, measure="precision", estimate=precision))
    return found


def _sliced(rows: Sequence[_Row]) -> list[JudgeError]:
    parts = sorted({(by, name) for row in rows for by, name in row.slices.items()})
    return [
        error for by, name in parts for error in _rates(by, name, [row for row in rows if row.slices.get(by) == name])
    ]


def _reliability(rows: Sequence[_Row]) -> tuple[ReliabilityBin, ...]:
    """What was said with a probability, in ten bins of it: how often it was right."""
    binned: dict[int, list[_Row]] = {}
    for row in rows:
        if row.said is not None and row.probability is not None:
            binned.setdefault(min(_BINS - 1, int(row.probability * _BINS)), []).append(row)
    bins: list[ReliabilityBin] = []
    for position, inside in sorted(binned.items()):
        observed = _rate(inside, _agrees)
        assert observed is not None
        confidence = sum(row.probability or 0.0 for row in inside) / len(inside)
        low, high = position / _BINS, (position + 1) / _BINS
        bins.append(ReliabilityBin(low=low, high=high, confidence=confidence, observed=observed))
    return tuple(bins)


def _of_the_judges(ref: JudgeRef, is_simulated: bool, terms: _Terms) -> list[str]:
    told = []
    if is_simulated:
        told.append("the reference is simulated: no person labelled, and nothing is known of agreement with people")
    if isinstance(ref.made, ByModel) and ref.made.is_scripted:
        told.append("the judge is scripted: it stands in for a model in a trial run (simulated)")
    if terms.left_out is not None:
        told.append(
            f"held out: what is measured was said by fits that left out the {terms.left_out} of each label; the judge "
            "itself has learned from all of them"
        )
    elif ref.trained_on:
        told.append(f"the judge learned from {len(ref.trained_on)} records; none of these labels is among them")
    elif ref.kind_of == "chat_model":
        told.append("what the model behind the judge was trained on is not known: it may have seen these answers")
    return told


def _of_the_labels(rows: Sequence[_Row], undecided: int, classes: Iterable[str]) -> list[str]:
    told = []
    conversations = len({row.cluster for row in rows})
    if len(rows) < _FEW_LABELS or conversations < _FEW_CONVERSATIONS:
        told.append(f"few labels: {len(rows)} on {conversations} conversations; the intervals are wide")
    raters = len({row.rater for row in rows})
    if 1 < raters < _FEW_RATERS:
        told.append(f"{raters} raters: the intervals speak of them, not of raters like them")
    if undecided:
        told.append(f"the reference left {undecided} undecided; they are left out")
    for name in classes:
        count = sum(row.truth == name for row in rows)
        if not count:
            told.append(f"no label says {name}: how often the judge finds it is unknown")
        elif count < _FEW_OF_A_CLASS:
            told.append(f"only {count} labels say {name}")
    return told


def _of_the_probes(probes: Sequence[ProbeOutcome]) -> list[str]:
    if not probes:
        return ["the judge was not probed: what sways it is unknown"]
    unmeasured = [one.probe for one in probes if one.changed is None]
    return [f"not probed: {', '.join(unmeasured)}"] if unmeasured else []


def _date(text: str, name: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{name} = {text!r}", "is not a date", "write it as YYYY-MM-DD", _PLACE) from error
