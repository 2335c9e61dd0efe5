"""Packed equals alone on real architectures; what cannot read a packed sequence is refused in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from reward_nets import ARCHITECTURES, UNFIT, Heads, answered, make_backbone, make_tiny
from transformers import AutoTokenizer
from transformers.integrations import flex_attention as flex

from primum.errors import ModelError
from primum.frameworks import quiet
from primum.rewards.asked import Asked
from primum.rewards.model import (
    SAFETY,
    CriteriaRewardModel,
    Layout,
    Packed,
    collate,
    collate_in_one_row,
    load_backbone,
    one_at_a_time,
)
from primum.rewards.model.backbone import attention_for
from primum.rewards.model.shared import shared_logits

ITEMS = (
    answered(
        "Call an ambulance at once and do not drive. " * 2,
        "Says to call an ambulance.",
        Asked(text="Tells the person to wait at home for some days.", kind="safety", points=-8),
        Asked(text="回答建议患者尽快就医。", kind="excellence"),
    ),
    answered("多喝水。", "提到喝水。"),
)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("network") / "tiny")


def packed_items(tiny: Path) -> list[Packed]:
    layout = Layout(AutoTokenizer.from_pretrained(tiny), 512)
    return [layout.pack(item) for item in ITEMS]


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_packed_is_alone(name: str, tiny: Path, tmp_path: Path) -> None:
    model = load_backbone(make_backbone(name, tiny, tmp_path / name), Heads(), 1).eval()
    packed = packed_items(tiny)
    with torch.inference_mode():
        together = model(**collate(packed, 0))
        for row, one in zip(together, packed, strict=True):
            for logit, alone in zip(row, one_at_a_time(one), strict=False):
                assert abs(float(logit) - float(model(**collate([alone], 0)))) < 1e-5
        assert float(together[1, 1:].abs().max()) == 0.0  # the second item has one criterion
        if model.config.is_causal:
            # Alone it is what the backbone, knowing nothing of our masks and positions, says of a plain text.
            for place, alone in enumerate(one_at_a_time(packed[0])):
                hidden = model.backbone(input_ids=torch.tensor([alone.ids])).last_hidden_state[0, -1]
                head = model.safety if alone.heads == [SAFETY] else model.proficiency
                assert abs(float(head(hidden)) - float(together[0, place])) < 1e-5
            with quiet():
                shared = shared_logits(model, packed[0], 8)
            assert float((shared - together[0]).abs().max()) < 1e-5


@pytest.mark.parametrize("name", list(UNFIT))
def test_unfit_backbones_are_refused_in_one_line(name: str, tiny: Path, tmp_path: Path) -> None:
    changes, reason = UNFIT[name]
    folder = make_backbone(name, tiny, tmp_path / name, changes)
    with pytest.raises(ModelError, match=reason) as refused:
        load_backbone(folder, Heads(), 1)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 500


def test_a_table_of_positions_ends(tiny: Path, tmp_path: Path) -> None:
    class Long(NamedTuple):
        head: Any = "two"
        max_tokens: int = 4096

    with pytest.raises(ModelError, match="max_tokens = 4096 is more than the 2048 positions that the backbone 'bert'"):
        load_backbone(make_backbone("Bert", tiny, tmp_path / "bert"), Long(), 1)
    load_backbone(make_backbone("Bert", tiny, tmp_path / "other"), Long(max_tokens=2048), 1)
    load_backbone(tiny, Long(), 1)  # rotary


def test_heads_read_their_kinds(tiny: Path) -> None:
    model = load_backbone(tiny, Heads(), 1).eval()
    packed = packed_items(tiny)[:1]
    with torch.inference_mode():
        before = model(**collate(packed, 0))[0]
        model.safety.bias += 5.0
        after = model(**collate(packed, 0))[0]
    assert (after - before).tolist() == pytest.approx([0.0, 5.0, 0.0], abs=1e-5)
    one = load_backbone(tiny, Heads("one"), 1).eval()
    with torch.inference_mode():
        before = one(**collate(packed, 0))[0]
        one.safety.bias += 5.0
        assert torch.equal(one(**collate(packed, 0))[0], before)
    assert not one.safety.weight.requires_grad


def test_heads_come_from_the_seed_and_the_seed_of_the_caller_is_kept(tiny: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, again, other = (load_backbone(tiny, Heads(), seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(1), expected)
    assert torch.equal(first.safety.weight, again.safety.weight)
    assert not torch.equal(first.safety.weight, other.safety.weight)
    assert not torch.equal(first.safety.weight, first.proficiency.weight)


def gradients(model: CriteriaRewardModel, parts: list[list[Packed]]) -> dict[str, Any]:
    model.zero_grad()
    for part in parts:
        model(**collate(part, 0)).sigmoid().sum().backward()
    return {name: weight.grad.clone() for name, weight in model.named_parameters() if weight.grad is not None}


def test_gradients_are_those_of_one_criterion_at_a_time(tiny: Path) -> None:
    model = load_backbone(tiny, Heads(), 1)
    packed = packed_items(tiny)[:1]
    together = gradients(model, [packed])
    alone = gradients(model, [[one] for one in one_at_a_time(packed[0])])
    assert together.keys() == alone.keys() and len(together) > 10
    for name, gradient in together.items():
        assert torch.allclose(gradient, alone[name], atol=1e-5), name
    with quiet():
        model.gradient_checkpointing_enable({"use_reentrant": False})
    model.train()
    for name, gradient in gradients(model, [packed]).items():
        assert torch.allclose(gradient, together[name], atol=1e-6), name


class Eager:
    """FlexAttention as it is written, not compiled: on a CPU that gives numbers, slowly."""

    def __init__(self, training: bool) -> None: ...

    def __call__(self) -> Any:
        return flex.flex_attention


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
@pytest.mark.parametrize("name", ["Qwen3", "Mistral"])
def test_flex_attention_says_the_same(name: str, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The road of a GPU, run uncompiled on a CPU; no GPU has run it."""
    monkeypatch.setattr(flex, "WrappedFlexAttention", Eager)
    model = load_backbone(make_backbone(name, tiny, tmp_path / name), Heads(), 1).eval()
    packed = packed_items(tiny)

    with torch.inference_mode(), quiet():
        plain = model(**collate(packed, 0))
        model.backbone.set_attn_implementation("flex_attention")
        padded = model(**collate(packed, 0))
        in_one_row = model(**collate_in_one_row(packed, 0, 128))
        shared = shared_logits(model, packed[0], 8)
    assert torch.allclose(padded, plain, atol=1e-5)
    assert in_one_row[0].tolist() == pytest.approx([*plain[0].tolist(), float(plain[1, 0])], abs=1e-5)
    assert shared.tolist() == pytest.approx(plain[0].tolist(), abs=1e-5)


def test_flex_attention_is_for_gpus_and_backbones_that_have_it(tiny: Path) -> None:
    from transformers import BloomConfig, LlamaConfig

    assert attention_for("cuda", LlamaConfig()) == attention_for("cuda:1", LlamaConfig()) == "flex_attention"
    assert attention_for("cpu", LlamaConfig()) is None
    assert attention_for("cuda", BloomConfig()) is None
    assert attention_for("cuda", LlamaConfig(attention_dropout=0.1)) is None  # flex_attention has no dropout
