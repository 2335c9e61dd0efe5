"""Where the packaged files lie: the restated norms that come with Primum, as Markdown by language."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

__all__ = ["starter_norms"]


def starter_norms() -> Path:
    """The packaged folder of starter norms: `zh/*.md` and `en/*.md`, restatements for demonstration, not legal text."""
    return Path(str(resources.files("primum.starter").joinpath("norms")))
