"""The reference pages, made from the code: every command with its options, every setting with its default.

    python -m primum.cli.reference docs

writes `docs/cli.md` and `docs/recipes.md`; a test compares them with the code.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

__all__ = ["commands_page", "settings_page"]


def commands_page() -> str:
    """Every command, its arguments and its options, in Markdown."""
    from primum.cli.__main__ import cli

    told = ["# Commands", "", "Made from the code by `python -m primum.cli.reference docs`.", ""]
    told += [
        "Every command that reads or writes records takes `--workspace DIR`. An error is one line on standard error and exit code 2;",
        "`primum --debug COMMAND` shows its traceback. `ledger verify` and `store verify` exit with 1 when something does not hold.",
        "",
    ]
    context = click.Context(cli, info_name="primum")
    for path, command in _walk(cli, context, "primum"):
        told += [f"## `{path}`", "", inspect.cleandoc(command.help or ""), "", "```", _usage(command, path), "```", ""]
    return "\n".join(told).rstrip() + "\n"


def _walk(group: click.Group, context: click.Context, path: str) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _walk(command, click.Context(command, info_name=name, parent=context), f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _usage(command: click.Command, path: str) -> str:
    formatter = click.HelpFormatter(width=110)
    context = click.Context(command, info_name=path)
    formatter.write_usage(path, " ".join(command.collect_usage_pieces(context)))
    rows = [row for one in command.params if (row := one.get_help_record(context)) is not None]
    # click keeps each command's help option as it was first asked for, under whatever parent: it is the same everywhere.
    rows.append(("-h, --help", "Show this message and exit."))
    with formatter.section("Options"):
        formatter.write_dl(rows)
    return formatter.getvalue().rstrip()


def settings_page() -> str:
    """Every setting of a recipe, with its type and default, in Markdown."""
    from primum.cycles.cycling_recipe import CyclesRecipe
    from primum.cycles.loop_recipe import LoopRecipe
    from primum.cycles.principles_recipe import PrinciplesRecipe
    from primum.cycles.recipe import Recipe
    from primum.cycles.reward_planning import PlanRecipe
    from primum.cycles.rewarding_recipe import RewardRecipe

    told = ["# Recipes", "", "Made from the code by `python -m primum.cli.reference docs`.", ""]
    told += [
        "A recipe is a TOML file; its first lines are the command, the hardware, the time it takes and what to expect. An unknown key is",
        "an error. `--set a.b=VALUE` puts a setting on top of the file's.",
        "",
    ]
    told += [
        "A recipe whose `kind` is `cycles`, `principles`, `reward model` or `guardian in the loop` is that; one without is the main job.",
        "One whose `kind` is `reward model plan` is read by `primum reward plan`, and nothing runs it.",
        "",
    ]
    tables: list[tuple[str, type[msgspec.Struct]]] = []
    for recipe in (Recipe, LoopRecipe, PrinciplesRecipe, RewardRecipe, CyclesRecipe, PlanRecipe):
        tables += [one for one in _tables(recipe, "") if one not in tables]
    for path, struct in tables:
        title = f"`[{path}]`" if path else _TITLES[struct.__name__]
        told += [f"## {title}", "", inspect.cleandoc(struct.__doc__ or ""), ""]
        told += ["| setting | type | default |", "|---|---|---|"]
        for field in msgspec.structs.fields(struct):
            if not _inner(field.type):
                told.append(f"| `{field.name}` | `{_type(field.type)}` | {_default(field)} |")
        told.append("")
    return "\n".join(told).rstrip() + "\n"


_TITLES = {
    "CyclesRecipe": "The recipe of cycles after deployment",
    "Recipe": "The recipe of the main job",
    "LoopRecipe": "The recipe of a guardian in the loop",
    "PlanRecipe": "The plan of a reward model on GPUs",
    "PrinciplesRecipe": "The recipe of principles",
    "RewardRecipe": "The recipe of a reward model",
}


def _tables(struct: type[msgspec.Struct], path: str) -> Iterator[tuple[str, type[msgspec.Struct]]]:
    yield path, struct
    for field in msgspec.structs.fields(struct):
        for inner, many in _inner(field.type):
            name = f"{path}.{field.name}" if path else field.name
            yield from _tables(inner, f"[{name}]" if many else name)


def _inner(hint: Any) -> list[tuple[type[msgspec.Struct], bool]]:
    """The tables a setting holds, and whether it is a list of them."""
    info = msgspec.inspect.type_info(hint)
    parts = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    found: list[tuple[type[msgspec.Struct], bool]] = []
    for part in parts:
        if isinstance(part, msgspec.inspect.StructType):
            found.append((part.cls, False))
        elif isinstance(part, msgspec.inspect.VarTupleType) and isinstance(part.item_type, msgspec.inspect.StructType):
            found.append((part.item_type.cls, True))
    return found


def _type(hint: Any) -> str:
    text = hint.__name__ if isinstance(hint, type) and not hasattr(hint, "__args__") else str(hint)
    return text.replace("typing.", "").replace("|", "\\|")


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "**required**"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return f"`{value!r}`"


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / "cli.md").write_text(commands_page(), encoding="utf-8")
    (folder / "recipes.md").write_text(settings_page(), encoding="utf-8")
