"""`primum judge run` and `primum judge compare`: verdicts on answers, and what several judges said of the same ones."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from primum.cli import options, render

if TYPE_CHECKING:
    from primum.cycles.judging import Tally
    from primum.evaluation.judges_compared import Compared, JudgesCompared
    from primum.records import Estimate
    from primum.stats.undefined import Undefined

__all__ = ["JudgingProgress", "compare", "run"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_LINE_EVERY_S, _DRAWN_EVERY_S = 15.0, 0.2
_MOST_REASONS = 5


@click.command("run")
@click.argument("data", type=_FILE)
@click.argument("answers", type=_FILE)
@click.option("--judge", type=_FILE, required=True, metavar="JUDGE.toml", help="Which judge, and how.")
@click.option(
    "--out",
    type=_FILE,
    required=True,
    metavar="VERDICTS.jsonl",
    help="Where the verdicts go; one that is there goes on.",
)
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Put a setting on top of the judge's (repeatable)."
)
@click.option("--force", "is_forced", is_flag=True, help="Start --out anew, whatever it holds.")
@click.option("--partial", "is_partial", is_flag=True, help="Let ANSWERS leave out prompts of DATA.")
@click.option(
    "--most-abstained",
    type=click.FloatRange(0.0, 1.0),
    default=0.05,
    show_default=True,
    help="Exit with 1 when a larger share of the verdicts is abstained from; the file is kept.",
)
@options.as_json
def run(most_abstained: float, as_json: bool, **ordered: Any) -> None:
    """Judge the ANSWERS (JSONL: prompt_id, response) by the criteria of DATA (JSONL as HealthBench is published).

    A run that was stopped goes on where it was: run the same command again. Replies of a chat model are remembered in calls.db beside
    --out, so none is paid for twice. A panel's members have files of their own beside it. The verdicts are read by primum eval score
    and primum judge compare.
    """
    from primum.cycles.judging import JudgingOrder, judge_answers

    order = JudgingOrder(**ordered)
    out = order.out
    with JudgingProgress() as progress:
        tally = judge_answers(order, progress)
    if as_json:
        render.to_json(_summary(tally, out))
    else:
        render.lines(_told(tally, out))
    if tally.share_abstained > most_abstained:
        click.echo(
            f"primum: {tally.abstained:,} of {tally.verdicts:,} verdicts ({tally.share_abstained:.1%}) are abstentions, more than "
            f"--most-abstained {most_abstained:g}: see why above, mend it and run again with --force, which pays for no call twice ({out})",
            err=True,
        )
        raise SystemExit(1)


@click.command("compare")
@click.argument("data", type=_FILE)
@click.argument("verdicts", type=_FILE, nargs=-1, required=True, metavar="VERDICTS...")
@click.option(
    "--labels", type=_FILE, help="What people said (JSONL: prompt_id, rater, met), to compare each judge with."
)
@click.option("--partial", is_flag=True, help="Let a file leave out prompts of DATA.")
@options.as_json
def compare(data: Path, verdicts: tuple[Path, ...], labels: Path | None, partial: bool, as_json: bool) -> None:
    """Compare what two or more judges said of the same answers to DATA: two VERDICTS files or more.

    Shows how often each found a criterion met or abstained, how far they agree (raw, Cohen's κ, Gwet's AC1, Krippendorff's α, with 95 %
    intervals by conversation), and on which criteria they were divided most.
    """
    from primum.cycles.comparing_judges import compare_judges

    compared = compare_judges(data, verdicts, labels, partial)
    if as_json:
        render.to_json(_plain(compared))
    else:
        _show(compared)


class JudgingProgress:
    """How far the judging is: one line that is drawn again on a terminal, a line now and then elsewhere."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, is_terminal: bool | None = None) -> None:
        self._clock = clock
        self._is_terminal = sys.stderr.isatty() if is_terminal is None else is_terminal
        self._told = clock()
        self._has_drawn = False

    def __enter__(self) -> JudgingProgress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._has_drawn:
            click.echo("\r\x1b[2K", nl=False, err=True, color=True)

    def __call__(self, tally: Tally) -> None:
        now = self._clock()
        if now - self._told < (_DRAWN_EVERY_S if self._is_terminal else _LINE_EVERY_S):
            return
        self._told = now
        if self._is_terminal:
            self._has_drawn = True
            click.echo(f"\r\x1b[2K{self.line(tally)}", nl=False, err=True, color=True)
        else:
            click.echo(f"  … {self.line(tally)}", err=True)

    @staticmethod
    def line(tally: Tally) -> str:
        """`120 of 5,000 answers · 1,320 verdicts · 311 a second · 410,233 tokens · 0.62 USD · 3:20 left`."""
        seconds, done = tally.seconds, tally.done - tally.before
        parts = [f"{tally.done:,} of {tally.answers:,} answers", f"{tally.verdicts:,} verdicts"]
        if seconds > 0 and done:
            parts.append(f"{(tally.verdicts - tally.verdicts_before) / seconds:,.0f} a second")
        parts += _paid(tally)
        if done:
            parts.append(f"{_clock(seconds / done * (tally.answers - tally.done))} left")
        return " · ".join(parts)


