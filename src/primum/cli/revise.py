"""`primum revise`: answers rewritten under their rubrics until nothing gets surely better, every draft kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["revise"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_PARTS = (
    ("vetoes", "answers that violate a veto"),
    ("proficiency", "proficiency"),
    ("excellence", "excellence"),
    ("score", "HealthBench score"),
)
_ENDED = {
    "nothing_fails": "nothing fails any more",
    "no_gain": "no draft was surely better",
    "rounds": "the rounds were used up",
    "budget": "the budget was spent",
    "no_draft": "no usable draft was written",
    "unreadable": "the judge could not read the first answer",
}


@click.command("revise")
@click.argument("queries", type=_FILE)
@click.option("--out", type=_FILE, required=True, metavar="REVISED.jsonl", help="Where the answers and all drafts go.")
@click.option("--judge", type=_FILE, required=True, metavar="JUDGE.toml", help="Which judge steers the revision.")
@click.option("--chat", type=_FILE, metavar="CHAT.toml", help="A chat model ([[endpoints]]) answers and rewrites.")
@click.option(
    "--model",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="A policy in a folder answers and rewrites.",
)
@click.option("--embedded", "is_embedded", is_flag=True, help="Compose drafts from the criteria; called simulated.")
@click.option(
    "--rubrics", type=_FILE, metavar="RUBRICS.jsonl", help="Rubrics, HealthBench-shaped; prompt_id is the query's id."
)
@click.option(
    "--principles", type=_FILE, metavar="FILE", help="Principles to synthesise rubrics from; else the workspace's."
)
@click.option("--second", type=_FILE, metavar="JUDGE.toml", help="A judge that steers nothing and measures the gain.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="Most drafts of one answer.")
@click.option(
    "--patience",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Rounds in a row without a gain before it ends.",
)
@click.option(
    "--best-of",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Begin with the best of N answers.",
)
@click.option("--budget-calls", type=click.IntRange(1), metavar="N", help="Most drafts asked for and answers judged.")
@click.option("--budget-tokens", type=click.IntRange(1), metavar="N", help="Most tokens, passed by one batch at most.")
@click.option("--page", type=_FILE, metavar="PAGE.html", help="Also write the report as a page.")
@click.option("--force", "is_forced", is_flag=True, help="Replace --out and --page.")
@options.workspace
@options.as_json
def revise(as_json: bool, **ordered: Any) -> None:
    """Revise the answers to QUERIES (JSONL: id, query, answer; without an answer the model answers first).

    Each round the judge's failed criteria go to the writer with what must stay; a draft is kept only when it is surely better by the
    judge's own bounds and breaks no further veto. All drafts are kept in the workspace, and a run that was stopped goes on. REVISED.jsonl
    can be revised again. A judge that steers is easily pleased: name a --second one to see what was gained.
    """
    from primum.cycles.revising import RevisingOrder, revise_file

    with render.bar("Revising") as moved:
        report = revise_file(RevisingOrder(**ordered), moved)
    page = ordered["page"] if report["answers"] else None
    if page is not None:
        from primum.cycles.benchmark_share import write_new
        from primum.report import revision_page

        write_new(page, revision_page.render(report), is_forced=ordered["is_forced"])
    if as_json:
        render.to_json(report)
    else:
        _show(report, page)


def _show(report: dict[str, Any], page: Path | None) -> None:
    for note in report["notes"]:
        render.lines([f"Note: {note}"])
    if report["answers"]:
        _show_gain(report)
    for one in report["not_revised"][:5]:
        render.lines([f"Not revised: {one['id']}: {one['why']}"])
    if len(report["not_revised"]) > 5:
        render.lines([f"  and {len(report['not_revised']) - 5:,} more, see {report['out']}"])
    render.lines([f"Revised: {report['out']}", *([f"Page: {page}"] if page else [])])


def _show_gain(report: dict[str, Any]) -> None:
    last, cost, drafts = report["rounds"][-1], report["cost"], report["drafts"]
    sides = [("judge", report["judge_name"])]
    if report["second"]:
        sides.append(("second", f"{report['second_name']} (steers nothing)"))
    rows = [
        (
            label,
            name,
            _told(report["rounds"][0][side][part], "mean"),
            _told(last[side][part], "mean"),
            _told(last[side][part], "gain"),
        )
        for part, label in _PARTS
        for side, name in sides
        if last[side][part] is not None
    ]
    title = f"{report['answers']:,} answers, revised by {report['writer']}"
    render.table(title, ("what", "judge", "first", "returned", "difference"), rows)
    ended = ", ".join(f"{count:,} × {_ENDED[why]}" for why, count in report["ended"].items())
    changed = report["changed"]
    render.lines(
        [
            f"Changed: {changed['value']:.0%} of the answers [{changed['low']:.0%}, {changed['high']:.0%}]; "
            f"drafts: {drafts['asked']:,} asked, "
            f"{drafts['kept']:,} kept, {drafts['not_better']:,} not surely better, {drafts['veto']:,} against a veto, "
            f"{drafts['unusable'] + drafts['none']:,} unusable",
            f"Ended: {ended}",
            f"Cost: {cost['drafts']:,} drafts asked for, {cost['judged']:,} answers judged, "
            f"{cost['prompt_tokens'] + cost['completion_tokens']:,} tokens; with first answers and choosing among them "
            f"{report['all_calls']:,} calls, {report['all_tokens']:,} tokens",
        ]
    )
    _show_harm(report["changes"])


def _show_harm(changes: dict[str, Any]) -> None:
    for side, about in (
        ("returned", "returned answers"),
        ("second", "returned answers, by the second judge"),
        ("drafts", "all drafts"),
    ):
        if changes[side] is not None and changes[side]["all"]["n"]:
            found = changes[side]["all"]
            render.lines(
                [
                    f"Criteria of {about}: {found['improved_count']:,} mended, {found['harmed_count']:,} harmed, "
                    f"{found['unchanged_count']:,} as before, {found['open']:,} open"
                ]
            )


def _told(found: dict[str, Any] | None, what: str) -> str:
    one = found[what] if found else None
    if one is None:
        return "–"
    if "undefined" in one:
        return "undefined"
    sign = "+" if what == "gain" else ""
    return f"{one['value']:{sign}.3f} [{one['low']:{sign}.3f}, {one['high']:{sign}.3f}]"
