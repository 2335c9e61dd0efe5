"""What simulated answers of a known ruling talk about: the act, the issue, the instrument, the advice.

Read from a scenario's `grounds`, `points` and request; nothing is looked up elsewhere.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from primum.errors import InputError
from primum.language import detect, normalise
from primum.records import Language, Scenario, Value
from primum.starter.cutting import shorten
from primum.starter.wording import draw, read_wording

__all__ = ["Issue", "Subject", "are_related", "elsewhere", "issues", "plain_act", "subject_of", "title_of"]

_LABEL_ZH = re.compile(r"\s*第[〇零一二三四五六七八九十百千\d]+[条章节款项].*$")
_LABEL_EN = re.compile(
    r"[\s,]+(?:§+\s*\S+|(?:article|section|principle|rule|standard|opinion|part|chapter|clause|paragraph|art\.|sec\.|no\.)\s+\S+"
    r"|\d[\w.()\-]*)$",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")
_FORBIDDEN_ZH = re.compile(
    r"(?:不得|禁止|严禁|不准|不许)(?:以任何(?:形式|名义|理由|方式))?(?P<act>[^，。；：\s“”《》()（）]{4,})(?=[，。；：”]|$)"
)
_OBLIGED_ZH = re.compile(r"(?:应当|必须)(?P<act>[^，。；：\s“”《》()（）]{4,})(?=[，。；：”]|$)")
# `禁止销售的产品` forbids nothing here: it names what is forbidden elsewhere.
_NO_ACT_ZH = re.compile(
    r"(?:的|之一|人员|单位|机构|部门)$|的(?:产品|服务|药品|人|单位|行为|情形|活动)|规定$|下列|以下|^(?:予以|的|少于|超过|低于|由)"
)
_FIRST_OF_SEVERAL_ZH = re.compile(r"、|或者|以及|并且|和|及|并")
_MOST_ACT_ZH = 20
_FORBIDDEN_EN = re.compile(
    r"\b(?:must|shall|may|should)\s+(?:not|never)\s+(?P<act>(?!(?:be|the|an?)\b)[a-z][^.,;:()“”\"]{5,})", re.IGNORECASE
)
_OBLIGED_EN = re.compile(
    r"\b(?:must|shall|should|(?:is|are) required to)\s+(?P<act>(?!(?:not|never|be|the|an?)\b)[a-z][^.,;:()“”\"]{5,})",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"“([^“”]+)”")
# How points begin that say what they are for (`给出可行的办法：…`), and which of these are advice.
_POINT_LABEL = re.compile(r"^([^：:，。“”]{2,45})[：:]\s*")
_ADVISES = re.compile(
    r"办法|做法|建议|步骤|另一头|offers|can be done|other side|suggest|advi[cs]e|steps", re.IGNORECASE
)
_MOST_ACT_EN = 50
_LOOSE_EN = re.compile(
    r"(?:an?|and|are|as|at|be|by|for|from|has|have|in|into|is|not|of|on|or|that|the|their|them|they|to|who|which|whose|with)",
    re.IGNORECASE,
)
_LEAST_POINT = 7


class Issue(Value, frozen=True):
    """An ethical or legal issue: its name (a wording), the words it is known by, specific things to do within the norms."""

    name: str
    steps: tuple[str, ...]
    cues: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every way the issue is called."""
        return tuple(self.name.strip("{}").split("|"))


class Subject(NamedTuple):
    """What an answer to a scenario is about.

    `do` is the act that the request is after, as it follows “help you …”; `titles` the instruments that the scenario rests on;
    `points` what a good answer advises.
    """

    do: str
    issue: Issue
    titles: tuple[str, ...]
    points: tuple[str, ...]

    def advice(self, chance: random.Random, room: int) -> str:
        """A specific, lawful thing to do, in at most `room` characters; it names neither an instrument nor the issue."""
        hidden = [*self.titles, *self.issue.names]
        points = [one for one in self.points if "《" not in one and not any(name in one for name in hidden)]
        least = _LEAST_POINT if detect(self.do) == "zh" else 4 * _LEAST_POINT
        said = shorten(chance.choice(points), room) if points and chance.random() < 0.7 else ""
        if len(said) < least:  # cut down to nothing, or there was no point
            said = shorten(chance.choice(self.issue.steps), room)
        return said[:1].upper() + said[1:]

    def named_issue(self, chance: random.Random) -> str:
        return draw((self.issue.name,), chance)


@cache
def issues(language: Language) -> tuple[Issue, ...]:
    """The issues of a language, in the order of their file; the last has no cues and serves for the rest."""
    return tuple(Issue(**entry) for entry in read_wording(f"ruled/{language}/issues.toml")["issue"])


