"""The judge of choice questions: which letters an answer names, compared with the key. No model is asked.

The letters are looked for in this order, and the first place that names any decides:

1. the whole answer is letters (`B`, `B、D`, `(C)`);
2. after words that announce the answer (`答案：`, `应选`, `The answer is`), the last such place, since people correct themselves;
3. letters that open the answer (`B. Because …`, `A and D are right`), or open each of its lines;
4. letters declared right (`C is correct`, `选项B正确`);
5. letters that close the answer (`so B`);
6. the whole answer is the text of one option.

The article `A` and the pronoun `I` are no letters: a letter is one only when it stands alone, is an option's, and no running
text follows it. Letters that are denied (`not A`), called wrong, or offered as alternatives (`B or C`) are not named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from primum.judging.usable import unusable_reason
from primum.language import normalise
from primum.ports import Assessment, Case, Progress, silent
from primum.records import (
    Abstained,
    ByRule,
    Choice,
    Criterion,
    Judgement,
    JudgeRef,
    KeyCheck,
    Met,
    NotMet,
    Outcome,
    Stance,
    Verdict,
    content_hash,
)

__all__ = ["ChoiceJudge", "named_letters"]

_VERSION = "1"
_NAMES_NONE = "names no option"
_EDGE = " .。!！\"'“”*"

# One option's letter, alone: no letter, digit or apostrophe on either side (`Vitamin D3`, `B's`, `A型`-like compounds are not letters).
_LETTER = r"(?<![A-Za-z0-9])[A-Z](?![A-Za-z0-9'’])"
_OPEN, _CLOSE = r"[\s(（\[【「\"'“*]*", r"[\s)）\]】」\"'”*]*"
_ONE = rf"{_OPEN}{_LETTER}{_CLOSE}"
_JOIN = r"(?:[,，、;；/&+]|\band\b|\bas\s+well\s+as\b|和|与|及|以及|,\s*and\b)"
# `ACD` together counts only in capitals and where nothing but letters is expected.
_PACKED = r"(?<![A-Za-z0-9])[A-Z]{2,8}(?![A-Za-z0-9'’])"
_SET = rf"(?:{_OPEN}{_PACKED}{_CLOSE}|{_ONE}(?:{_JOIN}*\s*{_ONE})*)"
_NOT_ARTICLE = r"(?!\s+[a-z])"

_WHOLE = re.compile(rf"\A(?i:options?|choices?|选项)?\s*(?P<letters>{_SET})项?[.。!！]*\Z")
_ANNOUNCED = re.compile(
    r"(?:\b(?i:answers?|choices?|options?)\b\s*(?:(?i:is|are|would\s+be|should\s+be)\b|[:=])"
    r"|\bI(?i:\s+would|'d)?\s+(?i:choose|pick|select|go\s+with)\b"
    r"|(?:答案|选项)\s*(?:应该|应当|应)?\s*[是为选:]"
    r"|(?:正确|合适|恰当|符合要求)的\s*(?:选项)?\s*(?:是|有|为|包括)"
    r"|选择?\s*[是为:]?|\\boxed)"
    r"[\s*{]*(?i:both\s+|the\s+following\s*:?\s*)?(?:(?i:options?|choices?)|选项|项)?\s*[:]?\s*"
    rf"(?P<letters>{_SET})"
)
_OPENING = re.compile(
    rf"\A(?i:options?\s+|choices?\s+|选项\s*)?(?P<letters>{_SET})"
    r"(?=\s*[.:、。,，;；)\-–—\n]|\s+(?:because|since)\b|\Z|[是为都])"
)
_SEVERAL = re.compile(rf"\A(?P<letters>{_ONE}(?:{_JOIN}+\s*{_ONE})+)")
_LINE = re.compile(rf"^[\s*•(\[-]*(?P<letters>{_LETTER})[)\]*]*\s*[.:、)]", re.MULTILINE)
_DECLARED = re.compile(
    rf"(?P<letters>{_ONE}(?:{_JOIN}+\s*{_ONE})*)(?:选项|项)?\s*(?:is|are|都|均|是|为)?\s*(?:both\s+|all\s+|the\s+)?"
    r"(?:correct|right|正确|对)(?![A-Za-z])"
)
_CLOSING = re.compile(rf"(?:[,，.。:]|\b(?i:so|therefore|thus)|所以|因此|故)\s*(?P<letters>{_SET})[.。!！]*\Z")
_DENIAL = re.compile(
    r"(?:不选|不是|不应|不能|并非|没有|排除|不|\bnot|\bnever|n't|\bexcept|\bneither|\beither)\s*\Z", re.IGNORECASE
)
_WRONG = re.compile(
    r"\s*(?:选项|项)?\s*(?:is|are|都|均|是)?\s*(?:both\s+|all\s+)?(?:wrong|incorrect|not\b|false|错|不)|\s*(?:or\b|或)"
)
# After the article `A` or the pronoun `I` running text goes on; after an option's letter only these words do.
_RUNNING_TEXT = re.compile(r"\s+(?!(?:is|are|and|because|since|as|with)\b)[a-z]")


def named_letters(text: str, options: Sequence[Choice]) -> tuple[str, ...]:
    """The options' letters that an answer names, sorted; empty when it names none."""
    allowed = {option.letter: normalise(option.text) for option in options}
    text = unicodedata.normalize("NFKC", text).strip()
    if found := _first(_WHOLE, text.upper() if len(text) == 1 else text, allowed):
        return found[0]
    if found := _first(_ANNOUNCED, text, allowed):
        return found[-1]
    for pattern in (_SEVERAL, _OPENING):
        if found := _first(pattern, text, allowed):
            return _union([*found, *_first(_LINE, text, allowed)])
    for pattern in (_LINE, _DECLARED):
        if found := _first(pattern, text, allowed):
            return _union(found)
    if found := _first(_CLOSING, text, allowed):
        return found[0]
    return _by_text(text, options)


