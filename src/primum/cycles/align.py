"""Align: a base policy, SFT, signals from its own answers, a KTO and a DPO branch, and the validator's choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from msgspec import to_builtins

from primum.cycles import lessons
from primum.cycles.answering import Examiner, Situations, draw_for_test, policy_folder
from primum.cycles.guard import load_norms
from primum.cycles.lessons import Lesson
from primum.cycles.recipe import Recipe, RowsChoice, WorldRecipe
from primum.cycles.steps import Made, Step, Steps
from primum.errors import ModelError
from primum.evaluation import choose as choose_branch
from primum.model_folder import check_model_folder, describe_folder, hash_model, hash_weights, writing_weights
from primum.models.local import load_model_folder, render
from primum.models.tiny import TinySettings, build_tiny
from primum.ports import Progress
from primum.records import (
    Approval,
    ByImport,
    ByRule,
    Norm,
    PolicyRef,
    Preference,
    Record,
    Response,
    Scenario,
    TrainingStage,
    content_hash,
)
from primum.records.base import Settings
from primum.training import (
    ChatRow,
    DpoRow,
    DpoSettings,
    KtoRow,
    KtoSettings,
    Trained,
    train_base,
    train_dpo,
    train_kto,
    train_sft,
)
from primum.training.pairs import Candidate, approve, prefer

__all__ = [
    "Also",
    "Branching",
    "Only",
    "base_step",
    "branch_steps",
    "build_whole",
    "given_policy_step",
    "policy_data",
    "policy_of",
    "policy_ref",
    "policy_subjects",
    "sft_step",
    "signals_step",
    "spoken",
    "validate_step",
]


def policy_of(steps: Steps, step: Step) -> PolicyRef:
    """The policy a step ended with."""
    record = steps.workspace.store.get(step.outputs["policy"])
    assert isinstance(record, PolicyRef)
    return record


class Also(NamedTuple):
    """Rows that a tiny policy is shown beside its lessons, made of the same situations; `mark` tells what decides them."""

    mark: object
    rows: Callable[[Sequence[Scenario], Mapping[str, Norm]], list[tuple[ChatRow, Response]]]


class Only(NamedTuple):
    """Which situations may teach; `mark` tells what decides it."""

    mark: object
    may_teach: Callable[[Scenario], bool]


def base_step(
    steps: Steps,
    recipe: WorldRecipe,
    corpus: Step,
    bench: Step,
    name: str = "base policy",
    also: Also | None = None,
    only: Only | None = None,
) -> Step:
    """The policy before alignment: the recipe's model folder, or a tiny one built and made helpful-only on the spot.

    `only` says which situations may teach (all without it).
    """
    choice = recipe.policy
    if choice.folder is not None:
        return given_policy_step(steps, Path(choice.folder).expanduser(), name)
    inputs = [bench.key, choice, recipe.seed, *(one.mark for one in (also, only) if one is not None)]

    def make(key: str, progress: Progress) -> Made:
        norms = load_norms(steps, corpus)
        train = Situations(steps, bench.outputs).of("train")
        may = train if only is None else [one for one in train if only.may_teach(one)]
        chosen = lessons.choose(may, choice.base_rows, recipe.seed)
        learned = [lessons.comply(scenario, norms, choice, recipe.seed) for scenario in chosen]
        rows = [_chat_row(lesson) for lesson in learned]
        responses = [lesson.response for lesson in learned]
        for row, response in () if also is None else also.rows(chosen, norms):
            rows.append(row)
            responses.append(response)
        texts = [norm.text for norm in norms.values()]
        untrained = steps.workspace.artifact("untrained", key)
        if not untrained.exists():
            build_whole(untrained, [*texts, *(spoken(row) for row in rows)], choice.tiny, recipe.seed)
        trained = train_base(untrained, texts, rows, choice.base, steps.workspace.artifact("base", key), progress)
        ids = [*norms, *(response.id for response in responses)]
        ref = policy_ref(steps, recipe.name, trained, "base", None, ids, choice.base)
        note = f"{ref.architecture}, {ref.parameters:,} parameters, built and trained on the spot, helpful-only; {trained.rows} rows"
        return Made({"policy": ref.id}, [*responses, ref], note, policy_subjects(ref))

    return steps.do(name, "Building a small policy that complies with everything", inputs, make)


def given_policy_step(steps: Steps, folder: Path, name: str = "base policy") -> Step:
    """The policy in a model folder that the user named."""
    check_model_folder(folder)
    weights, whole = hash_weights(folder), hash_model(folder)

    def make(_key: str, _progress: Progress) -> Made:
        loaded = load_model_folder(folder)  # what cannot be loaded is told here, not in the midst of a training
        architecture, parameters = loaded.architecture, loaded.parameters
        ref = PolicyRef(
            name=folder.name,
            path=str(folder.resolve()),
            weights=weights,
            stage="base",
            architecture=architecture,
            parameters=parameters,
            # Steps after this one know the policy by its id: another template or config is another policy.
            made=ByImport(dataset="model folder", row=f"{folder.name} sha256:{whole}"),
        )
        return Made(
            {"policy": ref.id},
            [ref],
            f"{architecture}, {parameters:,} parameters, from {folder.name}",
            policy_subjects(ref),
        )

    return steps.do(name, "Reading the model folder", [str(folder.resolve()), whole], make)


def build_whole(folder: Path, texts: Sequence[str], tiny: TinySettings, seed: int) -> None:
    """Build the untrained model beside its place and move it there whole: a killed run leaves no half of it."""
    half = folder.with_name(f".{folder.name}.half")
    if half.exists():
        for file in half.iterdir():
            file.unlink()
    with writing_weights(folder):
        build_tiny(texts, tiny, half, seed)
        half.rename(folder)


def sft_step(
    steps: Steps,
    recipe: WorldRecipe,
    corpus: Step,
    bench: Step,
    base: Step,
    name: str = "sft",
    only: Only | None = None,
) -> Step:
    """Supervised fine-tuning on good answers: refusals of what is harmful, help with what is not.

    `only` says which situations may teach; all without it.
    """
    inputs = [base.key, bench.key, recipe.sft, recipe.sft_rows, _cuts(recipe), recipe.seed]
    inputs += [] if only is None else [only.mark]

    def make(key: str, progress: Progress) -> Made:
        norms = load_norms(steps, corpus)
        train = Situations(steps, bench.outputs).of("train")
        chosen = _shown(train if only is None else [one for one in train if only.may_teach(one)], recipe)
        learned = [lessons.good(scenario, norms, recipe.policy, recipe.seed) for scenario in chosen]
        parent = policy_of(steps, base)
        out = steps.workspace.artifact("sft", key)
        rows = [_chat_row(lesson) for lesson in learned]
        trained = train_sft(policy_folder(steps.workspace, parent), rows, recipe.sft, out, progress)
        ref = policy_ref(
            steps, recipe.name, trained, "sft", parent, [lesson.response.id for lesson in learned], recipe.sft
        )
        note = f"{trained.rows} rows, {trained.steps} steps"
        return Made({"policy": ref.id}, [*(lesson.response for lesson in learned), ref], note, policy_subjects(ref))

    return steps.do(name, "Supervised fine-tuning", inputs, make)


def signals_step(
    steps: Steps, recipe: Recipe, corpus: Step, bench: Step, policies: Sequence[Step], examiner: Examiner, judge: str
) -> Step:
    """The policies answer situations of the train split, the judge reads the answers: approvals and preferences.

    Beside them stand the good answer of each situation and, where no policy went wrong, a simulated wrong one.
    """
    inputs = [
        [step.key for step in policies],
        bench.key,
        judge,
        recipe.signals,
        recipe.answering,
        _cuts(recipe),
        recipe.seed,
    ]

    def make(_key: str, progress: Progress) -> Made:
        norms = load_norms(steps, corpus)
        chosen = _unlearned(Situations(steps, bench.outputs).of("train"), recipe)
        known = [lessons.good(scenario, norms, recipe.policy, recipe.seed) for scenario in chosen]
        mistaken = [lessons.wrong(scenario, norms, recipe.policy, recipe.seed) for scenario in chosen]
        answered: list[Candidate] = []
        for step in reversed(policies):  # the newest policy's answers are trusted before its parent's
            judged = examiner.examine(policy_of(steps, step), chosen, progress)
            answered += [
                Candidate(row.scenario, row.response, row.judgement.stance, row.judgement.id) for row in judged
            ]
        candidates = (
            [lesson.as_candidate() for lesson in known] + answered + [lesson.as_candidate() for lesson in mistaken]
        )
        approvals, preferences = approve(candidates), prefer(candidates)
        outputs = {"approvals": [one.id for one in approvals], "preferences": [one.id for one in preferences]}
        made: list[Record] = [lesson.response for lesson in [*known, *mistaken]]
        liked = sum(one.is_desirable for one in approvals)
        abstained = sum(one.stance == "abstained" for one in answered)
        note = (
            f"{len(approvals)} approvals ({liked} desirable), {len(preferences)} preferences from {len(answered)} own answers "
            f"to {len(chosen)} situations; {abstained} abstentions"
        )
        return Made(outputs, [*made, *approvals, *preferences], note)

    return steps.do("signals", "Answering and judging what to learn from", inputs, make)


def _unlearned(train: Sequence[Scenario], recipe: Recipe) -> list[Scenario]:
    """Open situations for the signals, those that fine-tuning did not show first: where the policy was not told, it errs."""
    shown = {one.id for one in _shown(train, recipe)}
    wanted = RowsChoice(harmful=recipe.signals.harmful, harmless=recipe.signals.harmless)
    fresh = lessons.choose([one for one in train if one.id not in shown], wanted, recipe.seed + 2)
    taken = {one.id for one in fresh}
    left = RowsChoice(
        harmful=wanted.harmful - sum(one.harm_level > 0 for one in fresh),
        harmless=wanted.harmless - sum(one.harm_level == 0 for one in fresh),
    )
    return fresh + lessons.choose([one for one in train if one.id not in taken], left, recipe.seed + 2)


def _shown(train: Sequence[Scenario], recipe: WorldRecipe) -> list[Scenario]:
    """The situations of fine-tuning."""
    return lessons.choose(train, recipe.sft_rows, recipe.seed + 1)


class Branching(Protocol):
    """What a recipe says of its two branches."""

    @property
    def name(self) -> str: ...
    @property
    def kto(self) -> KtoSettings: ...
    @property
    def dpo(self) -> DpoSettings: ...


def branch_steps(
    steps: Steps,
    recipe: Branching,
    start: Step,
    signals: Step,
    prefix: str = "",
    wanted: Sequence[str] = ("kto", "dpo"),
) -> dict[str, Step]:
    """A KTO and a DPO branch, or the `wanted` one, both from the policy that `start` ended with."""
    parent = policy_of(steps, start)
    folder = policy_folder(steps.workspace, parent)
    store = steps.workspace.store

    def make_kto(key: str, progress: Progress) -> Made:
        approvals = [one for one in store.get_many(signals.outputs["approvals"]) if isinstance(one, Approval)]
        scenarios, responses = _parts(steps, approvals, [one.response for one in approvals])
        rows = [
            KtoRow(render(scenarios[one.scenario]), responses[one.response].text, one.is_desirable) for one in approvals
        ]
        trained = train_kto(folder, rows, recipe.kto, steps.workspace.artifact("kto", key), progress)
        ref = policy_ref(steps, recipe.name, trained, "kto", parent, [one.id for one in approvals], recipe.kto)
        note = f"{trained.rows} approvals, {trained.steps} steps"
        return Made({"policy": ref.id, "tokens": trained.tokens}, [ref], note, policy_subjects(ref))

    def make_dpo(key: str, progress: Progress) -> Made:
        preferences = [one for one in store.get_many(signals.outputs["preferences"]) if isinstance(one, Preference)]
        wanted = [response for one in preferences for response in (one.chosen, one.rejected)]
        scenarios, responses = _parts(steps, preferences, wanted)
        rows = [
            DpoRow(render(scenarios[one.scenario]), responses[one.chosen].text, responses[one.rejected].text)
            for one in preferences
        ]
        trained = train_dpo(folder, rows, recipe.dpo, steps.workspace.artifact("dpo", key), progress)
        ref = policy_ref(steps, recipe.name, trained, "dpo", parent, [one.id for one in preferences], recipe.dpo)
        note = f"{trained.rows} preferences, {trained.steps} steps"
        return Made({"policy": ref.id, "tokens": trained.tokens}, [ref], note, policy_subjects(ref))

    ways: dict[str, tuple[Settings, Callable[[str, Progress], Made]]] = {
        "kto": (recipe.kto, make_kto),
        "dpo": (recipe.dpo, make_dpo),
    }
    return {
        name: steps.do(
            f"{prefix}{name}", f"Training the {name.upper()} branch", [start.key, signals.key, settings], make
        )
        for name, (settings, make) in ways.items()
        if name in wanted
    }


def _parts(
    steps: Steps, records: Sequence[Approval | Preference], responses: Sequence[str]
) -> tuple[dict[str, Scenario], dict[str, Response]]:
    store = steps.workspace.store
    scenarios = store.get_many(sorted({one.scenario for one in records}))
    answers = store.get_many(sorted(set(responses)))
    return (
        {one.id: one for one in scenarios if isinstance(one, Scenario)},
        {one.id: one for one in answers if isinstance(one, Response)},
    )


def validate_step(
    steps: Steps, recipe: Recipe, bench: Step, sft: Step, branches: dict[str, Step], examiner: Examiner, judge: str
) -> Step:
    """The validator reads the answers on the development split and takes a branch, or keeps the SFT policy."""
    keys = [sft.key, {name: step.key for name, step in branches.items()}]
    inputs = [keys, bench.key, judge, recipe.validator, recipe.answering]

    def make(_key: str, progress: Progress) -> Made:
        scenarios = draw_for_test(Situations(steps, bench.outputs).of("dev"), recipe.answering.dev)
        old = examiner.examine(policy_of(steps, sft), scenarios, progress)
        judged = {
            name: examiner.examine(policy_of(steps, step), scenarios, progress) for name, step in branches.items()
        }
        choice = choose_branch(old, judged, recipe.validator)
        chosen = sft if choice.chosen == "keep" else branches[choice.chosen]
        outputs = {"policy": chosen.outputs["policy"], "choice": to_builtins(choice._asdict())}
        return Made(outputs, [], choice.reasons[-1], [chosen.outputs["policy"]])

    return steps.do("validator", "Choosing a branch on the development split", inputs, make)


def _cuts(recipe: WorldRecipe) -> tuple[int, int]:
    """Where answers to learn from are cut."""
    return recipe.policy.answer_characters_en, recipe.policy.answer_characters_zh


def _chat_row(lesson: Lesson) -> ChatRow:
    return ChatRow(render(lesson.scenario), lesson.response.text)


def spoken(row: ChatRow) -> str:
    """A row as plain text, for the tokenizer to learn from."""
    return f"{row.prompt[-1]['content']}\n{row.answer}"


def policy_ref(
    steps: Steps,
    name: str,
    trained: Trained,
    stage: TrainingStage,
    parent: PolicyRef | None,
    learned: Sequence[str],
    settings: Settings,
) -> PolicyRef:
    """The record of a policy that was trained in the recipe called `name`."""
    if not learned:
        raise ModelError(f"stage {stage}", "learned from nothing", "give it rows", f"recipe '{name}'")
    architecture, parameters = describe_folder(trained.folder)
    return PolicyRef(
        name=f"{name} {stage}",
        path=steps.workspace.relative(trained.folder),
        weights=trained.weights,
        stage=stage,
        architecture=architecture,
        parameters=parameters,
        made=ByRule(rule=f"training.{stage}"),
        is_from_scratch=parent is None or parent.is_from_scratch,
        parent=None if parent is None else parent.id,
        trained_on=tuple(dict.fromkeys(learned)),
        settings=content_hash(settings),
    )


def policy_subjects(ref: PolicyRef) -> list[str]:
    """What the ledger names of a policy."""
    return [ref.id, f"sha256:{ref.weights}"]


def policy_data(ref: PolicyRef) -> dict[str, Any]:
    """What a report shows of a policy."""
    return {
        "id": ref.id,
        "name": ref.name,
        "stage": ref.stage,
        "architecture": ref.architecture,
        "parameters": ref.parameters,
        "is_from_scratch": ref.is_from_scratch,
        "trained_on": len(ref.trained_on),
    }
