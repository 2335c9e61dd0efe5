"""How a rule is put into words: its subject and circumstance before a modal, its act as a deed, a detail of it changed."""

# ruff: noqa: E501 (patterns and lists of words)

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from primum.bench.items import options_en, options_zh, wording_en, wording_zh
from primum.bench.items.sayable import Saying
from primum.bench.items.sayable_en import CLAUSE
from primum.bench.items.sayable_zh import CIRCUMSTANCE, EVENT, is_plainly_wrong
from primum.bench.items.speakers import setting
from primum.records import Language

__all__ = [
    "Words",
    "case",
    "changed",
    "deed",
    "fitted",
    "fitting",
    "is_blamed",
    "occasion",
    "opened",
    "rule",
    "shapes",
    "softened",
    "stated",
    "words",
]


class Words(NamedTuple):
    """The wordings of a language (see `options_zh`)."""

    excuses: Mapping[str, Sequence[str]]
    denied: Mapping[str, tuple[str, str, str]]
    scruples: Sequence[str]
    claims: Mapping[str, Sequence[str]]
    conduct: Mapping[str, Sequence[str]]
    details: Sequence[tuple[re.Pattern[str], str]]
    numbers: Mapping[str, str]
    counted: re.Pattern[str]
    reasons: Mapping[str, str]
    rules: Mapping[str, str]
    asked: Mapping[str, Sequence[str]]
    soft: Sequence[tuple[re.Pattern[str], str]]
    deciding: str
    answerable: str
    joined: str
    halves: str
    half: str
    somebody: str
    surnames: tuple[str, ...]
    story_places: Sequence[str]


@cache
def words(language: Language) -> Words:
    told = options_zh if language == "zh" else options_en
    soft = wording_zh.SOFT if language == "zh" else wording_en.SOFT
    flags = re.NOFLAG if language == "zh" else re.I
    return Words(
        told.EXCUSES,
        told.DENIED,
        told.SCRUPLES,
        told.CLAIMS,
        told.CONDUCT,
        [(re.compile(pattern, flags), new) for pattern, new in told.DETAILS],
        told.NUMBERS,
        re.compile(told.COUNTED, flags),
        told.REASONS,
        told.RULE,
        told.ASKED,
        [(re.compile(pattern, flags), new) for pattern, new in soft],
        told.DECIDING,
        told.ANSWERABLE,
        told.JOINED,
        told.HALVES,
        told.HALF,
        told.SOMEBODY,
        told.SURNAMES,
        told.STORY_PLACES,
    )


def opening(one: Saying) -> str:
    """Circumstance and subject, as they stand before the modal."""
    if one.language == "en":
        return one.who or "anyone"
    who = "" if one.who and one.when and one.who in one.when else one.who
    parts = [f"{one.when.rstrip('，')}，" if one.when else "", who, f"{one.manner}，" if one.manner else ""]
    return "".join(parts)


def fitted(one: Saying, wording: str, act: str, excuse: str) -> str:
    """A claim in the words of `wording`; an English manner (`without consent`) goes to the end of the act."""
    if one.language == "en" and one.manner:
        act = f"{act} {one.manner}"
    text = wording.format(S=opening(one), e=excuse, **shapes(one, act))
    return opened(f"{one.when}, {text}" if one.language == "en" and one.when else text, one.language)


def shapes(one: Saying, act: str) -> dict[str, str]:
    """The act plain (`a`), after “not” (`n`, `m`) and as a thing (`q`): an act of several clauses is denied as a whole."""
    if one.language == "zh" and "，" not in act and one.modality == "obligation" and _HOW.match(act):
        # 不按要求立即报告, not 不立即报告: what is denied is the whole of it, not the haste.
        return {"a": act, "n": f"按要求{act}", "m": f"按要求{act}", "q": f"“{act}”"}
    if one.language == "en" or "，" not in act:
        return {"a": act, "n": act, "m": act, "q": f"“{act}”" if one.language == "zh" and len(act) > 8 else act}
    denied, without, thing = words(one.language).denied[one.modality]
    return {"a": act, "n": denied.format(a=act), "m": without.format(a=act), "q": thing.format(a=act)}


# How, when or where comes before what is done.
_HOW = re.compile(
    r"(?:在|于|自|以|从|通过|立即|及时|主动|如实|定期|每|先|当|经|就|为|同时|至少|逐|单独|妥善|统一)(?!上述)"
)


def opened(text: str, language: Language) -> str:
    if language == "zh":
        return text.replace("，，", "，").removesuffix("。")
    return text[:1].upper() + text[1:].rstrip(".")


