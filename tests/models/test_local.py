"""The local policy: equal input gives equal answers, nothing unreadable is loaded, choice questions carry their options."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from primum.errors import ModelError
from primum.model_folder import check_model_folder, hash_weights
from primum.models.local import LocalPolicy, load_model_folder, render
from primum.models.tiny import TinySettings, build_tiny
from primum.records import ByModel, ByRule, Choice, PolicyRef, Sampling, Scenario, Turn

MADE = ByRule(rule="test")
TEXTS = [f"Take {i} tablets with water. 每天服用{i}片，饭后温水送服。" for i in range(40)]
SMALL = TinySettings(layers=1, width=16, heads=2, feed_forward=32, vocabulary=400, context_tokens=128)


def scenario(prompt: str, **more: object) -> Scenario:
    return Scenario(
        messages=(Turn(role="user", content=prompt),),
        **{"task": "open", "dimension": "d", "language": "en", "dataset": "t", "made": MADE, **more},  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("local") / "model"
    build_tiny(TEXTS, SMALL, made)
    return made


@pytest.fixture(scope="module")
def policy(folder: Path) -> LocalPolicy:
    ref = PolicyRef(
        name="small",
        path="model",
        weights=hash_weights(folder),
        stage="base",
        architecture="qwen3",
        parameters=1,
        made=MADE,
    )
    return LocalPolicy(folder, ref, threads=1)


def test_answers_come_in_order_and_say_who_gave_them(policy: LocalPolicy) -> None:
    asked = [scenario(f"How many tablets on day {i}? " + "and then " * (i % 5)) for i in range(9)]
    sampling = Sampling(max_new_tokens=8)
    seen: list[tuple[int, int]] = []
    answers = policy.answer(asked, sampling, lambda done, total: seen.append((done, total)))
    assert [answer.scenario for answer in answers] == [one.id for one in asked]
    assert {answer.policy for answer in answers} == {policy.ref.id}
    assert {answer.made for answer in answers} == {ByModel(model="small")}
    assert all(answer.sampling == sampling and 0 < answer.completion_tokens <= 8 for answer in answers)
    assert all(answer.finish == "length" or answer.completion_tokens <= 8 for answer in answers)
    assert seen[0] == (0, 9) and seen[-1] == (9, 9)


def test_equal_input_gives_equal_answers(policy: LocalPolicy) -> None:
    asked = [scenario(f"day {i}?") for i in range(5)]
    for sampling in (Sampling(max_new_tokens=6), Sampling(max_new_tokens=6, temperature=1.0, seed=5)):
        first = policy.answer(asked, sampling)
        again = policy.answer(asked[::-1] + asked[:1], sampling)
        assert [answer.text for answer in again] == [answer.text for answer in first[::-1] + first[:1]]
    warm = [policy.answer(asked, Sampling(max_new_tokens=6, temperature=1.0, seed=s))[0].text for s in range(4)]
    assert len(set(warm)) > 1


def test_no_scenarios_no_answers(policy: LocalPolicy) -> None:
    assert policy.answer([], Sampling(max_new_tokens=4)) == []


def test_padding_does_not_change_a_greedy_answer(policy: LocalPolicy) -> None:
    short = scenario("day 1?")
    alone = policy.answer([short], Sampling(max_new_tokens=8))[0]
    beside = policy.answer([scenario("day 2? " + "tablets " * 20), short], Sampling(max_new_tokens=8))[1]
    assert alone.text == beside.text and alone.prompt_tokens == beside.prompt_tokens


def test_a_prompt_without_room_is_answered_with_nothing_and_says_so(policy: LocalPolicy) -> None:
    long, short = policy.answer([scenario("tablets " * 200), scenario("day 1?")], Sampling(max_new_tokens=4))
    assert (long.text, long.finish, long.completion_tokens) == ("", "length", 0)
    assert long.prompt_tokens > 124 and short.completion_tokens > 0


def test_a_choice_question_shows_its_options_and_asks_for_letters() -> None:
    options = (Choice(letter="A", text="是"), Choice(letter="B", text="否"))
    asked = scenario("可以吗？", task="single_choice", language="zh", options=options, key=("B",))
    assert render(asked) == [{"role": "user", "content": "可以吗？\nA. 是\nB. 否\n只回答选项字母。"}]
    english = scenario("May I?", task="multiple_choice", options=options, key=("A", "B"))
    assert render(english)[-1]["content"].endswith("Answer with the letter(s).")
    assert render(scenario("May I?")) == [{"role": "user", "content": "May I?"}]


def test_the_hash_follows_names_and_contents(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    assert hash_weights(copy) == hash_weights(folder)
    weights = copy / "model.safetensors"
    weights.rename(copy / "other.safetensors")
    renamed = hash_weights(copy)
    content = bytearray((copy / "other.safetensors").read_bytes())
    content[-1] ^= 1
    (copy / "other.safetensors").write_bytes(bytes(content))
    assert len({hash_weights(folder), renamed, hash_weights(copy)}) == 3


def _without_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def _torn_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def _unknown_architecture(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "abacus"}))


def _without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _pickle_only(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _torn_weights(folder: Path) -> None:
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[: len(weights) // 2])


def _without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").unlink()


def _without_template(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_without_config, "no config.json"),
        (_torn_config, "cannot be read"),
        (_unknown_architecture, "abacus"),
        (_without_weights, "no \\*.safetensors"),
        (_pickle_only, "pickle"),
        (_torn_weights, "cannot be loaded"),
        (_without_tokenizer, "no tokenizer"),
        (_without_template, "no chat template"),
    ],
)
def test_a_damaged_folder_is_refused_in_one_line(damage, says: str, folder: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    damage(copy)
    with pytest.raises(ModelError, match=says) as caught:
        load_model_folder(copy)
    assert "\n" not in str(caught.value) and str(copy) in str(caught.value)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not a folder"):
        check_model_folder(tmp_path / "nowhere")
