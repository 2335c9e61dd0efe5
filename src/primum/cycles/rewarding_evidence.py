"""What a run of a reward model found, as `report.json` holds it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import msgspec

from primum.cycles.align import policy_data, policy_of
from primum.cycles.rewarding_pairs import TEST, TRAIN, pairs_of
from primum.cycles.rewarding_recipe import RewardRecipe
from primum.cycles.steps import Step, Steps, now
from primum.cycles.vouching import Vouched, judge_data
from primum.governance import verify_chain
from primum.judging.certificate import why_invalid
from primum.models.openai import OpenAIChat
from primum.records import Certificate, Criterion, JudgeRef, Norm, Record, Response, Scenario, Verdict, plain
from primum.rewards.model.card import RewardCard

__all__ = ["RewardFinished", "reward_data"]


class RewardFinished(NamedTuple):
    """The steps of a run that came to its end."""

    run: str
    corpus: Step
    bench: Step
    guardian: Step
    pairs: Step
    backbone: Step
    trained: Step
    certified: Step
    measured: Step
    policies: dict[str, Step]
    tested: Step
    readers: Step
    judges: dict[str, JudgeRef]


def reward_data(
    recipe: RewardRecipe, steps: Steps, finished: RewardFinished, chat: OpenAIChat | None
) -> dict[str, Any]:
    """Everything the page of a reward model shows. An estimate is `{"value", "low", "high", "n", "unit"}`."""
    ledger = verify_chain(steps.workspace.store.ledger())
    bench, steered = finished.measured.outputs, finished.policies["grpo"]
    notes = _notes(recipe, steps, finished)
    said = chat.notes if chat else ()
    return {
        "kind": "reward model",
        "run": finished.run,
        "recipe": recipe.name,
        "title": recipe.title,
        "title_zh": recipe.title_zh or recipe.title,
        "notes": [*(en for en, _ in notes), *said],
        "notes_zh": [*(zh for _, zh in notes), *said],
        "pairs": _pairs(finished),
        "model": _model(steps, finished),
        "bench": {
            "model": bench["subjects"][0],
            "table": bench["tables"][0],
            **{name: bench[name] for name in ("pairs", "notes", "settings")},
        },
        "baseline": {
            "model": bench["subjects"][1],
            "table": bench["tables"][1],
            "difference": bench["differences"][0],
        },
        "grpo": steered.outputs | {"shape": recipe.steering.shape, "reward": plain(recipe.reward)},
        "test": {name: finished.tested.outputs[name] for name in ("report", "comparisons", "abstained", "answers")},
        "readers": finished.readers.outputs["readers"],
        "judges": {
            role: {"id": one.id, "name": one.name, "kind": one.kind_of} for role, one in finished.judges.items()
        },
        "certificate": _certificate(steps, finished),
        "examples": finished.tested.outputs["examples"],
        "trace": _trace(steps, finished),
        "policies": [policy_data(policy_of(steps, step)) for step in finished.policies.values()],
        "ledger": {"entries": ledger.entries, "head": ledger.head, "verified": ledger.is_intact},
        "seconds": dict(steps.seconds),
        "ids": {"report": finished.tested.outputs["report"], "judge": finished.trained.outputs["judge"]},
    }


def _pairs(finished: RewardFinished) -> dict[str, Any]:
    outputs = finished.pairs.outputs
    train, test = outputs[TRAIN], outputs[TEST]
    shown = ("pairs", "samples", "by_kind", "by_language", "by_policy", "simulated", "stance_pairs")
    return {
        **{name: train[name] for name in shown},
        "prompts": train["groups"],
        "answers": train["paired"]["answers"],
        "masked": {"tie": train["ties"], "not known": train["masked"]},
        "by_split": {TRAIN: train["pairs"], TEST: test["pairs"]},
        "near_duplicates": train["near_duplicates"],
        "too_easy": train["difficulty"]["easy"],
        "left_out": {
            "no criterion tells them apart": train["paired"]["alike"] + train["difficulty"]["hidden"],
            "nearly equal in reward": train["difficulty"]["close"],
            "the query has enough": train["paired"]["beyond"],
        },
        "folder": outputs["folder"],
    }


def _model(steps: Steps, finished: RewardFinished) -> dict[str, Any]:
    outputs, backbone = finished.trained.outputs, finished.backbone.outputs
    path = steps.workspace.folder / outputs["folder"] / "reward.json"
    losses = outputs["losses"]
    return {
        "card": plain(msgspec.json.decode(path.read_bytes(), type=RewardCard)),
        "architecture": backbone["architecture"],
        "parameters": backbone["parameters"],
        "is_from_scratch": backbone["is_from_scratch"],
        **{name: outputs[name] for name in ("folder", "steps", "pairs", "samples", "masked", "losses", "weights")},
        "loss_first": losses[0] if losses else None,
        "loss_last": losses[-1] if losses else None,
    }


def _certificate(steps: Steps, finished: RewardFinished) -> dict[str, Any]:
    store = steps.workspace.store
    certificate, judge = store.get_many([finished.certified.outputs["certificate"], finished.trained.outputs["judge"]])
    assert isinstance(certificate, Certificate) and isinstance(judge, JudgeRef)
    why = why_invalid(certificate, judge, now()[:10])
    return judge_data(Vouched(judge, certificate, None if why is None else (why, f"证书无效：{why}")), store)


def _trace(steps: Steps, finished: RewardFinished) -> list[dict[str, str]]:
    """One way from a source to the policy, chosen by id (a hash): that of the first pair with a criterion that rests on a norm; of those
    the first in which a judge of the run had a say beside whoever labelled the other answer, where there is one."""
    store, others = steps.workspace.store, list[Callable[[], list[dict[str, str]]]]()
    for sample in sorted(pairs_of(steps, finished.pairs, TRAIN), key=lambda one: one.id):
        found = store.get_many(sample.records)
        records = {kind: [one for one in found if isinstance(one, kind)] for kind in _TRACED}
        normed = [one for one in records[Criterion] if isinstance(one, Criterion) and one.norms]
        if normed:
            tell = partial(_steps_of, steps, finished, sample.id, normed[0], records)
            if len({one.judge for one in records[Verdict] if isinstance(one, Verdict)}) > 1:
                return tell()
            others.append(tell)
    return others[0]() if others else []


_TRACED: tuple[type[Record], ...] = (Scenario, Response, Criterion, Verdict)


def _steps_of(
    steps: Steps,
    finished: RewardFinished,
    pair: str,
    criterion: Criterion,
    records: Mapping[type[Record], list[Record]],
) -> list[dict[str, str]]:
    norm = steps.workspace.store.get(criterion.norms[0])
    assert isinstance(norm, Norm)
    told = [
        {"what": "source", "id": norm.source, "told": norm.reference},
        {"what": "norm", "id": norm.id, "told": norm.text},
    ]
    told += [
        {"what": "scenario", "id": one.id, "told": one.prompt} for one in records[Scenario] if isinstance(one, Scenario)
    ]
    told.append({"what": "criterion", "id": criterion.id, "told": criterion.statement})
    told += [
        {"what": "response", "id": one.id, "told": one.text} for one in records[Response] if isinstance(one, Response)
    ]
    told += [
        {"what": "verdict", "id": one.id, "told": type(one.outcome).__name__.lower()}
        for one in records[Verdict]
        if isinstance(one, Verdict) and one.criterion == criterion.id
    ]
    told.append({"what": "pair", "id": pair})
    told.append({"what": "judge", "id": finished.trained.outputs["judge"], "told": finished.trained.outputs["name"]})
    after = policy_of(steps, finished.policies["grpo"])
    told.append({"what": "policy", "id": after.id, "told": after.name})
    return [*told, {"what": "report", "id": finished.tested.outputs["report"]}]


def _notes(recipe: RewardRecipe, steps: Steps, finished: RewardFinished) -> list[tuple[str, str]]:
    """What a reader must know before the numbers, in both languages."""
    policy, backbone = policy_of(steps, finished.policies["base"]), finished.backbone.outputs
    notes: list[tuple[str, str]] = []
    if policy.is_from_scratch:
        notes.append(
            (
                f"The policy is a {policy.architecture} of {policy.parameters:,} parameters, built from config and trained from scratch "
                "on the spot. Its numbers show that the chain works; they say nothing of a real medical model.",
                f"策略模型是现场按配置搭建、从零训练的 {policy.architecture}，共 {policy.parameters:,} 个参数。"
                "这些数字只说明流程可用，不代表任何真实的医疗模型。",
            )
        )
    if backbone["is_from_scratch"]:
        read = ("pre-trained on the texts of this run alone", "只在本次运行的文本上预训练")
        if not backbone["is_pre_trained"]:
            read = ("never pre-trained", "未经预训练")
        notes.append(
            (
                f"The reward model stands on a {backbone['architecture']} of {backbone['parameters']:,} parameters, built from config and "
                f"{read[0]}: it knows the language of these pairs and no other.",
                f"奖励模型的骨干是按配置搭建的 {backbone['architecture']}，共 {backbone['parameters']:,} 个参数，{read[1]}："
                "它只懂这些样本里的语言。",
            )
        )
    simulated = Counter({split: finished.pairs.outputs[split]["simulated"] for split in (TRAIN, TEST)})
    if simulated.total():
        notes.append(
            (
                f"{simulated[TRAIN]:,} pairs to train on and {simulated[TEST]:,} to measure on hold simulated answers; their voices are "
                "not real models, and their truth follows from how they were made.",
                f"训练用的 {simulated[TRAIN]:,} 对与评测用的 {simulated[TEST]:,} 对含有模拟回答；其中的“声音”不是真实模型，"
                "真值由其生成方式得出。",
            )
        )
    if recipe.rows.unseen_criteria:
        notes.append(
            (
                "The criteria that no training pair holds have the same winners here as others: both follow from how an answer was made. "
                "Being right on them shows that the order carries over to new words, not that they were read; "
                "benchmarks/reward_generated.py measures reading.",
                "未用于训练的标准在此与其他标准胜者相同：二者都由回答的生成方式决定。判对只说明排序能迁移到新措辞，"
                "不说明读懂；读懂与否由 benchmarks/reward_generated.py 测量。",
            )
        )
    held, alike = finished.judges["held"].name, ("", "")
    if recipe.held_judge is None and finished.judges["labels"].kind_of == "guardian":
        alike = (
            " It and the guardian that read the sampled answers learned from simulated answers of like kinds, so they may err together.",
            "它与判读采样回答的守护者都学自同类的模拟回答，可能同错。",
        )
    notes.append(
        (
            f"What came of the steering is told by '{held}', which gave no reward.{alike[0]}",
            f"引导的结果由未给过奖励的“{held}”判读。{alike[1]}",
        )
    )
    if finished.policies["grpo"].outputs["stopped"] is not None:
        notes.append(
            (
                f"The steering was stopped, and '{held}' chose which of its weights were kept: it tells of its own choice.",
                f"引导被中止，保留哪一步的权重由“{held}”选定：其后的数字是它自己所选的结果。",
            )
        )
    return notes
