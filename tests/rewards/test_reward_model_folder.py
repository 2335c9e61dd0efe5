"""The folder: what is written comes back, and what is broken is refused in one line that names what is wrong."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from reward_nets import CALIBRATED, Heads, answered, make_reward_model, make_tiny
from transformers import AutoTokenizer

from primum.errors import ModelError, RecordError
from primum.frameworks import quiet
from primum.records import Estimate
from primum.rewards.model import (
    CriteriaRewardModel,
    Figure,
    RewardCard,
    RewardModel,
    load_backbone,
    save_reward_model,
)
from primum.rewards.model.card import readme
from primum.stats.calibration import Isotonic

ITEM = answered("Call an ambulance.", "Says to call.", "提到急救。")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("folder")
    make_tiny(root / "tiny")
    make_reward_model(root / "tiny", root / "model", trained_keys=("a",), trained_on=("rubric-1",), data="Our words.")
    return root


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(root / "model", tmp_path / "model"))


def test_what_is_saved_comes_back(root: Path) -> None:
    card = msgspec.json.decode((root / "model/reward.json").read_bytes(), type=RewardCard)
    loaded = RewardModel.load(root / "model", device="cpu")
    assert loaded.card == card and loaded.name == "small" and loaded.fingerprint == card.fingerprint != ""
    assert card.trained_keys == ("a",) and card.calibration == CALIBRATED
    with quiet():
        made = load_backbone(root / "tiny", Heads(), 3)
    assert all(map(torch.equal, loaded.model.state_dict().values(), made.state_dict().values()))
    names = {file.name for file in (root / "model").iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "reward.json", "README.md"} <= names
    assert not [name for name in names if name.endswith((".bin", ".pt", ".pkl"))]
    assert str(root) not in (root / "model/config.json").read_text()  # no path of this machine


def test_it_can_be_loaded_by_transformers(root: Path) -> None:
    code = f"""
import primum.rewards.model.network
from transformers import AutoConfig, AutoModel, AutoTokenizer
model = AutoModel.from_pretrained({str(root / "model")!r})
print(type(model).__name__, AutoConfig.from_pretrained({str(root / "model")!r}).backbone.model_type)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["CriteriaRewardModel", "qwen3"]


def test_the_fingerprint_is_that_of_what_decides(root: Path, tmp_path: Path) -> None:
    first = make_reward_model(root / "tiny", tmp_path / "a", data="Other words.", trained_on=("x",)).fingerprint
    assert first == RewardModel.load(root / "model", device="cpu").fingerprint
    other = {
        make_reward_model(root / "tiny", tmp_path / name, **changed).fingerprint
        for name, changed in {
            "b": {"max_tokens": 256},
            "c": {"calibration": {}},
            "d": {"stances": {"accept": {"en": "Complies."}}},
        }.items()
    }
    assert len(other | {first}) == 4


def broken(copy: Path, reason: str) -> None:
    with pytest.raises(ModelError, match=reason) as refused:
        RewardModel.load(copy, device="cpu")
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 400
    assert str(copy) in str(refused.value)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("config.json", "has no config.json"),
        ("model.safetensors", r"has no \*.safetensors"),
        ("reward.json", "has no reward.json"),
        ("tokenizer.json", "does not have the weights, tokenizer or calibration that its description names"),
        ("chat_template.jinja", "does not have the weights, tokenizer or calibration"),
    ],
)
def test_a_missing_file(copy: Path, name: str, reason: str) -> None:
    (copy / name).unlink()
    broken(copy, reason)


def test_no_folder_and_no_reward_model(root: Path, tmp_path: Path) -> None:
    broken(tmp_path / "nowhere", "is not a folder")
    broken(root / "tiny", "is not a reward model but a 'qwen3': train one from it")


def test_weights_as_a_pickle_are_never_read(copy: Path) -> None:
    (copy / "model.safetensors").unlink()

    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (copy / "ran",))  # type: ignore[return-value]

    (copy / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb()))
    broken(copy, "only as a pickle, which is never loaded")
    assert not (copy / "ran").exists()


@pytest.mark.parametrize("cut", [4, 1000, -8])
def test_truncated_weights(copy: Path, cut: int) -> None:
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:cut])
    broken(copy, "does not have the weights")


def seal(copy: Path, **changes: object) -> None:
    """Make the folder say of itself what it now holds."""
    from primum.rewards.model.folder import fingerprint_of

    card = msgspec.json.decode((copy / "reward.json").read_bytes(), type=RewardCard)
    card = msgspec.structs.replace(card, **changes)
    (copy / "reward.json").write_bytes(
        msgspec.json.encode(msgspec.structs.replace(card, fingerprint=fingerprint_of(copy, card)))
    )


