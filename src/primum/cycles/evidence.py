"""Evidence: what a run found, as `report.json` holds it. The shape is a contract that others build on."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from primum.cycles.align import policy_data, policy_of
from primum.cycles.cycling_recipe import CyclesRecipe
from primum.cycles.loop_recipe import LoopRecipe
from primum.cycles.principles_recipe import PrinciplesRecipe
from primum.cycles.recipe import Recipe
from primum.cycles.rewarding_recipe import RewardRecipe
from primum.cycles.steps import Step, Steps
from primum.cycles.vouching import Vouched, judge_data
from primum.governance import verify_chain
from primum.models.openai import OpenAIChat
from primum.records import Comparison, Decision, Report, plain

__all__ = ["Finished", "repeat", "report_data"]

_VERSIONS = ("primum", "torch", "transformers", "trl", "scikit-learn", "numpy")


class Finished(NamedTuple):
    """The steps of a run that came to its end."""

    run: str
    corpus: Step
    bench: Step
    guardian: Step
    judge: Vouched
    policies: dict[str, Step]
    after: Step
    assessed: Step
    gate: Step


def report_data(recipe: Recipe, steps: Steps, finished: Finished, chat: OpenAIChat | None) -> dict[str, Any]:
    """Everything the report shows. An estimate is `{"value", "low", "high", "n", "unit"}`."""
    store = steps.workspace.store
    report, decision = store.get(finished.assessed.outputs["report"]), store.get(finished.gate.outputs["decision"])
    assert isinstance(report, Report) and isinstance(decision, Decision)
    notes = _notes(recipe, steps, finished)
    ledger = verify_chain(store.ledger())
    bench = finished.bench.outputs
    return {
        "run": finished.run,
        "recipe": recipe.name,
        "title": recipe.title,
        "notes": [*(note.en for note in notes), *(chat.notes if chat else ())],
        "notes_zh": [*(note.zh for note in notes), *(chat.notes if chat else ())],
        "corpus": {
            "sources": len(finished.corpus.outputs["sources"]),
            "norms": len(finished.corpus.outputs["norms"]),
            "articles": finished.corpus.outputs["articles"],
            "unassigned_characters": finished.corpus.outputs["unassigned_characters"],
        },
        "scenarios": {split: len(bench[split]) for split in ("train", "dev", "test")},
        "scenarios_by": bench["by"],
        "left_out": bench["left_out"],
        "guardian": _guardian(finished.guardian.outputs),
        "judge": judge_data(finished.judge, store),
        "before": _side(report.comparisons, "before"),
        "after": _side(report.comparisons, "after"),
        "difference": _side(report.comparisons, "difference"),
        "abstained": finished.assessed.outputs["abstained"],
        "slices": [plain(one) for one in report.comparisons if one.by != "all"],
        "branches": _branches(finished.after.outputs["choice"]),
        "gate": {
            "decision": decision.decision,
            "reasons": _decisive(decision),
            "rules": [plain(rule) for rule in decision.rules],
        },
        "ledger": {"entries": ledger.entries, "head": ledger.head, "verified": ledger.is_intact},
        "seconds": dict(steps.seconds),
        "examples": finished.assessed.outputs["examples"],
        "policies": [policy_data(policy_of(steps, step)) for step in finished.policies.values()],
        "ids": {"report": report.id, "decision": decision.id, "before": report.before, "after": report.after},
    }


def repeat(
    recipe: Recipe | LoopRecipe | PrinciplesRecipe | RewardRecipe | CyclesRecipe, command: str
) -> dict[str, Any]:
    """How to repeat the run: the command, the seed, the versions and every setting."""
    needs_data = recipe.data.is_wanted or bool(recipe.corpus.set)
    whole = command or f"primum run recipes/{recipe.name}.toml"
    return {
        "command": f"{whole} --set data.root=DIR" if needs_data else whole,
        "seed": recipe.seed,
        "versions": {name: importlib.metadata.version(name) for name in _VERSIONS},
        "settings": msgspec.json.format(msgspec.json.encode(recipe), indent=2).decode(),
    }


def _decisive(decision: Decision) -> list[str]:
    """The rules that decided: those that failed, or all when none did."""
    failed = [rule for rule in decision.rules if not rule.passed]
    return [f"{rule.rule}: {rule.found}" for rule in failed or decision.rules]


def _side(comparisons: Sequence[Comparison], side: str) -> dict[str, Any]:
    return {one.metric: plain(getattr(one, side)) for one in comparisons if one.by == "all"}


def _guardian(outputs: dict[str, Any]) -> dict[str, Any]:
    measured: dict[str, Any] = outputs["measured"]
    calibration = [
        {**one, "accuracy": one["accuracy"]["value"], "interval": [one["accuracy"]["low"], one["accuracy"]["high"]]}
        for one in measured["calibration"]
    ]
    return {
        "name": outputs["name"],
        "id": outputs["id"],
        "trained_on": outputs["trained_on"],
        "accuracy": measured["accuracy"],
        "by_model": measured["by_group"],
        "held_out_rows": outputs["held_out_rows"],
        "abstained": measured["abstained"],
        "confusion": measured["confusion"],
        "calibration": calibration,
    }


def _branches(choice: dict[str, Any]) -> dict[str, Any]:
    """The validator's choice: measures of each branch, its gain over the old policy, and why."""
    branches: dict[str, Any] = {
        "chosen": choice["chosen"],
        "reasons": choice["reasons"],
        "keep": {"measures": choice["measures"]["old"]},
    }
    for name, differences in choice["differences"].items():
        branches[name] = {
            "measures": choice["measures"][name],
            "gain": differences.get("balanced_score"),
            "eligible": any(reason.startswith(f"{name} is eligible") for reason in choice["reasons"]),
            "reasons": [reason for reason in choice["reasons"] if reason.startswith(name)],
        }
    return branches


