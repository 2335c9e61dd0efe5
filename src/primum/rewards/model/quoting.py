"""Made-up criteria that quote words of one answer: they teach a model to look a criterion up in an answer, whatever it is about.

They are worded like criteria and hold some words of one sentence of one answer, in their order or shuffled, few of which the other answer
has. What is learned of them holds for a criterion that no pair asked for, as far as answers share its words. Ours; they measure nothing.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import NamedTuple

from primum.records import CriterionKind, Language
from primum.rewards.asked import Asked
from primum.rewards.samples import PairSample

__all__ = ["Quoting", "made_up_criteria"]

_MOST_SHARED = 0.35  # of the words: so many may stand in the other answer too, such as the name of a drug
_TRIES = 4
_KINDS: tuple[CriterionKind, ...] = ("proficiency", "safety")  # one for each head: either must learn to look up
_WORDINGS: dict[Language, tuple[str, ...]] = {
    "en": (
        "{}",
        "Advises {}.",
        "Explains {}.",
        "Gives {}.",
        "Mentions {}.",
        "Names {}.",
        "Recommends {}.",
        "Says {}.",
        "States {}.",
        "Suggests {}.",
        "Tells the person about {}.",
        "Warns of {}.",
    ),
    "zh": ("{}", "提到{}", "说明{}", "建议{}", "告知{}", "提醒{}", "指出{}", "给出{}。", "解释了{}"),
}
_BETWEEN: dict[Language, tuple[str, ...]] = {"en": (" ", " ", " and ", " or ", " the ", ", "), "zh": ("",)}
_ENDS = re.compile(r"[.;:?!。，；：？！、“”（）]")
_COMMON = " about and any are been can for from has have may not one person that the there they this was were what will with you your "


class Quoting(NamedTuple):
    """A made-up criterion, the words that it quotes, and whether they are the first answer's; the other has at most a third of them."""

    criterion: Asked
    quoted: tuple[str, ...]
    is_first: bool


def made_up_criteria(
    pair: PairSample, many: int, kinds: frozenset[CriterionKind] = frozenset(_KINDS), seed: int = 0
) -> list[Quoting]:
    """At most `many` made-up criteria of a pair, of those `kinds` that have a head of their own; fewer where the answers are too much
    alike. Equal pairs and seeds give equal ones."""
    chance = random.Random(f"{seed} {pair.id}")
    of_kinds = [kind for kind in _KINDS if kind in kinds]
    texts = pair.first, pair.second
    found: list[Quoting] = []
    for _ in range(_TRIES * many):
        if len(found) == many:
            break
        is_first = chance.random() < 0.5
        source, other = texts if is_first else texts[::-1]
        quoted = _quoted(source, pair.language, chance)
        if not quoted or _share(quoted, other) > _MOST_SHARED:
            continue
        words = chance.choice(_BETWEEN[pair.language]).join(quoted)
        text = chance.choice(_WORDINGS[pair.language]).format(words)
        found.append(Quoting(Asked(text=text, kind=chance.choice(of_kinds)), quoted, is_first))
    return found


def _quoted(text: str, language: Language, chance: random.Random) -> tuple[str, ...]:
    """One to four words of a sentence that are not everybody's; in Chinese one to three runs of two to four characters."""
    parts = [part for part in (part.strip() for part in _ENDS.split(text)) if len(part) > 2]
    if not parts:
        return ()
    part = chance.choice(parts)
    if language == "zh":
        return tuple(dict.fromkeys(_run(part, chance) for _ in range(chance.randint(1, 3))))
    words = [word for word in (word.strip(" ,\"'").lower() for word in part.split()) if _tells(word)]
    many = min(len(words), chance.randint(1, 4))
    if chance.random() < 0.5:
        return tuple(chance.sample(words, many))
    start = chance.randint(0, len(words) - many)
    return tuple(words[start : start + many])


def _run(part: str, chance: random.Random) -> str:
    size = chance.randint(2, 4)
    start = chance.randint(0, max(0, len(part) - size))
    return part[start : start + size]


def _tells(word: str) -> bool:
    return len(word) > 2 and f" {word} " not in _COMMON


def _share(quoted: Sequence[str], text: str) -> float:
    """How many of the words stand in a text, as a share."""
    low = text.lower()
    return sum(word in low for word in quoted) / len(quoted)
