"""The second half of a run of principles: a policy answers, a guided revision mends, a judge ranks, and the policy learns from that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from primum.cycles.align import build_whole, given_policy_step, policy_of, policy_ref, policy_subjects, spoken
from primum.cycles.answering import Answerer, assess, policy_folder
from primum.cycles.guard import load_norms
from primum.cycles.principles_build import Queries, draw_queries
from primum.cycles.principles_recipe import PrinciplesRecipe
from primum.cycles.steps import Made, Step, Steps
from primum.errors import TrainingError
from primum.grading import grade
from primum.judging.engine import Engine
from primum.models.local import render
from primum.ports import Case, Progress
from primum.records import Approval, ByImport, Criterion, PolicyRef, Preference, Record, Response, Rubric, Scenario
from primum.revision.guided import Revised, RevisionCase, Writer, revise
from primum.rewards import Graded, teach
from primum.starter.cutting import shorten
from primum.training import ChatRow, DpoRow, KtoRow, Trained, train_base, train_dpo, train_kto, train_sft

__all__ = ["base_policy_step", "pairs_step", "revision_cases", "revision_records", "train_policy_step"]

Judged = dict[str, tuple[Rubric, tuple[Criterion, ...]]]


def base_policy_step(steps: Steps, recipe: PrinciplesRecipe, queries: Queries) -> Step:
    """The policy before it is taught: the recipe's model folder, or a tiny one that learned to answer like the sets' own answers."""
    choice = recipe.policy
    if choice.folder is not None:
        return given_policy_step(steps, Path(choice.folder).expanduser())
    inputs = [queries.ground.queries.key, queries.ground.corpus.key, choice, recipe.rows.base, recipe.seed]
    inputs.append(recipe.name)

    def make(key: str, progress: Progress) -> Made:
        asked = _base_queries(recipe, queries)
        shown = [_shown(one, recipe) for one in asked]
        rows = [ChatRow(render(one), response.text) for one, response in zip(asked, shown, strict=True)]
        norms = load_norms(steps, queries.ground.corpus)
        texts = [one.text for one in norms.values()]
        untrained = steps.workspace.artifact("untrained", key)
        if not untrained.exists():
            build_whole(untrained, [*texts, *(spoken(row) for row in rows)], choice.tiny, recipe.seed)
        trained = train_base(untrained, texts, rows, choice.base, steps.workspace.artifact("base", key), progress)
        learned = [*norms, *(one.id for one in shown)]
        ref = policy_ref(steps, recipe.name, trained, "base", None, learned, choice.base)
        note = f"{ref.architecture}, {ref.parameters:,} parameters, built and trained on the spot; {trained.rows} rows"
        return Made({"policy": ref.id}, [*shown, ref], note, policy_subjects(ref))

    return steps.do("base policy", "Building a small policy that answers as the sets do", inputs, make)


def _base_queries(recipe: PrinciplesRecipe, queries: Queries) -> list[Scenario]:
    known = [one for part in ("labelled", "unlabelled") for one in queries.of(part) if one.reference]
    return draw_queries(known, recipe.rows.base, recipe.seed)


def _shown(scenario: Scenario, recipe: PrinciplesRecipe) -> Response:
    """The set's own answer, cut at the end of a sentence to what a tiny policy can learn to say whole."""
    assert scenario.reference is not None and isinstance(scenario.made, ByImport)
    most = recipe.policy.answer_characters_zh if scenario.language == "zh" else recipe.policy.answer_characters_en
    return Response(scenario=scenario.id, text=shorten(scenario.reference, most), made=scenario.made, finish="stop")


def revision_cases(
    answers: Sequence[tuple[Scenario, Response]], rubrics: Judged, queries: Queries
) -> list[RevisionCase]:
    """Answers to revise under these rubrics, each with the principles its rubric came from."""
    principles = {one.id: one for one in queries.principles()}
    cases: list[RevisionCase] = []
    for scenario, response in answers:
        rubric, criteria = rubrics[scenario.id]
        named = dict.fromkeys(one.principle for one in criteria if one.principle in principles)
        cases.append(
            RevisionCase(scenario, response, rubric, criteria, tuple(principles[id] for id in named if id is not None))
        )
    return cases


def revision_records(revised: Sequence[Revised]) -> list[Record]:
    """The records of revisions: every draft leads to its situation, its rubric and its judge."""
    records: list[Record] = []
    for one in revised:
        records += [*one.responses, one.revision]
        for said in one.assessments:
            records += [*said.verdicts, said.judgement]
    return records


