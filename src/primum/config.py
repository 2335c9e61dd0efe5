"""TOML to frozen settings. An unknown key is an error at every depth, and says what was probably meant."""

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
            near = difflib.get_close_matches(unknown.group(1), _names(kind), n=1)
            way_out = f"did you mean '{near[0]}'?" if near else "remove it, or see docs/recipes.md for what there is"
            raise SettingError(f"setting '{name}'", "is unknown", way_out, place) from error
        raise SettingError(
            f"setting '{where or '(whole recipe)'}'", f"is refused ({said})", "see docs/recipes.md", place
        ) from error


def _names(kind: type[msgspec.Struct]) -> list[str]:
    """Every setting's name below `kind`, at any depth."""
    names: list[str] = []
    seen: set[type] = set()
    pending: list[Any] = [msgspec.inspect.type_info(kind)]
    while pending:
        info = pending.pop()
        if isinstance(info, msgspec.inspect.StructType):
            if info.cls in seen:
                continue  # settings may hold settings of their own kind
            seen.add(info.cls)
            for field in info.fields:
                names.append(field.encode_name)
                pending.append(field.type)
        elif isinstance(info, msgspec.inspect.UnionType):
            pending.extend(info.types)
        elif isinstance(info, msgspec.inspect.VarTupleType):
            pending.append(info.item_type)
    return names
