"""What every record shares: it is frozen, checks itself when made, and is named by the hash of its content."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec

from primum.errors import RecordError

__all__ = ["Record", "Settings", "Value", "content_hash"]


def content_hash(content: object) -> str:
    """SHA-256, in hex, of the canonical JSON of `content` (sorted keys, no white space, UTF-8)."""
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a record: frozen and checked like one, without an id of its own."""

    def __post_init__(self) -> None:
        for name, exact, words, hint in _fields(type(self)):
            value = getattr(self, name)
            kind = type(value)
            if kind in exact or (kind is str and value in words):
                continue
            try:
                plain = msgspec.convert(value, hint)
            except msgspec.ValidationError as error:
                self.refuse(
                    f"{name} = {str(value)[:80]!r}", f"is not allowed here ({error})", "give a value of that type"
                )
            if isinstance(plain, float) and not math.isfinite(plain):
                self.refuse(f"{name} = {plain}", "is not a finite number", "leave it out where there is none")
            if plain is not value:  # 1 becomes 1.0 and a list a tuple: one content, one id
                msgspec.structs.force_setattr(self, name, plain)
        self.check()

    def check(self) -> None:
        """Raise `RecordError` when the values break a rule of this record; called once, when it is made."""

    def refuse(self, value: str, rule: str, way_out: str) -> None:
        """Raise the `RecordError` that names `value` as the part of this record that breaks `rule`."""
        raise RecordError(value, rule, way_out, f"a {type(self).__name__}")


class Settings(Value, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The settings of a stage, as a recipe gives them: an unknown key is an error at every depth."""


class Record(Value, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag=str.lower, dict=True):
    """A thing that is kept. Two records with the same content are the same record.

    `id` is `kind-` and the first 20 hex digits of the SHA-256 of the canonical JSON.
    """

    @property
    def id(self) -> str:
        # `dict=True` lets the computed id be kept beside the frozen fields; it is not part of the content.
        known: str | None = self.__dict__.get("_id")
        if known is None:
            known = f"{self.kind()}-{content_hash(self)[:20]}"
            self.__dict__["_id"] = known
        return known

    @classmethod
    def kind(cls) -> str:
        """The word that opens the id and tags the JSON: `norm`, `scenario`, `verdict` …"""
        return cls.__name__.lower()

    def parents(self) -> Iterator[tuple[str, str]]:
        """Pairs (role, id) of the records this one rests on; lineage is read from here and nowhere else."""
        yield from ()


class _Field(NamedTuple):
    """What a field may hold. A value whose type is one of `exact`, or a string among `words`, needs no conversion."""

    name: str
    exact: frozenset[type]
    words: frozenset[str]
    hint: Any


@cache
def _fields(struct: type[Value]) -> tuple[_Field, ...]:
    hints = get_type_hints(struct)
    return tuple(_field(name, hints[name]) for name in struct.__struct_fields__)


def _field(name: str, hint: Any) -> _Field:
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    words = {word for part in parts if get_origin(part) is Literal for word in get_args(part) if isinstance(word, str)}
    # A field that holds another Struct was checked when that Struct was made. A float may have to be refused (NaN) and an int to
    # become one, so neither is here where floats are allowed.
    plain = {str, bool, type(None)} | ({int} if float not in parts else set())
    exact = {part for part in parts if part in plain or (isinstance(part, type) and issubclass(part, msgspec.Struct))}
    return _Field(name, frozenset(exact), frozenset(words), Union[hint])  # noqa: UP007
