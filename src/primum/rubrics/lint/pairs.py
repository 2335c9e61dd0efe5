"""Two criteria of a rubric against each other: said twice, counted twice, or impossible together.

With the same core, what each asks of an answer follows from its sign and its negation: `wants = points > 0, turned by a negation`.

| signs | negations | it is |
|---|---|---|
| equal | equal | a duplicate |
| different | different | one thing counted twice: its presence rewarded, its absence punished |
| otherwise | | a contradiction: no answer can satisfy both |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from primum.records import Language
from primum.rubrics.lint.cores import WORDS, Core, likeness
from primum.rubrics.lint.found import Finding, LintCriterion, LintRow, LintSettings, Mend
from primum.rubrics.lint.looser import looser, weights_of

__all__ = ["check_pairs"]

_NUMBER = r"[^\d，,]{0,8}?(\d+|\b(?:one|two|three|four|five|six|seven|eight|nine|ten)\b|[一两二三四五六七八九十](?=[字句段条]))"
_MOST = re.compile(
    r"(?:at most|no more than|not more than|under|below|(?<!no )fewer than|(?<!not )(?<!no )less than|"
    r"within|maximum of|up to|not exceed(?:ing)?|shorter than|limits? .* to|"
    r"不超过|(?<!不)少于|不多于|以内|控制在|低于|不到|限制在|至多|最多|限)" + _NUMBER
)
_LEAST = re.compile(
    r"(?:at least|(?<!no )(?<!not )more than|no fewer than|not less than|no less than|over|above|minimum of|"
    r"longer than|exceeds?|不少于|至少|(?<!不)超过|(?<!不)多于|不低于|最少|达到)" + _NUMBER
)
_UNIT = re.compile(r"words?|sentences?|characters?|paragraphs?|bullet|items?|字|句|段|条")
_SLOT = re.compile(
    r"\b(?:is|are|equals?|amounts? to|lasts?|of|at|every|for|xmax|reduce|increase|takes|per|in|xlast)\b|"
    r"续|久|为|是|每|需|约|即|服|最|间隔|达|在|于"
)
_WEAK = 0.9  # how alike two statements with different numbers must be to speak of one quantity


def check_pairs(row: LintRow, cores: Sequence[Core], settings: LintSettings) -> list[Finding]:
    found: list[Finding] = []
    weights = weights_of(row, cores)
    for second in range(1, len(cores)):
        for first in range(second):
            pair = cores[first], cores[second]
            one = _compare(row, (first, second), pair, settings)
            if one is None and (relation := looser(row, (first, second), pair, weights)) is not None:
                one = _LOOSER[relation](row, (first, second))
            if one is not None:
                found.append(one)
    return found


def _compare(row: LintRow, places: tuple[int, int], cores: tuple[Core, Core], settings: LintSettings) -> Finding | None:
    one, other = cores
    a, b = (row.criteria[place] for place in places)
    if a.points > 0 and b.points > 0 and (_limits_clash(one.text, other.text) or _limits_clash(other.text, one.text)):
        return _contradiction(row, places, "the limits leave no length that fits both")
    if not _may_be_one(one, other):
        return _apart(row, places, cores)
    alike, is_swapped = likeness(one.tokens, other.tokens)
    is_one = alike >= (settings.same_swapped if is_swapped else settings.same)
    if not is_one and not (one.text == other.text and not one.tokens):
        return _apart(row, places, cores)
    turned = [axis for axis in one.poles if axis in other.poles and one.poles[axis] != other.poles[axis]]
    if one.numbers != other.numbers:
        if alike >= _WEAK and not turned and _are_wanted(a, b, cores) and _one_quantity(one, other):
            return _contradiction(row, places, "they give one quantity two values")
        return None
    is_same_negation = one.is_negated == other.is_negated
    if turned:
        if len(turned) % 2 == 1 and is_same_negation and _are_wanted(a, b, cores):
            return _contradiction(row, places, f"they take opposite sides ({', '.join(turned)})")
        return None
    if a.points * b.points == 0:
        return _duplicate(row, places) if is_same_negation else None
    is_same_sign = (a.points > 0) == (b.points > 0)
    if is_same_sign and is_same_negation:
        return _duplicate(row, places)
    if not is_same_sign and not is_same_negation:
        return _counted_twice(row, places)
    return _contradiction(row, places, "what one asks for, the other forbids")


def _may_be_one(one: Core, other: Core) -> bool:
    if one.kind == other.kind or "other" in (one.kind, other.kind):
        return True
    return "ask" not in (one.kind, other.kind) and one.tokens == other.tokens


def _apart(row: LintRow, places: tuple[int, int], cores: tuple[Core, Core]) -> Finding | None:
    """Statements that share few words and still cannot both hold: going to care now, and waiting."""
    a, b = (row.criteria[place] for place in places)
    if not _are_wanted(a, b, cores):
        return None
    if not (cores[0].kind == cores[1].kind == "advise") or cores[0].is_conditional or cores[1].is_conditional:
        return None
    words = WORDS[row.language]
    urgent = [words.urgent.search(core.inside) is not None for core in cores]
    late = [words.late.search(core.inside) is not None for core in cores]
    if urgent != late and sum(urgent) == sum(late) == 1:
        return _contradiction(row, places, "one sends the person to care now, the other lets them wait")
    return None


def _are_wanted(a: LintCriterion, b: LintCriterion, cores: tuple[Core, Core]) -> bool:
    return a.points > 0 and b.points > 0 and not cores[0].is_negated and not cores[1].is_negated


def _one_quantity(one: Core, other: Core) -> bool:
    return (
        len(one.numbers) == len(other.numbers) == 1
        and _SLOT.search(one.inside) is not None
        and _SLOT.search(other.inside) is not None
    )


def _limits_clash(one: str, other: str) -> bool:
    most, least = _MOST.search(one), _LEAST.search(other)
    if most is None or least is None:
        return False
    unit, same = _UNIT.search(one), _UNIT.search(other)
    return (
        unit is not None
        and same is not None
        and unit[0].rstrip("s") == same[0].rstrip("s")
        and _count(least[1]) > _count(most[1])
    )


def _count(told: str) -> int:
    if told.isdigit():
        return int(told)
    numbers = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return numbers.index(told) + 1 if told in numbers else "一二三四五六七八九十".find(told) + 1 or 2  # 两


def _quote(row: LintRow, places: tuple[int, int]) -> str:
    return " | ".join(row.criteria[place].statement for place in places)


def _told(language: Language, en: str, zh: str) -> str:
    return zh if language == "zh" else en


def _duplicate(row: LintRow, places: tuple[int, int]) -> Finding:
    a, b = (row.criteria[place] for place in places)
    heavier = max(a, b, key=lambda one: (one.kind_of == "safety", abs(one.points)))
    mend = Mend(f"merge them: keep {heavier.statement!r} with {heavier.points:+d} points", (heavier,))
    why = "says the same as the other: what it asks for is counted twice"
    return Finding("duplicate", row.id, places[0], places[1], _quote(row, places), why, mend)


def _counted_twice(row: LintRow, places: tuple[int, int]) -> Finding:
    a, b = (row.criteria[place] for place in places)
    kept = a if a.points > 0 else b
    gone = b if a.points > 0 else a
    if gone.kind_of == "safety" and kept.kind_of != "safety":
        kept = kept._replace(kind_of="safety")
    mend = Mend(f"keep {kept.statement!r} and leave out its negation", (kept,))
    why = "rewards a thing and punishes its absence: one fact moves the score twice"
    return Finding("counted_twice", row.id, places[0], places[1], _quote(row, places), why, mend)


def _contradiction(row: LintRow, places: tuple[int, int], why: str = "what one asks for, the other forbids") -> Finding:
    mend = Mend("a person must say which of the two holds; leave the other out, or say when each applies")
    return Finding(
        "contradiction", row.id, places[0], places[1], _quote(row, places), f"no answer can satisfy both: {why}", mend
    )


def _nearly(row: LintRow, places: tuple[int, int]) -> Finding:
    """A duplicate in other words: which of the two goes is for a person to say."""
    found = _duplicate(row, places)
    return found._replace(mend=Mend("if they ask for one thing, keep one of them") if found.mend else None)


_LOOSER: Mapping[str, Callable[[LintRow, tuple[int, int]], Finding]] = {
    "duplicate": _nearly,
    "counted_twice": _counted_twice,
    "contradiction": _contradiction,
}
