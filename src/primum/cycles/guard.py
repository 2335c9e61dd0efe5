"""Guard: the guardian is trained on labelled answers, and measured on the answers of models it has not seen.

Where one guardian teaches and another one checks, each learns from one of two halves of the labelled answers, which share no situation
and no near-duplicate.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from msgspec import to_builtins
from msgspec.structs import replace

from primum.cycles import lessons
from primum.cycles.answering import Situations
from primum.cycles.gather import Labelled
from primum.cycles.recipe import WorldRecipe
from primum.cycles.steps import Made, Step, Steps
from primum.cycles.vouching import guardian_certificate
from primum.errors import InputError
from primum.evaluation.metrics import cluster_of
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

__all__ = ["SECOND", "TEACHING", "Half", "engine_of", "guardian_step", "half_of", "load_norms"]

# The judge of answers whose stance follows from how they were made: a set's safe response, a simulated refusal.
BY_CONSTRUCTION = JudgeRef(
    name="by construction", kind_of="rule", fingerprint="lessons-1", made=ByRule(rule="lessons", version="1")
)


class Half(NamedTuple):
    """One of two halves of what guardians learn from, and what the guardian that learns from it is there for."""

    name: Literal["teaching", "second"]
    place: int


TEACHING: Final = Half("teaching", 0)
SECOND: Final = Half("second", 1)


def half_of(scenario: Scenario) -> int:
    """The half a situation falls in, 0 or 1, with its near-duplicates: by the hash of its cluster."""
    return _half(cluster_of(scenario))


def _half(text: str) -> int:
    return hashlib.sha256(f"guardian half:{text}".encode()).digest()[0] % 2


def load_norms(steps: Steps, corpus: Step) -> dict[str, Norm]:
    """The norms of the run by id."""
    return {one.id: one for one in steps.workspace.store.get_many(corpus.outputs["norms"]) if isinstance(one, Norm)}


def guardian_step(steps: Steps, recipe: WorldRecipe, corpus: Step, bench: Step, half: Half | None = None) -> Step:
    """Train the guardian; outputs its folder, its id and what was measured. With a `half` it learns from that alone, and is called by
    it."""
    role = "guardian" if half is None else f"{half.name} guardian"
    inputs: list[object] = [
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
    if half is not None:
        inputs.append(half.name)

    def make(key: str, progress: Progress) -> Made:
        labelled = _labelled(steps, bench.outputs["labelled"], recipe.guardian_answers, half)
        norms = load_norms(steps, corpus)
        extra, records = _extra(steps, recipe, norms, bench, half)
        book = phrasebook(seed=recipe.seed)
        extra += [one for one in book.examples if half is None or _half(_opening(one)) == half.place]
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
        guardian = train_guardian(answers, settings, f"{role} of {recipe.name}")
        progress(2, 4)
        assert isinstance(guardian.reader, LinearReader)
        known = held_out(answers, settings, guardian.reader.temperatures["stance"])
        progress(3, 4)
        unseen = [one for one in Situations(steps, bench.outputs).of("dev") if one.task == "open"]
        learned = {answer.response.text for answer in answers}
        store = steps.workspace.store
        certificate = guardian_certificate(guardian, measured, store, recipe, norms, unseen, learned)
        progress(4, 4)
        folder = steps.workspace.artifact(role.replace(" ", "-"), key)
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

    return steps.do(role, f"Training and measuring the {role}", inputs, make)


def _opening(example: LabelledAnswer) -> str:
    """How an answer of the phrasebook begins: those with one opening stay together."""
    return example.response.text[:12]


def _labelled(steps: Steps, rows: Sequence[Sequence[Any]], most: int | None, half: Half | None) -> list[LabelledAnswer]:
    """The labelled answers of the half, at most so many of each group: those whose ids, which are hashes, come first."""
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
            and (half is None or half_of(scenario) == half.place)
            and (most is None or taken[one.group] < most)
        ):
            taken[one.group] += 1
            answers.append(
                LabelledAnswer(scenario, response, judgement.stance, one.group, one.is_simulated, judgement.id)
            )
    return answers


def _extra(
    steps: Steps, recipe: WorldRecipe, norms: Mapping[str, Norm], bench: Step, half: Half | None
) -> tuple[list[LabelledAnswer], list[Record]]:
    """Answers from the train split (of the half) whose stance follows from how they were made, with the records that say so."""
    answers: list[LabelledAnswer] = []
    records: list[Record] = [BY_CONSTRUCTION]
    train = Situations(steps, bench.outputs).of("train")
    shown = [one for one in train if half is None or half_of(one) == half.place]
    for scenario in lessons.choose(shown, recipe.guardian_rows, recipe.seed):
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
