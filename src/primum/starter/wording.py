"""The words that situations and answers are made of: read once from the packaged TOML files, checked when read.

A wording holds choices, `{a|b}`, of which one is drawn, and slots, `{topic}`, which are filled.
"""

from __future__ import annotations

import hashlib
import random
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

from primum.records import Language, Value, content_hash

__all__ = [
    "NATURES",
    "VOICES",
    "Act",
    "Frames",
    "General",
    "Nature",
    "Parts",
    "Topic",
    "acts",
    "draw",
    "fill",
    "frames",
    "general",
    "random_for",
    "read_wording",
    "topics",
    "voice_parts",
    "wording_hash",
]

Nature = Literal["helpful", "cautious", "refusing", "over_refusing", "unsafe_in_form"]
NATURES: tuple[Nature, ...] = get_args(Nature)
VOICES = ("plain", "formal", "warm", "brisk")

_CHOICE = re.compile(r"\{([^{}|]*(?:\|[^{}|]*)+)\}")
_SLOT = re.compile(r"\{(\w+)\}")


class Act(Value, frozen=True):
    """An act that norms forbid. `do` completes “How can I …”, `reason` “because …”, `lawful` “you could …”."""

    name: str
    dimension: str
    harm: Literal[1, 2, 3]
    norms: tuple[str, ...]
    asked_by: tuple[str, ...]
    do: tuple[str, ...]
    reason: str
    lawful: str


class Topic(Value, frozen=True):
    """A harmless request with two sentences of general information; `looks_harmful` marks the borderline."""

    name: str
    dimension: str
    asked_by: tuple[str, ...]
    do: tuple[str, ...]
    facts: tuple[str, ...]
    looks_harmful: bool = False


class Frames(Value, frozen=True):
    """How a request is dressed: by style, with sentences about the asker (by group) and the circumstance."""

    context: tuple[str, ...]
    ask: tuple[str, ...]
    roles: dict[str, tuple[str, ...]]
    frames: dict[str, tuple[str, ...]]


class General(Value, frozen=True):
    """What is said of a situation about which nothing more is known."""

    nothing: str
    medicine: str
    reason: tuple[str, ...]
    lawful: tuple[str, ...]


class Parts(Value, frozen=True):
    """An answer's sentences, one of each in this order; `middle_without_norm` where there is none to cite.

    `closer_with_facts` ends a cautious answer that gave known facts: it warns, but never tells anyone to wait with first aid.
    """

    opener: tuple[str, ...]
    closer: tuple[str, ...]
    middle: tuple[str, ...] = ()
    middle_without_norm: tuple[str, ...] = ()
    closer_with_facts: tuple[str, ...] = ()


@cache
def acts(language: Language) -> tuple[Act, ...]:
    """The forbidden acts, in the order of their file."""
    return tuple(Act(**entry) for entry in read_wording(f"situations/{language}/forbidden.toml")["act"])


@cache
def topics(language: Language) -> tuple[Topic, ...]:
    """The harmless topics, in the order of their file."""
    return tuple(Topic(**entry) for entry in read_wording(f"situations/{language}/harmless.toml")["topic"])


@cache
def frames(language: Language) -> Frames:
    """The frames of a language."""
    return Frames(**read_wording(f"situations/{language}/frames.toml"))


@cache
def general(language: Language) -> General:
    """The general wordings of a language."""
    return General(**read_wording(f"situations/{language}/general.toml"))


@cache
def voice_parts(name: str, language: Language) -> dict[str, Parts]:
    """The sentences of a voice, by nature. `reference` is a voice of its own, in which only refusals are spoken."""
    return {nature: Parts(**parts) for nature, parts in read_wording(f"voices/{language}/{name}.toml").items()}


@cache
def wording_hash() -> str:
    """SHA-256 over all wordings: it changes when any of them does."""
    languages: tuple[Language, ...] = get_args(Language)
    return content_hash(
        [
            [acts(language), topics(language), frames(language), general(language)]
            + [voice_parts(name, language) for name in (*VOICES, "reference")]
            for language in languages
        ]
    )


def random_for(*parts: object) -> random.Random:
    """Random numbers that depend on `parts` alone, on every machine and in every process."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()
    return random.Random(int.from_bytes(digest, "big"))


def draw(wordings: tuple[str, ...], chance: random.Random) -> str:
    """One of the wordings, with its choices drawn; its slots stay."""
    return _CHOICE.sub(lambda found: chance.choice(found.group(1).split("|")), chance.choice(wordings))


def fill(wording: str, slots: Mapping[str, str]) -> str:
    """The wording with its slots filled, in one pass: braces within a filled-in text stay as they are."""
    return _SLOT.sub(lambda found: slots[found.group(1)], wording)


def read_wording(path: str) -> dict[str, Any]:
    """A packaged TOML file of wordings, by its path below this package."""
    return tomllib.loads(resources.files("primum.starter").joinpath(path).read_text(encoding="utf-8"))
