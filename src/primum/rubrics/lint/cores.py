"""What a statement asks for once its wording is taken off: the verb's kind, the words that matter, and whether it is negated.

Two statements are compared on that: "Recommends calling an ambulance" and "Advises the patient to phone 911 right away" share their
core, and "Fails to recommend an ambulance" has the same core with the other sign.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Literal, NamedTuple

from primum.language import normalise
from primum.records import Language
from primum.rubrics.lint.words import Words
from primum.rubrics.lint.words_en import ENGLISH
from primum.rubrics.lint.words_zh import CHINESE

__all__ = ["WORDS", "Core", "bare", "core_of", "likeness", "tokens_of"]

WORDS: Mapping[Language, Words] = {"en": ENGLISH, "zh": CHINESE}

_Kind = Literal["say", "advise", "ask", "other"]


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_STOP = _set(
    "the a an of to for is are be been was in on at by as it its this that these those whether about how "
    "what which who and or with"
    " from into their his her your one's any some patient patients user users person people them him she "
    "he they do does did has have"
    " within until had so very also both such than then there here clearly explicitly briefly correctly "
    "accurately taking take takes use uses using used"
    "|"
    r" see seeing visit visiting visits consult consulting"
    " give gives giving given need needs should must would will may get gets being having make makes "
    "made made type kind something"
    " asks ask mention mentions mentioning state states statement explain explanation fact appropriate patient's"
    " important importance during while between advice idea out up own possible further response answer "
    "reader only just even all"
)
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*|[α-ω]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_HAN_DROPPED = re.compile(
    r"[^\u3400-\u9fffa-z]|"  # longer words first: 是否 before 是
    r"期间|过程中|暂时?|才能?|需要?|接受|可能|可以|应当|应该|进行|作为|一种|一个|属于|因为|由于|关于|包括|方面|情况|问题|相关|任何|说明|解释|指出|提到|提及|建议|推荐|询问|如果|的话|是否|有无|什么|如何|怎么|怎样|哪些|的|了|"
    r"是|做|再|到|去|地|得|会|可|要|应|有|能|在|对|与|和|及|或|为|以|并|而|就|其|该|这|那|也|都|已|等|所|将|作|出|一|属|于|向|给|被|把|让|使|他(?![汀莫克])|用|她|它|们|请|还|之|如|若|当|时"
)
_HAN_TAIL = re.compile(
    r"的(?:说明|解释|介绍|提醒|建议|提示|描述|询问|警告|内容|信息|表述|讨论|必要性|重要性|情况)[。.]?$"
)
_NARROW = re.compile(r"(?<!\d)[,:]|[,:](?!\d)|;")
_WIDE = {",": "，", ":": "：", ";": "；"}
_CONDITION_FIRST = re.compile(r"^((?:如果?|若|当|假如|一旦|在|if|when|should) ?[^，,]{2,40})[，,] ?(.+)$")


class Core(NamedTuple):
    """`text` is the statement without its subject, `inside` what follows its verb, canonical; `poles` the opposites it takes a side in."""

    text: str
    inside: str
    kind: _Kind
    is_negated: bool
    tokens: Counter[str]
    numbers: tuple[str, ...]
    poles: Mapping[str, int]
    is_conditional: bool


def bare(statement: str, language: Language) -> str:
    """The statement in lower case without "the response should"."""
    text = normalise(statement).strip(" .。")
    if language == "zh":  # `normalise` makes full-width marks narrow; the patterns are of Chinese as it is written
        text = _NARROW.sub(lambda found: _WIDE[found[0]], text)
    for _ in range(2):
        text = WORDS[language].subject.sub("", text, count=1).strip(" ,，")
    return text


def core_of(statement: str, language: Language) -> Core:
    words = WORDS[language]
    text = bare(statement, language)
    rest, kind, is_negated = _open(text, words)
    for pattern, same in words.same_words:
        rest = pattern.sub(same, rest)
    poles: dict[str, int] = {}
    cut = words.inner_not.sub(" ", rest) if language == "en" else rest
    for axis, (one, other) in words.opposites.items():
        sides = one.search(cut) is not None, other.search(cut) is not None
        if sides[1] and not sides[0]:
            poles[axis] = 1
        elif sides[0] and not sides[1]:
            poles[axis] = 0
        elif sides[0] and _inside_other(one, other, cut):
            poles[axis] = 1
    for axis in poles:
        cut = words.opposites[axis][0].sub(" ", words.opposites[axis][1].sub(" ", cut))
    counted = cut if language == "zh" else rest
    is_negated ^= len(words.inner_not.findall(counted)) % 2 == 1
    if kind == "advise":
        is_negated ^= len(words.stops.findall(rest)) % 2 == 1
        cut = words.goes_on.sub(" ", words.stops.sub(" ", cut))
    cut = words.inner_not.sub(" ", cut)
    tokens = _english(cut) if language == "en" else _chinese(cut)
    tokens.update(f"axis:{axis}" for axis in poles)
    numbers = tuple(sorted(_NUMBER.findall(rest)))
    return Core(text, rest, kind, is_negated, tokens, numbers, poles, words.condition.search(rest) is not None)


def tokens_of(text: str, language: Language) -> frozenset[str]:
    """The canonical words of any text, a prompt for one."""
    rest = normalise(text)
    for pattern, same in WORDS[language].same_words:
        rest = pattern.sub(same, rest)
    return frozenset(_english(rest) if language == "en" else _chinese(rest))


def likeness(one: Counter[str], other: Counter[str]) -> tuple[float, bool]:
    """How much two cores share, `2 |A ∩ B| / (|A| + |B|)`, and whether each holds something that the other does not."""
    shared = (one & other).total()
    total = one.total() + other.total()
    if total == 0:
        return 0.0, False
    return 2 * shared / total, shared < min(one.total(), other.total())


def _open(text: str, words: Words) -> tuple[str, _Kind, bool]:
    """Take off what opens the statement: negations, which turn its sign, and verbs, of which the last but plain saying counts."""
    if moved := _CONDITION_FIRST.match(text):
        text = f"{moved[2]} {moved[1]}"
    kind: _Kind = "other"
    is_negated = False
    for _ in range(5):
        if found := words.against.match(text):
            kind, is_negated = "advise", not is_negated
        elif found := words.omits.match(text) or words.avoids.match(text):
            is_negated = not is_negated
        elif found := words.asks.match(text):
            kind = "ask"
        elif found := words.advises.match(text):
            kind = "advise"
        elif kind == "other" and (found := words.says.match(text)):
            kind = "say"
        else:
            break
        if found.end() == len(text):
            break
        text = text[found.end() :].strip()
        if kind != "other" and not (words.omits.match(text) and kind == "say"):
            gerund = re.match(r"^(?:recommend|advis|suggest|encourag|prescrib)ing ", text)
            if gerund is None:
                break
    return _gerund(text, kind)[0], _gerund(text, kind)[1], is_negated


def _gerund(text: str, kind: _Kind) -> tuple[str, _Kind]:
    """ "Avoids recommending X" recommends, "avoids giving X" gives."""
    if found := re.match(r"^(?:recommend|advis|suggest|encourag|prescrib)ing (?:the )?", text):
        return text[found.end() :], "advise"
    if found := re.match(
        r"^(?:giving|stating|mentioning|explaining|offering|providing|making|using|naming|describing|saying) ", text
    ):
        return text[found.end() :], "say" if kind == "other" else kind
    if found := re.match(r"^asking (?:about|whether|for) ", text):
        return text[found.end() :], "ask"
    return text, kind


def _inside_other(one: re.Pattern[str], other: re.Pattern[str], text: str) -> bool:
    """Whether every match of `one` lies in a match of `other`: "safe" in "unsafe", 传染 in 不传染."""
    spans = [found.span() for found in other.finditer(text)]
    return all(any(low <= found.start() and found.end() <= high for low, high in spans) for found in one.finditer(text))


def _english(text: str) -> Counter[str]:
    return Counter(
        dict.fromkeys((_stem(word) for word in _WORD.findall(text) if len(word) > 1 and word not in _STOP), 1)
    )


def _stem(word: str) -> str:
    if word.startswith("x") or len(word) < 5:
        return word.removesuffix("s") if len(word) == 4 else word
    for ending in ("ation", "ing", "ied", "ies", "ed", "es", "ly", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _chinese(text: str) -> Counter[str]:
    return Counter(_HAN_DROPPED.sub("", _HAN_TAIL.sub("", text.strip())))
