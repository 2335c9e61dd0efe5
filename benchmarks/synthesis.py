"""How right the profile classifier is, how quickly Huatuo questions get rubrics, and how far synthesised rubrics reach hand-written ones.

    python benchmarks/synthesis.py --data DATA       (or set PRIMUM_DATA)
    python benchmarks/synthesis.py --data DATA --train     trains the shipped classifier again, into its folder, with equal bytes

- Profiles: cross-validation on our own queries (no near-duplicate crosses a fold), 200 open queries labelled by one reader before any
  classifier was trained (`gold/profiles.jsonl`: line and digest, no text), and the profiles of the hand-written cases.
- Speed: all Huatuo questions sorted, joined and given rubrics, from principles distilled of rubrics drafted of the open sets.
- Against 60 hand-written cases: the share of hand-written criteria that the synthesised rubric covers (`covering.py`), and by case the
  rank correlation of the scores that both rubrics give to 8 answers. The hand-written rubric is scored by the truth in its file, the
  synthesised one by the hand-written rules that judge criteria; where those abstain, the midpoint of the bounds is taken. As a floor, both
  are also measured with the rubric synthesised for the next case of the same language; as a ceiling of the judge, the hand-written rubric
  is judged by the same rules. Intervals by bootstrap over cases. The open
  English questions are those of lay people in no hurry; `cases_with_ours` adds rubrics drafted for the labelled queries of our own, which
  have no answers but every kind of profile.

The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import random
import resource
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from covering import THRESHOLD, covered_share
from primum.grading import grade, grade_outcomes
from primum.judging.criteria import CriterionRules
from primum.ports import Case
from primum.records import (
    ByImport,
    Criterion,
    Estimate,
    Language,
    Met,
    NotMet,
    Principle,
    Profile,
    Response,
    Rubric,
    Scenario,
    Turn,
)
from primum.rubrics.distil import Source, distil
from primum.rubrics.draft import Drafted
from primum.rubrics.drafting import draft_rubric
from primum.rubrics.profiles import agreement, shipped_classifier, shipped_folder, train_shipped
from primum.rubrics.profiles.shipped import our_examples
from primum.rubrics.synthesis import Pool, synthesise

GOLD = Path(__file__).parent / "gold"
_RESAMPLES = 2000
VARIANTS = ("synthesised", "by_true_profile", "next_case", "hand_written_judged")


class Hand(NamedTuple):
    """A hand-written case: its query, its criteria with their truth for each of its answers."""

    scenario: Scenario
    profile: dict[str, str]
    criteria: tuple[Criterion, ...]
    answers: tuple[str, ...]
    met: tuple[tuple[bool, ...], ...]


def scenario_of(text: str, language: Language, dataset: str, row: str, reference: str | None = None) -> Scenario:
    return Scenario(
        messages=(Turn(role="user", content=text),),
        task="open",
        dimension="medical_question",
        language=language,
        dataset=dataset,
        made=ByImport(dataset=dataset, row=row),
        reference=reference,
    )


def open_queries(data: Path) -> dict[str, list[Scenario]]:
    """The questions of Huatuo and MedQuAD with their answers."""
    files: list[tuple[str, Path, Language]] = [
        ("huatuo", data / "huatuo" / "questions.jsonl", "zh"),
        ("medquad", data / "medquad" / "qa.jsonl", "en"),
    ]
    return {
        name: [
            scenario_of(row["question"], language, name, str(number), row["answer"] or None)
            for number, row in enumerate(map(json.loads, path.read_text("utf-8").splitlines()), 1)
        ]
        for name, path, language in files
    }


def profile_figures(opened: Mapping[str, list[Scenario]], hands: Sequence[Hand]) -> dict[str, Any]:
    """How right the shipped classifier is, by dimension, on what it was not trained on."""
    rows = [json.loads(line) for line in (GOLD / "profiles.jsonl").read_text("utf-8").splitlines()]
    found: dict[str, Any] = json.loads((shipped_folder() / "figures.json").read_text("utf-8"))["cross_validated"]
    told = {"cross_validated": found["accuracy"], "cross_validated_by_language": found["by_language"]}
    for name in ("huatuo", "medquad"):
        kept = [row for row in rows if row["set"] == name]
        queries = [opened[name][row["line"] - 1] for row in kept]
        for row, query in zip(kept, queries, strict=True):
            if hashlib.sha256(query.prompt.encode()).hexdigest()[:16] != row["sha256"]:
                raise SystemExit(f"line {row['line']} of {name} is not the one that was labelled")
        said = [one.values for one in shipped_classifier().classify(queries)]
        told[name] = shares(agreement(said, [row["values"] for row in kept]))
    for language in ("zh", "en"):
        own = [hand for hand in hands if hand.scenario.language == language]
        said = [one.values for one in shipped_classifier().classify([hand.scenario for hand in own])]
        told[f"cases_{language}"] = shares(agreement(said, [hand.profile for hand in own]))
    return told


def shares(found: Mapping[str, Estimate]) -> dict[str, list[float]]:
    return {name: [round(one.value, 3), round(one.low, 3), round(one.high, 3)] for name, one in found.items()}


def distilled(
    opened: Mapping[str, list[Scenario]], rows: int, with_ours: bool = False
) -> tuple[list[Principle], dict[str, Any]]:
    """Principles distilled from rubrics drafted by rule of `rows` open questions with answers; with those of our own queries, if wanted."""
    queries = [one for name in sorted(opened) for one in opened[name] if one.reference]
    random.Random(0).shuffle(queries)
    queries = queries[:rows]
    cases = [(one, found.values) for one, found in zip(queries, shipped_classifier().classify(queries), strict=True)]
    cases += [(one, dict(values)) for one, values in our_examples()] if with_ours else []
    sources: list[Source] = []
    for query, values in cases:
        drafted = draft_rubric(query, (), profile=values)
        if drafted is not None:
            sources += [Source(one, values, drafted.rubric.id) for one in drafted.criteria]
    principles = list(distil(sources).principles)
    return principles, {"queries": len(cases), "criteria": len(sources), "principles": len(principles)}


def timed(queries: Sequence[Scenario], principles: Sequence[Principle]) -> dict[str, Any]:
    """Seconds to sort all queries and give each a rubric, the pool's own work included."""
    began = time.perf_counter()
    profiles = shipped_classifier().classify(queries)
    sorted_at = time.perf_counter()
    pool = Pool(principles)
    made = [synthesise(query, profile, pool) for query, profile in zip(queries, profiles, strict=True)]
    ended = time.perf_counter()
    drafted = [one for one in made if one is not None]
    return {
        "queries": len(queries),
        "without_rubric": len(made) - len(drafted),
        "criteria_per_rubric": round(sum(len(one.criteria) for one in drafted) / max(len(drafted), 1), 2),
        "with_safety": sum(any(c.kind_of == "safety" for c in one.criteria) for one in drafted),
        "sort_s": round(sorted_at - began, 2),
        "rubrics_s": round(ended - sorted_at, 2),
        "all_s": round(ended - began, 2),
        "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
    }


