"""English rules that can be said alone."""

# ruff: noqa: E501 (patterns and lists of words)

from __future__ import annotations

import re
from typing import Literal

from primum.bench.items.said import Said
from primum.records import Deontic

__all__ = ["CLAUSE", "is_agent", "is_state", "read"]

# A circumstance that is a clause of its own; without its conjunction it is a sentence.
CLAUSE = re.compile(
    r"^(?:if|when|whenever|where|once|as soon as)\s+(?=(?:a|an|the|there|they|people|patients|someone|somebody|this|no|one|care|consent|[a-z]+s)\b)",
    re.I,
)

_LEANS = re.compile(
    r"\b(?:paragraphs?|subsections?|sections?|articles?|clauses?|thereof|hereof|aforesaid|foregoing|pursuant|referred|apart from|other than"
    r"|this (?:act|code|law|rule|regulation|standard|chapter|statute)|such|following|above|below|aforementioned|provided that|the same)\b|[:“”\"]",
    re.I,
)
_LEANING_WORD = re.compile(
    r"^(?:it|they|them|this|that|these|those|also|only|not|he|she|and|or|but|so|then|each)\b", re.I
)
_STATE = re.compile(
    r"^(?:be(?!\s+(?:honest|told)\b)|been|have|has|remain|apply|include|exceed|mean|respect|support|promote|strive|endeavou?r|uphold|seek|aim|act|continue|benefit)\b",
    re.I,
)
# What is done to a thing (`be processed`) can be said in a statement, however short.
_DONE_TO = re.compile(
    r"^be (?!source|able|likely)(?:\w+ly )?(?:\w{2,}(?:ed|en|wn)|given|put|done|told|kept|held|made|sold|voluntary)\b(?!.{180})",
    re.I,
)
_MODAL = re.compile(r"\b(?:must|shall|should|may not|need not|cannot)\b", re.I)
_POSSESSIVE = re.compile(r"\b(?:their|his or her|his|her|its|them|him)\b", re.I)
_ANYBODY = re.compile(
    r"^(?:nobody|no one|anyone|everyone|anybody|everybody|(?:a|an|any|every|each|all|no)?\s*(?:person|one|body|individual|people)s?)$",
    re.I,
)
_PRONOUN = re.compile(
    r"^(?:its|their|his|her|it|they|this|these|he|she|there|which|who|that|we|i|you|what|how)\b", re.I
)
_MANNER = re.compile(r"^(?:without|unless|except|other than)\b", re.I)
_NO_DEED = re.compile(
    r"^(?:the|a|an|any|how|what|that|its|their|each|all|no|if|when|whether|why|in|of|on|for|to|by|at|with|from|as)\b|\bone that\b",
    re.I,
)
# Too general to be one step that somebody could ask to leave out.
_LEANING_CASE = re.compile(
    r"^(?:if|when|where|unless|once|before|after)\s+(?:it|they|he|she|this|that|these|those)\b|\bdo(?:es)? so\b|\bthen$",
    re.I,
)
_VAGUE = re.compile(
    r"^(?:give competent|take part|keep learning|answer for|put|work|weigh|consider|ensure|act|serve|show that|make sure|be)\b",
    re.I,
)
_AGENT = re.compile(
    r"\b(?:\w{2,}(?:ian|or|er|ist|ee)s?|nurses?|staff|persons?|people|patients?|plans?|hospitals?|clinics?|institutions?|professionals?|members?|compan(?:y|ies)|pharmac\w+"
    r"|organi[sz]ations?|associates?|bod(?:y|ies)|everyone|anyone|individuals?|relatives?|users?|teams?|facilit(?:y|ies)|sponsors?|midwi(?:fe|ves)|students?|famil(?:y|ies)|those|guardians?|parents?)$",
    re.I,
)
# Words that end like somebody who acts.
_THING = re.compile(
    r"\b(?:letters?|orders?|papers?|matters?|numbers?|registers?|transfers?|cent(?:re|er)s?|recorders?|carriers?|answers?|powers?|disorders?|computers?|folders?|containers?|list|test|request|interest|cost|factors?)$",
    re.I,
)
_CIRCUMSTANCE = re.compile(
    r"^(?:if|when|whenever|where|while|in|during|before|after|on|upon|at|as soon as|for|as long as|once|until|with|to|by|even)\b",
    re.I,
)


