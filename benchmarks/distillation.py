"""How well criteria of one meaning are brought together, on 50,000 simulated criteria whose meaning is known.

    python benchmarks/distillation.py            # some minutes on two cores
    python benchmarks/distillation.py --criteria 10000 --resamplings 0

`distillation_meanings.txt` holds what criteria can mean, each with six wordings in English and in Chinese, written by hand. Simulated
rubrics draw meanings that suit their profile, no meaning twice, and word each with the details of one case (condition, drug, test,
doses …); one criterion in six gets a wrong axis, and points differ by one. The adjusted Rand index (Hubert and Arabie 1985) compares the
principles found with the meanings; a criterion that no principle covers counts as a group of its own.

The values of settings were chosen on meanings in odd places; the index of a half is that of its criteria in one distillation of all. The
even half is not blind: its figures were seen while the method was made, and that they fell short at first is why axes and rubrics held in
common came to be used. One author wrote the lists of synonyms, then the meanings (the last 34 after the first scores); no synonym was added
for a meaning, but some patterns of details were mended after reading what was left of simulated criteria. Much rests on what is
simulated: that rubrics do not repeat themselves, and that axes are mostly right (`--axis-weight 0` and `--most-together 1` leave these
out). The last line on stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import resource
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace
from sklearn.metrics import adjusted_rand_score

from primum.records import BySimulation, Criterion, Language, plain
from primum.rubrics.distil import Distilled, DistilSettings, Source, distil, redundancy, stability

MEANINGS = Path(__file__).with_name("distillation_meanings.txt")
TASKS = {
    "x": "explain",
    "d": "diagnose",
    "e": "examine",
    "t": "treat",
    "m": "medicate",
    "p": "prevent",
    "f": "foresee",
    "c": "decide",
}
URGENCIES = {"E": "emergency", "P": "prompt", "R": "routine"}
AXES = ("accuracy", "completeness", "context_awareness", "communication_quality", "instruction_following")
AXIS_SURE = 0.8  # people do not always put a criterion on the same axis
KINDS = {"p": "proficiency", "n": "proficiency", "x": "excellence", "s": "safety"}


class Meaning(NamedTuple):
    """What a criterion can mean: when it comes up, and its wordings by language."""

    name: str
    kind: str
    points: int
    axis: str
    tasks: str
    urgencies: str
    wordings: dict[Language, list[str]]


class Planted(NamedTuple):
    """A simulated criterion with its meaning's place in the list."""

    source: Source
    meaning: int


def read_meanings(path: Path = MEANINGS) -> list[Meaning]:
    meanings: list[Meaning] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("@"):
            name, kind, points, axis, tasks, urgencies = line[1:].split()
            meanings.append(Meaning(name, kind, int(points), axis, tasks, urgencies, {"en": [], "zh": []}))
        elif line.startswith(("en ", "zh ")):
            meanings[-1].wordings["en" if line.startswith("en") else "zh"].append(line[3:])
    return meanings


def read_details(path: Path = MEANINGS) -> dict[Language, dict[str, list[str]]]:
    """By language and slot (D condition, G drug, T test, S symptom, O procedure, n dose, t time, v value) what a case can have."""
    details: dict[Language, dict[str, list[str]]] = {"en": {}, "zh": {}}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(("%en ", "%zh ")):
            slot, words = line[4:].split(" ", 1)
            details["en" if line.startswith("%en") else "zh"][slot] = words.split("|")
    return details


def plant(meanings: Sequence[Meaning], count: int, seed: int) -> list[Planted]:
    """`count` criteria in simulated rubrics of 6 to 14, half of them Chinese."""
    chance = random.Random(seed)
    fit = {
        (urgency, task): [n for n, one in enumerate(meanings) if urgency in one.urgencies and task in one.tasks]
        for urgency, task in itertools.product(URGENCIES, TASKS)
    }
    details = read_details()
    made = BySimulation(generator="benchmarks.distillation", seed=seed)
    planted: list[Planted] = []
    rubric = 0
    while len(planted) < count:
        rubric += 1
        language: Language = "zh" if rubric % 2 else "en"
        urgency = chance.choices("EPR", (2, 3, 5))[0]
        task = chance.choice(list(TASKS))
        values = {
            "urgency": URGENCIES[urgency],
            "uncertainty": chance.choices(("settled", "missing_context", "open"), (5, 3, 2))[0],
            "expertise": chance.choices(("lay", "professional"), (4, 1))[0],
            "task": TASKS[task],
        }
        case = {slot: chance.choice(words) for slot, words in details[language].items()}
        case["H"] = chance.choice([drug for drug in details[language]["G"] if drug != case["G"]])
        suited = fit[urgency, task]
        for number in chance.sample(suited, min(len(suited), chance.randint(6, 14))):
            meaning = meanings[number]
            criterion = Criterion(
                statement=chance.choice(meaning.wordings[language]).format(**case),
                points=max(1, abs(meaning.points) + chance.choice((-1, 0, 0, 1))) * (1 if meaning.points > 0 else -1)
                if abs(meaning.points) < 10
                else meaning.points,
                axis=meaning.axis if chance.random() < AXIS_SURE else chance.choice(AXES),
                kind_of=KINDS[meaning.kind],  # type: ignore[arg-type]
                language=language,
                made=made,
            )
            planted.append(Planted(Source(criterion, values, f"rubric-simulated-{rubric}"), number))
    return planted[:count]


