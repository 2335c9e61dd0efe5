"""Rules, norms and texts into the classes of a taxonomy, by its cue words; which class, and why, can be worked out by hand.

A cue weighs the more the fewer norms of the corpus say it, as in tf-idf. With N norms of a language, n of which say the cue:

    weight = log(1 + N / (1 + n)) / log(1 + N)                                   0 < weight <= 1

so that in a corpus of drug laws `药品` decides less than `禁忌`. It counts in full in a rule's own words (subject, act, condition), and
by less elsewhere: in the rest of its article but for the other items of a list, in the headings it stands under, in the title of its
statute (`PLACES`), where only the weightiest cue of a class counts. What the places give adds up; a cue counts once in a place, and
not where a longer cue of the same class that holds it is said too (`隔离` beside `隔离治疗`).

A class fits if it has at least `LEAST`, and at least `SHARE` of what the best class has; at most `MOST` classes, the best first, in
the order of the taxonomy between equals; none where nothing fits. The name of an office is left out (`药品监督管理部门` says nothing of
medicines). English cues are whole words; a regular plural or a genitive matches its singular.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from primum.errors import UnknownIdError
from primum.language import normalise
from primum.records import Category, Language, Norm, Rule, Span, Taxonomy

__all__ = ["LEAST", "MOST", "PLACES", "SHARE", "Sorted", "Sorter", "sort_norms", "sort_rules"]

PLACES: Mapping[str, float] = {"own": 1.0, "article": 0.3, "heading": 0.35, "title": 0.3}
LEAST = 0.3
SHARE = 0.4
MOST = 3

_LANGUAGES: tuple[Language, ...] = ("zh", "en")
_OFFICE = re.compile(
    r"(?:药品|医疗器械|医疗保障|卫生健康|卫生|疾病预防控制|中医药|网络安全|数据安全|个人信息保护|残疾人工作|老龄工作|计划生育|人口|未成年人保护|突发事件|"
    r"应急|生物安全|传染病防治|精神卫生|科学技术|环境保护|动物防疫|献血|母婴保健)+"
    r"(?:监督|管理|监管|行政|主管|职责|工作|保护|执法|检验|处理)*的?(?:部门|机关|局|指挥部|指挥机构)"
)
_ITEM = re.compile(r"项$|[)）]$")  # of a provision's label
_WORD = re.compile(r"[a-z0-9]+(?:[-'’][a-z0-9]+)*")


class Sorted(NamedTuple):
    """The keys of the classes that fit, the likeliest first."""

    dimensions: tuple[str, ...]
    scenes: tuple[str, ...]


class _Class(NamedTuple):
    """A class as it is looked for in one language: its cues, folded as texts are, and for each the longer ones that hold it."""

    key: str
    longer: Mapping[str, frozenset[str]]


class Sorter:
    """Sorts into the classes of `taxonomy`. The weights of its cues come from `norms`, so a text may sort otherwise in another corpus."""

    def __init__(self, taxonomy: Taxonomy, norms: Iterable[Norm]) -> None:
        self._axes = {
            language: (_classes(taxonomy.dimensions, language), _classes(taxonomy.scenes, language))
            for language in _LANGUAGES
        }
        self._cues = {
            language: sorted({cue for axis in axes for one in axis for cue in one.longer})
            for language, axes in self._axes.items()
        }
        self._said: dict[tuple[Language, str], frozenset[str]] = {}
        texts: dict[Language, list[str]] = {language: [] for language in _LANGUAGES}
        for norm in norms:
            texts[norm.language].append(norm.text)
        self._weights = {language: self._weighed(language, texts[language]) for language in _LANGUAGES}

    def text(self, text: str, language: Language) -> Sorted:
        """The classes of a text that stands alone, a situation or a request: all its words are its own."""
        return self._sorted({"own": text}, language)

    def norm(self, norm: Norm) -> Sorted:
        """The classes of a whole article."""
        return self._sorted({"own": norm.text, **_around(norm)}, norm.language)

    def rule(self, rule: Rule, norm: Norm) -> Sorted:
        """The classes of one rule of `norm`."""
        spans = [span for span in (rule.subject, rule.act, rule.condition) if span is not None]
        own = "\n".join(span.text for span in spans)
        return self._sorted({"own": own, "article": _article_of(spans, norm), **_around(norm)}, rule.language)

    def _sorted(self, places: Mapping[str, str], language: Language) -> Sorted:
        said = {place: self._cues_in(text, language) for place, text in places.items()}
        if "article" in said:
            said["article"] -= said["own"]
        dimensions, scenes = self._axes[language]
        weights = self._weights[language]
        return Sorted(_fitting(dimensions, said, weights), _fitting(scenes, said, weights))

    def _cues_in(self, text: str, language: Language) -> frozenset[str]:
        known = self._said.get((language, text))
        if known is None:
            folded = _folded(text, language)
            known = frozenset(cue for cue in self._cues[language] if cue in folded)
            self._said[language, text] = known
        return known

    def _weighed(self, language: Language, texts: Sequence[str]) -> dict[str, float]:
        saying = Counter(cue for text in texts for cue in self._cues_in(text, language))
        count = max(len(texts), 1)
        return {cue: math.log(1 + count / (1 + saying[cue])) / math.log(1 + count) for cue in self._cues[language]}


def sort_rules(rules: Sequence[Rule], norms: Sequence[Norm], taxonomy: Taxonomy) -> list[Rule]:
    """The same rules in their order, each with the dimensions and scenes that fit it; `norms` holds the norm of every rule.

    The weights are those of all of `norms`: give the whole corpus even where only some of its rules are to be sorted. Raises
    `UnknownIdError` for a rule whose norm is not among them.
    """
    sorter = Sorter(taxonomy, norms)
    known = {norm.id: norm for norm in norms}
    done = []
    for rule in rules:
        if rule.norm not in known:
            raise UnknownIdError(
                f"norm '{rule.norm}'",
                "is not among the norms given",
                "give the norm of every rule",
                f"rule '{rule.id}'",
            )
        found = sorter.rule(rule, known[rule.norm])
        done.append(msgspec.structs.replace(rule, dimensions=found.dimensions, scenes=found.scenes))
    return done


def sort_norms(norms: Sequence[Norm], taxonomy: Taxonomy) -> list[Norm]:
    """The same norms in their order, each with the dimensions that fit the whole article."""
    sorter = Sorter(taxonomy, norms)
    return [msgspec.structs.replace(norm, dimensions=sorter.norm(norm).dimensions) for norm in norms]


def _article_of(spans: Sequence[Span], norm: Norm) -> str:
    """What stands round a rule in its article: its paragraphs, and of the items of lists only those that the rule itself is in."""
    kept = []
    for provision in norm.provisions:
        start, end = provision.start - norm.start, provision.end - norm.start
        if not _ITEM.search(provision.label) or any(span.start < end and start < span.end for span in spans):
            kept.append(norm.text[start:end])
    return "\n".join(kept)


def _around(norm: Norm) -> dict[str, str]:
    headings = "\n".join(f"{step.label} {step.title}" for step in norm.citation[:-1])
    return {"heading": headings, "title": norm.source_title}


def _classes(categories: Sequence[Category], language: Language) -> list[_Class]:
    found = []
    for category in categories:
        cues = [_folded(cue, language) for cue in (category.cues_zh if language == "zh" else category.cues_en)]
        found.append(
            _Class(
                category.key,
                {cue: frozenset(other for other in cues if cue in other and cue != other) for cue in cues},
            )
        )
    return found


def _folded(text: str, language: Language) -> str:
    """What is compared: Chinese without white space and offices, English as singular words with a space at both ends of each."""
    plain = normalise(text)
    if language == "zh":
        return _OFFICE.sub("部门", "".join(plain.split()))
    return f" {' '.join(_singular(word) for word in _WORD.findall(plain))} "


def _singular(word: str) -> str:
    word = word.removesuffix("'s").removesuffix("’s")
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _fitting(
    classes: Sequence[_Class], said: Mapping[str, frozenset[str]], weights: Mapping[str, float]
) -> tuple[str, ...]:
    scores = []
    for one in classes:
        score = 0.0
        for place, cues in said.items():
            told = [weights[cue] for cue in sorted(cues & one.longer.keys()) if not cues & one.longer[cue]]
            if told:
                score += PLACES[place] * (math.fsum(told) if place == "own" else max(told))
        scores.append((score, one.key))
    best = max((score for score, _ in scores), default=0.0)
    least = max(LEAST, SHARE * best)
    fitting = sorted((one for one in scores if one[0] >= least), key=lambda one: -round(one[0], 9))
    return tuple(key for _, key in fitting[:MOST])
