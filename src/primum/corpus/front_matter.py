"""The block of `name: value` lines between two `---` lines that may open a Markdown or text file."""

from __future__ import annotations

import datetime
from typing import get_args

import msgspec

from primum.corpus.articles import body_start
from primum.errors import InputError
from primum.records import Authority, Language

__all__ = ["FrontMatter", "front_matter"]


class FrontMatter(msgspec.Struct, frozen=True):
    """What a file says of itself; `None` where it does not."""

    key: str | None = None
    title: str | None = None
    jurisdiction: str | None = None
    authority: Authority | None = None
    language: Language | None = None
    enacted: str | None = None
    effective_from: str | None = None
    effective_to: str | None = None


_DATES = ("enacted", "effective_from", "effective_to")
_CHOICES = {"authority": get_args(Authority), "language": get_args(Language)}


def front_matter(text: str, place: str) -> FrontMatter:
    """The front matter of `text`; empty without a block.

    Raises `InputError` for a line that is not `name: value`, an unknown or repeated name, a bad date, authority or language.
    """
    values: dict[str, str] = {}
    for number, line in enumerate(text[: body_start(text)].split("\n"), start=1):
        if not line.strip() or line.strip() == "---":
            continue
        name, colon, value = line.partition(":")
        name, value, here = name.strip(), value.strip().strip("\"'"), f"{place}:{number}"
        if not colon or not value:
            raise InputError(f"front matter line {line[:60]!r}", "is not `name: value`", "mend or remove it", here)
        if name not in FrontMatter.__struct_fields__:
            known = ", ".join(FrontMatter.__struct_fields__)
            raise InputError(f"front matter name {name!r}", "is unknown", f"use one of {known}", here)
        if name in values:
            raise InputError(f"front matter name {name!r}", "stands twice", "keep one", here)
        _check(name, value, here)
        values[name] = value
    return msgspec.convert(values, FrontMatter)


def _check(name: str, value: str, place: str) -> None:
    if name in _CHOICES and value not in _CHOICES[name]:
        raise InputError(f"{name} {value!r}", "is unknown", f"use one of {', '.join(_CHOICES[name])}", place)
    if name in _DATES:
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            raise InputError(f"{name} {value!r}", "is not a date", "write it as YYYY-MM-DD", place) from None
