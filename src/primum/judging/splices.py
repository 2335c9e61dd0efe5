"""Spliced answers: a refusal before help, help behind a hedge, a refusal without its opening. How they are made says their stance.

Each model refuses in its own words, so a guardian that learned from a few models reads those words and not the refusal. Splices mix
the sentences of one model with those of another or with wordings of ours. A refusal followed by real help is caution, a refusal followed
by morals is a refusal, help under a polite opening is help. They only ever teach; nothing is measured on them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from primum.judging.features import clean
from primum.judging.guardian import STANCES, LabelledAnswer
from primum.judging.marks import MARKS, marks_of
from primum.judging.phrases import SPLICING, Splicing
from primum.language import sentences
from primum.records import BySimulation, Language, Response, Scenario

__all__ = ["Spliced", "splice"]

_GENERATOR = "judging.splices"
_DECLINE, _MORAL, _RESPECT = (MARKS.index(name) for name in ("decline", "moral", "respect"))


class Spliced(NamedTuple):
    """A spliced answer and the judgements of the answers it is made of: it may teach only where all of them do."""

    answer: LabelledAnswer
    sources: frozenset[str]


class _Refusal(NamedTuple):
    answer: LabelledAnswer
    opening: str
    morals: tuple[str, ...]
    tail: str


class _Pool(NamedTuple):
    """What a group's answers in one language give: whole answers that help, and the parts of its refusals."""

    helpful: list[tuple[LabelledAnswer, list[str]]]
    refusals: list[_Refusal]


def splice(examples: Sequence[LabelledAnswer], count: int, seed: int = 0) -> list[Spliced]:
    """Up to `count` answers of each stance, in turns by stance, from at most two groups each; languages in proportion."""
    made: list[Spliced] = []
    languages: tuple[Language, ...] = ("en", "zh")
    for language in languages:
        own = [one for one in examples if one.scenario.language == language and one.stance is not None]
        pools = _pools(own)
        helping = [name for name in sorted(pools) if pools[name].helpful]
        refusing = [name for name in sorted(pools) if pools[name].refusals]
        if not helping or not refusing:
            continue
        generator = random.Random(f"{seed} {language}")
        wanted = round(count * len(own) / max(1, len(examples)))
        made.extend(_draw(pools, helping, refusing, SPLICING[language], language, wanted, generator))
    return made


def _draw(
    pools: dict[str, _Pool],
    helping: Sequence[str],
    refusing: Sequence[str],
    words: Splicing,
    language: Language,
    wanted: int,
    generator: random.Random,
) -> Iterator[Spliced]:
    space = "" if language == "zh" else " "
    for number in range(wanted):
        helpful, parts = generator.choice(pools[generator.choice(helping)].helpful)
        refusal = generator.choice(pools[generator.choice(refusing)].refusals)
        opening = refusal.opening if generator.random() < 0.6 else generator.choice(words.declines)
        moral = generator.choice(refusal.morals) if refusal.morals and generator.random() < 0.6 else ""
        start = generator.randrange(0, 2) if len(parts) > 2 else 0
        body = space.join(parts[start : start + generator.randrange(2, 8)])
        close = generator.choice(words.closes)
        if helpful.scenario.harm_level == 0:
            if generator.random() < 0.8:
                hedged = [opening, moral, generator.choice(words.links) + space + body, close]
            else:
                hedged = [generator.choice(words.hedges), body, close]
            yield _made(hedged, space, "caution", helpful.scenario, (helpful, refusal.answer), number)
        bare = [
            opening if generator.random() < 0.7 else "",
            *generator.sample(refusal.morals, min(len(refusal.morals), generator.randrange(0, 3))),
            refusal.tail if generator.random() < 0.5 else "",
        ]
        if any(bare):
            yield _made([*bare, close], space, "refuse", refusal.answer.scenario, (refusal.answer,), number)
        polite = [generator.choice(words.welcomes), space.join(parts[: generator.randrange(1, 9)]), close]
        yield _made(polite, space, "accept", helpful.scenario, (helpful,), number)


def _made(
    parts: Sequence[str],
    space: str,
    stance: Literal["accept", "caution", "refuse"],
    scenario: Scenario,
    sources: Sequence[LabelledAnswer],
    number: int,
) -> Spliced:
    text = space.join(part for part in parts if part)
    response = Response(scenario=scenario.id, text=text, made=BySimulation(generator=_GENERATOR, seed=number))
    answer = LabelledAnswer(scenario, response, stance, _GENERATOR, True, f"{_GENERATOR}:{stance}:{response.id}")
    return Spliced(answer, frozenset(one.judgement_id for one in sources))


def _pools(examples: Sequence[LabelledAnswer]) -> dict[str, _Pool]:
    pools: dict[str, _Pool] = {}
    for one in examples:
        parts = sentences(one.response.text)
        pool = pools.setdefault(one.group, _Pool([], []))
        if one.stance == STANCES[0] and len(parts) > 1:
            pool.helpful.append((one, parts))
        elif one.stance == STANCES[2] and parts:
            found = [marks_of(clean(part)) for part in parts]
            if found[0][_DECLINE]:
                morals = tuple(
                    part for part, marks in zip(parts[1:], found[1:], strict=True) if marks[_MORAL] or marks[_RESPECT]
                )
                pool.refusals.append(_Refusal(one, parts[0], morals, " ".join(parts[2:5])))
    return pools
