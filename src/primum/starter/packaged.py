"""Where the packaged files lie: the restated norms that come with Primum, as Markdown by language, and the medical taxonomy."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from primum.errors import InputError
from primum.records import Taxonomy
from primum.taxonomy import read_taxonomy

__all__ = ["medical_taxonomy", "starter_norms", "taxonomy_of"]


def starter_norms() -> Path:
    """The packaged folder of starter norms: `zh/*.md` and `en/*.md`, restatements for demonstration, not legal text."""
    return _packaged("norms")


@cache
def medical_taxonomy() -> Taxonomy:
    """The taxonomy for medicine that comes with Primum: 14 scenes, 20 dimensions, the principles, styles and harm levels of CARES."""
    return read_taxonomy(_packaged("taxonomy/medical.toml"))


def taxonomy_of(folder: Path) -> Taxonomy:
    """The taxonomy that the corpus in `folder` brings along as `taxonomy.toml`; the medical one if it brings none.

    Raises `InputError` for a folder that is none, and for a `taxonomy.toml` that cannot be read as a taxonomy.
    """
    if not folder.is_dir():
        rule = "is a file" if folder.exists() else "does not exist"
        raise InputError(f"folder {folder.name!r}", rule, "name a folder of documents", str(folder))
    own = folder / "taxonomy.toml"
    return read_taxonomy(own) if own.exists() else medical_taxonomy()


def _packaged(name: str) -> Path:
    return Path(str(resources.files("primum.starter").joinpath(name)))