def hand_cases() -> list[Hand]:
    return [
        _hand(json.loads(line), language)
        for language in ("zh", "en")
        for line in (GOLD / "rubrics" / f"{language}.jsonl").read_text("utf-8").splitlines()
    ]


def _hand(row: dict[str, Any], language: Language) -> Hand:
    made = ByImport(dataset="gold", row=row["id"])
    criteria = tuple(
        Criterion(
            statement=one["statement"],
            points=one["points"],
            axis=one.get("axis", "accuracy"),
            kind_of=one["kind"],
            language=language,
            made=made,
        )
        for one in row["criteria"]
    )
    answers = tuple(one["text"] for one in row["answers"])
    met = tuple(tuple(one["met"]) for one in row["answers"])
    return Hand(scenario_of(row["query"], language, "gold", row["id"]), row["profile"], criteria, answers, met)


def compared(hands: Sequence[Hand], principles: Sequence[Principle]) -> dict[str, Any]:
    """Coverage and rank correlation, by language and together, with the rubrics of the next case as a floor."""
    pool = Pool(principles)
    profiles = shipped_classifier().classify([hand.scenario for hand in hands])
    rubrics = [synthesise(hand.scenario, profile, pool) for hand, profile in zip(hands, profiles, strict=True)]
    given = [
        synthesise(hand.scenario, Profile(scenario=hand.scenario.id, values=hand.profile, made=one.made), pool)
        for hand, one in zip(hands, profiles, strict=True)
    ]
    told: dict[str, Any] = {"threshold": THRESHOLD, "without_rubric": sum(one is None for one in rubrics)}
    own_rubrics: list[Drafted | None] = [_as_rubric(hand) for hand in hands]
    variants = (rubrics, given, _next(hands, rubrics), own_rubrics)
    for name, found in zip(VARIANTS, variants, strict=True):
        told[name] = {}
        for part in ("all", "zh", "en"):
            places = [place for place, hand in enumerate(hands) if part in ("all", hand.scenario.language)]
            own = [(hands[place], found[place]) for place in places]
            told[name][part] = {
                "covered": interval([_coverage(hand, rubric) for hand, rubric in own]),
                **_correlations(own),
            }
    return told