class _Note(NamedTuple):
    en: str
    zh: str


def _notes(recipe: Recipe, steps: Steps, finished: Finished) -> list[_Note]:
    """What a reader must know before the numbers, in both languages."""
    notes: list[_Note] = []
    policy = policy_of(steps, finished.policies["base"])
    if policy.is_from_scratch:
        notes.append(
            _Note(
                f"The policy is a {policy.architecture} of {policy.parameters:,} parameters, built from config and trained from scratch on "
                "the spot. Its numbers show that the chain works; they say nothing of a real medical model.",
                f"策略模型是现场按配置搭建、从零训练的 {policy.architecture}，共 {policy.parameters:,} 个参数。"
                "这些数字只说明流程可用，不代表任何真实的医疗模型。",
            )
        )
    notes += [note for is_used, note in _SIMULATED if is_used(recipe)]
    refused = finished.bench.outputs["drafts_refused"]
    if refused:
        notes.append(
            _Note(
                f"{refused} norms gave no situation through the chat model; the others are its drafts.",
                f"有 {refused} 条规范未能由对话模型拟出情境；其余为其所拟。",
            )
        )
    return notes


_SIMULATED: tuple[tuple[Callable[[Recipe], bool], _Note], ...] = (
    (
        lambda recipe: recipe.situations is not None,
        _Note(
            "The situations of the set 'starter-situations' and their answers are simulated; their voices are not real models.",
            "“starter-situations”中的情境与回答均为模拟；其中的“声音”不是真实模型。",
        ),
    ),
    (
        lambda recipe: recipe.everyday is not None,
        _Note(
            "Everyday requests with a harmless and a harmful meaning are simulated; they were used for training and development, not for "
            "testing.",
            "一词两义的日常请求均为模拟，只用于训练与开发，不用于测试。",
        ),
    ),
    (
        lambda recipe: True,
        _Note(
            "Harmful requests without a published safe answer are answered, for training, by simulated refusals; compliance shown to the "
            "base policy is simulated and in form only. The guardian also learned from simulated answers; it is measured on "
            "none of its own.",
            "没有公开安全回答的有害请求，训练时以模拟的拒绝作答；给基础模型看的顺从回答是模拟的，仅有其形。"
            "守护者也学习了模拟回答，但不在自己学过的回答上评测。",
        ),
    ),
    (
        lambda recipe: recipe.data.xstest is not None,
        _Note(
            "The guardian learned from people's labels on other models' answers to the XSTest prompts that the policies are tested on. It "
            "reads answers; of the prompt it takes which words an answer repeats, and how it begins.",
            "守护者学习过人工标注的、其他模型对同一批 XSTest 提问的回答。它读的是回答；对提问只看回答重复了其中哪些词、提问如何开头。",
        ),
    ),
    (
        lambda recipe: bool(recipe.data.crosswalk),
        _Note(
            "Which article a category of an imported set falls under is said by the recipe, not by the set.",
            "外来数据集的某一类别对应哪一条文，由配方指定，并非数据集自带。",
        ),
    ),
    (
        lambda recipe: recipe.chat is not None and recipe.chat.endpoint.is_scripted,
        _Note(
            "The chat model of this run is scripted: it is a test server, not a model.",
            "本次运行的对话模型是脚本：测试服务器，不是模型。",
        ),
    ),
)
