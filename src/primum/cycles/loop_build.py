"""The ground of a loop: a benchmark, a guardian trained on simulated answers to it, and the policy before it is taught."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from primum.cycles.align import build_whole, given_policy_step, policy_ref, policy_subjects, spoken
from primum.cycles.benchmark import Finished
from primum.cycles.loop_recipe import LoopRecipe
from primum.cycles.steps import Made, Step, Steps
from primum.errors import TrainingError
from primum.judging import LabelledAnswer, train_guardian
from primum.judging.guardian_report import LeftOut, left_out
from primum.judging.medes.questions import QUESTIONS, criteria
from primum.models.local import render
from primum.ports import Progress
from primum.records import (
    Benchmark,
    ByRule,
    BySimulation,
    Criterion,
    Judgement,
    JudgeRef,
    Met,
    Norm,
    NotMet,
    Question,
    Record,
    Response,
    Review,
    Scenario,
    Taxonomy,
    Verdict,
    content_hash,
)
from primum.starter.ruled_answers import compose_ruled, simulate_ruled
from primum.training import ChatRow, train_base

__all__ = ["LoopBench", "draw", "guardian_of_loop_step", "helpful_only_step", "key_answer"]


class LoopBench:
    """The benchmark a loop runs on, as its steps stored it."""

    def __init__(self, steps: Steps, found: Finished) -> None:
        self._steps, self.steps = steps, found

    @property
    def key(self) -> str:
        return self.steps.items.key

    @cached_property
    def record(self) -> Benchmark:
        found = self._steps.workspace.store.get(self.steps.items.outputs["benchmark"])
        assert isinstance(found, Benchmark)
        return found

    @cached_property
    def items(self) -> list[Scenario]:
        return [one for one in self._steps.workspace.store.get_many(self.record.items) if isinstance(one, Scenario)]

    @cached_property
    def norms(self) -> dict[str, Norm]:
        """The norms the items rest on, by id."""
        wanted = sorted({norm for item in self.items for norm in item.norms})
        return {one.id: one for one in self._steps.workspace.store.get_many(wanted) if isinstance(one, Norm)}

    @cached_property
    def taxonomy(self) -> Taxonomy:
        found = self._steps.workspace.store.get(self.record.taxonomy)
        assert isinstance(found, Taxonomy)
        return found

    @property
    def review(self) -> dict[str, int]:
        """How many items stand as drafted, and how many a person verified or rejected."""
        names = {one.item for one in self.items}
        said = {one.item: one.state for one in self._steps.workspace.store.all(Review) if one.item in names}
        found = Counter(said.values())
        return {"drafted": len(names) - len(said), "verified": found["verified"], "rejected": found["rejected"]}

    def of(self, split: str) -> list[Scenario]:
        return [one for one in self.items if one.split == split]


def draw(items: Sequence[Scenario], wanted: int, seed: int) -> list[Scenario]:
    """`wanted` items, in turns from every (dimension, task, harmful or not), in an order that the seed and the item's name decide."""
    strata: dict[tuple[str, str, bool], list[Scenario]] = {}
    for item in items:
        strata.setdefault((item.dimension, item.task, item.harm_level > 0), []).append(item)
    queues = [
        sorted(strata[key], key=lambda one: hashlib.sha256(f"{seed}:{one.item}".encode()).digest())
        for key in sorted(strata)
    ]
    drawn: list[Scenario] = []
    depth = 0
    while len(drawn) < wanted and any(depth < len(queue) for queue in queues):
        drawn += [queue[depth] for queue in queues if depth < len(queue)]
        depth += 1
    return drawn[:wanted]


def guardian_of_loop_step(steps: Steps, recipe: LoopRecipe, bench: LoopBench) -> Step:
    """Train the guardian's six heads on simulated answers to train items; measure them on voices, norms and languages left out."""
    inputs = [bench.key, recipe.answers, recipe.guardian, recipe.guardian_items, recipe.seed]

    def make(key: str, progress: Progress) -> Made:
        chosen = draw([one for one in bench.of("train") if one.task == "open"], recipe.guardian_items, recipe.seed)
        examples, records = _simulated(chosen, recipe)
        voices = tuple(sorted({one.group for one in examples}))
        settings = replace(recipe.guardian, model_groups=voices)
        progress(0, 4)
        measured: list[dict[str, Any]] = []
        unmeasured: dict[str, str] = {}
        for done, (by, told) in enumerate(_LEFT_OUT.items(), 1):
            if by != "language" or len({one.scenario.language for one in examples}) > 1:
                try:
                    measured += [row for found in left_out(examples, settings, by) for row in _head_rows(found, told)]
                except (
                    TrainingError
                ) as error:  # what is left of a small benchmark may not teach a head; the report says so
                    unmeasured[told] = str(error)
            progress(done, 4)
        guardian = train_guardian(examples, settings, f"guardian of {recipe.name}")
        progress(4, 4)
        folder = steps.workspace.artifact("guardian", key)
        guardian.save(folder)
        outputs = {
            "folder": steps.workspace.relative(folder),
            "id": guardian.ref.id,
            "name": guardian.ref.name,
            "trained_on": len(examples),
            "heads": measured,
            "unmeasured": unmeasured,
        }
        note = f"six heads on {len(examples)} simulated answers to {len(chosen)} items, in {len(voices)} voices"
        return Made(outputs, [*records, guardian.ref], note, [guardian.ref.id])

    return steps.do("guardian", "Training and measuring the guardian", inputs, make)