def _as_rubric(hand: Hand) -> Drafted:
    """The hand-written rubric itself: judged by the rules it shows what the judge alone loses."""
    names = tuple(dict.fromkeys(one.id for one in hand.criteria))
    return Drafted(Rubric(scenario=hand.scenario.id, criteria=names, made=hand.scenario.made), hand.criteria)


def _next(hands: Sequence[Hand], rubrics: Sequence[Drafted | None]) -> list[Drafted | None]:
    """For each case the rubric of the next one in its language, around the end."""
    found: list[Drafted | None] = []
    for place, hand in enumerate(hands):
        own = [number for number, other in enumerate(hands) if other.scenario.language == hand.scenario.language]
        found.append(rubrics[own[(own.index(place) + 1) % len(own)]])
    return found


def _coverage(hand: Hand, rubric: Drafted | None) -> float:
    statements = [] if rubric is None else [one.statement for one in rubric.criteria]
    covered = covered_share([one.statement for one in hand.criteria], statements, hand.scenario.language)
    return sum(covered) / len(covered)


def _correlations(cases: Sequence[tuple[Hand, Drafted | None]]) -> dict[str, Any]:
    from scipy.stats import kendalltau, spearmanr

    judge = CriterionRules()
    spearman: list[float] = []
    kendall: list[float] = []
    flat = abstained = verdicts = 0
    for hand, rubric in cases:
        if rubric is None:
            flat += 1
            continue
        true = [_middle(grade_outcomes(hand.criteria, [Met() if one else NotMet() for one in met])) for met in hand.met]
        assessed = judge.judge([Case(hand.scenario, _response(hand, text), rubric.criteria) for text in hand.answers])
        given = [_middle(grade(rubric.criteria, one.verdicts, one.judgement.stance)) for one in assessed]
        outcomes = [verdict.outcome for one in assessed for verdict in one.verdicts]
        verdicts += len(outcomes)
        abstained += sum(type(one).__name__ == "Abstained" for one in outcomes)
        if len(set(true)) < 2 or len(set(given)) < 2:
            flat += 1
            continue
        spearman.append(float(spearmanr(true, given).statistic))
        kendall.append(float(kendalltau(true, given).statistic))
    return {
        "spearman": interval(spearman),
        "kendall": interval(kendall),
        "cases": len(spearman),
        "cases_without_order": flat,
        "abstained": round(abstained / max(verdicts, 1), 3),
    }


def _middle(found: Any) -> float:
    return 0.0 if found.score is None else (found.score.low + found.score.high) / 2


def _response(hand: Hand, text: str) -> Response:
    return Response(scenario=hand.scenario.id, text=text, made=ByImport(dataset="gold", row=hand.scenario.id))


def interval(values: Sequence[float]) -> list[float] | None:
    """The mean with its percentile bootstrap interval over cases."""
    if not values:
        return None
    chance = random.Random(0)
    means = sorted(sum(chance.choices(values, k=len(values))) / len(values) for _ in range(_RESAMPLES))
    low, high = means[math.floor(0.025 * _RESAMPLES)], means[math.ceil(0.975 * _RESAMPLES) - 1]
    return [round(sum(values) / len(values), 3), round(low, 3), round(high, 3)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("PRIMUM_DATA"), help="the folder with huatuo/, medquad/"
    )
    parser.add_argument("--rows", type=int, default=6000, help="open questions whose drafted rubrics are distilled")
    parser.add_argument("--train", action="store_true", help="train the shipped classifier again, into its folder")
    parser.add_argument("--no-cases", action="store_true", help="leave the hand-written cases alone")
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the data: --data DIR, or PRIMUM_DATA")
    if options.train:
        train_shipped(shipped_folder())
    opened = open_queries(Path(options.data))
    hands = [] if options.no_cases else hand_cases()
    told: dict[str, Any] = {"load": os.getloadavg()[0]}
    if hands:
        told["profiles"] = profile_figures(opened, hands)
    principles, told["distilled"] = distilled(opened, options.rows)
    told["speed"] = timed(opened["huatuo"], principles)
    print(
        f"load {told['load']:.1f}; {told['speed']['queries']:,} questions in {told['speed']['all_s']} s: {told['speed']}"
    )
    if hands:
        told["cases"] = compared(hands, principles)
        wider, told["distilled_with_ours"] = distilled(opened, options.rows, with_ours=True)
        told["cases_with_ours"] = compared(hands, wider)
        for name, row in told["profiles"].items():
            print(f"{name:<30} {row}")
        for pool in ("cases", "cases_with_ours"):
            for name in VARIANTS:
                for part, row in told[pool][name].items():
                    print(f"{pool:<16} {name:<16} {part:<4} {row}")
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main()