def agreement(
    planted: Sequence[Planted], labels: Sequence[int], rows: Sequence[int], draws: int = 200
) -> dict[str, float]:
    """The adjusted Rand index of the criteria in `rows`, with a 95 % bootstrap interval over rubrics."""
    truth = np.array([2 * planted[row].meaning + (planted[row].source.criterion.language == "zh") for row in rows])
    found = np.array([labels[row] if labels[row] >= 0 else -1 - row for row in rows])
    rubrics = np.unique([planted[row].source.rubric for row in rows], return_inverse=True)[1]
    generator = np.random.default_rng(0)
    order = np.argsort(rubrics, kind="stable")
    starts = np.searchsorted(rubrics[order], np.arange(rubrics.max() + 2))
    values = []
    for _ in range(draws):
        drawn = generator.integers(0, rubrics.max() + 1, rubrics.max() + 1)
        picked = np.concatenate([order[starts[one] : starts[one + 1]] for one in drawn])
        values.append(adjusted_rand_score(truth[picked], found[picked]))
    low, high = np.quantile(values, (0.025, 0.975)) if values else (np.nan, np.nan)
    return {
        "value": round(adjusted_rand_score(truth, found), 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "n": len(rows),
    }


def scored(planted: Sequence[Planted], found: Distilled, draws: int = 200) -> dict[str, Any]:
    def rows(language: str | None = None, half: int | None = None) -> list[int]:
        return [
            row
            for row, (source, meaning) in enumerate(planted)
            if (language is None or source.criterion.language == language) and (half is None or meaning % 2 == half)
        ]

    told: dict[str, Any] = {"all": agreement(planted, found.labels, rows(), draws)}
    for language in ("en", "zh"):
        told[language] = agreement(planted, found.labels, rows(language), draws)
    for name, half in (("tuned_half", 0), ("held_out_half", 1)):
        told[name] = agreement(planted, found.labels, rows(half=half), draws)
        for language in ("en", "zh"):
            told[f"{name}_{language}"] = agreement(planted, found.labels, rows(language, half), draws)
    return told


def peak_gib() -> float:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--criteria", type=int, default=50_000)
    parser.add_argument("--resamplings", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--axis-weight", type=float, default=DistilSettings().axis_weight)
    parser.add_argument("--most-together", type=float, default=DistilSettings().most_together)
    given = parser.parse_args()
    settings = DistilSettings(axis_weight=given.axis_weight, most_together=given.most_together)
    meanings = read_meanings()
    planted = plant(meanings, given.criteria, given.seed)
    sources = [one.source for one in planted]
    print(f"{len(sources):,} criteria of {len(meanings)} meanings in two languages; load {os.getloadavg()[0]:.1f}")
    started = time.perf_counter()
    found = distil(sources, settings)
    seconds = time.perf_counter() - started
    memory = peak_gib()
    double = redundancy(found.principles, settings)
    scores = scored(planted, found)
    result: dict[str, Any] = {
        "criteria": len(sources),
        "meanings": len(meanings),
        "seed": given.seed,
        "principles": len(found.principles),
        "covered": round(found.covered, 4),
        "redundancy": None if double.share is None else round(double.share, 5),
        "distil_s": round(seconds, 1),
        "peak_gib": round(memory, 2),
        "adjusted_rand": scores,
    }
    print(f"{len(found.principles)} principles cover {found.covered:.1%} in {seconds:.1f} s, at most {memory:.2f} GiB")
    for name, value in scores.items():
        print(f"{name:<18} {json.dumps(value)}")
    different = every_text_its_own(planted)
    started = time.perf_counter()
    scattered = distil(different, settings)
    result["all_different_s"] = round(time.perf_counter() - started, 1)
    result["all_different_peak_gib"] = round(peak_gib(), 2)
    print(f"with no two wordings equal: {max(scattered.groups) + 1} groups in {result['all_different_s']} s")
    if given.resamplings:
        started = time.perf_counter()
        steady = stability(sources, settings, given.resamplings)
        result["stability"] = None if steady.share is None else plain(steady.share)
        result["stability_s"] = round(time.perf_counter() - started, 1)
        print(f"stability {json.dumps(result['stability'])} over {given.resamplings} resamplings")
    print(json.dumps(result))


def every_text_its_own(planted: Sequence[Planted]) -> list[Source]:
    """The same criteria, each with words of its own behind it, so that nothing is the same text: the slowest case there is."""
    chance = random.Random(0)
    different = []
    for source, _ in planted:
        letters = "".join(chance.choices("bcdfghjklmnpqrstvwz", k=6))
        criterion = replace(source.criterion, statement=f"{source.criterion.statement.rstrip('。.')} {letters}")
        different.append(source._replace(criterion=criterion))
    return different


if __name__ == "__main__":
    main()
