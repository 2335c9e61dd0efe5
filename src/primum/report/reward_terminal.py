"""The end of a reward model's bench, and of its ablations, in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from primum.errors import StoreError
from primum.report.fitted import Fitted, Told
from primum.report.reward_tables import ablation_lines, ablation_tables, bench_lines, bench_tables, markdown
from primum.report.terminal import bullet

if TYPE_CHECKING:
    from rich.console import Group

__all__ = ["ablation_summary", "bench_summary", "write_ablations"]

_PAGE = "ablations.md"

_INTERVALS = "Shares in per cent. [low, high] is the 95 % interval, resampled by group."
_ARROWS = "▲ ▼ stand before a difference whose interval does not hold 0."
_KEYS = (_INTERVALS, _ARROWS)
_MEANT = (
    "In order: whole pairs, put in the order of their labels. Better answer: found under one criterion. Sure: a chance that is not near "
    "even. Of the Brier score and the calibration error 0 is best."
)
_ABSTAINED = "Abstained: labelled, and not read by it; in no number. Ties and missing labels are in none either."


def bench_summary(found: Mapping[str, Any]) -> Group:
    """What `primum reward bench` ends with, for a rich console."""
    notes = [_MEANT, _INTERVALS, _abstained(found), *([_ARROWS] if found["differences"] else [])]
    return _summary(f"Bench of {found['subjects'][0]['name']}", bench_lines(found), bench_tables(found), notes)


def _abstained(found: Mapping[str, Any]) -> str:
    if any(row["unread"] for row in found["tables"][0]["rows"]):
        return _ABSTAINED
    return "It abstained from nothing: all that is labelled was read. Ties and missing labels are in no number."


def ablation_summary(found: Mapping[str, Any]) -> Group:
    """What `primum reward ablate` ends with, for a rich console."""
    return _summary("Ablations", ablation_lines(found), ablation_tables(found), _KEYS)


def write_ablations(found: Mapping[str, Any], folder: Path) -> Path:
    """Write the ablations as Markdown beside the models, whole or not at all, over what is there; where. Raises `StoreError`."""
    page, half = folder / _PAGE, folder / f".{_PAGE}.half"
    text = markdown("What each part of the reward model is worth", ablation_lines(found), ablation_tables(found), _KEYS)
    try:
        half.write_text(text, encoding="utf-8")
        half.replace(page)
    except OSError as error:
        raise StoreError(
            f"file '{page}'", f"cannot be written ({error.strerror})", "free space or name another folder", str(page)
        ) from error
    finally:
        half.unlink(missing_ok=True)
    return page


def _summary(title: str, lines: Sequence[str], tables: Sequence[Told], notes: Sequence[str]) -> Group:
    from rich.console import Group
    from rich.text import Text

    parts: list[Any] = [Text(title, style="bold"), *(bullet(line, "·") for line in lines)]
    for table in tables:
        parts += [Text(), Text(table.title, style="bold"), Fitted(table), *(bullet(note, "–") for note in table.notes)]
    return Group(*parts, Text(), *(Text(note, style="dim") for note in notes))