def pairs_step(
    steps: Steps, recipe: PrinciplesRecipe, queries: Queries, policy: Step, engine: Engine, writer: Writer
) -> Step:
    """Several answers to each query, judged under its synthesised rubric and ranked: preferences with margins, and approvals."""
    inputs = [queries.ground.synthesis.key, policy.key, engine.ref.id, writer.name, recipe.answering]
    inputs += [recipe.rows.answered, recipe.rows.samples]
    inputs += [recipe.sampling_temperature, recipe.pairs, recipe.revision, recipe.writing, recipe.seed]

    def make(_key: str, progress: Progress) -> Made:
        ref = policy_of(steps, policy)
        rubrics = queries.rubrics(queries.ground.synthesis)
        asked = draw_queries(
            [one for one in queries.of("unlabelled") if one.id in rubrics], recipe.rows.answered, recipe.seed
        )
        by_query: dict[str, list[Response]] = {one.id: [] for one in asked}
        for sample in range(recipe.rows.samples):
            for scenario, response in _answered(steps, recipe, ref, asked, sample):
                by_query[scenario.id].append(response)
            progress(sample + 1, recipe.rows.samples + 2)
        first = [(one, by_query[one.id][0]) for one in asked]
        revised = revise(revision_cases(first, rubrics, queries), engine, writer, recipe.revision)
        for one in revised:
            if one.revision.chosen != one.case.first.id:
                by_query[one.case.scenario.id].append(one.chosen)
        progress(recipe.rows.samples + 1, recipe.rows.samples + 2)
        cases = [Case(one, answer, rubrics[one.id][1]) for one in asked for answer in by_query[one.id]]
        graded: dict[str, list[Graded]] = {}
        for case, said in zip(cases, assess(steps, engine, cases), strict=True):
            found = grade(case.criteria, said.verdicts, said.judgement.stance)
            graded.setdefault(case.scenario.id, []).append(Graded(case.response, said.judgement, said.verdicts, found))
        taught = [teach(rubrics[id][0], inside, recipe.pairs) for id, inside in graded.items()]
        records = revision_records(revised)
        records += [record for one in taught for record in (*one.preferences, *one.approvals)]
        preferences = [record for one in taught for record in one.preferences]
        approvals = [record for one in taught for record in one.approvals]
        outputs: dict[str, Any] = {
            "preferences": [one.id for one in preferences],
            "approvals": [one.id for one in approvals],
            "desirable": sum(one.is_desirable for one in approvals),
            "answers": len(cases),
            "revisions": [one.revision.id for one in revised],
            "revised": sum(one.revision.chosen != one.case.first.id for one in revised),
            "ended": dict(Counter(one.revision.ended for one in revised).most_common()),
            "unsure": sum(one.unsure for one in taught),
            "close": sum(one.close for one in taught),
            "margin": sum(one.margin or 0.0 for one in preferences) / len(preferences) if preferences else None,
        }
        note = (
            f"{len(cases)} answers to {len(asked)} queries: {len(preferences)} preferences, {len(approvals)} approvals "
            f"({outputs['desirable']} desirable); {outputs['unsure']} pairs left open by abstentions"
        )
        return Made(outputs, records, note)

    return steps.do("pairs", "Answering, revising, judging and pairing", inputs, make)


def _answered(
    steps: Steps, recipe: PrinciplesRecipe, ref: PolicyRef, asked: Sequence[Scenario], sample: int
) -> list[tuple[Scenario, Response]]:
    """One answer to each query: the first sample is drawn as the policy answers, the others at the recipe's temperature for sampling."""
    choice = recipe.answering
    if sample:
        choice = replace(choice, temperature=recipe.sampling_temperature)
    answerer = Answerer(steps, choice, recipe.policy.threads, seed=recipe.seed + sample)
    return [row for part, answers in answerer.parts(ref, asked) for row in zip(part, answers, strict=True)]


