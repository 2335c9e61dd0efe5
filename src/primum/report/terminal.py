"""The end of a run in a terminal: the table before, after and difference, the decision with its reasons, where the page is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from primum.report.certificate import standing, terminal_line
from primum.report.numbers import change, is_share, shown
from primum.report.page import checked
from primum.report.words import in_order, metric, reading_words

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

__all__ = ["bullet", "measures_table", "summary"]

_MEANINGS = {
    "promote": "every rule of the gate is passed; the new model may be released",
    "hold": "the new model is not released; a person decides what happens next",
    "refuse": "the new model must not be released",
}
_STYLES = {"promote": "bold green", "hold": "bold yellow", "refuse": "bold red"}
_READING_STYLES = {"better": "green", "worse": "red"}


def summary(report: Mapping[str, Any], page: str | None = None) -> Group:
    """What `primum run` ends with, for a rich console; `page` is where the HTML page lies. Meaning never hangs on colour.

    Raises `InputError` for a report that cannot be shown, as `render` does.
    """
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    whole = checked(report)
    gate, judge = whole["gate"], whole["judge"]
    notice, certified = standing(judge).notice, terminal_line(judge)
    parts: list[Any] = [
        Text(whole["title"], style="bold"),
        *([bullet(notice.en, "!")] if notice else []),
        *(bullet(note, "!") for note in whole["notes"]),
        Text(),
        measures_table(whole, in_order({*whole["before"], *whole["after"], *whole["difference"]})),
        Text("[low, high] is the 95 % interval; one that holds 0 shows no difference.", style="dim"),
        *([Text(certified, style="dim")] if certified else []),
        Text(),
        Text.assemble((gate["decision"].upper(), _STYLES[gate["decision"]]), f": {_MEANINGS[gate['decision']]}"),
        *(Padding(bullet(reason, "-"), (0, 0, 0, 1)) for reason in gate["reasons"]),
    ]
    if page is not None:
        parts += [Text(), Text.assemble(("Report ", "dim"), Text(page, overflow="fold"))]
    return Group(*parts)


def bullet(text: str, sign: str) -> Table:
    """A line behind a sign, folded beside it."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(sign), Text(text))
    return grid


def measures_table(whole: Mapping[str, Any], names: Sequence[str]) -> Table:
    """The measures `names`, one a row, of `whole`'s before, after and difference."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    before, after, difference = whole["before"], whole["after"], whole["difference"]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Measure", overflow="fold")
    table.add_column("Before", no_wrap=True)
    table.add_column("After", no_wrap=True)
    table.add_column("Difference", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    for place, name in enumerate(names):
        known = metric(name)
        share = is_share(name, before.get(name), after.get(name))
        counted = [f"{part['n']:,}" for part in (before.get(name), after.get(name)) if part]
        table.add_row(
            Text.assemble(known.label.en, (f"\n{known.better} is better" if known.better else "", "dim")),
            _cell(before.get(name), share),
            _cell(after.get(name), share),
            _difference(difference.get(name), name, share),
            "\n".join(dict.fromkeys(counted)),
            end_section=place + 1 < len(names) and len(names) > 9,
        )
    return table


def _cell(estimate: Mapping[str, Any] | None, share: bool) -> Text:
    from rich.text import Text

    seen = shown(estimate, share=share)
    if seen is None:
        return Text("not measured", style="dim")
    return Text.assemble((seen.value, "bold"), (f"\n{seen.interval}", "dim"))


def _difference(estimate: Mapping[str, Any] | None, name: str, share: bool) -> Text:
    from rich.text import Text

    seen = change(estimate, name, share=share)
    if seen is None:
        return Text("not measured", style="dim")
    value = f"{seen.value} {seen.unit}".strip()
    reading = reading_words(seen.reading).en
    style = _READING_STYLES.get(seen.reading, "dim")
    return Text.assemble((value, "bold"), (f" {seen.interval}", "dim"), (f"\n{reading}", style))
