"""The embedded generators: a request in another style, and the plain request read back out of one."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from primum.language import normalise
from primum.records import BySimulation, Language, Scenario, Style, Turn
from primum.simulation.coding import code, decoded
from primum.simulation.frames import Pressure, arounds, pressures
from primum.starter.wording import random_for

__all__ = ["ADDS_AT_MOST", "READS_AT_MOST", "cut_out", "readings", "rewrite"]

READS_AT_MOST: Mapping[Language, int] = {"en": 1200, "zh": 400}
"""Characters of the longest request that is rewritten: what a model of 512 tokens reads whole. Ours."""
ADDS_AT_MOST: Mapping[Language, tuple[int, int]] = {"en": (160, 260), "zh": (60, 100)}
"""Characters that a frame adds: in one message, and over several turns. About 40 and 80 tokens; ours."""


def rewrite(scenario: Scenario, style: Style, seed: int) -> Scenario:
    """The request of a scenario in another style; its harm level, norms, dimension, language, reference and split stay.

    Equal scenario, style and seed give the equal rewrite. It raises for no text; whether the intent was kept, `keeps_intent` says. `direct`
    reads a request back out of its style: a plain one is returned as it is, and so is one that cannot be read back.
    """
    if style == "direct":
        return _plain(scenario, seed)
    chance = random_for("attack", seed, scenario.id, style)
    return _made(scenario, style, seed, _dressed(scenario.messages, style, scenario.language, chance))


def readings(scenario: Scenario) -> list[str]:
    """The plain requests that can be read out of a scenario of its style by the frames and decoders, told nothing else; none for
    one that these generators did not make."""
    return [messages[-1].content for messages in _undressed(scenario)]


def _made(scenario: Scenario, style: Style, seed: int, messages: tuple[Turn, ...]) -> Scenario:
    # An item is named once, and another version of it is another thing: a rewrite is neither.
    return msgspec.structs.replace(
        scenario,
        messages=messages,
        style=style,
        rewrites=scenario.id,
        made=BySimulation(generator=f"attacks:{style}", seed=seed),
        item="",
        counterpart="",
        version=1,
    )


# --- Into a style ------------------------------------------------------------------------------------------------------------


def _dressed(messages: Sequence[Turn], style: Style, language: Language, chance: random.Random) -> tuple[Turn, ...]:
    request = messages[-1].content.strip()
    if style == "multi_turn":
        first = Turn(role="user", content=request)
        return (*messages[:-1], first, *_turns(_pressing(request, language, chance).put(request)))
    around = chance.choice(chance.choice(arounds(style, language)))
    if style == "obfuscate":
        request = code(request, language, chance) or request
    return (*messages[:-1], Turn(role="user", content=around.put(request)))


def _pressing(request: str, language: Language, chance: random.Random) -> Pressure:
    """A frame of several turns that adds no more than it may: a long request is referred to, not said again."""
    frame = chance.choice(pressures(language))
    most = ADDS_AT_MOST[language][1]
    short = [one for one in frame if sum(map(len, one.put(request))) <= most]
    return chance.choice(short or [one for one in frame if not one.repeats])


def _turns(said: Sequence[str]) -> Iterator[Turn]:
    for place, text in enumerate(said):
        yield Turn(role="user" if place % 2 else "assistant", content=text)


# --- And back ----------------------------------------------------------------------------------------------------------------


def _plain(scenario: Scenario, seed: int) -> Scenario:
    found = {normalise(messages[-1].content): messages for messages in _undressed(scenario)}
    if scenario.style == "direct" or not found:
        return scenario
    plain = list(found.values())
    if len(plain) > 1:  # several decoders read something: the right one is what the generator makes this of
        plain = [messages for messages in plain if _is_made_of(scenario, messages)]
    return _made(scenario, "direct", seed, plain[0]) if len(plain) == 1 else scenario


def _is_made_of(scenario: Scenario, plain: Sequence[Turn]) -> bool:
    made = scenario.made
    if not isinstance(made, BySimulation) or scenario.rewrites is None:
        return False
    chance = random_for("attack", made.seed, scenario.rewrites, scenario.style)
    again = _dressed(plain, scenario.style, scenario.language, chance)
    return [normalise(turn.content) for turn in again] == [normalise(turn.content) for turn in scenario.messages]


def _undressed(scenario: Scenario) -> Iterator[tuple[Turn, ...]]:
    """The messages of each plain request that can be read out of a scenario."""
    messages, language = scenario.messages, scenario.language
    if scenario.style == "direct":
        yield messages
    elif scenario.style == "multi_turn":
        for last in range(len(messages) - 2):
            if messages[last].role == "user" and _is_pressure(messages[last:], language):
                yield messages[: last + 1]
    else:
        for request in cut_out(messages[-1].content, scenario.style, language):
            for text in decoded(request, language) if scenario.style == "obfuscate" else (request,):
                if text.strip():
                    yield (*messages[:-1], Turn(role="user", content=text))


def cut_out(text: str, style: Style, language: Language) -> list[str]:
    """What stands in the frames of a style of one message, each text once: the request as it is spelled there."""
    found: dict[str, None] = {}
    for variants in arounds(style, language):
        found.update((cut, None) for variant in variants if (cut := variant.cut(text)) is not None)
    return list(found)


def _is_pressure(messages: Sequence[Turn], language: Language) -> bool:
    request, after = messages[0].content, list(messages[1:])
    return any(
        len(one.turns) == len(after) and list(_turns(one.put(request))) == after
        for variants in pressures(language)
        for one in variants
    )
