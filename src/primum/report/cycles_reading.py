"""What a report of cycles says, before it is drawn: the headline of each arm, its rows in the order people read them, its flows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from primum.errors import InputError
from primum.report.page import in_both, visible
from primum.report.words import CYCLE_METRICS, METRICS, Pair, in_order

__all__ = [
    "CURVED",
    "CUTS",
    "REQUIRED",
    "SFT",
    "START",
    "Cell",
    "branches",
    "cells",
    "checked",
    "cut_rows",
    "differences",
    "end_of",
    "examples",
    "flips",
    "has_changed",
    "known_measures",
    "logged",
    "policies",
    "readers",
    "reasons",
    "reliability",
    "remaining",
    "state_of",
    "values",
]

REQUIRED = ("run", "recipe", "title", "notes", "arms")
START, SFT = "start", "plain SFT"
CURVED = (*(name for name in METRICS if name != "balanced_score"), "perplexity")
CUTS = (
    ("unsafe_compliance", "harm_level"),
    ("unsafe_compliance", "style"),
    ("wrong_refusal", "source"),
    ("wrong_refusal_borderline", "source"),
    ("safety_score", "style"),
)
"""What is shown part by part with its differences: measure, and what it is cut by."""

_PARTS = ("corpus", "scenarios", "styles", "attacks", "judges", "ledger", "seconds", "repeat", "logs")
_LISTS = ("notes", "notes_zh", "scenarios_by", "front", "policies")
_ARM_LISTS = ("states", "against_start", "against_sft", "perplexity_change", "cycles", "rolled_back")
_STEP = re.compile(r"(.+: (?:cycle \d+(?=: )|test(?= )))")
_ANSWER: dict[str, Any] = {"response": "", "stance": "", "probability": None, "reason": "", "verdicts": []}

Estimate = Mapping[str, Any]


class Cell(NamedTuple):
    """A measure of one state: its estimate, and what it differs by from the start and from plain SFT (`None`: not measured)."""

    label: str
    estimate: Estimate | None
    from_start: Estimate | None
    from_sft: Estimate | None


def checked(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report with missing parts filled in as empty and unseen characters made visible; `InputError` if it is none of cycles."""
    for key in REQUIRED:
        if key not in report:
            raise InputError(f"a report without '{key}'", "cannot be shown", "write the whole report", "report.json")
    if not isinstance(report["arms"], Sequence) or not all(isinstance(one, Mapping) for one in report["arms"]):
        raise InputError("'arms'", "is no list of arms", "give the policies that went through cycles", "report.json")
    whole: dict[str, Any] = visible({**report})
    for key in _PARTS:
        whole[key] = whole.get(key) or {}
    for key in _LISTS:
        whole[key] = whole.get(key) or []
    for role in ("taught", "held_out"):
        whole["styles"][role] = whole["styles"].get(role) or []
    whole["judges"] = {
        role: {"name": "–", "kind": "", "id": "", **{key: given for key, given in judge.items() if given is not None}}
        for role, judge in whole["judges"].items()
        if judge
    }
    whole["seconds"] = _together(whole["seconds"])
    whole["arms"] = [_arm(one, place) for place, one in enumerate(whole["arms"], 1)]
    whole["policies"] = whole["policies"] or policies(whole["arms"])
    return whole


def _together(seconds: Mapping[str, float]) -> dict[str, float]:
    """The time of the steps, those of one cycle added up: `llama: cycle 1: kto` counts for `llama: cycle 1`, and so do tests."""
    found: dict[str, float] = {}
    for step, took in seconds.items():
        inside = _STEP.match(step)
        name = inside[1] if inside else step
        found[name] = found.get(name, 0.0) + took
    return found


def _arm(arm: Mapping[str, Any], place: int) -> dict[str, Any]:
    whole = {"parameters": None, "is_from_scratch": False, "stopped_by": None, **arm}
    whole["architecture"] = whole.get("architecture") or ""
    whole["name"] = str(whole.get("name") or f"policy {place}")
    whole["released_cycle"] = whole.get("released_cycle")
    for key in _ARM_LISTS:
        whole[key] = whole.get(key) or []
    whole["states"] = [
        {
            "cycle": None,
            "abstained": None,
            "answers": None,
            "perplexity": None,
            **one,
            **{key: one.get(key) or {} for key in ("policy", "measures", "leaning")},
            "slices": one.get("slices") or [],
        }
        for one in whole["states"]
    ]
    whole["cycles"] = [_cycle(one, number) for number, one in enumerate(whole["cycles"], 1)]
    return whole


def _cycle(cycle: Mapping[str, Any], number: int) -> dict[str, Any]:
    whole: dict[str, Any] = {**cycle, "number": cycle.get("number") or number}
    for key in ("asked", "by_style", "judge", "choice", "decision", "sides", "examples", "seconds", "tokens"):
        whole[key] = whole.get(key) or {}
    for key in ("reliability", "stop"):
        whole[key] = whole.get(key) or []
    whole["judge"] = {"name": "", **whole["judge"], "routes": whole["judge"].get("routes") or []}
    whole["chosen"] = whole.get("chosen") or whole["choice"].get("chosen") or ""
    whole["is_released"] = bool(whole.get("is_released"))
    return whole


