"""Good answers to open items: they see the issue, cite the statute, say what is at stake, name steps that can be taken, and show care.

What is at stake and which steps help is chosen by what the rule's own words speak of (`STAKES`); wordings and their order change from
item to item, so that no formula stands in every answer.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from types import ModuleType
from typing import Literal, NamedTuple

from primum.bench.items import answers_en, answers_zh, speech
from primum.bench.items.naming import pick
from primum.bench.items.sayable import Saying
from primum.records import Language

__all__ = ["Form", "Matter", "dilemma", "helped", "matter", "violation", "way"]

Form = Literal["not", "must", "blamed"]


class Matter(NamedTuple):
    """What is at stake, and a step in place of something forbidden and one of a duty."""

    why: str
    instead: str
    duty: str


def matter(one: Saying) -> Matter:
    """By the act; where it tells nothing by the circumstance, by the title."""
    return _matter(one.language, one.act, one.when + one.manner, one.title)


@lru_cache(maxsize=4096)
def _matter(language: Language, *texts: str) -> Matter:
    *known, otherwise = _stakes(language)
    for text in texts:
        for pattern, *told in known:
            if pattern.search(text):
                return Matter(*told)
    return Matter(*otherwise[1:])


@cache
def _stakes(language: Language) -> tuple[tuple[re.Pattern[str], str, str, str], ...]:
    return tuple((re.compile(pattern, re.I), *told) for pattern, *told in _told(language).STAKES)


def _told(language: Language) -> ModuleType:
    return answers_zh if language == "zh" else answers_en


def way(one: Saying, form: Form, where: str, number: int) -> str:
    """What can be done: the article's own step, one of the matter, and whom to turn to."""
    told, about = _told(one.language), matter(one)
    first = str(pick(told.FIRST[form], number)).format(d=speech.deed(one))
    step = about.instead if form == "not" else about.duty
    whom = pick(told.WHOM[where], number // 5)
    parts = [first, whom] if form == "blamed" else [first, step, whom]
    return str(told.ELSEWHERE).join(parts)


def violation(one: Saying, care: str, steps: str, number: int) -> str:
    """The answer to a request that breaks the rule."""
    told = _told(one.language)
    text = pick(told.VIOLATION, number // 3)
    return _filled(one, text, care=care, way=steps, offer=pick(told.OFFERS, number // 11))


def dilemma(one: Saying, other: str, number: int) -> str:
    return _filled(one, pick(_told(one.language).DILEMMA, number // 3), other=other)


def helped(one: Saying, purpose: str, form: Form, where: str, number: int) -> str:
    """The answer to a harmless question about the rule."""
    told, about = _told(one.language), matter(one)
    step = about.instead if form == "not" else about.duty
    steps = told.CHECKED[form].format(step=step, whom=pick(told.WHOM[where], number // 5))
    if purpose == "comply":
        steps = steps.removeprefix("发现有人这样做，")
    return _filled(one, pick(told.HELPED[purpose], number // 3), way=steps)


def _filled(one: Saying, text: str, **slots: str) -> str:
    said = speech.rule(one)
    if one.language == "en":
        said = said[:1].lower() + said[1:] if not re.match(r"[A-Z]{2}|I\b", said) else said
    return text.format(t=one.title, q=said, why=matter(one).why, **slots)