def fitting(one: Saying, wording: str) -> Sequence[str]:
    """The excuses for `wording` that do not touch what the rule itself speaks of; none where the wording itself does."""
    where: Literal["home", "work"] = "home" if setting(one) == "home" else "work"
    if "因{e}而{a}" in wording and one.nature == "omission" and not re.match("未|不|拒|没有|逾期|怠于", one.act):
        return ()  # 因…而发现病情未通知 would give a reason for the finding
    if one.language == "en" and one.manner.startswith(("unless", "except")) and not wording.endswith("{a}"):
        return ()  # a second “if” after “unless” cannot be read
    said = f"{one.when}{one.manner}{one.act}"
    touched, excuses = _untouched(said, one.language, where)
    told = words(one.language)
    if one.modality == "permission":
        excuses = tuple(excuse for excuse in told.excuses["leave"] if not any(cue in excuse for cue in touched))
    elif one.modality == "prohibition" and one.nature != "omission":
        excuses = tuple(excuse for excuse in excuses if excuse not in told.excuses["duty"])
    if any(cue in wording for cue in touched) or (one.manner and any(cue in wording for cue in ("同意", "agrees"))):
        return ()
    return excuses


@lru_cache(maxsize=4096)
def _untouched(
    said: str, language: Language, where: Literal["home", "work"]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The touchy cues that stand in what a rule says, and the excuses that hold none of them."""
    touched = tuple(cue for cue in _TOUCHY if cue in said)
    excuses = words(language).excuses[where]
    return touched, tuple(excuse for excuse in excuses if not any(cue in excuse for cue in touched))


# What an excuse or a limit must not share with the rule, or it could be argued.
_TOUCHY = (
    "负责人", "人数", "费", "钱", "经费", "手续", "紧", "追究", "对方", "严重", "后果", "投诉", "要求", "批准", "同意", "上级", "情况紧急", "条件", "说明", "口头",
    "fee", "cost", "staff", "complain", "urgent", "emergency", "money", "in charge", "superior", "harm", "agree", "papers", "asks",
)  # fmt: skip


def deed(one: Saying) -> str:
    """The act with its manner, as it reads on from “to”: `在未经患者同意的情况下公开病历`."""
    if not one.manner:
        return one.act
    if one.language == "en":
        return f"{one.act} {one.manner}"
    return f"在{re.sub('^非经', '未经', one.manner)}的情况下{one.act}"


def rule(one: Saying) -> str:
    """What the rule asks, in one breath."""
    kind = "omission" if one.nature == "omission" else one.modality
    return fitted(one, words(one.language).rules[kind], one.act, "")


def stated(one: Saying) -> str:
    """What the rule asks and whose it is, as an explanation."""
    return words(one.language).asked["stated"][0].format(t=one.title, q=rule(one))


def is_blamed(one: Saying) -> bool:
    """Whether claims say who is to blame for it: an omission, or an act that names itself as wrong."""
    if one.nature == "omission":
        return True
    return one.language == "zh" and one.modality == "prohibition" and is_plainly_wrong(one.act)


def occasion(one: Saying) -> Literal["", "event", "at", "topic"]:
    """What the circumstance is: none, something that happens, a time or way (`在执业活动中`), or what the rule is about."""
    if not one.when:
        return ""
    if one.language == "en":
        return "event" if CLAUSE.match(one.when) else "at"
    if CIRCUMSTANCE.search(one.when) and not one.when.endswith("的"):
        return "at"
    return "event" if EVENT.search(one.when) else "topic"


def case(one: Saying) -> str:
    """The circumstance without the particle that opens or closes it."""
    if one.language == "en":
        return CLAUSE.sub("", one.when)
    return re.sub(r"(?:的|时|后|的时候|的情形|的情况)$", "", one.when.rstrip("，"))


def changed(act: str, told: Words) -> tuple[str, str, str] | None:
    """The act with its first detail changed that `told` knows of, the detail, and what took its place."""
    number = told.counted.search(act)
    if number and number["n"] in told.numbers:
        new = told.numbers[number["n"]]
        start, end = number.span("n")
        return act[:start] + new + act[end:], number.group(), new + number["unit"]
    for pattern, new in told.details:
        found = pattern.search(act)
        if found and found.group() != new:
            return act[: found.start()] + new + act[found.end() :], found.group().strip("，"), new.strip("，")
    return None


def softened(text: str, language: Language) -> str:
    """The words that name the act as wrong taken out or put mildly."""
    for pattern, new in words(language).soft:
        text = pattern.sub(new, text)
    return re.sub(r"[、，](?=[、，])|^[、，]", "", text) if language == "zh" else " ".join(text.split())
