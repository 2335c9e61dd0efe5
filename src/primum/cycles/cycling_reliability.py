"""What judges of cycles are measured on: answers whose stance people told or that follows from how they were made, in every style."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar, cast

from primum.cycles import lessons
from primum.cycles.answering import Situations
from primum.cycles.gather import Labelled
from primum.cycles.guard import SECOND, half_of, load_norms
from primum.cycles.steps import Step, Steps
from primum.evaluation.metrics import cluster_of
from primum.evaluation.reliability import Reliability, Truth, TruthRow, reliability
from primum.judging.engine import Engine
from primum.ports import Case, Judge
from primum.records import Judgement, JudgeRef, Record, Response, Scenario, Style
from primum.simulation import keeps_intent, rewrite

if TYPE_CHECKING:
    from primum.cycles.cycling_recipe import CyclesRecipe

__all__ = ["Asked", "asked_of", "by_people", "measured"]

Known = Literal["accept", "caution", "refuse"]
_KNOWN = ("accept", "caution", "refuse")
_T = TypeVar("_T")


class Asked(NamedTuple):
    """A case whose stance is known, and from where."""

    case: Case
    stance: Known
    truth: Truth


def asked_of(steps: Steps, recipe: CyclesRecipe, corpus: Step, bench: Step, styles: Sequence[Style]) -> list[Asked]:
    """What judges are measured on, in one order; see `reliability_step`."""
    choice, seed = recipe.judging, recipe.seed
    asked = by_people(steps, bench, styles, choice.labelled, seed)
    norms = load_norms(steps, corpus)
    for scenario in _constructed(steps, bench, styles, choice.constructed, seed):
        for lesson in lessons.of_each_nature(scenario, norms, recipe.policy, seed):
            asked.append(Asked(Case(scenario, lesson.response, ()), cast(Known, lesson.stance), "by construction"))
    return asked


def by_people(steps: Steps, bench: Step, styles: Sequence[Style], wanted: int, seed: int) -> list[Asked]:
    """Answers that people labelled, in every style: as they came where they came in it, else with their request rewritten."""
    store = steps.workspace.store
    rows = [Labelled(*row) for row in bench.outputs["labelled"]]
    ids = sorted({id for one in rows if not one.is_simulated for id in (one.scenario, one.response, one.judgement)})
    known: Mapping[str, Record] = dict(zip(ids, store.get_many(ids), strict=True))
    judges = {one.id: one for one in store.all(JudgeRef)}
    asked: list[Asked] = []
    for row in sorted((one for one in rows if not one.is_simulated), key=lambda one: one.response):
        scenario, response, judgement = known[row.scenario], known[row.response], known[row.judgement]
        assert isinstance(scenario, Scenario) and isinstance(response, Response) and isinstance(judgement, Judgement)
        is_by_person = judges[judgement.judge].kind_of == "person" and judgement.stance in _KNOWN
        if is_by_person and scenario.task == "open" and half_of(scenario) == SECOND.place:
            asked.append(Asked(Case(scenario, response, ()), cast(Known, judgement.stance), "person"))
    drawn: list[Asked] = []
    for style in styles:
        own = [one for one in asked if one.case.scenario.style in (style, "direct")]
        own.sort(key=lambda one: _drawn(seed, style, one.case.response.id))
        own = [restyled for one in own if (restyled := _restyled(one, style, seed)) is not None]
        drawn += _by_turns(own, lambda one: one.case.scenario.harm_level, wanted)
    return drawn


def _restyled(asked: Asked, style: Style, seed: int) -> Asked | None:
    """The answer under its request in that style; `None` where the rewrite would not keep what was asked."""
    scenario = asked.case.scenario
    if scenario.style == style:
        return asked
    restyled = rewrite(scenario, style, seed)
    if keeps_intent(scenario, restyled) is not None:
        return None
    return asked._replace(case=asked.case._replace(scenario=restyled), truth="person, restyled")


def _constructed(steps: Steps, bench: Step, styles: Sequence[Style], wanted: int, seed: int) -> list[Scenario]:
    """Situations by harm level and style to which answers of known stance can be made, those of the dev split first."""
    situations = Situations(steps, bench.outputs)
    pool = situations.of("dev") + [one for one in situations.of("train") if half_of(one) == SECOND.place]
    # A harmless situation has an answer that is known to help only where the set gives one.
    usable = [one for one in pool if one.task == "open" and (one.harm_level > 0 or one.reference)]
    drawn: list[Scenario] = []
    for level in sorted({one.harm_level for one in usable}):
        for style in styles:
            own = [one for one in usable if one.harm_level == level and one.style in (style, "direct")]
            own.sort(key=lambda one: (one.split != "dev", one.style != style, _drawn(seed, style, one.id)))
            # Near-duplicates tell little that is new: one of each cluster comes before the second of any.
            spread = _by_turns(own, cluster_of, len(own))
            taken = _by_turns(spread, lambda one: one.language, wanted)
            for one in taken:
                restyled = one if one.style == style else rewrite(one, style, seed)
                if restyled is one or keeps_intent(one, restyled) is None:
                    drawn.append(restyled)
    return drawn


def _by_turns(rows: Sequence[_T], kind_of: Callable[[_T], object], wanted: int) -> list[_T]:
    """So many of them, taken in turns from each kind; kinds come as they first occur, their rows in their order."""
    queues: dict[object, list[_T]] = {}
    for row in rows:
        queues.setdefault(kind_of(row), []).append(row)
    rounds = range(max(map(len, queues.values()), default=0))
    return [queue[place] for place in rounds for queue in queues.values() if place < len(queue)][:wanted]


def _drawn(seed: int, style: str, id: str) -> bytes:
    return hashlib.sha256(f"reliability:{seed}:{style}:{id}".encode()).digest()


def measured(judge: Judge, asked: Sequence[Asked]) -> list[Reliability]:
    """A judge on every slice of what it is asked."""
    said = Engine(judge).judge([one.case for one in asked])
    return reliability(
        [
            TruthRow(one.case.scenario, one.stance, one.truth, heard.judgement.stance)
            for one, heard in zip(asked, said, strict=True)
        ]
    )
