"""What a run of cycles found, as `report.json` holds it: every policy in every state, what changed sides, and how far the evidence carries.

The steps of a run hold what each part of it came to; here they are joined, and what compares two of them is computed: against the start,
against plain fine-tuning, and between the two ends of each cycle. All of it is read on the test split by the second judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from primum.cycles.align import policy_data
from primum.cycles.cycling_notes import cycles_notes
from primum.cycles.steps import Step, Steps
from primum.evaluation import Judged, compare, measure
from primum.evaluation.front import Point, pareto, point, surely_dominated
from primum.evaluation.leaning import leaning
from primum.evaluation.measured import measures
from primum.evaluation.metrics import cluster_of
from primum.evaluation.perplexity_table import Loss, perplexity, perplexity_change
from primum.evaluation.sides import KINDS, Flips, Sides, changed_sides
from primum.governance import verify_chain
from primum.records import Decision, Estimate, Judgement, Norm, PolicyRef, Response, Scenario, Verdict, plain
from primum.stats import Undefined
from primum.store import Store

if TYPE_CHECKING:
    from primum.cycles.cycling_recipe import CyclesRecipe

__all__ = ["ArmFinished", "CyclesFinished", "cycles_data", "tested"]

PLAIN_SFT = "plain SFT"
_EXAMPLES = 6
_FROM_CYCLE = (
    "number",
    "asked",
    "by_style",
    "answers",
    "abstained",
    "approvals",
    "desirable",
    "preferences",
    "rewritten",
    "balanced",
    "replayed",
    "judge",
    "reliability",
    "choice",
    "is_released",
    "chosen",
    "stop",
    "tokens",
)


class ArmFinished(NamedTuple):
    """One policy that went through its cycles.

    `states` are its test steps in order (`start`, `plain SFT`, `cycle 1` …): what `tested` made, with `label`, `cycle` and the id of
    the `policy`. `cycles` are the steps that tell what each cycle came to, `rolled_back` what was taken back (`after`, `to`, `reason`).
    """

    name: str
    states: Sequence[Step]
    cycles: Sequence[Step]
    rolled_back: Sequence[Mapping[str, Any]] = ()


class CyclesFinished(NamedTuple):
    """A run of cycles that came to its end: its steps, and how both judges are shown.

    `bench` has the situations of each split, rewrites included. `notes` are what else a reader must know, in both languages.
    """

    run: str
    corpus: Step
    bench: Step
    attacks: Step
    logs: Step | None
    teacher: Mapping[str, Any]
    second: Mapping[str, Any]
    arms: Sequence[ArmFinished]
    notes: Sequence[tuple[str, str]] = ()


def tested(rows: Sequence[Judged], losses: Sequence[Loss] = ()) -> dict[str, Any]:
    """What the test of one policy leaves: its measures, and which answers and judgements they stand on.

    `losses` are those of plain medical answers it did not learn from; without any there is no perplexity.
    """
    spoken = perplexity(losses) if losses else None
    return {
        "measures": {name: plain(found) for name, found in measure(rows).items()},
        "slices": [plain(one._asdict()) for one in measures(rows) if one.by != "all"],
        "perplexity": _told(spoken),
        "leaning": plain(leaning(rows)._asdict()),
        "abstained": sum(row.judgement.stance == "abstained" for row in rows),
        "answers": len(rows),
        "judged": [[row.scenario.id, row.response.id, row.judgement.id] for row in rows],
        "losses": [[one.scenario, one.nll, one.tokens] for one in losses],
    }


def cycles_data(steps: Steps, recipe: CyclesRecipe, finished: CyclesFinished) -> dict[str, Any]:
    """Everything the page of a run of cycles shows. An estimate is `{"value", "low", "high", "n", "unit"}`.

    Raises `InputError` where the states of an arm were not tested on the same situations by the same judge.
    """
    store = steps.workspace.store
    arms = [_Arm(store, one) for one in finished.arms]
    ledger = verify_chain(store.ledger())
    bench, attacks = finished.bench.outputs, finished.attacks.outputs
    notes = [*cycles_notes(recipe, [arm.start for arm in arms]), *finished.notes]
    return {
        "kind": "cycles",
        "run": finished.run,
        "recipe": recipe.name,
        "title": recipe.title,
        "title_zh": recipe.title_zh or recipe.title,
        "notes": [en for en, _ in notes],
        "notes_zh": [zh for _, zh in notes],
        "corpus": {
            "sources": len(finished.corpus.outputs["sources"]),
            "norms": len(finished.corpus.outputs["norms"]),
            "articles": finished.corpus.outputs["articles"],
            "unassigned_characters": finished.corpus.outputs["unassigned_characters"],
        },
        "scenarios": {split: len(bench[split]) for split in ("train", "dev", "test")},
        "scenarios_by": bench["by"],
        "styles": {"taught": attacks["taught"], "held_out": attacks["held_out"]},
        "attacks": {"made": attacks["made"], "refused": attacks["refused"]},
        "logs": None if finished.logs is None else finished.logs.outputs["counts"],
        "judges": {"teacher": dict(finished.teacher), "second": dict(finished.second)},
        "arms": [_arm_data(arm, steps) for arm in arms],
        "front": _front(arms),
        "ledger": {"entries": ledger.entries, "head": ledger.head, "verified": ledger.is_intact},
        "seconds": dict(steps.seconds),
    }


class _State:
    """A policy as it was tested, read back from the store."""

    def __init__(self, store: Store, step: Step, scenarios: dict[str, Scenario]) -> None:
        self.outputs = step.outputs
        self.label: str = step.outputs["label"]
        policy = store.get(step.outputs["policy"])
        assert isinstance(policy, PolicyRef)
        self.policy = policy
        self.rows = _rows(store, step.outputs["judged"], scenarios)
        self.losses = [
            Loss(scenario=name, cluster=cluster_of(scenarios[name]), nll=nll, tokens=tokens)
            for name, nll, tokens in step.outputs["losses"]
        ]


class _Arm:
    """An arm with its states; scenarios are read once, since every state answers the same."""

    def __init__(self, store: Store, finished: ArmFinished) -> None:
        self.store, self.finished, self.name = store, finished, finished.name
        scenarios: dict[str, Scenario] = {}
        self.states = [_State(store, step, scenarios) for step in finished.states]

    @property
    def start(self) -> PolicyRef:
        return self.states[0].policy

    def state_of(self, policy: str) -> _State:
        """The first state in which a policy stood."""
        return next(state for state in self.states if state.policy.id == policy and state.label != PLAIN_SFT)

    def after(self, number: int) -> _State:
        """The state that a cycle ended with."""
        return next(state for state in self.states if state.outputs["cycle"] == number)


def _rows(store: Store, judged: Sequence[Sequence[str]], scenarios: dict[str, Scenario]) -> list[Judged]:
    """The rows behind a state's measures; `scenarios` is filled with those that were not read before."""
    unread = [one for one, _, _ in judged if one not in scenarios]
    scenarios |= {one.id: one for one in store.get_many(unread) if isinstance(one, Scenario)}
    found = store.get_many([one for row in judged for one in row[1:]])
    answers = {one.id: one for one in found if isinstance(one, Response)}
    judgements = {one.id: one for one in found if isinstance(one, Judgement)}
    # Only a choice question is measured by its verdicts.
    wanted = [one for row in judged if scenarios[row[0]].task != "open" for one in judgements[row[2]].verdicts]
    verdicts = {one.id: one for one in store.get_many(wanted) if isinstance(one, Verdict)}
    return [
        Judged(
            scenarios[scenario],
            answers[response],
            judgements[judgement],
            tuple(verdicts[one] for one in judgements[judgement].verdicts if one in verdicts),
        )
        for scenario, response, judgement in judged
    ]


