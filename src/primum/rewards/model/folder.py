"""A reward model as a Hugging Face folder: written whole or not at all, and read only when it is what its description says.

config.json  model.safetensors     the network; `AutoModel` reads them once `primum.rewards.model.network` is imported
tokenizer.json …                   the tokenizer
README.md                          the card
reward.json                        how it is read, the fingerprint of what decides its answers, a seal over the rest; written last
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import torch
from transformers import AutoConfig, AutoTokenizer

from primum.errors import ModelError, PrimumError
from primum.frameworks import quiet
from primum.model_folder import check_model_folder, writing_weights
from primum.records import content_hash, plain
from primum.rewards.model.backbone import attention_for
from primum.rewards.model.card import RewardCard, readme
from primum.rewards.model.layout import LAYOUT_VERSION
from primum.rewards.model.network import CriteriaRewardConfig, CriteriaRewardModel

__all__ = ["Opened", "fingerprint_of", "open_reward_model", "save_reward_model"]

_CARD, _README = "reward.json", "README.md"
_DECIDE = ("config.json", "*.safetensors", "*.safetensors.index.json", "*token*.json", "chat_template.*", "*.model")
_DECIDE_TOO = ("vocab.*", "merges.txt")
_BLOCK = 1 << 22


class Opened(NamedTuple):
    """A reward model as it was read from a folder."""

    model: CriteriaRewardModel
    tokenizer: Any
    card: RewardCard


def save_reward_model(model: CriteriaRewardModel, tokenizer: Any, card: RewardCard, folder: Path) -> RewardCard:
    """Write the folder, which must not exist or be empty, and return the card with its fingerprint.

    It is written beside its place and moved there when it is whole. Raises `ModelError` when the folder holds something or a weight is no
    number, `StoreError` when the disk takes no more.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ModelError(
            f"folder {folder.name!r}", "already holds something", "remove it or name another one", str(folder)
        )
    if not all(bool(torch.isfinite(weights).all()) for weights in model.parameters()):
        raise ModelError("the reward model", "has weights that are no numbers", "train it again", str(folder))
    partial = folder.parent / f".{folder.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with writing_weights(folder), quiet():
            partial.mkdir(parents=True)
            model.save_pretrained(partial)
            tokenizer.save_pretrained(partial)
            told = msgspec.structs.replace(card, layout=LAYOUT_VERSION, fingerprint=fingerprint_of(partial, card))
            told = msgspec.structs.replace(told, seal=_seal(told))
            parameters = sum(weights.numel() for weights in model.parameters())
            text = readme(told, str(model.config.backbone.model_type), parameters)
            (partial / _README).write_text(text, encoding="utf-8")
            written = msgspec.json.format(msgspec.json.encode(told, order="deterministic"), indent=1)
            (partial / _CARD).write_bytes(written + b"\n")
            _sync(partial)
            if folder.exists():
                folder.rmdir()
            partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return told


def fingerprint_of(folder: Path, card: RewardCard) -> str:
    """The hash of all that decides the answers: weights, config, tokenizer, and of the card layout, length, calibration, stances and
    whether criteria are read."""
    digest = hashlib.sha256()
    files = {file for pattern in (*_DECIDE, *_DECIDE_TOO) for file in folder.glob(pattern)}
    for file in sorted(files):
        digest.update(file.name.encode() + b"\0" + str(file.stat().st_size).encode() + b"\0")
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    own = [LAYOUT_VERSION, card.max_tokens, card.with_criteria, card.calibration, card.stances]
    return content_hash([digest.hexdigest(), own])


def open_reward_model(folder: Path, device: str) -> Opened:
    """Read the folder. Raises `ModelError` in one line when it holds no reward model, or not the one that its `reward.json` names.

    No pickle is read and no code that comes with a model is run. Weights are 32-bit floats on a CPU, as saved on a GPU.
    """
    name = f"reward model {folder.name!r}"
    description = check_model_folder(folder)
    if description["model_type"] != CriteriaRewardConfig.model_type:
        raise ModelError(
            name,
            f"is not a reward model but a {description['model_type']!r}",
            "train one from it (primum reward train)",
            str(folder),
        )
    card = _card(folder, name)
    try:
        with quiet():
            config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            model, told = CriteriaRewardModel.from_pretrained(
                folder,
                config=config,
                local_files_only=True,
                use_safetensors=True,
                dtype="auto" if device.startswith("cuda") else torch.float32,
                attn_implementation=attention_for(device, config.backbone),
                output_loading_info=True,
            )
            model.to(device).eval()
    except PrimumError:
        raise
    # The libraries raise whatever their parts raise on a damaged file; all of it means the same to the user.
    except Exception as error:
        reason = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        raise ModelError(name, f"cannot be loaded ({reason})", "train or fetch it again", str(folder)) from error
    for fault, words in (("missing_keys", "lacks"), ("unexpected_keys", "has"), ("mismatched_keys", "misshapes")):
        if told[fault]:
            which = ", ".join(sorted(str(key) for key in told[fault])[:3])
            raise ModelError(
                name,
                f"{words} weights that do{' not' * (words == 'has')} belong to it ({which})",
                "train or fetch it again",
                str(folder),
            )
    return Opened(model, tokenizer, card)


def _card(folder: Path, name: str) -> RewardCard:
    place = folder / _CARD
    try:
        card = msgspec.json.decode(place.read_bytes(), type=RewardCard)
    except FileNotFoundError:
        raise ModelError(
            name, f"has no {_CARD}, so nobody knows how it is read", "train or fetch it again", str(folder)
        ) from None
    except (OSError, ValueError) as error:
        raise ModelError(
            name,
            f"has a {_CARD} that cannot be read ({str(error).splitlines()[0][:120]})",
            "train or fetch it again",
            str(place),
        ) from error
    if card.layout != LAYOUT_VERSION:
        raise ModelError(
            name,
            f"was trained with layout {card.layout} and this version lays texts out as {LAYOUT_VERSION}",
            "train it again",
            str(place),
        )
    if card.fingerprint != fingerprint_of(folder, card):
        raise ModelError(
            name,
            "does not have the weights, tokenizer or calibration that its description names",
            "train or fetch it again",
            str(folder),
        )
    if card.seal != _seal(card):
        raise ModelError(
            name,
            f"has a {_CARD} that was changed after it was saved, so nobody knows what it learned from",
            "put the file back as it was, or train it again",
            str(place),
        )
    return card


def _seal(card: RewardCard) -> str:
    """The hash of what a card says besides what decides the answers: what it learned from, its figures, whether it is simulated."""
    return content_hash(plain(msgspec.structs.replace(card, fingerprint="", seal="")))


def _sync(folder: Path) -> None:
    for file in sorted(folder.iterdir()):
        with file.open("rb") as stream:
            os.fsync(stream.fileno())
