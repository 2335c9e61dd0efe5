"""What a model folder holds, read from its config and the headers of its weight files; no framework is imported."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

from primum.errors import ModelError
from primum.models.folder import check_model_folder, weight_files

__all__ = ["describe_folder"]

_LONGEST_HEADER = 100_000_000  # the limit of the safetensors format


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
