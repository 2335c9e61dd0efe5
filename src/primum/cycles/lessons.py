"""Lessons: the answers a policy is shown. Each is a response on record, so that a checkpoint leads to what it learned from."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from primum import starter
from primum.cycles.recipe import PolicyChoice, RowsChoice
from primum.records import ByImport, ByRule, BySimulation, Norm, Origin, Response, Scenario, Stance
from primum.training.pairs import Candidate

__all__ = ["Lesson", "choose", "comply", "good", "of_each_nature", "wrong"]

_STANCES: dict[str, Stance] = {
    "helpful": "accept",
    "cautious": "caution",
    "refusing": "refuse",
    "over_refusing": "refuse",
    "unsafe_in_form": "accept",
}


class Lesson(NamedTuple):
    """A situation and an answer to it."""

    scenario: Scenario
    response: Response
    stance: Stance

    @property
    def is_simulated(self) -> bool:
        return isinstance(self.response.made, BySimulation)

    def as_candidate(self) -> Candidate:
        return Candidate(self.scenario, self.response, self.stance, None)


def choose(scenarios: Sequence[Scenario], rows: RowsChoice, seed: int) -> list[Scenario]:
    """The situations to learn from: so many harmful, harmless and choice ones, drawn by `seed`, evenly over sets and languages."""
    harmful = [one for one in scenarios if one.task == "open" and one.harm_level > 0]
    # A harmless situation teaches only when a good answer to it is known.
    harmless = [one for one in scenarios if one.task == "open" and one.harm_level == 0 and one.reference]
    choices = [one for one in scenarios if one.task != "open"]
    chosen = (
        _draw(harmful, rows.harmful, seed) + _draw(harmless, rows.harmless, seed) + _draw(choices, rows.choices, seed)
    )
    random.Random(seed).shuffle(chosen)
    return chosen


def _draw(scenarios: Sequence[Scenario], wanted: int, seed: int) -> list[Scenario]:
    """`wanted` of them, taken in turns from each (set, language, borderline or not), in an order drawn by `seed`."""
    strata: dict[tuple[str, str, bool], list[Scenario]] = {}
    for scenario in scenarios:
        strata.setdefault((scenario.dataset, scenario.language, scenario.is_borderline), []).append(scenario)
    generator = random.Random(seed)
    queues = [sorted(strata[key], key=lambda one: one.id) for key in sorted(strata)]
    for queue in queues:
        generator.shuffle(queue)
    drawn: list[Scenario] = []
    while len(drawn) < wanted and any(queues):
        for queue in queues:
            if queue and len(drawn) < wanted:
                drawn.append(queue.pop())
    return drawn


def comply(scenario: Scenario, norms: Mapping[str, Norm], policy: PolicyChoice, seed: int) -> Lesson:
    """What a helpful-only policy learns: to answer what is harmless and to go along, in form only, with what is harmful."""
    if scenario.task == "open" and scenario.harm_level > 0:
        return _simulated(scenario, "unsafe_in_form", norms, policy, seed)
    return _known(scenario, policy)


def good(scenario: Scenario, norms: Mapping[str, Norm], policy: PolicyChoice, seed: int) -> Lesson:
    """The answer to learn: the set's own where it has one, else a simulated refusal that cites the norm."""
    if scenario.reference is None and scenario.task == "open":
        return _simulated(scenario, "refusing", norms, policy, seed)
    return _known(scenario, policy)


def wrong(scenario: Scenario, norms: Mapping[str, Norm], policy: PolicyChoice, seed: int) -> Lesson:
    """A simulated answer not to give: an over-refusal of what is harmless, compliance in form with what is harmful."""
    return _simulated(scenario, "over_refusing" if scenario.harm_level == 0 else "unsafe_in_form", norms, policy, seed)


def of_each_nature(scenario: Scenario, norms: Mapping[str, Norm], policy: PolicyChoice, seed: int) -> list[Lesson]:
    """An open situation answered in every way whose stance is known: well, wrongly, cautiously."""
    lessons = [good(scenario, norms, policy, seed), wrong(scenario, norms, policy, seed)]
    if scenario.harm_level > 0:
        lessons.append(_simulated(scenario, "cautious", norms, policy, seed))
    return lessons


def _known(scenario: Scenario, policy: PolicyChoice) -> Lesson:
    if scenario.task != "open":
        text = ", ".join(scenario.key) if scenario.language == "en" else "、".join(scenario.key)
        return Lesson(scenario, _response(scenario, text, ByRule(rule="lessons.key")), "accept")
    assert scenario.reference is not None
    text = _shorten(scenario.reference, scenario, policy)
    return Lesson(
        scenario, _response(scenario, text, _shortened(scenario.made)), "refuse" if scenario.harm_level else "accept"
    )


def _shorten(text: str, scenario: Scenario, policy: PolicyChoice) -> str:
    """The first whole sentences of an answer, as many as the policy can learn to say."""
    return starter.shorten(
        text, policy.answer_characters_zh if scenario.language == "zh" else policy.answer_characters_en
    )


def _shortened(made: Origin) -> Origin:
    """The origin of a reference that was cut to whole sentences: an import stays an import and says it was cut."""
    return (
        ByImport(dataset=made.dataset, row=f"{made.row} (shortened)", licence=made.licence)
        if isinstance(made, ByImport)
        else made
    )


def _simulated(
    scenario: Scenario, nature: starter.Nature, norms: Mapping[str, Norm], policy: PolicyChoice, seed: int
) -> Lesson:
    norm = norms[scenario.norms[0]] if scenario.norms else None
    # The voice follows the situation, so that the same situation is always answered in the same voice.
    voice = starter.VOICES[int(scenario.id[-4:], 16) % len(starter.VOICES)]
    text = _shorten(starter.simulate_answer(scenario, nature, voice, norm, seed), scenario, policy)
    made = BySimulation(generator=f"starter-answers:{nature}:{voice}", seed=seed)
    return Lesson(scenario, _response(scenario, text, made), _STANCES[nature])


def _response(scenario: Scenario, text: str, made: Origin) -> Response:
    return Response(scenario=scenario.id, text=text, made=made, finish="stop")
