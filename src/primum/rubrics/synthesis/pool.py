"""The pool of principles: a plain join of queries by their values, and what is known of each principle before any query comes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from typing import NamedTuple

from primum.language import words
from primum.records import Language, Principle
from primum.rubrics.synthesis.focus import focus_of
from primum.rubrics.synthesis.telling import Told, codes_of, retold
from primum.rubrics.synthesis.topics import fits_of, topics_of
from primum.starter.clinical import dimensions, labelled_queries

__all__ = ["Known", "Pool", "plain_words", "says_one_thing"]

_LARGE = 50  # principles of a language from which a word that one alone has tells of the case it came from
# What turns a statement round: two statements that differ in it alone count one thing twice.
_TURNED = {
    "zh": re.compile(r"没有|未能|未经|未|不得|不应|不要|不|避免|缺乏|缺少|遗漏|忽视|忽略|无"),
    "en": re.compile(
        r"\b(?:does not|do not|doesn't|not|fails? to|failing to|without|avoids?|avoiding|omits?|omitting|neglects?|ignores?|no|never|"
        r"lacks?)\b"
    ),
}
_NO_CONTENT = {
    "zh": (
        "该疾|疾病|所用|用药|药物|该检|检查|该手|手术|该部|部位|该症|症状|患者|建议|说明|解释|提醒|明确|回答|是否|应当|进行|治疗|医生|就医|及时|"
        "指出|给出|说出"
    ),
    "en": (
        "the|a|an|of|to|and|or|in|for|on|with|that|this|is|are|be|by|as|at|from|it|its|not|does|do|any|their|his|her|patient|condition|drug|"
        "test|procedure|body|part|symptom|states|explains|mentions|describes|advises|recommends|suggests|warns|notes|answer|query|question|"
        "user|person|whether|when|how|what|which|who|should"
    ),
}


class Known(NamedTuple):
    """A principle and what is known of it before any query comes.

    `statement` is it as it is told (`telling`), empty where it cannot be; `aspect` what a fact in it is about; `topics` what it needs an
    occasion for; `fits` the values it is fit for; `words` those that carry it; `strange` those of them that no other principle and no query
    of ours has; `names` what a query must hold too; `rare` the rarity of its words. `worth` is points × support × specificity:
    `|points| / 10 · log(1 + rubrics) · (1 + bits of its dimensions / 8)`.
    """

    principle: Principle
    statement: str
    aspect: str
    topics: frozenset[str]
    fits: tuple[tuple[str, frozenset[str]], ...]
    words: frozenset[str]
    strange: frozenset[str]
    names: frozenset[str]
    rare: float
    worth: float

    @property
    def sends(self) -> bool:
        """Whether it sends somebody to a clinician: one such criterion is enough for a rubric."""
        return not self.aspect and any(name == "urgency" for name, _ in self.fits)


class Pool:
    """Principles to join to queries. Retired ones are left out, and those that a later version of the pool was made from."""

    def __init__(self, principles: Sequence[Principle]) -> None:
        replaced = {previous for principle in principles for previous in principle.previous}
        kept = {one.id: one for one in principles if one.state != "retired" and one.id not in replaced}
        self.principles: tuple[Principle, ...] = tuple(kept.values())
        self._cells: dict[tuple[tuple[tuple[str, str], ...], Language], list[Principle]] = {}
        self._told: dict[tuple[tuple[tuple[str, str], ...], Language], list[Known]] = {}

    def matching(self, values: Mapping[str, str], language: Language) -> list[Principle]:
        """The principles of a language all of whose dimensions hold the profile's value, the worthiest first.

        A dimension that `values` leaves out does not matter.
        """
        key = (tuple(sorted(values.items())), language)
        if key not in self._cells:
            found = [
                one
                for one in self.principles
                if one.language == language
                and all(name not in values or values[name] in allowed for name, allowed in one.applies_when.items())
            ]
            self._cells[key] = sorted(found, key=lambda one: (-self.known[one.id].worth, one.id))
        return self._cells[key]

    @cached_property
    def known(self) -> Mapping[str, Known]:
        """What is known of each principle, by id."""
        found: dict[str, Known] = {}
        for one in self.principles:
            told = _told(one)
            statement = told.statement or ""
            words_ = plain_words(statement, one.language)
            found[one.id] = Known(
                one,
                statement,
                told.aspect,
                topics_of(statement, one.language),
                fits_of(statement, one.language),
                words_,
                self._strange(one, words_),
                _lower(focus_of(statement, one.language).values()) | codes_of(statement),
                sum(self.rarity[word] for word in words_),
                abs(one.points) / 10 * math.log(1 + max(len(one.rubrics), 1)) * (1 + _bits(one) / 8),
            )
        return found

    def told(self, values: Mapping[str, str], language: Language) -> list[Known]:
        """Those of `matching` that can be told, one for each way they are told: the worthiest."""
        key = (tuple(sorted(values.items())), language)
        if key not in self._told:
            found: dict[str, Known] = {}
            for one in self.matching(values, language):
                known = self.known[one.id]
                if known.statement:
                    found.setdefault(known.statement, known)
            self._told[key] = list(found.values())
        return self._told[key]

    @cached_property
    def rarity(self) -> Mapping[str, float]:
        """How rare each word is among the principles: `log((1 + principles) / (1 + those with it))`."""
        size = len(self.principles)
        return {word: math.log((1 + size) / (1 + count)) for word, count in self._counts.items()}

    def _strange(self, one: Principle, own: frozenset[str]) -> frozenset[str]:
        """Words of a principle that no other one has, nor a query of ours; none where the pool is small, or a person worded it."""
        if self._sizes[one.language] < _LARGE or one.state in ("edited", "merged"):
            return frozenset()
        return frozenset(word for word in own if self._counts[word] == 1) - _our_words()

    @cached_property
    def _sizes(self) -> Mapping[str, int]:
        """How many principles there are in each language."""
        return {language: sum(one.language == language for one in self.principles) for language in ("zh", "en")}

    @cached_property
    def _counts(self) -> Mapping[str, int]:
        """In how many principles each word stands."""
        counts: dict[str, int] = {}
        for one in self.principles:
            for word in plain_words(_told(one).statement or "", one.language):
                counts[word] = counts.get(word, 0) + 1
        return dict(sorted(counts.items()))

    @cached_property
    def _shingles(self) -> Mapping[str, frozenset[str]]:
        return {one.id: shingles(self.known[one.id].statement, one.language) for one in self.principles}

    def alike(self, one: Principle, other: Principle) -> float:
        """How much two principles say the same, sign and negation aside: the cosine of their character pairs (zh) or trigrams (en)."""
        return _cosine(self._shingles[one.id], self._shingles[other.id])


@cache
def _our_words() -> frozenset[str]:
    texts = [(query.text, query.language) for query in labelled_queries()]
    texts += [
        (one.definition.of(language), language)
        for dimension in dimensions()
        for one in dimension.values
        for language in ("zh", "en")
    ]
    return frozenset(word for text, language in texts for word in plain_words(text, language))


def says_one_thing(one: str, other: str, language: Language, likeness: float) -> bool:
    """Whether two statements say the same, or the same turned round."""
    return _cosine(shingles(one, language), shingles(other, language)) >= likeness


def shingles(statement: str, language: Language) -> frozenset[str]:
    """Character pairs (zh) or trigrams (en) of a statement without its negations and punctuation."""
    plain = _TURNED[language].sub("", statement.lower())
    plain = re.sub(r"[\W_]+", "" if language == "zh" else " ", plain).strip()
    size = 2 if language == "zh" else 3
    return frozenset(plain[place : place + size] for place in range(max(len(plain) - size + 1, 1)))


def _cosine(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / math.sqrt(len(one) * len(other)) if one and other else 0.0


def plain_words(text: str, language: Language) -> frozenset[str]:
    """The words of a text that carry its content."""
    return frozenset(words(text)) - frozenset(_NO_CONTENT[language].split("|"))


def _told(principle: Principle) -> Told:
    return retold(principle.statement, principle.language, principle.points)


def _bits(principle: Principle) -> float:
    """How much a principle's dimensions narrow down where it applies: Σ log2(values there are / values it holds for)."""
    sizes = {dimension.key: len(dimension.keys) for dimension in dimensions()}
    return sum(
        math.log2(sizes[name] / len(set(allowed)))
        for name, allowed in principle.applies_when.items()
        if name in sizes and allowed
    )


def _lower(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)
