"""Holding a read criterion against a heard answer: how much of it is there, in which sentence, and which way that sentence points.

A part of a criterion has support `Σ weight · strength / Σ weight` in a sentence, where a unit that stands in a neighbouring sentence counts
`_NEIGHBOUR` and one elsewhere in the answer `_ELSEWHERE` of its strength. What points the other way than the criterion is opposition,
not support. Between the two limits the rules do not decide; the limits were set on half of the hand-written cases of
`benchmarks/criteria.py`, all else is by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from primum.judging.criteria.rule_asked import Asked, Part, Unit
from primum.judging.criteria.rule_heard import Heard, Sentence
from primum.judging.criteria.rule_words import CriterionWords
from primum.records import Language

__all__ = ["LEAST_TOLD", "Finding", "weigh"]

_MET: Final = 0.42
_NOT: Final = 0.22
_NEIGHBOUR: Final = 0.9
_ELSEWHERE: Final = 0.65
_LEAST_SHARE: Final = 0.34  # of the pairs of a Chinese term
_LEAST_SHARE_LONG: Final = 0.22  # of those of a term of four characters and more
LEAST_TOLD: Final = 0.7  # of which an informative criterion is made at least
_TURNED: Final = 0.5  # of what is found of a piece of advice that points the other way: then the sentence does
_OPPOSED: Final = 0.67  # the same of what is mentioned
_SHOWN: Final = 160


class Finding(NamedTuple):
    """Whether a criterion is met; `None` where the rules cannot say. `why` holds the words that decided, or what is missing."""

    is_met: bool | None
    why: str


class _Strength(NamedTuple):
    value: float
    is_against: bool


class _Support(NamedTuple):
    share: float
    against: float
    sentence: Sentence | None
    opposing: Sentence | None
    missing: tuple[str, ...]


def weigh(asked: Asked, heard: Heard, told: CriterionWords, language: Language) -> Finding:
    """Decide a criterion: one of its ways is enough; what leaves a way open leaves the criterion open."""
    findings = [_way(way, heard, told, language) for way in asked.ways]
    for wanted in (True, None, False):
        for finding in findings:
            if finding.is_met is wanted:
                return finding
    return Finding(None, "the criterion says nothing")


def _way(parts: Sequence[Part], heard: Heard, told: CriterionWords, language: Language) -> Finding:
    """All parts must hold: one that does not decides against, one undecided leaves it open."""
    findings = [_part(part, heard, told, language) for part in parts]
    for unmet in (False, None):
        for finding in findings:
            if finding.is_met is unmet:
                return finding
    return Finding(True, "; ".join(finding.why for finding in findings))


def _part(part: Part, heard: Heard, told: CriterionWords, language: Language) -> Finding:
    if part.weight < LEAST_TOLD:
        return Finding(None, "the criterion names nothing specific that could be looked for")
    support = _support(part, heard, told, language)
    is_there = _is_there(support)
    if is_there is None:
        shown = _shown(support.sentence or support.opposing)
        return Finding(None, f"part of it is there ({support.share:.0%}), not {', '.join(support.missing)}: {shown}")
    if is_there:
        return Finding(not part.absent, _shown(support.sentence))
    if support.opposing is not None and support.against >= _MET:
        return Finding(part.absent, f"says the opposite: {_shown(support.opposing)}")
    return Finding(part.absent, f"not found: {', '.join(support.missing[:6])}")


def _is_there(support: _Support) -> bool | None:
    if support.share >= _MET and support.share >= support.against - 0.1:
        return True
    if support.against >= _MET:
        return False
    return False if support.share < _NOT else None


def _support(part: Part, heard: Heard, told: CriterionWords, language: Language) -> _Support:
    """The sentence that supports a part most, and the one that speaks against it most."""
    spoken = [sentence for sentence in heard.sentences if _may_speak(part, sentence)]
    grid = [[_unit(unit, sentence, told, language, part.act) for sentence in spoken] for unit in part.units]
    total = part.weight
    if part.least:
        found = sum(any(one.value >= _MET and not one.is_against for one in row) for row in grid)
        best = max(range(len(spoken)), key=lambda i: sum(row[i].value for row in grid), default=None)
        share = 1.0 if found >= part.least else 0.0
        missing = tuple(unit.shown for unit, row in zip(part.units, grid, strict=True) if not any(o.value for o in row))
        return _Support(share, 0.0, None if best is None else spoken[best], None, missing)
    elsewhere = [max((one.value for one in row), default=0.0) * _ELSEWHERE for row in grid]
    limit = _OPPOSED if part.act == "mention" else _TURNED
    best_share, best_against = 0.0, 0.0
    chosen: int | None = None
    opposing: int | None = None
    for i in range(len(spoken)):
        got, against, own = 0.0, 0.0, 0.0
        if not any(row[i].value for row in grid):
            continue
        for unit, row, away in zip(part.units, grid, elsewhere, strict=True):
            here = row[i]
            beside = max((row[j].value for j in (i - 1, i + 1) if 0 <= j < len(row)), default=0.0) * _NEIGHBOUR
            got += unit.weight * max(here.value, beside, away)
            own += unit.weight * here.value
            if here.is_against and here.value:
                against += unit.weight * here.value
        share = got / total
        if against >= own * limit and not _agrees_somewhere(part, [row[i] for row in grid]):
            if share > best_against:
                best_against, opposing = share, i
        elif share > best_share:
            best_share, chosen = share, i
    missing = _missing(part.units, grid, chosen if chosen is not None else opposing)
    return _Support(
        best_share,
        best_against,
        None if chosen is None else spoken[chosen],
        None if opposing is None else spoken[opposing],
        missing,
    )


def _may_speak(part: Part, sentence: Sentence) -> bool:
    """A question recommends nothing, and nothing but a question asks."""
    if part.act == "ask":
        return sentence.asks
    return not sentence.text.endswith(("?", "？")) or any(unit.concept == "ask_facts" for unit in part.units)


def _agrees_somewhere(part: Part, found: Sequence[_Strength]) -> bool:
    """Whether a denial that the criterion speaks of stands in the sentence, beside what only names its subject."""
    return part.act == "mention" and any(
        unit.denied and one.value and not one.is_against for unit, one in zip(part.units, found, strict=True)
    )


def _missing(units: Sequence[Unit], grid: Sequence[Sequence[_Strength]], place: int | None) -> tuple[str, ...]:
    found = [
        unit.shown for unit, row in zip(units, grid, strict=True) if place is None or row[place].value < _LEAST_SHARE
    ]
    return tuple(found) or tuple(unit.shown for unit in units)


def _unit(unit: Unit, sentence: Sentence, told: CriterionWords, language: Language, act: str) -> _Strength:
    """How strongly a sentence holds a unit, and whether the clause that does points the other way."""
    if unit.any_of:
        each = [_unit(one, sentence, told, language, act) for one in unit.any_of]
        return max(each, key=lambda one: (one.value, not one.is_against))
    if unit.all_of:
        each = [_unit(one, sentence, told, language, act) for one in unit.all_of]
        value = sum(one.weight * found.value for one, found in zip(unit.all_of, each, strict=True)) / unit.weight
        return _Strength(value, any(found.value and found.is_against for found in each))
    if unit.concept:
        return _concept(unit, sentence, told, act)
    best = _Strength(0.0, False)
    for clause in sentence.clauses:
        value = float(unit.term in clause.terms) if language == "en" else _overlap(unit.pairs, clause.terms)
        if value:
            found = _Strength(value, _is_against(unit, clause.sign, clause.denied, act))
            if (found.value, not found.is_against) > (best.value, not best.is_against):
                best = found
    return best


def _overlap(wanted: frozenset[str], found: frozenset[str]) -> float:
    shared = wanted & found
    longer = sum(len(one) == 2 for one in wanted)
    if not longer:
        return float(bool(shared))
    least = _LEAST_SHARE if longer < 3 else _LEAST_SHARE_LONG
    share = 0.75 * sum(len(one) == 2 for one in shared) / longer + 0.25 * sum(len(one) == 1 for one in shared) / (
        len(wanted) - longer
    )
    return share if share >= least else 0.0


def _concept(unit: Unit, sentence: Sentence, told: CriterionWords, act: str) -> _Strength:
    concept = told.concepts[unit.concept]
    if concept.unless is not None and concept.unless.search(sentence.text):
        return _Strength(0.0, False)
    best = _Strength(0.0, False)
    for match in concept.heard.finditer(sentence.text):
        if unit.sign == 0:
            return _Strength(1.0, False)
        clause = next((one for one in reversed(sentence.clauses) if one.start <= match.start()), None)
        if clause is None or not _is_against(unit, clause.sign, clause.denied, act):
            return _Strength(1.0, False)
        best = _Strength(1.0, True)
    return best


def _is_against(unit: Unit, sign: int, denied: bool, act: str) -> bool:
    if unit.sign in (0, sign) or act == "ask":
        return False
    return act != "mention" or unit.denied != denied


def _shown(sentence: Sentence | None) -> str:
    if sentence is None:
        return ""
    shown = " ".join(sentence.shown.split())
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
