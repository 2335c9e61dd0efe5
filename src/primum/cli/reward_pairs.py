"""`primum reward pairs`: judged answers into pairs by criterion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["pairs"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("pairs")
@click.argument("files", type=_FILE, nargs=-1, metavar="[DATA ANSWERS...]")
@click.option(
    "--generated", "is_generated", is_flag=True, help="Simulated pairs, whose truth is known, in place of DATA."
)
@click.option("--judge", type=_FILE, metavar="JUDGE.toml", help="Which judge, and how.")
@click.option(
    "--verdicts",
    type=_FILE,
    multiple=True,
    metavar="VERDICTS.jsonl",
    help="What primum judge run said of a file of answers; once for each, in their order.",
)
@click.option("--out", type=_FILE, required=True, metavar="PAIRS.jsonl", help="Where the pairs go.")
@click.option(
    "--preferences",
    type=_FILE,
    metavar="DPO.jsonl",
    help="Overall preferences of these pairs too, as TRL's DPO takes them.",
)
@click.option(
    "--to-measure", is_flag=True, help="The pairs will measure: none is left out, nor a label masked, by difficulty."
)
@click.option(
    "--apart-from",
    type=_FILE,
    metavar="PAIRS.jsonl",
    help="Leave out pairs that nearly say what one of these does, or are of its group.",
)
@click.option("--embedder", type=_FOLDER, help="A folder with a sentence encoder: near-duplicates by meaning too.")
@click.option(
    "--measured", type=_FILE, metavar="DATA.jsonl", help="The rubrics that will measure: refuse to teach by them."
)
@click.option(
    "--measured-judge", type=_FILE, metavar="JUDGE.toml", help="The judge that will measure: refuse to teach by it."
)
@click.option("--workspace", type=_FOLDER, help="Keep everything as records there, to be traced.")
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a setting: pairing.per_query=3 (repeatable)."
)
@click.option("--force", "is_forced", is_flag=True, help="Write over files that are there.")
@options.as_json
def pairs(
    files: tuple[Path, ...], is_generated: bool, overrides: tuple[str, ...], as_json: bool, **ordered: Any
) -> None:
    """Make pairs by criterion of the ANSWERS (JSONL: prompt_id, response; a file for each policy) to the queries of DATA (JSONL as
    HealthBench is published), judged by --judge or as --verdicts says.

    Two answers to a query become one pair, with a winner of its own under each criterion. Ties are no winner; where the judge abstained the
    label is left open. Pairs that nearly repeat another one are left out, and some of those that a linear reader finds easy. A criterion's
    kind is its tag kind:safety, kind:excellence.
    """
    from primum.cycles.reward_pairs import PairsOrder, make_pairs, pairs_settings
    from primum.errors import SettingError

    if is_generated == bool(files):
        raise SettingError(
            "--generated" if files else "DATA and ANSWERS",
            "comes with files to read" if files else "are not named",
            "name DATA and ANSWERS, or --generated for simulated pairs",
            "primum reward pairs",
        )
    order = PairsOrder(data=files[0] if files else None, answers=files[1:], **ordered)
    with render.bar("Judging the answers" if files else "Making the pairs") as moved:
        found = make_pairs(order, pairs_settings(overrides), moved)
    if as_json:
        render.to_json(found)
        return
    render.lines(_told(found))


def _told(found: dict[str, Any]) -> list[str]:
    paired, near, hard = found.get("paired"), found["near"], found.get("difficulty")
    told = []
    if paired is None:
        told.append(f"{found['made']:,} simulated pairs were made")
    else:
        told += [
            f"{paired['answers']:,} answers to {paired['queries']:,} queries, judged by {found['judge']['name']}, "
            f"make {found['made']:,} pairs",
            f"not paired: {paired['unusable']:,} unusable answers, {paired['same_text']:,} that repeat another; "
            f"{paired['alike']:,} pairs that no criterion tells apart, {paired['beyond']:,} beyond the limit of a query",
        ]
    told.append(
        f"left out: {len(near['dropped']):,} near-duplicates ({near['contrasts']:,} look alike and are labelled otherwise: kept)"
        + (
            ""
            if hard is None
            else f", {hard['easy']:,} easy, {hard['close']:,} close, {hard['hidden']:,} without a winner"
        )
        + (f", {found['same_group']:,} more of groups in --apart-from" if found["same_group"] else "")
    )
    told.append(f"{found['pairs']:,} pairs in {found['groups']:,} groups, {found['simulated']:,} of them simulated:")
    told += [
        f"  {kind}: {one['samples']:,} with a winner, {one['ties']:,} ties, {one['masked']:,} unknown"
        for kind, one in found["by_kind"].items()
    ]
    overall = found["overall"]
    surely = "" if paired is None else f"; {found['preferences']:,} preferences"
    told.append(
        f"on the whole: {overall['decided']:,} decided, {overall['equal']:,} equal, {overall['open']:,} open{surely}"
    )
    if paired is not None and not found["kept_apart"]:
        told.append("what will measure was not named: --measured and --measured-judge refuse to teach by it")
    told += [f"note: {note}" for note in found.get("notes", ())]
    return told + [f"written: {file}" for file in found["files"]]
