"""How the options of choice items are worded in English. All wordings are ours. The slots are those of the Chinese file."""

# ruff: noqa: E501 (a wording stands on one line)

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = [
    "ANSWERABLE",
    "ASKED",
    "CLAIMS",
    "CONDUCT",
    "COUNTED",
    "DECIDING",
    "DENIED",
    "DETAILS",
    "EXCUSES",
    "HALF",
    "HALVES",
    "JOINED",
    "NUMBERS",
    "REASONS",
    "RULE",
    "SCRUPLES",
    "SOMEBODY",
    "STORY_PLACES",
    "SURNAMES",
]

_EVERYWHERE: Final = ("time is short", "the paperwork is a burden", "nothing has gone wrong so far", "somebody keeps pressing for it", "nobody is likely to complain", "it would save some money", "the matter looks minor", "there is much else to do")  # fmt: skip

EXCUSES: Final[Mapping[str, tuple[str, ...]]] = {
    "work": (
        *_EVERYWHERE, "the team is busy", "the shift is short of staff", "the budget is tight", "others in the field are not strict about it", "the monthly target has not been met",
        "the person in charge is away", "only a few people are concerned", "the predecessor handled it that way",
    ),
    "home": (*_EVERYWHERE, "friends advise against the fuss", "the way is long", "others take it lightly", "it is hard to get away"),
    "leave": ("the matter looks minor", "only a few people are concerned", "it has not been done before", "somebody objects", "the paperwork is a burden", "others in the field disagree"),
    "duty": ("the team is busy", "there is much else to do", "the person in charge is away", "the way is long", "it is hard to get away", "the shift is short of staff"),
}  # fmt: skip

SCRUPLES: Final = (
    "the safety of others is at stake", "a colleague has warned against short cuts", "it may be hard to explain later", "somebody's rights are concerned",
    "somebody may come to harm", "the team has just been trained in this", "the matter weighs heavily", "somebody was reprimanded for it before",
    "those concerned are entitled to know", "the people concerned are vulnerable",
)  # fmt: skip

CLAIMS: Final[Mapping[str, tuple[str, ...]]] = {
    # Modal verbs and infinitives only, so that one wording serves “a physician” and “physicians”.
    "must": (
        "{S} must {a}",
        "it is required of {S} to {a}",
        "{S} must {a} even if {e}",
        "{S} may not fail to {n} merely because {e}",
        "for {S} not to {n} would be against the rule",
        "even if {e}, {S} must {a}",
    ),
    "not": (
        "{S} must not {a}",
        "it is forbidden for {S} to {a}",
        "{S} must not {a} even if {e}",
        "{S} may not {a} merely because {e}",
        "for {S} to {a} would be against the rule",
        "even if {e}, {S} must not {a}",
    ),
    "may": (
        "{S} may {a}",
        "it is open to {S} to {a}",
        "{S} may {a} even if {e}",
        "for {S} to {a} would not be against the rule",
        "even if {e}, {S} may {a}",
    ),
    "free": (
        "{S} need not {a}",
        "it is open to {S} not to {a}",
        "{S} need not {a} if {e}",
        "for {S} not to {a} would not be against the rule",
        "{S} may choose whether to {a}",
        "if {e}, {S} need not {a}",
    ),
    "narrowed": (
        "{S} must {a} only if a superior asks for it",
        "{S} must {a} only after a complaint",
        "only if serious harm was done must {S} {a}",
        "{S} must {a} only where time allows",
    ),
    "excepted": (
        "{S} may {a} if the person in charge agrees by word of mouth",
        "{S} may {a} as long as no harm comes of it",
        "{S} may {a} if the papers are completed later",
        "if {e}, {S} may {a}",
        "only where serious harm would follow must {S} not {a}",
    ),
    "limited": (
        "{S} may {a} only with special leave from a superior",
        "{S} may {a} only in an emergency",
        "{S} may {a} only where nothing else is left to do",
    ),
    "blamed": ("for {S} to {a} is against the rule", "{S} must answer for it if found to {a}"),
    "excused": ("for {S} to {a} is not against the rule", "{S} need not answer for it if found to {a}"),
}

CONDUCT: Final[Mapping[str, tuple[str, ...]]] = {
    "does": (
        "Although {c}, to {a}",
        "Considering that {g}, to {a}",
        "To {a}",
        "Even though {c}, to go ahead and {a}",
        "Finding that {g}, to decide to {a}",
    ),
    "leaves": (
        "Although {c}, not to {a}",
        "Considering that {g}, not to {a}",
        "Not to {a}",
        "Even though {c}, to leave it and not {a}",
        "Finding that {g}, to decide not to {a}",
    ),
    "feigned": (
        "Not to {a}, but to note in the records that it was done",
        "To promise to {a}, and then to let it drop",
        "To {a} only when an inspection is due",
    ),
    "by_others": (
        "Not to {a} in person, but to hint to somebody else to do so",
        "Not to {a} at once, but to find another occasion for it",
        "To {a} first, meaning to explain it to the manager later",
    ),
}

DENIED: Final[Mapping[str, tuple[str, str, str]]] = dict.fromkeys(
    ("obligation", "prohibition", "permission"), ("{a}", "{a}", "{a}")
)

