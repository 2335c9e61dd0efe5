"""The end of a run of a reward model in a terminal: what is simulated, the bench, the watch, before and after, which ids to trace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from primum.report.numbers import change, shown
from primum.report.reward_page_reading import (
    Bench,
    bench,
    checked,
    measures,
    readers,
    stages,
    table_of,
    verdict,
    warnings,
)
from primum.report.reward_page_words import RULES, kind_words, measure_name, slice_name
from primum.report.terminal import bullet, measures_table
from primum.report.words import metric

if TYPE_CHECKING:
    from rich.console import Group

__all__ = ["summary"]

_STYLES = {"promote": "bold green", "hold": "bold yellow", "refuse": "bold red"}
_TOLD = (("pairwise", "all"), ("pairwise", "safety"), ("veto_f1", "safety"), ("overall_lexicographic", "all"))
_WHERE = ("unseen_criteria", "unseen_policies", "other_language")


def summary(report: Mapping[str, Any], page: str | None = None) -> Group:
    """What `primum run` ends with for a reward model, for a rich console. Raises `InputError` for a report that cannot be shown."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    whole = checked(report)
    said, table = verdict(whole), table_of(whole["test"]["comparisons"])

    def listed(lines: Iterator[str] | list[str]) -> list[Any]:
        return [Padding(bullet(line, "-"), (0, 0, 0, 1)) for line in lines]

    noted = dict.fromkeys([*(one.en for one in warnings(whole)), *whole["notes"]])
    parts: list[Any] = [Text(whole["title"], style="bold"), *(bullet(note, "!") for note in noted)]
    counts = " → ".join(f"{one.label.en.lower()} {one.total:,}" for one in stages(whole) if one.total is not None)
    parts += [Text(), *listed([counts or "no counts"])]
    parts += [Text(), Text("The reward model on the bench", style="bold")]
    parts += listed(list(_benched(bench(whole))) or ["not measured"])
    parts += [Text(), Text("The steering, watched", style="bold"), *listed(list(_steered(whole["grpo"])))]
    held = (whole["judges"].get("held") or {}).get("name") or "not named"
    parts += [Text(), Text(f"Before and after · measured by {held}, which gave no reward", style="bold")]
    names = measures({*table["before"], *table["after"], *table["difference"]})
    parts.append(measures_table(table, names))
    parts.append(Text("[low, high] is the 95 % interval; one that holds 0 shows no difference.", style="dim"))
    parts += listed(list(_read(whole)))
    parts += [Text(), Text.assemble((said.heading.en, _STYLES[said.tone]), f": {said.sentences[0].en}")]
    if whole["trace"]:
        parts += [Text(), Text("Trace with primum trace ID", style="dim")]
        parts += listed([f"{one['what']}: {one['id']}" for one in whole["trace"]])
    if page is not None:
        parts += [Text(), Text.assemble(("Report ", "dim"), Text(page, overflow="fold"))]
    return Group(*parts)


def _benched(found: Bench) -> Iterator[str]:
    """The few numbers to read first, with what the baseline reaches, and the parts that it never saw."""
    wanted = [(measure, kind, "all") for measure, kind in _TOLD] + [("pairwise", "all", where) for where in _WHERE]
    known = {(line.measure, line.kind, line.where): line for _, lines in found.by_slice for line in lines}
    for name in wanted:
        line = known.get(name)
        own = shown((line.model.get("estimate") if line else None), share=True)
        if line is None or own is None:
            continue
        of = slice_name(line.where).en if line.where != "all" else kind_words(line.kind).en
        told = f"{measure_name(line.measure).en}, {of.lower()}: {own.value} {own.interval}"
        apart = change(line.difference, line.like)
        if apart is not None:
            told += f"; {apart.value} pp {apart.interval} against the linear baseline"
        yield told
    for where, why in found.empty:
        yield f"{slice_name(where).en}: not measured{f', {why}' if why else ''}"


def _steered(grpo: Mapping[str, Any]) -> Iterator[str]:
    watch = grpo["watch"]
    if not watch["sampled"] and not grpo.get("logged"):
        yield "no policy was steered"
        return
    sources = " + ".join(f"{one['name']} × {one['weight']:g}" for one in grpo.get("sources") or [])
    if sources:
        yield f"reward: {sources}"
    stopped = grpo.get("stopped")
    yield f"stopped after step {stopped['step']}: {stopped['reason']}" if stopped else "no rule stopped the training"
    counts: dict[str, int] = {}
    for one in watch["findings"]:
        counts[one["rule"]] = counts.get(one["rule"], 0) + 1
    if counts:
        known = [f"{(RULES[rule].en if rule in RULES else rule).lower()} {count:,}" for rule, count in counts.items()]
        yield f"findings: {', '.join(known)}"
    for one in watch["examined"][-1:]:
        for key, name in (("reward_change", "reward"), ("held_change", "held-back judge")):
            seen = change(one.get(key), "proficiency", share=False)
            if seen is not None:
                yield f"{name} on watched prompts since the start: {seen.value} {seen.interval}"


def _read(whole: Mapping[str, Any]) -> Iterator[str]:
    for judge, rows in readers(whole):
        read = [
            f"{metric(name).label.en.lower()} {seen.value} pp {seen.interval}"
            for name in measures(rows)
            if (seen := change(rows[name]["difference"], name)) is not None
        ]
        if read:
            yield f"as the {judge} reads it: {', '.join(read)}"
