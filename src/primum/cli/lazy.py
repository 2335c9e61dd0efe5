"""Groups whose commands are imported when they are called; their help lines are known without importing them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

__all__ = ["Lazy"]


class Lazy(click.Group):
    """A group of commands by name: (module, attribute, the line that --help shows)."""

    def __init__(self, *args: Any, found: Mapping[str, tuple[str, str, str]], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.found = found

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.found)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.found:
            return None
        module, attribute, _ = self.found[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.found[name][2]) for name in sorted(self.found)])
