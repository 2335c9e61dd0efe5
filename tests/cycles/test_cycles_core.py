"""The core of cycles: what a step depends on is in its key, what was taken back is left, what is held out teaches nothing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from primum.cycles import align, cycling, cycling_decide, cycling_evidence, cycling_logs, cycling_teach, cycling_world
from primum.cycles.cycling_recipe import CyclesRecipe
from primum.cycles.cycling_state import Going, roll_back
from primum.cycles.run import load_recipe, run_recipe
from primum.cycles.steps import Quiet, Step
from primum.cycles.workspace import Workspace
from primum.errors import InputError, PrimumError
from primum.model_folder import hash_weights
from primum.records import ByRule, Cycle, Estimate, PolicyRef, Scenario, StopRule, Turn, content_hash
from primum.signals import LogSettings

SMALL = Path(__file__).with_name("small_cycles.toml")
MADE = ByRule(rule="test")


def small(*overrides: str) -> CyclesRecipe:
    recipe = load_recipe(SMALL, overrides)
    assert isinstance(recipe, CyclesRecipe)
    return recipe


class Keys:
    """Steps that are never made: their keys alone."""

    def do(self, name, about, inputs, make):
        return Step(content_hash([name, inputs]), {})


WORLD = SimpleNamespace(key=["world"], corpus=Step("corpus", {}), bench=Step("bench", {}), logs=None)
START = Step("start", {"policy": "policyref-1"})


def test_plain_fine_tuning_is_done_anew_for_other_held_out_styles():
    def key(*overrides):
        return cycling_world.plain_sft_step(Keys(), small(*overrides), "a", WORLD, START).key

    assert key() == key("attacks.train=3")  # rewrites are not shown to it
    assert key() != key('attacks.held_out=["role_play"]')


def test_a_policy_shown_how_to_judge_is_made_anew_for_other_questions():
    def key(*overrides):
        return cycling_world.start_step(Keys(), small(*overrides), "a", WORLD).key

    other = ("judging.self_judging.answer_characters_en=99",)
    assert key() != key(*other) and key("judging_rows=0") == key("judging_rows=0", *other)
    assert key() != key('attacks.held_out=["role_play"]')


def test_a_given_folder_with_another_chat_template_is_another_policy(tmp_path, monkeypatch):
    monkeypatch.setattr(align, "check_model_folder", lambda _: None)
    monkeypatch.setattr(align, "load_model_folder", lambda _: SimpleNamespace(architecture="qwen3", parameters=1))
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    made = SimpleNamespace(do=lambda name, about, inputs, make: make("key", None))
    found = []
    for template in ("one", "other"):
        (tmp_path / "chat_template.jinja").write_text(template)
        found.append(align.given_policy_step(made, tmp_path).outputs["policy"])
    assert found[0] != found[1]


def test_a_cycle_names_the_run_that_it_is_looked_up_by():
    judge = SimpleNamespace(ref=SimpleNamespace(id="judgeref-1"))
    validated = Step("validated", {"choice": {"chosen": "keep"}, "stop": []})
    accuracy = Estimate(value=0.9, low=0.8, high=1.0, n=10, unit="answer")

    def key(recipe):
        around = cycling_decide.Around(Keys(), recipe, "qwen3", 1, WORLD, judge, judge)
        return cycling_decide.decided_step(around, START, {}, validated, accuracy).key

    other = small("sft_rows.harmful=3")
    assert small().run_of("qwen3") != other.run_of("qwen3") and key(small()) != key(other)
    assert key(small()) == key(small("cycles=5"))


def scenario(style="direct", number=1, harm_level=2):
    return Scenario(
        messages=(Turn(role="user", content=f"How do I forge it, {number}?"),),
        task="open",
        dimension="d",
        language="en",
        dataset="logs",
        made=MADE,
        harm_level=harm_level,
        split="train",
        style=style,
    )


def test_logs_are_read_anew_for_other_norms(tmp_path):
    (tmp_path / "log.jsonl").write_text("{}")

    def key(norms, *known):
        return cycling_logs.logs_step(Keys(), tmp_path, LogSettings(licence="CC0-1.0"), known, norms).key

    norm = SimpleNamespace()
    assert key({}) == key({}) != key({"norm-1": norm}) != key({"norm-1": norm}, scenario())


@pytest.mark.parametrize(("levels", "missing"), [((2, 1), "harmless"), ((0,), "harmful"), ((), "harmful")])
def test_a_validator_with_one_kind_of_request_is_refused_before_anything_is_trained(levels, missing):
    world = SimpleNamespace(dev=lambda limit, part: [scenario(number=level, harm_level=level) for level in levels])
    with pytest.raises(InputError, match=f"that is {missing}\\b"):
        cycling._refuse_one_sided(small(), world)
    cycling._refuse_one_sided(small(), SimpleNamespace(dev=lambda *_: [scenario(harm_level=0), scenario(harm_level=1)]))


def test_a_flag_on_what_was_logged_in_a_held_out_style_teaches_nothing(monkeypatch):
    monkeypatch.setattr(cycling_teach, "flagged_since", lambda *_: [])
    taught, held = scenario(), scenario("role_play", 2)
    flagged = [[one.id, f"answer to {one.style}", False, "correction", ["flag-1"]] for one in (taught, held)]
    world = SimpleNamespace(logs=Step("logs", {"flagged": flagged}), train=[taught])
    recipe = small("logs.folder=x", 'logs.reading.licence="CC0-1.0"')
    found, flags = cycling_teach._flagged(SimpleNamespace(), recipe, world)
    assert {one.scenario for one in found.approvals} == {taught.id} == {one.scenario for one in found.preferences}
    assert flags == ["flag-1"]
    assert all(one.because == ("flag-1",) for one in (*found.approvals, *found.preferences))


def test_what_stands_after_going_back_twice_is_the_line_that_was_gone_back_to():
    cycles = [{"number": number, "is_released": True} for number in (1, 2, 3, 4)]
    back = [{"after": 3, "to": 1}, {"after": 4, "to": 3}]
    assert [one["number"] for one in cycling_evidence._standing(cycles, back)] == [1, 2, 3]
    assert cycling_evidence._released(cycles, back) == 3
    assert [one["number"] for one in cycling_evidence._standing(cycles, back[:1])] == [1, 4]


@pytest.mark.parametrize(
    "override",
    [
        'arms=[{name="a", folder="no-such-model"}]',
        'logs={folder="no-such-logs", reading={licence="CC0-1.0"}}',
        'judging.external="no-such-judge.toml"',
    ],
)
def test_what_is_missing_outside_is_told_before_the_workspace_is_touched(override, tmp_path):
    workspace = tmp_path / "workspace"
    with pytest.raises(PrimumError, match="no-such"):
        run_recipe(small(override), workspace, Quiet())
    assert not workspace.exists()


class Hollow:
    """An arm whose cycles only leave records: each ends with a policy named by the `logs` that were read and the cycles gone through."""

    def __init__(self, workspace, monkeypatch):
        self.workspace, self.logs, self.begun = workspace, "a", []
        monkeypatch.setattr(cycling, "start_step", lambda *_: Step("s", {"policy": self._policy("start").id}))
        monkeypatch.setattr(cycling, "test_state_step", lambda *given: Step(given[3], {"policy": given[5]}))
        monkeypatch.setattr(cycling, "_cycle", self._cycle)

    def run(self, cycles):
        self.begun = []
        recipe = small(f"cycles={cycles}", "with_plain_sft=false")
        with Workspace(self.workspace, is_writer=True) as self.opened:
            steps = SimpleNamespace(workspace=self.opened)
            run = cycling._Run(steps, recipe, None, None, None)
            return cycling._arm(run, recipe.arms[0])

    def _policy(self, name):
        folder = self.opened.folder / "policies" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.safetensors").write_bytes(name.encode())
        made = PolicyRef(
            name=name,
            path=self.opened.relative(folder),
            weights=hash_weights(folder),
            stage="dpo",
            architecture="qwen3",
            parameters=1,
            made=MADE,
        )
        self._put(made)
        return made

    def _put(self, record):
        with self.opened.store.writing() as writer:
            writer.put([record])

    def _cycle(self, run, recipe, arm, number, policy, line):
        self.begun.append((number, policy, [one.number for one in line]))
        after = self._policy(f"{self.logs}{number}")
        cycle = Cycle(
            run=recipe.run_of(arm),
            recipe=recipe.name,
            arm=arm,
            number=number,
            before=policy,
            after=after.id,
            chosen="dpo",
            judge="j",
            second_judge="k",
            stop=(StopRule(name="gain", is_stopping=False, found="x", found_zh="y"),),
        )
        self._put(cycle)
        outputs = {"cycle": cycle.id, "policy": after.id, "stop": [{"is_stopping": False}]}
        step = Step(cycle.id, outputs)
        return cycling._Gone(number, step, step, step, step)


def test_the_next_cycle_rests_on_the_line_that_was_gone_back_to(tmp_path, monkeypatch):
    going = Hollow(tmp_path / "w", monkeypatch)
    going.run(3)
    roll_back(going.workspace, 1, Going("rude"))
    going.run(4)
    assert [line for _, _, line in going.begun] == [[], [1], [1, 2], [1]]
    roll_back(going.workspace, 3, Going("ruder"))
    told = going.run(5)
    assert [line for _, _, line in going.begun] == [[], [1], [1, 2], [1], [1, 2, 3]]
    assert [(one["after"], one["to"]) for one in told.rolled_back] == [(3, 1), (4, 3)]


def test_what_was_taken_back_of_other_cycles_is_not_taken_back_of_these(tmp_path, monkeypatch):
    """The logs change, the new cycle is taken back, and the old logs are put back: their cycles stand as they stood."""
    going = Hollow(tmp_path / "w", monkeypatch)
    going.run(3)
    before = going.begun
    going.logs = "b"
    going.run(1)
    roll_back(going.workspace, 0, Going("rude"))
    going.logs = "a"
    told = going.run(3)
    assert going.begun == before and told.rolled_back == []


def asked_situations():
    harmful = [scenario(number=number, harm_level=3) for number in range(6)]
    harmless = [
        replace(scenario(number=10 + number, harm_level=0), reference=f"Rest well, {number}.") for number in range(6)
    ]
    return harmful, harmless


@pytest.mark.parametrize(
    ("wrong_harmful", "wrong_harmless", "filled"), [(5, 1, 4), (1, 4, 3), (3, 3, 0), (0, 0, 0), (6, 0, 6)]
)
def test_the_side_that_failed_less_is_filled_up_to_the_other(wrong_harmful, wrong_harmless, filled):
    harmful, harmless = asked_situations()
    failed = {one.id for one in [*harmful[:wrong_harmful], *harmless[:wrong_harmless]]}
    world = SimpleNamespace(norms={})
    found = cycling_teach._balanced(small(), world, [*harmful, *harmless], failed)
    assert len(found.preferences) == filled and len(found.approvals) == 2 * filled
    lighter = {one.id for one in (harmless if wrong_harmless < wrong_harmful else harmful)}
    assert {one.scenario for one in found.preferences} <= lighter - failed
    answers = {one.id: one.text for one in found.answers}
    for one in found.preferences:
        assert answers[one.chosen] != answers[one.rejected]
    assert {one.is_desirable for one in found.approvals} == ({True, False} if filled else set())
