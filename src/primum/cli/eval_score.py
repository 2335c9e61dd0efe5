"""`primum eval score`: recorded verdicts to a suite's numbers."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import click

from primum.cli import options, render

__all__ = ["score"]

_FILE = click.Path(path_type=Path, dir_okay=False)
# The names of primum.evaluation.suites.registry.SUITES, here so that --help imports nothing; a test compares them.
_ANEW = "name another file for VERDICTS, or remove this one and the .judge.json beside it"
_SUITES = ("healthbench", "healthbench-meta", "cares", "medes", "medsafety", "xstest", "choice")


@click.command("score")
@click.argument("suite", type=click.Choice(_SUITES), metavar="SUITE")
@click.argument("data", type=_FILE)
@click.argument("verdicts", type=_FILE)
@click.option("--answers", type=_FILE, help="The answers that were judged: checked against the verdicts (healthbench).")
@click.option("--ids", type=_FILE, help="Score only these ids of the set, one a line (as for the hard subset).")
@click.option(
    "--consensus", is_flag=True, help="Score only the consensus criteria, tagged level:cluster (healthbench)."
)
@click.option(
    "--length-adjust",
    type=click.Choice(["regular", "hard", "consensus"]),
    help="Adjust for length with the weight of this subset; needs --answers (healthbench).",
)
@click.option(
    "--labels",
    type=_FILE,
    help="People's labels on some of the answers (prompt_id, rater, met; or a filled worksheet): adds corrected scores (healthbench).",
)
@click.option(
    "--judge",
    type=_FILE,
    metavar="JUDGE.toml",
    help="Let this judge read --answers first, any of primum judge's kinds; its verdicts go to VERDICTS (healthbench).",
)
@click.option(
    "--sampling", type=_FILE, help="The chances the labels were drawn with, as judge next --sampled wrote them."
)
@click.option("--partial", is_flag=True, help="Leave out rows without verdicts, and count them, instead of refusing.")
@click.option(
    "--most-abstained",
    type=click.FloatRange(0.0, 1.0),
    help="Fail (exit code 1, after the result) when the judge abstained from a larger share. Not set: a warning above 0.05.",
)
@options.as_json
def score(suite: str, data: Path, verdicts: Path, **wanted: Any) -> None:
    """Score the VERDICTS on the set DATA as SUITE defines it. Both are JSONL; nothing is judged here, unless --judge names who reads the
    --answers first: its verdicts are then written to VERDICTS, and a run that was stopped goes on there.

    SUITE is one of healthbench, healthbench-meta, cares, medes, medsafety, xstest and choice. A verdict of null is an abstention: it is
    in no score, and the bounds say what the score could have been at least and at most without it.

    With --labels the score is shown four ways, whole and by tag: by the judge alone (naive); corrected by PPI++, right however bad the
    judge is; by the labels alone (classical); and corrected through the judge's sensitivity and specificity (Rogan-Gladen). Where several
    people labelled a criterion, the share of them who found it met counts.
    """
    from primum.cycles.scoring import WARNED_SHARE, objection, score_files
    from primum.evaluation.suites.pairs import Options

    most = wanted["most_abstained"]
    if most is not None and math.isnan(most):  # FloatRange lets it through
        raise click.UsageError("--most-abstained nan is not a share from 0 to 1")
    asked = Options(
        partial=wanted["partial"],
        answers=wanted["answers"],
        length_adjust=wanted["length_adjust"],
        consensus=wanted["consensus"],
    )
    if wanted["judge"] is not None:
        _judge(suite, data, verdicts, wanted)
    with render.bar(f"scoring {suite}"):
        found = score_files(
            suite,
            data,
            verdicts,
            ids=wanted["ids"],
            options=asked,
            labels=wanted["labels"],
            sampling=wanted["sampling"],
        )
    if wanted["as_json"]:
        render.to_json(found)
    else:
        _show(found)
    told = objection(found, WARNED_SHARE if most is None else most)
    if told is not None:
        click.echo(f"primum: {told}: judge again where it did, or read the bounds and not the score", err=True)
        sys.stderr.flush()
        if most is not None:
            raise SystemExit(1)


def _judge(suite: str, data: Path, verdicts: Path, wanted: dict[str, Any]) -> None:
    """The verdicts of the judge on the answers, written to `verdicts`."""
    from primum.cli.judge_run import JudgingProgress
    from primum.cycles.judging import JudgingOrder, judge_answers
    from primum.errors import InputError, SettingError

    if suite != "healthbench" or wanted["answers"] is None:
        raise click.UsageError("--judge reads --answers by the criteria of healthbench: give both, or judge elsewhere")
    order = JudgingOrder(data, wanted["answers"], wanted["judge"], verdicts, is_partial=wanted["partial"])
    try:
        with JudgingProgress() as progress:
            judge_answers(order, progress)
    except (InputError, SettingError) as error:
        # Said for primum judge run, whose options this command does not have.
        value = error.value.replace("--out", "VERDICTS")
        way_out = _ANEW if "--force" in error.way_out else error.way_out
        place = "eval score" if error.place == "judge run" else error.place
        raise type(error)(value, error.rule, way_out, place) from error


def _show(found: dict[str, Any]) -> None:
    better = "higher is better" if found["is_better_high"] else "lower is better"
    rows = [_row("score", found["score"], found["bounds"])]
    rows += [_row(name, one, found["metric_bounds"][name]) for name, one in found["metrics"].items()]
    rows += [_row(name, one, found["tag_bounds"][name]) for name, one in found["tags"].items()]
    columns = ("number", "value", "95 % interval", "n", "bounds with abstentions")
    render.table(f"{found['suite']}: {found['metric']}, {better}", columns, rows)
    if "corrected" in found:
        _show_corrected(found["corrected"])
    told = [f"{found['n']:,} answers, {found['decided']:,} of them decided; {_abstentions(found)}."]
    told += [f"{found['missing']:,} rows of the set have no verdict and were left out."] if found["missing"] else []
    told += [f"judge: {found['judge_name']}"] if found["judge"] else []
    told += [f"{name.replace('_', ' ')} (reference): {value:.4f}" for name, value in found["reference"].items()]
    render.lines(told + found["notes"])


def _show_corrected(corrected: dict[str, dict[str, Any]]) -> None:
    ways = ("naive", "ppi", "classical", "rogan_gladen")
    rows = [
        [
            name,
            one["n_labelled"],
            *(_interval(one[way]) for way in ways),
            "" if one["tuning"] is None else f"{one['tuning']:.2f}",
        ]
        for name, one in corrected.items()
    ]
    heads = (
        "number",
        "answers labelled",
        "judge alone",
        "corrected, PPI++",
        "labels alone",
        "corrected, Rogan-Gladen",
        "λ",
    )
    render.table("Corrected by people's labels, with 95 % intervals", heads, rows)
    reasons: dict[str, list[str]] = {}
    for name, one in corrected.items():
        for way in ways:
            if "undefined" in one[way]:
                reasons.setdefault(one[way]["undefined"], []).append(name)
    for reason, names in reasons.items():
        shown = list(dict.fromkeys(names))
        more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
        render.lines([f"undefined ({', '.join(shown[:3])}{more}): {reason}"])


def _interval(estimate: dict[str, Any]) -> str:
    if "undefined" in estimate:
        return "undefined"
    return f"{estimate['value']:.3f} [{estimate['low']:.3f}, {estimate['high']:.3f}]"


def _row(name: str, estimate: dict[str, Any] | None, bounds: list[float]) -> list[str]:
    low, high = bounds
    reach = f"{low:.4f} … {high:.4f}" if low != high else ""
    if estimate is None:
        return [name, "undecided", "", "0", reach]
    interval = f"{estimate['low']:.4f} … {estimate['high']:.4f}"
    return [name, f"{estimate['value']:.4f}", interval, f"{estimate['n']:,}", reach]


def _abstentions(found: dict[str, Any]) -> str:
    if not found["abstained"]:
        return f"the judge abstained from none of {found['asked']:,} verdicts"
    return f"the judge abstained from {found['abstained']:,} of {found['asked']:,} verdicts ({found['abstained_share']:.1%})"
