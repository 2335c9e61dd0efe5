"""`primum cycle attack`: requests of a file, asked in attack styles."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, get_args

import click

from primum.cli import options, render
from primum.records import Style

__all__ = ["attack"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_SHOWN = 5


@click.command("attack")
@click.argument("requests", type=_FILE)
@click.option(
    "--style",
    "styles",
    multiple=True,
    required=True,
    type=click.Choice(get_args(Style)),
    help="A style; several may be given.",
)
@click.option("--out", type=_FILE, required=True, metavar="OUT.jsonl", help="Where the rewrites go.")
@click.option("--endpoint", metavar="URL", help="A chat model rewrites, at this OpenAI-compatible address.")
@click.option("--model", metavar="NAME", help="The chat model's name there.")
@click.option(
    "--checker", metavar="NAME", help="The model there that says whether the intent is kept; by default the same one."
)
@click.option("--key-variable", metavar="NAME", help="The environment variable that holds the endpoint's key.")
@click.option("--limit", type=click.IntRange(1), help="Rewrite so many requests, drawn by the seed.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed draws other wordings.")
@click.option("--force", "is_forced", is_flag=True, help="Write --out anew when it is there.")
@options.as_json
def attack(styles: tuple[Style, ...], as_json: bool, **ordered: Any) -> None:
    """Ask each request in REQUESTS (JSONL: prompt or messages; id, harm_level, language where known) in other styles, its intent
    kept.

    By the embedded generators, or with --endpoint and --model by a chat model. Every rewrite is checked: one that no longer asks what its
    original asks, or of which nobody can say so, is left out and listed. Harmless requests are dressed like harmful ones, so that a policy
    learns what is asked and not how.
    """
    from primum.cycles.attacking import AttackOrder, attack_requests

    started = time.monotonic()
    with render.bar("Rewriting the requests") as moved:
        told = attack_requests(AttackOrder(styles=tuple(dict.fromkeys(styles)), **ordered), moved)
    if as_json:
        render.to_json(told)
        return
    render.table(
        "Rewrites",
        ("style", "kept", "left out"),
        [
            (style, kept, sum(one["style"] == style for one in told["refused"]))
            for style, kept in told["by_style"].items()
        ],
    )
    lines = [
        f"{told['requests']:,} requests, rewritten by {told['by']}; the intent was checked by {told['checked_by']}"
    ]
    lines += [f"left out: {one['id']} ({one['style']}): {one['reason']}" for one in told["refused"][:_SHOWN]]
    if len(told["refused"]) > _SHOWN:
        lines.append(f"and {len(told['refused']) - _SHOWN:,} more left out; --json lists them")
    render.lines([*lines, f"{told['rewrites']:,} rewrites in {time.monotonic() - started:.1f} s: {ordered['out']}"])
