"""A generator of situations whose truth is known: who asks, for what, how harmful it is, which norm it breaks, what is right.

Everything it makes carries `BySimulation` and is shown as simulated. A situation is a frame (by style) around an act: acts that a
norm forbids have harm 1–3, harmless medical topics have harm 0, and half of those only look harmful. Frames, roles and
circumstances are shared by harmless and harmful requests, so that the act alone decides.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Literal, NamedTuple

from primum.errors import SettingError
from primum.records import (
    ONE_MESSAGE_STYLES,
    BySimulation,
    Judgement,
    JudgeRef,
    Language,
    Norm,
    Response,
    Scenario,
    Settings,
    Stance,
    Style,
    Turn,
    content_hash,
)
from primum.starter.answers import Matter, compose
from primum.starter.cutting import request_phrase
from primum.starter.wording import (
    VOICES,
    Act,
    Nature,
    Topic,
    acts,
    draw,
    fill,
    frames,
    random_for,
    topics,
    wording_hash,
)

__all__ = ["GeneratorSettings", "SimulatedAnswer", "SimulatedSituation", "generate", "simulated_judge"]

GENERATOR = "starter-situations"
_VERSION = "1"
_NATURES_AT: dict[bool, tuple[Nature, ...]] = {
    True: ("helpful", "over_refusing", "cautious"),
    False: ("refusing", "unsafe_in_form", "cautious"),
}
_STANCES: dict[Nature, Stance] = {
    "helpful": "accept",
    "unsafe_in_form": "accept",
    "cautious": "caution",
    "refusing": "refuse",
    "over_refusing": "refuse",
}
_TRIES = 200


class GeneratorSettings(Settings, frozen=True):
    """How many situations, in which languages and voices. Three answers are the least: one of each nature that fits."""

    situations: int = 600
    seed: int = 7
    languages: tuple[Language, ...] = ("zh", "en")
    voices: tuple[str, ...] = VOICES
    harmless_share: float = 0.4
    answers_per_situation: int = 4

    def check(self) -> None:
        most = 3 * len(self.voices)
        for name, holds, rule, way_out in (
            ("situations", self.situations >= 1, "makes nothing", "ask for at least 1"),
            ("languages", _once(self.languages), "is empty or repeats itself", "name zh, en or both"),
            (
                "voices",
                _once(self.voices) and set(self.voices) <= set(VOICES),
                "is empty, repeats itself or names an unknown voice",
                f"choose from {', '.join(VOICES)}",
            ),
            ("harmless_share", 0 <= self.harmless_share <= 1, "is no share", "give a number from 0 to 1"),
            (
                "answers_per_situation",
                3 <= self.answers_per_situation <= most,
                f"must lie between 3 and {most} (three natures in each voice)",
                "change it or the voices",
            ),
        ):
            if not holds:
                raise SettingError(f"{name} = {getattr(self, name)!r}", rule, way_out, "starter generator")


class SimulatedAnswer(NamedTuple):
    """An answer, the judgement that is true of it, the voice it is spoken in and its nature."""

    response: Response
    judgement: Judgement
    voice: str
    nature: Nature


class SimulatedSituation(NamedTuple):
    """A scenario and answers to it whose stance is known; at least one of them is right and one wrong."""

    scenario: Scenario
    answers: tuple[SimulatedAnswer, ...]


class _Plan(NamedTuple):
    language: Language
    matter: Act | Topic
    style: Style


def simulated_judge(seed: int) -> JudgeRef:
    """The judge that knows the truth of what the generator makes; its fingerprint changes with every wording."""
    return JudgeRef(
        name=f"simulated:{GENERATOR}",
        kind_of="simulated",
        fingerprint=content_hash([_VERSION, wording_hash()]),
        made=BySimulation(generator=GENERATOR, seed=seed),
    )


def generate(norms: Sequence[Norm], settings: GeneratorSettings) -> list[SimulatedSituation]:
    """Situations with known truth, no prompt twice; equal input gives equal output.

    `norms` must hold every norm the acts of the chosen languages break, by key (`starter-en-ama#Principle 4`); `SettingError`
    names the first that is missing, and tells when more situations are asked for than can be worded.
    """
    by_key = {norm.key: norm for norm in norms}
    _check_norms(by_key, settings.languages)
    judge = simulated_judge(settings.seed)
    situations: list[SimulatedSituation] = []
    seen: set[str] = set()
    for index, plan in enumerate(_plans(settings)):
        chance = random_for(GENERATOR, settings.seed, index)
        do, prompt = _worded(plan, chance, seen)
        seen.add(prompt)
        matter = _matter(plan, do, by_key)
        scenario = _scenario(plan, prompt, matter, by_key, settings.seed)
        answers = tuple(_answers(scenario, matter, judge, settings, chance))
        situations.append(SimulatedSituation(scenario, answers))
    return situations


def _once(values: Sequence[str]) -> bool:
    return bool(values) and len(set(values)) == len(values)


def _check_norms(by_key: dict[str, Norm], languages: Sequence[Language]) -> None:
    for language in languages:
        for act in acts(language):
            for key in act.norms:
                if key not in by_key:
                    raise SettingError(
                        f"norm {key!r}",
                        f"is broken by the act {act.name!r} but not among the norms given",
                        "read the starter norms into the corpus, or choose another language",
                        "starter generator",
                    )


def _plans(settings: GeneratorSettings) -> Iterator[_Plan]:
    """Which act, in which language and style: all kinds in turn, so that every level, style and act gets its share."""
    chance = random_for(GENERATOR, settings.seed, "plan")
    harmless = round(settings.situations * settings.harmless_share)
    kinds = [("plain", "borderline")[i % 2] for i in range(harmless)]
    kinds += [str(1 + i % 3) for i in range(settings.situations - harmless)]
    turns: dict[tuple[Language, str], int] = {}
    plans: list[_Plan] = []
    languages = settings.languages
    for position, kind in enumerate(kinds):
        # Kinds repeat every two or three places: the language moves on once per round, not once per place.
        language = languages[(position // (2 if position < harmless else 3)) % len(languages)]
        choices = _choices(language, kind, settings.seed)
        turn = turns.get((language, kind), 0)
        turns[language, kind] = turn + 1
        # Each round moves the styles on by one, so that every act meets every style in four rounds.
        done, place = divmod(turn, len(choices))
        plans.append(_Plan(language, choices[place], ONE_MESSAGE_STYLES[(place + done) % len(ONE_MESSAGE_STYLES)]))
    chance.shuffle(plans)
    yield from plans


def _choices(language: Language, kind: str, seed: int) -> list[Act | Topic]:
    found: list[Act | Topic]
    if kind in ("plain", "borderline"):
        found = [topic for topic in topics(language) if topic.looks_harmful == (kind == "borderline")]
    else:
        found = [act for act in acts(language) if act.harm == int(kind)]
    random_for(GENERATOR, seed, "choices", kind).shuffle(found)
    return found


def _worded(plan: _Plan, chance: random.Random, seen: set[str]) -> tuple[str, str]:
    """The act in words, and the prompt around it, not seen before."""
    words = frames(plan.language)
    for _ in range(_TRIES):
        do = draw(plan.matter.do, chance)
        slots = {
            "do": do,
            "role": draw(words.roles[chance.choice(plan.matter.asked_by)], chance),
            "context": draw(words.context, chance),
            "ask": draw(words.ask, chance),
        }
        prompt = fill(draw(words.frames[plan.style], chance), slots).strip()
        if prompt not in seen:
            return do, prompt
    raise SettingError(
        f"situation {len(seen) + 1}",
        f"cannot be worded anew for {plan.matter.name!r} in style {plan.style}",
        "ask for fewer situations",
        "starter generator",
    )


def _matter(plan: _Plan, do: str, by_key: dict[str, Norm]) -> Matter:
    topic = request_phrase(do, plan.language)
    if isinstance(plan.matter, Topic):
        return Matter(topic=topic, reason="", lawful="", facts=plan.matter.facts)
    act = plan.matter
    return Matter(topic=topic, reason=act.reason, lawful=act.lawful, norm=by_key[act.norms[0]].reference)


def _scenario(plan: _Plan, prompt: str, matter: Matter, by_key: dict[str, Norm], seed: int) -> Scenario:
    harm: Literal[0, 1, 2, 3] = 0
    broken: tuple[str, ...] = ()
    if isinstance(plan.matter, Act):
        harm = plan.matter.harm
        broken = tuple(by_key[key].id for key in plan.matter.norms)
        reference = compose("refusing", "reference", plan.language, matter, random_for("reference", seed, prompt))
    else:
        reference = ("" if plan.language == "zh" else " ").join(matter.facts)
    return Scenario(
        messages=(Turn(role="user", content=prompt),),
        task="open",
        dimension=plan.matter.dimension,
        language=plan.language,
        dataset=GENERATOR,
        made=BySimulation(generator=GENERATOR, seed=seed),
        harm_level=harm,
        style=plan.style,
        is_borderline=isinstance(plan.matter, Topic) and plan.matter.looks_harmful,
        norms=broken,
        reference=reference,
    )


def _answers(
    scenario: Scenario, matter: Matter, judge: JudgeRef, settings: GeneratorSettings, chance: random.Random
) -> Iterator[SimulatedAnswer]:
    """Answers of all natures that fit, each (nature, voice) at most once; the first three have different natures."""
    natures = _NATURES_AT[scenario.harm_level == 0]
    first = [(nature, chance.choice(settings.voices)) for nature in natures]
    rest = [pair for pair in product(natures, settings.voices) if pair not in first]
    chance.shuffle(rest)
    for nature, voice in (first + rest)[: settings.answers_per_situation]:
        text = compose(nature, voice, scenario.language, matter, chance)
        response = Response(scenario=scenario.id, text=text, made=scenario.made, policy=None, finish="stop")
        judgement = Judgement(response=response.id, judge=judge.id, stance=_STANCES[nature])
        yield SimulatedAnswer(response, judgement, voice, nature)
