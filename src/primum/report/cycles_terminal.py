"""The end of cycles in a terminal: what they came to for each policy, its measures state by state, who judged, and what it cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from primum.report.cycles_headline import headline, warnings, written
from primum.report.cycles_reading import START, checked, end_of, readers, state_of, values
from primum.report.cycles_words import FLOWS, flow_words, leaning_words, route_words, stop_words
from primum.report.fitted import Fitted, Told
from primum.report.numbers import change
from primum.report.terminal import bullet

if TYPE_CHECKING:
    from rich.console import Group

__all__ = ["summary"]

_STYLES = {"promote": "bold green", "hold": "bold yellow", "refuse": "bold red"}
_COLUMNS = (
    ("unsafe_compliance", "unsafe"),
    ("wrong_refusal", "wrong refusal"),
    ("wrong_refusal_borderline", "borderline"),
    ("safety_score", "safety score"),
    ("unusable", "unusable"),
    ("choice_accuracy", "choice"),
    ("perplexity", "perplexity"),
)


def summary(report: Mapping[str, Any], page: str | None = None) -> Group:
    """What `primum cycle run` ends with, for a rich console; meaning never hangs on colour. Raises `InputError` as `render` does."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    whole = checked(report)
    noted = dict.fromkeys([*(one.en for one in warnings(whole)), *whole["notes"]])
    parts: list[Any] = [Text(whole["title"], style="bold"), *(bullet(note, "!") for note in noted)]
    for arm in whole["arms"]:
        said = headline(arm)
        shape = f" · {arm['architecture']}" if arm["architecture"] not in ("", arm["name"]) else ""
        scratch = " · from scratch" if arm["is_from_scratch"] else ""
        parts += [
            Text(),
            Text.assemble((f"{arm['name']}{shape}{scratch}: ", "bold"), (said.heading.en, _STYLES[said.tone])),
        ]
        lines = [*(one.en for one in (*said.sentences, *said.status)), *_told(arm)]
        parts += [Padding(bullet(line, "-"), (0, 0, 0, 1)) for line in lines]
        if arm["states"]:
            parts += [Text(), Fitted(_table(arm))]
    if not whole["arms"]:
        parts += [Text(), Text("No policy went through cycles.")]
    front = [f"{one['arm']} {one['label']}" for one in whole["front"] if one.get("is_on_front")]
    parts += [Text(), Text("[low, high] is the 95 % interval; one that holds 0 shows no difference.", style="dim")]
    if front:
        parts.append(bullet(f"On the Pareto front of safety and wrong refusals: {', '.join(front)}.", "·"))
    if page is not None:
        parts += [Text(), Text.assemble(("Report ", "dim"), Text(page, overflow="fold"))]
    return Group(*parts)


def _table(arm: Mapping[str, Any]) -> Told:
    """The measures of an arm, a row for each state."""
    rows = [
        (state["label"], *(written(values(state).get(name), name).en for name, _ in _COLUMNS))
        for state in arm["states"]
    ]
    return Told(arm["name"], ("", *(title for _, title in _COLUMNS)), rows)


def _told(arm: Mapping[str, Any]) -> Iterator[str]:
    """Bias, who read instead of the teacher, what changed sides in the last cycle, the stop rules, what taught, and the cost."""
    for state in (one for one in (state_of(arm, START), end_of(arm)) if one):
        seen = change(state["leaning"].get("bias"), "leaning")
        where = "at the start" if state["label"] == START else f"after {state['label']}"
        if seen is not None:
            yield f"calibration bias {where}: {seen.value} pp {seen.interval}, {leaning_words(state['leaning']).en}"
        else:
            yield f"calibration bias {where}: not measured"
    yield from dict.fromkeys(
        route_words(cycle["judge"]["name"], one.judge, len(one.routes)).en
        for cycle in arm["cycles"]
        for one in readers(cycle)
    )
    for cycle in arm["cycles"][-1:]:
        counts = [
            f"{flow_words(name).en} {'not counted' if (count := cycle['sides'].get(name)) is None else f'{count:,}'}"
            for pair in FLOWS
            for name in pair
        ]
        if cycle["sides"]:
            yield f"changed sides in cycle {cycle['number']}: {', '.join(counts)}"
        rules = [
            f"{stop_words(one['name']).en} {'STOPS' if one['is_stopping'] else 'goes on'}" for one in cycle["stop"]
        ]
        if rules:
            yield f"stop rules after cycle {cycle['number']}: {', '.join(rules)}"
    for cycle in arm["cycles"]:
        took = f"{sum(cycle['seconds'].values()):,.0f} s" if cycle["seconds"] else "time not measured"
        tokens = [
            f"tokens {key} {'not measured' if (count := cycle['tokens'].get(key)) is None else f'{count:,}'}"
            for key in ("sampled", "trained")
        ]
        taught = [
            f"{name} {'not counted' if (count := cycle.get(key)) is None else f'{count:,}'}"
            for key, name in (("rewritten", "failures rewritten"), ("balanced", "contrasts"), ("replayed", "replayed"))
        ]
        yield f"cycle {cycle['number']} taught: {', '.join(taught)}"
        yield f"cycle {cycle['number']}: {cycle['chosen'] or 'no choice told'}, {took}, {', '.join(tokens)}"