def read(modality: Deontic, subject: str, condition: str, act: str, consequence: str) -> Said | str:
    """The words that stand alone, or why there are none."""
    who, when, deed = (" ".join(text.split()).strip(" ,.;:") for text in (subject, condition, act))
    if _ANYBODY.match(who):
        who = ""
    who = re.sub(r"^no\s+", "a ", who, flags=re.I)
    if who and (_LEANS.search(who) or _PRONOUN.match(who) or len(who) > 90 or re.search(r", and\b|;", who)):
        return "subject leans on another provision or is no agent"
    deed = re.sub(r"[,;]?\s+(?:and|or|but)$", "", deed)
    fault = _fault(deed)
    if fault:
        return fault
    if when and (
        _LEANS.search(when)
        or _LEANING_CASE.search(when)
        or _MODAL.search(when)
        or len(when) > 130
        or (not _CIRCUMSTANCE.match(when) and not _MANNER.match(when))
    ):
        return "condition leans on another provision or is too long"
    if not when and re.match(r"[a-z]+(?: [a-z]+)? (?:it|this|that)\b(?! (?:is|was|a|the))", deed):
        return "act leans on a word before it"
    owned = _POSSESSIVE.search(deed)
    if (
        owned
        and not who
        and not re.search(
            r"\b(?:persons?|patients?|people|child(?:ren)?|participants?|donors?)\b", deed[: owned.start()]
        )
    ):
        return "act leans on a word before it"
    if not who and not when and modality != "prohibition":
        return "neither subject nor circumstance says whose duty it is"
    manner = ""
    if _MANNER.match(when):
        when, manner = "", when
    nature: Literal["act", "state"] = "state" if _STATE.match(deed) else "act"
    if nature == "state" and modality == "prohibition" and not _DONE_TO.match(deed):
        return "act is a bound or a state, nothing that is done"
    is_asked = (
        nature == "act"
        and not _VAGUE.match(deed)
        and len(deed) <= 150
        and not is_state(who)
        and not re.match("unless|except|other", manner, re.I)
    )
    is_asked = is_asked and is_agent(who) and not re.match(r"\w+ (?:their|its|his|her)\b", deed)
    return Said(_low(who), _low(when), _low(manner), deed, nature, is_asked)


def _low(text: str) -> str:
    """The text as it stands inside a sentence: an acronym keeps its capitals."""
    first = text.split(" ")[0]
    return text if len(first) > 1 and not first[1:].islower() else text[:1].lower() + text[1:]


def is_agent(who: str) -> bool:
    """Whether the subject is somebody who can decide to do a thing."""
    head = re.split(r"\s(?:of|with|in|at|to|who|whom|that|for|from|under|concerned)\b", who)[0]
    return not who or bool(_AGENT.search(head) and not _THING.search(head))


def _fault(deed: str) -> str:
    if not _DONE_TO.match(deed) and (not 10 <= len(deed) <= 190 or len(deed.split()) < 3):
        return "act is too short to be understood alone, or too long to be read"
    if _LEANS.search(deed):
        return "act leans on another provision"
    if _MODAL.search(deed):
        return "act holds a second rule"
    if (
        _LEANING_WORD.match(deed)
        or re.search(r"\b(?:why|whether|how|where) (?:it|they)\b", deed)
        or not re.match(r"[a-z]+\b", deed)
    ):
        return "act leans on a word before it"
    if _NO_DEED.search(deed) or re.match(r"(?!focus)[a-z]+[^s\W]s\b", deed):
        return "act is no deed"
    if deed.count("(") != deed.count(")") or deed.endswith((" to", " of", " the", " a", " by", " for")):
        return "act is broken off"
    return ""


def is_state(who: str) -> bool:
    """Whether the subject is an organ of the state."""
    return bool(
        re.search(
            r"\b(?:court|minist(?:er|ry)|authorit(?:y|ies)|governments?|states?|parties|council|parliament)\b",
            who,
            re.I,
        )
    )
