"""How a judge of free-text criteria agrees with the truth of hand-written cases.

    python benchmarks/criteria.py
    python benchmarks/criteria.py --judge judge.toml --gold benchmarks/gold/rubrics --errors 40
    PRIMUM_DATA=DIR python benchmarks/criteria.py --drafted 400

`--gold` holds `zh.jsonl` and `en.jsonl`: cases with a query, criteria with points and kinds, and eight answers with the truth of every
criterion. Without `--judge` the rules of `primum.judging.criteria` are scored. Shares and coefficients are over decided verdicts, what was
abstained from is told beside them; intervals are 95 %, resampled by case. The ranks are those of a case's eight answers: by score, and by
grade (vetoes, then proficiency, then excellence), each at the middle of its bounds, against the same from the truth.

The rules were scored once before anybody who worked on them saw these cases (blind: docs/log.md). They were mended after the errors on
every second case of each file (the 1st, 3rd, 5th …) were read, and two limits were set on those; what this prints of all cases is
therefore no longer blind, and neither wholly is what `--half unseen` prints of the others, whose figures were seen though not their errors.

`--drafted N` adds pairs from open data: criteria drafted from the reference answer of N questions a language, judged on that answer (which
should meet them) and on the answer to another question (which should not). The last line on stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from primum.grading import Grade, grade_outcomes
from primum.judging.criteria import CriterionRules
from primum.ports import Assessment, Case, Judge
from primum.records import (
    Abstained,
    ByImport,
    Criterion,
    CriterionKind,
    Estimate,
    Language,
    Met,
    NotMet,
    Outcome,
    Response,
    Scenario,
    Turn,
)
from primum.stats import bootstrap, cohen_kappa, gwet_ac, mean
from primum.stats.resampling import one_by_one
from primum.stats.undefined import Undefined

GOLD = Path(__file__).parent / "gold" / "rubrics"
MADE = ByImport(dataset="benchmarks/gold/rubrics", row="all")
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Told(NamedTuple):
    """A verdict beside its truth. `said` is `None` where the judge abstained."""

    case: str
    language: Language
    kind: str
    points: int
    truth: bool
    said: bool | None


class Gold(NamedTuple):
    """A case as a judge is shown it, one entry an answer, and the truth of each criterion."""

    name: str
    cases: list[Case]
    truth: list[list[bool]]


def read_gold(path: Path, language: Language) -> list[Gold]:
    """The cases of a file of hand-written rubrics."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        scenario = open_question(row["query"], language)
        criteria = tuple(criterion(one["statement"], one["points"], one["kind"], language) for one in row["criteria"])
        cases = [Case(scenario, answer_to(scenario, one["text"]), criteria) for one in row["answers"]]
        found.append(Gold(row["id"], cases, [one["met"] for one in row["answers"]]))
    return found


def open_question(query: str, language: Language, reference: str | None = None) -> Scenario:
    return Scenario(
        messages=(Turn(role="user", content=query),),
        task="open",
        dimension="rubrics",
        language=language,
        dataset=MADE.dataset,
        made=MADE,
        reference=reference,
    )


def answer_to(scenario: Scenario, text: str) -> Response:
    return Response(scenario=scenario.id, text=text, made=MADE)


def criterion(statement: str, points: int, kind: str, language: Language) -> Criterion:
    return Criterion(
        statement=statement,
        points=points,
        axis="accuracy",
        kind_of=cast(CriterionKind, kind),
        language=language,
        made=MADE,
    )


def figures(told: Sequence[Told]) -> dict[str, Any]:
    """Accuracy over decided verdicts and the rest, with intervals by case."""
    import numpy as np

    decided = [one for one in told if one.said is not None]
    clusters = [one.case for one in decided]
    right = np.asarray([one.said == one.truth for one in decided], dtype=float)
    is_met = np.asarray([one.truth for one in decided], dtype=bool)

    def balanced(weights: Any) -> float:
        with np.errstate(invalid="ignore", divide="ignore"):
            sides = [(weights * right)[side].sum() / weights[side].sum() for side in (is_met, ~is_met)]
        return float(sum(sides) / 2)

    pairs = [(one.truth, one.said) for one in decided]
    out: dict[str, Any] = {
        "verdicts": len(told),
        "abstained": shown(mean([float(one.said is None) for one in told], [one.case for one in told])),
    }
    if decided:
        out["accuracy"] = shown(mean(list(right), clusters))
        out["balanced_accuracy"] = shown(bootstrap(one_by_one(balanced), clusters, scale=(0.0, 1.0), draws=400))
        out["kappa"] = shown(cohen_kappa(pairs, clusters=clusters))
        out["ac1"] = shown(gwet_ac(pairs, clusters=clusters))
        out["said_met_of_met"] = rate([one.said for one in decided if one.truth])
        out["said_met_of_not_met"] = rate([one.said for one in decided if not one.truth])
    return out


