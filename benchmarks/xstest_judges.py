"""How far two cheap judges can be trusted on XSTest's labelled answers, and what a few human labels recover.

    PRIMUM_DATA=DIR python benchmarks/xstest_judges.py --out docs/xstest-judges.md
    python benchmarks/xstest_judges.py --data DIR            # prints the study

DIR holds `xstest/` as the open-data recipe fetches it (arXiv 2308.01263, CC-BY-4.0). The last line on stdout is one JSON object with
every number of the study. Labels are drawn at random `--draws` times for each judge, model, kind of prompt and
number of labels, from a fixed seed.
"""

from __future__ import annotations

import argparse
import json
import os
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from primum.bench.xstest import load_xstest
from primum.records import Estimate
from primum.stats import mean, wilson
from primum.stats.agreement import cohen_kappa, gwet_ac, krippendorff_alpha, raw_agreement
from primum.stats.ppi import ppi_mean
from primum.stats.rogan_gladen import rogan_gladen
from primum.stats.undefined import Undefined

STANCES = ("accept", "caution", "refuse")
MODELS = {"gpt4": "GPT-4", "llama2orig": "Llama 2", "mistralinstruct": "Mistral Instruct"}
GROUPS = {"all": "all three", **MODELS}
JUDGES = {"xstest:gpt4_label": "GPT-4 as judge", "xstest:strmatch_label": "string match"}
KINDS = {True: "safe", False: "unsafe"}
LABELS = (50, 100, 200)
FINAL = "xstest:final_label"
Number = Estimate | Undefined | None


class Answer(NamedTuple):
    """One answer of one model: was the prompt safe, and the stance by the name of who judged it (`None`: abstained)."""

    model: str
    is_safe: bool
    stances: dict[str, str | None]


class Recovery(NamedTuple):
    """What `n` labels recover for one judge, model and kind of prompt, over many draws of labels."""

    judge: str
    model: str
    kind: str
    labels: int
    human: float
    width_ratio: float
    coverage: Estimate
    classical_coverage: Estimate
    tuning: float
    rogan_gladen_ratio: float | None
    rogan_gladen_coverage: Estimate | None
    rogan_gladen_undefined: float


def read(folder: Path) -> list[Answer]:
    imported = load_xstest(folder / "xstest")
    names = {judge.id: judge.name for judge in imported.judges}
    is_safe = {scenario.id: scenario.harm_level == 0 for scenario in imported.scenarios}
    stances: dict[str, dict[str, str | None]] = {response.id: {} for response in imported.responses}
    for one in imported.judgements:
        stances[one.response][names[one.judge]] = None if one.stance == "abstained" else one.stance
    return [
        Answer(imported.groups[response.id], is_safe[response.scenario], stances[response.id])
        for response in imported.responses
    ]


def agreement(answers: Sequence[Answer], one: str, other: str) -> dict[str, Number]:
    """Raw agreement, κ, α and AC1 over the three labels, on what both decided."""
    pairs = [(answer.stances[one], answer.stances[other]) for answer in answers]
    both = [pair for pair in pairs if None not in pair]
    return {
        "raw": raw_agreement(both, categories=STANCES, unit="answer"),
        "kappa": cohen_kappa(both, categories=STANCES, unit="answer"),
        "alpha": krippendorff_alpha(both, categories=STANCES, unit="answer"),
        "ac1": gwet_ac(both, categories=STANCES, unit="answer"),
    }


def compliance(answers: Sequence[Answer], judge: str) -> Estimate | None:
    """The share of full compliance; an abstention reaches both ways."""
    said = [answer.stances[judge] for answer in answers]
    return mean([None if one is None else float(one == "accept") for one in said], unit="answer")


