"""Gather: every situation a recipe asks for, drafted, imported or simulated, with the labelled answers that came along."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from primum import bench, starter
from primum.cycles.recipe import WorldRecipe
from primum.records import Judgement, Norm, Record, Response, Rubric, Scenario

__all__ = ["Gathered", "Labelled", "change", "gather", "loads", "repoint"]


class Labelled(NamedTuple):
    """An answer whose stance a person or the generator told, by ids; `group` is the model or simulated voice that wrote it."""

    scenario: str
    response: str
    judgement: str
    group: str
    is_simulated: bool


class Gathered(NamedTuple):
    """All that a recipe asks for. `others` are records that nothing here refers back to (judges, criteria)."""

    scenarios: list[Scenario]
    responses: list[Response]
    judgements: list[Judgement]
    rubrics: list[Rubric]
    others: list[Record]
    labelled: list[Labelled]


def gather(recipe: WorldRecipe, norms: Sequence[Norm]) -> Gathered:
    """Everything the recipe drafts by rule, imports and simulates. Chat drafts are added by `bench_step`."""
    gathered = Gathered(bench.draft(norms, recipe.draft), [], [], [], [], [])
    for load in loads(recipe):
        _take(gathered, load())
    gathered = change(gathered, bench.with_norms(gathered.scenarios, recipe.data.crosswalk, norms))
    if recipe.situations is not None:
        _simulate(gathered, recipe, norms)
    if recipe.everyday is not None:
        gathered.scenarios.extend(starter.everyday(recipe.everyday))
    return change(gathered, bench.hold_back_dev(gathered.scenarios, recipe.split.dev, recipe.seed))


def loads(recipe: WorldRecipe) -> list[Callable[[], bench.Imported]]:
    """What reads each imported set of the recipe."""
    data = recipe.data
    if not data.is_wanted:
        return []
    root: Path = recipe.data_folder()
    loads: list[Callable[[], bench.Imported]] = []
    if (safety := data.medsafetybench) is not None:
        loads.append(
            lambda: bench.load_medsafetybench(root / "medsafetybench", requests=safety.requests, seed=recipe.seed)
        )
    if data.xstest is not None:
        loads.append(lambda: bench.load_xstest(root / "xstest"))
    if (medquad := data.medquad) is not None:
        loads.append(lambda: bench.load_medquad(root / "medquad", limit=medquad.rows, seed=recipe.seed))
    if (huatuo := data.huatuo) is not None:
        loads.append(lambda: bench.load_huatuo(root / "huatuo", limit=huatuo.rows, seed=recipe.seed))
    if (cares := data.cares) is not None:
        loads.append(lambda: bench.load_cares(root / cares))
    if (healthbench := data.healthbench) is not None:
        loads.append(lambda: bench.load_healthbench(root / healthbench))
    loads.extend(lambda one=mapped: bench.load_mapped(root / one.path, one.mapping) for mapped in data.mapped)  # type: ignore[misc]
    return loads


def _take(gathered: Gathered, imported: bench.Imported) -> None:
    known = {scenario.id for scenario in gathered.scenarios}
    gathered.scenarios.extend(scenario for scenario in imported.scenarios if scenario.id not in known)
    gathered.responses.extend(imported.responses)
    gathered.judgements.extend(imported.judgements)
    gathered.rubrics.extend(imported.rubrics)
    gathered.others.extend([*imported.judges, *imported.criteria])
    final = {judge.id for judge in imported.judges if judge.name.endswith(":final_label")}
    scenario_of = {response.id: response.scenario for response in imported.responses}
    gathered.labelled.extend(
        Labelled(scenario_of[one.response], one.response, one.id, imported.groups[one.response], False)
        for one in imported.judgements
        if one.judge in final
    )


def _simulate(gathered: Gathered, recipe: WorldRecipe, norms: Sequence[Norm]) -> None:
    assert recipe.situations is not None
    gathered.others.append(starter.simulated_judge(recipe.situations.seed))
    for situation in starter.generate(norms, recipe.situations):
        gathered.scenarios.append(situation.scenario)
        for answer in situation.answers:
            gathered.responses.append(answer.response)
            gathered.judgements.append(answer.judgement)
            gathered.labelled.append(
                Labelled(
                    situation.scenario.id, answer.response.id, answer.judgement.id, f"{answer.voice} (simulated)", True
                )
            )


def change(gathered: Gathered, changed: Sequence[Scenario]) -> Gathered:
    """The gathered records with each scenario replaced by the one in its place; answers follow the new ids."""
    moved = {old.id: new.id for old, new in zip(gathered.scenarios, changed, strict=True)}
    return _move(gathered._replace(scenarios=list(changed)), moved)


def repoint(gathered: Gathered, settled: Sequence[Scenario]) -> Gathered:
    """The gathered records with their scenarios as the split settled them; answers to left-out situations are dropped."""
    home = {_unsplit(scenario): scenario.id for scenario in settled}
    moved = {scenario.id: home[_unsplit(scenario)] for scenario in gathered.scenarios if _unsplit(scenario) in home}
    return _move(gathered._replace(scenarios=list(settled)), moved)


def _unsplit(scenario: Scenario) -> str:
    return replace(scenario, split=None, cluster="").id


def _move(gathered: Gathered, scenarios: Mapping[str, str]) -> Gathered:
    responses = {
        one.id: replace(one, scenario=scenarios[one.scenario])
        for one in gathered.responses
        if one.scenario in scenarios
    }
    judgements = {
        one.id: replace(one, response=responses[one.response].id)
        for one in gathered.judgements
        if one.response in responses
    }
    labelled = [
        Labelled(
            scenarios[one.scenario],
            responses[one.response].id,
            judgements[one.judgement].id,
            one.group,
            one.is_simulated,
        )
        for one in gathered.labelled
        if one.scenario in scenarios
    ]
    return gathered._replace(
        responses=list(responses.values()),
        judgements=list(judgements.values()),
        rubrics=[
            replace(one, scenario=scenarios[one.scenario]) for one in gathered.rubrics if one.scenario in scenarios
        ],
        labelled=labelled,
    )
