"""A record in one line, for people: what it is, and who made it."""

from __future__ import annotations

from primum.records import (
    Abstained,
    Approval,
    Benchmark,
    ByImport,
    ByModel,
    ByPerson,
    ByRule,
    BySimulation,
    Certificate,
    Criterion,
    Cycle,
    Decision,
    Edition,
    Flag,
    Judgement,
    JudgeRef,
    LedgerEntry,
    Norm,
    NotApplicable,
    Origin,
    PolicyRef,
    Preference,
    Principle,
    Profile,
    Record,
    Report,
    Response,
    Review,
    Revision,
    Reward,
    Rollback,
    Rubric,
    Rule,
    Scenario,
    Signal,
    Source,
    Taxonomy,
    Verdict,
)

__all__ = ["made_by", "summary"]

_LENGTH = 60


def summary(record: Record) -> str:
    """One line that says which record this is; whatever was simulated says so."""
    line = _line(record)
    return f"simulated {line}" if _is_simulated(record) else line


def made_by(record: Record) -> str:
    """Who made it, in words; empty for a record that is derived from others and says no more."""
    origin: Origin | None = getattr(record, "made", None)
    match origin:
        case ByRule(rule=rule, version=version):
            return f"rule {rule} v{version}"
        case ByModel(model=model, is_scripted=is_scripted):
            return f"{'scripted model' if is_scripted else 'model'} {model}"
        case ByPerson(person=person, role=role):
            return f"{role} {person}"
        case ByImport(dataset=dataset, row=row):
            return f"imported from {dataset} {row}"
        case BySimulation(generator=generator, seed=seed):
            return f"simulated by {generator}, seed {seed}"
        case None:
            return ""


def _is_simulated(record: Record) -> bool:
    return isinstance(getattr(record, "made", None), BySimulation) or (
        isinstance(record, JudgeRef) and record.kind_of == "simulated"
    )


def _line(record: Record) -> str:
    match record:
        case Source():
            enacted = f"enacted {record.enacted}" if record.enacted else "date of enactment not given"
            return f"{record.title}, {record.authority}, {enacted}"
        case Norm():
            return f"{record.reference}: {_short(record.text)}"
        case Scenario():
            return f"{record.dimension}, harm level {record.harm_level}, {record.dataset}: {_short(record.prompt)}"
        case Response():
            return f"{_speaker(record)}: {_short(record.text)}"
        case PolicyRef():
            scratch = ", trained from scratch" if record.is_from_scratch else ""
            return f"{record.name}, {record.stage}, {record.architecture}, {record.parameters:,} parameters{scratch}"
        case Criterion():
            return f"{record.points:+d} {record.kind_of}, {record.axis}: {_short(record.statement)}"
        case Rubric():
            return f"{len(record.criteria)} criteria, {record.state}"
        case Principle():
            state = f", {record.state}" if record.state != "distilled" else ""
            told = f"{record.points:+d} {record.kind_of}, from {len(record.criteria)} criteria{state}"
            return f"{_short(record.statement)} ({told})"
        case Profile():
            return ", ".join(f"{name} {value}" for name, value in sorted(record.values.items()))
        case JudgeRef():
            return f"{record.name}, {record.kind_of}"
        case Cycle() | Rollback() | Signal() | Flag():
            return _after_release(record)
        case Rule() | Taxonomy() | Edition() | Benchmark() | Review():
            return _benched(record)
        case _:
            return _judged(record)


def _after_release(record: Cycle | Rollback | Signal | Flag) -> str:
    """The records of what happened once a policy was in use."""
    match record:
        case Cycle():
            end = (", released" if record.is_released else "") + (", stopped" if record.is_stopped else "")
            return f"{record.arm}, cycle {record.number}: {record.chosen}{end}"
        case Rollback():
            return f"{record.arm} taken back from cycle {record.after} to {record.to}: {_short(record.reason)}"
        case Signal():
            removed = sum(count for _, count in record.removed)
            return f"logged conversation, consent {record.consent}, licence {record.licence}, {removed} identifiers removed"
        case Flag():
            return f"{record.reason}, severity {record.severity}" + (f": {_short(record.note)}" if record.note else "")


def _benched(record: Rule | Taxonomy | Edition | Benchmark | Review) -> str:
    """The records that a benchmark is made of."""
    match record:
        case Rule():
            who = f"{record.subject.text} " if record.subject else ""
            return f"{record.modality}: {_short(who + record.act.text)}"
        case Taxonomy():
            return f"{record.en}, {len(record.dimensions)} dimensions, {len(record.scenes)} scenes"
        case Edition():
            return f"{record.corpus}, {len(record.sources)} sources"
        case Benchmark():
            return f"{record.name} version {record.version}, {len(record.items):,} items"
        case Review():
            return f"{record.item} {record.state}" + (f": {_short(record.note)}" if record.note else "")


def _judged(record: Record) -> str:
    """The records that say something about an answer or a policy."""
    match record:
        case Verdict():
            return f"{_outcome(record)}{_probability(record.probability)}"
        case Judgement():
            reason = f" ({_short(record.reason)})" if record.reason else ""
            return f"{record.stance}{_probability(record.probability)}{reason}"
        case Preference():
            return f"{record.chosen} rather than {record.rejected}"
        case Approval():
            return f"{record.response} is {'desirable' if record.is_desirable else 'not desirable'}"
        case Revision():
            kept = sum(draft.is_kept for draft in record.drafts)
            return f"{len(record.drafts)} drafts, {kept} kept, ended: {record.ended.replace('_', ' ')}"
        case Reward():
            return f"{record.value:g} (proficiency {record.proficiency:g}, excellence {record.excellence}, vetoes {record.vetoes})"
        case Certificate():
            agreement = next(one.estimate for one in record.errors if one.by == "all" and one.measure == "agreement")
            return f"agrees with {record.reference_kind} on {agreement.value:.1%} of {record.n}, until {record.expires}"
        case Report():
            return f"run {record.run}, {len(record.comparisons)} comparisons over {len(record.judgements)} judgements"
        case Decision():
            passed = sum(rule.passed for rule in record.rules)
            return f"{record.decision}, {passed} of {len(record.rules)} rules passed"
        case LedgerEntry():
            return f"{record.sequence} {record.at} {record.event}: {_short(record.detail)}"
        case _:
            return record.kind()


def _speaker(response: Response) -> str:
    if response.policy is not None:
        return response.policy
    match response.made:
        case ByImport(dataset=name) | BySimulation(generator=name):
            return name
        case _:
            return made_by(response)


def _outcome(verdict: Verdict) -> str:
    name = type(verdict.outcome).__struct_config__.tag
    reason = verdict.outcome.reason if isinstance(verdict.outcome, Abstained | NotApplicable) else ""
    return str(name).replace("_", " ") + (f" ({_short(reason)})" if reason else "")


def _probability(probability: float | None) -> str:
    return "" if probability is None else f" p={probability:.2f}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LENGTH else line[:_LENGTH].rstrip() + "…"
