"""What a reward model's bench and its ablations show, as rows of words: for a terminal and for Markdown alike.

A cell holds a number with its 95 % interval, or a dash. `▲` and `▼` stand before a difference whose interval does not hold 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from primum.report.fitted import Told
from primum.report.numbers import change, percent, shown

__all__ = ["Told", "ablation_lines", "ablation_tables", "bench_lines", "bench_tables", "markdown"]

_NONE: Final = "–"
_Row = Mapping[str, Any]

_MEASURES: Final = {
    "overall_clipped": "in order, by the reward",
    "overall_lexicographic": "in order, lexicographic",
    "overall_verdicts": "in order, by verdicts",
    "overall_sum": "in order, by plain sum",
    "pairwise": "better answer",
    "pointwise": "met or not",
    "selective": "met or not, where sure",
    "coverage": "how often sure",
    "veto_precision": "vetoes, precision",
    "veto_recall": "vetoes, recall",
    "veto_f1": "vetoes, F1",
    "brier": "Brier score",
    "calibration_error": "calibration error",
}
_CLASSES: Final = ("all", "safety", "proficiency", "excellence")
_HEADS: Final = ("safety_head", "proficiency_head")
_NUMBERS: Final = (
    *((name, "all") for name in _MEASURES if name.startswith("overall")),
    *(("pairwise", kind) for kind in _CLASSES),
    *(("pointwise", kind) for kind in _CLASSES),
    ("selective", "all"),
    ("coverage", "all"),
    *((name, "safety") for name in ("veto_precision", "veto_recall", "veto_f1")),
    *((name, kind) for name in ("brier", "calibration_error") for kind in _HEADS),
)
_OF: Final = {"safety_head": "safety head", "proficiency_head": "proficiency head"}
_OF_ITS_CLASS: Final = ("veto_precision", "veto_recall", "veto_f1")  # there is no other
_NOT_SHARES: Final = ("brier", "calibration_error")
_SLICES: Final = {
    "seen_criteria": "criteria it was trained on",
    "unseen_criteria": "criteria it never saw",
    "unseen_policies": "policies it never saw",
    "en": "English",
    "zh": "Chinese",
    "other_language": "a language it never saw",
}
_BY_SLICE: Final = (("pairwise", "all"), ("pointwise", "all"), ("veto_f1", "safety"), ("overall_clipped", "all"))
_VARIANTS: Final = {
    "full": "the full model",
    "no_criterion": "no criterion in the input",
    "no_veto": "no veto",
    "one_scalar": "one scalar (one head)",
    "no_excellence": "no excellence margin",
}
_LOST: Final = (
    ("overall", ("overall_clipped", "all", "all")),
    ("safety", ("pairwise", "safety", "all")),
    ("proficiency", ("pairwise", "proficiency", "all")),
    ("excellence", ("pairwise", "excellence", "all")),
    ("veto F1", ("veto_f1", "safety", "all")),
    ("seen criteria", ("pairwise", "all", "seen_criteria")),
    ("unseen criteria", ("pairwise", "all", "unseen_criteria")),
)
_SHAPES: Final = {
    "clipped": "clip(S1 + α·S2, 0, 1 + β) − λ·S3 − γ·d",
    "lexicographic": "lexicographic: S3, then S1, then S2",
    "verdicts": "lexicographic, by verdicts (met from .5)",
    "sum": "plain sum of all criteria",
    "no_veto": "the first without its vetoes",
    "no_excellence": "the first without its excellence",
}


def bench_lines(found: Mapping[str, Any]) -> list[str]:
    """What a reader must know before the numbers of a bench."""
    lines = [_subject_line(one) for one in found["subjects"]]
    return [*lines, _pairs_line(found["pairs"], "Measured on"), *found["notes"]]


def bench_tables(found: Mapping[str, Any]) -> list[Told]:
    """A table of the first scorer's numbers, one of what it never saw, and one beside each other scorer."""
    first = found["subjects"][0]["name"]
    table = _by_name(found["tables"][0])
    numbers = [table[name, kind, "all"] for name, kind in _NUMBERS]
    tables = [
        _without_noughts(
            Told(
                f"How right {first} is",
                ("", "value", "by chance", "n", "groups", "abstained"),
                [_number_row(row) for row in numbers],
                _missing(numbers),
            )
        ),
        _without_noughts(
            Told(
                f"Where {first} is right",
                ("", *(_MEASURES[name] for name, _ in _BY_SLICE), "abstained"),
                [_slice_row(table, where) for where in _SLICES if _is_known(table, where)],
                tuple(f"{_SLICES[where]}: {_why(table, where)}." for where in _SLICES if not _is_known(table, where)),
            )
        ),
    ]
    for other, both, apart in zip(found["subjects"][1:], found["beside"], found["differences"], strict=True):
        mine, theirs, difference = _by_name(both[0]), _by_name(both[1]), _by_name(apart)
        title, name = f"{first} beside {other['name']}", other["name"]
        rows = [_beside_row(one, mine, theirs, difference) for one in _beside_names(difference)]
        notes = (f"On what both have read. Seen and never seen: by {first}, in each column.",)
        tables.append(Told(title, ("", first, name, "difference", "n of both"), rows, notes))
    return tables