def rate(said: Sequence[bool | None]) -> str:
    return f"{sum(bool(one) for one in said)} of {len(said)}"


def shown(value: Estimate | Undefined | None) -> Any:
    if value is None or isinstance(value, Undefined):
        return {"undefined": value.reason if value is not None else "nothing was decided"}
    return {"value": round(value.value, 4), "low": round(value.low, 4), "high": round(value.high, 4), "n": value.n}


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Kendall's τ-b; `None` where either side ranks nothing."""
    agree = ties_one = ties_other = total = 0
    for i in range(len(one)):
        for j in range(i):
            first, second = (one[i] > one[j]) - (one[i] < one[j]), (other[i] > other[j]) - (other[i] < other[j])
            total += 1
            agree += first * second
            ties_one += first == 0
            ties_other += second == 0
    if total in (ties_one, ties_other):
        return None
    return agree / math.sqrt((total - ties_one) * (total - ties_other))


def middle(grade: Grade) -> tuple[float, float]:
    """A grade as two numbers that rank: by its order (vetoes first, then proficiency, then excellence), and by its score."""
    parts = [(bounds.low + bounds.high) / 2 for bounds in (grade.vetoes, grade.proficiency, grade.excellence)]
    score = 0.0 if grade.score is None else (grade.score.low + grade.score.high) / 2
    return -parts[0] * 1e4 + parts[1] * 1e2 + parts[2] * 1e-2, score


def ranks(gold: Sequence[Gold], assessed: Sequence[Sequence[Assessment]]) -> dict[str, Any]:
    """How the judged order of a case's answers goes with the true one, averaged over cases."""
    found: dict[str, list[float | None]] = {"by_grade": [], "by_score": []}
    for one, assessments in zip(gold, assessed, strict=True):
        criteria = one.cases[0].criteria
        true = [middle(grade_outcomes(criteria, [Met() if met else NotMet() for met in row])) for row in one.truth]
        judged = [
            middle(
                grade_outcomes(
                    criteria,
                    [verdict.outcome for verdict in assessment.verdicts],
                    is_unusable=assessment.judgement.stance == "unusable",
                )
            )
            for assessment in assessments
        ]
        for place, name in enumerate(found):
            found[name].append(rank_correlation([row[place] for row in true], [row[place] for row in judged]))
    return {
        name: {
            "tau_b": shown(mean([value for value in values if value is not None], scale=(-1.0, 1.0), unit="case")),
            "cases_without": sum(value is None for value in values),
        }
        for name, values in found.items()
    }


def outcome_said(outcome: Outcome) -> bool | None:
    return None if isinstance(outcome, Abstained) else isinstance(outcome, Met)


def score_gold(judge: Judge, folder: Path, errors: int, half: str) -> dict[str, Any]:
    """The figures of a judge on the hand-written cases of both languages."""
    start, step = {"all": (0, 1), "seen": (0, 2), "unseen": (1, 2)}[half]
    told: list[Told] = []
    out: dict[str, Any] = {}
    seconds = 0.0
    for language in LANGUAGES:
        path = folder / f"{language}.jsonl"
        if not path.exists():
            out[language] = {"undefined": f"there is no {path.name}"}
            continue
        gold = read_gold(path, language)[start::step]
        judge.judge(gold[0].cases[:1])  # what is read once is not the judge's pace
        started = time.process_time()
        flat = judge.judge([case for one in gold for case in one.cases])
        seconds += time.process_time() - started
        rows = iter(flat)
        assessed = [[next(rows) for _ in one.cases] for one in gold]
        mine = [row for one, each in zip(gold, assessed, strict=True) for row in compare(one, each, language)]
        told += mine
        out[language] = {"cases": len(gold), **figures(mine), "ranks": ranks(gold, assessed)}
        if errors:
            show_errors(gold, assessed, errors)
    if told:
        out["all"] = {**figures(told), "by_kind": by_kind(told)}
        out["verdicts_per_cpu_s"] = round(len(told) / seconds) if seconds else None
    return out