def _arm_data(arm: _Arm, steps: Steps) -> dict[str, Any]:
    start, *later = arm.states
    tuned = next((state for state in later if state.label == PLAIN_SFT), None)
    in_cycles = [state for state in later if state is not tuned]
    cycles = [step.outputs for step in arm.finished.cycles]
    return {
        "name": arm.name,
        "architecture": start.policy.architecture,
        "parameters": start.policy.parameters,
        "is_from_scratch": start.policy.is_from_scratch,
        "states": [_state_data(state) for state in arm.states],
        "against_start": [_against(start, state) for state in later],
        "against_sft": [] if tuned is None else [_against(tuned, state) for state in in_cycles],
        "perplexity_change": [
            {"label": state.label, "estimate": _told(perplexity_change(start.losses, state.losses))}
            for state in later
            if start.losses
        ],
        "cycles": [_cycle(arm, one, steps) for one in cycles],
        "stopped_by": _stopped_by(cycles, arm.finished.rolled_back),
        "released_cycle": _released(cycles, arm.finished.rolled_back),
        "rolled_back": [dict(one) for one in arm.finished.rolled_back],
    }


def _state_data(state: _State) -> dict[str, Any]:
    shown = ("label", "cycle", "measures", "slices", "perplexity", "leaning", "abstained", "answers")
    return {name: state.outputs[name] for name in shown} | {"policy": policy_data(state.policy)}


def _against(before: _State, after: _State) -> dict[str, Any]:
    return {"label": after.label, "rows": [plain(one) for one in compare(before.rows, after.rows)]}


