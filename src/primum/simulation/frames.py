"""What is put round a request: the frames of each style and language, read once from the packaged TOML files.

A frame is written with choices, `{a|b}`, and slots, and spread out into all its literal variants. A variant is the pair of texts before and
after the request, so that nothing in a request can be taken for a part of the frame, and the request can be cut out again.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from primum.records import Language, Style

__all__ = ["REQUEST", "Around", "Pressure", "arounds", "pressures", "words_of"]

REQUEST = "{request}"
_CHOICE = re.compile(r"\{([^{}|]*(?:\|[^{}|]*)+)\}")
_SLOT = re.compile(r"\{([a-z_]+)\}")


class Around(NamedTuple):
    """What stands before and after a request in one message."""

    before: str
    after: str

    def put(self, request: str) -> str:
        return f"{self.before}{request}{self.after}"

    def cut(self, text: str) -> str | None:
        """The request that this frame stands round in `text`; `None` when it stands round none."""
        if len(text) <= len(self.before) + len(self.after):
            return None
        if not (text.startswith(self.before) and text.endswith(self.after)):
            return None
        return text[len(self.before) : len(text) - len(self.after)]


class Pressure(NamedTuple):
    """What follows a request that was made: refusals by the assistant and new reasons by the user, in turns; the last is the user's.

    A turn that holds the request again has `{request}` in it.
    """

    turns: tuple[str, ...]

    def put(self, request: str) -> tuple[str, ...]:
        return tuple(turn.replace(REQUEST, request) for turn in self.turns)

    @property
    def repeats(self) -> bool:
        """Whether the request is said again."""
        return any(REQUEST in turn for turn in self.turns)


@cache
def words_of(language: Language) -> dict[str, Any]:
    """The packaged wordings of a language, as their TOML file holds them."""
    path = resources.files("primum.simulation").joinpath(f"wording/{language}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def arounds(style: Style, language: Language) -> tuple[tuple[Around, ...], ...]:
    """The variants of each frame of a style of one message."""
    words = words_of(language)
    return tuple(
        tuple(Around(*variant.split(REQUEST)) for variant in _spread(frame, {"please": words["please"]}))
        for frame in words["frames"][style]
    )


@cache
def pressures(language: Language) -> tuple[tuple[Pressure, ...], ...]:
    """The variants of each frame of several turns."""
    words = words_of(language)["pressure"]
    slots = {"refusal": words["refusal"], "again": words["again"]}
    found = []
    for turns in words["frames"]:
        spread = [tuple(_spread(turn, slots)) for turn in turns]
        found.append(tuple(Pressure(variant) for variant in itertools.product(*spread)))
    return tuple(found)


def _spread(wording: str, slots: Mapping[str, list[str]]) -> Iterator[str]:
    """Every literal text that a wording stands for; `{request}` stays."""
    choice = _CHOICE.search(wording)
    if choice is not None:
        for word in choice[1].split("|"):
            yield from _spread(wording[: choice.start()] + word + wording[choice.end() :], slots)
        return
    slot = next((found for found in _SLOT.finditer(wording) if found[0] != REQUEST), None)
    if slot is None:
        yield wording
        return
    for word in slots[slot[1]]:
        yield from _spread(wording[: slot.start()] + word + wording[slot.end() :], slots)
