"""`primum corpus`: the norms, their rules, and what changed between two versions."""

from __future__ import annotations

import click

from primum.cli.lazy import Lazy

__all__ = ["COMMANDS", "corpus"]

COMMANDS = {
    "add": ("primum.cli.corpus_norms", "add", "Read the documents in a folder into the workspace."),
    "diff": ("primum.cli.corpus_diff", "diff_command", "Say what changed between two versions of a corpus."),
    "editions": ("primum.cli.corpus_norms", "editions", "List the editions of each corpus in the workspace."),
    "list": ("primum.cli.corpus_norms", "list_sources", "List the sources: what they are, since when they hold."),
    "rules": ("primum.cli.corpus_rules", "rules", "Show who may, must or must not do what, and when."),
    "search": ("primum.cli.corpus_norms", "search", "Search the norms by BM25, in English or Chinese."),
    "show": ("primum.cli.corpus_norms", "show", "Show a norm with its citation path and provisions."),
    "stats": ("primum.cli.corpus_norms", "stats", "Count sources, articles and norms."),
    "taxonomy": ("primum.cli.corpus_taxonomy", "taxonomy", "Show the axes that norms and situations are sorted by."),
}


@click.group("corpus", cls=Lazy, found=COMMANDS)
def corpus() -> None:
    """Read, list and search the norms, draw their rules, compare their versions."""