def _cycle(arm: _Arm, outputs: Mapping[str, Any], steps: Steps) -> dict[str, Any]:
    before, after = arm.state_of(outputs["before"]), arm.after(outputs["number"])
    sides = changed_sides(before.rows, after.rows)
    decided = None if outputs["decision"] is None else arm.store.get(outputs["decision"])
    assert decided is None or isinstance(decided, Decision)
    prefix = f"{arm.name}: cycle {outputs['number']}: "
    return {name: outputs[name] for name in _FROM_CYCLE} | {
        "decision": None if decided is None else _decision(decided),
        "sides": sides.whole.counts,
        "net": {"safe": _told(sides.whole.net_safe), "refused": _told(sides.whole.net_refused)},
        "sides_by": {
            "style": [_flips(one) for one in sides.by_style],
            "source": [_flips(one) for one in sides.by_source],
        },
        "examples": _examples(arm.store, sides, before.rows, after.rows),
        "seconds": {
            name.removeprefix(prefix): seconds for name, seconds in steps.seconds.items() if name.startswith(prefix)
        },
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {"decision": decision.decision, "rules": [plain(rule) for rule in decision.rules], "id": decision.id}


def _flips(flips: Flips) -> dict[str, Any]:
    return plain(flips._asdict())  # type: ignore[no-any-return]


def _examples(
    store: Store, sides: Sides, before: Sequence[Judged], after: Sequence[Judged]
) -> dict[str, list[dict[str, Any]]]:
    """At most six of each kind: those whose ids, which are hashes, come first, and never by how they turned out."""
    answered = {one.scenario.id: (one, other) for one, other in zip(before, _same_order(before, after), strict=True)}
    shown: dict[str, list[dict[str, Any]]] = {}
    for kind in KINDS:
        if kind != "undecided":
            ids: Sequence[str] = getattr(sides, kind)
            shown[kind] = [_example(store, *answered[one]) for one in ids[:_EXAMPLES]]
    return shown


def _same_order(before: Sequence[Judged], after: Sequence[Judged]) -> list[Judged]:
    by_id = {row.scenario.id: row for row in after}
    return [by_id[row.scenario.id] for row in before]


def _example(store: Store, before: Judged, after: Judged) -> dict[str, Any]:
    scenario = before.scenario
    norms = [norm for norm in store.get_many(scenario.norms) if isinstance(norm, Norm)]
    return {
        "scenario": scenario.id,
        "prompt": scenario.prompt,
        "turns": [plain(turn) for turn in scenario.messages],
        "before": before.response.text,
        "after": after.response.text,
        "stances": [before.judgement.stance, after.judgement.stance],
        "dataset": scenario.dataset,
        "style": scenario.style,
        "language": scenario.language,
        "harm_level": scenario.harm_level,
        "is_borderline": scenario.is_borderline,
        "norms": [{"id": norm.id, "reference": norm.reference, "text": norm.text} for norm in norms],
    }


def _standing(cycles: Sequence[Mapping[str, Any]], rolled_back: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The cycles that what stands now rests on: after a rollback, those that the cycle it goes back to rested on, and that cycle."""
    back = {one["after"]: one["to"] for one in rolled_back}
    lines: dict[int, list[Mapping[str, Any]]] = {0: []}  # what each cycle ended with rests on
    line = lines[0]
    for one in cycles:
        line = lines[one["number"]] = [*line, one]
        if one["number"] in back:
            line = lines[back[one["number"]]]
    return line


def _released(cycles: Sequence[Mapping[str, Any]], rolled_back: Sequence[Mapping[str, Any]]) -> int | None:
    """The last cycle on the standing line whose policy the gate released."""
    found: list[int] = [one["number"] for one in _standing(cycles, rolled_back) if one["is_released"]]
    return found[-1] if found else None


def _stopped_by(cycles: Sequence[Mapping[str, Any]], rolled_back: Sequence[Mapping[str, Any]]) -> str | None:
    """The first rule that ended the cycles; `None` where they all ran, or the policy was taken back after the last."""
    if not cycles or any(one["after"] == cycles[-1]["number"] for one in rolled_back):
        return None
    return next((str(rule["name"]) for rule in cycles[-1]["stop"] if rule["is_stopping"]), None)


def _front(arms: Sequence[_Arm]) -> list[dict[str, Any]]:
    """Every arm's every state in the plane of safety and wrong refusals; those that could not be placed are left out."""
    placed: list[tuple[str, str, Point]] = []
    for arm in arms:
        for number, state in enumerate(arm.states):
            where = point(f"{arm.name} {number}", state.rows)
            if where is not None:
                placed.append((arm.name, state.label, where))
    points = [where for _, _, where in placed]
    on_front, beaten = set(pareto(points)), set(surely_dominated(points))
    return [
        {
            "arm": arm,
            "label": label,
            "safety": plain(where.safety),
            "wrong_refusals": plain(where.wrong_refusals),
            "is_on_front": where.name in on_front,
            "is_surely_beaten": where.name in beaten,
        }
        for arm, label, where in placed
    ]


def _told(found: Estimate | Undefined | None) -> dict[str, Any] | None:
    """An estimate as plain data; what could not be told is `None`."""
    return plain(found) if isinstance(found, Estimate) else None
