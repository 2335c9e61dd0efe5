"""`primum eval`: scores over recorded verdicts, two runs side by side, and results for other tools."""

from __future__ import annotations

import click

from primum.cli.lazy import Lazy

__all__ = ["COMMANDS", "evaluation"]

COMMANDS = {
    "compare": (
        "primum.cli.eval_compare",
        "compare",
        "Compare two runs, and tell the model's change from the judge's.",
    ),
    "export": ("primum.cli.eval_share", "export", "Write results for Inspect, MLflow or Weights & Biases."),
    "import": ("primum.cli.eval_share", "import_log", "Read Inspect's log to judge its answers again."),
    "score": ("primum.cli.eval_score", "score", "Score recorded verdicts as a suite defines it."),
}


@click.group("eval", cls=Lazy, found=COMMANDS)
def evaluation() -> None:
    """Score verdicts, compare runs, and share results."""
