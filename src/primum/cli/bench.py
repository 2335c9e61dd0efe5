"""`primum bench`: the situations that policies are tested on, and benchmarks made of them."""

from __future__ import annotations

import click

from primum.cli.lazy import Lazy

__all__ = ["COMMANDS", "bench"]

COMMANDS = {
    "build": ("primum.cli.bench_build", "build", "Build a benchmark from a folder of norms."),
    "card": ("primum.cli.bench_share", "card", "Write the benchmark's data sheet, in English and Chinese."),
    "contamination": (
        "primum.cli.bench_probe",
        "contamination",
        "Look for a benchmark's items in a training set.",
    ),
    "export": ("primum.cli.bench_share", "export", "Write a benchmark to one file: JSONL, CSV, MedES or a page."),
    "lint": ("primum.cli.bench_build", "lint", "Check a benchmark; exit 1 when a check finds something."),
    "list": ("primum.cli.bench_items", "list_", "List the benchmarks and their versions."),
    "refresh": ("primum.cli.bench_refresh", "refresh", "Bring a benchmark to a new version of its corpus."),
    "review": ("primum.cli.bench_items", "review", "Keep what a person says of an item."),
    "show": ("primum.cli.bench_items", "show", "Show an item: what is asked, and why its key is right."),
    "stats": ("primum.cli.bench_items", "stats", "Count the situations by set, language, task and split."),
}


@click.group("bench", cls=Lazy, found=COMMANDS)
def bench() -> None:
    """Build, check, show and share benchmarks; count the situations that policies are tested on."""
