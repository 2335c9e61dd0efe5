"""Choice items: statements of a rule or conduct in its case, each option right or wrong for a stated reason, all from one article.

What gives nothing away: letters and the key's rank by length are dealt in turn for each rule; right and wrong options come from one
pool of wordings; and half of the questions ask for what is wrong (`is_turned`), so that no word of an option alone tells the key. A
single choice asks for what is wrong only where the article has other rules: three ways to say one duty beside its denial would
point at the odd one.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations
from typing import Final, Literal

from primum.bench.items import speech
from primum.bench.items.claims import Option, claims, conduct
from primum.bench.items.draft import Draft
from primum.bench.items.naming import chance, pick
from primum.bench.items.sayable import Saying
from primum.bench.items.speakers import actor
from primum.language import normalise
from primum.records import Choice, Difficulty, Language

__all__ = ["LETTERS", "multiple", "single"]

LETTERS: Final = "ABCDE"
LONGEST: Final[dict[Language, int]] = {"zh": 130, "en": 360}
_SPREAD: Final = 2.2  # the longest option has at most so many times the length of the shortest; ours
_TRIES: Final = 40

Family = Literal["claims", "conduct"]


def single(one: Saying, others: Sequence[Saying], seed: int, variant: int, is_turned: bool) -> Draft | str:
    """Four options, one of which is asked for; or why there is none."""
    draw = chance(seed, one.seed, "single", variant, is_turned)
    family: Family = "conduct" if draw.random() < 0.45 else "claims"
    near, pool = _pool(one, others, family, draw, is_turned)
    if not pool:
        family = "claims"
        near, pool = _pool(one, others, family, draw, is_turned)
    if not pool:
        return "too few different options"
    keys = [option for option in near if option.is_right != is_turned]
    rest = [option for option in pool if option.is_right == is_turned]
    rank = _dealt(one, seed, variant, 4, "rank")
    found = _ranked(keys, rest, rank, draw)
    if found is None:
        return "no options of comparable length"
    key, wrongs = found
    letter = LETTERS[_dealt(one, seed, variant, 4, "letter")]
    order = [option for option in LETTERS[:4] if option != letter]
    placed = {letter: key, **dict(zip(order, wrongs, strict=True))}
    return _draft(one, "single_choice", family, is_turned, placed, draw)


def multiple(one: Saying, others: Sequence[Saying], seed: int, variant: int, is_turned: bool) -> Draft | str:
    """Five options (four where there are too few), one to four of which are asked for; or why there is none."""
    draw = chance(seed, one.seed, "multiple", variant, is_turned)
    family: Family = "conduct" if draw.random() < 0.35 else "claims"
    pool = _mixed(one, others, family, draw)
    if not pool:
        family, pool = "claims", _mixed(one, others, "claims", draw)
    size = 5
    asked_for = 1 + _dealt(one, seed, variant, 4, "count")
    chosen = _some(pool, asked_for if not is_turned else size - asked_for, size, draw)
    if chosen is None:
        return "too few different options"
    subsets = list(combinations(LETTERS[:size], asked_for))
    letters = subsets[draw.randrange(len(subsets))]
    wanted = [option for option in chosen if option.is_right != is_turned]
    rest = [option for option in chosen if option.is_right == is_turned]
    placed = {letter: (wanted if letter in letters else rest).pop() for letter in LETTERS[:size]}
    return _draft(one, "multiple_choice", family, is_turned, placed, draw)


def _dealt(one: Saying, seed: int, variant: int, count: int, what: str) -> int:
    """A number below `count`; over `count` variants of a rule each comes once."""
    order = list(range(count))
    chance(seed, one.seed, what, variant // count).shuffle(order)
    return order[variant % count]


def _pool(
    one: Saying, others: Sequence[Saying], family: Family, draw: random.Random, is_turned: bool
) -> tuple[list[Option], list[Option]]:
    """The rule's own options, and all that may stand beside the key; empty where they would point at the odd one."""
    made = claims if family == "claims" else conduct
    own = made(one, draw)
    beside = [option for other in _fitting(one, others, family) for option in made(other, draw)]
    if is_turned:
        right = [option for option in own if option.is_right][:1]
        further = [option for option in beside if option.is_right]
        if len({option.rule.seed for option in further}) < 1 or len(right) + len(further) < 3:
            return [], []
        return own, right + further
    wrong = [option for option in own if not option.is_right]
    if len({option.device for option in wrong}) < 2 and one.nature != "omission":
        return [], []
    return own, wrong + [option for option in beside if not option.is_right][:2]


def _fitting(one: Saying, others: Sequence[Saying], family: Family) -> list[Saying]:
    """Rules of the same article that may stand in one question; conduct needs one actor in one case."""
    found = [
        other for other in others if other.act != one.act and one.act not in other.act and other.act not in one.act
    ]
    if family == "conduct":
        found = [other for other in found if other.who == one.who and other.when == one.when]
    return found[:3]


def _mixed(one: Saying, others: Sequence[Saying], family: Family, draw: random.Random) -> list[Option]:
    made = claims if family == "claims" else conduct
    pool = made(one, draw)
    for other in _fitting(one, others, family):
        pool += made(other, draw)
    draw.shuffle(pool)
    return pool if len(pool) >= 5 else []


