"""The five architectures at a tiny size: each is what it says it is, answers, and learns in every training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from primum.model_folder import describe_folder, hash_weights
from primum.models.local import LoadedModel, LocalPolicy, load_model_folder
from primum.models.tiny import TinySettings, build_tiny
from primum.records import ByRule, PolicyRef, Sampling, Scenario, Turn
from primum.training import (
    BaseSettings,
    ChatRow,
    DpoRow,
    DpoSettings,
    KtoRow,
    KtoSettings,
    SftSettings,
    Trained,
    train_base,
    train_dpo,
    train_kto,
    train_sft,
)

MADE = ByRule(rule="test")
TEXTS = [f"Take {i} tablets with water. 每天服用{i}片，饭后温水送服。" for i in range(24)]
CHATS = [ChatRow([{"role": "user", "content": f"day {i}?"}], f"Take {i % 5} tablets.") for i in range(8)]
KTO = [KtoRow(row.prompt, row.answer, bool(i % 2)) for i, row in enumerate(CHATS)]
DPO = [DpoRow(row.prompt, row.answer, "No.") for row in CHATS]
# Four query heads, so that keys are shared where an architecture shares them.
TINY = {"layers": 2, "width": 32, "heads": 4, "feed_forward": 48, "vocabulary": 400, "context_tokens": 64}
NAMES = {"qwen3": "qwen3", "llama": "llama", "mistral": "mistral", "gemma": "gemma3_text", "gpt_neox": "gpt_neox"}
TWO_STEPS = {"batch_rows": 4, "threads": 1, "learning_rate": 1e-2}  # the first of them warms up from 0


@pytest.fixture(scope="module", params=NAMES)
def named(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(named: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp(named) / "untrained"
    build_tiny(TEXTS, TinySettings(architecture=named, **TINY), made)  # type: ignore[arg-type]
    return made


@pytest.fixture(scope="module")
def base(folder: Path) -> Trained:
    settings = BaseSettings(epochs=16, **{**TWO_STEPS, "learning_rate": 2e-2})  # type: ignore[arg-type]
    return train_base(folder, TEXTS, CHATS, settings, folder.parent / "base")


@pytest.fixture(scope="module")
def loaded(folder: Path) -> LoadedModel:
    return load_model_folder(folder)


def test_it_is_what_it_says(named: str, folder: Path, loaded: LoadedModel) -> None:
    counted = sum(weights.numel() for weights in loaded.model.parameters())
    assert describe_folder(folder) == (NAMES[named], counted) == (loaded.architecture, loaded.parameters)
    assert loaded.context_tokens == 64
    config = json.loads((folder / "config.json").read_text())
    end = loaded.tokenizer.eos_token_id
    assert config["eos_token_id"] == loaded.model.generation_config.eos_token_id == end
    is_tied = loaded.model.get_input_embeddings().weight is loaded.model.get_output_embeddings().weight
    assert is_tied == (named != "gpt_neox")


def test_parameters_are_as_counted_by_hand(named: str, loaded: LoadedModel) -> None:
    vocabulary, width, layers, inner, head = len(loaded.tokenizer), 32, 2, 48, 8
    gated = 3 * width * inner  # three matrices where the feed-forward has a gate, two where not
    layer = {
        "qwen3": 4 * width * width + gated + 2 * width + 2 * head,
        "llama": 4 * width * width + gated + 2 * width,
        "mistral": 2 * width * width + 2 * width * head + gated + 2 * width,  # one key head for all four
        "gemma": 2 * width * width + 2 * width * 2 * head + gated + 4 * width + 2 * head,  # one for two
        "gpt_neox": 4 * width * width + 4 * width + 2 * width * inner + inner + width + 4 * width,
    }[named]
    beside = {"gpt_neox": vocabulary * width + 2 * width}.get(named, width)
    assert loaded.parameters == vocabulary * width + layers * layer + beside


def test_no_answer_depends_on_padding_or_on_the_cache(base: Trained) -> None:
    """The long prompt is longer than what Mistral and Gemma see at once in their near layers, and the short one is padded to it."""
    import torch

    ref = PolicyRef(name="t", path="m", weights="0" * 64, stage="base", architecture="x", parameters=1, made=MADE)
    policy, loaded = LocalPolicy(base.folder, ref, threads=1), load_model_folder(base.folder)
    asked = [_scenario("day 1?"), _scenario("day 2? " + "tablets with water. " * 10)]
    together = policy.answer(asked, Sampling(max_new_tokens=6))
    assert together[1].prompt_tokens > 32 and together[0].prompt_tokens < 16
    for scenario, answer in zip(asked, together, strict=True):
        prompt = loaded.tokenizer.apply_chat_template(
            [{"role": "user", "content": scenario.prompt}], tokenize=False, add_generation_prompt=True
        )
        ids = loaded.tokenizer(prompt, add_special_tokens=False)["input_ids"]
        said: list[int] = []
        with torch.inference_mode():
            for _ in range(6):  # the whole read anew for each token, with neither cache nor padding
                said.append(int(loaded.model(torch.tensor([ids + said]), use_cache=False).logits[0, -1].argmax()))
                if said[-1] == loaded.tokenizer.eos_token_id:
                    break
        assert answer.text and answer.text == loaded.tokenizer.decode(said, skip_special_tokens=True).strip()


def test_it_learns_in_every_training(base: Trained, folder: Path, loaded: LoadedModel, tmp_path: Path) -> None:
    made = [
        train_sft(base.folder, CHATS, SftSettings(epochs=1, **TWO_STEPS), tmp_path / "sft"),  # type: ignore[arg-type]
        train_kto(base.folder, KTO, KtoSettings(**TWO_STEPS), tmp_path / "kto"),  # type: ignore[arg-type]
        train_dpo(base.folder, DPO, DpoSettings(**TWO_STEPS), tmp_path / "dpo"),  # type: ignore[arg-type]
    ]
    assert [trained.steps for trained in made] == [2, 2, 2]
    assert len({hash_weights(folder), base.weights, *(trained.weights for trained in made)}) == 5
    for trained in made:
        assert describe_folder(trained.folder) == (loaded.architecture, loaded.parameters)
        assert trained.loss_first is None or 0 < trained.loss_first < 20


def _scenario(prompt: str) -> Scenario:
    return Scenario(
        messages=(Turn(role="user", content=prompt),),
        task="open",
        dimension="d",
        language="en",
        dataset="t",
        made=MADE,
    )
