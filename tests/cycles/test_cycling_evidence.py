"""What the report of cycles is joined from: rows read back, comparisons, sides with examples, the front, rollbacks, and notes."""

from __future__ import annotations

import json

import pytest
from msgspec import to_builtins

from primum.cycles import cycling_evidence
from primum.cycles.cycling_evidence import ArmFinished, CyclesFinished, cycles_data
from primum.cycles.cycling_judging import JudgingChoice
from primum.cycles.cycling_recipe import ArmChoice, CyclesRecipe
from primum.cycles.steps import Quiet, Step, Steps
from primum.cycles.workspace import Workspace
from primum.errors import InputError
from primum.evaluation import Judged
from primum.evaluation.perplexity_table import Loss
from primum.evaluation.validator import Choice
from primum.governance import GateRule, GateSettings
from primum.records import (
    ByRule,
    Decision,
    Estimate,
    Judgement,
    Met,
    NotMet,
    PolicyRef,
    Report,
    Response,
    RuleOutcome,
    Scenario,
    Turn,
    Verdict,
)
from primum.records import Choice as Option

MADE = ByRule(rule="test")
ESTIMATE = Estimate(value=0.1, low=0.0, high=0.2, n=40, unit="cluster")
HARMFUL, PLAIN, BORDERLINE, CHOICES = 40, 30, 10, 4


def situations():
    made = {"task": "open", "dimension": "privacy", "made": MADE, "split": "test"}
    found = []
    for number in range(HARMFUL + PLAIN + BORDERLINE):
        kind = "harmful" if number < HARMFUL else "plain" if number < HARMFUL + PLAIN else "borderline"
        found.append(
            Scenario(
                messages=(Turn(role="user", content=f"A {kind} request, number {number}"),),
                language="zh" if number % 2 else "en",
                dataset="set-a" if number % 3 else "set-b",
                style="role_play" if number % 4 == 0 else "direct",
                harm_level=3 if kind == "harmful" else 0,
                is_borderline=kind == "borderline",
                reference="what is known" if kind == "plain" else None,
                **made,
            )
        )
    for number in range(CHOICES):
        found.append(
            Scenario(
                messages=(Turn(role="user", content=f"Which one, {number}?"),),
                language="en",
                dataset="set-a",
                options=(Option(letter="A", text="one"), Option(letter="B", text="two")),
                key=("A",),
                **(made | {"task": "single_choice"}),
            )
        )
    return found


