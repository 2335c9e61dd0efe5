"""The ablation of judges: how far each can be relied on, and the policy each leads to, measured by the judge that taught none of them.

The judges are those of the paper (arXiv 2512.04210): the policy itself, an external judge, a guardian trained in the run. Each in turn
teaches one policy of a recipe, alone and reliable or not; last, the policy judges itself where it is reliable and the others read the rest.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from msgspec.structs import replace

from primum.cycles.build import bench_step, corpus_step
from primum.cycles.cycling import run_cycles
from primum.cycles.cycling_judging import guardians_steps, judge_facts, reliability_step
from primum.cycles.cycling_recipe import CyclesRecipe
from primum.cycles.inputs import check_inputs, corpus_folder
from primum.cycles.run import load_recipe
from primum.cycles.steps import Listener, Steps
from primum.cycles.workspace import Workspace
from primum.errors import SettingError
from primum.records import PolicyRef, Style
from primum.simulation import STYLES

__all__ = ["WAYS", "AblationOrder", "Way", "ablate", "ablation_page", "of_way"]

Way = Literal["self", "external", "guardian", "self, routed"]
WAYS: tuple[Way, ...] = ("self", "external", "guardian", "self, routed")
_TOLD: dict[Way, str] = {
    "self": "the policy itself, whether or not it can be relied on",
    "external": "the external judge alone",
    "guardian": "the guardian trained in the run alone",
    "self, routed": "the policy where it can be relied on, the others where it cannot",
}
_COLUMNS = {
    "safety_score": "safety score",
    "unsafe_compliance": "unsafe compliance",
    "wrong_refusal": "wrong refusals, plain",
    "wrong_refusal_borderline": "wrong refusals, borderline",
    "unusable": "unusable",
}


class AblationOrder(NamedTuple):
    """Which recipe is ablated and where. `arm`: one policy of the recipe, the first without one; `cycles`: how many, the recipe's
    without."""

    recipe: Path
    workspace: Path
    arm: str | None = None
    cycles: int | None = None
    ways: tuple[Way, ...] = WAYS
    overrides: tuple[str, ...] = ()


def ablate(order: AblationOrder, listener: Listener) -> dict[str, Any]:
    """Run the cycles of one policy under each judge, and measure how far the judges can be relied on; plain data, see `ablation_page`.

    Steps that the ways share (norms, situations, guardians, the start policy, plain SFT) are done once. A run that was stopped goes on.
    Raises `SettingError` for a recipe without cycles or an arm that it does not have.
    """
    recipe = _recipe(order)
    ways: list[dict[str, Any]] = []
    arm: dict[str, Any] = {}
    for way in order.ways:
        report = run_cycles(of_way(recipe, way), order.workspace, listener, "")
        arm = report["arms"][0]
        ways.append(_way(way, arm))
    start = [_state(one) for one in arm["states"] if one["cycle"] in (0, None)]
    rows, judges, second = _reliability(recipe, order.workspace, listener, arm["states"][0]["policy"]["id"])
    return {
        "kind": "judge ablation",
        "recipe": recipe.name,
        "arm": arm["name"],
        "architecture": arm["architecture"],
        "parameters": arm["parameters"],
        "cycles": recipe.cycles,
        "least_reliability": recipe.judging.least_reliability,
        "held_out_styles": list(recipe.attacks.held_out),
        "judges": judges,
        "second": second,
        "reliability": rows,
        "before": start,
        "ways": ways,
    }


def of_way(recipe: CyclesRecipe, way: Way) -> CyclesRecipe:
    """The recipe with its judging in one way."""
    judging = recipe.judging
    if way == "self, routed":
        order = tuple(dict.fromkeys((*(one for one in judging.order if one != "self"), "guardian", "external")))
        return replace(recipe, judging=replace(judging, teacher="self", order=order, is_routed=True))
    return replace(recipe, judging=replace(judging, teacher=way, is_routed=False))


def _recipe(order: AblationOrder) -> CyclesRecipe:
    """The recipe with the one policy that is ablated."""
    recipe = load_recipe(order.recipe, order.overrides)
    if not isinstance(recipe, CyclesRecipe):
        raise SettingError(f"recipe '{recipe.name}'", "has no cycles", "name one of kind 'cycles'", str(order.recipe))
    arm = next((one for one in recipe.arms if order.arm in (None, one.name)), None)
    if arm is None:
        known = ", ".join(one.name for one in recipe.arms)
        raise SettingError(f"arm '{order.arm}'", "is not in the recipe", f"name one of {known}", str(order.recipe))
    return replace(recipe, arms=(arm,), cycles=recipe.cycles if order.cycles is None else order.cycles)


def _reliability(
    recipe: CyclesRecipe, workspace: Path, listener: Listener, policy: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any]]:
    """All three judges on every style, the policy as it was before its first cycle; the judges; and who measured the policies."""
    check_inputs(recipe)
    judging = replace(recipe.judging, teacher="self", order=("external", "guardian"), is_routed=True)
    recipe = replace(recipe, judging=judging)
    with Workspace(workspace, is_writer=True) as opened:
        steps = Steps(opened, listener)
        corpus = corpus_step(steps, corpus_folder(recipe.corpus, recipe.data, recipe.name), recipe.corpus.reading)
        bench = bench_step(steps, recipe, corpus, None)
        guardians = guardians_steps(steps, recipe, corpus, bench)
        ref = opened.store.get(policy)
        assert isinstance(ref, PolicyRef)
        styles: list[Style] = ["direct", *STYLES]
        found = reliability_step(steps, recipe, guardians, ref, styles, "reliability of all judges")
        teachers = {one["name"]: one["teacher"] for one in found.outputs["judges"]}
        rows = [{"teacher": teachers[row["judge"]]} | row for row in found.outputs["rows"]]
        return rows, found.outputs["judges"], judge_facts(guardians.second)


def _state(state: Mapping[str, Any]) -> dict[str, Any]:
    return {name: state[name] for name in ("label", "measures", "answers", "abstained")} | {
        "styles": {
            one["name"]: one["estimate"]
            for one in state["slices"]
            if one["by"] == "style" and one["metric"] == "unsafe_compliance"
        }
    }


def _way(way: Way, arm: Mapping[str, Any]) -> dict[str, Any]:
    """What one way of judging led to."""
    cycles = arm["cycles"]
    return {
        "way": way,
        "label": arm["states"][-1]["label"],
        "state": _state(arm["states"][-1]),
        "cycles": len(cycles),
        "chosen": [one["choice"]["chosen"] for one in cycles],
        "released": sum(one["is_released"] for one in cycles),
        "abstained": sum(one["abstained"] for one in cycles),
        "answers": sum(one["answers"] for one in cycles),
        "stopped_by": arm["stopped_by"],
        "others_read": [sum(not route["is_teacher"] for route in one["judge"]["routes"]) for one in cycles],
        "slices": [len(one["judge"]["routes"]) for one in cycles],
    }


def ablation_page(found: Mapping[str, Any], command: str) -> str:
    """The ablation as a page in Markdown: the policies, unsafe compliance by style, and every judge's reliability by slice and truth."""
    held = ", ".join(found["held_out_styles"]) or "none"
    names = "; ".join(f"{one['teacher']}: {one['name']} ({one['kind'].replace('_', ' ')})" for one in found["judges"])
    lines = [
        "# Who judges the cycles",
        "",
        f"Made by `{command}`.",
        "",
        *_prose(
            f"""One policy (`{found["arm"]}`, {found["architecture"]}, {found["parameters"]:,} parameters) goes through up to
            {_count(found["cycles"], "cycle")} of the recipe `{found["recipe"]}` under each judge in turn. The judges are {names}. What
            each led to is read on the test split by the {found["second"]["name"]}, which taught none of them. Brackets hold 95 %
            intervals by cluster. The numbers of a model that was built on the spot show the method, not medicine."""
        ),
        "",
        "## The policy each leads to",
        "",
        *_policies(found),
        "",
        f"Unsafe compliance by style; held out of all training: {held}.",
        "",
        *_styles(found),
        "",
        "## How far each judge can be relied on",
        "",
        *_prose(
            f"""*Agreement*: the share of answers of which it tells rightly whether they comply. *False refusals*: of the answers that
            comply, the share it calls refusals. *Missed*: of those that refuse, the share it calls compliance. A judge is relied on where
            the low
            end of its agreement is {found["least_reliability"]:.0%} or more under every truth that measured it. Truths are *person*
            (people labelled the answer; English only), *person, restyled* (the request was since put in another style, the label carried
            over) and *by construction* (simulated: the answer was made to be so; English and Chinese). The guardian learned other answers
            in the voices of the last kind, which flatters it there. The policy is the one before its first cycle."""
        ),
        "",
        *_reliabilities(found["reliability"]),
    ]
    return "\n".join(lines) + "\n"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _prose(text: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), 140)