def test_weights_that_are_not_those_of_the_network(copy: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(copy / "model.safetensors")
    meta = {"format": "pt"}
    save_file(
        {name: tensor for name, tensor in weights.items() if name != "safety.weight"}, copy / "model.safetensors", meta
    )
    seal(copy)
    broken(copy, r"lacks weights that do belong to it \(safety.weight\)")
    save_file({**weights, "extra": torch.zeros(2)}, copy / "model.safetensors", meta)
    seal(copy)
    broken(copy, r"has weights that do not belong to it \(extra\)")
    (copy / "model.safetensors").write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00{broken}")
    seal(copy)
    broken(copy, "cannot be loaded")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"name": 3}', '{"name": "x", "max_tokens": 4}', "null", '{"nome": 1}']
)
def test_a_description_that_is_none(copy: Path, text: str) -> None:
    (copy / "reward.json").write_text(text)
    broken(copy, "has a reward.json that cannot be read")
    (copy / "config.json").write_text(text)
    with pytest.raises(ModelError):
        RewardModel.load(copy, device="cpu")


def test_another_layout_and_another_calibration(copy: Path) -> None:
    told = json.loads((copy / "reward.json").read_text())
    (copy / "reward.json").write_text(json.dumps({**told, "layout": 99}))
    broken(copy, "was trained with layout 99 and this version lays texts out as 1")
    told["calibration"]["safety"]["slope"] = 1.0
    (copy / "reward.json").write_text(json.dumps(told))
    broken(copy, "does not have the weights, tokenizer or calibration")


@pytest.mark.parametrize(
    "changed", [{"trained_keys": ["forgotten"]}, {"trained_on": []}, {"is_simulated": True}, {"data": "Other words."}]
)
def test_what_it_learned_from_cannot_be_written_anew(copy: Path, changed: dict[str, object]) -> None:
    told = json.loads((copy / "reward.json").read_text())
    (copy / "reward.json").write_text(json.dumps({**told, **changed}))
    broken(copy, r"has a reward\.json that was changed after it was saved")
    (copy / "reward.json").write_text(json.dumps({**told, "seal": ""}))
    broken(copy, r"has a reward\.json that was changed after it was saved")


@given(st.binary(max_size=60))
def test_any_bytes_as_a_description(root: Path, noise: bytes) -> None:
    folder = root / "noisy"
    if not folder.exists():
        shutil.copytree(root / "model", folder)
    (folder / "reward.json").write_bytes(noise)
    with pytest.raises(ModelError, match=r"reward\.json that cannot be read"):
        RewardModel.load(folder, device="cpu")


def test_nothing_is_overwritten_and_nothing_half_is_left(root: Path, tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(root / "tiny")
    model = load_backbone(root / "tiny", Heads(), 3)
    before = (root / "model/reward.json").read_bytes()
    with pytest.raises(ModelError, match="already holds something"):
        save_reward_model(model, tokenizer, RewardCard(name="x", max_tokens=64), root / "model")
    assert (root / "model/reward.json").read_bytes() == before
    with torch.no_grad():
        model.proficiency.bias.fill_(float("nan"))
    with pytest.raises(ModelError, match="has weights that are no numbers"):
        save_reward_model(model, tokenizer, RewardCard(name="x", max_tokens=64), tmp_path / "new")

    class Broken(CriteriaRewardModel):
        def save_pretrained(self, *args: object, **named: object) -> None:
            super().save_pretrained(*args, **named)
            raise OSError(28, "No space left on device")

    broken_model = Broken(model.config, model.backbone)
    with pytest.raises(OSError, match="the disk takes no more"):
        save_reward_model(broken_model, tokenizer, RewardCard(name="x", max_tokens=64), tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_the_card_says_what_is_known() -> None:
    estimate = Estimate(value=0.91, low=0.85, high=0.95, n=200, unit="groups")
    card = RewardCard(
        name="mine",
        max_tokens=64,
        settings={"head": "one"},
        calibration={"safety": Isotonic(scores=(0.0, 1.0), probabilities=(0.1, 0.9))},
        figures=(Figure(metric="pairwise accuracy", of="safety", estimate=estimate),),
        is_simulated=True,
        is_from_scratch=True,
        with_criteria=False,
        trained_keys=("a", "b"),
        trained_groups=("g",) * 1200,
        trained_policies=("steady", "rushed"),
        trained_languages=("en", "zh"),
    )
    text = readme(card, "qwen3", 31202)
    for part in (
        "# mine",
        "1,200 groups of pairs, 2 families of criteria (listed in `reward.json`). Answers of steady, rushed. In en, zh.",
        "`qwen3`, 31,202 parameters",
        "**Simulated.**",
        "**From scratch.**",
        "**An ablation:**",
        "One head reads safety",
        "| pairwise accuracy | safety | pairs held back from training | 0.910 | 0.850 … 0.950 | 200 preferences |",
        "Intervals are by group of pairs",
        "- safety criteria: isotonic",
        "- proficiency and excellence criteria: **not calibrated**",
        "no medical device",
        "Licence: (not stated)",
    ):
        assert part in text, part
    partly = readme(msgspec.structs.replace(card, simulated_share=0.2), "qwen3", 31202)
    assert "**Partly simulated.** 20 % of the pairs" in partly and "**Simulated.**" not in partly
    with pytest.raises(RecordError, match="has no name or no room"):
        RewardCard(name=" ", max_tokens=64)