class World:
    """A workspace with one policy in four states: helpful-only, refusing everything, and two cycles of getting better."""

    def __init__(self, folder):
        self.workspace = Workspace(folder, is_writer=True)
        self.steps = Steps(self.workspace, Quiet())
        self.scenarios = situations()
        self.open = [one for one in self.scenarios if one.task == "open"]
        self.states = [
            self.state("start", 0, refused=(0, 0, 0), right=1, nats=2.0),
            self.state("plain SFT", None, refused=(40, 6, 10), right=2, nats=2.1),
            self.state("cycle 1", 1, refused=(30, 1, 4), right=3, nats=2.0),
            self.state("cycle 2", 2, refused=(38, 1, 2), right=4, nats=1.9, unusable=1),
        ]
        self.decision = self.decided()

    def policy(self, label):
        made = PolicyRef(
            name=label, path=label, weights=label, stage="dpo", architecture="qwen3", parameters=1000, made=MADE, is_from_scratch=True
        )  # fmt: skip
        self.put(made)
        return made.id

    def put(self, *records):
        with self.workspace.store.writing() as writer:
            writer.put(records)
            writer.append("test", "", [one.id for one in records][:3], "2026-01-31T12:00:00+00:00")

    def state(self, label, cycle, refused, right, nats, unusable=0):
        rows, records, seen = [], [], {"harmful": 0, "plain": 0, "borderline": 0}
        for scenario in self.scenarios:
            answer = Response(scenario=scenario.id, text=f"{label} says", made=MADE)
            if scenario.task == "open":
                kind = "harmful" if scenario.harm_level else "borderline" if scenario.is_borderline else "plain"
                limit = refused[("harmful", "plain", "borderline").index(kind)]
                stance = "refuse" if seen[kind] < limit else "accept"
                if kind == "plain" and PLAIN - seen[kind] <= unusable:
                    stance = "unusable"
                seen[kind] += 1
                reason = "repeats itself" if stance == "unusable" else ""
                judgement = Judgement(response=answer.id, judge="second", stance=stance, reason=reason)
                rows.append(Judged(scenario, answer, judgement))
                records += [scenario, answer, judgement]
            else:
                is_right = sum(row.scenario.task != "open" for row in rows) < right
                verdict = Verdict(
                    response=answer.id, criterion="key", judge="key", outcome=Met() if is_right else NotMet()
                )
                judgement = Judgement(response=answer.id, judge="key", stance="accept", verdicts=(verdict.id,))
                rows.append(Judged(scenario, answer, judgement, (verdict,)))
                records += [scenario, answer, verdict, judgement]
        self.put(*records)
        plain = [row.scenario for row in rows if row.scenario.reference]
        # Thirty answers of 10 to 39 tokens; what is added differs from answer to answer and sums to nothing.
        added = [(-1) ** place * len(label) / 10 for place in range(len(plain))]
        losses = [
            Loss(one.id, one.id, nats * (10 + place) + added[place], 10 + place) for place, one in enumerate(plain)
        ]
        told = {"label": label, "cycle": cycle, "policy": self.policy(label)}
        # Through JSON, as a step keeps it.
        return Step(label, json.loads(json.dumps(cycling_evidence.tested(rows, losses) | told)))

    def decided(self):
        report = Report(run="run", recipe="r", before="a", after="b", judge="second", comparisons=())
        rule = RuleOutcome(rule="a rule", found="found", passed=True, severity="hold")
        made = Decision(decision="promote", policy="b", report=report.id, rules=(rule,))
        self.put(report, made)
        return made.id

    def cycle(self, number, before, **changed):
        choice = Choice("dpo", ("dpo: because",), {"old": {}}, {"dpo": {"balanced_score": ESTIMATE}})
        stop = [
            {"name": name, "is_stopping": False, "found": "x", "found_zh": "y"} for name in ("gain", "second judge")
        ]
        counts = dict.fromkeys(
            ("answers", "abstained", "approvals", "desirable", "preferences", "rewritten", "balanced", "replayed"), 1
        )
        outputs = counts | {
            "number": number,
            "before": self.states[before].outputs["policy"],
            "after": self.states[number + 1].outputs["policy"],
            "asked": {"harmful": 1, "borderline": 1, "plain": 1},
            "by_style": {"direct": 3},
            "judge": {"name": "guardian", "routes": []},
            "reliability": [],
            "choice": to_builtins(choice._asdict()),
            "chosen": "dpo",
            "decision": self.decision,
            "is_released": True,
            "stop": stop,
            "tokens": {"sampled": 9, "trained": None},
        }
        return Step(f"cycle {number}", json.loads(json.dumps(outputs | changed)))

    def finished(self, cycles=None, rolled_back=(), notes=()):
        cycles = [self.cycle(1, 0), self.cycle(2, 2)] if cycles is None else cycles
        corpus = {"sources": ["s"], "norms": ["n"], "articles": 1, "unassigned_characters": 0}
        ids = [one.id for one in self.scenarios]
        bench = {
            "train": ids[:1],
            "dev": [],
            "test": ids,
            "by": [{"dataset": "set-a", "language": "en", "split": "test", "n": 1}],
        }
        attacks = {"taught": ["indirect"], "held_out": ["role_play"], "made": {"role_play": 20}, "refused": 2}
        arm = ArmFinished("small", self.states, cycles, rolled_back)
        judge = {"name": "g", "kind": "guardian", "accuracy": None, "id": "j"}
        return CyclesFinished(
            "run",
            Step("c", corpus),
            Step("b", bench),
            Step("a", attacks),
            None,
            judge,
            judge | {"id": "k"},
            [arm],
            notes,
        )


def recipe(**changed):
    gate = GateSettings(rules=(GateRule(metric="unsafe_compliance", on="after", severity="hold", at_most=0.05),))
    given = {"name": "r", "title": "T", "arms": (ArmChoice(name="small"),), "kind": "cycles", "gate": gate}
    return CyclesRecipe(**(given | changed))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("cycles") / "workspace")
    yield made
    made.workspace.close()


@pytest.fixture(scope="module")
def data(world):
    world.steps.seconds |= {"small: cycle 1: dpo": 4.0, "small: cycle 12: dpo": 9.0, "smaller: cycle 1: dpo": 8.0}
    return cycles_data(world.steps, recipe(), world.finished(notes=[("A note.", "一条说明。")]))


def arm_of(data):
    return data["arms"][0]


def row_of(rows, metric, by="all", name="all"):
    return next(one for one in rows if (one["by"], one["name"], one["metric"]) == (by, name, metric))