def recover(
    key: tuple[str, str], answers: Sequence[Answer], judge: str, labels: int, draws: int, rng: np.random.Generator
) -> Recovery:
    """Draws answers with replacement, as many as there are, labels `labels` of them, corrects, and compares with the truth of all.

    Drawing with replacement makes the rate over all the answers the truth that the intervals are about: what these models do on
    prompts like these, not the count of these very prompts.
    """
    human = [float(answer.stances[FINAL] == "accept") for answer in answers]
    said = [answer.stances[judge] for answer in answers]
    verdicts = [None if one is None else one == "accept" for one in said]
    truth, n = float(np.mean(human)), len(answers)
    held = {"ppi": 0, "classical": 0, "accuracy": 0}
    widths: dict[str, list[float]] = {"ppi": [], "classical": [], "accuracy": []}
    tunings = []
    beside: list[float] = []  # of the labels alone, in the draws where Rogan-Gladen exists
    for _ in range(draws):
        chosen = rng.integers(0, n, n).tolist()
        drawn = [verdicts[i] for i in chosen]
        known = [human[i] if place < labels else None for place, i in enumerate(chosen)]
        found = ppi_mean([None if one is None else float(one) for one in drawn], known)
        by_accuracy = rogan_gladen(drawn, [None if one is None else bool(one) for one in known])
        tunings.append(found.tuning or 0.0)
        parts = {"ppi": found.corrected, "classical": found.classical, "accuracy": by_accuracy.corrected}
        for name, part in parts.items():
            if isinstance(part, Estimate):
                held[name] += part.low <= truth <= part.high
                widths[name].append(part.high - part.low)
        if isinstance(by_accuracy.corrected, Estimate) and isinstance(found.classical, Estimate):
            beside.append(found.classical.high - found.classical.low)
    classical, defined = float(np.mean(widths["classical"])), len(widths["accuracy"])
    return Recovery(
        judge=judge,
        model=key[0],
        kind=key[1],
        labels=labels,
        human=truth,
        width_ratio=float(np.mean(widths["ppi"])) / classical,
        coverage=wilson(held["ppi"], draws, "draw"),
        classical_coverage=wilson(held["classical"], draws, "draw"),
        tuning=float(np.mean(tunings)),
        rogan_gladen_ratio=float(np.mean(widths["accuracy"])) / float(np.mean(beside)) if defined else None,
        rogan_gladen_coverage=wilson(held["accuracy"], defined, "draw") if defined else None,
        rogan_gladen_undefined=1 - defined / draws,
    )


def shown(number: Number, percent: bool = False) -> str:
    if number is None:
        return "none decided"
    if isinstance(number, Undefined):
        return f"undefined: {number.reason}"
    times, digits = (100, 1) if percent else (1, 2)
    return f"{times * number.value:.{digits}f} [{times * number.low:.{digits}f}, {times * number.high:.{digits}f}]"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def plain(value: object) -> object:
    """Numbers as JSON, rounded; an undefined one is its reason."""
    if isinstance(value, Undefined):
        return {"undefined": value.reason}
    if isinstance(value, Estimate):
        return {"value": round(value.value, 4), "low": round(value.low, 4), "high": round(value.high, 4), "n": value.n}
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value


def study(answers: list[Answer], draws: int, seed: int) -> tuple[str, dict[str, object]]:
    """The Markdown and the numbers."""
    rng = np.random.default_rng(seed)
    by_model = {name: [one for one in answers if one.model == name] for name in MODELS}
    groups: dict[str, list[Answer]] = {"all": answers, **by_model}
    people = {name: agreement(group, "xstest:annotation_1", "xstest:annotation_2") for name, group in groups.items()}
    judged = {judge: {name: agreement(group, judge, FINAL) for name, group in groups.items()} for judge in JUDGES}
    abstained = {
        judge: {name: sum(one.stances[judge] is None for one in group) for name, group in groups.items()}
        for judge in JUDGES
    }
    parts = {
        (name, kind): [one for one in groups[name] if one.is_safe == is_safe]
        for name in GROUPS
        for is_safe, kind in KINDS.items()
    }
    rates = {
        f"{name} {kind}": {who: compliance(part, who) for who in (FINAL, *JUDGES)}
        for (name, kind), part in parts.items()
    }
    recoveries = []
    for judge in JUDGES:
        for key, part in parts.items():
            for labels in LABELS:
                if labels < len(part):
                    recoveries.append(recover(key, part, judge, labels, draws, rng))
                    print(f"{JUDGES[judge]}, {key[0]}, {key[1]}, {labels} labels", flush=True)
    numbers: dict[str, object] = {
        "answers": len(answers),
        "draws": draws,
        "people": plain(people),
        "judges": plain(judged),
        "abstained": abstained,
        "compliance": plain(rates),
        "recovery": plain(recoveries),
        "summary": plain(summary(recoveries)),
    }
    return page(people, judged, abstained, rates, recoveries, draws), numbers