def _ranked(
    keys: Sequence[Option], rest: Sequence[Option], rank: int, draw: random.Random
) -> tuple[Option, list[Option]] | None:
    """A key and three options beside it of which `rank` are shorter and the others longer; devices and rules varied first."""
    for _ in range(_TRIES):
        if not keys or len(rest) < 3:
            return None
        key = keys[draw.randrange(len(keys))]
        length = len(key.text)
        shorter = [option for option in rest if length / _SPREAD <= len(option.text) < length]
        longer = [option for option in rest if length < len(option.text) <= length * _SPREAD]
        if len(shorter) < rank or len(longer) < 3 - rank:
            continue
        chosen = _varied(shorter, rank, draw) + _varied(longer, 3 - rank, draw)
        lengths = [len(option.text) for option in (key, *chosen)]
        if _are_distinct([key, *chosen]) and _is_mixed(chosen) and max(lengths) <= _SPREAD * min(lengths):
            draw.shuffle(chosen)
            return key, chosen
    return None


def _varied(options: Sequence[Option], count: int, draw: random.Random) -> list[Option]:
    """`count` of the options, those of a device and rule not yet taken first."""
    pool = list(options)
    draw.shuffle(pool)
    taken: list[Option] = []
    seen: set[tuple[str, int]] = set()
    for option in pool:
        if len(taken) < count and (option.device, option.rule.seed) not in seen:
            seen.add((option.device, option.rule.seed))
            taken.append(option)
    taken += [option for option in pool if option not in taken][: count - len(taken)]
    return taken


def _is_mixed(beside: Sequence[Option]) -> bool:
    """Whether what stands beside the key is not three times the same thing."""
    kinds = {(option.device, option.rule.seed) for option in beside}
    return len(kinds) > 1 or beside[0].device == "excused"


def _are_distinct(options: Sequence[Option]) -> bool:
    return len({normalise(option.text) for option in options}) == len(options)


def _some(pool: Sequence[Option], rights: int, size: int, draw: random.Random) -> list[Option] | None:
    """`rights` right and `size - rights` wrong options of comparable length, all different."""
    right = [option for option in pool if option.is_right]
    wrong = [option for option in pool if not option.is_right]
    if len(right) < rights or len(wrong) < size - rights:
        return None
    for _ in range(_TRIES):
        chosen = _varied(right, rights, draw) + _varied(wrong, size - rights, draw)
        lengths = [len(option.text) for option in chosen]
        if max(lengths) <= _SPREAD * min(lengths) and _are_distinct(chosen):
            draw.shuffle(chosen)
            return chosen
    return None


def _draft(
    one: Saying,
    kind: Literal["single_choice", "multiple_choice"],
    family: Family,
    is_turned: bool,
    placed: dict[str, Option],
    draw: random.Random,
) -> Draft | str:
    key = tuple(letter for letter in sorted(placed) if placed[letter].is_right != is_turned)
    if any(len(option.text) > LONGEST[one.language] for option in placed.values()):
        return "an option is too long"
    told = speech.words(one.language)
    asked = f"{'did_' if family == 'conduct' else ''}{kind.removesuffix('_choice')}_{'wrong' if is_turned else 'right'}"
    story = _story(one, draw) if family == "conduct" else ""
    others: dict[int, Saying] = {}
    for letter in sorted(placed):
        rule = placed[letter].rule
        if rule.seed != one.seed:
            others.setdefault(rule.seed, rule)
    return Draft(
        one=one,
        kind=kind,
        prompt=_capital(pick(told.asked[asked], draw.randrange(997)).format(t=one.title, k=story)),
        style="direct",
        harm=0,
        is_borderline=False,
        difficulty=_hardness(kind, family, is_turned, placed, len(key)),
        points=tuple(speech.stated(rule) for rule in (one, *others.values())),
        options=tuple(
            Choice(letter=letter, text=placed[letter].text, reason=placed[letter].reason) for letter in sorted(placed)
        ),
        key=key,
        others=tuple(others.values()),
        is_turned=is_turned,
        marks=tuple((letter in key, _marks(letter, placed)) for letter in sorted(placed)),
    )


def _marks(letter: str, placed: dict[str, Option]) -> tuple[str, ...]:
    """What the option shares with options of other items: its letter, its rank by length, its wordings."""
    option = placed[letter]
    rank = sum(len(other.text) < len(option.text) for other in placed.values())
    quoted = ("quoted",) if "“" in option.text or "按要求" in option.text else ()
    return (f"letter {letter}", f"rank {rank} of {len(placed)}", *quoted, *option.marks)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _story(one: Saying, draw: random.Random) -> str:
    told = speech.words(one.language)
    who = actor(one, told.surnames, draw.randrange(997)) or told.somebody
    kind = {"": "story_plain", "at": "story_at"}.get(speech.occasion(one), "story")
    story = pick(told.asked[kind], draw.randrange(997))
    told_when = speech.case(one)
    return story.format(place=pick(told.story_places, draw.randrange(997)), who=who, w=told_when)


def _hardness(kind: str, family: Family, is_turned: bool, placed: dict[str, Option], rights: int) -> Difficulty:
    """One step each: for a near miss (two at most), asking for what is wrong, a case, further rules, two or three right letters."""
    steps = min(2, sum(option.is_near for option in placed.values())) + is_turned + (family == "conduct")
    steps += len({option.rule.seed for option in placed.values()}) > 1
    steps += kind == "multiple_choice" and rights in (2, 3)
    return "easy" if steps <= 1 else "medium" if steps == 2 else "hard"
