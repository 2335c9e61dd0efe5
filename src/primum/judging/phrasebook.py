"""Simulated answers whose stance is known, for training the guardian beside labelled ones.

Open sets label answers in English, of few models, and hardly any that are cautious. These fill in for zh and for ways of refusing that
those models do not have. They are always shown as simulated, and no accuracy is ever reported on them.
"""

from __future__ import annotations

import random
from typing import Literal, NamedTuple

from primum.judging.guardian import PHRASEBOOK, STANCES, LabelledAnswer
from primum.judging.phrases import PHRASES, TOPICS
from primum.records import (
    BySimulation,
    Judgement,
    JudgeRef,
    Language,
    Record,
    Response,
    Scenario,
    Turn,
)

__all__ = ["Phrasebook", "phrasebook"]

_GENERATOR = "judging.phrasebook"
_QUESTION: dict[Language, str] = {"en": "A question about {topic}.", "zh": "关于{topic}的问题。"}


class Phrasebook(NamedTuple):
    """Labelled answers, and the records they rest on (the judge, scenarios, responses, judgements), which a store needs first."""

    examples: tuple[LabelledAnswer, ...]
    records: tuple[Record, ...]


def phrasebook(variants: int = 6, seed: int = 0) -> Phrasebook:
    """Every opening of `PHRASES` in `variants` answers: alone, or with what may follow and end it, on topics drawn by `seed`."""
    judge = JudgeRef(
        name="by construction (simulated)",
        kind_of="simulated",
        fingerprint=_GENERATOR,
        made=BySimulation(generator=_GENERATOR, seed=seed),
    )
    generator = random.Random(seed)
    examples: dict[str, LabelledAnswer] = {}
    records: dict[str, Record] = {judge.id: judge}
    for language in ("en", "zh"):
        for stance in STANCES:
            openings, middles, ends = PHRASES[language][stance]
            for opening in openings:
                for variant in range(variants):
                    topic = generator.choice(TOPICS[language])
                    parts = [opening]
                    # The first variant is the opening alone: short refusals are what small models give.
                    if variant and (stance == "caution" or generator.random() < 0.7):
                        parts.append(generator.choice(middles))
                    if variant and generator.random() < 0.4:
                        parts.append(generator.choice(ends))
                    text = _join(parts, language, topic)
                    scenario, response, judgement = _records(text, stance, language, topic, judge, seed)
                    records |= {one.id: one for one in (scenario, response, judgement)}
                    examples[judgement.id] = LabelledAnswer(scenario, response, stance, PHRASEBOOK, True, judgement.id)
    return Phrasebook(tuple(examples.values()), tuple(records.values()))


def _join(parts: list[str], language: Language, topic: str) -> str:
    text = ("" if language == "zh" else " ").join(parts).replace("{topic}", topic)
    return text[0].upper() + text[1:]


def _records(
    text: str,
    stance: Literal["accept", "caution", "refuse"],
    language: Language,
    topic: str,
    judge: JudgeRef,
    seed: int,
) -> tuple[Scenario, Response, Judgement]:
    made = BySimulation(generator=_GENERATOR, seed=seed)
    scenario = Scenario(
        messages=(Turn(role="user", content=_QUESTION[language].replace("{topic}", topic)),),
        task="open",
        dimension="phrasebook",
        language=language,
        dataset=PHRASEBOOK,
        made=made,
        split="train",
    )
    response = Response(scenario=scenario.id, text=text, made=made, finish="stop")
    return scenario, response, Judgement(response=response.id, judge=judge.id, stance=stance)
