"""`primum signal flag`: a person marks a logged answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, cast

import click

from primum.cli import options, render
from primum.records import FlagReason

__all__ = ["flag"]

_REASONS = ["unsafe", "wrong_refusal", "wrong", "incomplete", "unkind", "privacy", "unusable", "other"]


@click.command("flag")
@click.argument("signal")
@click.option("--reason", type=click.Choice(_REASONS), required=True, help="What is wrong with the answer.")
@click.option("--severity", type=click.IntRange(1, 3), required=True, help="1 slight, 2 moderate, 3 severe.")
@click.option("--by", required=True, help="Who flags; kept as a pseudonym.")
@click.option("--role", required=True, help="In which role: clinician, nurse, pharmacist, patient …")
@click.option("--note", default="", help="Anything to add; direct identifiers are removed.")
@click.option("--correction", default="", help="What should have been answered.")
@options.workspace
@options.as_json
def flag(signal: str, workspace: Path, as_json: bool, **told: Any) -> None:
    """Flag the answer of SIGNAL (its id, or the start of it: primum signal list --each).

    A cycle that starts from the same log takes the flag into account.
    """
    from primum.cycles.signalling import flag_signal

    found = flag_signal(
        workspace,
        signal,
        cast(FlagReason, told["reason"]),
        cast(Literal[1, 2, 3], told["severity"]),
        (told["by"], told["role"]),
        (told["note"], told["correction"]),
    )
    if as_json:
        render.to_json(found)
        return
    state = "flagged" if found["is_new"] else "was flagged so before"
    removed = ", ".join(f"{n} {kind}" for kind, n in found["removed"].items())
    render.lines([f"{found['signal']} {state}: {found['flag']}" + (f" (removed: {removed})" if removed else "")])
