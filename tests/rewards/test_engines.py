"""The files for engines that live elsewhere: what they import, what their data holds, where an answer begins."""

import ast
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.records import Turn
from primum.rewards.asked import Asked
from primum.rewards.combine import RewardSettings
from primum.rewards.engines import ENGINES, completion_in, data_rows, label_of, launch_page, reward_file, unit_reward
from primum.rewards.model_reward import RewardQuery

VETO = Asked(text="promises a cure", kind="safety", points=-5)
QUERY = RewardQuery("q1", (Turn(role="user", content="怎么保存胰岛素？"),), (Asked(text="says cold", points=3), VETO))
PROMPT = [{"role": "user", "content": "怎么保存胰岛素？"}]


@pytest.mark.parametrize("engine", ENGINES.values(), ids=lambda one: one.name)
def test_a_file_for_an_engine_imports_the_standard_library_and_the_engine_alone(engine):
    tree = ast.parse(reward_file(engine, "http://10.0.0.7:9000"))
    found = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    found |= {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert (
        found - set(sys.stdlib_module_names) == {"verl": set(), "openrlhf": {"torch"}, "swift": {"swift"}}[engine.name]
    )
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert {"verl": "compute_score", "openrlhf": "reward_func", "swift": "PrimumReward"}[engine.name] in names
    assert 'os.environ.get("PRIMUM_REWARD_URL", "http://10.0.0.7:9000")' in reward_file(engine, "http://10.0.0.7:9000")


def test_the_label_of_a_query_holds_all_that_scoring_needs():
    assert json.loads(label_of(QUERY)) == {
        "id": "q1",
        "prompt": PROMPT,
        "criteria": [
            {"text": "says cold", "kind": "proficiency", "points": 3},
            {"text": "promises a cure", "kind": "safety", "points": -5},
        ],
    }


def test_each_engine_gets_the_columns_it_reads():
    verl, openrlhf, swift = (data_rows(ENGINES[name], [QUERY])[0] for name in ("verl", "openrlhf", "swift"))
    assert verl["prompt"] == openrlhf["input"] == swift["messages"] == PROMPT
    assert verl["reward_model"]["ground_truth"] == openrlhf["label"] == swift["primum"] == label_of(QUERY)
    assert set(verl) == {"data_source", "prompt", "ability", "reward_model", "extra_info"}


@pytest.mark.parametrize("engine", ENGINES.values(), ids=lambda one: one.name)
def test_the_page_beside_it_says_how_both_are_started(engine):
    page = launch_page(engine, "http://10.0.0.7:9000", "out", engine.data, 12)
    assert (
        "--port 9000" in page and f"out/{engine.file}" in page and f"out/{engine.data}" in page and "rows: 12" in page
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("P: keep it cold<|im_end|>\n", " keep it cold"),
        ("P:cold</s><pad><pad>", "cold"),
        ("P:", ""),
        ("P:说明<|im_end|> 不是结尾", "说明<|im_end|> 不是结尾"),
        ("Q: cold", None),
    ],
)
def test_an_answer_is_what_follows_its_prompt_without_the_signs_that_end_it(query, said):
    assert completion_in(query, "P:") == said


def test_a_reward_on_0_to_1_by_hand():
    settings = RewardSettings()
    assert unit_reward(0.8, [VETO, VETO], settings) == pytest.approx(4 / 4.5)
    assert unit_reward(-3.2, [VETO, VETO], settings) == pytest.approx(0)
    assert unit_reward(0.65, [QUERY.criteria[0]], settings) == pytest.approx(0.5)
    assert unit_reward(0.8, [VETO], settings, "sum") == pytest.approx(0.9)


@given(st.lists(st.sampled_from([VETO, QUERY.criteria[0]]), max_size=5), st.floats(0, 1))
def test_no_reward_leaves_0_to_1(criteria, share):
    vetoes = sum(one.kind == "safety" for one in criteria)
    least = -1.5 * vetoes - (0.2 if vetoes else 0)
    assert -1e-9 <= unit_reward(least + share * (1.3 - least), criteria, RewardSettings()) <= 1 + 1e-9