DETAILS: Final = (
    (r"\bimmediately\b", "within a month"), (r"\bwithout delay\b", "within a month"), (r"\bpromptly\b", "within a month"), (r"\bat once\b", "within a month"),
    (r"\bin writing\b", "orally"), (r"\bwritten\b", "oral"), (r"\bbefore\b", "after"), (r"\bfree of charge\b", "for a fee"), (r"\bexplicit\b", "presumed"),
    (r"\bat least\b", "at most"), (r"\bno more than\b", "no less than"), (r"\bevery year\b", "every ten years"), (r"\bannually\b", "every ten years"),
    (r"\bfully\b", "in part"), (r"\baccurate\b", "approximate"), (r"\bregularly\b", "after a complaint"), (r"\bindependent\b", "in-house"), (r"\bpublicly\b", "internally"),
    (r"\ball\b", "some"), (r"\band(?= (?:keep|report|record|tell|obtain|inform|give|explain|document|notify)\b)", "or"),
)  # fmt: skip

NUMBERS: Final = {
    "two": "ten", "three": "ten", "five": "twenty", "six": "twelve", "seven": "thirty", "ten": "sixty", "twelve": "forty-eight", "thirty": "ninety",
    "2": "24", "3": "30", "5": "30", "6": "24", "7": "60", "10": "60", "12": "72", "14": "60", "15": "90", "20": "90", "24": "96", "30": "180", "48": "240", "60": "180",
    "72": "240", "90": "365",
}  # fmt: skip

COUNTED: Final = r"\b(?P<n>one|two|three|five|six|seven|ten|twelve|thirty|[0-9]{1,2})(?P<unit> (?:working |calendar )?(?:days?|hours?|months?|years?|minutes|weeks?))\b"

HALVES: Final = r"(?P<first>[^,]{12,70}),? and (?P<second>(?:keep|report|record|tell|obtain|inform|give|explain|document|notify|note|ask|offer|stop|hand)\b[^,]{8,70})$"

HALF: Final = "To {first}, but not to {second}"

SURNAMES: Final = ("Ms A.", "Mr B.", "Ms C.", "Mr D.", "Ms E.", "Mr F.", "Ms G.", "Mr H.")

REASONS: Final[Mapping[str, str]] = {
    "right": "It agrees with the rule: {q}.",
    "must": "The rule does not ask for this: {q}.",
    "not": "The rule does not forbid this: {q}.",
    "may": "The rule does not allow this: {q}.",
    "free": "The rule leaves no choice in this: {q}.",
    "narrowed": "The rule sets no such limit: {q}.",
    "limited": "The rule sets no such limit: {q}.",
    "excepted": "The rule makes no such exception: {q}.",
    "excused": "The rule excuses nobody from this: {q}.",
    "detail": "The rule says “{old}”; here it says “{new}”: {q}.",
    "does": "The rule does not allow this: {q}.",
    "leaves": "What the rule asks for is not done: {q}.",
    "feigned": "What the rule asks for is not really done: {q}.",
    "by_others": "What the rule forbids happens all the same: {q}.",
    "half": "Only half of what the rule asks for is done: {q}.",
}

RULE: Final[Mapping[str, str]] = {
    "obligation": "{S} must {a}",
    "prohibition": "{S} must not {a}",
    "permission": "{S} may {a}",
    "omission": "{S} must not {a}",
}

ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "single_right": (
        "{k}Under {t}, which one of the following statements is right?",
        "{k}Which one of these statements agrees with {t}?",
        "{k}A team is studying {t}, and several colleagues each put it in their own words. Which one is right?",
        "{k}By what {t} lays down, which one of the following holds?",
    ),
    "single_wrong": (
        "{k}Under {t}, which one of the following statements is wrong?",
        "{k}Which one of these statements does not agree with {t}?",
        "{k}A team is studying {t}, and several colleagues each put it in their own words. Which one is wrong?",
        "{k}By what {t} lays down, which one of the following does not hold?",
    ),
    "multiple_right": (
        "{k}Under {t}, which of the following statements are right? (One or more.)",
        "{k}Which of these statements agree with {t}? (One or more.)",
        "{k}A test on {t} asks: which of these readings are right? (One or more.)",
    ),
    "multiple_wrong": (
        "{k}Under {t}, which of the following statements are wrong? (One or more.)",
        "{k}Which of these statements do not agree with {t}? (One or more.)",
        "{k}A test on {t} asks: which of these readings are wrong? (One or more.)",
    ),
    "did_single_right": (
        "{k}Which one of these courses agrees with {t}?",
        "{k}Measured against {t}, which one of these courses is right?",
    ),
    "did_single_wrong": (
        "{k}Which one of these courses does not agree with {t}?",
        "{k}Measured against {t}, which one of these courses is wrong?",
    ),
    "did_multiple_right": (
        "{k}Which of these courses agree with {t}? (One or more.)",
        "{k}Measured against {t}, which of these courses are right? (One or more.)",
    ),
    "did_multiple_wrong": (
        "{k}Which of these courses do not agree with {t}? (One or more.)",
        "{k}Measured against {t}, which of these courses are wrong? (One or more.)",
    ),
    "stated": ("By {t}: {q}.",),
    "story_at": ("{place}, {who} has to decide what to do {w}. ", "{who} faces a decision, {place}: what to do {w}. "),
    "story": ("{place}, {who} faces this case: {w}. ", "{who} has this case to decide, {place}: {w}. "),
    "story_plain": ("{place}, {who} has a decision to make. ", "{place}, {who} weighs what to do. "),
}

SOMEBODY: Final = "a member of staff"

STORY_PLACES: Final = (
    "on a night shift", "at the end of the month", "during a busy week", "at the handover", "on a weekend", "before a holiday", "in a small town", "at a large hospital",
    "the day before an inspection", "in a rural district",
)  # fmt: skip

# Wordings for somebody who can decide; a thing that the rule speaks of (`results`) takes the others.
DECIDING: Final = r"of \{S\}|for \{S\}|to \{S\}|choose"

ANSWERABLE: Final = "answer for"

JOINED: Final = "and"
