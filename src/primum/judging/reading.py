"""What a chat model's reply says of an answer: a verdict on one criterion, a stance, or verdicts on several; or why it cannot be read.

Anything but exactly what was asked for is unreadable: another key, a key given twice, a second object, a number out of order, a word
that is no verdict. Nothing is guessed.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, cast

import msgspec

from primum.asking import Unreadable, cut_off, read_object
from primum.ports import Completion, Watched
from primum.records import Stance

__all__ = ["STANCES", "WATCHED", "Said", "read_one", "read_several", "read_stance"]

STANCES = ("accept", "caution", "refuse")
WATCHED = ("true", "false")

_MET = re.compile(r'"met"\s*:\s*(true|false|null)')
_STANCE = re.compile(r'"stance"\s*:\s*"\s*')


class Said(NamedTuple):
    """What a reply says of one thing: `met` (`None`: the model cannot tell) or a stance, why, and how probable that word was."""

    met: bool | None
    stance: Stance
    explanation: str
    probability: float | None


class _One(msgspec.Struct, forbid_unknown_fields=True):
    explanation: str
    met: bool | None


_one_decoder = msgspec.json.Decoder(_One)


def read_one(completion: Completion) -> tuple[Said, ...] | Unreadable:
    """The verdict on one criterion."""
    text = completion.text
    is_plain = completion.finish == "stop" and text.startswith("{") and "\\u" not in text
    if is_plain and text.count('"met"') == text.count('"explanation"') == 1:
        try:  # the plain case, ten times faster; each key stands there once, escaped ones too, so that no later one wins in silence
            plain = _one_decoder.decode(text)
            text.encode()
        except (msgspec.DecodeError, UnicodeEncodeError):
            pass
        else:
            return (Said(plain.met, "abstained", plain.explanation, _met_probability(completion, plain.met)),)
    found = cut_off(completion) or read_object(text)
    if isinstance(found, Unreadable):
        return found
    if set(found) != {"explanation", "met"}:
        return _other_keys(found, "explanation, met")
    fault = _fault(found)
    if fault is not None:
        return fault
    return (Said(found["met"], "abstained", found["explanation"], _met_probability(completion, found["met"])),)


def read_stance(completion: Completion) -> tuple[Said, ...] | Unreadable:
    """The stance of an answer."""
    found = cut_off(completion) or read_object(completion.text)
    if isinstance(found, Unreadable):
        return found
    if set(found) != {"explanation", "stance"}:
        return _other_keys(found, "explanation, stance")
    stance, explanation = found["stance"], found["explanation"]
    if not isinstance(stance, str) or stance.strip().lower() not in STANCES:
        return Unreadable(f"stance {str(stance)[:80]!r} is not one of {', '.join(STANCES)}")
    if not isinstance(explanation, str):
        return Unreadable(f"explanation {str(explanation)[:80]!r} is not text")
    word = stance.strip().lower()
    places = [match.end() for match in _STANCE.finditer(completion.text)]
    return (Said(None, cast(Stance, word), explanation, _probability(completion.watched, places[-1:], word)),)


def read_several(completion: Completion, count: int) -> tuple[Said, ...] | Unreadable:
    """The verdicts on `count` criteria, in their order."""
    found = cut_off(completion) or read_object(completion.text)
    if isinstance(found, Unreadable):
        return found
    if set(found) != {"criteria"}:
        return _other_keys(found, "criteria")
    entries = found["criteria"]
    if not isinstance(entries, list) or len(entries) != count:
        told = len(entries) if isinstance(entries, list) else type(entries).__name__
        return Unreadable(f"reply has {told} verdicts, {count} were asked for")
    places = [match.start(1) for match in _MET.finditer(completion.text)]
    said: list[Said] = []
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict) or set(entry) != {"number", "explanation", "met"}:
            return Unreadable(f"verdict {number} {str(entry)[:80]!r} has not the keys explanation, met, number")
        if type(entry["number"]) is not int or entry["number"] != number:
            return Unreadable(f"verdict {number} carries the number {str(entry['number'])[:20]!r}")
        fault = _fault(entry)
        if fault is not None:
            return fault
        # An explanation that quotes a verdict would shift the places: then there are no probabilities.
        place = places[number - 1 : number] if len(places) == count else []
        word = str(entry["met"]).lower()
        said.append(
            Said(entry["met"], "abstained", entry["explanation"], _probability(completion.watched, place, word))
        )
    return tuple(said)


def _other_keys(found: dict[str, Any], wanted: str) -> Unreadable:
    named = " ".join(", ".join(sorted(found)).split())[:80]  # a key may hold line breaks
    return Unreadable(f"reply has the keys {named}, not {wanted}")


def _fault(entry: dict[str, Any]) -> Unreadable | None:
    if entry["met"] is not None and not isinstance(entry["met"], bool):
        return Unreadable(f"met {str(entry['met'])[:80]!r} is none of true, false, null")
    if not isinstance(entry["explanation"], str):
        return Unreadable(f"explanation {str(entry['explanation'])[:80]!r} is not text")
    return None


def _met_probability(completion: Completion, met: bool | None) -> float | None:
    if not completion.watched or met is None:
        return None
    places = [match.start(1) for match in _MET.finditer(completion.text)]
    return _probability(completion.watched, places[-1:], str(met).lower())


def _probability(watched: tuple[Watched, ...], places: list[int], word: str) -> float | None:
    """The share of `word` among the watched words at its place; `None` where the server gave none there."""
    for token in watched:
        if token.start in places and token.chances.get(word):  # a chance may be too small for a float, and then it is 0
            return token.chances[word] / sum(token.chances.values())
    return None
