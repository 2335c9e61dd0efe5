"""The end of a loop in a terminal: what is simulated, what both judges say before and after, the rounds, and whether a judge was hacked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from primum.report.loop_reading import checked, kept_round, measures, verdict, write_estimate
from primum.report.loop_words import JUDGES, judge_name, watch_words
from primum.report.terminal import bullet, measures_table
from primum.report.words import MEDES_METRICS

if TYPE_CHECKING:
    from rich.console import Group

__all__ = ["summary"]

_STYLES = {"promote": "bold green", "hold": "bold yellow", "refuse": "bold red"}
_SIGNS = {"promote": "=", "hold": "-", "refuse": "!"}


def summary(report: Mapping[str, Any], page: str | None = None) -> Group:
    """What `primum run` ends with for a loop, for a rich console. Raises `InputError` for a report that cannot be shown."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    whole = checked(report)
    said, kept = verdict(whole), kept_round(whole)
    parts: list[Any] = [
        Text(whole["title"], style="bold"),
        *(bullet(note, "!") for note in whole["notes"]),
    ]
    for judge in reversed(JUDGES):
        table = whole["table"][judge]
        names = measures({*MEDES_METRICS, *table["before"], *table["after"], *table["difference"]})
        parts += [Text(), Text(_judge_line(whole, judge), style="bold"), measures_table(table, names)]
        if table["abstained"]:
            left = ", ".join(f"{side} {count:,}" for side, count in table["abstained"].items())
            parts.append(Text(f"Open answers it abstained from: {left}", style="dim"))
    parts.append(Text("[low, high] is the 95 % interval; one that holds 0 shows no difference.", style="dim"))
    rounds: list[Any] = [
        Padding(bullet(_round(one, place), "-"), (0, 0, 0, 1)) for place, one in enumerate(whole["rounds"], 1)
    ]
    parts += [Text(), Text("Rounds", style="bold"), *(rounds or [Text("No round was gone through.", style="dim")])]
    where = f"the policy of round {kept}" if kept else "the policy of the start"
    parts += [Text(), Text.assemble((said.heading.en, _STYLES[said.tone]), f": {said.sentence.en} “After” is {where}.")]
    if said.why is not None:
        parts.append(Padding(bullet(said.why.en, _SIGNS[said.tone]), (0, 0, 0, 1)))
    if page is not None:
        parts += [Text(), Text.assemble(("Report ", "dim"), Text(page, overflow="fold"))]
    return Group(*parts)


def _judge_line(whole: Mapping[str, Any], judge: str) -> str:
    known = (whole["judges"].get(judge) or {}).get("name")
    role = "teaches; its own verdict is no proof" if judge == "guardian" else "nothing was trained on it; it decides"
    return f"{judge_name(judge).en}{f' · {known}' if known else ''}: {role}"


def _round(one: Mapping[str, Any], place: int) -> str:
    """A round in one line: what it taught, both judges' risk after it, and what the watch said."""
    watched = one.get("watch") or {}
    weak = sum(bool(cell.get("is_weak")) for cell in one.get("weak_spots") or [])
    risks = ", ".join(
        f"{judge_name(judge).en.lower()} {write_estimate((one.get(judge) or {}).get('risk_rate'), 'risk_rate')}"
        for judge in JUDGES
    )
    counted = ", ".join(
        f"{one[name]:,} {label}"
        for name, label in (("prompts", "prompts"), ("kept", "better answers"), ("pairs", "pairs"))
        if one.get(name) is not None
    )
    verdict_words = watch_words(watched["verdict"]).en if watched.get("verdict") else "not watched"
    said = verdict_words.upper() if watched.get("is_hacked") else verdict_words
    return f"{one.get('round', place)}: {weak} weak cells; {counted or 'no counts'}; risk: {risks}: {said}"
