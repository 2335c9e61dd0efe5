"""Judges of cycles: two guardians that share nothing, what judges are measured on, who reads what, and the teacher that is opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from primum.cycles import guard
from primum.cycles.answering import Situations, assess
from primum.cycles.build import bench_step, corpus_step
from primum.cycles.cycling_judging import (
    Guardians,
    JudgingChoice,
    guardians_steps,
    judge_facts,
    open_teacher,
    reliability_step,
    second_engine,
    slice_name,
)
from primum.cycles.cycling_recipe import CyclesRecipe
from primum.cycles.cycling_reliability import asked_of
from primum.cycles.guard import half_of
from primum.cycles.inputs import corpus_folder
from primum.cycles.run import load_recipe
from primum.cycles.steps import Quiet, Step, Steps
from primum.cycles.workspace import Workspace
from primum.errors import RecordError, SettingError
from primum.judging import phrasebook
from primum.model_folder import hash_weights
from primum.models.self_judge import SelfSettings
from primum.models.tiny import TinySettings, build_tiny
from primum.records import ByImport, ByRule, Judgement, JudgeRef, PolicyRef, Response, Scenario, Style
from primum.store import trace

SMALL = Path(__file__).with_name("small_cycles.toml")
STYLES: list[Style] = ["direct", "obfuscate"]
TINY = TinySettings(layers=1, width=16, heads=2, feed_forward=32, vocabulary=400, context_tokens=512)


class Room(NamedTuple):
    steps: Steps
    recipe: CyclesRecipe
    guardians: Guardians
    policy: PolicyRef


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    recipe = load_recipe(SMALL, ("situations.situations=100", "guardian.splices=5", "draft.choice_limit=0"))
    assert isinstance(recipe, CyclesRecipe)
    judging = JudgingChoice(labelled=40, constructed=12, least_reliability=0.6)
    recipe = replace(recipe.of_arm(recipe.arms[0]), judging=judging)
    folder = tmp_path_factory.mktemp("judges")
    with Workspace(folder, is_writer=True) as workspace, pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "phrasebook", lambda seed: phrasebook(1, seed))  # each opening once: six times as quick
        steps = Steps(workspace, Quiet())
        corpus = corpus_step(steps, corpus_folder(recipe.corpus, recipe.data, recipe.name), recipe.corpus.reading)
        bench = bench_step(steps, recipe, corpus, None)
        guardians = guardians_steps(steps, recipe, corpus, bench)
        build_tiny([f"Request {n} Answer helps 请求 回答 照做" for n in range(40)], TINY, folder / "policy")
        policy = PolicyRef(
            name="untaught",
            path="policy",
            weights=hash_weights(folder / "policy"),
            stage="base",
            architecture="qwen3",
            parameters=1,
            made=ByRule(rule="test"),
        )
        with workspace.store.writing() as writer:
            writer.put([policy])
        yield Room(steps, recipe, guardians, policy)


def judging(room: Room, **changes: object) -> CyclesRecipe:
    return replace(room.recipe, judging=replace(room.recipe.judging, **changes))


def learned(room: Room, step_id: str) -> list[tuple[Scenario, Response]]:
    """What a guardian learned from, the phrasebook left out."""
    store = room.steps.workspace.store
    ref = store.get(step_id)
    assert isinstance(ref, JudgeRef)
    pairs = []
    for judgement in store.get_many(ref.trained_on):
        assert isinstance(judgement, Judgement)
        response = store.get(judgement.response)
        assert isinstance(response, Response)
        scenario = store.get(response.scenario)
        assert isinstance(scenario, Scenario)
        if scenario.dataset != "phrasebook":
            pairs.append((scenario, response))
    return pairs


def test_the_guardians_learn_from_halves_that_share_no_cluster(room: Room) -> None:
    teaching, second = (learned(room, step.outputs["id"]) for step in (room.guardians.teaching, room.guardians.second))
    assert {half_of(scenario) for scenario, _ in teaching} == {0} and {half_of(scenario) for scenario, _ in second} == {
        1
    }
    assert not {one.cluster for one, _ in teaching} & {one.cluster for one, _ in second}
    assert min(len(teaching), len(second)) > 40


def test_each_guardian_is_measured_and_certified(room: Room) -> None:
    facts = [judge_facts(step) for step in (room.guardians.teaching, room.guardians.second)]
    assert [one["name"] for one in facts] == ["teaching guardian of small-cycles", "second guardian of small-cycles"]
    assert all(one["accuracy"]["low"] <= one["accuracy"]["value"] for one in facts)
    store = room.steps.workspace.store
    assert all(store.has(step.outputs["certificate"]) for step in (room.guardians.teaching, room.guardians.second))
    assert second_engine(room.steps, room.guardians).ref.id == room.guardians.second.outputs["id"]


def test_a_guardian_that_learns_from_everything_is_the_step_it_always_was(room: Room) -> None:
    class Noting(Steps):
        def do(self, name: str, about: str, inputs: object, make: object) -> Step:  # type: ignore[override]
            noted.append((name, inputs))
            return Step("", {})

    noted: list[tuple[str, list[object]]] = []
    steps = Noting(room.steps.workspace, Quiet())
    for half in (None, guard.TEACHING, guard.SECOND):
        guard.guardian_step(steps, room.recipe, room.guardians.corpus, room.guardians.bench, half)
    assert [name for name, _ in noted] == ["guardian", "teaching guardian", "second guardian"]
    whole, teaching, second = (inputs for _, inputs in noted)
    assert len(whole) == 10 and teaching == [*whole, "teaching"] and second == [*whole, "second"]


def test_judges_are_measured_on_what_the_teaching_guardian_did_not_learn(room: Room) -> None:
    asked = asked_of(room.steps, room.recipe, room.guardians.corpus, room.guardians.bench, STYLES)
    assert {one.truth for one in asked} == {"by construction"}  # nobody labelled anything in this recipe
    texts = {response.text for _, response in learned(room, room.guardians.teaching.outputs["id"])}
    clusters = {scenario.cluster for scenario, _ in learned(room, room.guardians.teaching.outputs["id"])}
    assert not {one.case.scenario.cluster for one in asked} & clusters
    assert len({one.case.response.text for one in asked} & texts) <= len(asked) // 10  # short refusals recur
    assert {one.case.scenario.style for one in asked} == set(STYLES)
    assert all(one.case.scenario.split == "dev" or half_of(one.case.scenario) == 1 for one in asked)
    restyled = [one for one in asked if one.case.scenario.rewrites is not None]
    assert restyled and all(one.case.scenario.style == "obfuscate" for one in restyled)
    assert {one.stance for one in asked} == {"accept", "caution", "refuse"}


def test_labels_of_people_are_carried_over_to_restyled_requests_and_say_so(room: Room) -> None:
    from primum.cycles.cycling_reliability import by_people

    store = room.steps.workspace.store
    person = JudgeRef(name="a person", kind_of="person", fingerprint="p", made=ByImport(dataset="t", row="p"))
    rule = JudgeRef(name="a rule", kind_of="rule", fingerprint="r", made=ByImport(dataset="t", row="r"))
    plain = [one for one in Situations(room.steps, room.guardians.bench.outputs).of("train") if one.task == "open"]
    plain = [replace(one, style="direct", harm_level=3) for one in plain][:80]
    rows = []
    with store.writing() as writer:
        writer.put([person, rule])
        for place, scenario in enumerate(plain):
            response = Response(scenario=scenario.id, text=f"No. {place}", made=ByImport(dataset="t", row=str(place)))
            judge = person if place % 4 else rule
            judgement = Judgement(response=response.id, judge=judge.id, stance="refuse")
            writer.put([scenario, response, judgement])
            rows.append([scenario.id, response.id, judgement.id, "m", False])
    bench = room.guardians.bench._replace(outputs=room.guardians.bench.outputs | {"labelled": rows})
    told = by_people(room.steps, bench, STYLES, 10, 3)
    assert [(one.case.scenario.style, one.truth) for one in told] == [("direct", "person")] * 10 + [
        ("obfuscate", "person, restyled")
    ] * 10
    assert {half_of(one.case.scenario) for one in told} == {1}
    by_person = {scenario for place, (scenario, *_) in enumerate(rows) if place % 4}
    assert {one.case.scenario.rewrites or one.case.scenario.id for one in told} <= by_person
    again = by_people(room.steps, bench, STYLES, 10, 3)
    assert again == told


def test_where_the_teacher_is_unreliable_another_reads_and_the_report_says_so(room: Room) -> None:
    # An untaught policy cannot judge itself.
    recipe = judging(room, teacher="self", order=("guardian",), self_judging=SelfSettings(confidence=0.0))
    found = reliability_step(room.steps, recipe, room.guardians, room.policy, STYLES, "reliability of self")
    routes = found.outputs["routes"]
    assert {one["slice"] for one in routes} == {f"harm {n}, {style}" for n in range(4) for style in STYLES}
    by_self = f"{room.policy.name} judging itself"
    others = [one for one in routes if not one["is_teacher"]]
    assert others and all(one["because"].startswith(by_self) and by_self in one["because_zh"] for one in others)
    assert {one["judge"] for one in others} <= {"teaching guardian of small-cycles", None}
    assert {row["judge"] for row in found.outputs["rows"]} == {by_self, "teaching guardian of small-cycles"}
    with open_teacher(room.steps, recipe, room.guardians, found, room.policy) as engine:
        assert engine.ref.id == found.outputs["judge"]["id"] and engine.ref.kind_of == "panel"
        store = room.steps.workspace.store
        assert all(store.has(member) for member in engine.ref.members)
        asked = asked_of(room.steps, recipe, room.guardians.corpus, room.guardians.bench, STYLES)[:40]
        with store.writing() as writer:
            writer.put([record for one in asked for record in (one.case.scenario, one.case.response)])
        said = assess(room.steps, engine, [one.case for one in asked])
        by_slice = {one["slice"]: one["judge"] for one in routes}
        for one, heard in zip(asked, said, strict=True):
            reader = by_slice[slice_name(one.case.scenario)]
            assert heard.judgement.judge == engine.ref.id
            assert heard.judgement.reason.startswith(
                "no judge is surely" if reader is None else ("read by ", f"{reader}: ")
            )
        led = str(trace(store, said[0].judgement.id).to_dict())
        assert all(member in led for member in engine.ref.members)


def test_a_limit_nobody_reaches_leaves_every_slice_unread(room: Room) -> None:
    recipe = judging(room, least_reliability=0.999)
    found = reliability_step(room.steps, recipe, room.guardians, room.policy, STYLES, "reliability 2")
    assert {one["judge"] for one in found.outputs["routes"]} == {None}
    with open_teacher(room.steps, recipe, room.guardians, found, room.policy) as engine:
        asked = asked_of(room.steps, recipe, room.guardians.corpus, room.guardians.bench, STYLES)[:5]
        said = engine.judge([one.case for one in asked])
    assert {one.judgement.stance for one in said} == {"abstained"}
    assert all("no judge is surely reliable on harm" in one.judgement.reason for one in said)


def test_without_routes_the_teacher_reads_everything_by_itself(room: Room) -> None:
    recipe = judging(room, teacher="external", is_routed=False, least_reliability=0.999)
    found = reliability_step(room.steps, recipe, room.guardians, room.policy, STYLES, "reliability 3")
    assert all(one["is_teacher"] and one["judge"] == "stance rule" for one in found.outputs["routes"])
    with open_teacher(room.steps, recipe, room.guardians, found, room.policy) as engine:
        assert (engine.ref.name, engine.ref.kind_of) == ("stance rule", "rule")


def test_a_judge_that_stays_the_same_is_measured_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    from primum.cycles import cycling_judging

    asked: list[str] = []
    real = cycling_judging.measured
    monkeypatch.setattr(
        cycling_judging, "measured", lambda judge, rows: asked.append(judge.ref.name) or real(judge, rows)
    )
    other = replace(room.policy, name="another", weights="0" * 64)
    with room.steps.workspace.store.writing() as writer:
        writer.put([other])
    recipe = judging(room, labelled=41)
    first = reliability_step(room.steps, recipe, room.guardians, room.policy, STYLES, "reliability 4")
    assert asked == ["teaching guardian of small-cycles", "stance rule"]
    second = reliability_step(room.steps, recipe, room.guardians, other, STYLES, "reliability 5")
    assert len(asked) == 2 and first.outputs["rows"] == second.outputs["rows"]


def test_an_external_judge_comes_from_its_file(room: Room, tmp_path: Path) -> None:
    file = tmp_path / "judge.toml"
    file.write_text('kind = "chat"\n', encoding="utf-8")
    recipe = judging(room, teacher="external", external=str(file))
    with pytest.raises(SettingError, match="'endpoints'"):
        reliability_step(room.steps, recipe, room.guardians, room.policy, STYLES, "reliability 6")
    file.write_text('kind = "stance_rule"\n', encoding="utf-8")
    found = reliability_step(room.steps, recipe, room.guardians, room.policy, STYLES, "reliability 6")
    assert found.outputs["judges"][0]["name"] == "stance rule"


def test_a_limit_that_a_coin_reaches_is_refused() -> None:
    with pytest.raises(RecordError, match="a coin reaches"):
        JudgingChoice(least_reliability=0.4)
    assert JudgingChoice(teacher="self", order=("guardian", "self")).readers == ("self", "guardian")
    assert JudgingChoice(teacher="self", is_routed=False).readers == ("self",)
