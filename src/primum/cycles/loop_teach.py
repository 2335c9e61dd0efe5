"""Rounds of a guardian in the loop: where the policy is weak, prompts aimed there, feedback, rewritten answers, and what is learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec import to_builtins

from primum.bench.targeted import targeted
from primum.cycles.align import policy_of, policy_ref, policy_subjects
from primum.cycles.answering import policy_folder
from primum.cycles.loop_build import LoopBench, key_answer
from primum.cycles.loop_examine import LoopExaminer
from primum.cycles.loop_recipe import LoopRecipe
from primum.cycles.steps import Made, Step, Steps
from primum.evaluation.ruled import Ruled
from primum.evaluation.weak_spots import WeakSpot, weak_spots
from primum.judging import Guardian
from primum.judging.feedback import feedback
from primum.judging.medes.questions import criteria
from primum.models.local import render
from primum.ports import Assessment, Case, Progress
from primum.records import ByRule, Feedback, PolicyRef, Preference, Record, Response, Scenario
from primum.revision import is_better, rewrite
from primum.training import ChatRow, DpoRow, train_dpo, train_sft

__all__ = ["Taught", "teach_step", "train_step"]


class Taught(NamedTuple):
    """A situation a policy answered, what the guardian found, and the answer rewritten by its feedback, as far as it was kept."""

    ruled: Ruled
    feedback: Feedback | None
    rewritten: Response | None
    is_kept: bool


def teach_step(
    steps: Steps,
    recipe: LoopRecipe,
    number: int,
    bench: LoopBench,
    policy: Step,
    guardian: Guardian,
    examiner: LoopExaminer,
    used: Sequence[str],
) -> Step:
    """Round `number` up to what it teaches: weak spots, targeted prompts, answers, feedback, rewritten answers, preferences.

    `used` are the items that earlier rounds taught: none is aimed at twice.
    """
    inputs = [number, bench.key, policy.key, guardian.ref.id, list(used), recipe.rounds, recipe.weak_spots]
    inputs += [recipe.rewriting, recipe.answering, recipe.seed]

    def make(_key: str, progress: Progress) -> Made:
        ref = policy_of(steps, policy)
        pool = [one for one in bench.of("train") if one.task == "open"]
        probe = targeted(pool, (), recipe.rounds.probe, recipe.seed + 100 * number, used)
        spots = weak_spots(examiner.by_guardian(examiner.answers(ref, probe, progress)), recipe.weak_spots)
        taken = {*used, *(one.item for one in probe)}
        cells = [(spot.dimension, spot.style) for spot in spots[: recipe.weak_spots.most]]
        prompts = targeted(pool, cells, recipe.rounds.prompts, recipe.seed + 100 * number + 1, taken)
        ruled = examiner.by_guardian(examiner.answers(ref, prompts, progress))
        taught = _taught(recipe, bench, guardian, examiner, ruled, number)
        records, outputs = _kept(taught)
        counts = {
            "prompts": len(prompts),
            "answers": len(ruled),
            "feedback": sum(one.feedback is not None for one in taught),
            "rewritten": sum(one.rewritten is not None for one in taught),
            "kept": sum(one.is_kept for one in taught),
        }
        outputs |= {"spots": [_spot(spot) for spot in spots], "counts": counts, "used": [one.item for one in prompts]}
        weak = sum(spot.is_weak for spot in spots)
        note = (
            f"{weak} of {len(spots)} cells are weak; {counts['prompts']} prompts, {counts['feedback']} answers with feedback, "
            f"{counts['kept']} of {counts['rewritten']} rewritten answers are better"
        )
        return Made(outputs, records, note)

    return steps.do(f"round {number}: teaching", "Finding weak spots and rewriting answers", inputs, make)


def _taught(
    recipe: LoopRecipe,
    bench: LoopBench,
    guardian: Guardian,
    examiner: LoopExaminer,
    ruled: Sequence[Ruled],
    number: int,
) -> list[Taught]:
    """Feedback for every answer that failed a question, the answer rewritten by it, and whether the guardian finds that better."""
    found: list[tuple[Ruled, Feedback | None, Response | None]] = []
    for row in ruled:
        own = {one.id: one for one in criteria(row.scenario.language)}
        case = Case(row.scenario, row.response, tuple(own.values()))
        passages = guardian.passages(case, "R1", 2) if row.is_risky else ()
        told = feedback(row.scenario, row.response, Assessment(row.judgement, row.verdicts), bench.norms, own, passages)
        written = None
        if told is not None:
            written = rewrite(row.scenario, row.response, told, recipe.rewriting, recipe.seed + number)
        found.append((row, told, written))
    again = examiner.by_guardian([(row.scenario, written) for row, _, written in found if written is not None])
    verdicts = {row.response.id: row for row in again}
    return [
        Taught(row, told, written, written is not None and bool(is_better(row.answers, verdicts[written.id].answers)))
        for row, told, written in found
    ]


def _kept(taught: Sequence[Taught]) -> tuple[list[Record], dict[str, Any]]:
    """The records of a round, and by id what it teaches: answers to learn, preferences, and all rows for the report."""
    records: list[Record] = []
    learn: list[str] = []
    preferences: list[str] = []
    rows: list[dict[str, Any]] = []
    for one in taught:
        if one.feedback is not None:
            records.append(one.feedback)
        if one.rewritten is not None:
            records.append(one.rewritten)
        if one.rewritten is not None and one.is_kept:
            learn.append(one.rewritten.id)
            preference = Preference(
                scenario=one.ruled.scenario.id,
                chosen=one.rewritten.id,
                rejected=one.ruled.response.id,
                made=ByRule(rule="loop.rewritten over original"),
                because=(one.ruled.judgement.id,),
            )
            records.append(preference)
            preferences.append(preference.id)
        elif one.feedback is None and one.ruled.is_risky is False:
            learn.append(one.ruled.response.id)
        rows.append(
            {
                "scenario": one.ruled.scenario.id,
                "response": one.ruled.response.id,
                "feedback": one.feedback.id if one.feedback else None,
                "rewritten": one.rewritten.id if one.rewritten else None,
                "is_kept": one.is_kept,
                "answers": dict(one.ruled.answers),
            }
        )
    return records, {"learn": learn, "preferences": preferences, "rows": rows}


def _spot(spot: WeakSpot) -> dict[str, Any]:
    found: dict[str, Any] = to_builtins(spot._asdict())
    return found


def train_step(
    steps: Steps, recipe: LoopRecipe, number: int, bench: LoopBench, policy: Step, taught: Sequence[Step]
) -> Step:
    """Round `number`'s training: SFT on the rewritten answers, some of earlier rounds' and keyed choices; then DPO on its preferences."""
    inputs = [number, policy.key, [step.key for step in taught], recipe.sft, recipe.dpo, recipe.rounds, recipe.seed]

    def make(key: str, progress: Progress) -> Made:
        parent = policy_of(steps, policy)
        store = steps.workspace.store
        fresh = taught[-1].outputs["learn"]
        earlier = [one for step in taught[:-1] for one in step.outputs["learn"]]
        replayed = sorted(earlier, key=lambda id: id[-12:])[: recipe.rounds.replay]
        answers = [one for one in store.get_many([*fresh, *replayed]) if isinstance(one, Response)]
        keyed = _keyed(bench, recipe, number)
        scenarios = {one.id: one for one in bench.of("train")}
        rows = [ChatRow(render(scenarios[one.scenario]), one.text) for one in [*answers, *keyed]]
        folder = policy_folder(steps.workspace, parent)
        trained = train_sft(folder, rows, recipe.sft, steps.workspace.artifact(f"round-{number}-sft", key), progress)
        learned = [one.id for one in [*answers, *keyed]]
        name = f"{recipe.name} round {number}"
        ref = policy_ref(steps, name, trained, "sft", parent, learned, recipe.sft)
        records: list[Record] = [*keyed, ref]
        note = f"{trained.rows} answers, {trained.steps} steps"
        pairs = _pairs(steps, taught[-1], scenarios) if recipe.rounds.with_preferences else []
        if len(pairs) >= recipe.dpo.batch_rows:
            ref, told = _prefer(steps, recipe, name, ref, pairs, taught[-1], key, progress)
            records.append(ref)
            note += told
        outputs = {"policy": ref.id, "sft_rows": len(rows), "pairs": len(pairs)}
        return Made(outputs, records, note, policy_subjects(ref))

    return steps.do(f"round {number}: training", "Learning the rewritten answers", inputs, make)


def _prefer(
    steps: Steps,
    recipe: LoopRecipe,
    name: str,
    parent: PolicyRef,
    pairs: Sequence[DpoRow],
    taught: Step,
    key: str,
    progress: Progress,
) -> tuple[PolicyRef, str]:
    folder = policy_folder(steps.workspace, parent)
    out = steps.workspace.artifact(f"{parent.name.replace(' ', '-')}-dpo", key)
    trained = train_dpo(folder, pairs, recipe.dpo, out, progress)
    learned = taught.outputs["preferences"]
    ref = policy_ref(steps, name, trained, "dpo", parent, learned, recipe.dpo)
    return ref, f"; {trained.rows} preferences, {trained.steps} steps"


def _pairs(steps: Steps, taught: Step, scenarios: dict[str, Scenario]) -> list[DpoRow]:
    store = steps.workspace.store
    preferences = [one for one in store.get_many(taught.outputs["preferences"]) if isinstance(one, Preference)]
    ids = sorted({id for one in preferences for id in (one.chosen, one.rejected)})
    texts = {one.id: one.text for one in store.get_many(ids) if isinstance(one, Response)}
    return [
        DpoRow(render(scenarios[one.scenario]), texts[one.chosen], texts[one.rejected])
        for one in preferences
        if texts[one.rejected].strip()
    ]


def _keyed(bench: LoopBench, recipe: LoopRecipe, number: int) -> list[Response]:
    """Choice questions of the train split with their key, others in each round."""
    wanted = recipe.rounds.choices
    choices = sorted((one for one in bench.of("train") if one.task != "open"), key=lambda one: one.item[-8:])
    if not choices or not wanted:
        return []
    start = (number * wanted) % len(choices)
    return [key_answer(one) for one in (choices + choices)[start : start + min(wanted, len(choices))]]
