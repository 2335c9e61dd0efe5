"""The study of `reward_real.py` as a page of Markdown: its tables, and in words what they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["page"]

_NAMES = {
    "length": "answer length",
    "linear": "n-grams",
    "scratch": "from scratch",
    "pretrained": "pre-trained",
}
_MODELS = ("scratch", "pretrained")
_VETO = {"veto_precision": "precision", "veto_recall": "recall", "veto_f1": "F1"}


def page(found: Mapping[str, Any]) -> str:
    """The whole page."""
    return (
        "\n\n".join(
            [
                "# A small reward model on real answers",
                _what(found),
                "## What it shows",
                *_in_words(found),
                "## Pairs: which of two answers people put first",
                "Share right, %, with 95 % intervals by group: questions that share an answer, and near-duplicates of a prompt, are drawn "
                "together. A coin has 50. Differences are paired: the same choices by both.",
                _table(found, "pairwise", ""),
                "## One answer under one criterion",
                "Share of answers whose chance of being met, from .5, says what people say, %. *By chance* always says the commoner label. "
                "Nothing was tuned to it: a model that ranks well and is badly calibrated fails here.",
                _table(found, "pointwise", "by chance"),
                "## Vetoes",
                "Violated vetoes, %. *By chance* flags all. Under harmless requests no answer violates the veto: whoever flags "
                "a full answer there loses precision.",
                _vetoes(found),
                "## The order of answers to a question of LiveQA-Med",
                "Spearman's correlation with the hand grades within a question, mean over the questions with three answers or more and "
                "different grades; a coin has 0.",
                _ranks(found),
                "## Sizes and seconds",
                _sizes(found),
            ]
        )
        + "\n"
    )


def _what(found: Mapping[str, Any]) -> str:
    sets, texts, shape = found["sets"], found["texts"], found["settings"]["shape"]
    shape = {"layers": 4, "width": 128, "vocabulary": 4096, **shape}
    return (
        f"Labels are people's: LiveQA-Med's {sets['liveqa-med']['grades']} grades of {sets['liveqa-med']['answers']} answers to "
        f"{sets['liveqa-med']['situations']} questions (CC-BY-4.0), XSTest's adjudicated labels "
        f"({sets['xstest']['answers']:,} answers of three models; arXiv 2308.01263, CC-BY-4.0) and MedSafetyBench's safe responses "
        f"({sets['medsafetybench']['answers']}; arXiv 2403.03744, MIT). MedSafetyBench has no unsafe answers: beside a safe one stands "
        "a *simulated* one that goes along in form, the safe response to *another* request, or a *benign* answer of MedQuAD; these "
        "three rows are easy by construction and are shown apart. "
        f"{len(found['folds'])} folds; nothing of a question, and no near-duplicate of a prompt, stands on both sides of one; each leaves "
        "one of XSTest's three models out of the training (*unseen policy*).\n\n"
        f"The reward models are tiny: a Qwen3 shape of {shape['layers']} layers, {shape['width']} wide, built from config, so they are "
        "from scratch either way. *Pre-trained* means that the backbone first read "
        f"{texts['read']:,} questions with answers of MedQuAD and Huatuo, less those that share thirteen words in a row with what is "
        f"measured ({sum(texts['left_out'].values()):,} were left out). *N-grams* is the linear baseline, `rewards/linear.py`; *answer "
        "length* a logistic curve over the logarithm of the length for each criterion. All learn from the same pairs."
    )


def _in_words(found: Mapping[str, Any]) -> list[str]:
    """Sentences that the intervals decide: off a coin or not, beyond another scorer, below it, or not told apart."""
    lines = [
        _against_coin(found, "pairwise", "liveqa-med, all statements", "Which medical answer is better, by its grade"),
        _against_coin(
            found, "pairwise", "xstest, veto", "Which answer does no harm (XSTest's prompts are general, not medical)"
        ),
    ]
    lines += _left_out(found)
    for name in _MODELS:
        for metric, words in _WORDS.items():
            told = _counted(found["minus_linear"][name], metric)
            lines.append(f"- **{_NAMES[name]} beside n-grams, {words}**: {told}")
    told = _counted(found["pretrained_minus_scratch"], "pairwise")
    lines.append(f"- **What the reading gave** (pre-trained beside from scratch, pairs): {told}")
    lines.append(
        "- The classes overlap, and no interval is corrected for their number. All of it is of one seed: another draw of the heads and "
        "of the order may move a small class further than its interval says."
    )
    return ["\n".join(lines)]


def _left_out(found: Mapping[str, Any]) -> list[str]:
    """What is found of the violated vetoes of a policy that the training left out."""
    rows = {
        words: _row(found["figures"][name], "veto_recall", "xstest, veto, unseen policy")
        for name, words in _NAMES.items()
    }
    known = {words: row for words, row in rows.items() if "value" in row}
    if not known:
        return []
    return [
        f"- **Violated vetoes of a policy that the training left out**, {max(row['n'] for row in known.values())} answers, share found: "
        + ", ".join(f"{words} {_percent(row)}" for words, row in known.items())
        + ". Nearly all harmful requests of XSTest that were done were done by one model; where it is left out, the training has simulated "
        "ones only."
    ]


_WORDS = {"pairwise": "pairs", "pointwise": "single answers", "veto_f1": "F1 of vetoes"}


def _against_coin(found: Mapping[str, Any], metric: str, of: str, asked: str) -> str:
    rows = {words: _row(found["figures"][name], metric, of) for name, words in _NAMES.items()}
    above = [words for words, row in rows.items() if row["low"] > 0.5]
    shares = ", ".join(f"{words} {_percent(row)}" for words, row in rows.items())
    below = [words for words, row in rows.items() if row["high"] < 0.5]
    verdict = f"surely better than a coin: {', '.join(above)}" if above else "**none is surely better than a coin**"
    verdict += f"; surely worse: {', '.join(below)}" if below else ""
    return f"- **{asked}**, {rows['n-grams']['n']} choices: {shares}; {verdict}."


def _counted(rows: Sequence[Mapping[str, Any]], metric: str) -> str:
    rows = [row for row in rows if row["metric"] == metric and "value" in row]
    above = [row["of"] for row in rows if row["low"] > 0]
    below = [row["of"] for row in rows if row["high"] < 0]
    return (
        f"of {len(rows)} classes better in {len(above)}{_listed(above)}, worse in {len(below)}{_listed(below)}, not told apart in "
        f"{len(rows) - len(above) - len(below)}."
    )


def _listed(names: Sequence[str]) -> str:
    return f" ({'; '.join(names)})" if names else ""


def _table(found: Mapping[str, Any], metric: str, chance: str) -> str:
    head = ["class", "n", *([chance] if chance else []), *_NAMES.values()]
    head += [f"{_NAMES[name]} − n-grams" for name in _MODELS]
    lines = [_line(head), _line(["---"] * len(head))]
    for of in dict.fromkeys(row["of"] for row in found["figures"]["linear"] if row["metric"] == metric):
        rows = {name: _row(found["figures"][name], metric, of) for name in _NAMES}
        cells = [of, str(rows["linear"]["n"])]
        cells += [f"{100 * rows['linear']['by_chance']:.0f}"] if chance else []
        cells += [_percent(rows[name]) for name in _NAMES]
        cells += [_apart(_row(found["minus_linear"][name], metric, of)) for name in _MODELS]
        lines.append(_line(cells))
    return "\n".join(lines)


def _vetoes(found: Mapping[str, Any]) -> str:
    head = ["class", "", "by chance", *_NAMES.values(), *(f"{_NAMES[name]} − n-grams" for name in _MODELS)]
    lines = [_line(head), _line(["---"] * len(head))]
    for of in dict.fromkeys(row["of"] for row in found["figures"]["linear"] if row["metric"] == "veto_f1"):
        for metric, word in _VETO.items():
            rows = {name: _row(found["figures"][name], metric, of) for name in _NAMES}
            chance = next((row["by_chance"] for row in rows.values() if "by_chance" in row), None)
            cells = [of, word, "" if chance is None else f"{100 * chance:.0f}"]
            cells += [_percent(rows[name]) for name in _NAMES]
            # Precision is of other rows for each scorer: there is no paired difference.
            cells += [
                "" if metric == "veto_precision" else _apart(_row(found["minus_linear"][name], metric, of))
                for name in _MODELS
            ]
            lines.append(_line(cells))
    return "\n".join(lines)


def _ranks(found: Mapping[str, Any]) -> str:
    head = ["", "questions", "correlation", "minus n-grams"]
    lines = [_line(head), _line(["---"] * len(head))]
    for name, words in _NAMES.items():
        row = _row(found["figures"][name], "rank", "liveqa-med")
        apart = "" if name == "linear" else _plain(_row(found["minus_linear"][name], "rank", "liveqa-med"))
        lines.append(_line([words, str(row["n"]), _plain(row), apart]))
    return "\n".join(lines)


def _sizes(found: Mapping[str, Any]) -> str:
    seconds = found["seconds"]
    lines = [
        f"- fold {number}: {fold['train']:,} pairs train, {fold['test']:,} are measured, without {fold['unseen']}"
        for number, fold in enumerate(found["folds"])
    ]
    models = sum(one for name, one in seconds.items() if name.endswith(_MODELS) and name.startswith("fold"))
    lines.append(
        f"- {found['seconds_all']:.0f} seconds of one CPU core in all: {seconds['pretrained']:.0f} to pre-train, {models:.0f} to train and "
        f"read {sum(name.endswith(_MODELS) and name.startswith('fold') for name in seconds)} reward models, the rest for the baselines"
    )
    lines.append("- `PRIMUM_DATA=DIR python benchmarks/reward_real.py --work FOLDER --out docs/reward-real.md`")
    return "\n".join(lines)


def _row(rows: Sequence[Mapping[str, Any]], metric: str, of: str) -> Mapping[str, Any]:
    return next(row for row in rows if (row["metric"], row["of"]) == (metric, of))


def _percent(row: Mapping[str, Any]) -> str:
    if "value" not in row:
        return f"– ({row['why']})"
    return f"{100 * row['value']:.1f} [{100 * row['low']:.1f}, {100 * row['high']:.1f}]"


def _apart(row: Mapping[str, Any]) -> str:
    if "value" not in row:
        return f"– ({row['why']})"
    told = f"{100 * row['value']:+.1f} [{100 * row['low']:+.1f}, {100 * row['high']:+.1f}]"
    return f"**{told}**" if row["low"] > 0 or row["high"] < 0 else told


def _plain(row: Mapping[str, Any]) -> str:
    return f"{row['value']:.2f} [{row['low']:.2f}, {row['high']:.2f}]" if "value" in row else f"– ({row['why']})"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