def _paid(tally: Tally) -> list[str]:
    spent = tally.spent
    parts = [f"{spent.tokens:,} tokens"] if spent.tokens else []
    return [*parts, f"{spent.usd:,.2f} USD"] if spent.usd else parts


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _summary(tally: Tally, out: Path) -> dict[str, Any]:
    from msgspec import to_builtins

    from primum.records import plain

    spent, seconds, new = tally.spent, tally.seconds, tally.verdicts - tally.verdicts_before
    found = {
        "file": str(out),
        "judge": plain(tally.judge) | {"id": tally.judge.id},
        "answers": tally.done,
        "verdicts": tally.verdicts,
        "met": tally.met,
        "not_met": tally.not_met,
        "abstained": tally.abstained,
        "share_abstained": tally.share_abstained,
        "reasons": dict(tally.reasons.most_common()),
        "this_run": {
            "answers": tally.done - tally.before,
            "verdicts": new,
            "seconds": seconds,
            "verdicts_per_second": new / seconds if seconds > 0 else None,
            "calls": spent.calls,
            "prompt_tokens": spent.prompt_tokens,
            "completion_tokens": spent.completion_tokens,
            "usd": spent.usd,
        },
        "notes": list(tally.notes),
    }
    divided = tally.disagreement
    if divided is not None and divided.n:
        found["this_run"]["panel"] = to_builtins(
            {
                "split": divided.split,
                "undecided": divided.undecided,
                "members": [member._asdict() for member in divided.members],
            }
        )
    return found


def _told(tally: Tally, out: Path) -> list[str]:
    told = [
        f"{tally.verdicts:,} verdicts on {tally.done:,} answers by {tally.judge.name} ({tally.judge.kind_of}): {tally.met:,} met, "
        f"{tally.not_met:,} not met, {tally.abstained:,} abstained ({tally.share_abstained:.1%})"
    ]
    told += [f"  {n:>8,} × {reason}" for reason, n in tally.reasons.most_common(_MOST_REASONS)]
    if len(tally.reasons) > _MOST_REASONS:
        told.append(f"           and {len(tally.reasons) - _MOST_REASONS:,} other reasons")
    new, seconds = tally.verdicts - tally.verdicts_before, tally.seconds
    rate = f", {new / seconds:,.0f} a second" if seconds > 0 and new else ""
    told.append(", ".join([f"This run: {new:,} verdicts in {seconds:,.1f} s{rate}", *_paid(tally)]))
    divided = tally.disagreement
    if divided is not None and divided.split is not None:
        told.append(f"The panel was divided on {_share(divided.split)} of them")
        for member in divided.members:
            told.append(
                f"  {member.name}: outvoted on {_share(member.outvoted)}, abstained from {_share(member.abstained)}"
            )
    told += [f"Note: {note}" for note in tally.notes]
    return [*told, f"Verdicts: {out}"]


def _share(estimate: Estimate | None) -> str:
    if estimate is None:
        return "nothing to count"
    return f"{estimate.value:.1%} [{estimate.low:.1%}, {estimate.high:.1%}]"


def _coefficient(found: Estimate | Undefined) -> str:
    from primum.records import Estimate

    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]" if isinstance(found, Estimate) else "undefined"


def _show(compared: JudgesCompared) -> None:
    marks = [[one.name, one.judge, _share(one.met), _share(one.abstained)] for one in compared.judges]
    render.table(f"Judges, on {compared.n:,} criteria", ("file", "judge", "met, of the decided", "abstained"), marks)
    columns = ("between", "n", "agreement", "Cohen κ", "Gwet AC1", "Krippendorff α")
    rows = [_row(f"{pair.first} – {pair.second}", pair.compared) for pair in compared.pairs]
    if len(compared.judges) > 2:
        rows.append(_row("all", compared.together))
    render.table("Agreement", columns, rows)
    if compared.people:
        labelled = [_row(f"{pair.first} – {pair.second}", pair.compared) for pair in compared.people]
        render.table("Agreement with people", columns, labelled)
    shown = [pair.compared for pair in (*compared.pairs, *compared.people)]
    render.lines(_undefined([*shown, compared.together] if len(compared.judges) > 2 else shown))
    for title, found in (("Divided most, by tag", compared.tags), ("Divided most, by criterion", compared.criteria)):
        if found:
            rows = [[one.what[:100], one.divided, one.n, f"{one.divided / one.n:.1%}"] for one in found[:10]]
            render.table(title, ("what", "divided", "of", "share"), rows)
    if not compared.tags and not compared.criteria:
        render.lines(["No criterion divided them."])


def _row(name: str, compared: Compared) -> list[object]:
    n = getattr(compared.agreement, "n", 0)
    return [name, n, *map(_coefficient, compared)]


def _undefined(compared: list[Compared]) -> list[str]:
    """Why some coefficients have no value, each reason once."""
    reasons = [found.reason for one in compared for found in one if hasattr(found, "reason")]
    return [f"undefined: {reason}" for reason in dict.fromkeys(reasons)]


def _plain(found: Any) -> Any:
    """Named tuples and estimates as JSON has them; a number that does not exist is `{"undefined": reason}`."""
    from msgspec import Struct, to_builtins

    from primum.stats.undefined import Undefined

    if isinstance(found, Undefined):
        return {"undefined": found.reason}
    if isinstance(found, Struct):
        return to_builtins(found)
    if hasattr(found, "_asdict"):
        return {name: _plain(value) for name, value in found._asdict().items()}
    if isinstance(found, tuple | list):
        return [_plain(one) for one in found]
    return found
