"""Guard: the guardian is trained on labelled answers, and measured on the answers of models it has not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from primum.cycles import lessons
from primum.cycles.answering import Situations
from primum.cycles.gather import Labelled
from primum.cycles.recipe import WorldRecipe
from primum.cycles.steps import Made, Step, Steps
from primum.cycles.vouching import guardian_certificate
from primum.errors import InputError
from primum.judging import (
    ChoiceJudge,
    Guardian,
    LabelledAnswer,
    held_out,
    leave_one_group_out,
    phrasebook,
    train_guardian,
)
from primum.judging.chat import ChatJudge
from primum.judging.engine import Engine
from primum.judging.guardian_linear import LinearReader
from primum.judging.guardian_report import figures
from primum.models.openai import OpenAIChat
from primum.ports import Judge, Progress
from primum.records import ByImport, ByRule, Judgement, JudgeRef, Norm, Record, Response, Scenario

__all__ = ["engine_of", "guardian_step", "load_norms"]

# The judge of answers whose stance follows from how they were made: a set's safe response, a simulated refusal.
BY_CONSTRUCTION = JudgeRef(
    name="by construction", kind_of="rule", fingerprint="lessons-1", made=ByRule(rule="lessons", version="1")
)


def load_norms(steps: Steps, corpus: Step) -> dict[str, Norm]:
    """The norms of the run by id."""
    return {one.id: one for one in steps.workspace.store.get_many(corpus.outputs["norms"]) if isinstance(one, Norm)}


def guardian_step(steps: Steps, recipe: WorldRecipe, corpus: Step, bench: Step) -> Step:
    """Train the guardian; outputs its folder, its id and what was measured."""
    inputs = [
        bench.key,
        recipe.guardian,
        recipe.guardian_rows,
        recipe.guardian_answers,
        recipe.probes,
        recipe.probe_rows,
        recipe.certificate_days,
        recipe.policy.answer_characters_en,
        recipe.policy.answer_characters_zh,
        recipe.seed,
    ]

    def make(key: str, progress: Progress) -> Made:
        labelled = _labelled(steps, bench.outputs["labelled"], recipe.guardian_answers)
        norms = load_norms(steps, corpus)
        extra, records = _extra(steps, recipe, norms, bench)
        book = phrasebook(seed=recipe.seed)
        extra += book.examples
        records += book.records
        groups = tuple(sorted({answer.group for answer in labelled}))
        if len(groups) < 2:
            raise InputError(
                f"labelled answers of {len(groups)} models",
                "are too few to train and measure a guardian",
                "add [situations], [data.xstest] or a mapped set whose answers are labelled",
                f"recipe '{recipe.name}'",
            )
        settings = replace(recipe.guardian, model_groups=groups)
        answers = [*labelled, *extra]
        progress(0, 4)
        measured = leave_one_group_out(answers, settings)
        progress(1, 4)
        guardian = train_guardian(answers, settings, f"guardian of {recipe.name}")
        progress(2, 4)
        assert isinstance(guardian.reader, LinearReader)
        known = held_out(answers, settings, guardian.reader.temperatures["stance"])
        progress(3, 4)
        unseen = [one for one in Situations(steps, bench.outputs).of("dev") if one.task == "open"]
        learned = {answer.response.text for answer in answers}
        store = steps.workspace.store
        certificate = guardian_certificate(guardian, measured, store, recipe, norms, unseen, learned)
        progress(4, 4)
        folder = steps.workspace.artifact("guardian", key)
        guardian.save(folder)
        outputs = {
            "folder": steps.workspace.relative(folder),
            "id": guardian.ref.id,
            "name": guardian.ref.name,
            "trained_on": len(guardian.ref.trained_on),
            "certificate": certificate.id,
            "measured": figures(measured),
            "held_out_rows": to_builtins(known.accuracy),
        }
        accuracy = measured.accuracy
        note = (
            f"right on {accuracy.value:.1%} [{accuracy.low:.1%}, {accuracy.high:.1%}] of the answers of "
            f"{len(groups)} left-out {'voices (simulated)' if labelled[0].is_simulated else 'models'}"
        )
        return Made(outputs, [*records, guardian.ref, certificate], note, [guardian.ref.id, certificate.id])

    return steps.do("guardian", "Training and measuring the guardian", inputs, make)


def _labelled(steps: Steps, rows: Sequence[Sequence[Any]], most: int | None) -> list[LabelledAnswer]:
    """The labelled answers, at most so many of each group: those whose ids, which are hashes, come first."""
    named = sorted((Labelled(*row) for row in rows), key=lambda one: one.response)
    store = steps.workspace.store
    wanted = sorted({id for one in named for id in (one.scenario, one.response, one.judgement)})
    found: Mapping[str, Record] = dict(zip(wanted, store.get_many(wanted), strict=True))
    answers: list[LabelledAnswer] = []
    taken: Counter[str] = Counter()
    for one in named:
        scenario, response, judgement = found[one.scenario], found[one.response], found[one.judgement]
        assert isinstance(scenario, Scenario) and isinstance(response, Response) and isinstance(judgement, Judgement)
        # Simulated situations of the other splits are for testing; answers of real models to a published test set are labelled data.
        is_held_out = one.is_simulated and scenario.split != "train"
        if (
            judgement.stance in ("accept", "caution", "refuse")
            and not is_held_out
            and (most is None or taken[one.group] < most)
        ):
            taken[one.group] += 1
            answers.append(
                LabelledAnswer(scenario, response, judgement.stance, one.group, one.is_simulated, judgement.id)
            )
    return answers


def _extra(
    steps: Steps, recipe: WorldRecipe, norms: Mapping[str, Norm], bench: Step
) -> tuple[list[LabelledAnswer], list[Record]]:
    """Answers from the train split whose stance follows from how they were made, with the records that say so."""
    answers: list[LabelledAnswer] = []
    records: list[Record] = [BY_CONSTRUCTION]
    for scenario in lessons.choose(Situations(steps, bench.outputs).of("train"), recipe.guardian_rows, recipe.seed):
        for lesson in lessons.of_each_nature(scenario, norms, recipe.policy, recipe.seed):
            judgement = Judgement(response=lesson.response.id, judge=BY_CONSTRUCTION.id, stance=lesson.stance)
            records += [lesson.response, judgement]
            group = f"{scenario.dataset}{_author(scenario)}"
            assert lesson.stance in ("accept", "caution", "refuse")
            answers.append(
                LabelledAnswer(scenario, lesson.response, lesson.stance, group, lesson.is_simulated, judgement.id)
            )
    return answers, records


def _author(scenario: Scenario) -> str:
    """The model that wrote a set's answers, where its rows say so: MedSafetyBench keeps them by model."""
    parts = scenario.made.row.split("/") if isinstance(scenario.made, ByImport) else []
    return f"-{parts[1]}" if len(parts) > 2 else ""


def engine_of(
    steps: Steps, recipe: WorldRecipe, guardian: Step, chat: OpenAIChat | None, judge: Judge | None = None
) -> Engine:
    """The engine with the judge of open answers (the one given, the recipe's chat model, or the guardian) and that of choice questions."""
    if judge is not None:
        return Engine(judge, ChoiceJudge())
    if chat is not None and recipe.chat is not None and recipe.chat.judge:
        return Engine(ChatJudge(chat, recipe.chat.judging), ChoiceJudge(), recipe.chat.engine)
    return Engine(Guardian.load(steps.workspace.folder / guardian.outputs["folder"]), ChoiceJudge())
