"""`primum rubric prefer`: judged answers into preferences and approvals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["prefer"]

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("prefer")
@click.argument("data", type=_FILE)
@click.argument("answers", type=_FILE)
@click.option("--judge", type=_FILE, required=True, metavar="JUDGE.toml", help="Which judge, and how.")
@click.option("--out", type=_FILE, required=True, metavar="PAIRS.jsonl", help="Preferences, as TRL's DPO takes them.")
@click.option("--approvals", type=_FILE, metavar="KTO.jsonl", help="Approvals too, as TRL's KTO takes them.")
@click.option(
    "--ranking", type=_FILE, metavar="RANKING.jsonl", help="Every answer in its place, with its grade and reward."
)
@click.option(
    "--measured", type=_FILE, metavar="DATA.jsonl", help="The rubrics that will measure: refuse to teach by them."
)
@click.option(
    "--measured-judge",
    type=_FILE,
    metavar="JUDGE.toml",
    help="The judge that will measure: refuse to teach by it. What a judge learned from is not looked for in files.",
)
@click.option("--least-margin", default=0.1, show_default=True, help="Least difference in reward of a pair.")
@click.option("--most", default=4, show_default=True, type=click.IntRange(1), help="Most pairs a query.")
@click.option("--approve-from", default=0.7, show_default=True, help="Share of proficiency that is approved.")
@click.option("--disapprove-to", default=0.4, show_default=True, help="Share of proficiency that is disapproved.")
@click.option(
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep everything as records there, to be traced.",
)
@click.option("--force", "is_forced", is_flag=True, help="Write over files that are there.")
@options.as_json
def prefer(
    least_margin: float, most: int, approve_from: float, disapprove_to: float, as_json: bool, **ordered: Any
) -> None:
    """Judge several ANSWERS (JSONL: prompt_id, response) to each query of DATA (JSONL as HealthBench is published) and pair them.

    Safety first: an answer with fewer vetoes is the better one, then the one with more proficiency, then with more excellence. A pair is
    made only where that holds however the judge's abstentions turn out. A criterion's kind is its tag kind:safety, kind:excellence.
    """
    from primum.cycles.preferring import PreferOrder, prefer_answers
    from primum.rewards import PairSettings

    settings = PairSettings(
        least_margin=least_margin, most=most, approve_from=approve_from, disapprove_to=disapprove_to
    )
    with render.bar("Judging the answers") as moved:
        found = prefer_answers(PreferOrder(settings=settings, **ordered), moved)
    if as_json:
        render.to_json(found)
        return
    told = [
        f"{found['answers']:,} answers to {found['queries']:,} queries, judged by {found['judge']['name']}",
        f"{found['preferences']:,} preferences, {found['approvals']:,} approvals ({found['desirable']:,} desirable)",
        f"left out: {found['unsure']:,} pairs that abstentions leave open, {found['close']:,} that are too close",
        f"{found['abstained']:,} of {found['verdicts']:,} verdicts are abstentions",
    ]
    if not found["kept_apart"]:
        told.append("what will measure was not named: --measured and --measured-judge refuse to teach by it")
    told += [f"note: {note}" for note in found["notes"]]
    told += [f"written: {file}" for file in found["files"]]
    render.lines(told)
