"""`primum rubric`: what a good answer is, from a draft to what clinicians own."""

from __future__ import annotations

import click

from primum.cli.lazy import Lazy

__all__ = ["COMMANDS", "rubric"]

COMMANDS = {
    "diff": ("primum.cli.rubric_life", "diff", "Say what changed between two versions, word by word."),
    "draft": ("primum.cli.rubric_draft", "draft", "Draft a rubric for each query, by rule or by a chat model."),
    "edit": ("primum.cli.rubric_life", "edit", "Write a rubric as a sheet to be refined."),
    "export": ("primum.cli.rubric_share", "export_rubrics", "Write rubrics or preferences for other tools."),
    "import": ("primum.cli.rubric_share", "import_rubrics", "Read rubrics or preferences from other tools."),
    "lint": ("primum.cli.rubric_lint", "lint", "Find faults in rubrics, and mend what a rule can mend."),
    "merge": ("primum.cli.rubric_life", "merge", "Merge several people's refinements; show where they differ."),
    "prefer": ("primum.cli.rubric_prefer", "prefer", "Turn judged answers into preferences and approvals."),
    "refine": ("primum.cli.rubric_life", "refine", "Read a refined sheet back as a new version."),
    "settle": ("primum.cli.rubric_life", "settle", "Settle what a merge left in dispute."),
    "show": ("primum.cli.rubric_life", "show", "Show a rubric, its versions and who made them."),
    "synthesise": ("primum.cli.rubric_synthesise", "synthesise", "Write rubrics from principles for new queries."),
    "verify": ("primum.cli.rubric_life", "verify", "Verify a rubric as a person in a role."),
}


@click.group("rubric", cls=Lazy, found=COMMANDS)
def rubric() -> None:
    """Draft, lint, refine, verify, merge and share rubrics; write them for queries nobody labelled."""
