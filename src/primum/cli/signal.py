"""`primum signal`: logged conversations and what people flagged in them, without direct identifiers."""

from __future__ import annotations

import click

from primum.cli.lazy import Lazy

__all__ = ["COMMANDS", "signal"]

COMMANDS = {
    "add": ("primum.cli.signal_add", "add", "Take logs in, without identifiers and without repeats."),
    "flag": ("primum.cli.signal_flag", "flag", "Flag a logged answer, and say what is wrong with it."),
    "list": ("primum.cli.signal_list", "show", "Count signals by harm, style, language, consent and flag."),
}


@click.group("signal", cls=Lazy, found=COMMANDS)
def signal() -> None:
    """Take in what a released policy met: logged conversations and flags. Direct identifiers are removed before anything is stored."""
