"""The end of a run of principles in a terminal: what is simulated, the counts, before and after, revision, and which ids to trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from primum.report.numbers import change, percent, shown
from primum.report.principles_reading import checked, flow, is_same_judge, measures, table_of, verdict
from primum.report.revision_words import PARTS, ended_words, side_words
from primum.report.terminal import bullet, measures_table
from primum.report.words import metric

if TYPE_CHECKING:
    from rich.console import Group

__all__ = ["summary"]

_STYLES = {"promote": "bold green", "hold": "bold yellow", "refuse": "bold red"}


def summary(report: Mapping[str, Any], page: str | None = None) -> Group:
    """What `primum run` ends with for a run of principles, for a rich console. Raises `InputError` for a report that cannot be shown."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    whole = checked(report)
    said = verdict(whole)
    parts: list[Any] = [Text(whole["title"], style="bold"), *(bullet(note, "!") for note in whole["notes"])]
    parts += [Text(), Text("From queries to revision", style="bold")]
    parts += [Padding(bullet(line, "-"), (0, 0, 0, 1)) for line in (*_counts(whole), *_principles(whole))]
    parts += [Text(), Text(_judges(whole), style="bold"), _table(table_of(whole["test"]["comparisons"]))]
    parts += [Text(line, style="dim") for line in _told(whole["test"])]
    parts.append(Text("[low, high] is the 95 % interval; one that holds 0 shows no difference.", style="dim"))
    parts += [Text(), Text("Revision", style="bold")]
    revised = _revision(whole["revision"]) or ["No answer was revised."]
    parts += [Padding(bullet(line, "-"), (0, 0, 0, 1)) for line in revised]
    parts += [Text(), Text.assemble((said.heading.en, _STYLES[said.tone]), f": {said.sentence.en}")]
    parts += [Padding(bullet(warning.en, "!"), (0, 0, 0, 1)) for warning in said.warnings]
    traced = _traced(whole)
    if traced:
        parts += [Text(), Text("Trace with primum trace ID", style="dim")]
        parts += [Padding(bullet(line, "-"), (0, 0, 0, 1)) for line in traced]
    if page is not None:
        parts += [Text(), Text.assemble(("Report ", "dim"), Text(page, overflow="fold"))]
    return Group(*parts)


def _counts(whole: Mapping[str, Any]) -> list[str]:
    """The strip of the page in one line, and what lint left."""
    stages = [
        f"{one.label.en.lower()} {one.total:,}{f' ({one.under.en})' if one.under else ''}"
        for one in flow(whole)
        if one.total is not None
    ]
    found, left = (sum((whole["rubrics"].get(key) or {}).values()) for key in ("findings", "left"))
    return [" → ".join(stages) or "no counts"] + ([f"lint found {found:,} faults, {left:,} left"] if found else [])


def _principles(whole: Mapping[str, Any]) -> list[str]:
    told = whole["principles"]
    if not told:
        return ["no principle was distilled"]
    line = f"{len(told.get('all') or []):,} principles"
    if told.get("covered") is not None:
        line += f" cover {percent(told['covered'])} % of {told.get('sources', 0):,} criteria"
    if told.get("redundancy") is not None:
        line += f"; redundancy {percent(told['redundancy'])} %"
    stable = shown(told.get("stability"))
    return [f"{line}; stability {'not measured' if stable is None else f'{stable.value} {stable.interval}'}"]


def _judges(whole: Mapping[str, Any]) -> str:
    named = {role: (whole["judges"].get(role) or {}).get("name") or "not named" for role in ("teaches", "measures")}
    return f"Before and after · measured by {named['measures']}, taught by {named['teaches']}"


def _table(table: Mapping[str, Any]) -> Any:
    """The measures under the names they have on the page, and which way is better."""
    names = measures({*table["before"], *table["after"], *table["difference"]})
    called = {name: _called(name) for name in names}
    renamed = {side: {called[name]: part for name, part in table[side].items()} for side in table}
    return measures_table(renamed, [called[name] for name in names])


def _called(name: str) -> str:
    known = metric(name)
    return f"{known.label.en}{f' ({known.better} is better)' if known.better else ''}"


def _told(tested: Mapping[str, Any]) -> list[str]:
    """What is in no measure: abstentions, answers that are no language, criteria that could not be read."""
    lines = []
    if tested["abstained"]:
        shares = {side: f"{percent(share)} %" for side, share in tested["abstained"].items()}
        lines.append(f"Verdicts abstained from: {_both_sides(shares)}")
    if tested["unusable"]:
        counts = {side: f"{count:,}" for side, count in tested["unusable"].items()}
        lines.append(f"Unusable answers: {_both_sides(counts)}")
    if tested.get("unread_criteria") is not None:
        lines.append(f"Criteria the judge could not read, left out beforehand: {tested['unread_criteria']:,}")
    return lines


def _both_sides(values: Mapping[str, str]) -> str:
    return ", ".join(f"{side} {values[side]}" for side in ("before", "after") if side in values)


def _revision(revision: Mapping[str, Any]) -> list[str]:
    """The gain of the last round by each judge, what the rubrics that measure say, what was harmed, and why it ended."""
    told = revision.get("report") or {}
    lines = []
    if revision.get("writer"):
        lines.append(f"writer: {revision['writer']}")
    rounds = told.get("rounds") or []
    for side in ("judge", "second"):
        gains = (rounds[-1].get(side) if len(rounds) > 1 else None) or {}
        read = [f"{PARTS[part].label.en.lower()} {gain}" for part in PARTS if (gain := _gain(gains.get(part), part))]
        if read:
            lines.append(f"{side_words(side).en.lower()}, gain: {', '.join(read)}")
    if is_same_judge(told):
        lines.append("both judges gave the same figures in every round: the second adds no evidence")
    table = table_of(revision.get("measured") or [])
    measured = [
        f"{metric(name).label.en.lower()} {seen.value} pp {seen.interval}"
        for name in measures(table["difference"])
        if (seen := change(table["difference"][name], name))
    ]
    if measured:
        lines.append(f"under the rubrics that measure: {', '.join(measured)}")
    if told.get("ended"):
        ended = ", ".join(f"{count:,} {ended_words(reason).en}" for reason, count in told["ended"].items())
        lines.append(
            f"{told.get('answers', 0):,} answers; {len(told.get('harmed') or []):,} criteria lost; ended: {ended}"
        )
    return lines


def _gain(part: Mapping[str, Any] | None, name: str) -> str | None:
    found = (part or {}).get("gain")
    if not found or "undefined" in found:
        return None
    seen = change(found, name, share=PARTS[name].is_share)
    return None if seen is None else f"{seen.value}{f' {seen.unit}' if seen.unit else ''} {seen.interval}"


def _traced(whole: Mapping[str, Any]) -> list[str]:
    """The ids that lead furthest: a principle, the preference that came of it, the policy, the report."""
    case = whole["case"]
    found = [
        ("principle", (case.get("principle") or {}).get("id")),
        ("preference", (case.get("preference") or {}).get("id")),
        ("policy", case.get("policy") or (whole["policies"][-1].get("id") if whole["policies"] else None)),
        ("report", whole["test"].get("report")),
    ]
    return [f"{what}: {id}" for what, id in found if id]