def summary(recoveries: Sequence[Recovery]) -> dict[str, object]:
    """Per judge and number of labels: the mean ratio of widths, and coverage over all models and kinds."""
    found: dict[str, object] = {}
    for judge in JUDGES:
        for labels in LABELS:
            rows = [one for one in recoveries if (one.judge, one.labels) == (judge, labels)]
            if not rows:
                continue
            accuracy = [one.rogan_gladen_coverage for one in rows if one.rogan_gladen_coverage is not None]
            found[f"{judge} {labels}"] = {
                "width_ratio": float(np.mean([one.width_ratio for one in rows])),
                "coverage": wilson(sum(c.coverage.value * c.coverage.n for c in rows), sum(c.coverage.n for c in rows)),
                "lowest_coverage": min(one.coverage.value for one in rows),
                "rogan_gladen_coverage": float(np.mean([one.value for one in accuracy])) if accuracy else None,
            }
    return found


def page(
    people: dict[str, dict[str, Number]],
    judged: dict[str, dict[str, dict[str, Number]]],
    abstained: dict[str, dict[str, int]],
    rates: dict[str, dict[str, Estimate | None]],
    recoveries: Sequence[Recovery],
    draws: int,
) -> str:
    unread = abstained["xstest:gpt4_label"]
    by_model = ", ".join(f"{MODELS[name]} {unread[name]}" for name in MODELS)
    blocks = [
        "# Two cheap judges on XSTest, and what a few human labels recover",
        "Made by `python benchmarks/xstest_judges.py --out docs/xstest-judges.md` (set `PRIMUM_DATA`). XSTest (arXiv "
        "2308.01263, CC-BY-4.0) gives three models' answers to 250 safe and 200 unsafe prompts. Two people labelled each as "
        "full compliance, partial refusal or full refusal, and their differences were settled (`final_label`). "
        "A GPT-4 judge and a string match labelled the same "
        "answers. All intervals are 95 %.",
        f"**What the judge did not say.** For {unread['all']} answers ({by_model}) the GPT-4 judge wrote something "
        "else than a label, mostly a refusal of its own (\"I'm sorry, but I can't assist with that.\"). "
        "These are abstentions: they are left out of "
        "agreement, and in rates they widen the interval to what either answer would give. The string match knows two labels only, so it "
        "never says partial refusal.",
        "## How far people agree with each other",
        table(
            ["answers of", "same label, %", "Cohen's κ", "Krippendorff's α", "Gwet's AC1"],
            [_agreement_row(GROUPS[name], found) for name, found in people.items()],
        ),
        "## How far each judge agrees with the people's settled label",
        table(
            ["judge", "answers of", "same label, %", "Cohen's κ", "Krippendorff's α", "Gwet's AC1"],
            [
                [JUDGES[judge], *_agreement_row(GROUPS[name], found)]
                for judge, groups in judged.items()
                for name, found in groups.items()
            ],
        ),
        "## Full compliance: what each judge would report",
        "On safe prompts more is better, on unsafe prompts less. A judge whose interval misses the people's rate is not corrected by more "
        "verdicts.",
        table(
            ["model, prompts", "people, %", *[f"{name}, %" for name in JUDGES.values()]],
            [
                [f"{GROUPS[key.split()[0]]}, {key.split()[1]}", *(shown(found[who], percent=True) for who in found)]
                for key, found in rates.items()
            ],
        ),
        "## What 50, 100 or 200 human labels recover",
        f"For each row, {draws} times: as many answers as there are were drawn with replacement, the first 50, 100 or 200 counted as "
        "labelled, and the rate of full compliance was estimated from the judge and these labels (PPI++), from the labels alone, and by "
        "Rogan-Gladen. *Width* is the mean width of the interval as a share of that from the labels alone "
        "in the same draws (below 1 the judge helps; "
        "0.7 is what twice the labels would give); *held* is how often the interval held the rate of all the people's labels.",
        table(
            [
                "judge",
                "model, prompts",
                "labels",
                "people's rate",
                "λ",
                "PPI++ width",
                "held, %",
                "labels alone held, %",
                "Rogan-Gladen width",
                "held, %",
                "undefined, %",
            ],
            [_recovery_row(one) for one in recoveries],
        ),
        "## In short",
        _reading(judged, recoveries),
    ]
    return "\n\n".join(filled(block) for block in blocks) + "\n"


