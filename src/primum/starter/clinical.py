"""The four clinical dimensions that queries are sorted by, and queries of our own with their values; both are data, in zh and en.

`clinical/dimensions.toml` defines every value in words for people and models, with examples; `clinical/queries/*.toml` are the queries
that the shipped classifier was trained on. The one who wrote them sorted them; no clinician has seen the values.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import msgspec

from primum.errors import InputError
from primum.records import Language, Value

__all__ = [
    "ByLanguage",
    "Cues",
    "Dimension",
    "DimensionValue",
    "LabelledQuery",
    "check_values",
    "dimensions",
    "labelled_queries",
]

_LANGUAGES: tuple[Language, ...] = ("zh", "en")


class ByLanguage(Value, frozen=True):
    """One text in Chinese and in English."""

    zh: str
    en: str

    def check(self) -> None:
        if not self.zh.strip() or not self.en.strip():
            self.refuse("a text", "is empty in zh or en", "write it in both")

    def of(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class Cues(Value, frozen=True):
    """Short texts by language: examples of a value, or words that often go with it."""

    zh: tuple[str, ...]
    en: tuple[str, ...]

    def of(self, language: Language) -> tuple[str, ...]:
        return self.zh if language == "zh" else self.en


class DimensionValue(Value, frozen=True):
    """One value of a dimension. `cues` are features of the classifier, no rules."""

    key: str
    name: ByLanguage
    definition: ByLanguage
    examples: Cues
    cues: Cues


class Dimension(Value, frozen=True):
    """One way to sort queries: every query has exactly one of its values."""

    key: str
    name: ByLanguage
    definition: ByLanguage
    value: tuple[DimensionValue, ...]

    @property
    def values(self) -> tuple[DimensionValue, ...]:
        return self.value

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its values, in their order."""
        return tuple(value.key for value in self.value)

    def check(self) -> None:
        if len(self.value) < 2 or len(set(self.keys)) != len(self.value):
            self.refuse(
                f"dimension {self.key!r}", "has fewer than two values or one twice", "give each value its own key"
            )


class _File(Value, frozen=True):
    dimension: tuple[Dimension, ...]


class LabelledQuery(NamedTuple):
    """A query of ours and its value on each dimension."""

    text: str
    language: Language
    values: dict[str, str]


@cache
def dimensions() -> tuple[Dimension, ...]:
    """Urgency, uncertainty, expertise and task, in this order, each with its values."""
    return msgspec.convert(_read("dimensions.toml"), _File).dimension


def check_values(values: Mapping[str, str], place: str) -> None:
    """Raise `InputError` unless `values` gives each dimension one of its values and nothing else."""
    expected = {dimension.key: dimension.keys for dimension in dimensions()}
    if set(values) != set(expected):
        raise InputError(
            f"a profile with {sorted(values)}", f"does not have exactly {', '.join(expected)}", "give each once", place
        )
    for key, value in values.items():
        if value not in expected[key]:
            raise InputError(
                f"{key} = {str(value)[:40]!r}",
                "is no value of this dimension",
                f"take one of {', '.join(expected[key])}",
                place,
            )


@cache
def labelled_queries() -> tuple[LabelledQuery, ...]:
    """The queries of our own, zh first, in the order of their files. Raises `InputError` for one that stands there twice."""
    keys = [dimension.key for dimension in dimensions()]
    found: dict[str, LabelledQuery] = {}
    for language in _LANGUAGES:
        place = f"starter/clinical/queries/{language}.toml"
        for text, *values in msgspec.convert(
            _read(f"queries/{language}.toml")["queries"], list[tuple[str, str, str, str, str]]
        ):
            if text in found:
                raise InputError(f"query {text[:40]!r}", "stands there twice", "remove one", place)
            found[text] = LabelledQuery(text, language, dict(zip(keys, values, strict=True)))
            check_values(found[text].values, place)
    return tuple(found.values())


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("primum.starter").joinpath("clinical", name).read_text("utf-8"))
