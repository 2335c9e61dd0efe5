"""A guardian in the loop end to end at its smallest: what it leaves behind, that nothing is done twice, and that it stops when it must."""

import shutil
from pathlib import Path

import pytest

from primum.cycles import loop
from primum.cycles.inputs import corpus_folder
from primum.cycles.records import trace_id, verify_ledger, verify_store
from primum.cycles.run import load_recipe, run_recipe
from primum.cycles.steps import Quiet
from primum.errors import SettingError
from primum.evaluation.watch import Watch
from primum.records import Benchmark, Feedback, PolicyRef, Preference, Response, Scenario
from primum.report import render
from primum.store import Store, render_lines

SMALL = Path(__file__).with_name("small_loop.toml")
CORPUS = Path(__file__).parents[2] / "examples" / "orvale" / "2021"


def recipe(*overrides):
    return load_recipe(SMALL, [f'corpus.folder="{CORPUS}"', *overrides])


class Watching(Quiet):
    def __init__(self):
        self.done_before = {}

    def ended(self, step, note, seconds, was_done):
        self.done_before[step] = was_done


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    workspace = tmp_path_factory.mktemp("taught")
    return workspace, run_recipe(recipe(), workspace, Quiet())


@pytest.fixture
def copy(taught, tmp_path):
    return Path(shutil.copytree(taught[0], tmp_path / "copy"))


def estimates(node):
    if isinstance(node, dict):
        if {"value", "low", "high", "n", "unit"} <= set(node):
            yield node
        for part in node.values():
            yield from estimates(part)
    elif isinstance(node, list):
        for part in node:
            yield from estimates(part)


def test_the_report_keeps_its_contract(taught):
    _, report = taught
    assert report["kind"] == "loop" and report["benchmark"]["items"] == 320 and report["benchmark"]["findings"] == 0
    assert set(report["table"]) == {"guardian", "second"}
    for judge in report["table"].values():
        assert {"before", "after", "difference", "abstained"} == set(judge)
        assert {"risk_rate", "comprehensive", "choice_accuracy"} <= set(judge["before"])
    found = list(estimates(report))
    assert len(found) > 50 and all(one["low"] <= one["value"] <= one["high"] and one["n"] > 0 for one in found)
    assert [one["round"] for one in report["rounds"]] == list(range(1, len(report["rounds"]) + 1))
    told = {row["by"] for row in report["guardian"]["heads"]}
    # Of a benchmark this small one language may not teach every head: then the notes say what was not measured.
    unmeasured = {by for by in ("left-out norms", "other language") if any(by in note for note in report["notes"])}
    assert "left-out voices" in told and told | unmeasured == {"left-out voices", "left-out norms", "other language"}
    assert any("from scratch" in note for note in report["notes"]) and any(
        "simulated" in note for note in report["notes"]
    )
    assert report["judges"]["second"]["kind"] == "rule" and report["ledger"]["verified"]


def test_a_taught_policy_leads_down_to_the_article_and_the_feedback(taught):
    workspace, report = taught
    store = Store.open(workspace, create=False)
    try:
        told = "\n".join(render_lines(trace_id(workspace, report["policies"][-1]["id"], "up", None)))
        for kind in ("feedback", "norm", "source", "rule", "judgement"):
            assert f"{kind}-" in told or f" {kind} " in told, kind
        feedback = store.all(Feedback)
        first = next(iter(feedback))
        rewritten = [one for one in store.all(Response) if one.feedback == first.id]
        assert len(rewritten) == 1 and rewritten[0].scenario
        preference = next(one for one in store.all(Preference) if one.chosen == rewritten[0].id)
        assert preference.rejected == first.response
    finally:
        store.close()
    assert verify_store(workspace)["problems"] == [] and verify_ledger(workspace, None)["verified"]


def test_an_item_is_traced_by_its_name(taught):
    workspace, report = taught
    item = report["examples"][0]["item"]
    told = "\n".join(render_lines(trace_id(workspace, item, "up", None)))
    assert report["examples"][0]["scenario"] in told and "source-" in told and "rule-" in told


def test_what_is_taught_comes_from_the_train_split_and_never_twice(taught):
    workspace, _report = taught
    store = Store.open(workspace, create=False)
    try:
        benchmark = next(iter(store.all(Benchmark)))
        split = {one.id: one.split for one in store.get_many(benchmark.items) if isinstance(one, Scenario)}
        learned = {
            id
            for policy in store.all(PolicyRef)
            for id in policy.trained_on
            if id.startswith(("response-", "preference-"))
        }
        records = store.get_many(sorted(learned))
        assert len(records) > 100 and {split[one.scenario] for one in records} == {"train"}
        prompts = [one.scenario for one in store.all(Preference)]
        assert len(prompts) == len(set(prompts))
    finally:
        store.close()


def test_a_second_run_does_nothing_and_says_the_same(copy, taught):
    watching = Watching()
    again = run_recipe(recipe(), copy, watching)
    assert all(watching.done_before.values()) and len(watching.done_before) >= 9
    for key in ("table", "scenes", "rounds", "examples", "guardian"):
        assert again[key] == taught[1][key]


def watched(verdict):
    said = Watch(verdict, None, None, None, None, verdict == "judge hacked", "As the test says.", "测试所言。")
    return lambda before, now, settings: said


@pytest.mark.parametrize("verdict", ["judge hacked", "unreadable", "worse"])
def test_a_round_that_hacked_or_harmed_is_not_kept(monkeypatch, copy, taught, verdict):
    monkeypatch.setattr(loop, "watch", watched(verdict))
    # Another margin makes the watch a new step; what came before it is taken from the workspace.
    report = run_recipe(recipe("watch.margin=0.01"), copy, Quiet())
    is_hacked = verdict == "judge hacked"
    assert len(report["rounds"]) == (1 if is_hacked else 2) and not any(one["is_kept"] for one in report["rounds"])
    assert report["watch"]["is_hacked"] is is_hacked and report["watch"]["stopped_after"] == (1 if is_hacked else None)
    assert report["watch"]["why"].startswith("As the test says." if is_hacked else "Not kept: round 1, 2")
    assert report["table"]["second"]["before"] == report["table"]["second"]["after"]  # the base policy stands
    page = render(report)
    assert ("JUDGE HACKED" in page) is is_hacked and "As the test says." in page


def test_the_page_of_a_real_loop_can_be_made(taught):
    page = render(taught[1])
    assert "Orvale" in page and "最小的教学循环" in page


def test_a_reading_set_in_two_places_is_refused():
    with pytest.raises(SettingError, match=r"benchmark\.reading"):
        recipe('benchmark.reading.jurisdiction="XX"')


def test_a_recipe_is_taken_to_another_country_from_the_command_line():
    shipped = Path(__file__).parents[2] / "recipes" / "medes-style.toml"
    given = load_recipe(shipped, ["corpus.set=", f'corpus.folder="{CORPUS}"'])
    assert corpus_folder(given.corpus, given.data, given.name) == CORPUS
    with pytest.raises(SettingError, match="both given"):
        load_recipe(shipped, [f'corpus.folder="{CORPUS}"'])
