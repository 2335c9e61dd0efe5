"""`primum principle`: statements distilled from many clinicians' criteria."""

from __future__ import annotations

import click

from primum.cli.lazy import Lazy

__all__ = ["COMMANDS", "principle"]

COMMANDS = {
    "distil": ("primum.cli.principle_distil", "distil", "Distil the rubrics of a workspace into principles."),
    "edit": ("primum.cli.principle_life", "edit", "Say a principle in other words, or weigh it otherwise."),
    "list": ("primum.cli.principle_life", "list_all", "List the principles that hold."),
    "merge": ("primum.cli.principle_life", "merge", "Make one principle of several."),
    "page": ("primum.cli.principle_distil", "page", "Write the principles as a page, with their map and tree."),
    "retire": ("primum.cli.principle_life", "retire", "Use a principle no more, and say why."),
    "show": ("primum.cli.principle_life", "show", "Show what a principle covers, rests on, and was."),
}


@click.group("principle", cls=Lazy, found=COMMANDS)
def principle() -> None:
    """Distil, list, show, edit, merge and retire principles."""
