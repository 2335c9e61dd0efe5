"""`primum reward serve` and `export`: the reward for trainers that live in other environments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["export", "serve"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_TOKEN = "PRIMUM_REWARD_TOKEN"


@click.command("serve")
@click.option("--model", type=_FOLDER, metavar="DIR", help="The folder of the reward model.")
@click.option("--baseline", type=_FOLDER, metavar="DIR", help="The folder of a linear reward instead.")
@click.option(
    "--rubrics",
    type=_FILE,
    metavar="QUERIES.jsonl",
    help="Queries (id, prompt, criteria) that a label may name by id, for OpenRLHF.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8640, show_default=True, type=click.IntRange(0, 65535), help="0 is any free one.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a setting (repeatable).")
def serve(
    model: Path | None, baseline: Path | None, rubrics: Path | None, host: str, port: int, overrides: tuple[str, ...]
) -> None:
    """Serve the reward over HTTP until SIGTERM or Ctrl-C; what is under way is answered first.

    POST /score takes a row of `primum reward score`, or a list of them, and gives as many; POST /reward is what OpenRLHF asks; GET /health
    and GET /card say how it is and what it is. Calls that come together are scored together.

    Whoever reaches the address may ask. With PRIMUM_REWARD_TOKEN in the environment all but /health ask for it (Authorization: Bearer).

    Settings: score.shape, score.reward.alpha …, call_rows, call_bytes, read_s, answer_s, stop_s, batching.rows, batching.wait_ms,
    batching.queue_rows.
    """
    from primum.cycles.reward_rows import read_reward_queries
    from primum.cycles.reward_scoring import open_scorer
    from primum.service.server import Address, RewardService, service_settings_of, token_in
    from primum.service.server import serve as run

    settings, token = service_settings_of(overrides), token_in(_TOKEN)
    known = [] if rubrics is None else read_reward_queries(rubrics, needs_prompt=False)
    scorer = open_scorer(model, baseline)

    def tell(address: str) -> None:
        asks = f"with the token in {_TOKEN}" if token else "without a token"
        click.echo(f"primum: serving {scorer.name} at {address} ({asks}); stop it with Ctrl-C", err=True)

    run(RewardService(scorer, known, settings, token), Address(host, port), tell, settings.stop_s)


@click.command("export")
@click.argument("engine", type=click.Choice(["verl", "openrlhf", "swift"]))
@click.option("--queries", type=_FILE, metavar="QUERIES.jsonl", help="What to train on: id, prompt, criteria.")
@click.option("--pairs", type=_FILE, metavar="PAIRS.jsonl", help="Or the prompts and criteria of pairs by criterion.")
@click.option("--url", default="http://127.0.0.1:8640", show_default=True, help="Where the service will be.")
@click.option("--out", type=_FOLDER, required=True, help="A new folder for the files.")
@click.option("--force", "is_forced", is_flag=True, help="Write over files that are there.")
@options.as_json
def export(as_json: bool, **ordered: Any) -> None:
    """Write the reward function of an ENGINE (verl, openrlhf, swift), its training data, and how to launch it.

    The function asks the service of `primum reward serve` over HTTP with the standard library alone: Primum need not be installed where the
    engine is. A reward that cannot be had is an error there and never 0.
    """
    from primum.cycles.reward_serving import ExportOrder, export_engine

    written = export_engine(ExportOrder(**ordered))
    if as_json:
        render.to_json(written)
    else:
        render.lines(
            [
                f"queries for {written['engine']}: {written['queries']:,}",
                *(f"written: {file}" for file in written["files"]),
            ]
        )
