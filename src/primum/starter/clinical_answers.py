"""Simulated answers of known truth: what clinical answers do, said in several voices, and criteria that ask for it. Always simulated.

A *doing* is one thing an answer can do (recommend seeing a doctor, warn of side effects, state one fact), with the ways a criterion says
it and the ways an answer does it; the n-th of these is the n-th voice's. A composed answer does a few of them in one voice, and may hold
sentences that come close without doing it: denied, quoted, or about another drug. What is not surely known is left out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import zip_longest
from typing import NamedTuple

from primum.records import BySimulation, Criterion, Language, Response, Scenario, Settings, Turn, Value
from primum.starter.wording import fill, random_for, read_wording

__all__ = [
    "CLINICAL_ANSWERS",
    "ClinicalAnswerSettings",
    "Doing",
    "Known",
    "Saying",
    "doings",
    "sayings",
    "simulate_clinical",
]

CLINICAL_ANSWERS = "starter-clinical-answers"
_SLOT = re.compile(r"\{(\w+)\}")
_RUNS_ON = 0.3
_FILLINGS = 3  # how often a wording with slots is filled for `sayings`


class ClinicalAnswerSettings(Settings, frozen=True):
    """How many answers in each language; `asked`: how many criteria of each are used.

    A third of these are met at most: an answer does few of the things that could be asked of it.
    """

    answers: int = 2500
    asked: int = 6
    languages: tuple[Language, ...] = ("zh", "en")
    seed: int = 11

    def check(self) -> None:
        if self.answers < 1 or self.asked < 1 or not self.languages:
            self.refuse(f"answers {self.answers}, asked {self.asked}", "make nothing", "ask for at least one of each")


class Doing(Value, frozen=True):
    """One thing that answers do. `near` are sentences close to it that do not do it."""

    key: str
    criteria: tuple[str, ...]
    answers: tuple[str, ...]
    near: tuple[str, ...]


class Saying(NamedTuple):
    """A wording with its slots filled: of a criterion (`form`), of an answer (`voice`), or neither.

    Neither are short phrases with a key, and under the key `""` the sentences that only come close, and those that do nothing.
    """

    language: Language
    key: str
    text: str
    voice: int | None
    form: int | None


class Known(NamedTuple):
    """A simulated answer and one criterion of which it is known whether it is met; `voice` and `form` tell who said either and how."""

    scenario: Scenario
    response: Response
    criterion: Criterion
    is_met: bool
    key: str
    voice: int
    form: int


class _Frames(Value, frozen=True):
    prompts: tuple[str, ...]
    fillers: tuple[str, ...]
    quotes: tuple[str, ...]


class _Bank(NamedTuple):
    doings: tuple[Doing, ...]
    slots: dict[str, tuple[str, ...]]
    frames: _Frames


class _Truth(Value, frozen=True):
    style: tuple[str, ...]
    only: dict[str, dict[str, tuple[int, ...]]]
    may_meet: dict[str, tuple[str, ...]]


def doings(language: Language) -> tuple[Doing, ...]:
    """All doings, in the order of their file; the same keys in both languages."""
    return _bank(language).doings


def sayings(language: Language, seed: int = 11) -> list[Saying]:
    """Every wording once, those with slots filled three times, and short phrases beside; what does nothing comes under no key."""
    bank, chance = _bank(language), random_for(CLINICAL_ANSWERS, "sayings", language, seed)
    found: list[Saying] = []
    for doing in bank.doings:
        for form, text in enumerate(doing.criteria):
            found += [Saying(language, doing.key, one, None, form) for one in _fillings(text, bank, chance)]
        for voice, text in enumerate(doing.answers):
            found += [Saying(language, doing.key, one, voice, None) for one in _fillings(text, bank, chance)]
        for text in doing.near:
            found += [Saying(language, "", one, None, None) for one in _fillings(text, bank, chance)]
    for key, texts in read_wording("clinical/realisations/also.toml")[language].items():
        found += [Saying(language, key, text, None, None) for text in texts]
    for text in bank.frames.fillers:
        found += [Saying(language, "", one, None, None) for one in _fillings(text, bank, chance)]
    return found


def simulate_clinical(settings: ClinicalAnswerSettings) -> list[Known]:
    """The answers with what is known of them; equal settings give equal answers."""
    found: list[Known] = []
    for language in settings.languages:
        chance = random_for(CLINICAL_ANSWERS, language, settings.seed)
        for _ in range(settings.answers):
            found += _compose(language, settings, chance)
    return found


class _Said(NamedTuple):
    doing: Doing
    voice: int | None  # none: it only comes close, or is only quoted
    text: str


def _compose(language: Language, settings: ClinicalAnswerSettings, chance: random.Random) -> Iterator[Known]:
    """One answer in one voice, with what is known of it."""
    bank = _bank(language)
    voice = chance.randrange(6)
    slots = _filled_slots(bank, chance)
    chosen = chance.sample(bank.doings, chance.choice((1, 2, 3, 3, 4, 5)))
    said: list[_Said] = []
    for i, doing in enumerate(chosen):
        text = fill(doing.answers[voice], slots)
        if i and chance.random() < 0.3:  # close, and not done
            text = fill(chance.choice(doing.near), slots)
            if chance.random() < 0.35:
                text = fill(
                    chance.choice(bank.frames.quotes), {"said": fill(doing.answers[voice], slots).rstrip("。.")}
                )
            said.append(_Said(doing, None, text))
        else:
            said.append(_Said(doing, voice, text))
    parts = [one.text for one in said]
    parts += [fill(text, slots) for text in chance.sample(bank.frames.fillers, chance.choice((0, 0, 1, 2, 3)))]
    chance.shuffle(parts)
    made = BySimulation(generator=CLINICAL_ANSWERS, seed=settings.seed)
    prompt = fill(chance.choice(bank.frames.prompts), slots)
    scenario = Scenario(
        messages=(Turn(role="user", content=prompt),),
        task="open",
        dimension="clinical",
        language=language,
        dataset=CLINICAL_ANSWERS,
        made=made,
    )
    response = Response(scenario=scenario.id, text=_joined(parts, language, chance), made=made, finish="stop")
    asked = [*_met(said, slots, chance), *_not_met(bank, said, slots, chance)]
    met = [one for one in asked if one[3]]
    unmet = [one for one in asked if not one[3]]
    chance.shuffle(met)
    kept = met[: (settings.asked + 2) // 3]
    for doing, form, text, is_met in [*kept, *unmet[: settings.asked - len(kept)]]:
        criterion = Criterion(
            statement=text, points=5, axis="accuracy", kind_of="proficiency", language=language, made=made
        )
        yield Known(scenario, response, criterion, is_met, doing.key, voice, form)


_Asked = tuple[Doing, int, str, bool]


def _met(said: Sequence[_Said], slots: dict[str, str], chance: random.Random) -> Iterator[_Asked]:
    """A criterion for each thing surely done, and for each the same about something else, which is not."""
    bank_only = _truth().only
    for doing, voice, _ in said:
        if voice is None:
            continue
        own = set(_SLOT.findall(doing.answers[voice]))
        able = [
            form
            for form, text in enumerate(doing.criteria)
            if voice in bank_only.get(doing.key, {}).get(str(form), range(6)) and set(_SLOT.findall(text)) <= own
        ]
        if able:
            form = chance.choice(able)
            yield doing, form, fill(doing.criteria[form], slots), True


def _not_met(bank: _Bank, said: Sequence[_Said], slots: dict[str, str], chance: random.Random) -> Iterator[_Asked]:
    """Criteria surely not met: only nearly done or done about something else, and things that nothing said bears on, in turn."""
    truth = _truth()
    hard: list[_Asked] = []
    easy: list[_Asked] = []
    done = {one.doing.key for one in said if one.voice is not None}
    near = [one.doing for one in said if one.voice is None]
    said_slots = {name for one in said if one.voice is not None for name in _SLOT.findall(one.doing.answers[one.voice])}
    touched = {key for one in said for key in (one.doing.key, *truth.may_meet.get(one.doing.key, ()))}
    for doing in near:
        if doing.key not in {key for other in done for key in (other, *truth.may_meet.get(other, ()))}:
            form = chance.randrange(len(doing.criteria))
            hard.append((doing, form, fill(doing.criteria[form], slots), False))
    for doing, voice, _ in said:
        able = [form for form, text in enumerate(doing.criteria) if _SLOT.search(text)]
        if voice is not None and able and chance.random() < 0.4:
            form = chance.choice(able)
            other = {name: chance.choice([one for one in bank.slots[name] if one != slots[name]]) for name in slots}
            hard.append((doing, form, fill(doing.criteria[form], other), False))
    if not near:  # what only comes close to one thing may well do another
        for doing in sorted(chance.sample(bank.doings, 16), key=lambda one: not _names(one, said_slots)):
            if doing.key not in touched and doing.key not in truth.style:
                form = chance.randrange(len(doing.criteria))
                easy.append((doing, form, fill(doing.criteria[form], slots), False))
    chance.shuffle(hard)
    # Every other one an easy one: most of what answers do not do, they do not come close to.
    for pair in zip_longest(hard, easy):
        yield from (found for found in pair if found is not None)


def _joined(parts: Sequence[str], language: Language, chance: random.Random) -> str:
    """The parts as an answer; some sentences run on into the next, as people write them."""
    text = ""
    for part in parts:
        runs_on = text.endswith((".", "。")) and chance.random() < _RUNS_ON
        if language == "zh":
            text = text[:-1] + "，" + part if runs_on else text + part
        else:  # a capital tells a sentence from the one before it
            opened = part[:1].upper() + part[1:]
            text = f"{text[:-1]}, and {part[:1].lower()}{part[1:]}" if runs_on else f"{text} {opened}".strip()
    return text


def _names(doing: Doing, slots: set[str]) -> bool:
    """Whether its criteria name one of these slots: the words are there, and the doing is not."""
    return any(name in slots for text in doing.criteria for name in _SLOT.findall(text))


def _filled_slots(bank: _Bank, chance: random.Random) -> dict[str, str]:
    return {name: chance.choice(words) for name, words in bank.slots.items()}


def _fillings(text: str, bank: _Bank, chance: random.Random) -> list[str]:
    times = _FILLINGS if _SLOT.search(text) else 1
    return [fill(text, _filled_slots(bank, chance)) for _ in range(times)]


@cache
def _bank(language: Language) -> _Bank:
    tree = read_wording(f"clinical/realisations/{language}.toml")
    found = tuple(
        Doing(key=one["key"], criteria=tuple(one["criteria"]), answers=tuple(one["answers"]), near=tuple(one["near"]))
        for one in tree["concept"]
    )
    slots = {name: tuple(words) for name, words in tree["slots"].items()}
    frames = _Frames(**{name: tuple(texts) for name, texts in tree["frames"].items()})
    return _Bank(found, slots, frames)


@cache
def _truth() -> _Truth:
    import msgspec

    return msgspec.convert(read_wording("clinical/realisations/truth.toml"), _Truth)