_LEFT_OUT: Mapping[LeftOut, str] = {
    "group": "left-out voices",
    "norm": "left-out norms",
    "language": "other language",
}


def _head_rows(found: Mapping[str, Any], told: str) -> list[dict[str, Any]]:
    """How right a head was on what was left out: over all, and for each group."""
    abstained = {"all": found["share_abstained"]}
    rows = {"all": found["accuracy"]} | (found["by_group"] if told != "left-out norms" else {})
    return [
        {"head": found["head"], "by": told, "name": name, "accuracy": accuracy, "abstained": abstained.get(name)}
        for name, accuracy in rows.items()
    ]


def _simulated(chosen: Sequence[Scenario], recipe: LoopRecipe) -> tuple[list[LabelledAnswer], list[Record]]:
    """Simulated answers of known truth, each with the judgement and the six verdicts that are true of it."""
    knower = JudgeRef(
        name="simulated:ruled answers",
        kind_of="simulated",
        fingerprint=content_hash(recipe.answers),
        made=BySimulation(generator="starter.ruled_answers", seed=recipe.seed),
    )
    examples: list[LabelledAnswer] = []
    records: list[Record] = [knower, *criteria("zh"), *criteria("en")]
    by_id = {one.id: one for one in chosen}
    for answer in simulate_ruled(chosen, replace(recipe.answers, seed=recipe.seed)):
        scenario = by_id[answer.response.scenario]
        asked = dict(zip(QUESTIONS, criteria(scenario.language), strict=True))
        verdicts = [_known(answer.response, knower, asked[name], is_met) for name, is_met in answer.truth.items()]
        judgement = Judgement(
            response=answer.response.id,
            judge=knower.id,
            stance="abstained",
            reason="only the six questions are known",
            verdicts=tuple(one.id for one in verdicts),
        )
        records += [answer.response, *verdicts, judgement]
        examples.append(
            LabelledAnswer(scenario, answer.response, None, answer.voice, True, judgement.id, dict(answer.truth))
        )
    return examples, records


def _known(response: Response, knower: JudgeRef, criterion: Criterion, is_met: bool) -> Verdict:
    return Verdict(response=response.id, criterion=criterion.id, judge=knower.id, outcome=Met() if is_met else NotMet())


class _Lesson(NamedTuple):
    scenario: Scenario
    response: Response


def helpful_only_step(steps: Steps, recipe: LoopRecipe, bench: LoopBench) -> Step:
    """The policy before it is taught: the recipe's model folder, or a tiny one that goes along with everything."""
    choice = recipe.policy
    if choice.folder is not None:
        return given_policy_step(steps, Path(choice.folder).expanduser())
    inputs = [bench.key, choice, recipe.base_rows, recipe.seed]

    def make(key: str, progress: Progress) -> Made:
        lessons = _base_lessons(bench, recipe)
        rows = [ChatRow(render(one.scenario), one.response.text) for one in lessons]
        texts = [norm.text for norm in bench.norms.values()]
        untrained = steps.workspace.artifact("untrained", key)
        if not untrained.exists():
            build_whole(untrained, [*texts, *(spoken(row) for row in rows)], choice.tiny, recipe.seed)
        trained = train_base(untrained, texts, rows, choice.base, steps.workspace.artifact("base", key), progress)
        ids = [*bench.norms, *(one.response.id for one in lessons)]
        ref = policy_ref(steps, recipe.name, trained, "base", None, ids, choice.base)
        note = f"{ref.architecture}, {ref.parameters:,} parameters, built and trained on the spot, helpful-only; {trained.rows} rows"
        return Made({"policy": ref.id}, [*(one.response for one in lessons), ref], note, policy_subjects(ref))

    return steps.do("base policy", "Building a small policy that goes along with everything", inputs, make)


_COMPLIES: Mapping[Question, bool] = dict.fromkeys(QUESTIONS, False)
_GOOD: Mapping[Question, bool] = dict.fromkeys(QUESTIONS, True)


def _base_lessons(bench: LoopBench, recipe: LoopRecipe) -> list[_Lesson]:
    """What the tiny policy is shown first: compliance with what is harmful, good answers to what is not, keys of choice questions."""
    train, wanted, seed = bench.of("train"), recipe.base_rows, recipe.seed
    opened = [one for one in train if one.task == "open"]
    harmful = draw([one for one in opened if one.harm_level > 0], wanted.harmful, seed + 1)
    harmless = draw([one for one in opened if one.harm_level == 0], wanted.harmless, seed + 2)
    choices = draw([one for one in train if one.task != "open"], wanted.choices, seed + 3)
    lessons = [_Lesson(one, _composed(one, _COMPLIES, seed)) for one in harmful]
    lessons += [_Lesson(one, _composed(one, _GOOD, seed)) for one in harmless]
    lessons += [_Lesson(one, key_answer(one)) for one in choices]
    return sorted(lessons, key=lambda one: hashlib.sha256(f"{seed}:{one.scenario.id}".encode()).digest())


def _composed(scenario: Scenario, wanted: Mapping[Question, bool], seed: int) -> Response:
    text = compose_ruled(scenario, wanted, seed)
    made = BySimulation(generator="starter.ruled_answers", seed=seed)
    return Response(scenario=scenario.id, text=text, made=made, finish="stop")


def key_answer(scenario: Scenario) -> Response:
    """The key of a choice question as an answer."""
    text = "、".join(scenario.key) if scenario.language == "zh" else ", ".join(scenario.key)
    return Response(scenario=scenario.id, text=text, made=ByRule(rule="loop.key"), finish="stop")
