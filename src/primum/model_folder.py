"""Model folders as Hugging Face lays them out: checked before they are loaded, named by the hash of their weights.

A folder is whole, or it holds an adapter: what LoRA (arXiv 2106.09685) adds to the weights of another folder, its base, which
`base.json` names by a relative path and by the hash of its weights. The base may hold an adapter too; a chain ends in a whole folder.

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
    "base_of",
    "chain_of",
    "check_model_folder",
    "describe_folder",
    "hash_model",
    "hash_weights",
    "name_base",
    "reading_files",
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
_READING = ("tokenizer_config.json", *(pattern for pattern in _BESIDE_WEIGHTS if pattern != "*config.json"))
_BASE = "base.json"
_ADAPTER_CONFIG = "adapter_config.json"
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


def base_of(folder: Path) -> Path | None:
    """The folder that the adapter in `folder` was trained on; `None` for a whole model. It need not be there.

    Raises `ModelError` when `base.json` cannot be read.
    """
    named = _named_base(folder)
    return None if named is None else Path(os.path.normpath(folder.resolve() / named["base"]))


def chain_of(folder: Path) -> list[Path]:
    """The whole folder at the bottom and, in the order they are merged, the adapters on it; `folder` is the last.

    Raises `ModelError` when a base is missing or the adapters stand on each other in a circle.
    """
    chain = [folder]
    while (base := base_of(chain[-1])) is not None:
        if not base.is_dir():
            raise ModelError(
                f"adapter {chain[-1].name!r}",
                f"has its base nowhere: {_BASE} names {os.path.relpath(base, chain[-1])!r}, and no folder is there",
                "put the base back, or move both together",
                str(chain[-1] / _BASE),
            )
        if base.resolve() in {link.resolve() for link in chain}:
            raise ModelError(
                f"adapter {folder.name!r}",
                "stands on itself, by way of its bases",
                f"correct their {_BASE}",
                str(chain[-1] / _BASE),
            )
        chain.append(base)
    return chain[::-1]


def name_base(folder: Path, base: Path, home: Path | None = None) -> None:
    """Write `base.json`: that the adapter in `folder` stands on `base`. `home` is where `folder` will be moved to, if it will.

    The path is relative, so that a workspace can be moved as a whole.
    """
    start = (home or folder).resolve()
    told = {"base": Path(os.path.relpath(base.resolve(), start)).as_posix(), "weights": hash_weights(base)}
    (folder / _BASE).write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _named_base(folder: Path) -> dict[str, str] | None:
    place = folder / _BASE
    # A whole model may have a file of that name too, for reasons of its own.
    if not place.is_file() or not (folder / _ADAPTER_CONFIG).is_file():
        return None
    name, way_out = f"adapter {folder.name!r}", "train it again, or restore the file"
    try:
        named = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(name, f"has a {_BASE} that cannot be read ({error})", way_out, str(place)) from error
    keys = ("base", "weights")
    if not isinstance(named, dict) or any(not isinstance(named.get(key), str) or not named[key] for key in keys):
        raise ModelError(name, f"has a {_BASE} that does not name its base and the base's weights", way_out, str(place))
    if Path(named["base"]).is_absolute():
        raise ModelError(name, f"names its base by an absolute path in {_BASE}", "make it a relative one", str(place))
    return {key: named[key] for key in keys}


def hash_weights(folder: Path) -> str:
    """SHA-256, in hex, over the names and contents of the weight files of `folder`; for an adapter, over its base's hash too.

    Raises `ModelError` when there are none, and when the base of an adapter is missing or has other weights than it was trained on.
    """
    before = None
    for link in chain_of(folder):
        named = _named_base(link)
        if named is not None and named["weights"] != before:
            raise ModelError(
                f"adapter {link.name!r}",
                f"was trained on other weights than its base {named['base']!r} has now",
                "restore the base, or train the adapter again",
                str(link),
            )
        before = _hash_files(link, before)
    assert before is not None
    return before


def _hash_files(folder: Path, base: str | None) -> str:
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
    if base is not None:
        digest.update(base.encode())
    return digest.hexdigest()


def reading_files(folder: Path) -> list[Path]:
    """The files that decide how the model in `folder` reads and writes: its tokenizer's and its chat template, sorted by name."""
    return sorted({file for pattern in _READING for file in folder.glob(pattern)})


