"""TOML to frozen settings. An unknown key is an error at every depth, and says what was probably meant; so is a file of another kind,
before all else, and says which kinds there are."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from primum.errors import PrimumError, SettingError
from primum.records.base import Settings

__all__ = ["peek", "read_settings"]

S = TypeVar("S", bound=Settings)


def read_settings(path: Path, kind: type[S], overrides: Iterable[str] = ()) -> S:
    """The settings in the TOML file `path`, with `overrides` (`data.root=DIR`, values in TOML or bare text) put on top.

    Raises `SettingError` for a file that is missing or not TOML, an unknown key, a missing one, or a value of the wrong type.
    """
    tree = _tree(path)
    for override in overrides:
        _override(tree, override)
    return _convert(tree, kind, str(path))


def peek(path: Path, key: str) -> Any:
    """What the TOML file says of `key` at its top, `None` if nothing. Raises `SettingError` for a file that is missing or not TOML."""
    return _tree(path).get(key)


def _tree(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors put a mark in front
    except FileNotFoundError:
        raise SettingError(f"file '{path}'", "does not exist", "name a TOML file of settings", str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"file '{path}'", f"cannot be read ({error})", "name a readable UTF-8 file", str(path)
        ) from error
    try:
        tree = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingError(f"file '{path.name}'", f"is not TOML ({error})", "mend that line", str(path)) from error
    return tree


def _override(tree: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    names = key.strip().split(".")
    if not equals or not all(names):
        raise SettingError(f"'{override}'", "is not KEY=VALUE", "write for example --set data.root=DIR", "--set")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        value = text
    for name in names[:-1]:
        inner = tree.setdefault(name, {})
        if not isinstance(inner, dict):
            raise SettingError(f"setting '{name}' in '{key}'", "is not a table", "name a key of the recipe", "--set")
        tree = inner
    tree[names[-1]] = value


def _convert(tree: dict[str, Any], kind: type[S], place: str) -> S:
    _refuse_other_kind(tree, kind, place)
    try:
        return msgspec.convert(tree, kind)
    except msgspec.ValidationError as error:
        cause = error.__cause__
        if isinstance(cause, PrimumError):
            raise SettingError(cause.value, cause.rule, cause.way_out, place) from error
        message = str(error)
        at = re.search(r"at `\$\.?([^`]*)`", message)
        where = at.group(1) if at else ""
        said = message.split(" - at ")[0]
        missing = re.search(r"missing required field `([^`]+)`", said)
        if missing:
            name = f"{where}.{missing.group(1)}" if where else missing.group(1)
            raise SettingError(f"setting '{name}'", "is missing", "add it, see docs/recipes.md", place) from error
        unknown = re.search(r"unknown field `([^`]+)`", said)
        if unknown:
            name = f"{where}.{unknown.group(1)}" if where else unknown.group(1)
            raise SettingError(f"setting '{name}'", "is unknown", _meant(unknown.group(1), kind), place) from error
        choices = _choices(where, kind) if said.startswith("Invalid enum value") else ()
        if choices:
            given = said.removeprefix("Invalid enum value").strip()
            raise SettingError(f"{where} = {given}", "cannot stand here", _one_of(choices), place) from error
        raise SettingError(
            f"setting '{where or '(whole recipe)'}'", f"is refused ({said})", "see docs/recipes.md", place
        ) from error


def _refuse_other_kind(tree: dict[str, Any], kind: type[msgspec.Struct], place: str) -> None:
    """Raise `SettingError` where a file says, or does not say, that it is of a kind which is not read here."""
    field = next((one for one in msgspec.structs.fields(kind) if one.encode_name == "kind"), None)
    choices = _choices("kind", kind)
    if field is None or not choices:
        return
    if "kind" in tree:
        if tree["kind"] not in choices:
            raise SettingError(f"kind = {tree['kind']!r}", "cannot stand here", _one_of(choices), place)
    elif field.required:
        told = f"{_one_of(choices)}, or name a file that has it"
        raise SettingError("setting 'kind'", "is missing", told, place)


def _meant(unknown: str, kind: type[msgspec.Struct]) -> str:
    """What to do about a name that is not known here. The very same name in another table is told with that table."""
    known = _paths(kind)
    if unknown in known:
        return f"did you mean '{known[unknown]}'?"
    near = difflib.get_close_matches(unknown, known, n=1)
    return f"did you mean '{near[0]}'?" if near else "remove it, or see docs/recipes.md for what there is"


def _paths(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Every setting's name below `kind`, at any depth, and where it stands first (`model.seed`)."""
    found: dict[str, str] = {}
    seen: set[type] = set()
    pending: list[tuple[str, Any]] = [("", msgspec.inspect.type_info(kind))]
    for above, info in pending:  # those further down are put behind, so that what stands highest comes first
        for one in _inner(info):
            if not isinstance(one, msgspec.inspect.StructType) or one.cls in seen:
                continue  # settings may hold settings of their own kind
            seen.add(one.cls)
            for field in one.fields:
                found.setdefault(field.encode_name, above + field.encode_name)
                pending.append((f"{above}{field.encode_name}.", field.type))
    return found


def _choices(where: str, kind: type[msgspec.Struct]) -> tuple[Any, ...]:
    """The values that the setting at a path (`members[...].kind`) may have, where they are a few that are named; else none."""
    level: list[Any] = [msgspec.inspect.type_info(kind)]
    for name in re.sub(r"\[[^\]]*\]", "", where).split("."):
        structs = [one for info in level for one in _inner(info) if isinstance(one, msgspec.inspect.StructType)]
        level = [field.type for one in structs for field in one.fields if field.encode_name == name]
    literals = [one for info in level for one in _inner(info) if isinstance(one, msgspec.inspect.LiteralType)]
    return tuple(value for one in literals for value in one.values)


def _inner(info: Any) -> list[Any]:
    """A type, or those of which it is a union or a list."""
    if isinstance(info, msgspec.inspect.UnionType):
        return [one for part in info.types for one in _inner(part)]
    if isinstance(info, msgspec.inspect.VarTupleType):
        return _inner(info.item_type)
    return [info]


def _one_of(choices: tuple[Any, ...]) -> str:
    return f"give {'one of ' if len(choices) > 1 else ''}{', '.join(map(repr, choices))}"
