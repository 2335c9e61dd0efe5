"""Two criteria that share what they are about though not their words: read by what the one holds of the other.

Tokens weigh 1; one that the prompt also says, or that half of the rubric says, weighs little, because criteria of one rubric speak of
one case. `held(one, other)` is how much of `one` stands in `other`: a plain omission or a plain ban that stands wholly in a wish is
about it ("never asks about his medicines" in "asks which blood pressure medicines he takes"); the other way round it need not be
("recommends the drug", "warns against the drug with alcohol").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from primum.rubrics.lint.cores import WORDS, Core, core_of, tokens_of
from primum.rubrics.lint.found import LintRow

__all__ = ["Weights", "looser", "weights_of"]

Weights = Mapping[str, float]
Relation = Literal["duplicate", "counted_twice", "contradiction"]

_SIGNS = frozenset(same for _, same in WORDS["zh"].same_words if len(same) == 1)  # one character that stands for words
_SIGN = 1.7
_COMMON = 0.35  # weight of what the prompt or half of the rubric says
_WITHOUT = {
    "en": re.compile(
        r"\b(?:without|instead of|before) (?:first |even )?(?:\w+ing)(?: about| for| whether| if| on)? (.+)$"
    ),
    "zh": re.compile(r"(?:^|，)(?:不|未|没有?|未经|尚未)(.{2,14}?)(?:就|便|而直接|即直接)"),
}
_LACKING = {"en": "does not mention ", "zh": "没有"}


class _Limits(NamedTuple):
    """What must be shared, in weight and of 1: Chinese tokens are single characters, of which two make a word."""

    least: float
    lacking: float
    same: float
    forbidden: float
    opposite: float


_LIMITS = {"en": _Limits(1.0, 0.5, 0.6, 0.7, 0.55), "zh": _Limits(1.7, 0.6, 0.62, 0.7, 0.55)}


def weights_of(row: LintRow, cores: Sequence[Core]) -> Weights:
    here = Counter(token for core in cores for token in core.tokens)
    asked = tokens_of(row.prompt, row.language)
    often = max(3, (len(cores) + 1) // 2)
    return {
        token: (_COMMON if token in asked or count >= often else 1.0)
        * (_SIGN if row.language == "zh" and token in _SIGNS else 1.0)
        for token, count in here.items()
    }


def looser(row: LintRow, places: tuple[int, int], cores: tuple[Core, Core], weights: Weights) -> Relation | None:
    a, b = (row.criteria[place] for place in places)
    limits = _LIMITS[row.language]
    if a.points * b.points < 0:
        good, bad = cores if a.points > 0 else (cores[1], cores[0])
        return "counted_twice" if _is_lacking(row, good, bad, weights, limits) else None
    one, other = (_plain(core) for core in cores)
    if not _may_meet(one, other):
        return None
    shared = _weight(one.tokens & other.tokens, weights)
    sizes = _weight(one.tokens, weights), _weight(other.tokens, weights)
    if shared < limits.least or not all(sizes):
        return None
    alike = 2 * shared / sum(sizes)
    turned = [
        axis for axis in one.poles if axis != "need" and axis in other.poles and one.poles[axis] != other.poles[axis]
    ]
    if one.is_negated == other.is_negated:
        if len(turned) == 1 and a.points > 0 and one.kind == other.kind == "advise" and not one.is_negated:
            is_clear = alike >= limits.opposite and one.numbers == other.numbers
            return "contradiction" if is_clear and not _is_bound(one, other) else None
        is_same = alike >= limits.same and not turned and one.numbers == other.numbers
        enough = limits.least if one.kind == other.kind == "ask" else 1.9 * limits.least
        return "duplicate" if is_same and shared >= enough else None
    if a.points < 0 or turned or "ask" in (one.kind, other.kind) or _is_bound(one, other):
        return None
    banned, wished = (one, other) if one.is_negated else (other, one)
    if banned.numbers and banned.numbers != wished.numbers:
        return None
    return "contradiction" if _held(banned, wished, weights) >= limits.forbidden else None


def _plain(core: Core) -> Core:
    """ "There is no need to" is a negation here, and what is needed is wished."""
    tokens = core.tokens - Counter(["axis:need", "xneed"])
    return core._replace(
        tokens=tokens,
        kind=core.kind if tokens == core.tokens else "other",
        is_negated=core.is_negated ^ (core.poles.get("need") == 1),
    )


def _is_lacking(row: LintRow, good: Core, bad: Core, weights: Weights, limits: _Limits) -> bool:
    """Whether `bad` is the absence of `good`: an omission, or acting without it."""
    if good.is_negated:
        return False
    if not bad.is_negated:
        found = _WITHOUT[row.language].search(bad.text)
        if found is None:
            return False
        bad = core_of(_LACKING[row.language] + found[1], row.language)
    shared = _weight(bad.tokens & good.tokens, weights)
    return shared >= limits.least and _held(bad, good, weights) >= limits.lacking


def _may_meet(one: Core, other: Core) -> bool:
    return one.kind == other.kind or "other" in (one.kind, other.kind)


def _is_bound(one: Core, other: Core) -> bool:
    return one.is_conditional or other.is_conditional


def _held(one: Core, other: Core, weights: Weights) -> float:
    whole = _weight(one.tokens, weights)
    return _weight(one.tokens & other.tokens, weights) / whole if whole else 0.0


def _weight(tokens: Counter[str], weights: Weights) -> float:
    return sum(weights.get(token, 1.0) for token in tokens)
