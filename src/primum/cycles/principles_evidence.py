"""What a run of principles found: the policy before and after under rubrics and a judge that taught nothing, and what revision gains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from primum.cycles.align import policy_data, policy_of
from primum.cycles.answering import Answerer, assess
from primum.cycles.principles_build import OWN_QUERIES, Queries
from primum.cycles.principles_case import followed_case
from primum.cycles.principles_recipe import PrinciplesRecipe
from primum.cycles.principles_teach import revision_cases, revision_records
from primum.cycles.steps import Made, Step, Steps
from primum.evaluation.rubric_table import RubricAnswer, abstained_share, rubric_compare, rubric_numbers
from primum.governance import verify_chain
from primum.judging.criteria import CriterionRules
from primum.judging.engine import Engine
from primum.ports import Assessment, Case, Progress
from primum.records import (
    Comparison,
    Criterion,
    JudgeRef,
    PolicyRef,
    Principle,
    Report,
    Response,
    Rubric,
    Scenario,
    plain,
)
from primum.revision.guided import Writer, gain_report, revise

__all__ = ["Measure", "PrinciplesFinished", "principles_data", "revision_step", "test_step"]

_EXAMPLES = 8


class Measure:
    """The side that measures: the tested queries, rubrics drafted for them apart, and a judge that is trained on nothing.

    A criterion that this judge could not read in any answer is left out beforehand, before an answer is seen, and counted.
    """

    def __init__(self, steps: Steps, queries: Queries) -> None:
        self._steps, self._queries = steps, queries
        self.rules = CriterionRules()
        self.engine = Engine(self.rules)
        store = steps.workspace.store
        ids = queries.ground.rubrics.outputs["measuring"]
        self.rubrics = [one for one in store.get_many(ids) if isinstance(one, Rubric)]
        wanted = sorted({criterion for one in self.rubrics for criterion in one.criteria})
        self.criteria = {one.id: one for one in store.get_many(wanted) if isinstance(one, Criterion)}
        self.scenarios = {one.id: one for one in queries.of("tested")}
        self.read: dict[str, tuple[Criterion, ...]] = {}
        self.left_out = 0
        for rubric in self.rubrics:
            own = [self.criteria[id] for id in rubric.criteria]
            kept = tuple(one for one in own if self.rules.can_read(one, self.scenarios[rubric.scenario]))
            self.left_out += len(own) - len(kept)
            if kept:
                self.read[rubric.scenario] = kept

    @property
    def tested(self) -> list[Scenario]:
        return [self.scenarios[id] for id in self.scenarios if id in self.read]

    def judge(self, answers: Sequence[tuple[Scenario, Response]]) -> list[Assessment]:
        cases = [Case(scenario, answer, self.read[scenario.id]) for scenario, answer in answers]
        return assess(self._steps, self.engine, cases)

    def rows(
        self, answers: Sequence[tuple[Scenario, Response]], profiles: Mapping[str, Mapping[str, str]]
    ) -> list[RubricAnswer]:
        """The answers as the table takes them, by language and by where their query stands on the four dimensions."""
        return [
            RubricAnswer(
                scenario.id,
                {"language": scenario.language, **profiles[scenario.id]},
                scenario.cluster,
                self.read[scenario.id],
                said.verdicts,
                said.judgement.stance,
            )
            for (scenario, _), said in zip(answers, self.judge(answers), strict=True)
        ]


def test_step(
    steps: Steps, recipe: PrinciplesRecipe, queries: Queries, base: Step, after: Step, measure: Measure
) -> Step:
    """Both policies answer the tested queries; a judge that taught nothing reads them under rubrics that taught nothing; paired."""
    old, new = policy_of(steps, base), policy_of(steps, after)
    inputs = [old.id, new.id, queries.ground.rubrics.key, measure.engine.ref.id, recipe.answering, recipe.name]

    def make(_key: str, progress: Progress) -> Made:
        answers = [_answered(steps, recipe, ref, measure.tested) for ref in (old, new)]
        progress(1, 2)
        profiles = {id: one.values for id, one in queries.profiles().items()}
        before, later = (measure.rows(side, profiles) for side in answers)
        compared = rubric_compare(before, later)
        judged = [said.judgement.id for side in answers for said in measure.judge(side)]
        report = Report(
            run=recipe.name,
            recipe=recipe.name,
            before=old.id,
            after=new.id,
            judge=measure.engine.ref.id,
            comparisons=compared,
            judgements=tuple(judged),
        )
        outputs = {
            "report": report.id,
            "comparisons": plain(compared),
            "abstained": {name: abstained_share(rows) for name, rows in (("before", before), ("after", later))},
            "unusable": {
                name: sum(row.stance == "unusable" for row in rows)
                for name, rows in (("before", before), ("after", later))
            },
            "tested": len(before),
            "criteria": sum(len(one) for one in measure.read.values()),
            "unread_criteria": measure.left_out,
            "bounds": {name: list(number.bounds) for name, number in rubric_numbers(later).items()},
            "examples": [
                {"scenario": one.id, "before": first.id, "after": second.id}
                for (one, first), (_, second) in sorted(
                    zip(*answers, strict=True), key=lambda pair: pair[0][0].cluster
                )[:_EXAMPLES]
            ],
        }
        return Made(outputs, [report], _note(compared), [report.id])

    return steps.do(
        "test", "Testing before and after on queries, rubrics and a judge that taught nothing", inputs, make
    )


def _answered(
    steps: Steps, recipe: PrinciplesRecipe, ref: PolicyRef, asked: Sequence[Scenario]
) -> list[tuple[Scenario, Response]]:
    answerer = Answerer(steps, recipe.answering, recipe.policy.threads, seed=recipe.seed)
    found = [row for part, answers in answerer.parts(ref, asked) for row in zip(part, answers, strict=True)]
    return sorted(found, key=lambda row: row[0].id)


def _note(compared: Sequence[Comparison]) -> str:
    whole = next((one for one in compared if one.by == "all" and one.metric == "satisfied"), None)
    if whole is None:
        return "no criterion could be read on both sides"
    apart = whole.difference
    return (
        f"criteria satisfied {whole.before.value:.1%} → {whole.after.value:.1%}, "
        f"difference {apart.value:+.1%} [{apart.low:+.1%}, {apart.high:+.1%}]"
    )


def revision_step(
    steps: Steps,
    recipe: PrinciplesRecipe,
    queries: Queries,
    policy: Step,
    engine: Engine,
    writer: Writer,
    measure: Measure,
) -> Step:
    """The taught policy's answers to tested queries, revised under rubrics synthesised from the principles, as a served policy would."""
    ref = policy_of(steps, policy)
    inputs: list[Any] = [ref.id, queries.ground.synthesis.key, engine.ref.id, measure.engine.ref.id, writer.name]
    inputs += [recipe.revision, recipe.writing, recipe.rows.revised, recipe.answering]

    def make(_key: str, progress: Progress) -> Made:
        store = steps.workspace.store
        guiding = {
            one.scenario: one
            for one in store.get_many(queries.ground.synthesis.outputs["guiding"])
            if isinstance(one, Rubric)
        }
        asked = [one for one in measure.tested if one.id in guiding][: recipe.rows.revised]
        wanted = sorted({criterion for one in asked for criterion in guiding[one.id].criteria})
        known = {one.id: one for one in store.get_many(wanted) if isinstance(one, Criterion)}
        rubrics = {one.id: (guiding[one.id], tuple(known[id] for id in guiding[one.id].criteria)) for one in asked}
        first = _answered(steps, recipe, ref, asked)
        revised = revise(revision_cases(first, rubrics, queries), engine, writer, recipe.revision, progress)
        kept = {one.id: (case.case.scenario, one) for case in revised for one in (case.case.first, *case.responses)}
        cases = [Case(scenario, one, rubrics[scenario.id][1]) for scenario, one in kept.values()]
        second = {said.judgement.response: said for said in assess(steps, measure.engine, cases)}
        profiles = {id: one.values for id, one in queries.profiles().items()}
        before = measure.rows([(one.case.scenario, one.case.first) for one in revised], profiles)
        after = measure.rows([(one.case.scenario, one.chosen) for one in revised], profiles)
        outputs = {
            "report": gain_report(revised, second),
            "measured": plain(rubric_compare(before, after)),
            "revisions": [one.revision.id for one in revised],
            "writer": writer.name,
        }
        changed = sum(one.revision.chosen != one.case.first.id for one in revised)
        ended = ", ".join(
            f"{count} {why.replace('_', ' ')}"
            for why, count in Counter(one.revision.ended for one in revised).most_common()
        )
        return Made(outputs, revision_records(revised), f"{changed} of {len(revised)} answers changed; ended: {ended}")

    return steps.do("revision", "Revising the answers to tested queries", inputs, make)