def ablation_lines(found: Mapping[str, Any]) -> list[str]:
    """What a reader must know before the numbers of an ablation."""
    base, training = found["base"], found["settings"]["training"]
    full = found["variants"][0]
    lines = [
        _pairs_line(found["taught"], "Trained on"),
        _pairs_line(found["pairs"], "Measured on"),
        f"Each from the backbone {base['name']}, alike: epochs {training['epochs']}, {training['batch_pairs']} pairs a step, learning rate "
        f"{training['learning_rate']:g}, seed {training['seed']}; {full['steps']:,} steps of the full model.",
        "Overall: pairs that the clipped reward puts in the order of their labels. Safety, proficiency, excellence, seen and unseen "
        "criteria: the better answer found under one criterion. Of both, a coin finds 50 %.",
    ]
    unread = {
        _VARIANTS[one["name"]]: _by_name(one["table"])["pointwise", "all", "all"]["unread"] for one in found["variants"]
    }
    if any(unread.values()):
        told = ", ".join(f"{name} {count:,}" for name, count in unread.items() if count)
        lines.append(f"Labels on answers that could not be read, in no number (abstentions): {told}.")
    if base["is_from_scratch"]:
        lines.append(
            "The backbone was built from config and is small: the figures test the chain, not a medical model."
        )
    return lines


def ablation_tables(found: Mapping[str, Any]) -> list[Told]:
    """What each variant reaches, how far that is from the full model, and what the shape of the reward changes."""
    columns = tuple(name for name, _ in _LOST)
    values: list[tuple[str, ...]] = []
    apart: list[tuple[str, ...]] = []
    for one in found["variants"]:
        name, table = _VARIANTS[one["name"]], _by_name(one["table"])
        values.append((name, *(_cell(table[which]) for _, which in _LOST)))
        if one["difference"] is not None:
            difference = _by_name(one["difference"])
            apart.append((name, *(_apart(difference[which]) for _, which in _LOST)))
    rows = _by_name(found["variants"][0]["table"])
    values.append(("n of the full model", *(f"{rows[which]['n']:,}" for _, which in _LOST)))
    shapes: list[tuple[str, ...]] = [
        (
            _SHAPES[one["name"]],
            _cell(one["row"]),
            _apart(one["difference"]) if one["difference"] else "",
            f"{one['row']['n']:,}",
        )
        for one in found["shapes"]
    ]
    return [
        Told("What each reaches, % [95 %]", ("", *columns), values),
        Told("Minus the full model, percentage points [95 %]", ("", *columns), apart),
        Told("The full model's scores in order by", ("", "pairs in order", "minus the first", "n"), shapes),
    ]


def markdown(title: str, lines: Sequence[str], tables: Sequence[Told], notes: Sequence[str] = ()) -> str:
    """The same as a Markdown page."""
    parts = [f"# {title}", "\n".join(f"- {line}" for line in lines)]
    for table in tables:
        heads = [f"| {' | '.join(table.columns)} |", "|" + " --- |" * len(table.columns)]
        parts += [
            f"## {table.title}",
            "\n".join([*heads, *(f"| {' | '.join(row)} |" for row in table.rows)]),
            *table.notes,
        ]
    return "\n\n".join([*parts, *notes]) + "\n"


def _subject_line(one: Mapping[str, Any]) -> str:
    said = [f"{one['name']}: {one['kind']}"]
    if one["is_from_scratch"]:
        said.append("its backbone was built from config and is small: the figures test the chain")
    if one["is_simulated"]:
        said.append("some or all of what it learned from is simulated")
    return "; ".join(said) + "."


