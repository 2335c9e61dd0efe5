"""A taxonomy from its TOML file: the axes that norms, situations and answers are sorted by.

key = "medical"
zh = "医学伦理与安全"
en = "Medical ethics and safety"
source = "whose it is"

[[dimensions]]              # also [[scenes]], [[principles]], [[styles]], [[harms]]
key = "transfusion"
group = "safety"
zh = "输血安全"
en = "Transfusion"
about_zh = "…"
about_en = "…"
cues_zh = ["献血", "输血"]  # plain strings
cues_en = ["blood donor"]   # whole words or phrases, lower case
"""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from primum.errors import InputError, PrimumError
from primum.records import ByImport, Category, Settings, Taxonomy

__all__ = ["read_taxonomy"]


class _File(Settings, frozen=True):
    """What may stand in the file; an unknown key is an error at every depth."""

    key: str
    zh: str
    en: str
    source: str
    dimensions: tuple[Category, ...]
    scenes: tuple[Category, ...] = ()
    principles: tuple[Category, ...] = ()
    styles: tuple[Category, ...] = ()
    harms: tuple[Category, ...] = ()


def read_taxonomy(path: Path) -> Taxonomy:
    """The taxonomy in the TOML file `path`; its id depends on what the file says and its name, not on where it lies.

    Raises `InputError` for a file that is missing or not TOML, an unknown, missing or badly typed key, two classes of an axis with
    one key, a dimension or scene with an empty or repeated cue, or with an English cue in capitals.
    """
    place = str(path)
    told = _converted(_tree(path), place)
    for axis in ("dimensions", "scenes"):
        for category in getattr(told, axis):
            _check_cues(category, f"{place}, {axis}")
    try:
        return Taxonomy(
            key=told.key,
            zh=told.zh,
            en=told.en,
            source=told.source,
            made=ByImport(dataset=told.key, row=path.name),
            scenes=told.scenes,
            dimensions=told.dimensions,
            principles=told.principles,
            styles=told.styles,
            harms=told.harms,
        )
    except PrimumError as error:
        raise InputError(error.value, error.rule, error.way_out, place) from error


def _tree(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors put a mark in front
    except FileNotFoundError:
        raise InputError(f"taxonomy '{path.name}'", "does not exist", "name a taxonomy file", str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"taxonomy '{path.name}'", f"cannot be read ({error})", "name a readable UTF-8 file", str(path)
        ) from error
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"taxonomy '{path.name}'", f"is not TOML ({error})", "mend that line", str(path)) from error


def _converted(tree: dict[str, Any], place: str) -> _File:
    try:
        return msgspec.convert(tree, _File)
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, PrimumError):
            cause = error.__cause__
            raise InputError(cause.value, cause.rule, cause.way_out, place) from error
        said, _, where = str(error).partition(" - at ")
        at = where.strip("`").removeprefix("$").lstrip(".")
        missing = re.search(r"missing required field `([^`]+)`", said)
        unknown = re.search(r"unknown field `([^`]+)`", said)
        said_of = missing or unknown
        name = said_of[1] if said_of else ""
        key = f"key '{'.'.join(part for part in (at, name) if part)}' of the taxonomy"
        rule = "is missing" if missing else "is unknown" if unknown else f"is refused ({said})"
        names = (Category if "[" in at else _File).__struct_fields__
        near = difflib.get_close_matches(name, names, n=1)
        way_out = f"did you mean '{near[0]}'?" if unknown and near else f"what may stand there: {', '.join(names)}"
        raise InputError(key, rule, way_out, place) from error


def _check_cues(category: Category, place: str) -> None:
    for name in ("cues_zh", "cues_en"):
        cues = getattr(category, name)
        for cue in cues:
            value = f"cue {cue!r} of '{category.key}'"
            if not cue.strip() or cue != cue.strip():
                raise InputError(value, "is empty or has white space at an end", "write the words alone", place)
            if cues.count(cue) > 1:
                raise InputError(value, "stands twice", "keep one", place)
            if name == "cues_en" and cue != cue.lower():
                raise InputError(value, "is not in lower case", "write English cues in lower case", place)
