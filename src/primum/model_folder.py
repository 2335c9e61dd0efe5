"""Model folders as Hugging Face lays them out: checked before they are loaded, named by the hash of their weights.

Nothing here imports a framework. Weights are read from safetensors only: a pickle can run code when it is loaded.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from primum.errors import ModelError, PrimumError, StoreError

__all__ = [
    "check_model_folder",
    "describe_folder",
    "hash_model",
    "hash_weights",
    "stay_offline",
    "weight_files",
    "writing_weights",
]

_BLOCK = 1 << 22
# What else decides how a model reads and writes; a receipt of its training, say, does not.
_BESIDE_WEIGHTS = (
    "*config.json",
    "tokenizer.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "*.model",
    "chat_template.*",
)
_LONGEST_HEADER = 100_000_000  # the limit of the safetensors format


def stay_offline() -> None:
    """Keep the Hugging Face libraries from the network; call it before they are imported.

    TRL's trainers report their use otherwise, and a medical product must not.
    """
    for name in (
        "HF_HUB_OFFLINE",
        "HF_HUB_DISABLE_TELEMETRY",
        "TRANSFORMERS_OFFLINE",
        "DISABLE_TELEMETRY",
        "DO_NOT_TRACK",
    ):
        os.environ[name] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    constants = sys.modules.get("huggingface_hub.constants")
    if constants is not None:  # it read the environment when it was imported, perhaps before us
        constants.HF_HUB_OFFLINE = True  # type: ignore[attr-defined]
        constants.HF_HUB_DISABLE_TELEMETRY = True  # type: ignore[attr-defined]


@contextmanager
def writing_weights(folder: Path) -> Iterator[None]:
    """Turn a disk that takes no more into a `StoreError`, whichever library met it; all else passes through.

    torch, safetensors and the standard library each raise a class of their own for it.
    """
    try:
        yield
    except PrimumError:
        raise
    except Exception as error:
        if not _is_disk_fault(error):
            raise
        raise StoreError(
            f"folder '{folder.name}'",
            "could not be written, the disk takes no more",
            "free space, then run again",
            str(folder),
        ) from error


def _is_disk_fault(error: BaseException) -> bool:
    numbers = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    told = (
        "No space left",
        "File too large",
        "quota exceeded",
        "PytorchStreamWriter failed",
        "unexpected pos",
        "file write failed",
    )
    while True:
        if (isinstance(error, OSError) and error.errno in numbers) or any(sign in str(error) for sign in told):
            return True
        following = error.__cause__ or error.__context__
        if following is None:
            return False
        error = following


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a model folder, sorted by name."""
    return sorted(folder.glob("*.safetensors"))


def hash_weights(folder: Path) -> str:
    """SHA-256, in hex, over the names and contents of the weight files of `folder`. Raises `ModelError` when it has none."""
    files = weight_files(folder)
    if not files:
        raise ModelError(
            f"model folder {folder.name!r}", "has no *.safetensors", "name a folder that holds the weights", str(folder)
        )
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + str(file.stat().st_size).encode() + b"\0")
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def hash_model(folder: Path) -> str:
    """SHA-256, in hex, over all that decides what the model in `folder` says: weights, config, tokenizer and chat template.

    `hash_weights` names a model; this tells whether a training from it would come to the same.
    """
    digest = hashlib.sha256(hash_weights(folder).encode())
    for file in sorted(file for pattern in _BESIDE_WEIGHTS for file in folder.glob(pattern)):
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def check_model_folder(folder: Path) -> dict[str, Any]:
    """The `config.json` of a folder that has all a chat model needs; raises `ModelError` naming the first thing that is missing."""
    name = f"model folder {folder.name!r}"
    if not folder.is_dir():
        raise ModelError(name, "is not a folder", "name the folder of a Hugging Face model", str(folder))
    config = _read_config(folder, name)
    if not weight_files(folder):
        if any(folder.glob("*.bin")) or any(folder.glob("*.pt")) or any(folder.glob("*.pth")):
            raise ModelError(
                name,
                "has its weights only as a pickle, which is never loaded because it can run code",
                "convert them to safetensors",
                str(folder),
            )
        raise ModelError(name, "has no *.safetensors", "name a folder that holds the weights", str(folder))
    if not (folder / "tokenizer.json").is_file() and not (folder / "tokenizer_config.json").is_file():
        raise ModelError(name, "has no tokenizer", "add tokenizer.json and tokenizer_config.json", str(folder))
    return config


def _read_config(folder: Path, name: str) -> dict[str, Any]:
    place = folder / "config.json"
    way_out = "name the folder of a Hugging Face model"
    try:
        config = json.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(name, "has no config.json", way_out, str(folder)) from None
    except (OSError, ValueError) as error:
        raise ModelError(name, f"has a config.json that cannot be read ({error})", way_out, str(place)) from error
    if not isinstance(config, dict) or not isinstance(config.get("model_type"), str):
        raise ModelError(name, "has a config.json without a model_type", way_out, str(place))
    return config


def describe_folder(folder: Path) -> tuple[str, int]:
    """The architecture (`qwen3`) and the number of stored parameters. Raises `ModelError` for a damaged folder."""
    config = check_model_folder(folder)
    parameters = 0
    for file in weight_files(folder):
        header = _header(file)
        parameters += sum(math.prod(entry["shape"]) for name, entry in header.items() if name != "__metadata__")
    return str(config["model_type"]), parameters


def _header(file: Path) -> dict[str, Any]:
    """The JSON header of a safetensors file: its length in 8 bytes, little-endian, then the text."""
    with file.open("rb") as stream:
        try:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > _LONGEST_HEADER:
                raise ValueError(f"a header of {length} bytes")
            header: dict[str, Any] = json.loads(stream.read(length))
        except (struct.error, ValueError) as error:
            raise ModelError(
                f"weight file '{file.name}'",
                f"is not safetensors ({error})",
                "download or convert it again",
                str(file.parent),
            ) from error
    return header