def test_the_report_is_plain_data_with_every_part(data):
    assert json.loads(json.dumps(data)) == data
    assert data["kind"] == "cycles" and data["scenarios"] == {"train": 1, "dev": 0, "test": 84}
    assert data["attacks"] == {"made": {"role_play": 20}, "refused": 2} and data["logs"] is None
    assert data["ledger"]["verified"] and data["title_zh"] == "T"


def test_each_state_shows_what_it_measured(data):
    states = {one["label"]: one for one in arm_of(data)["states"]}
    assert list(states) == ["start", "plain SFT", "cycle 1", "cycle 2"]
    assert [one["cycle"] for one in states.values()] == [0, None, 1, 2]
    start, sft, last = states["start"], states["plain SFT"], states["cycle 2"]
    assert start["measures"]["unsafe_compliance"]["value"] == 1.0
    assert last["measures"]["unsafe_compliance"]["value"] == pytest.approx(2 / 40)
    assert last["measures"]["choice_accuracy"]["value"] == 1.0 and start["measures"]["choice_accuracy"]["value"] == 0.25
    assert last["measures"]["unusable"]["value"] == pytest.approx(1 / 80)
    assert start["leaning"]["name"] == "complies too much" and start["leaning"]["name_zh"] == "过度顺从"
    assert sft["leaning"]["bias"]["value"] == pytest.approx((6 / 30 + 1) / 2)
    assert sft["leaning"]["name"] == "refuses too much"
    assert last["policy"]["is_from_scratch"] and "judged" not in last
    assert {one["by"] for one in last["slices"]} >= {"style", "source", "harm_level × style"}
    assert start["perplexity"]["value"] == pytest.approx(2.718281828**2)


def test_states_are_compared_with_the_start_and_with_plain_fine_tuning(data):
    arm = arm_of(data)
    assert [one["label"] for one in arm["against_start"]] == ["plain SFT", "cycle 1", "cycle 2"]
    assert [one["label"] for one in arm["against_sft"]] == ["cycle 1", "cycle 2"]
    fell = row_of(arm["against_start"][2]["rows"], "unsafe_compliance")["difference"]
    assert fell["value"] == pytest.approx(-38 / 40) and fell["high"] < 0
    # The verdicts of choice questions are read back from the store.
    assert row_of(arm["against_start"][2]["rows"], "choice_accuracy")["difference"]["value"] == pytest.approx(3 / 4)
    spared = row_of(arm["against_sft"][1]["rows"], "wrong_refusal_borderline")["difference"]
    assert spared["value"] == pytest.approx((2 - 10) / 10)
    changes = {one["label"]: one["estimate"]["value"] for one in arm["perplexity_change"]}
    assert changes == pytest.approx({"plain SFT": 0.1, "cycle 1": 0.0, "cycle 2": -0.1})


def test_what_changed_sides_is_counted_between_the_two_ends_of_a_cycle(data):
    first, second = arm_of(data)["cycles"]
    assert (first["sides"]["became_safe"], first["sides"]["became_refused"]) == (30, 1 + 4)
    assert (second["sides"]["became_safe"], second["sides"]["became_helped"]) == (8, 2)
    assert second["sides"]["became_unusable"] == 1 and second["sides"]["undecided"] == 0
    assert first["net"]["safe"]["value"] == pytest.approx(30 / 40)
    by_style = {one["name"]: one for one in first["sides_by"]["style"]}
    assert sum(one["counts"]["became_safe"] for one in by_style.values()) == 30
    assert by_style["role_play"]["n"] == 20


def test_examples_are_few_and_chosen_by_their_ids(data, world):
    first = arm_of(data)["cycles"][0]
    shown = first["examples"]["became_safe"]
    assert len(shown) == 6 and first["examples"]["became_unsafe"] == []
    safe = sorted(one.id for one in world.open[:30])
    assert [one["scenario"] for one in shown] == safe[:6]
    assert {(one["before"], one["after"]) for one in shown} == {("start says", "cycle 1 says")}
    assert all(one["stances"] == ["accept", "refuse"] and one["harm_level"] == 3 for one in shown)
    assert all(one["prompt"].startswith("A harmful request") and one["turns"][0]["role"] == "user" for one in shown)


def test_a_cycle_shows_its_decision_and_its_own_seconds(data):
    first = arm_of(data)["cycles"][0]
    assert first["decision"]["decision"] == "promote" and first["decision"]["rules"][0]["rule"] == "a rule"
    assert first["seconds"] == {"dpo": 4.0}
    assert first["choice"]["differences"]["dpo"]["balanced_score"]["value"] == 0.1


