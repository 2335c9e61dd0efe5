"""Pairs of judgements, before and after a change that should not matter, and what they say of the judge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from msgspec.structs import replace

from primum.ports import Assessment, Case
from primum.records import ByRule, Estimate, Met, NotMet, ProbeOutcome
from primum.stats import mean, paired_difference

__all__ = ["Pair", "Reading", "Subject", "agreement", "cluster_of", "outcome_of", "pair_up", "read", "with_answer"]

Subject = Literal["verdict", "stance"]
_VERSION = "1"
_STANCES = ("accept", "caution", "refuse")
_UNIT = "conversation"


class Reading(NamedTuple):
    """What a judge said of one thing: its word, and 1 for `met` or `accept`, 0 for another. An abstention is `None` instead."""

    word: str
    value: float


class Pair(NamedTuple):
    """One thing judged twice. `cluster` is the conversation it belongs to."""

    cluster: str
    before: Reading | None
    after: Reading | None


def read(assessment: Assessment, subject: Subject) -> list[Reading | None]:
    """The verdicts of an assessment in the order of the criteria, or its stance alone.

    What is not applicable, unusable or abstained from is no reading.
    """
    if subject == "stance":
        stance = assessment.judgement.stance
        return [Reading(stance, float(stance == "accept")) if stance in _STANCES else None]
    found: list[Reading | None] = []
    for verdict in assessment.verdicts:
        match verdict.outcome:
            case Met():
                found.append(Reading("met", 1.0))
            case NotMet():
                found.append(Reading("not met", 0.0))
            case _:
                found.append(None)
    return found


def cluster_of(case: Case) -> str:
    """The conversation a case belongs to: its group of near-duplicates where it is known."""
    return case.scenario.cluster or case.scenario.id


def with_answer(case: Case, text: str, probe: str) -> Case:
    """The case with another text for its answer, which says that a probe made it."""
    made = ByRule(rule=f"judging.probes.{probe}", version=_VERSION)
    return case._replace(response=replace(case.response, text=text, made=made, policy=None))


def pair_up(
    cases: Sequence[Case], before: Sequence[Assessment], after: Sequence[Assessment], subject: Subject
) -> list[Pair]:
    """A pair for each criterion (or stance) of each case."""
    return [
        Pair(cluster_of(case), *readings)
        for case, one, other in zip(cases, before, after, strict=True)
        for readings in zip(read(one, subject), read(other, subject), strict=True)
    ]


def outcome_of(probe: str, pairs: Sequence[Pair], note: str = "") -> ProbeOutcome:
    """What the pairs say. Pairs that were decided neither before nor after say nothing and are only counted in `n`.

    A pair decided on one side only is no part of the values of `changed` and `shift`; it widens their intervals by what it might have been.
    `abstained` is a share of the pairs that were decided before.
    """
    known = [pair for pair in pairs if pair.before is not None or pair.after is not None]
    changed = _changed(known)
    if changed is None:
        nothing = "the judge decided none of the pairs both before and after the change"
        return ProbeOutcome(probe=probe, n=len(pairs), abstained=_abstained(known), note=f"{nothing}. {note}".strip())
    shift = paired_difference(
        [pair.before.value if pair.before else None for pair in known],
        [pair.after.value if pair.after else None for pair in known],
        [pair.cluster for pair in known],
        _UNIT,
    )
    return ProbeOutcome(probe=probe, n=len(pairs), changed=changed, shift=shift, abstained=_abstained(known), note=note)


def agreement(pairs: Sequence[Pair]) -> Estimate | None:
    """The share of pairs with the same word on both sides, an abstention on one side widening the interval; `None` if none is decided."""
    known = [pair for pair in pairs if pair.before is not None or pair.after is not None]
    return mean(
        [float(one.before.word == one.after.word) if one.before and one.after else None for one in known],
        [pair.cluster for pair in known],
        _UNIT,
    )


def _changed(pairs: Sequence[Pair]) -> Estimate | None:
    words = [float(one.before.word != one.after.word) if one.before and one.after else None for one in pairs]
    return mean(words, [pair.cluster for pair in pairs], _UNIT)


def _abstained(pairs: Sequence[Pair]) -> Estimate | None:
    decided = [pair for pair in pairs if pair.before is not None]
    return mean([float(pair.after is None) for pair in decided], [pair.cluster for pair in decided], _UNIT)