def compare(gold: Gold, assessed: Sequence[Assessment], language: Language) -> list[Told]:
    return [
        Told(gold.name, language, asked.kind_of, asked.points, truth, outcome_said(verdict.outcome))
        for case, truths, assessment in zip(gold.cases, gold.truth, assessed, strict=True)
        for asked, truth, verdict in zip(case.criteria, truths, assessment.verdicts, strict=True)
    ]


def by_kind(told: Sequence[Told]) -> dict[str, Any]:
    kinds = sorted({one.kind for one in told})
    found = {kind: figures([one for one in told if one.kind == kind]) for kind in kinds}
    found["positive"] = figures([one for one in told if one.points > 0])
    found["negative"] = figures([one for one in told if one.points < 0])
    return found


def show_errors(gold: Sequence[Gold], assessed: Sequence[Sequence[Assessment]], most: int) -> None:
    for one, assessments in zip(gold, assessed, strict=True):
        for case, truths, assessment in zip(one.cases, one.truth, assessments, strict=True):
            for asked, truth, verdict in zip(case.criteria, truths, assessment.verdicts, strict=True):
                if outcome_said(verdict.outcome) not in (truth, None) and most > 0:
                    most -= 1
                    print(f"{one.name} truth {truth}: {asked.statement} | {verdict.explanation}")


def score_drafted(judge: Judge, data: Path, most: int) -> dict[str, Any]:
    """Criteria drafted from reference answers, on those answers and on answers to other questions."""
    from primum.rubrics.drafting import draft_from_reference

    out: dict[str, Any] = {}
    for language, name in (("zh", "huatuo/questions.jsonl"), ("en", "medquad/qa.jsonl")):
        rows = [json.loads(line) for line in (data / name).read_text(encoding="utf-8").splitlines()]
        random.Random(20261121).shuffle(rows)
        asked = [open_question(row["question"], cast(Language, language), row["answer"]) for row in rows[:most]]
        told = []
        for place, scenario in enumerate(asked):
            criteria = tuple(draft_from_reference(scenario))
            other = asked[(place + most // 2) % len(asked)]
            for source, truth in ((scenario, True), (other, False)):
                case = Case(scenario, answer_to(scenario, source.reference or ""), criteria)
                for one, verdict in zip(criteria, judge.judge([case])[0].verdicts, strict=True):
                    said = outcome_said(verdict.outcome)
                    told.append(Told(scenario.id, cast(Language, language), one.kind_of, one.points, truth, said))
        out[language] = figures(told)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judge", type=Path, help="judge.toml of another judge than the rules")
    parser.add_argument("--gold", type=Path, default=GOLD, help="folder with zh.jsonl and en.jsonl")
    parser.add_argument(
        "--half", choices=["all", "seen", "unseen"], default="all", help="cases whose errors were read, or not"
    )
    parser.add_argument("--errors", type=int, default=0, metavar="N", help="show so many wrong verdicts a language")
    parser.add_argument("--drafted", type=int, default=0, metavar="N", help="also so many questions of open data")
    parser.add_argument("--data", type=Path, default=os.environ.get("PRIMUM_DATA"), help="folder with the open data")
    given = parser.parse_args()
    if given.drafted and given.data is None:
        parser.error("name the data folder with --data or PRIMUM_DATA")
    if given.judge is None:
        result = measure(CriterionRules(), given)
    else:
        from primum.cycles.judges import load_judge

        with load_judge(given.judge) as opened:
            result = measure(opened.judge, given)
    print(json.dumps(result, ensure_ascii=False))


def measure(judge: Judge, given: argparse.Namespace) -> dict[str, Any]:
    result: dict[str, Any] = {"judge": judge.ref.name, "fingerprint": judge.ref.fingerprint[:16]}
    result["gold"] = score_gold(judge, given.gold, given.errors, given.half)
    if given.drafted:
        result["drafted"] = score_drafted(judge, Path(given.data), given.drafted)
    for part in ("gold", "drafted"):
        for name, value in result.get(part, {}).items():
            if isinstance(value, dict) and "accuracy" in value:
                print(
                    f"{part} {name}: accuracy {value['accuracy']['value']:.3f}, abstained {value['abstained']['value']:.3f}, "
                    f"met of met {value['said_met_of_met']}, met of not met {value['said_met_of_not_met']}"
                )
    return result


if __name__ == "__main__":
    main()