@cache
def elsewhere(language: Language) -> tuple[str, ...]:
    """Titles of instruments that have nothing to do with care."""
    return tuple(read_wording(f"ruled/{language}/issues.toml")["elsewhere"])


def subject_of(scenario: Scenario) -> Subject:
    """What an answer to the scenario is about. Raises `InputError` for a choice question and for a scenario that rests on no norm."""
    titles = tuple(dict.fromkeys(title_of(ground.citation, scenario.language) for ground in scenario.grounds))
    if scenario.task != "open" or not titles:
        raise InputError(
            scenario.item or scenario.id,
            "is a choice question" if scenario.task != "open" else "rests on no norm (grounds)",
            "simulate ruled answers to open scenarios with grounds",
            "starter.ruled_answers",
        )
    quotes = [ground.quote for ground in scenario.grounds]
    # A point quotes the rule by itself; the norm may say it in the midst of others.
    rules = [found for point in scenario.points for found in _QUOTED.findall(point)]
    return Subject(_act([*rules, *quotes], scenario.language), _issue(scenario, quotes), titles, _advice(scenario))


def _advice(scenario: Scenario) -> tuple[str, ...]:
    """The points that advise, without the label that says so; where no point has one, all are advice."""
    labels = [_POINT_LABEL.match(point) for point in scenario.points]
    found: list[str] = []
    for point, label in zip(scenario.points, labels, strict=True):
        text = (point[label.end() :] if label else point).strip()
        is_advice = _ADVISES.search(label[1]) if label else not any(labels)
        if is_advice and len(text) >= _LEAST_POINT:
            found.append(text)
    return tuple(found)


def title_of(citation: str, language: Language) -> str:
    """The instrument that a citation names: `《医师法》第二十五条` → `医师法`, `Code of conduct (2021) § 12` → `Code of conduct`."""
    label = _LABEL_ZH if language == "zh" else _LABEL_EN
    title = label.sub("", citation.strip()).strip("《》 ,")
    title = _BRACKET.sub("", title).strip("《》 ,").removeprefix("中华人民共和国")
    return title or citation.strip()


def are_related(one: str, other: str) -> bool:
    """Whether one title contains the other, so that citing one might pass for citing the other."""
    first, second = normalise(one), normalise(other)
    return first in second or second in first


def _act(quotes: Iterable[str], language: Language) -> str:
    """The act in a quoted prohibition, the neglect of a quoted duty, or else that the rule is got round."""
    for quote in quotes:
        found = _forbidden(quote, language)
        if found is not None:
            return found
    return plain_act(language)


def plain_act(language: Language) -> str:
    """The act where the norm does not say it in a few words."""
    return "绕开规定" if language == "zh" else "get round the rule"


def _forbidden(quote: str, language: Language) -> str | None:
    if language == "zh":
        for pattern, neglect in ((_FORBIDDEN_ZH, ""), (_OBLIGED_ZH, "不")):
            for match in pattern.finditer(quote):
                act = match["act"]
                if len(act) > _MOST_ACT_ZH:
                    act = _FIRST_OF_SEVERAL_ZH.split(act, maxsplit=1)[0]
                if 4 <= len(act) <= _MOST_ACT_ZH and not _NO_ACT_ZH.search(act):
                    return neglect + act
        return None
    for pattern, neglect in ((_FORBIDDEN_EN, ""), (_OBLIGED_EN, "skip the duty to ")):
        found = pattern.search(quote)
        if found is not None:
            return neglect + _first_words(found["act"], _MOST_ACT_EN - len(neglect))
    return None


def _first_words(act: str, room: int) -> str:
    """The first whole words within `room`, without a word at the end that hangs loose."""
    kept: list[str] = []
    words = act.split()
    for word in words:
        if kept and len(" ".join([*kept, word])) > room:
            break
        kept.append(word)
    while len(kept) > 1 and len(kept) < len(words) and _LOOSE_EN.fullmatch(kept[-1]):
        kept.pop()
    return " ".join(kept)


def _issue(scenario: Scenario, quotes: Iterable[str]) -> Issue:
    """The issue with most cues in the quotes, else in the request; the last of the file where none is found."""
    known = issues(scenario.language)
    for text in ("\n".join(quotes), scenario.prompt):
        said = normalise(text)
        counts = [sum(_holds(said, cue, scenario.language) for cue in issue.cues) for issue in known]
        if max(counts):
            return known[counts.index(max(counts))]
    return known[-1]


def _holds(said: str, cue: str, language: Language) -> bool:
    return cue in said if language == "zh" else re.search(rf"\b{re.escape(cue)}\b", said) is not None