class PrinciplesFinished(NamedTuple):
    """The steps of a run of principles that came to its end, with the judge that taught and the one that measured."""

    queries: Queries
    measure: Measure
    judge: JudgeRef
    writer: str
    base: Step
    pairs: Step
    after: Step
    tested: Step
    revised: Step


def principles_data(steps: Steps, recipe: PrinciplesRecipe, finished: PrinciplesFinished) -> dict[str, Any]:
    """Everything the page shows. An estimate is `{"value", "low", "high", "n", "unit"}`."""
    queries, ground = finished.queries, finished.queries.ground
    ledger = verify_chain(steps.workspace.store.ledger())
    policies = [policy_of(steps, step) for step in (finished.base, finished.after)]
    notes = _notes(policies[0], finished)
    principles = sorted(queries.principles(), key=lambda one: (-len(one.criteria), one.id))
    return {
        "kind": "principles",
        "recipe": recipe.name,
        "title": recipe.title,
        "title_zh": recipe.title_zh or recipe.title,
        "notes": [en for en, _ in notes],
        "notes_zh": [zh for _, zh in notes],
        "corpus": {name: ground.corpus.outputs[name] for name in ("articles",)}
        | {"norms": len(ground.corpus.outputs["norms"])},
        "queries": {part: len(ground.queries.outputs[part]) for part in ("labelled", "unlabelled", "tested")}
        | {"languages": ground.queries.outputs["languages"]},
        "profiles": {name: ground.profiles.outputs[name] for name in ("by", "by_chat", "unread", "unread_n")},
        "rubrics": {
            name: ground.rubrics.outputs[name]
            for name in ("criteria", "findings", "left", "refused", "by_chat", "norms")
        }
        | {"labelled": len(ground.rubrics.outputs["rubrics"]), "measuring": len(ground.rubrics.outputs["measuring"])},
        "principles": {
            name: ground.principles.outputs[name]
            for name in ("sources", "covered", "redundancy", "stability", "by_chat", "drawing")
        }
        | {
            "order": ground.principles.outputs["principles"],
            "all": [_principle(one, ground.principles.outputs["recurs"]) for one in principles],
        },
        "synthesis": {
            "rubrics": len(ground.synthesis.outputs["rubrics"]),
            "guiding": len(ground.synthesis.outputs["guiding"]),
            "refused": ground.synthesis.outputs["refused"],
            "by_chat": ground.synthesis.outputs["by_chat"],
        },
        "pairs": {name: value for name, value in finished.pairs.outputs.items() if name != "revisions"}
        | {name: len(finished.pairs.outputs[name]) for name in ("preferences", "approvals")},
        "judges": {
            "teaches": {"id": finished.judge.id, "name": finished.judge.name, "kind": finished.judge.kind_of},
            "measures": {
                "id": finished.measure.engine.ref.id,
                "name": finished.measure.engine.ref.name,
                "kind": finished.measure.engine.ref.kind_of,
            },
        },
        "writer": finished.writer,
        "test": {name: value for name, value in finished.tested.outputs.items() if name != "examples"},
        "examples": _examples(steps, finished),
        "revision": {name: finished.revised.outputs[name] for name in ("report", "measured", "writer")},
        "case": followed_case(steps, finished.queries, finished.pairs, policy_of(steps, finished.after)),
        "ledger": {"entries": ledger.entries, "head": ledger.head, "verified": ledger.is_intact},
        "seconds": dict(steps.seconds),
        "policies": [policy_data(one) for one in policies],
    }


