"""Simulated answers whose truth on all six MedES questions (arXiv 2601.07954) is known because they were composed to have it.

An answer is put together from parts, each of which bears on one question and has a counterpart of the same weight that fails it, so
that length says nothing about the truth. The hard cases come of the combinations: a refusal that gives the harm all the same (R2), the
right norm cited while complying (R1), disclaimers without substance (Q1, Q2, Q3). The voices share no sentence; they stand for models
and are left out in turn when a judge is measured. What the starter answers of `starter.answers` are to the stance, these are to the six.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple

from primum.errors import InputError, SettingError
from primum.records import BySimulation, Language, Question, Response, Scenario, Settings, Value
from primum.starter.ruled_matter import Subject, are_related, elsewhere, plain_act, subject_of, title_of
from primum.starter.wording import draw, fill, random_for, read_wording

__all__ = ["RULED_VOICES", "RuledAnswer", "RuledSettings", "combinations", "compose_ruled", "simulate_ruled"]

RULED_VOICES = ("assistant", "colleague", "counsellor", "mentor", "notepad", "registrar")
_GENERATOR = "starter-ruled-answers"
_QUESTIONS: tuple[Question, ...] = ("R1", "R2", "Q1", "Q2", "Q3", "Q4")
_MOST = {"zh": 110, "en": 320}  # characters of an answer: short enough for a tiny policy to learn to say
_ADVICE = {"zh": (14, 26), "en": (44, 66)}  # what an advice may take, at least and at most
_FILLED = {
    "zh": (64, 100),
    "en": (190, 290),
}  # answers are filled up to a length drawn from here, whatever is true of them
_TRIES = 60


class _Voice(Value, frozen=True):
    """The parts a voice speaks, each a choice of wordings; `colleague.toml` says what each may hold."""

    decline: tuple[str, ...]
    comply: tuple[str, ...]
    rule_first: tuple[str, ...]
    rule_later: tuple[str, ...]
    welcome: tuple[str, ...]
    turn_away: tuple[str, ...]
    issue: tuple[str, ...]
    issue_waved: tuple[str, ...]
    issue_clear: tuple[str, ...]
    no_issue: tuple[str, ...]
    cite: tuple[str, ...]
    cite_waved: tuple[str, ...]
    cite_clear: tuple[str, ...]
    no_cite: tuple[str, ...]
    advise: tuple[str, ...]
    vague: tuple[str, ...]
    warn: tuple[str, ...]
    harm: tuple[str, ...]
    belittle: tuple[str, ...]
    care: tuple[str, ...]
    cold: tuple[str, ...]
    aside: tuple[str, ...]


class RuledSettings(Settings, frozen=True):
    """How many answers to each scenario, and in which voices. The first answer is right in all six, the second fails in one or more."""

    answers_per_scenario: int = 6
    seed: int = 0
    voices: tuple[str, ...] = RULED_VOICES

    def check(self) -> None:
        if self.answers_per_scenario < 1:
            raise SettingError(
                f"answers_per_scenario = {self.answers_per_scenario}", "makes nothing", "ask for at least 1", "ruled"
            )
        strange = sorted(set(self.voices) - set(RULED_VOICES))
        if strange or not self.voices or len(set(self.voices)) < len(self.voices):
            raise SettingError(
                f"voices = {list(self.voices)}",
                "is empty, repeats itself or names an unknown voice",
                f"choose from {', '.join(RULED_VOICES)}",
                "ruled",
            )


class RuledAnswer(NamedTuple):
    """A simulated answer, what is true of it on all six questions (R1 and R2: true is without that risk), and the voice it speaks in."""

    response: Response
    truth: dict[Question, bool]
    voice: str


def combinations(scenario: Scenario) -> list[dict[Question, bool]]:
    """Every ruling that an answer to the scenario can have, the one that is right in all six first.

    Harmful advice is not advice within the norm, so R2 false makes Q3 false. To a harmless request nothing said is a risk, unless it is
    a dilemma.
    """
    found: list[dict[Question, bool]] = []
    for values in product((True, False), repeat=len(_QUESTIONS)):
        wanted = dict(zip(_QUESTIONS, values, strict=True))
        if _why_not(scenario, wanted) is None:
            found.append(wanted)
    return found


def compose_ruled(
    scenario: Scenario,
    wanted: Mapping[Question, bool],
    seed: int,
    voice: str | None = None,
    instruments: Sequence[str] = (),
) -> str:
    """A simulated answer to an open scenario of which `wanted` is true; equal input gives equal text.

    At most 110 characters in zh and 320 in en, unless the title to cite leaves no room. `voice` is drawn where none is named. Where Q2
    is to fail, half of the answers cite an instrument that does not govern the situation: one of `instruments`, titles that are known
    not to, or one far from health care.

    Raises `InputError` for a scenario that is a choice question or rests on no norm, and for a ruling that no answer can have;
    `SettingError` for an unknown voice.
    """
    if set(wanted) != set(_QUESTIONS):
        raise InputError(
            f"a ruling on {sorted(wanted)}", "is not on the six questions", "name all six", "compose_ruled"
        )
    fault = _why_not(scenario, wanted)
    if fault is not None:
        raise InputError(f"ruling {_shown(wanted)}", fault, "choose one of combinations(scenario)", "compose_ruled")
    text = "\n".join(f"{turn.role}: {turn.content}" for turn in scenario.messages)
    chance = random_for(_GENERATOR, text, _shown(wanted), seed, voice or "")
    spoken = voice if voice is not None else chance.choice(RULED_VOICES)
    if spoken not in RULED_VOICES:
        raise SettingError(
            f"voice {spoken!r}", "is not known", f"use one of {', '.join(RULED_VOICES)}", "compose_ruled"
        )
    subject = subject_of(scenario)
    plain = subject._replace(do=plain_act(scenario.language))
    gives_away = not wanted["Q1"] and any(name in subject.do for name in subject.issue.names)
    for one in (plain,) if gives_away else (subject, plain):
        draft = _Draft(scenario, wanted, one, _voice(spoken, scenario.language), tuple(instruments))
        for _ in range(_TRIES):
            found = draft.text(chance)
            if len(found) <= _MOST[scenario.language]:
                return found
    return found


def simulate_ruled(scenarios: Sequence[Scenario], settings: RuledSettings | None = None) -> list[RuledAnswer]:
    """Simulated answers to open scenarios, `answers_per_scenario` each with different rulings; equal input gives equal output.

    Half of the rulings hold a risk (of R1, of R2, of both, equally often); voices take turns and hang on nothing else. Wrong instruments
    are titles that no given scenario of the same dimension rests on. A scenario that allows fewer rulings gets fewer answers.
    """
    settings = settings or RuledSettings()
    far = _far_titles(scenarios)
    made = BySimulation(generator=_GENERATOR, seed=settings.seed)
    answers: list[RuledAnswer] = []
    for scenario in scenarios:
        chance = random_for(_GENERATOR, settings.seed, scenario.id)
        order = list(settings.voices)
        chance.shuffle(order)
        strange = far[scenario.language, scenario.dimension]
        for number, wanted in enumerate(_drawn(scenario, settings.answers_per_scenario, chance)):
            voice = order[number % len(order)]
            text = compose_ruled(scenario, wanted, settings.seed, voice, strange)
            response = Response(scenario=scenario.id, text=text, made=made, finish="stop")
            answers.append(RuledAnswer(response, wanted, voice))
    return answers


def _far_titles(scenarios: Sequence[Scenario]) -> dict[tuple[Language, str], list[str]]:
    """By language and dimension, the titles of that language that no scenario of the dimension rests on."""
    near: dict[tuple[Language, str], set[str]] = {}
    for scenario in scenarios:
        titles = {title_of(ground.citation, scenario.language) for ground in scenario.grounds}
        near.setdefault((scenario.language, scenario.dimension), set()).update(titles)
    known: dict[Language, set[str]] = {}
    for (language, _), titles in near.items():
        known.setdefault(language, set()).update(titles)
    return {
        place: sorted(one for one in known[place[0]] if not any(are_related(one, own) for own in titles))
        for place, titles in near.items()
    }


def _drawn(scenario: Scenario, count: int, chance: random.Random) -> list[dict[Question, bool]]:
    """`count` different rulings: the right one, then by lot, risks as often as none."""
    right, *rest = combinations(scenario)
    chosen = [right]
    chance.shuffle(rest)
    risky = [one for one in rest if not (one["R1"] and one["R2"])]
    free = [one for one in rest if one["R1"] and one["R2"]]
    while len(chosen) < count and (risky or free):
        # Of the three kinds of risk each comes as often as the others, though fewer rulings have R2 false.
        pool = risky if risky and (not free or len(chosen) % 2) else free
        if pool is risky:
            kind = chance.choice([(True, False), (False, True), (False, False)])
            pool.sort(key=lambda one: (one["R1"], one["R2"]) == kind)  # stable: the last of the wanted kind is taken
        chosen.append(pool.pop())
    drawn = chosen[1:count]
    chance.shuffle(drawn)  # or every other answer would hold a risk, and the voices with them
    return [right, *drawn]


def _shown(wanted: Mapping[Question, bool]) -> str:
    return " ".join(f"{question}={'+' if wanted[question] else '-'}" for question in _QUESTIONS)


def _why_not(scenario: Scenario, wanted: Mapping[Question, bool]) -> str | None:
    """Why no answer to the scenario can have this ruling; `None` when one can."""
    if not _tempts(scenario) and not (wanted["R1"] and wanted["R2"]):
        return "has a risk, and the request is harmless"
    if not wanted["R2"] and wanted["Q3"]:
        return "calls harmful advice specific and lawful"
    return None


def _is_dilemma(scenario: Scenario) -> bool:
    """Whether it asks what goes first: it is harmless to ask, and an answer may still set the norm aside."""
    return scenario.dataset.endswith("dilemma")


def _tempts(scenario: Scenario) -> bool:
    """Whether an answer could break the norm by giving what is asked for."""
    return scenario.harm_level > 0 or _is_dilemma(scenario)


@cache
def _voice(name: str, language: Language) -> _Voice:
    return _Voice(**read_wording(f"ruled/{language}/{name}.toml"))


class _Draft(NamedTuple):
    """One answer to be: what it is to be true of it, what about, and in which voice."""

    scenario: Scenario
    wanted: Mapping[Question, bool]
    subject: Subject
    voice: _Voice
    instruments: tuple[str, ...]

    def text(self, chance: random.Random) -> str:
        """The parts drawn, filled and put in an order; the advice takes the room that the others leave, asides what it leaves."""
        language, voice = self.scenario.language, self.voice
        slots = {"do": self.subject.do, "issue": self.subject.named_issue(chance), "title": "", "advice": "{advice}"}
        stance, manner = self._manner(chance)
        issue = getattr(voice, f"issue{manner}") if self.wanted["Q1"] else voice.no_issue
        cite, slots["title"] = self._cited(manner, chance)
        middle = [draw(issue, chance), draw(cite, chance)]
        chance.shuffle(middle)
        ending = self._advised(chance)
        chance.shuffle(ending)
        parts = [draw(getattr(voice, stance), chance), *middle, *ending]
        parts.insert(chance.choice((0, len(parts))), draw(voice.care if self.wanted["Q4"] else voice.cold, chance))
        filled = [_begun(fill(part, slots), language) for part in parts]
        joint = "" if language == "zh" else " "
        room = _MOST[language] - len(joint.join(filled)) + len("{advice}")
        least, most = _ADVICE[language]
        advice = self.subject.advice(chance, min(max(least, room), most)) if self.wanted["Q3"] else ""
        filled = [part.replace("{advice}", advice) for part in filled]
        self._fill_up(filled, joint, chance)
        return joint.join(filled)

    def _fill_up(self, filled: list[str], joint: str, chance: random.Random) -> None:
        """Put asides, which bear on nothing, at the beginning and the end until the drawn length is reached."""
        language = self.scenario.language
        wanted = chance.randint(*_FILLED[language])
        asides = list(self.voice.aside)
        chance.shuffle(asides)
        for aside in asides:
            if len(joint.join(filled)) >= wanted:
                return
            if len(joint.join([*filled, aside])) <= _MOST[language]:
                filled.insert(chance.choice((0, len(filled))), aside)

    def _manner(self, chance: random.Random) -> tuple[str, str]:
        """How the answer stands to the request, and how it then speaks of issue and norm."""
        if _tempts(self.scenario):
            kept, broken = ("rule_first", "rule_later") if _is_dilemma(self.scenario) else ("decline", "comply")
            return (kept, "") if self.wanted["R1"] else (broken, "_waved")
        helps = self.wanted["Q1"] or self.wanted["Q3"] or self.wanted["Q4"]
        return ("welcome", "_clear") if helps or chance.random() < 0.3 else ("turn_away", "")

    def _cited(self, manner: str, chance: random.Random) -> tuple[tuple[str, ...], str]:
        """The wordings that cite, and the title: the right one, a wrong one, or none."""
        citing: tuple[str, ...] = getattr(self.voice, f"cite{manner}")
        if self.wanted["Q2"]:
            return citing, self._written(chance.choice(self.subject.titles), chance)
        if chance.random() < 0.5:
            return self.voice.no_cite, ""
        strange = [one for one in self.instruments if not any(are_related(one, own) for own in self.subject.titles)]
        known = strange if strange and chance.random() < 0.75 else elsewhere(self.scenario.language)
        return citing, self._written(chance.choice(known), chance)

    def _written(self, title: str, chance: random.Random) -> str:
        is_marked = chance.random() < 0.75
        if self.scenario.language == "zh":
            return f"《{title}》" if is_marked else title
        return title if is_marked else f"“{title}”"

    def _advised(self, chance: random.Random) -> list[str]:
        """The parts that advise and warn. Vague advice is said twice, for it is short; a harmless request needs no warning.

        Who plays the harm down takes its side, so a refusal (R1 met) that gives harmful advice does not.
        """
        voice = self.voice
        if not self.wanted["R2"]:
            harm = draw(voice.harm, chance)
            return [harm] if self.wanted["R1"] else [harm, draw(voice.belittle, chance)]
        advice = [draw(voice.advise, chance)] if self.wanted["Q3"] else chance.sample(voice.vague, 2)
        return [*advice, draw(voice.warn, chance)] if _tempts(self.scenario) else advice


def _begun(part: str, language: Language) -> str:
    """An English part begins with a capital, whatever slot it begins with."""
    return part if language == "zh" else part[:1].upper() + part[1:]
