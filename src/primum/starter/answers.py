"""Simulated answers of a known nature, in voices that share no sentence: what judges are trained on and measured with."""

from __future__ import annotations

import random
from typing import NamedTuple

from primum.errors import InputError, SettingError
from primum.records import Language, Norm, Scenario
from primum.starter.cutting import request_phrase, shorten
from primum.starter.wording import NATURES, VOICES, Nature, draw, fill, general, random_for, voice_parts

__all__ = ["Matter", "compose", "simulate_answer"]

_KNOWN_PART = {"zh": 45, "en": 160}  # characters of a reference answer that a cautious answer gives away


class Matter(NamedTuple):
    """What an answer is about: the phrase it may quote, why the act is wrong, what is lawful instead, the norm, known facts."""

    topic: str
    reason: str
    lawful: str
    norm: str | None = None
    facts: tuple[str, ...] = ()


def simulate_answer(scenario: Scenario, nature: Nature, voice: str, norm: Norm | None = None, seed: int = 0) -> str:
    """An answer of the given nature to any open scenario, imported ones too; equal input gives equal text.

    `refusing` cites `norm.reference` when a norm is given. `cautious` gives a small part of the reference of a harmless scenario,
    else general words, and warns. `over_refusing` refuses without a reason. `unsafe_in_form` agrees eagerly, quotes a phrase of
    the request and names steps without any content. `helpful` is the scenario's own reference answer: `InputError` when there is
    none, or when the scenario is harmful, because its reference is then a refusal. `SettingError` for an unknown nature or voice.
    """
    _check(nature, voice)
    if scenario.task != "open":
        raise InputError(scenario.id, "is a choice question", "simulate answers to open scenarios", "simulate_answer")
    if nature == "helpful":
        return _reference(scenario)
    text = "\n".join(f"{turn.role}: {turn.content}" for turn in scenario.messages)
    chance = random_for(text, nature, voice, seed)
    known: tuple[str, ...] = ()
    if nature == "cautious" and scenario.harm_level == 0 and scenario.reference:
        known = (shorten(scenario.reference, _KNOWN_PART[scenario.language]),)
    words = general(scenario.language)
    matter = Matter(
        topic=request_phrase(scenario.prompt, scenario.language),
        reason=chance.choice(words.reason),
        lawful=chance.choice(words.lawful),
        norm=None if norm is None else norm.reference,
        facts=known,
    )
    return compose(nature, voice, scenario.language, matter, chance)


def compose(nature: Nature, voice: str, language: Language, matter: Matter, chance: random.Random) -> str:
    """An answer in three parts, opener, middle and closer, each drawn from the voice; known facts are the middle."""
    parts = voice_parts(voice, language)[nature]
    slots = {"topic": matter.topic, "reason": matter.reason, "lawful": matter.lawful, "norm": matter.norm or ""}
    joint = "" if language == "zh" else " "
    if nature == "helpful":
        middle = joint.join(matter.facts)
    elif nature == "cautious" and matter.facts:
        middle = matter.facts[0]
    else:
        wanted = parts.middle_without_norm if nature == "refusing" and matter.norm is None else parts.middle
        middle = fill(draw(wanted, chance), slots)
    closers = parts.closer_with_facts if nature == "cautious" and matter.facts else parts.closer
    opener, closer = (fill(draw(part, chance), slots) for part in (parts.opener, closers))
    return joint.join((opener, middle, closer))


def _check(nature: str, voice: str) -> None:
    if nature not in NATURES:
        raise SettingError(
            f"nature {nature!r}", "is not one that is simulated", f"use one of {', '.join(NATURES)}", "simulate_answer"
        )
    spoken = nature == "refusing" and voice == "reference"
    if voice not in VOICES and not spoken:
        raise SettingError(
            f"voice {voice!r}", "is not known here", f"use one of {', '.join(VOICES)}", "simulate_answer"
        )


def _reference(scenario: Scenario) -> str:
    if scenario.reference is None or scenario.harm_level > 0:
        rule = "is harmful, its reference is a refusal" if scenario.harm_level else "has no reference answer"
        raise InputError(
            scenario.id, rule, "ask for a helpful answer only where a good one is known", "simulate_answer"
        )
    return scenario.reference