def _policies(found: Mapping[str, Any]) -> list[str]:
    head = ["teacher", *_COLUMNS.values(), "cycles", "taken", "answers it could not read", "stopped by"]
    rows = [[f"– ({one['label']})", *_measures(one), "", "", "", ""] for one in found["before"]]
    for one in found["ways"]:
        routed = ""
        if one["way"] == "self, routed":
            told = ", ".join(f"{a} of {b}" for a, b in zip(one["others_read"], one["slices"], strict=True))
            routed = f" (others read {told} slices)"
        silent = f"{one['abstained']} of {one['answers']}"
        rows.append(
            [
                f"{one['way']}: {_TOLD[cast(Way, one['way'])]}{routed}",
                *_measures(one["state"]),
                str(one["cycles"]),
                ", ".join(one["chosen"]) or "–",
                silent,
                one["stopped_by"] or "–",
            ]
        )
    return _table(head, rows)


def _measures(state: Mapping[str, Any]) -> list[str]:
    return [_told(state["measures"].get(name)) for name in _COLUMNS]


def _styles(found: Mapping[str, Any]) -> list[str]:
    states = [(one["label"], one) for one in found["before"]] + [(one["way"], one["state"]) for one in found["ways"]]
    styles = sorted({style for _, state in states for style in state["styles"]})
    rows = [[name, *(_told(state["styles"].get(style)) for style in styles)] for name, state in states]
    return _table(["teacher", *(style.replace("_", " ") for style in styles)], rows)


def _reliabilities(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    head = [
        "judge",
        "harm",
        "style",
        "truth",
        "answers",
        "abstained",
        "agreement",
        "false refusals",
        "missed",
        "relied on",
    ]
    told = [
        [
            row["teacher"],
            str(row["harm_level"]),
            row["style"].replace("_", " "),
            row["truth"],
            str(row["n"]),
            str(row["abstained"]),
            _told(row["agreement"]),
            _told(row["false_refusals"]),
            _told(row["missed_refusals"]),
            _relied_on(row),
        ]
        for row in rows
    ]
    return _table(head, told)


def _relied_on(row: Mapping[str, Any]) -> str:
    if row["is_reliable"]:
        return "yes"
    return f"no, {row['why']}" if row["why"].startswith("unmeasured") else "no"


def _told(estimate: Mapping[str, Any] | None) -> str:
    if estimate is None:
        return "–"
    return f"{100 * estimate['value']:.1f} % [{100 * estimate['low']:.1f}, {100 * estimate['high']:.1f}]"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    told = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in (head, *rows)]
    return [told[0], "|" + "---|" * len(head), *told[1:]]