class ChoiceJudge:
    """Decides criteria with a `KeyCheck` by the letters an answer names; implements `primum.ports.Judge`.

    An answer that names no option is `NotMet` with the explanation `names no option`: the policy failed to answer, the judge did read it.
    An unusable answer has the stance `unusable`, and its verdict is `NotMet` too, so that choice accuracy counts it as not right. From
    criteria without a `KeyCheck`, and from open scenarios, it abstains. The stance of an answered choice question is `accept`: a choice
    has nothing to refuse.
    """

    def __init__(self) -> None:
        self._ref = JudgeRef(
            name="choice rule",
            kind_of="rule",
            fingerprint=content_hash(["judging.rules", _VERSION]),
            made=ByRule(rule="judging.rules", version=_VERSION),
        )

    @property
    def ref(self) -> JudgeRef:
        return self._ref

    def judge(self, cases: Sequence[Case], progress: Progress = silent) -> list[Assessment]:
        """One assessment a case, in order."""
        assessments: list[Assessment] = []
        for case in cases:
            assessments.append(self._assess(case))
            progress(len(assessments), len(cases))
        return assessments

    def _assess(self, case: Case) -> Assessment:
        stance, reason, named = _read(case)
        verdicts = tuple(self._verdict(case, criterion, stance, reason, named) for criterion in case.criteria)
        judgement = Judgement(
            response=case.response.id,
            judge=self.ref.id,
            stance=stance,
            verdicts=tuple(verdict.id for verdict in verdicts),
            reason=reason,
        )
        return Assessment(judgement, verdicts)

    def _verdict(
        self, case: Case, criterion: Criterion, stance: Stance, reason: str, named: tuple[str, ...]
    ) -> Verdict:
        outcome: Outcome
        explanation = ""
        match criterion.check_by:
            case KeyCheck() if stance == "abstained":
                outcome = Abstained(reason=reason)
            case KeyCheck(letters=key):
                outcome = Met() if named and set(named) == set(key) else NotMet()
                explanation = reason or (f"names {', '.join(named)}" if named else _NAMES_NONE)
            case _:
                outcome = Abstained(reason="the rule reads the letters of a choice only")
        return Verdict(
            response=case.response.id,
            criterion=criterion.id,
            judge=self.ref.id,
            outcome=outcome,
            explanation=explanation,
        )


def _read(case: Case) -> tuple[Stance, str, tuple[str, ...]]:
    """The stance of an answer, the reason where there is one, and the letters it names."""
    if case.scenario.task == "open":
        return "abstained", "the rule judges choice questions only", ()
    named = named_letters(case.response.text, case.scenario.options)
    unusable = unusable_reason(case.response, case.scenario.language)
    # A long explanation that was cut off after it named its letters has answered the question.
    if unusable is not None and not (named and case.response.finish == "length" and unusable.startswith("cut off")):
        return "unusable", unusable, ()
    return "accept", "", named


def _first(pattern: re.Pattern[str], text: str, allowed: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The letter sets that `pattern` finds, in order, without those that are denied, called wrong, or an article."""
    found: list[tuple[str, ...]] = []
    for match in pattern.finditer(text):
        letters = _letters(match["letters"], allowed)
        before, after = text[: match.start()], text[match.start("letters") + len(match["letters"].rstrip()) :]
        is_article = letters in (("A",), ("I",)) and _RUNNING_TEXT.match(after)
        if is_article and normalise(after).startswith(allowed[letters[0]]):
            is_article = None  # what goes on is the option's own text
        if letters and not (is_article or _DENIAL.search(before) or _WRONG.match(after)):
            found.append(letters)
    return found


def _letters(found: str, allowed: Mapping[str, str]) -> tuple[str, ...]:
    """The letters in a matched set, sorted; none when one of them is no option's (`The answer is DNA`)."""
    letters = set(re.sub(_JOIN, " ", found)) & set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return tuple(sorted(letters)) if letters and letters <= set(allowed) else ()


def _union(sets: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({letter for letters in sets for letter in letters}))


def _by_text(text: str, options: Sequence[Choice]) -> tuple[str, ...]:
    """The one option whose text the whole answer is, with or without its letter before it."""
    said = normalise(text).strip(_EDGE)
    found = []
    for option in options:
        wanted = normalise(option.text).strip(_EDGE)
        if said in (wanted, f"{option.letter.lower()}{wanted}", f"{option.letter.lower()} {wanted}"):
            found.append(option.letter)
    return tuple(found) if len(found) == 1 else ()