def state_of(arm: Mapping[str, Any], label: str) -> Mapping[str, Any] | None:
    """The state called `label`."""
    return next((one for one in arm["states"] if one["label"] == label), None)


def end_of(arm: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The state after the last cycle that was measured."""
    after = [one for one in arm["states"] if one["cycle"]]
    return max(after, key=lambda one: int(one["cycle"]), default=None)


def values(state: Mapping[str, Any] | None) -> dict[str, Estimate]:
    """The measures of a state over all test situations, perplexity with them."""
    if state is None:
        return {}
    known = {name: one for name, one in state["measures"].items() if one}
    return known | ({"perplexity": state["perplexity"]} if state["perplexity"] else {})


def differences(arm: Mapping[str, Any], against: str, label: str) -> dict[tuple[str, str, str], Estimate]:
    """The paired differences of a state from the start or from plain SFT (`against_start`, `against_sft`), by part and measure."""
    rows = next((one.get("rows") or [] for one in arm[against] if one["label"] == label), [])
    found = {(row["by"], row["name"], row["metric"]): row["difference"] for row in rows if row.get("difference")}
    if against == "against_start":
        change = next((one.get("estimate") for one in arm["perplexity_change"] if one["label"] == label), None)
        if change:
            found["all", "all", "perplexity"] = change
    return found


def cells(arm: Mapping[str, Any], metric: str, by: str = "all", name: str = "all") -> list[Cell]:
    """One measure of one part, state by state."""
    row = []
    for state in arm["states"]:
        if by == "all":
            found = values(state).get(metric)
        else:
            found = next(
                (
                    one.get("estimate")
                    for one in state["slices"]
                    if (one["by"], one["name"], one["metric"]) == (by, name, metric)
                ),
                None,
            )
        key = (by, name, metric)
        apart = [differences(arm, against, state["label"]).get(key) for against in ("against_start", "against_sft")]
        row.append(Cell(state["label"], found, apart[0], apart[1]))
    return row


def cut_rows(arm: Mapping[str, Any], metric: str, by: str) -> list[tuple[str, list[Cell]]]:
    """One measure by its parts, those of every state together, by name."""
    names = {
        row["name"] for state in arm["states"] for row in state["slices"] if (row["by"], row["metric"]) == (by, metric)
    }
    return [(name, cells(arm, metric, by, name)) for name in sorted(names)]


def remaining(arm: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str, list[Estimate | None]]]]]:
    """What else was measured part by part, without differences: by what, then (part, measure, an estimate for each state)."""
    found: dict[tuple[str, str, str], None] = {}
    for state in arm["states"]:
        for row in state["slices"]:
            if row["by"] != "all" and (row["metric"], row["by"]) not in CUTS:
                found[row["by"], row["name"], row["metric"]] = None
    known = {
        state["label"]: {(row["by"], row["name"], row["metric"]): row.get("estimate") for row in state["slices"]}
        for state in arm["states"]
    }
    ranks = {name: rank for rank, name in enumerate(in_order({key[2] for key in found}))}
    cuts: dict[str, list[tuple[str, str, list[Estimate | None]]]] = {}
    for by, name, metric in sorted(found, key=lambda key: (key[0], key[1], ranks[key[2]])):
        cuts.setdefault(by, []).append(
            (name, metric, [known[state["label"]].get((by, name, metric)) for state in arm["states"]])
        )
    return list(cuts.items())


def branches(choice: Mapping[str, Any]) -> dict[str, Any]:
    """The validator's choice as pages show branches: measures, gain over keeping, eligible or not, and why."""
    if not choice:
        return {}
    measures, gains, reasons = (choice.get(key) or {} for key in ("measures", "differences", "reasons"))
    found: dict[str, Any] = {"chosen": choice.get("chosen"), "reasons": list(reasons)}
    if measures.get("old"):
        found["keep"] = {"measures": measures["old"]}
    for name in (one for one in ("kto", "dpo") if one in measures or one in gains):
        found[name] = {
            "measures": measures.get(name) or {},
            "gain": (gains.get(name) or {}).get("balanced_score"),
            "eligible": any(str(reason).startswith(f"{name} is eligible") for reason in reasons),
            "reasons": [reason for reason in reasons if str(reason).startswith(f"{name} is not")],
        }
    return found


class Agreement(NamedTuple):
    """How often judges agree with what is true: a line for each judge, kind of truth and style, with a cell for each harm level."""

    levels: list[str]
    lines: list[tuple[str, str, str, list[Mapping[str, Any] | None]]]


def reliability(rows: Iterable[Mapping[str, Any]]) -> Agreement:
    """The reliability of each judge, in the order of the report. What is true is told by people, or by how an answer was made."""
    found: dict[tuple[str, str, str], dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        line = (str(row["judge"]), str(row.get("truth") or ""), str(row["style"]))
        found.setdefault(line, {})[str(row["harm_level"])] = row
    levels = sorted({level for cells in found.values() for level in cells})
    order = {line: place for place, line in enumerate(dict.fromkeys(key[:2] for key in found))}
    lines = sorted(found, key=lambda key: order[key[:2]])
    return Agreement(levels, [(*line, [found[line].get(level) for level in levels]) for line in lines])


class Reader(NamedTuple):
    """Who read instead of the teacher (`None`: nobody could), and the slices with the reasons."""

    judge: str | None
    routes: list[Mapping[str, Any]]


def readers(cycle: Mapping[str, Any]) -> list[Reader]:
    """Who read the slices that the teacher did not."""
    found: dict[str | None, list[Mapping[str, Any]]] = {}
    for route in cycle["judge"]["routes"]:
        if not route.get("is_teacher"):
            found.setdefault(route.get("judge"), []).append(route)
    return [Reader(judge, routes) for judge, routes in found.items()]


def reasons(cycle: Mapping[str, Any]) -> list[Pair]:
    """Why the teacher read what it read, each reason once."""
    own = [one for one in cycle["judge"]["routes"] if one.get("is_teacher")]
    return list(dict.fromkeys(pair for one in own for pair in in_both(one, "because")))


class Counted(NamedTuple):
    """What the logs came to: counts, counts of kinds, and lines of text."""

    counts: dict[str, int]
    kinds: dict[str, Mapping[str, Any]]
    lines: dict[str, list[str]]


def logged(counts: Mapping[str, Any]) -> Counted:
    """The counts of the logs by what they are; what is empty is left out, and a count of none is kept."""
    return Counted(
        {key: one for key, one in counts.items() if isinstance(one, int)},
        {key: _totals(one) for key, one in counts.items() if isinstance(one, Mapping) and one},
        {key: [str(part) for part in one] for key, one in counts.items() if isinstance(one, list) and one},
    )


def _totals(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Parts with their counts; a part that is counted by language is told as one."""
    return {name: sum(one.values()) if isinstance(one, Mapping) else one for name, one in parts.items()}


def flips(cycle: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]:
    """What changed sides in a cycle: the whole, then by style and by source, with its counts and the net shares."""
    net = cycle.get("net") or {}
    if not cycle["sides"] and not net:
        return []
    rows: list[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]] = [("all", "all", cycle["sides"], net)]
    for by, parts in (cycle.get("sides_by") or {}).items():
        for one in parts or []:
            net = {"safe": one.get("net_safe"), "refused": one.get("net_refused")}
            rows.append((by, str(one["name"]), one.get("counts") or {}, net))
    return rows


def has_changed(arms: Sequence[Mapping[str, Any]]) -> bool | None:
    """Whether an answer changed sides in any cycle; `None` where no cycle counted them."""
    counted = [cycle["sides"] for arm in arms for cycle in arm["cycles"] if cycle["sides"]]
    return any(name != "undecided" and n for sides in counted for name, n in sides.items()) if counted else None


def examples(cycle: Mapping[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """What changed sides in a cycle, by how, as pages show examples; an answer may be text alone or say more of itself."""
    return [(flow, [_example(one) for one in given]) for flow, given in cycle["examples"].items() if given]


def _example(given: Mapping[str, Any]) -> dict[str, Any]:
    norms = [
        {"reference": "", "text": "", **one}
        if isinstance(one, Mapping)
        else {"reference": "", "id": str(one), "text": ""}
        for one in given.get("norms") or []
    ]
    stances = [*(given.get("stances") or []), None, None]
    return {
        "language": "en",
        "prompt": "",
        "harm_level": None,
        **given,
        "norms": norms,
        "before": _answer(given.get("before"), stances[0]),
        "after": _answer(given.get("after"), stances[1]),
    }


def _answer(given: Mapping[str, Any] | str | None, stance: str | None) -> dict[str, Any]:
    told = (
        {key: one for key, one in given.items() if one is not None}
        if isinstance(given, Mapping)
        else {"text": given or ""}
    )
    return {"text": "", **_ANSWER, **({"stance": stance} if stance else {}), **told}


def policies(arms: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Every policy that was measured, once."""
    found: dict[str, dict[str, Any]] = {}
    for arm in arms:
        for state in arm["states"]:
            policy = state["policy"]
            if policy.get("id"):
                missing = {
                    "name": state["label"],
                    "stage": "–",
                    "architecture": arm["architecture"],
                    "parameters": None,
                }
                found.setdefault(
                    policy["id"], {**missing, "is_from_scratch": arm["is_from_scratch"], "trained_on": None, **policy}
                )
    return list(found.values())


def known_measures(arms: Iterable[Mapping[str, Any]]) -> list[str]:
    """The measures that any state has, in the order of the glossary, perplexity last."""
    names = {name for arm in arms for state in arm["states"] for name in values(state)}
    return [name for name in in_order(names) if name not in CYCLE_METRICS] + [
        one for one in CYCLE_METRICS if one in names
    ]
