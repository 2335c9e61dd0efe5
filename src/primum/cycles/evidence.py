"""Evidence: what a run found, as `report.json` holds it. The shape is a contract that others build on."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import to_builtins

from primum.cycles.align import policy_of
from primum.cycles.recipe import Recipe
from primum.cycles.steps import Step, Steps
from primum.governance import verify_chain
from primum.models.openai import OpenAIChat
from primum.records import Comparison, Decision, Report

__all__ = ["Finished", "report_data"]

_VERSIONS = ("primum", "torch", "transformers", "trl", "scikit-learn", "numpy")


class Finished(NamedTuple):
    """The steps of a run that came to its end."""

    run: str
    corpus: Step
    bench: Step
    guardian: Step
    policies: dict[str, Step]
    after: Step
    assessed: Step
    gate: Step


def report_data(recipe: Recipe, steps: Steps, finished: Finished, chat: OpenAIChat | None) -> dict[str, Any]:
    """Everything the report shows. An estimate is `{"value", "low", "high", "n", "unit"}`."""
    store = steps.workspace.store
    report, decision = store.get(finished.assessed.outputs["report"]), store.get(finished.gate.outputs["decision"])
    assert isinstance(report, Report) and isinstance(decision, Decision)
    ledger = verify_chain(store.ledger())
    bench = finished.bench.outputs
    return {
        "run": finished.run,
        "recipe": recipe.name,
        "title": recipe.title,
        "notes": [*_notes(recipe, steps, finished), *(chat.notes if chat else ())],
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
        "before": _side(report.comparisons, "before"),
        "after": _side(report.comparisons, "after"),
        "difference": _side(report.comparisons, "difference"),
        "abstained": finished.assessed.outputs["abstained"],
        "slices": [to_builtins(one) for one in report.comparisons if one.by != "all"],
        "branches": _branches(finished.after.outputs["choice"]),
        "gate": {
            "decision": decision.decision,
            "reasons": _decisive(decision),
            "rules": [to_builtins(rule) for rule in decision.rules],
        },
        "ledger": {"entries": ledger.entries, "head": ledger.head, "verified": ledger.is_intact},
        "seconds": dict(steps.seconds),
        "examples": finished.assessed.outputs["examples"],
        "policies": [_policy(steps, step) for step in finished.policies.values()],
        "ids": {"report": report.id, "decision": decision.id, "before": report.before, "after": report.after},
        "repeat": {
            "command": f"primum run recipes/{recipe.name}.toml"
            + (" --set data.root=DIR" if recipe.data.is_wanted else ""),
            "seed": recipe.seed,
            "versions": {name: importlib.metadata.version(name) for name in _VERSIONS},
            "settings": msgspec.json.format(msgspec.json.encode(recipe), indent=2).decode(),
        },
    }


def _decisive(decision: Decision) -> list[str]:
    """The rules that decided: those that failed, or all when none did."""
    failed = [rule for rule in decision.rules if not rule.passed]
    return [f"{rule.rule}: {rule.found}" for rule in failed or decision.rules]


def _side(comparisons: Sequence[Comparison], side: str) -> dict[str, Any]:
    return {one.metric: to_builtins(getattr(one, side)) for one in comparisons if one.by == "all"}


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


def _policy(steps: Steps, step: Step) -> dict[str, Any]:
    ref = policy_of(steps, step)
    return {
        "id": ref.id,
        "name": ref.name,
        "stage": ref.stage,
        "architecture": ref.architecture,
        "parameters": ref.parameters,
        "is_from_scratch": ref.is_from_scratch,
        "trained_on": len(ref.trained_on),
    }


def _notes(recipe: Recipe, steps: Steps, finished: Finished) -> list[str]:
    """What a reader must know before the numbers."""
    notes: list[str] = []
    policy = policy_of(steps, finished.policies["base"])
    if policy.is_from_scratch:
        notes.append(
            f"The policy is a {policy.architecture} of {policy.parameters:,} parameters, built from config and trained from scratch on the "
            "spot. Its numbers show that the chain works; they say nothing of a real medical model."
        )
    if recipe.situations is not None:
        notes.append(
            "The situations of the set 'starter-situations' and their answers are simulated; their voices are not real models."
        )
    notes.append(
        "Harmful requests without a published safe answer are answered, for training, by simulated refusals; compliance shown to the base "
        "policy is simulated and in form only."
    )
    if finished.bench.outputs["drafts_refused"]:
        notes.append(
            f"{finished.bench.outputs['drafts_refused']} norms gave no situation through the chat model; the others are its drafts."
        )
    if recipe.chat is not None and recipe.chat.endpoint.is_scripted:
        notes.append("The chat model of this run is scripted: it is a test server, not a model.")
    return notes
