"""The middle of a run of a reward model: a backbone, the model trained on the pairs, its certificate, and the bench beside a baseline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from primum.cycles import lessons
from primum.cycles.align import build_whole
from primum.cycles.answering import Situations
from primum.cycles.guard import load_norms
from primum.cycles.reward_bench import BenchOrder, bench_subjects, subject_in
from primum.cycles.rewarding_pairs import (
    STANCES,
    TEST,
    TRAIN,
    UNTHINNED,
    Candidates,
    Known,
    pairs_file,
    pairs_of,
    stance_pairs_of,
)
from primum.cycles.rewarding_recipe import RewardRecipe
from primum.cycles.steps import Made, Step, Steps, now
from primum.errors import InputError
from primum.judging.certificate import VerdictRow, certify
from primum.judging.probes import run_probes
from primum.judging.usable import unusable_reason
from primum.model_folder import check_model_folder, describe_folder, hash_model, hash_weights
from primum.ports import Assessment, Case, Progress
from primum.records import JudgeRef, Met, NotMet, Outcome, plain
from primum.rewards import PairSample
from primum.rewards.linear import LinearReward
from primum.rewards.linear_features import LINEAR_FEATURES
from primum.rewards.model import LAYOUT_VERSION, About, RewardModelJudge, train_reward_model
from primum.training import ChatRow, train_base

__all__ = ["backbone_step", "certificate_step", "judge_of", "measure_step", "reward_model_step"]


def backbone_step(steps: Steps, recipe: RewardRecipe, corpus: Step, pairs: Step) -> Step:
    """What the reward model is trained from: the recipe's folder, or a tiny model built from config, pre-trained where the recipe says."""
    choice = recipe.backbone
    if choice.folder is not None:
        return _given_backbone(steps, Path(choice.folder).expanduser())

    def make(key: str, progress: Progress) -> Made:
        samples = pairs_of(steps, pairs, TRAIN)
        texts = list(dict.fromkeys(norm.text for norm in load_norms(steps, corpus).values()))
        statements = [one.text for sample in [*samples, *stance_pairs_of(steps, pairs)] for one in sample.criteria]
        texts += dict.fromkeys(statements)
        rows = _said(samples)
        folder = steps.workspace.artifact("untrained-backbone", key)
        if not folder.exists():
            words = [*texts, *(f"{row.prompt[-1]['content']}\n{row.answer}" for row in rows)]
            build_whole(folder, words, choice.tiny, recipe.seed)
        if choice.base is not None:
            folder = train_base(
                folder, texts, rows, choice.base, steps.workspace.artifact("backbone", key), progress
            ).folder
        architecture, parameters = describe_folder(folder)
        outputs = {
            "folder": steps.workspace.relative(folder),
            "weights": hash_weights(folder),
            "architecture": architecture,
            "parameters": parameters,
            "is_from_scratch": True,
            "is_pre_trained": choice.base is not None,
        }
        read = f"; pre-trained on {len(texts) + len(rows):,} texts" if choice.base is not None else ""
        return Made(outputs, [], f"{architecture}, {parameters:,} parameters, from scratch{read}")

    inputs = [pairs.key, choice, recipe.seed]
    return steps.do("backbone", "Building a small backbone", inputs, make)


def _given_backbone(steps: Steps, folder: Path) -> Step:
    check_model_folder(folder)
    weights = hash_weights(folder)

    def make(_key: str, _progress: Progress) -> Made:
        architecture, parameters = describe_folder(folder)
        outputs = {
            "folder": str(folder.resolve()),
            "weights": weights,
            "architecture": architecture,
            "parameters": parameters,
            "is_from_scratch": False,
            "is_pre_trained": True,
        }
        return Made(outputs, [], f"{architecture}, {parameters:,} parameters, from {folder.name}")

    return steps.do("backbone", "Reading the backbone's folder", [str(folder.resolve()), hash_model(folder)], make)


def _said(samples: Sequence[PairSample]) -> list[ChatRow]:
    """Every answer of the pairs once, with its prompt."""
    rows: dict[tuple[Any, str], ChatRow] = {}
    for sample in samples:
        prompt = [{"role": turn.role, "content": turn.content} for turn in sample.prompt]
        for text in (sample.first, sample.second):
            if text.strip():
                rows.setdefault((sample.prompt, text), ChatRow(prompt, text))
    return list(rows.values())


def reward_model_step(steps: Steps, recipe: RewardRecipe, pairs: Step, backbone: Step) -> Step:
    """The reward model, trained on the pairs of the train split; its folder is what `primum reward score` and a judge's file name."""

    def make(key: str, progress: Progress) -> Made:
        samples, stances = pairs_of(steps, pairs, TRAIN), stance_pairs_of(steps, pairs)
        about = About(
            name=f"reward model of {recipe.name}",
            data=f"{len(samples):,} pairs of the recipe '{recipe.name}'",
            is_from_scratch=backbone.outputs["is_from_scratch"],
            stances=STANCES if stances else {},
        )
        parent, out = steps.workspace.folder / backbone.outputs["folder"], steps.workspace.artifact("reward", key)
        trained = train_reward_model(parent, [*samples, *stances], recipe.model, out, progress, about)
        judge = judge_of(trained.folder, recipe).ref
        told = trained._asdict()
        kept = ("weights", "steps", "pairs", "samples", "masked", "held", "left_out", "cut", "losses", "figures")
        outputs = {name: plain(told[name]) for name in kept}
        outputs |= {"folder": steps.workspace.relative(trained.folder), "judge": judge.id, "name": judge.name}
        note = f"{trained.samples:,} winners of {trained.pairs:,} pairs, {trained.steps} steps"
        return Made(outputs, [judge], note, [judge.id, f"sha256:{trained.weights}"])

    inputs = [
        pairs.key,
        backbone.key,
        backbone.outputs["weights"],
        LAYOUT_VERSION,
        recipe.model,
        recipe.name,
        recipe.reading,
    ]
    return steps.do("reward model", "Training the reward model on the pairs", inputs, make)


