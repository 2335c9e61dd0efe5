"""The main job with drafting and judging done by a chat model, over real HTTP, against a server that misbehaves."""

import json
from pathlib import Path

from primum.cycles.run import load_recipe, run_recipe
from primum.cycles.steps import Quiet
from primum.records import ByModel, Judgement, JudgeRef, Scenario
from primum.store import Store
from servers import ScriptedServer

SMALL = Path(__file__).with_name("small.toml")


def recipe_for(server):
    endpoint = {
        "chat.endpoint.base_url": json.dumps(server.url),
        "chat.endpoint.model": '"scripted"',
        "chat.endpoint.timeout_s": "2",
        "chat.endpoint.is_scripted": "true",
        "chat.draft": "true",
        "chat.draft_norms": "12",
        "chat.judge": "true",
    }
    return load_recipe(SMALL, [f"{key}={value}" for key, value in endpoint.items()])


def test_the_same_run_through_a_chat_model_that_misbehaves(tmp_path):
    with ScriptedServer(faults=0.2, seed=5) as server:
        report = run_recipe(recipe_for(server), tmp_path, Quiet())
        calls = server.answered
        assert server.faults
        again = run_recipe(recipe_for(server), tmp_path, Quiet())
        assert server.answered == calls, "a finished run asks nothing again"
    assert again["before"] == report["before"] and again["gate"] == report["gate"]
    assert any("scripted" in note for note in report["notes"])
    with Store.open(tmp_path, create=False) as store:
        judge = store.get(next(one.judge for one in store.all(Judgement) if one.judge == _judge(store)))
        assert isinstance(judge, JudgeRef) and judge.kind_of == "chat_model"
        drafted = [one for one in store.all(Scenario) if isinstance(one.made, ByModel)]
        assert drafted and all(one.made.is_scripted for one in drafted)
        stances = {one.stance for one in store.all(Judgement) if one.judge == judge.id}
        assert stances <= {"accept", "caution", "refuse", "unusable", "abstained"}
        assert all(one.reason for one in store.all(Judgement) if one.stance == "abstained")


def _judge(store):
    return next(one.id for one in store.all(JudgeRef) if one.kind_of == "chat_model" and one.name == "scripted")