def _principle(one: Principle, recurs: Mapping[str, float]) -> dict[str, Any]:
    return {
        "id": one.id,
        "statement": one.statement,
        "language": one.language,
        "applies_when": {name: list(values) for name, values in one.applies_when.items()},
        "points": one.points,
        "kind": one.kind_of,
        "axis": one.axis,
        "criteria": len(one.criteria),
        "rubrics": len(one.rubrics),
        "norms": len(one.norms),
        "recurs": recurs.get(one.id),
    }


def _examples(steps: Steps, finished: PrinciplesFinished) -> list[dict[str, Any]]:
    """Tested queries with both answers, chosen by their cluster, a hash, and never by how the answers turned out."""
    store = steps.workspace.store
    found: list[dict[str, Any]] = []
    for row in finished.tested.outputs["examples"]:
        scenario, before, after = store.get_many([row["scenario"], row["before"], row["after"]])
        assert isinstance(scenario, Scenario) and isinstance(before, Response) and isinstance(after, Response)
        found.append(
            {
                "scenario": scenario.id,
                "prompt": scenario.prompt,
                "language": scenario.language,
                "criteria": [
                    {"statement": one.statement, "points": one.points, "kind": one.kind_of}
                    for one in finished.measure.read[scenario.id]
                ],
                "before": before.text,
                "after": after.text,
            }
        )
    return found