def judge_of(folder: Path, recipe: RewardRecipe) -> RewardModelJudge:
    """The reward model in a folder as a judge."""
    from primum.rewards.model import RewardModel  # loads torch

    model = RewardModel.load(folder, threads=recipe.policy.threads)
    return RewardModelJudge(model, unusable_reason, recipe.reading)


def certificate_step(steps: Steps, recipe: RewardRecipe, corpus: Step, bench: Step, pairs: Step, trained: Step) -> Step:
    """The reward model's certificate, like any judge's: its verdicts on answers of the test split whose truth is known, and probes."""

    def make(_key: str, progress: Progress) -> Made:
        judge = judge_of(steps.workspace.folder / trained.outputs["folder"], recipe)
        known = Candidates(steps, recipe, corpus, bench).known(TEST)
        said = judge.judge([one.case for one in known], progress)
        by = Counter(one.judgement.judge for one in known)
        if not by:
            raise InputError(
                "no answer of the test split",
                "has a known stance to certify the reward model on",
                "add [situations], or labelled answers",
                f"recipe '{recipe.name}'",
            )
        reference = steps.workspace.store.get(max(by, key=lambda id: (by[id], id)))
        assert isinstance(reference, JudgeRef)
        rows = [
            row
            for one, told in zip(known, said, strict=True)
            if one.judgement.judge == reference.id
            for row in _rows(one, told)
        ]
        norms = load_norms(steps, corpus)
        situations = Situations(steps, bench.outputs)
        drawn = lessons.choose(
            [one for one in situations.of("dev") if one.task == "open"], recipe.probe_rows, recipe.seed
        )
        criteria = situations.criteria(drawn)
        cases = [
            Case(one, lesson.response, criteria[one.id])
            for one in drawn
            for lesson in lessons.of_each_nature(one, norms, recipe.policy, recipe.seed)
        ]
        probes = run_probes(judge, cases, recipe.probes).outcomes if cases else ()
        certificate = certify(judge.ref, rows, reference, now()[:10], recipe.certificate_days, None, probes)
        whole = next(one for one in certificate.errors if one.by == "all" and one.measure == "agreement")
        note = f"agrees in {_percent(plain(whole.estimate))} of {certificate.n:,} known verdicts"
        return Made({"certificate": certificate.id}, [certificate], note, [certificate.id])

    inputs = [trained.key, pairs.key, recipe.probes, recipe.probe_rows, recipe.certificate_days]
    return steps.do("certificate", "Certifying the reward model as a judge", inputs, make)


def _rows(one: Known, told: Assessment) -> Iterator[VerdictRow]:
    """What the reward model said of an answer beside what is known of it."""
    scenario = one.case.scenario
    for criterion, verdict, truth in zip(one.case.criteria, told.verdicts, one.verdicts, strict=True):
        slices = {"kind": criterion.kind_of, "language": scenario.language}
        said, known = _said_by(verdict.outcome), _said_by(truth.outcome)
        yield VerdictRow(said, verdict.probability, known, scenario.cluster or scenario.id, slices, truth.id)


def _said_by(outcome: Outcome) -> bool | None:
    return True if isinstance(outcome, Met) else False if isinstance(outcome, NotMet) else None


def measure_step(steps: Steps, recipe: RewardRecipe, pairs: Step, trained: Step) -> Step:
    """The bench on pairs of the test split: the reward model, and a linear one fitted to the same pairs, before the easy were thinned."""

    def make(key: str, progress: Progress) -> Made:
        folder, linear = steps.workspace.folder / trained.outputs["folder"], steps.workspace.artifact("linear", key)
        if not linear.exists():
            LinearReward.fit(pairs_of(steps, pairs, UNTHINNED), recipe.linear).save(linear)
        order = BenchOrder(folder, pairs_file(steps, pairs, TEST))
        subjects = [subject_in(folder), subject_in(linear)]
        found = bench_subjects(subjects, pairs_of(steps, pairs, TEST), order, recipe.bench, progress)
        rows = {(one["measure"], one["kind"], one["where"]): one["estimate"] for one in found["tables"][0]["rows"]}
        pairwise, veto = rows["pairwise", "all", "all"], rows["veto_f1", "safety", "all"]
        note = f"right on {_percent(pairwise)} of preferences under a criterion; veto F1 {_percent(veto)}"
        return Made(found | {"linear": steps.workspace.relative(linear)}, [], note)

    inputs = [pairs.key, trained.key, recipe.bench, recipe.linear, LINEAR_FEATURES]
    return steps.do("bench of the model", "Measuring the reward model beside a linear one", inputs, make)


def _percent(estimate: Mapping[str, Any] | None) -> str:
    """A plain estimate in a note."""
    if estimate is None:
        return "not measured"
    return f"{estimate['value']:.1%} [{estimate['low']:.1%}, {estimate['high']:.1%}]"
