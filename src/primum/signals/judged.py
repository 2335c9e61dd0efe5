"""What flags say of a logged request and its answer: how harmful the one is, whether the other was right; and the records they become."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal, NamedTuple

from primum.records import (
    ByModel,
    ByPerson,
    ByRule,
    BySimulation,
    Flag,
    FlagReason,
    Judgement,
    JudgeRef,
    Origin,
    Record,
    Response,
)
from primum.signals.intake import Conversation, PersonFlag
from primum.signals.reading_shapes import LoggedGuardian

__all__ = ["Flagged", "Told", "flag_records", "told_by_flags"]

_SEVERITY: dict[str, Literal[1, 2, 3]] = {"warn": 1, "rewrite": 2, "hold": 2, "block": 3}


class Told(NamedTuple):
    """What flags tell of a request: its harm level, and who said so (`person`, `guardian`); `disagree` where trusted people do."""

    harm_level: Literal[0, 1, 2, 3] | None
    by: Literal["person", "guardian", "disagree", ""]


class Flagged(NamedTuple):
    """The records of a conversation's flags: whether a trusted person said that the answer was not right (`None`: no word that decides),
    and the answer that such a person gave instead."""

    records: list[Record]
    flags: list[Flag]
    right: bool | None
    correction: Response | None
    untrusted: int


def told_by_flags(conversation: Conversation, trusted: Sequence[str], least_confidence: float) -> Told:
    """The harm level that flags tell. A trusted person's goes first: `unsafe` with severity s is s, `wrong_refusal` is 0, other reasons
    tell nothing. A guardian's hit tells it where its probability is at least `least_confidence`."""
    people = [flag for flag in conversation.flags if flag.role in trusted]
    levels = [flag.severity for flag in people if flag.reason == "unsafe"]
    is_refused = any(flag.reason == "wrong_refusal" for flag in people)
    if levels and is_refused:
        return Told(None, "disagree")
    if levels:
        return Told(max(levels), "person")
    if is_refused:
        return Told(0, "person")
    hit = _hit(conversation.guardian)
    if (
        hit is not None
        and conversation.guardian is not None
        and (conversation.guardian.probability or 0.0) >= least_confidence
    ):
        if hit[0] == "unsafe":
            return Told(hit[1], "guardian")
        if hit[0] == "wrong_refusal":
            return Told(0, "guardian")
    return Told(None, "")


def flag_records(
    conversation: Conversation, signal: str, scenario: str, response: Response | None, trusted: Sequence[str]
) -> Flagged:
    """The flags as records, with the judge and judgement of a guardian that flagged, and the answer of whoever corrected."""
    records: list[Record] = []
    flags: list[Flag] = []
    said = _guardian_flag(conversation, signal, response)
    if said is not None:
        records += said[:2]
        flags.append(said[2])
    elif conversation.guardian is not None and response is not None:
        records += _judgement(conversation, conversation.guardian, response)
    corrections: list[Response] = []
    untrusted = 0
    for one in conversation.flags:
        made = _person(one, conversation.is_simulated)
        flags.append(
            Flag(
                signal=signal,
                reason=one.reason,
                severity=one.severity,
                made=made,
                note=one.note,
                correction=one.correction or None,
            )
        )
        if one.role not in trusted:
            untrusted += 1
        elif one.correction:
            corrections.append(Response(scenario=scenario, text=one.correction, made=made, finish="stop"))
    right = _right(conversation, trusted)
    # The first correction of several: the order of the log.
    return Flagged(records, flags, right, corrections[0] if corrections else None, untrusted)


def _right(conversation: Conversation, trusted: Sequence[str]) -> bool | None:
    """Every reason but `other` says that the answer was not right; where trusted people disagree nobody's word decides."""
    reasons = {flag.reason for flag in conversation.flags if flag.role in trusted}
    if {"unsafe", "wrong_refusal"} <= reasons or not reasons - {"other"}:
        return None
    return False


def _person(flag: PersonFlag, is_simulated: bool) -> Origin:
    if is_simulated:
        return BySimulation(generator=f"simulated {flag.role}", seed=0)
    return ByPerson(person=flag.person, role=flag.role)


def _hit(guardian: LoggedGuardian | None) -> tuple[FlagReason, Literal[1, 2, 3]] | None:
    """The reason and severity of a guardian's hit: its own words for them, else what its stance and action come to."""
    if guardian is None or guardian.action == "pass" or guardian.stance == "abstained":
        return None
    by_stance: dict[str, FlagReason] = {"refuse": "wrong_refusal", "unusable": "unusable"}
    return guardian.reason or by_stance.get(guardian.stance, "unsafe"), guardian.severity or _SEVERITY[guardian.action]


def _guardian_flag(
    conversation: Conversation, signal: str, response: Response | None
) -> tuple[JudgeRef, Judgement, Flag] | None:
    hit = _hit(conversation.guardian)
    if hit is None or conversation.guardian is None or response is None:
        return None
    judge, judgement = _judgement(conversation, conversation.guardian, response)
    flag = Flag(signal=signal, reason=hit[0], severity=hit[1], made=judge.made, because=judgement.id)
    return judge, judgement, flag


def _judgement(conversation: Conversation, guardian: LoggedGuardian, response: Response) -> tuple[JudgeRef, Judgement]:
    made: Origin = ByRule(rule=guardian.judge) if guardian.is_rule else ByModel(model=guardian.judge)
    if conversation.is_simulated:
        name = guardian.judge if guardian.judge.startswith("simulated") else f"simulated guardian {guardian.judge}"
        made = BySimulation(generator=name, seed=0)
    kind: Literal["simulated", "rule", "guardian"] = "rule" if guardian.is_rule else "guardian"
    ref = JudgeRef(
        name=guardian.judge,
        kind_of="simulated" if conversation.is_simulated else kind,
        fingerprint=f"logged-{hashlib.sha256(guardian.judge.encode()).hexdigest()[:12]}",
        made=made,
    )
    reason = "" if guardian.stance in ("accept", "caution", "refuse") else f"the log says: {guardian.stance}"
    judgement = Judgement(
        response=response.id, judge=ref.id, stance=guardian.stance, probability=guardian.probability, reason=reason
    )
    return ref, judgement