def _notes(policy: PolicyRef, finished: PrinciplesFinished) -> list[tuple[str, str]]:
    rubrics = finished.queries.ground.rubrics.outputs
    drafter = (
        ("a chat model", "由对话模型")
        if rubrics["by_chat"]
        else ("rule from reference answers and norms", "由规则从参考答案和规范")
    )
    notes = [
        (
            f"The rubrics were drafted by {drafter[0]}; no clinician has refined or verified them.",
            f"评分标准{drafter[1]}拟出，尚无临床医生修订或核验。",
        ),
        (
            "What measures was kept apart from what teaches: other queries, rubrics drafted for them alone, and a judge of hand-written "
            "rules that was trained on nothing. It is coarse; its figures say whether the chain works.",
            "测量与教学相互隔离：使用另外的问题、专为它们拟定的评分标准，以及由手写规则构成、未经任何训练的评审。该评审较粗略，其数字只说明流程是否有效。",
        ),
    ]
    own = sum(one.dataset == OWN_QUERIES for one in finished.queries.of("labelled"))
    if own:
        notes.append(
            (
                f"{own:,} of the labelled queries are of our own writing: open sets are short of emergencies, drugs, consent and law.",
                f"标注问题中有 {own:,} 个由我们自行编写，用于补充公开数据较少涉及的急症、用药、知情同意与法律问题。",
            )
        )
    if "simulated" in finished.writer:
        notes.append(
            (
                "The drafts of the revision were composed by rule from the criteria they answer; nobody wrote them and no model did. "
                "They are simulated, and a judge that rewards a rubric's words can be pleased by them.",
                "修订稿由规则根据评分标准拼成，并非人写，也非模型所写，属模拟；看重措辞的评审可能因此给出偏高的判断。",
            )
        )
    if policy.is_from_scratch:
        notes.insert(
            0,
            (
                f"The policy is a {policy.architecture} of {policy.parameters:,} parameters, built from config and trained from scratch on "
                "the spot. Its numbers show that the chain works; they say nothing of a real medical model.",
                f"策略模型是现场按配置搭建、从零训练的 {policy.architecture}，共 {policy.parameters:,} 个参数。"
                "这些数字只说明流程可用，不代表任何真实的医疗模型。",
            ),
        )
    return notes