def hash_model(folder: Path) -> str:
    """SHA-256, in hex, over all that decides what the model in `folder` says: weights, config, tokenizer and chat template.

    `hash_weights` names a model; this tells whether a training from it would come to the same.
    """
    digest = hashlib.sha256(hash_weights(folder).encode())
    for link in chain_of(folder)[::-1]:
        for file in sorted(file for pattern in _BESIDE_WEIGHTS for file in link.glob(pattern)):
            digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def check_model_folder(folder: Path, needs_whole: bool = False) -> dict[str, Any]:
    """The `config.json` of a folder that has all a chat model needs; raises `ModelError` naming the first thing that is missing.

    Of an adapter, that of the whole folder it stands on; with `needs_whole` an adapter is refused. Whether its base still has the
    weights it was trained on is not asked here but by `hash_weights`, which reads them.
    """
    name = f"model folder {folder.name!r}"
    if not folder.is_dir():
        raise ModelError(name, "is not a folder", "name the folder of a Hugging Face model", str(folder))
    if (folder / _ADAPTER_CONFIG).is_file() and not any((folder / file).is_file() for file in (_BASE, "config.json")):
        raise ModelError(
            name,
            f"is an adapter without a {_BASE} that says which model it was trained on",
            'merge it into its model first, or write {"base": RELATIVE PATH, "weights": HASH}',
            str(folder),
        )
    whole, *adapters = chain_of(folder)
    if adapters and needs_whole:
        raise ModelError(name, "holds an adapter, and a whole model is needed here", "merge it first", str(folder))
    config = _read_config(whole, f"model folder {whole.name!r}")
    for link in (whole, *adapters):
        _check_weights(link)
    for adapter in adapters:
        _check_adapter(adapter)
    if not (folder / "tokenizer.json").is_file() and not (folder / "tokenizer_config.json").is_file():
        raise ModelError(name, "has no tokenizer", "add tokenizer.json and tokenizer_config.json", str(folder))
    return config


def _check_weights(folder: Path) -> None:
    if weight_files(folder):
        return
    name = f"model folder {folder.name!r}"
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt")) or any(folder.glob("*.pth")):
        raise ModelError(
            name,
            "has its weights only as a pickle, which is never loaded because it can run code",
            "convert them to safetensors",
            str(folder),
        )
    raise ModelError(name, "has no *.safetensors", "name a folder that holds the weights", str(folder))


def _check_adapter(folder: Path) -> None:
    name, place = f"adapter {folder.name!r}", folder / _ADAPTER_CONFIG
    if not (folder / "adapter_model.safetensors").is_file():  # peft would go on to look for a pickle
        raise ModelError(name, "has no adapter_model.safetensors", "restore it, or train it again", str(folder))
    try:
        config = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            name, f"has an {place.name} that cannot be read ({error})", "restore it, or train it again", str(place)
        ) from error
    kind = config.get("peft_type") if isinstance(config, dict) else None
    if kind != "LORA":
        raise ModelError(name, f"is of the kind {kind!r}, and only LORA is known here", "merge it first", str(place))


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
    """The architecture (`qwen3`) and the number of stored parameters, of an adapter those of the whole it is merged into.

    Raises `ModelError` for a damaged folder.
    """
    config = check_model_folder(folder)
    parameters = 0
    whole, *adapters = chain_of(folder)
    for file in weight_files(whole):
        header = _header(file)
        parameters += sum(math.prod(entry["shape"]) for name, entry in header.items() if name != "__metadata__")
    for adapter in adapters:  # they add nothing to that number once merged, but have to be sound
        for file in weight_files(adapter):
            _header(file)
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
