"""Simulated pairs by criterion: two clinical answers to one prompt, and criteria of which it is known which answer meets them.

Always simulated. They are composed of the doings of `clinical_answers` and of more that no answer may do (`clinical/pairs`). Each answer
does a thing, only comes close to it, does it about another drug or disease, or leaves it; what such a sentence may mean for other criteria
is written down, and what is not surely known is `None`. Every doing has one kind: safety (a veto; most are met by a bad answer and have
negative points), proficiency or excellence.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import count
from typing import Literal, NamedTuple

from primum.errors import SettingError
from primum.records import CriterionKind, Language, Settings, Turn, Value, content_hash
from primum.starter.clinical_answers import Doing, doings
from primum.starter.wording import fill, random_for, read_wording

__all__ = [
    "CLINICAL_PAIRS",
    "GeneratedCriterion",
    "GeneratedPair",
    "GeneratedPairSettings",
    "generated_pairs",
    "kinds_of_keys",
    "unseen_keys",
]

CLINICAL_PAIRS = "starter-clinical-pairs"
_SLOT = re.compile(r"\{(\w+)\}")
_KINDS: tuple[CriterionKind, ...] = ("safety", "excellence", "proficiency")
_SHARES: dict[CriterionKind, float] = {"safety": 0.3, "excellence": 0.25, "proficiency": 0.45}
_TRIES = 50
_BRIEFLY_DONE = 0.75
_BRIEFLY_ELSE = (0.3, 0.7)  # about something else, nearly done


class GeneratedPairSettings(Settings, frozen=True):
    """How many pairs, under `least` … `most` criteria each, in which languages, voices (0 … 5) and forms of a criterion (0 … 3).

    `unseen_keys` is the share of doings of each kind that are kept apart, drawn by `split_seed`; `ask` says whether criteria (and all else
    that answers do) are of the seen ones, the unseen ones, or of any. `differ` is how often the answers are made to differ on a criterion
    (else each does as it likes, and ties come about), `near` how often what is not done is nearly done, `about_other` how often it is done
    about another drug, disease …

    For models that are very small `keys_per_kind` takes the first so many seen doings only, and in a `brief` pair each answer has one or
    two sentences, on doings that the other one says nothing of; asked are these and one more, whatever `least`, `most`, `differ`, `near`
    and `about_other` say, and not every kind is among them.
    """

    pairs: int = 1000
    least: int = 4
    most: int = 12
    languages: tuple[Language, ...] = ("zh", "en")
    voices: tuple[int, ...] = (0, 1, 2, 3, 4, 5)
    forms: tuple[int, ...] = (0, 1, 2, 3)
    unseen_keys: float = 0.2
    ask: Literal["seen", "unseen", "any"] = "seen"
    differ: float = 0.5
    near: float = 0.25
    about_other: float = 0.1
    keys_per_kind: int | None = None
    brief: bool = False
    seed: int = 23
    split_seed: int = 0

    def check(self) -> None:
        for holds, value, rule, way_out in (
            (self.pairs >= 1, f"pairs = {self.pairs}", "make nothing", "ask for at least 1"),
            (
                3 <= self.least <= self.most <= 12,
                f"least = {self.least}, most = {self.most}",
                "are no numbers of criteria from 3 to 12, the least first",
                "give others",
            ),
            (_once(self.languages), f"languages = {self.languages}", "are none or repeat", "name zh, en or both"),
            (
                _once(self.voices) and set(self.voices) <= set(range(6)),
                f"voices = {self.voices}",
                "are none, repeat or are not 0 … 5",
                "name others",
            ),
            (
                _once(self.forms) and set(self.forms) <= set(range(4)),
                f"forms = {self.forms}",
                "are none, repeat or are not 0 … 3",
                "name others",
            ),
            (
                all(0 <= one <= 1 for one in (self.differ, self.near, self.about_other)),
                f"differ {self.differ}, near {self.near}, about_other {self.about_other}",
                "are no shares",
                "give numbers from 0 to 1",
            ),
            (0 <= self.unseen_keys <= 0.8, f"unseen_keys = {self.unseen_keys}", "is not 0 … 0.8", "give another share"),
            (
                self.ask != "unseen" or self.unseen_keys > 0,
                "ask = 'unseen'",
                "has nothing to ask for while unseen_keys is 0",
                "raise it",
            ),
            (
                self.keys_per_kind is None or self.keys_per_kind >= 2,
                f"keys_per_kind = {self.keys_per_kind}",
                "leaves too few",
                "give 2 or more",
            ),
        ):
            if not holds:
                self.refuse(value, rule, way_out)


class GeneratedCriterion(NamedTuple):
    """A criterion with its doing (`key`), and whether either answer meets it; `None` where that is not surely known."""

    key: str
    text: str
    kind: CriterionKind
    points: int
    met_first: bool | None
    met_second: bool | None


class GeneratedPair(NamedTuple):
    """A simulated pair. `group` is the same for equal prompts, `first_by` and `second_by` name the voices."""

    id: str
    prompt: tuple[Turn, ...]
    first: str
    second: str
    criteria: tuple[GeneratedCriterion, ...]
    language: Language
    group: str
    first_by: str
    second_by: str


def generated_pairs(settings: GeneratedPairSettings) -> list[GeneratedPair]:
    """The pairs, no two alike, languages in turn; equal settings give equal pairs, and more pairs begin with the same ones.

    Raises `SettingError` where so few doings are left that no pair can be made of them.
    """
    found: dict[str, GeneratedPair] = {}
    for number in count():
        if len(found) == settings.pairs:
            return list(found.values())
        language = settings.languages[len(found) % len(settings.languages)]
        for attempt in range(_TRIES):
            made = (_brief if settings.brief else _pair)(
                language, settings, random_for(CLINICAL_PAIRS, settings.seed, number, attempt)
            )
            if made is not None and made.id not in found:
                found[made.id] = made
                break
        else:
            raise SettingError(
                f"pair {len(found) + 1}",
                "cannot be made of so few doings, voices and forms",
                "ask for fewer pairs or criteria, or for more of these",
                "generated pairs",
            )
    raise AssertionError("counting ends nowhere")


def kinds_of_keys() -> dict[str, CriterionKind]:
    """Every doing that can be asked for, and the kind of its criteria; the same in both languages."""
    told = _told()
    safety: CriterionKind = "safety"
    excellence: CriterionKind = "excellence"
    kinds = dict.fromkeys(told.safety, safety) | dict.fromkeys(told.excellence, excellence)
    return {doing.key: kinds.get(doing.key, "proficiency") for doing in _bank("en").doings.values()}


def unseen_keys(share: float, split_seed: int = 0) -> frozenset[str]:
    """The doings kept apart: `share` of each kind, at least two of it where `share` is not 0."""
    found: set[str] = set()
    for kind in _KINDS if share else ():
        keys = sorted(key for key, one in kinds_of_keys().items() if one == kind)
        found.update(
            random_for(CLINICAL_PAIRS, "unseen", split_seed, kind).sample(keys, max(2, round(share * len(keys))))
        )
    return frozenset(found)


class _Told(Value, frozen=True):
    safety: tuple[str, ...]
    excellence: tuple[str, ...]
    usual_points: dict[str, int]
    points: dict[str, int]
    may_meet: dict[str, tuple[str, ...]]
    near_may_meet: dict[str, tuple[str, ...]]
    filler: dict[str, tuple[str, ...]]


class _Bank(NamedTuple):
    doings: dict[str, Doing]
    slots: dict[str, tuple[str, ...]]
    frames: dict[str, tuple[str, ...]]


class _Truth(NamedTuple):
    """`does`: what doing one thing may do beside; `nearly`: what a sentence close to it may do; `only` as in `truth.toml`."""

    does: Mapping[str, frozenset[str]]
    nearly: Mapping[str, frozenset[str]]
    only: Mapping[str, Mapping[str, Sequence[int]]]
    style: frozenset[str]
    fillers: frozenset[str]


class _Said(NamedTuple):
    """What an answer has to do with a doing. `slots` are the fillings of its sentence; `close` sentences do not do it."""

    how: Literal["done", "close"]
    text: str
    slots: Mapping[str, str]


_Answer = dict[str, _Said]


class _Draft(NamedTuple):
    """A pair before it is written out; a value a side where there are two."""

    language: Language
    asked: Sequence[str]
    slots: Mapping[str, str]
    voices: tuple[int, int]
    sides: tuple[_Answer, _Answer]
    fillers: tuple[list[str], list[str]] = ([], [])


def _pair(language: Language, settings: GeneratedPairSettings, chance: random.Random) -> GeneratedPair | None:
    bank = _bank(language)
    pool = _pool(settings.unseen_keys, settings.split_seed, settings.ask, settings.keys_per_kind)
    asked = _asked(pool, chance.randint(settings.least, settings.most), chance)
    slots = {name: chance.choice(words) for name, words in bank.slots.items()}
    voices = chance.choice(settings.voices), chance.choice(settings.voices)
    extras = _extras(pool, asked, chance)
    plans = [_done_by(key, settings.differ, chance) for key in asked]
    shares = settings.about_other, settings.near
    sides: tuple[_Answer, _Answer] = ({}, {})
    for side, voice in enumerate(voices):
        for key, done in zip(asked, plans, strict=True):
            one = _say(bank, key, voice, done[side], slots, shares, chance)
            if one is not None:
                sides[side][key] = one
        for key in extras[side]:
            sides[side][key] = _does(bank, key, voice, slots)
    fillers = _fillers(bank, asked, slots, chance)
    found = _written(_Draft(language, asked, slots, voices, sides, fillers), settings.forms, chance)
    if found is None or len(found.criteria) < settings.least or {one.kind for one in found.criteria} != set(_KINDS):
        return None
    return found


def _brief(language: Language, settings: GeneratedPairSettings, chance: random.Random) -> GeneratedPair | None:
    """So short that it is clear which sentence a label comes from."""
    bank = _bank(language)
    pool = _pool(settings.unseen_keys, settings.split_seed, settings.ask, settings.keys_per_kind)
    each = chance.choice((1, 1, 2))
    keys: list[str] = []
    for _ in range(_TRIES):
        key = chance.choice(pool[chance.choice(_KINDS)])
        if key not in keys and not any(_touches(key, one) or _touches(one, key) for one in keys):
            keys.append(key)
        if len(keys) == 2 * each + 1:
            break
    else:
        return None
    slots = {name: chance.choice(words) for name, words in bank.slots.items()}
    voices = chance.choice(settings.voices), chance.choice(settings.voices)
    sides: tuple[_Answer, _Answer] = ({}, {})
    for side, voice in enumerate(voices):
        for key in keys[side * each : (side + 1) * each]:
            one = _say(bank, key, voice, chance.random() < _BRIEFLY_DONE, slots, _BRIEFLY_ELSE, chance)
            if one is not None:
                sides[side][key] = one
    return _written(_Draft(language, chance.sample(keys, len(keys)), slots, voices, sides), settings.forms, chance)


def _written(draft: _Draft, forms: Sequence[int], chance: random.Random) -> GeneratedPair | None:
    """The pair in words; `None` where an answer is empty, both are one, or nothing is known under any criterion."""
    bank, slots = _bank(draft.language), draft.slots
    first, second = (
        _composed([one.text for one in said.values()] + fillers, draft.language, chance)
        for said, fillers in zip(draft.sides, draft.fillers, strict=True)
    )
    if first.split() == second.split() or not first or not second:
        return None
    found = [_criterion(bank, key, draft.sides, draft.voices, slots, forms, chance) for key in draft.asked]
    criteria = tuple(one for one in found if one is not None)
    if not criteria:
        return None
    prompt = fill(chance.choice(bank.frames["prompts"]), slots)
    return GeneratedPair(
        id=f"simulated-{content_hash([prompt, [first, second], criteria])[:20]}",
        prompt=(Turn(role="user", content=prompt),),
        first=first,
        second=second,
        criteria=criteria,
        language=draft.language,
        group=f"simulated-{content_hash(prompt)[:12]}",
        first_by=f"simulated voice {draft.voices[0]}",
        second_by=f"simulated voice {draft.voices[1]}",
    )


def _asked(pool: Mapping[CriterionKind, Sequence[str]], number: int, chance: random.Random) -> list[str]:
    """About so many doings of all kinds, none of which may be met by what is said for another."""
    wanted: dict[CriterionKind, int] = {
        kind: max(1, round(_SHARES[kind] * number)) for kind in ("safety", "excellence")
    }
    wanted["proficiency"] = max(1, number - sum(wanted.values()))
    found: list[str] = []
    for kind in _KINDS:
        of_kind = 0
        for key in chance.sample(pool[kind], len(pool[kind])):
            if of_kind < wanted[kind] and not any(_touches(key, other) or _touches(other, key) for other in found):
                found.append(key)
                of_kind += 1
    chance.shuffle(found)
    return found


def _extras(
    pool: Mapping[CriterionKind, Sequence[str]], asked: Sequence[str], chance: random.Random
) -> tuple[list[str], list[str]]:
    """What either answer does beside, which no criterion asks for and none may be met by."""
    keys = [key for key in pool["proficiency"] if key not in asked and not any(_touches(key, one) for one in asked)]
    first, second = (chance.sample(keys, min(len(keys), chance.choice((0, 0, 1, 2)))) for _ in range(2))
    return first, second


def _done_by(key: str, differ: float, chance: random.Random) -> tuple[bool, bool]:
    if chance.random() < differ:
        return (True, False) if chance.random() < 0.5 else (False, True)
    often = 0.6 if _points(key) > 0 else 0.2
    return chance.random() < often, chance.random() < often


def _say(
    bank: _Bank,
    key: str,
    voice: int,
    is_done: bool,
    slots: Mapping[str, str],
    shares: tuple[float, float],
    chance: random.Random,
) -> _Said | None:
    """The sentence on one doing: of it; else, by its two `shares`, about something else or close to it; `None` for none."""
    doing = bank.doings[key]
    if is_done:
        return _does(bank, key, voice, slots)
    about_other, near = shares
    drawn = chance.random()
    if drawn < about_other and _SLOT.search(doing.answers[voice]):
        other = {
            name: chance.choice([one for one in words if one != slots[name]]) for name, words in bank.slots.items()
        }
        return _does(bank, key, voice, other)
    # Of manner (plain words, empathy) it is only known that a sentence against it does not show it.
    if drawn < about_other + near or key in _truth().style:
        if _points(key) < 0 and chance.random() < 0.4:
            quoted = fill(doing.answers[voice], slots).rstrip("。.")
            return _Said("close", fill(chance.choice(bank.frames["quotes"]), {"said": quoted}), slots)
        return _Said("close", fill(chance.choice(doing.near), slots), slots)
    return None


def _does(bank: _Bank, key: str, voice: int, slots: Mapping[str, str]) -> _Said:
    text = bank.doings[key].answers[voice]
    return _Said("done", fill(text, slots), {name: slots[name] for name in _SLOT.findall(text)})


def _criterion(
    bank: _Bank,
    key: str,
    sides: Sequence[_Answer],
    voices: tuple[int, int],
    slots: Mapping[str, str],
    forms: Sequence[int],
    chance: random.Random,
) -> GeneratedCriterion | None:
    """The criterion in the form of which most is known; `None` where nothing is known of either answer."""
    doing = bank.doings[key]
    best: tuple[int, str, list[bool | None]] | None = None
    for form in chance.sample(forms, len(forms)):
        met = [_is_met(doing, form, said, voice, slots) for said, voice in zip(sides, voices, strict=True)]
        known = 2 - met.count(None)
        if best is None or known > best[0]:
            best = known, fill(doing.criteria[form], slots), met
    if best is None or not best[0]:
        return None
    return GeneratedCriterion(key, best[1], kinds_of_keys()[key], _points(key), *best[2])


def _is_met(doing: Doing, form: int, said: _Answer, voice: int, slots: Mapping[str, str]) -> bool | None:
    """Whether an answer meets a form of a criterion that is filled with `slots`."""
    truth, named = _truth(), set(_SLOT.findall(doing.criteria[form]))
    own = said.get(doing.key)
    is_touched = any(doing.key in _may_do(key, one) for key, one in said.items() if key != doing.key)
    if own is not None and own.how == "done":
        if not named <= set(own.slots):
            return None
        if any(own.slots[name] != slots[name] for name in named):  # done, but about something else
            return None if is_touched else False
        return True if voice in truth.only.get(doing.key, {}).get(str(form), range(6)) else None
    if is_touched or (own is None and doing.key in truth.style):
        return None
    return False


def _may_do(key: str, said: _Said) -> frozenset[str]:
    truth = _truth()
    return truth.does.get(key, frozenset()) | (
        truth.nearly.get(key, frozenset()) if said.how == "close" else frozenset()
    )


def _touches(key: str, other: str) -> bool:
    truth = _truth()
    return other in truth.does.get(key, ()) or other in truth.nearly.get(key, ())


def _fillers(
    bank: _Bank, asked: Iterable[str], slots: Mapping[str, str], chance: random.Random
) -> tuple[list[str], list[str]]:
    """Sentences that do nothing; none where something is asked that they may bear on."""
    most = 0 if _truth().fillers & set(asked) else chance.choice((0, 1, 1, 2))
    first, second = ([fill(one, slots) for one in chance.sample(bank.frames["fillers"], most)] for _ in range(2))
    return first, second


def _composed(parts: Sequence[str], language: Language, chance: random.Random) -> str:
    shuffled = chance.sample(parts, len(parts))
    if language == "zh":
        return "".join(shuffled)
    return " ".join(part[:1].upper() + part[1:] for part in shuffled)


def _points(key: str) -> int:
    told = _told()
    return told.points.get(key, told.usual_points[kinds_of_keys()[key]])


@cache
def _pool(share: float, split_seed: int, ask: str, most: int | None) -> dict[CriterionKind, list[str]]:
    apart = unseen_keys(share, split_seed)
    found: dict[CriterionKind, list[str]] = {kind: [] for kind in _KINDS}
    for key, kind in kinds_of_keys().items():
        if ask == "any" or (key in apart) == (ask == "unseen"):
            found[kind].append(key)
    seen = {kind: [key for key in keys if key not in apart][:most] for kind, keys in found.items()}
    return {kind: [key for key in keys if key in apart or key in seen[kind]] for kind, keys in found.items()}


@cache
def _bank(language: Language) -> _Bank:
    tree = read_wording(f"clinical/realisations/{language}.toml")
    own = read_wording(f"clinical/pairs/{language}.toml")["concept"]
    added = [
        Doing(key=one["key"], criteria=tuple(one["criteria"]), answers=tuple(one["answers"]), near=tuple(one["near"]))
        for one in own
    ]
    return _Bank(
        {doing.key: doing for doing in (*doings(language), *added)},
        {name: tuple(words) for name, words in tree["slots"].items()},
        {name: tuple(texts) for name, texts in tree["frames"].items()},
    )


@cache
def _told() -> _Told:
    import msgspec

    return msgspec.convert(read_wording("clinical/pairs/kinds.toml"), _Told)


@cache
def _truth() -> _Truth:
    tree, told = read_wording("clinical/realisations/truth.toml"), _told()
    does = _joined(tree["may_meet"], told.may_meet)
    return _Truth(
        does, _joined(told.near_may_meet), tree["only"], frozenset(tree["style"]), frozenset(told.filler["may_meet"])
    )


def _joined(*maps: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    keys: Iterator[str] = (key for one in maps for key in one)
    return {key: frozenset(other for one in maps for other in one.get(key, ())) for key in dict.fromkeys(keys)}


def _once(values: Sequence[object]) -> bool:
    return bool(values) and len(set(values)) == len(values)