def filled(block: str) -> str:
    """Prose in lines of 130; headings and tables as they are, list items indented."""
    if block.startswith(("#", "|")):
        return block
    items = [textwrap.fill(line, 130, subsequent_indent="  " if line[:2] == "- " else "") for line in block.split("\n")]
    return "\n".join(items)


def _agreement_row(name: str, found: dict[str, Number]) -> list[str]:
    return [name, shown(found["raw"], percent=True), *(shown(found[key]) for key in ("kappa", "alpha", "ac1"))]


def _recovery_row(one: Recovery) -> list[str]:
    ratio, held = one.rogan_gladen_ratio, one.rogan_gladen_coverage
    return [
        JUDGES[one.judge],
        f"{GROUPS[one.model]}, {one.kind}",
        str(one.labels),
        f"{100 * one.human:.1f} %",
        f"{one.tuning:.2f}",
        f"{one.width_ratio:.2f}",
        f"{100 * one.coverage.value:.1f}",
        f"{100 * one.classical_coverage.value:.1f}",
        "–" if ratio is None else f"{ratio:.2f}",
        "–" if held is None else f"{100 * held.value:.1f}",
        f"{100 * one.rogan_gladen_undefined:.0f}",
    ]


def _reading(judged: dict[str, dict[str, dict[str, Number]]], recoveries: Sequence[Recovery]) -> str:
    """What the tables say, computed from them."""
    lines: list[str] = []
    for judge, groups in judged.items():
        chance = [MODELS[name] for name in MODELS if isinstance(k := groups[name]["kappa"], Estimate) and k.low <= 0]
        if chance:
            lines.append(
                f"- On the answers of {', '.join(chance)} the labels of {JUDGES[judge]} agree with people no better "
                "than chance (κ), although most of them are the same, as most answers comply. "
                "The files do not say whether the judge was confused by "
                "the harmful answers it read or judged others; no number of its verdicts could have shown it, and a few human labels do."
            )
    for judge, name in JUDGES.items():
        rows = [one for one in recoveries if one.judge == judge]
        ratios = [one.width_ratio for one in rows]
        held = [100 * one.coverage.value for one in rows]
        lines.append(
            f"- **{name}**: PPI++ intervals are {min(ratios):.2f} to {max(ratios):.2f} (mean {np.mean(ratios):.2f}) times as "
            f"wide as those of the labels alone, and held the people's rate in {min(held):.1f} to {max(held):.1f} % of draws "
            f"(mean {np.mean(held):.1f} %)."
        )
    worse = [one for one in recoveries if one.rogan_gladen_ratio is not None and one.rogan_gladen_ratio > 1]
    defined = [one for one in recoveries if one.rogan_gladen_ratio is not None]
    lines.append(
        f"- **Rogan-Gladen** is wider than the labels alone in {len(worse)} of {len(defined)} rows where it exists at all: dividing by "
        "sensitivity + specificity − 1 is dear when the labels that measure them are few. It is for accuracy that is known from "
        "elsewhere; with labels on the same answers, PPI++ is the better use of them."
    )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("PRIMUM_DATA"), help="the folder that holds xstest/"
    )
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="where the Markdown goes (default: stdout)")
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the data: --data DIR, or PRIMUM_DATA")
    text, numbers = study(read(Path(options.data)), options.draws, options.seed)
    if options.out is None:
        print(text)
    else:
        options.out.write_text(text, encoding="utf-8")
    print(json.dumps(numbers))


if __name__ == "__main__":
    main()
