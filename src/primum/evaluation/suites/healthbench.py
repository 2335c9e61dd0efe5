"""HealthBench (arXiv 2505.08775; reference code in openai/simple-evals).

    s = Σ points of met criteria / Σ positive points          of one example; it may be negative
    headline = clip(mean s, 0, 1)                             the mean is clipped, never the example

A tag's score is the same formula on the criteria that carry it (`axis:accuracy`, `level:example`), over the examples that have
positive points under the tag; on an example's tag (`theme:hedging`) it is the mean of the examples' whole scores. The mean is clipped
there too. Sums run in the order of the criteria, means are numpy's, as in the reference: the numbers are equal to the last bit.

Length-adjusted (2026): `s − λ·(characters − 2000)/500`, clipped last, for the example's whole score; a criterion tag has no adjusted
form and is left as it is (ours). Consensus: the criteria with the tag `level:cluster`, which are all positive.

An abstention on a positive criterion is between not met and met, on a negative one between met and not met. The interval is
`stats.mean` on the scale between the lowest score that the criteria of any example allow and 1; `reference` holds what the reference code
reports instead, the standard deviation of 1,000 clipped bootstrap means (`stats.resampling.reference_interval`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec.structs import replace

from primum.errors import InputError, SettingError
from primum.evaluation.suites.files import (
    HealthRow,
    Rule,
    VerdictRow,
    answer_digest,
    read_answer_rows,
    read_health_rows,
    read_verdict_rows,
)
from primum.evaluation.suites.lines import first_and_count
from primum.evaluation.suites.pairs import Options, checked_ids
from primum.evaluation.suites.result import Bounds, Item, Number, Result, average
from primum.stats.resampling import reference_interval

__all__ = [
    "CONSENSUS_TAG",
    "LENGTH_WEIGHTS",
    "Range",
    "criterion_tag_ranges",
    "example_range",
    "score_healthbench",
    "score_rows",
]

LENGTH_WEIGHTS: Final[Mapping[str, float]] = MappingProxyType({"regular": 0.0299, "hard": 0.0392, "consensus": 0.0020})
CONSENSUS_TAG: Final = "level:cluster"
_CLIP: Final[Bounds] = (0.0, 1.0)
_UNIT: Final = "conversation"


class Range(NamedTuple):
    """The score of an example at least and at most, and the ends that its criteria allow whatever the verdicts."""

    low: float
    high: float
    floor: float
    ceiling: float


def example_range(rules: Sequence[Rule], met: Sequence[bool | None]) -> Range | None:
    """The score of one example, `Σ met points / Σ positive points`; `None` when no points are positive.

    Points 5, 3, −4 with the first and the last met: (5 − 4) / 8 = 0.125; the second abstained: between 0.125 and (5 + 3 − 4) / 8 = 0.5.
    """
    possible = sum(rule.points for rule in rules if rule.points > 0)
    if possible == 0:
        return None
    said = list(zip(rules, met, strict=True))
    low = sum(rule.points for rule, one in said if one or (one is None and rule.points < 0))
    high = sum(rule.points for rule, one in said if one or (one is None and rule.points > 0))
    floor = sum(rule.points for rule in rules if rule.points < 0)
    return Range(low / possible, high / possible, floor / possible, 1.0)


def score_healthbench(data: Path, verdicts: Path, options: Options) -> Result:
    """Read the files and score them. Raises `InputError` for files that do not fit, `SettingError` for options that do not."""
    rows = read_health_rows(data)
    wanted = checked_ids(options.ids, [row.prompt_id for row in rows], data)
    given = read_verdict_rows(verdicts, rows, partial=options.partial, wanted=wanted)
    missing = len(wanted) - len(given)
    lengths = _lengths(rows, given, options)
    by_id = {row.prompt_id: row for row in rows}
    kept = [by_id[one.prompt_id] for one in given]
    if options.consensus:
        kept, given = _consensus(kept, given, data)
    weight = LENGTH_WEIGHTS[options.length_adjust] if options.length_adjust else 0.0
    penalties = {name: weight * (length - 2000) / 500 for name, length in lengths.items()} if weight else None
    return replace(score_rows(kept, given, penalties), missing=missing)


def score_rows(
    rows: Sequence[HealthRow], verdicts: Sequence[VerdictRow], penalties: Mapping[str, float] | None = None
) -> Result:
    """The scores of `verdicts`, one for each of `rows` in the same order; `penalties` by prompt are taken from an example's score."""
    whole: list[tuple[str, Range]] = []
    tagged: dict[str, list[tuple[str, Range]]] = {}
    for row, verdict in zip(rows, verdicts, strict=True):
        found = example_range(row.rubrics, verdict.met)
        assert found is not None, row.prompt_id  # the reader refuses rows without positive points
        adjusted = _adjusted(found, penalties[row.prompt_id]) if penalties is not None else found
        whole.append((row.prompt_id, adjusted))
        for tag, one in {**dict.fromkeys(row.example_tags, adjusted), **criterion_tag_ranges(row, verdict)}.items():
            tagged.setdefault(tag, []).append((row.prompt_id, one))
    decided = [one.low for _, one in whole if one.low == one.high]
    metrics = {}
    if penalties is not None:
        metrics["unadjusted"] = score_rows(rows, verdicts).score
    return Result(
        suite="healthbench",
        metric="length-adjusted score" if penalties is not None else "score",
        is_better_high=True,
        score=_number(whole),
        tags={tag: _number(tagged[tag]) for tag in sorted(tagged)},
        asked=sum(len(verdict.met) for verdict in verdicts),
        abstained=sum(one is None for verdict in verdicts for one in verdict.met),
        n=len(whole),
        decided=len(decided),
        metrics=metrics,
        reference={"bootstrap_standard_deviation": reference_interval(decided).standard_deviation} if decided else {},
        judge=verdicts[0].judge,
    )


