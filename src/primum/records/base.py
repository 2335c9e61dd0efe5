"""What every record shares: it is frozen, checks itself when made, and is named by the hash of its content."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from functools import cache
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec

from primum.errors import RecordError

__all__ = ["Record", "Settings", "Value", "answer_digest", "content_hash", "plain"]


def answer_digest(text: str) -> str:
    """The first 20 hex digits of the SHA-256 of an answer: it says which text a verdict is about."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def content_hash(content: object) -> str:
    """SHA-256, in hex, of the canonical JSON of `content` (sorted keys, no white space, UTF-8)."""
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def plain(value: Any) -> Any:
    """A record, or a tuple of such, as plain data: every field, those at their default too."""
    if isinstance(value, msgspec.Struct):
        config = value.__struct_config__
        tagged = {config.tag_field: config.tag} if config.tag_field is not None else {}
        return tagged | {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list | tuple) else value


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A part of a record: frozen and checked like one, without an id of its own.

    What stands at its default is left out of the JSON: a field that a later version adds, with a default, changes no id.
    """

    def __post_init__(self) -> None:
        for name, exact, words, hint, default in _fields(type(self)):
            value = getattr(self, name)
            if value is default:
                continue
            kind = type(value)
            if kind is type(default) and value == default:
                # Left out of the JSON is only what *is* the default.
                msgspec.structs.force_setattr(self, name, default)
                continue
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
            if type(plain) is type(default) and plain == default:
                plain = default
            if plain is not value:  # 1 becomes 1.0 and a list a tuple: one content, one id
                msgspec.structs.force_setattr(self, name, plain)
        self.check()

    def check(self) -> None:
        """Raise `RecordError` when the values break a rule of this record; called once, when it is made."""

    def refuse(self, value: str, rule: str, way_out: str) -> None:
        """Raise the `RecordError` that names `value` as the part of this record that breaks `rule`."""
        raise RecordError(value, rule, way_out, f"a {type(self).__name__}")


class Settings(Value, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=False):
    """The settings of a stage, as a recipe gives them: an unknown key is an error at every depth. Written out, all of them are shown."""


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
    default: Any


@cache
def _fields(struct: type[Value]) -> tuple[_Field, ...]:
    hints = get_type_hints(struct)
    return tuple(_field(field.name, hints[field.name], field.default) for field in msgspec.structs.fields(struct))


def _field(name: str, hint: Any, default: Any) -> _Field:
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    words = {word for part in parts if get_origin(part) is Literal for word in get_args(part) if isinstance(word, str)}
    # A field that holds another Struct was checked when that Struct was made. A float may have to be refused (NaN) and an int to
    # become one, so neither is here where floats are allowed.
    plain = {str, bool, type(None)} | ({int} if float not in parts else set())
    exact = {part for part in parts if part in plain or (isinstance(part, type) and issubclass(part, msgspec.Struct))}
    return _Field(name, frozenset(exact), frozenset(words), Union[hint], default)  # noqa: UP007
