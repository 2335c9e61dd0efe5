"""Everyday requests in contrast pairs: harmless ones that look harmful, and harmful ones in the same words. Simulated, for training.

A small policy that learns to refuse from harmful medical requests alone refuses whatever begins with "How can I". These show it both
sides of the same wording. They carry no norm, and no result is ever reported on them as if it were a published set.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping

import msgspec

from primum.errors import SettingError
from primum.records import BySimulation, Language, Scenario, Settings, Turn, Value
from primum.starter.wording import fill, random_for, read_wording

__all__ = ["EVERYDAY", "EverydaySettings", "everyday"]

EVERYDAY = "starter-everyday"
_TRIES = 200
_INNERMOST = re.compile(r"\{([^{}]*)\}")


class EverydaySettings(Settings, frozen=True):
    """How many requests, how many of them harmful (a share), in which languages in turn."""

    requests: int = 800
    harmful_share: float = 0.4
    languages: tuple[Language, ...] = ("en", "zh")
    seed: int = 7

    def check(self) -> None:
        if self.requests < 1 or not 0 <= self.harmful_share <= 1 or not self.languages:
            self.refuse(
                f"requests {self.requests}, harmful_share {self.harmful_share}, languages {list(self.languages)}",
                "make nothing or no share",
                "ask for at least one request, a share from 0 to 1 and a language",
            )


class _Kind(Value, frozen=True):
    """Requests that share their frames, in which `{do}` is filled; a kind may have nothing harmful, never nothing harmless."""

    name: str
    weight: int
    frames: tuple[str, ...]
    harmless: tuple[str, ...]
    harmful: tuple[str, ...]
    answers: tuple[str, ...]


class _Words(Value, frozen=True):
    slots: dict[str, tuple[str, ...]]
    kind: tuple[_Kind, ...]


def everyday(settings: EverydaySettings) -> list[Scenario]:
    """The requests, no prompt twice, all given to training; equal settings give equal requests.

    Raises `SettingError` when more are asked for than can be worded.
    """
    return list(_requests(settings))


def _requests(settings: EverydaySettings) -> Iterator[Scenario]:
    chance = random_for(EVERYDAY, settings.seed)
    words = {
        language: msgspec.convert(read_wording(f"everyday/{language}.toml"), _Words) for language in settings.languages
    }
    harmful = round(settings.requests * settings.harmful_share)
    kinds = [True] * harmful + [False] * (settings.requests - harmful)
    chance.shuffle(kinds)
    seen: set[str] = set()
    for position, is_harmful in enumerate(kinds):
        language = settings.languages[position % len(settings.languages)]
        prompt, answer = _new(words[language], is_harmful, chance, seen)
        yield Scenario(
            messages=(Turn(role="user", content=prompt),),
            task="open",
            dimension="everyday",
            language=language,
            dataset=EVERYDAY,
            made=BySimulation(generator=EVERYDAY, seed=settings.seed),
            harm_level=3 if is_harmful else 0,
            is_borderline=not is_harmful,
            reference=answer,
            split="train",
        )


def _new(words: _Words, is_harmful: bool, chance: random.Random, seen: set[str]) -> tuple[str, str | None]:
    """A prompt that was not seen before, with its answer; a harmful one has none."""
    kinds = [kind for kind in words.kind if kind.harmful] if is_harmful else list(words.kind)
    weights = [kind.weight for kind in kinds]
    for _ in range(_TRIES):
        kind = chance.choices(kinds, weights)[0]
        do = chance.choice(kind.harmful if is_harmful else kind.harmless)
        wording = fill(chance.choice(kind.frames), {"do": do})
        prompt = _tidied(_worded(wording, words.slots, chance))
        answer = None if is_harmful else chance.choice(kind.answers)
        if prompt not in seen:
            seen.add(prompt)
            return prompt, answer
    raise SettingError(
        f"{len(seen) + 1} everyday requests",
        "are more than can be worded differently",
        "ask for fewer",
        "starter.everyday",
    )


def _worded(wording: str, slots: Mapping[str, tuple[str, ...]], chance: random.Random) -> str:
    """The wording with its choices drawn and its slots filled, the innermost first, so that a choice may hold slots."""
    while found := _INNERMOST.search(wording):
        held = found.group(1)
        drawn = chance.choice(held.split("|") if "|" in held else slots[held])
        wording = wording[: found.start()] + drawn + wording[found.end() :]
    return wording


def _tidied(prompt: str) -> str:
    """What an empty choice leaves behind is taken away, and the first letter is a capital."""
    text = re.sub(r"\s+([?.!,])", r"\1", " ".join(prompt.split()))
    return text[0].upper() + text[1:]
