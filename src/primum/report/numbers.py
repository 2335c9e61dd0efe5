"""Numbers as people read them: a share in per cent with its interval and its n, and what a difference lets one say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from primum.report.words import metric

__all__ = ["Change", "Reading", "Shown", "change", "estimates", "is_share", "number", "percent", "shown"]

Reading = Literal["better", "worse", "none", "higher", "lower"]


class Shown(NamedTuple):
    """An estimate in writing: `62.4 %`, `[58.1, 66.9]`, `1,204`, and what was resampled."""

    value: str
    interval: str
    n: str
    unit: str


class Change(NamedTuple):
    """A difference in writing. `unit` is `pp` (percentage points) or empty; `arrow` tells which way the number went."""

    value: str
    unit: str
    interval: str
    n: str
    arrow: str
    reading: Reading


def percent(share: float) -> str:
    """A share as per cent with one decimal, without the sign: 0.6239 is `62.4`; nothing is ever `−0.0`."""
    return _signless(f"{100 * share:.1f}")


def number(value: float) -> str:
    """A number that is not a share, with three decimals at most: two from 10 on, one from 100 on."""
    decimals = 3 if abs(value) < 10 else 2 if abs(value) < 100 else 1
    return _signless(f"{value:,.{decimals}f}".rstrip("0").rstrip(".") or "0")


def is_share(name: str, *parts: Mapping[str, Any] | None) -> bool:
    """Whether a measure is shown in per cent: the known ones are; an unknown one when all its bounds lie in −1…1."""
    known = metric(name)
    if known.better is not None:
        return known.is_share
    return all(abs(part[bound]) <= 1 for part in parts if part for bound in ("value", "low", "high"))


def shown(estimate: Mapping[str, Any] | None, *, share: bool = True) -> Shown | None:
    """The estimate in writing; `None` when it was not measured."""
    if estimate is None:
        return None
    value, low, high = _written(estimate, share)
    return Shown(
        value + ("\u00a0%" if share else ""),
        f"[{low}, {high}]",
        f"{estimate['n']:,}",
        str(estimate["unit"]),
    )


def change(difference: Mapping[str, Any] | None, name: str, *, share: bool = True) -> Change | None:
    """The difference in writing. One whose interval holds 0 is read as `none`: no difference shown, whatever its sign."""
    if difference is None:
        return None
    value, low, high = _written(difference, share)
    arrow = "▼" if value.startswith("−") else "■" if not value.strip("0.") else "▲"
    return Change(
        value if arrow != "▲" else f"+{value}",
        "pp" if share else "",
        f"[{low}, {high}]",
        f"{difference['n']:,}",
        arrow,
        _read(difference, name),
    )


def estimates(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every estimate anywhere in `node`, in its order."""
    if isinstance(node, Mapping):
        if {"value", "low", "high", "n", "unit"} <= node.keys():
            yield node
            return
        node = node.values()
    elif not isinstance(node, (list, tuple)):
        return
    for part in node:
        yield from estimates(part)


def _written(estimate: Mapping[str, Any], share: bool) -> list[str]:
    """Value, low and high, all with as many decimals as the one that has most."""
    parts = [estimate[name] for name in ("value", "low", "high")]
    if share:
        return [percent(part) for part in parts]
    decimals = max(len(number(part).partition(".")[2]) for part in parts)
    return [_signless(f"{part:,.{decimals}f}") for part in parts]


def _read(difference: Mapping[str, Any], name: str) -> Reading:
    if difference["low"] <= 0 <= difference["high"]:
        return "none"
    direction: Reading = "higher" if difference["low"] > 0 else "lower"
    better = metric(name).better
    if better is None:
        return direction
    return "better" if direction == better else "worse"


def _signless(text: str) -> str:
    return text.replace("-", "" if not text.strip("-0.,") else "−")