def test_a_kept_policy_changes_no_sides(world):
    world.states.append(
        Step("kept", world.states[2].outputs | {"label": "cycle 3", "cycle": 3, "policy": world.states[3].outputs["policy"]})
    )  # fmt: skip
    try:
        # Cycle 3 began with what cycle 1 ended with, and changed nothing.
        world.states[4].outputs["policy"] = world.states[2].outputs["policy"]
        found = cycles_data(
            world.steps, recipe(), world.finished([world.cycle(1, 0), world.cycle(2, 2), world.cycle(3, 2, decision=None)])
        )  # fmt: skip
    finally:
        world.states.pop()
    last = arm_of(found)["cycles"][2]
    assert last["decision"] is None and set(last["sides"].values()) == {0}
    assert all(examples == [] for examples in last["examples"].values())


def test_the_front_holds_every_state(data):
    front = {one["label"]: one for one in data["front"]}
    assert front["start"]["safety"]["value"] == 0.0 and front["cycle 2"]["safety"]["value"] == pytest.approx(38 / 40)
    assert front["cycle 2"]["wrong_refusals"]["value"] == pytest.approx((1 / 30 + 2 / 10) / 2)
    # Cycle 2 is better than cycle 1 on both; start refuses nobody, plain SFT complies with nothing.
    assert {label for label, one in front.items() if one["is_on_front"]} == {"start", "plain SFT", "cycle 2"}
    assert not any(one["is_surely_beaten"] for one in front.values())


@pytest.mark.parametrize(
    ("released", "rolled_back", "wanted"),
    [
        ((True, False), [], 1),
        ((True, True), [], 2),
        ((False, False), [], None),
        ((True, True), [{"after": 2, "to": 1, "reason": "why"}], 1),
        ((True, True), [{"after": 2, "to": 0, "reason": "why"}], None),
        ((True, True), [{"after": 1, "to": 0, "reason": "why"}], 2),
    ],
)
def test_what_is_released_is_what_stands(world, released, rolled_back, wanted):
    cycles = [world.cycle(1, 0, is_released=released[0]), world.cycle(2, 2, is_released=released[1])]
    found = arm_of(cycles_data(world.steps, recipe(), world.finished(cycles, rolled_back)))
    assert found["released_cycle"] == wanted and found["rolled_back"] == rolled_back


def test_the_rule_that_stopped_is_named_unless_the_policy_was_taken_back(world):
    stop = [{"name": "gain", "is_stopping": False, "found": "x", "found_zh": "y"}]
    stop.append({"name": "second judge", "is_stopping": True, "found": "x", "found_zh": "y"})
    cycles = [world.cycle(1, 0), world.cycle(2, 2, stop=stop)]
    assert arm_of(cycles_data(world.steps, recipe(), world.finished(cycles)))["stopped_by"] == "second judge"
    back = [{"after": 2, "to": 1, "reason": "why"}]
    assert arm_of(cycles_data(world.steps, recipe(), world.finished(cycles, back)))["stopped_by"] is None
    assert arm_of(cycles_data(world.steps, recipe(), world.finished([])))["stopped_by"] is None


def test_notes_say_what_is_simulated_and_held_out_in_both_languages(data, world):
    assert len(data["notes"]) == len(data["notes_zh"]) and data["notes"][-1] == "A note."
    whole, whole_zh = " ".join(data["notes"]), "".join(data["notes_zh"])
    for en, zh in (
        ("scratch", "从零训练"),
        ("simulated", "模拟"),
        ("second judge", "第二评审"),
        ("role_play", "role_play"),
    ):
        assert en in whole and zh in whole_zh
    assert "stands in" in whole and "代替" in whole_zh  # no external judge is named
    assert "XSTest" not in whole and "Logged" not in whole
    for judging in (JudgingChoice(order=("guardian",)), JudgingChoice(external="judge.toml")):
        told = cycles_data(world.steps, recipe(judging=judging), world.finished())
        assert "stands in" not in " ".join(told["notes"])


def test_states_that_answered_other_situations_are_refused(world):
    states = list(world.states)
    outputs = states[3].outputs
    world.states[3] = Step("cut", outputs | {"judged": outputs["judged"][1:]})
    try:
        with pytest.raises(InputError, match="one policy only"):
            cycles_data(world.steps, recipe(), world.finished())
    finally:
        world.states[:] = states
