"""`primum judge`: judges, what they say, and how far they can be trusted."""

from __future__ import annotations

import click

from primum.cli.lazy import Lazy

__all__ = ["COMMANDS", "judge"]

COMMANDS = {
    "certify": (
        "primum.cli.judge_certify",
        "certify",
        "Measure a judge against people's labels and issue its certificate.",
    ),
    "compare": ("primum.cli.judge_run", "compare", "Compare what two or more judges said of the same answers."),
    "correct": ("primum.cli.judge_correct", "correct", "Keep what people corrected, for the judge to be shown."),
    "medes": ("primum.cli.judge_medes", "medes", "Rule on answers by the six MedES questions."),
    "next": ("primum.cli.judge_labels", "next_", "Say which criteria a person should label next."),
    "power": ("primum.cli.judge_labels", "power", "Say how many labels a width of the score takes."),
    "probe": ("primum.cli.judge_certify", "probe", "Measure what sways a judge that should not."),
    "run": ("primum.cli.judge_run", "run", "Judge answers by their criteria."),
}


@click.group("judge", cls=Lazy, found=COMMANDS)
def judge() -> None:
    """Judge answers, compare judges, and measure how far one can be trusted."""
