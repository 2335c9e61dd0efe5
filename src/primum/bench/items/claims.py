"""Options of choice questions out of one rule: what is right by it, what is wrong and why.

Right and wrong options are made from one pool of wordings. A duty is said by `must`, a ban by `not`, a leave by `may`; which of
them is right hangs on the rule alone. What could be argued is not made: that a duty may be done, that a ban may be kept.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from primum.bench.items import speech
from primum.bench.items.sayable import Saying
from primum.bench.items.sayable_en import is_agent
from primum.bench.items.speech import Words

__all__ = ["Option", "claims", "conduct"]


class Option(NamedTuple):
    """An option before it has a letter. `device` is how it was made, `marks` the wordings it shares with options
    of other rules; a `near` one differs from the rule in a detail only."""

    text: str
    is_right: bool
    reason: str
    device: str
    rule: Saying
    marks: tuple[str, ...] = ()

    @property
    def is_near(self) -> bool:
        return self.device in ("detail", "half", "feigned", "by_others", "narrowed", "excepted", "limited")


_RIGHT: Final[Mapping[str, tuple[str, ...]]] = {
    "blamed": ("blamed",),
    "obligation": ("must",),
    "prohibition": ("not",),
    "permission": ("may",),
}
_WRONG: Final[Mapping[str, tuple[str, ...]]] = {
    "blamed": ("excused",),
    "obligation": ("free", "narrowed"),
    "prohibition": ("may", "excepted"),
    "permission": ("not", "must", "limited"),
}


def claims(one: Saying, chance: random.Random) -> list[Option]:
    """Statements of the rule, right and wrong, in a drawn order."""
    words = speech.words(one.language)
    kind = "blamed" if speech.is_blamed(one) else one.modality
    right, wrong = _RIGHT[kind], _WRONG[kind]
    made = [_claim(one, form, wording, True, words, chance) for form in right for wording in _worded(one, form, words)]
    made += [
        _claim(one, form, wording, False, words, chance) for form in wrong for wording in _worded(one, form, words)
    ]
    changed = _changed(one, words)
    if changed:
        act, old, new = changed
        reason = words.reasons["detail"].format(old=old, new=new, q=speech.rule(one))
        # Only where the act is affirmed: “must not fail to act within a month” still holds of who must act at once.
        for wording in _worded(one, right[0], words):
            if "{n}" not in wording and "{m}" not in wording:
                text, marks = _said(one, wording, act, chance)
                made.append(Option(text, False, reason, "detail", one, (*marks, new)))
    made = [option for option in made if option.text]
    chance.shuffle(made)
    return made


def _worded(one: Saying, form: str, words: Words) -> list[str]:
    """The wordings of a form; who must answer for an act is said only where the norm says what follows."""
    decides = one.language == "zh" or is_agent(one.who)
    return [
        wording
        for wording in words.claims[form]
        if (one.is_punished or not re.search(words.answerable, wording))
        and (decides or not re.search(words.deciding, wording))
    ]


def _claim(one: Saying, form: str, wording: str, is_right: bool, words: Words, chance: random.Random) -> Option:
    reason = words.reasons["right" if is_right else form].format(q=speech.rule(one))
    text, marks = _said(one, wording, one.act, chance)
    return Option(text, is_right, reason, form, one, marks)


def _said(one: Saying, wording: str, act: str, chance: random.Random) -> tuple[str, tuple[str, ...]]:
    excuses = speech.fitting(one, wording)
    if not excuses:
        return "", ()
    excuse = chance.choice(excuses)
    return speech.fitted(one, wording, act, excuse), (wording, excuse) if "{e}" in wording else (wording,)


def _changed(one: Saying, words: Words) -> tuple[str, str, str] | None:
    """The act with one detail changed, the detail and what took its place; only where the rule is a duty or a leave to act."""
    if one.modality == "prohibition" or one.nature == "omission":
        return None
    return speech.changed(one.act, words)


def conduct(one: Saying, chance: random.Random) -> list[Option]:
    """What somebody does in the rule's case: right and wrong, in a drawn order. Nothing for a leave, a state or an omission."""
    if one.modality == "permission" or one.nature != "act" or not one.is_asked or speech.occasion(one) == "topic":
        return []
    words = speech.words(one.language)
    is_duty = one.modality == "obligation"
    made = _conducts(one, "does", is_duty, words, chance) + _conducts(one, "leaves", not is_duty, words, chance)
    made += _conducts(one, "feigned" if is_duty else "by_others", False, words, chance)
    changed = _changed(one, words)
    if changed and changed[1] != words.joined:
        act, old, new = changed
        reason = words.reasons["detail"].format(old=old, new=new, q=speech.rule(one))
        for wording in words.conduct["does"]:
            text, marks = _done(one, wording, act, True, words, chance)
            made.append(Option(text, False, reason, "detail", one, (*marks, new)))
    half = re.match(words.halves, one.act)
    if half and is_duty:
        reason = words.reasons["half"].format(q=speech.rule(one))
        text = speech.opened(words.half.format(first=half["first"], second=half["second"]), one.language)
        made.append(Option(text, False, reason, "half", one, (words.half,)))
    made = [option for option in made if option.text]
    chance.shuffle(made)
    return made


def _conducts(one: Saying, form: str, is_right: bool, words: Words, chance: random.Random) -> list[Option]:
    reason = words.reasons["right" if is_right else form].format(q=speech.rule(one))
    made = []
    for wording in words.conduct[form]:
        text, marks = _done(one, wording, speech.deed(one), is_right, words, chance)
        made.append(Option(text, is_right, reason, form, one, marks))
    return made


def _done(
    one: Saying, wording: str, act: str, is_right: bool, words: Words, chance: random.Random
) -> tuple[str, tuple[str, ...]]:
    """For what is right speaks a scruple and against it an excuse; for what is wrong the other way round."""
    excuses = speech.fitting(one, wording)
    if not excuses:
        return "", ()
    excuse, scruple = chance.choice(excuses), chance.choice(words.scruples)
    speaks_for, against = (scruple, excuse) if is_right else (excuse, scruple)
    said = [reason for slot, reason in (("{g}", speaks_for), ("{c}", against)) if slot in wording]
    text = speech.opened(wording.format(g=speaks_for, c=against, **speech.shapes(one, act)), one.language)
    return text, (wording, *said)