def _pairs_line(told: Mapping[str, Any], verb: str) -> str:
    languages = ", ".join(f"{name} {count:,}" for name, count in told["languages"].items())
    simulated = f"; {told['simulated']:,} of them simulated" if told["simulated"] else ""
    return (
        f"{verb} {told['pairs']:,} pairs of {told['groups']:,} groups from {told['name']} ({languages}), "
        f"{told['criteria']:,} criteria{simulated}."
    )


def _by_name(table: Mapping[str, Any]) -> dict[tuple[str, ...], _Row]:
    return {(one["measure"], one["kind"], one["where"]): one for one in table["rows"]}


def _without_noughts(told: Told) -> Told:
    """The table without its last column where that is nought throughout."""
    if any(row[-1] != "0" for row in told.rows):
        return told
    return told._replace(columns=told.columns[:-1], rows=[row[:-1] for row in told.rows])


def _missing(rows: Sequence[_Row]) -> tuple[str, ...]:
    """Why numbers are not there, a sentence for each reason."""
    named: dict[str, list[str]] = {}
    for row in rows:
        if row["estimate"] is None:
            named.setdefault(row["why"], []).append(_label(row["measure"], row["kind"]))
    return tuple(f"{'; '.join(names)}: {why}." for why, names in named.items())


def _label(measure: str, kind: str, where: str = "all") -> str:
    of = _SLICES[where] if where != "all" else "" if kind == "all" or measure in _OF_ITS_CLASS else _OF.get(kind, kind)
    return f"{_MEASURES[measure]}: {of}" if of else _MEASURES[measure]


def _number_row(row: _Row) -> tuple[str, ...]:
    return (
        _label(row["measure"], row["kind"]),
        _cell(row),
        _chance(row),
        f"{row['n']:,}",
        f"{row['groups']:,}",
        f"{row['unread']:,}",
    )


def _slice_row(table: Mapping[tuple[str, ...], _Row], where: str) -> tuple[str, ...]:
    unread = f"{table['pointwise', 'all', where]['unread']:,}"
    return (_SLICES[where], *(_cell(table[name, kind, where]) for name, kind in _BY_SLICE), unread)


def _is_known(table: Mapping[tuple[str, ...], _Row], where: str) -> bool:
    return any(table[name, kind, where]["estimate"] for name, kind in _BY_SLICE)


def _why(table: Mapping[tuple[str, ...], _Row], where: str) -> str:
    return str(table["pointwise", "all", where]["why"])


def _beside_names(difference: Mapping[tuple[str, ...], _Row]) -> list[tuple[str, ...]]:
    everywhere = [(name, kind, "all") for name, kind in _NUMBERS if (name, kind, "all") in difference]
    return [
        *everywhere,
        *(("pairwise", "all", where) for where in _SLICES if difference["pairwise", "all", where]["n"]),
    ]


def _beside_row(
    which: tuple[str, ...],
    mine: Mapping[tuple[str, ...], _Row],
    theirs: Mapping[tuple[str, ...], _Row],
    difference: Mapping[tuple[str, ...], _Row],
) -> tuple[str, ...]:
    name, kind, where = which
    apart = difference[which]
    return (_label(name, kind, where), _cell(mine[which]), _cell(theirs[which]), _apart(apart), f"{apart['n']:,}")


def _cell(row: _Row) -> str:
    told = shown(row["estimate"], share=row["measure"] not in _NOT_SHARES)
    return _NONE if told is None else f"{told.value.removesuffix(chr(0xA0) + '%')} {told.interval}"


def _apart(row: _Row) -> str:
    """A difference in percentage points; with its sign, and an arrow where the interval does not hold 0."""
    estimate = row["estimate"]
    told = change(estimate, row["measure"], share=row["measure"] not in _NOT_SHARES)
    if told is None or estimate is None:
        return _NONE
    arrow = "" if estimate["low"] <= 0 <= estimate["high"] else f"{'▲' if estimate['value'] > 0 else '▼'} "
    return f"{arrow}{told.value} {told.interval}"


def _chance(row: _Row) -> str:
    if row["by_chance"] is None:
        return ""
    return f"{row['by_chance']:.3f}" if row["measure"] in _NOT_SHARES else percent(row["by_chance"])
