"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["as_json", "workspace"]

workspace = click.option(
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("workspace"),
    show_default=True,
    help="The folder that holds the store and the artifacts.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output and nothing else.")