def _number(ranges: Sequence[tuple[str, Range]]) -> Number:
    scale = min(one.floor for _, one in ranges), max(one.ceiling for _, one in ranges)
    return average([Item(one.low, one.high, name) for name, one in ranges], scale, _UNIT, _CLIP)


def criterion_tag_ranges(row: HealthRow, verdict: VerdictRow) -> dict[str, Range]:
    """The score of one example on the criteria of each of their tags that has positive points."""
    inside: dict[str, list[int]] = {}
    for place, rule in enumerate(row.rubrics):
        for tag in rule.tags:
            inside.setdefault(tag, []).append(place)
    found: dict[str, Range] = {}
    for tag, places in inside.items():
        one = example_range([row.rubrics[place] for place in places], [verdict.met[place] for place in places])
        if one is not None:
            found[tag] = one
    return found


def _adjusted(found: Range, penalty: float) -> Range:
    return Range(*(end - penalty for end in found))


def _lengths(rows: Sequence[HealthRow], verdicts: Sequence[VerdictRow], options: Options) -> dict[str, int]:
    """The characters of each answer judged, where the answers are given. Raises for an answer that is not the one judged."""
    if options.length_adjust is not None and options.length_adjust not in LENGTH_WEIGHTS:
        raise SettingError(
            f"--length-adjust {options.length_adjust}",
            "is not known",
            f"choose of {', '.join(LENGTH_WEIGHTS)}",
            "healthbench",
        )
    if options.answers is None:
        if options.length_adjust is not None:
            raise SettingError(
                "--length-adjust", "needs the answers for their length", "give --answers ANSWERS.jsonl", "healthbench"
            )
        return {}
    wanted = {verdict.prompt_id: verdict.answer for verdict in verdicts}
    answers = read_answer_rows(options.answers, rows, wanted=wanted)
    strange = [one.prompt_id for one in answers if wanted[one.prompt_id] not in ("", answer_digest(one.response))]
    if strange:
        raise InputError(
            f"the answer to {first_and_count(strange)}",
            "is not the text that was judged",
            "give the answers that the verdicts are about",
            str(options.answers),
        )
    return {one.prompt_id: len(one.response) for one in answers}


def _consensus(
    rows: Sequence[HealthRow], verdicts: Sequence[VerdictRow], data: Path
) -> tuple[list[HealthRow], list[VerdictRow]]:
    """The rows and verdicts cut to the consensus criteria. Raises `InputError` where there are none, or one is negative."""
    kept: list[HealthRow] = []
    cut: list[VerdictRow] = []
    for row, verdict in zip(rows, verdicts, strict=True):
        places = [place for place, rule in enumerate(row.rubrics) if CONSENSUS_TAG in rule.tags]
        rules = [row.rubrics[place] for place in places]
        if any(rule.points < 0 for rule in rules):
            raise InputError(
                f"prompt {row.prompt_id!r}",
                f"has a criterion {CONSENSUS_TAG} with negative points, and consensus criteria are positive",
                "mend its points or its tag",
                str(data),
            )
        if rules:
            kept.append(replace(row, rubrics=rules))
            cut.append(
                VerdictRow(prompt_id=row.prompt_id, met=[verdict.met[place] for place in places], judge=verdict.judge)
            )
    if not kept:
        raise InputError("the set", f"has no criteria {CONSENSUS_TAG}", "name a set that has them", str(data))
    return kept, cut
