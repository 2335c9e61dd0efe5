"""How often the 95 % intervals of `primum.stats` hold the truth, in simulation, where the truth is known.

    python benchmarks/coverage.py            # some minutes on two cores
    python benchmarks/coverage.py --quick    # a tenth of it

Every kind is simulated over a grid of settings, among them few labels (50, 100, 200), rates near 0 and 1, and clusters; a line is
printed for each setting. The last line is one JSON object: for each kind `coverage` over all settings, its Monte Carlo interval
(`low`, `high`), the lowest and highest setting, the number of settings, the share of draws where the number was undefined (a class
without labels), and the mean width over that of the labels alone; `settings_in_93_97` counts the settings whose Monte Carlo
interval meets 93 … 97 %.

Replications are draws a setting; each draws its data anew. Two-cluster data are people × conversations with an effect of each.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from primum.records import Estimate
from primum.stats import mean, wilson
from primum.stats.corrected import Corrected
from primum.stats.corrected_rubric import ppi_rubric, rogan_gladen_rubric
from primum.stats.graded import GradedExample
from primum.stats.ppi import ppi_mean
from primum.stats.resampling import bootstrap, weighted_mean
from primum.stats.rogan_gladen import rogan_gladen
from primum.stats.undefined import Undefined

Floats = NDArray[np.float64]
JUDGES = ((0.7, 0.8), (0.9, 0.9), (0.95, 0.97))  # sensitivity, specificity
LABELS = (50, 100, 200)
JUDGED = 1000
EXAMPLES = 500


class Setting(NamedTuple):
    """One cell of the grid: which kind, its parameters, and how many draws."""

    kind: str
    values: dict[str, Any]
    draws: int
    seed: int


class Found(NamedTuple):
    """What one cell gave: intervals that held the truth, draws with an interval, draws, mean width, and mean width of the labels alone."""

    held: int
    defined: int
    draws: int
    width: float
    classical: float


class Draw(NamedTuple):
    """One simulated interval with the truth it should hold; `classical` is that of the labels alone, where there is such a thing."""

    truth: float
    found: Estimate | Undefined
    classical: Estimate | Undefined | None = None


def settings(draws: int) -> Iterator[Setting]:
    """The grid, each cell with a seed of its own."""
    seed = 0

    def cell(kind: str, share: float = 1.0, **values: Any) -> Setting:
        nonlocal seed
        seed += 1
        return Setting(kind, values, max(20, round(draws * share)), seed)

    for n in LABELS:
        for rate in (0.02, 0.1, 0.5, 0.9):
            yield cell("iid", n=n, rate=rate)
    for clusters in (15, 30, 60):
        for rate in (0.1, 0.5, 0.9):
            yield cell("clustered", clusters=clusters, size=6, rate=rate)
    for kind in ("ppi", "rogan_gladen"):
        for n in LABELS:
            for rate in (0.05, 0.3, 0.9):
                for sensitivity, specificity in JUDGES:
                    for size in (1, 5):
                        yield cell(
                            kind, 0.5, n=n, rate=rate, sensitivity=sensitivity, specificity=specificity, size=size
                        )
    for kind in ("ppi_rubric", "rogan_gladen_rubric"):
        for n in LABELS:
            for shift in (-2.0, 0.0, 1.5):
                for size in (1, 5):
                    yield cell(kind, 0.2, n=n, shift=shift, size=size, parts=False)
            yield cell(kind, 0.2, n=n, shift=0.0, size=1, parts=True)
    for people in (4, 8, 20):
        for conversations in (30, 80):
            yield cell("two_cluster", 0.3, people=people, conversations=conversations)


def iid(rng: np.random.Generator, n: int, rate: float) -> Draw:
    return Draw(rate, mean((rng.random(n) < rate).astype(float).tolist()) or Undefined("nothing"))


def clustered(rng: np.random.Generator, clusters: int, size: int, rate: float) -> Draw:
    """Clusters with rates of their own: beta with an intra-cluster correlation of 0.2."""
    own = np.repeat(rng.beta(4 * rate, 4 * (1 - rate), clusters), size)
    names = [str(i // size) for i in range(clusters * size)]
    return Draw(rate, mean((rng.random(len(own)) < own).astype(float).tolist(), names) or Undefined("nothing"))


def _verdicts(
    rng: np.random.Generator, n: int, rate: float, sensitivity: float, specificity: float, size: int
) -> tuple[list[bool | None], list[bool | None], list[str]]:
    """Judge, human (the first `n` labelled) and clusters; in clusters of more than one, rates and the judge's errors hang together."""
    groups = JUDGED // size
    own = np.repeat(rng.beta(4 * rate, 4 * (1 - rate), groups), size) if size > 1 else np.full(JUDGED, rate)
    human = rng.random(JUDGED) < own
    ease = 0.5 * np.repeat(rng.normal(size=groups), size) + np.sqrt(0.75) * rng.normal(size=JUDGED)
    # P(ease < point) is the sensitivity, and 1 − specificity, whatever the cluster.
    from scipy.special import ndtri

    judge = ease < np.where(human, ndtri(sensitivity), ndtri(1 - specificity))
    labels: list[bool | None] = [bool(value) if i < n else None for i, value in enumerate(human)]
    return [bool(value) for value in judge], labels, [str(i // size) for i in range(JUDGED)]


def ppi(rng: np.random.Generator, **values: Any) -> Draw:
    judge, human, names = _verdicts(rng, **values)
    numbers = [None if one is None else float(one) for one in judge]
    labels = [None if one is None else float(one) for one in human]
    found = ppi_mean(numbers, labels, names if values["size"] > 1 else None)
    return Draw(values["rate"], found.corrected, found.classical)


def by_accuracy(rng: np.random.Generator, **values: Any) -> Draw:
    judge, human, names = _verdicts(rng, **values)
    found = rogan_gladen(judge, human, names if values["size"] > 1 else None)
    return Draw(values["rate"], found.corrected, found.classical)


class World(NamedTuple):
    """Simulated rubrics, examples × 14 slots: points (0: no criterion), what people say, what the judge says."""

    points: Floats
    human: NDArray[np.bool_]
    judge: NDArray[np.bool_]


def world(rng: np.random.Generator, n: int, shift: float, size: int) -> World:
    """2 to 11 positive and 0 to 3 negative criteria; answers differ in quality, by cluster too. The judge errs more on negative ones."""
    points = rng.integers(1, 11, (n, 14)).astype(float)
    points[:, 11:] *= -1
    points[:, :11] *= np.arange(11) < rng.integers(2, 12, (n, 1))
    points[:, 11:] *= np.arange(3) < rng.integers(0, 4, (n, 1))
    own = np.repeat(rng.normal(size=(-(-n // size), 1)), size, axis=0)[:n] * (0.8 if size > 1 else 0.0)
    quality = 1 / (1 + np.exp(-(own + rng.normal(size=(n, 1)) * 0.8 + shift)))
    human = rng.random((n, 14)) < np.where(points > 0, quality, 0.1 + 0.25 * (1 - quality))
    right = np.where(points > 0, np.where(human, 0.9, 0.85), np.where(human, 0.8, 0.93))
    return World(points, human, human ^ (rng.random((n, 14)) >= right))


def true_score(shift: float, size: int) -> float:
    """The headline over 400,000 simulated examples: its standard error is below 0.0006."""
    many = world(np.random.default_rng(987_654), 400_000, shift, size)
    scores = (many.points * many.human).sum(1) / np.maximum(many.points, 0).sum(1)
    return float(min(1.0, max(0.0, scores.mean())))


def rubric(
    correct: Callable[[list[GradedExample]], dict[str, Corrected]],
) -> Callable[..., Draw]:
    truths: dict[tuple[float, int], float] = {}

    def draw(rng: np.random.Generator, n: int, shift: float, size: int, parts: bool) -> Draw:
        if (shift, size) not in truths:
            truths[shift, size] = true_score(shift, size)
        drawn = world(rng, EXAMPLES, shift, size)
        labelled = rng.random(drawn.points.shape) < n / EXAMPLES
        examples = []
        for i in range(EXAMPLES):
            slots = np.flatnonzero(drawn.points[i])
            human: list[bool | None] = []
            if parts:
                human = [bool(drawn.human[i, j]) if labelled[i, j] else None for j in slots]
            elif i < n:
                human = [bool(drawn.human[i, j]) for j in slots]
            judge = [bool(drawn.judge[i, j]) for j in slots]
            examples.append(GradedExample(drawn.points[i, slots].tolist(), judge, human, cluster=str(i // size)))
        found = correct(examples)["overall"]
        return Draw(truths[shift, size], found.corrected, found.classical)

    return draw


def two_cluster(rng: np.random.Generator, people: int, conversations: int) -> Draw:
    """Each conversation judged by three of the people; both have an effect on the score, which lies between 0 and 1."""
    mild, hard = rng.uniform(-0.15, 0.15, people), rng.uniform(-0.2, 0.2, conversations)
    values, first, second = [], [], []
    for conversation in range(conversations):
        for person in rng.choice(people, 3, replace=False):
            values.append(0.5 + hard[conversation] + mild[person] + rng.uniform(-0.15, 0.15))
            first.append(f"c{conversation}")
            second.append(f"p{person}")
    seed = int(rng.integers(2**31))
    return Draw(0.5, bootstrap(weighted_mean(values), first, second, scale=(0.0, 1.0), draws=300, seed=seed))


DRAWERS: dict[str, Callable[..., Draw]] = {
    "iid": iid,
    "clustered": clustered,
    "ppi": ppi,
    "rogan_gladen": by_accuracy,
    "ppi_rubric": rubric(ppi_rubric),
    "rogan_gladen_rubric": rubric(rogan_gladen_rubric),
    "two_cluster": two_cluster,
}


def simulate(setting: Setting) -> tuple[Setting, Found]:
    rng = np.random.default_rng([20_231_102, setting.seed])
    held, widths, alone = 0, [], []
    for _ in range(setting.draws):
        draw = DRAWERS[setting.kind](rng, **setting.values)
        if isinstance(draw.found, Undefined):
            continue
        held += draw.found.low <= draw.truth <= draw.found.high
        widths.append(draw.found.high - draw.found.low)
        if isinstance(draw.classical, Estimate):
            alone.append(draw.classical.high - draw.classical.low)
    return setting, Found(
        held,
        len(widths),
        setting.draws,
        float(np.mean(widths)) if widths else 0.0,
        float(np.mean(alone)) if alone else 0.0,
    )


def summary(cells: list[Found]) -> dict[str, float | int | None]:
    held, defined, draws = (sum(getattr(cell, name) for cell in cells) for name in ("held", "defined", "draws"))
    whole = wilson(held, defined)
    rates = [wilson(cell.held, cell.defined) for cell in cells if cell.defined]
    ratios = [cell.width / cell.classical for cell in cells if cell.classical]
    return {
        "coverage": round(whole.value, 4),
        "low": round(whole.low, 4),
        "high": round(whole.high, 4),
        "lowest_setting": round(min(rate.value for rate in rates), 4),
        "highest_setting": round(max(rate.value for rate in rates), 4),
        "settings": len(cells),
        "settings_in_93_97": sum(rate.high >= 0.93 and rate.low <= 0.97 for rate in rates),
        "undefined": round(1 - defined / draws, 4),
        "width_over_labels_alone": round(float(np.mean(ratios)), 3) if ratios else None,
        "replications": draws,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="a tenth of the draws")
    parser.add_argument("--only", help="one kind alone")
    options = parser.parse_args()
    draws = 100 if options.quick else 1000
    grid = [one for one in settings(draws) if options.only in (None, one.kind)]
    began = time.perf_counter()
    by_kind: dict[str, list[Found]] = {}
    # The longest cells first, so that the two processes end together.
    grid.sort(key=lambda one: "rubric" not in one.kind)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for count, (setting, found) in enumerate(pool.imap(simulate, grid), start=1):
            by_kind.setdefault(setting.kind, []).append(found)
            share = f"{found.held / found.defined:.3f}" if found.defined else "undefined"
            values = " ".join(f"{name}={value}" for name, value in setting.values.items())
            print(f"[{count}/{len(grid)}] {setting.kind} {values}: {share} of {found.defined}", flush=True)
    kinds = {kind: summary(by_kind[kind]) for kind in DRAWERS if kind in by_kind}
    seconds = round(time.perf_counter() - began, 1)
    print(json.dumps({**kinds, "replications": draws, "seconds": seconds}))


if __name__ == "__main__":
    main()
