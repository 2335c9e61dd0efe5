"""A comparison in plain words: what changed on the whole, and how much of it the model did and how much the judge."""

from __future__ import annotations

from collections.abc import Sequence

from primum.evaluation.contrast import LEVEL, WHOLE, Contrast, Row
from primum.evaluation.contrast_split import Crossed, Parts
from primum.records import Estimate

__all__ = ["change_words", "note_words", "split_words"]

_ORDERS = {
    "both orders": "each taken as the mean of both orders",
    "old judge first": "in one order: the model by the old judge, then the judge on the new answers",
    "new judge first": "in one order: the judge on the old answers, then the model by the new judge",
}


def change_words(found: Contrast) -> list[str]:
    """One sentence for each metric on the whole."""
    return [_change(row) for row in found.rows if row.slice.by == WHOLE]


def split_words(found: Contrast, parts: Sequence[Parts], cells: Crossed, way_out: str) -> list[str]:
    """For each metric on the whole, its change in parts; last, one sentence on those that cannot be split, and the `way_out`."""
    by_slice = {one.slice: one for one in parts}
    whole = [row for row in found.rows if row.slice.by == WHOLE]
    told = [_parts(row, by_slice[row.slice]) for row in whole if row.slice in by_slice]
    lacking = [row.slice.metric.replace("_", " ") for row in whole if row.slice not in by_slice]
    if lacking:
        change = "The change" if len(lacking) == len(whole) else f"The change of {', '.join(lacking)}"
        told.append(f"{change} cannot be split between model and judge: {_reason(cells)}. {way_out}")
    return told


def _reason(cells: Crossed) -> str:
    old, new = cells.runs["before"], cells.runs["after"]
    judges = [run.judge_of(cells.needed[0]) for run in (old, new)]
    why = "the runs do not both say who judged"
    if all(judges):
        why = f"the judges differ ({judges[0][:24]} and {judges[1][:24]})"
    changed = len(cells.scenarios) - len(cells.same_answers)
    if old.answers and new.answers:
        return f"{why}, and {changed:,} of {len(cells.scenarios):,} answers changed"
    return (
        f"{why}, and not both which answers were judged"
        if not all(judges)
        else f"{why}, and the answers may differ too"
    )


def note_words(found: Contrast, cells: Crossed, given: Sequence[str]) -> list[str]:
    """What a reader must know beside the numbers. `given` names the crossings that were given."""
    told: list[str] = []
    for ids, side in ((found.only_before, "before"), (found.only_after, "after")):
        if ids:
            named = ", ".join(ids[:3]) + (" …" if len(ids) > 3 else "")
            told.append(f"{_count(len(ids), 'scenario')} only in the run {side}, and in no number here: {named}")
    told += [_undecided(row) for row in found.rows if row.slice.by == WHOLE and _decided(row) < row.pairs]
    if cells.contradicted:
        told.append(
            f"The same judge scored the same answer in two ways in {_count(len(cells.contradicted), 'scenario')}: its own noise, "
            "counted as the judge's; where answers changed, such noise is in the model's part."
        )
    if given and not any(place in stands.values() for place in given for stands in cells.stands.values()):
        told.append("The crossing was not needed: the judge or the answers are the same in both runs.")
    return told


def _change(row: Row) -> str:
    estimate, name = row.difference.estimate, _capital(row.slice.metric)
    if estimate is None or row.before is None or row.after is None:
        return f"{name}: no scenario was decided on both sides; the change lies between {_ends(row.difference.bounds)}."
    verb = "rose" if estimate.value > 0 else "fell" if estimate.value < 0 else "stayed"
    by = f" by {abs(estimate.value):.4f}" if estimate.value else ""
    return (
        f"{name} {verb}{by}, from {row.before:.4f} to {row.after:.4f} (95 % interval of the change {_interval(estimate)}, "
        f"{_count(estimate.n, estimate.unit)}): {row.reading} at {100 * LEVEL:.0f} %, adjusted for all slices."
    )


def _parts(row: Row, parts: Parts) -> str:
    name, own = _capital(row.slice.metric), row.difference.estimate
    total, model, judge = parts.total.estimate, parts.model.estimate, parts.judge.estimate
    if own is None or total is None or model is None or judge is None:
        return f"{name}: no scenario was decided by every judge, so its change cannot be split."
    change = f"{name}, the change of {_signed(total.value)}"
    if total.n < own.n:
        change += f" over the {total.n:,} of {_count(own.n, own.unit)} that every judge decided"
    if _is_fixed(model) and _is_fixed(judge):
        return f"{change}: neither the answers nor the judge changed."
    if _is_fixed(judge):
        return f"{change}: all of it is the model's, for the same judge judged both runs."
    if _is_fixed(model):
        return f"{change}: all of it is the judge's, for the answers are the same in both runs."
    apart = ""
    if parts.interaction is not None and parts.interaction.estimate is not None:
        apart = f"; the two orders are {_told(parts.interaction.estimate)} apart (interaction)"
    return f"{change}: the model did {_told(model)}, the judge {_told(judge)}, {_ORDERS[parts.order]}{apart}."


def _is_fixed(estimate: Estimate) -> bool:
    return estimate.value == estimate.low == estimate.high == 0.0


def _undecided(row: Row) -> str:
    undecided = row.pairs - _decided(row)
    return (
        f"{_capital(row.slice.metric)}: a judge abstained in {undecided:,} of {_count(row.pairs, 'pair')}; they are not in the value, "
        f"and whatever they were, the change over all pairs lies between {_ends(row.difference.bounds)}."
    )


def _decided(row: Row) -> int:
    return 0 if row.difference.estimate is None else row.difference.estimate.n


def _ends(bounds: tuple[float, float]) -> str:
    return f"{_signed(bounds[0])} and {_signed(bounds[1])}"


def _told(estimate: Estimate) -> str:
    return f"{_signed(estimate.value)} ({_interval(estimate)})"


def _interval(estimate: Estimate) -> str:
    return f"{_signed(estimate.low)} … {_signed(estimate.high)}"


def _signed(value: float) -> str:
    return f"{value:+.4f}".replace("-", "−") if abs(value) >= 0.00005 else "0.0000"


def _count(n: int, unit: str) -> str:
    return f"{n:,} {unit}" + ("" if n == 1 else "s")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:].replace("_", " ")
