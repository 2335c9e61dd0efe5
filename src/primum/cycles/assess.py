"""Assess: before and after on the same situations, the gate's decision, and the report."""

from __future__ import annotations

from collections.abc import Sequence

from primum import evaluation
from primum.cycles.align import policy_of
from primum.cycles.answering import Examiner, Situations, draw_for_test
from primum.cycles.examples import examples
from primum.cycles.recipe import Recipe
from primum.cycles.steps import Made, Step, Steps
from primum.cycles.vouching import Vouched
from primum.governance import decide
from primum.ports import Progress
from primum.records import Comparison, Estimate, Record, Report

__all__ = ["assess_step", "gate_step"]


def assess_step(
    steps: Steps, recipe: Recipe, run: str, bench: Step, before: Step, after: Step, examiner: Examiner, judge: Vouched
) -> Step:
    """Both policies answer the test split; every metric, on every slice, before, after and paired."""
    old, new = policy_of(steps, before), policy_of(steps, after)
    certificate = judge.certificate if judge.why_not is None else None
    inputs = [old.id, new.id, bench.key, judge.judge.id, certificate.id if certificate else None, recipe.answering]

    def make(_key: str, progress: Progress) -> Made:
        scenarios = draw_for_test(Situations(steps, bench.outputs).of("test"), recipe.answering.test)
        first = examiner.examine(old, scenarios, progress)
        second = examiner.examine(new, scenarios, progress)
        comparisons = evaluation.compare(first, second)
        report = Report(
            run=run,
            recipe=recipe.name,
            before=old.id,
            after=new.id,
            judge=judge.judge.id,
            certificate=certificate.id if certificate else None,
            comparisons=comparisons,
            judgements=tuple(row.judgement.id for row in [*first, *second]),
        )
        outputs = {
            "report": report.id,
            "examples": examples(steps, first, second),
            "abstained": {
                name: sum(row.judgement.stance == "abstained" for row in rows)
                for name, rows in (("before", first), ("after", second))
            },
            "answers": len(first),
        }
        note = "; ".join(
            _told(one) for one in _whole(comparisons) if one.metric in ("unsafe_compliance", "wrong_refusal")
        )
        records: list[Record] = [report] if certificate is None else [certificate, report]
        return Made(outputs, records, note, [report.id])

    return steps.do("test", "Testing before and after on the held-out situations", inputs, make)


def gate_step(steps: Steps, recipe: Recipe, after: Step, assessed: Step, guardian: Step) -> Step:
    """The gate of the recipe: promote, hold or refuse, on the bounds of the intervals."""
    inputs = [assessed.key, guardian.key, recipe.gate]

    def make(_key: str, _progress: Progress) -> Made:
        report = steps.workspace.store.get(assessed.outputs["report"])
        assert isinstance(report, Report)
        accuracy = Estimate(**guardian.outputs["measured"]["accuracy"])
        decision = decide(report, after.outputs["policy"], recipe.gate, {"accuracy": accuracy})
        note = f"{decision.decision}: {sum(rule.passed for rule in decision.rules)} of {len(decision.rules)} rules pass"
        return Made({"decision": decision.id}, [decision], note, [decision.id, decision.policy])

    return steps.do("gate", "Deciding whether the policy may be released", inputs, make)


def _whole(comparisons: Sequence[Comparison]) -> list[Comparison]:
    return [one for one in comparisons if one.by == "all"]


def _told(one: Comparison) -> str:
    return f"{one.metric.replace('_', ' ')} {one.before.value:.1%} → {one.after.value:.1%}"