def train_policy_step(steps: Steps, recipe: PrinciplesRecipe, queries: Queries, policy: Step, pairs: Step) -> Step:
    """Learn the approved answers by SFT, then the preferences by DPO or the approvals by KTO, as the recipe says."""
    inputs = [policy.key, pairs.key, recipe.train, recipe.sft, recipe.dpo, recipe.kto, recipe.rows.replay, recipe.name]

    def make(key: str, progress: Progress) -> Made:
        ref = policy_of(steps, policy)
        lessons = _Lessons(steps, pairs)
        notes: list[str] = []
        records: list[Record] = []
        if recipe.train.sft:
            rows, learned = lessons.approved()
            if not rows:
                raise TrainingError(
                    "no answer",
                    "was approved, so there is nothing to learn",
                    "lower pairs.approve_from",
                    f"recipe '{recipe.name}'",
                )
            again = _base_queries(recipe, queries)[: recipe.rows.replay] if recipe.policy.folder is None else []
            replayed = [_shown(one, recipe) for one in again]
            rows += [ChatRow(render(one), answer.text) for one, answer in zip(again, replayed, strict=True)]
            learned += [one.id for one in replayed]
            records += replayed
            out = _out(steps, "sft", key)
            trained = train_sft(policy_folder(steps.workspace, ref), rows, recipe.sft, out, progress)
            ref = policy_ref(steps, recipe.name, trained, "sft", ref, learned, recipe.sft)
            records.append(ref)
            notes.append(f"SFT on {trained.rows} answers, {len(replayed)} of them the sets' own")
        if recipe.train.preferences != "none":
            ref, told = _prefer(steps, recipe, ref, lessons, key, progress)
            records.append(ref)
            notes.append(told)
        return Made({"policy": ref.id}, records, "; ".join(notes), policy_subjects(ref))

    return steps.do("training", "Teaching the policy", inputs, make)


def _prefer(
    steps: Steps, recipe: PrinciplesRecipe, parent: PolicyRef, lessons: _Lessons, key: str, progress: Progress
) -> tuple[PolicyRef, str]:
    folder = policy_folder(steps.workspace, parent)
    trained: Trained
    if recipe.train.preferences == "dpo":
        pairs, learned = lessons.pairs()
        trained = train_dpo(folder, pairs, recipe.dpo, _out(steps, "dpo", key), progress)
        ref = policy_ref(steps, recipe.name, trained, "dpo", parent, learned, recipe.dpo)
        return ref, f"DPO on {trained.rows} preferences"
    labelled, learned = lessons.labelled()
    trained = train_kto(folder, labelled, recipe.kto, _out(steps, "kto", key), progress)
    ref = policy_ref(steps, recipe.name, trained, "kto", parent, learned, recipe.kto)
    return ref, f"KTO on {trained.rows} approvals"


def _out(steps: Steps, stage: str, key: str) -> Path:
    return steps.workspace.artifact(f"taught-{stage}", key)


class _Lessons:
    """What the pairs step made, as rows to train on with the ids of the records they come from."""

    def __init__(self, steps: Steps, pairs: Step) -> None:
        store = steps.workspace.store
        self._preferences = [one for one in store.get_many(pairs.outputs["preferences"]) if isinstance(one, Preference)]
        self._approvals = [one for one in store.get_many(pairs.outputs["approvals"]) if isinstance(one, Approval)]
        answers = {id for one in self._preferences for id in (one.chosen, one.rejected)} | {
            one.response for one in self._approvals
        }
        queries = {one.scenario for one in self._preferences} | {one.scenario for one in self._approvals}
        self._texts = {one.id: one.text for one in store.get_many(sorted(answers)) if isinstance(one, Response)}
        self._prompts: Mapping[str, Any] = {
            one.id: render(one) for one in store.get_many(sorted(queries)) if isinstance(one, Scenario)
        }

    def approved(self) -> tuple[list[ChatRow], list[str]]:
        kept = [one for one in self._approvals if one.is_desirable]
        return [ChatRow(self._prompts[one.scenario], self._texts[one.response]) for one in kept], [
            one.id for one in kept
        ]

    def labelled(self) -> tuple[list[KtoRow], list[str]]:
        rows = [
            KtoRow(self._prompts[one.scenario], self._texts[one.response], one.is_desirable) for one in self._approvals
        ]
        return rows, [one.id for one in self._approvals]

    def pairs(self) -> tuple[list[DpoRow], list[str]]:
        kept = [one for one in self._preferences if self._texts[one.rejected].strip()]
        rows = [DpoRow(self._prompts[one.scenario], self._texts[one.chosen], self._texts[one.rejected]) for one in kept]
        return rows, [one.id for one in kept]
