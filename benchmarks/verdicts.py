"""How fast verdicts come: our engine and Inspect AI on the same work, in turns, against a local server that answers at once.

    python benchmarks/verdicts.py [--rounds 3] [--quick]

- `verdicts_per_s`: 2,000 answers under 10 criteria, one criterion a call, calls file on, verdicts written as JSONL, one process.
- `inspect_verdicts_per_s`: the same calls by Inspect AI (fewer answers: its rate does not hang on how many); 0 where it is not installed.
- `ideal_share_512`: 512 calls in flight against a server that answers after 0.5 s, as a share of the ideal 1,024 a second.
- `cached_per_s`: the first work again, everything from the calls file, opening it included.
- `peak_mib`: peak memory of a process over 200,000 verdicts; `peak_mib_10k` over 10,000.

The server is scripted and on the same machine: on two cores it takes one of them. Rates are medians over the rounds. The last line is one
JSON object.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from primum.judging.chat import ChatJudge, ChatSettings
from primum.judging.engine import Engine
from primum.models.calls import CallCache
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.ports import Case
from primum.records import Abstained, ByRule, Criterion, Response, Scenario, Turn

HERE = Path(__file__).parent
MADE = ByRule(rule="benchmark")
SIGNS = (
    "a stiff neck", "fever above 39 degrees", "a rash that does not fade", "confusion", "weakness on one side",
    "trouble speaking", "vomiting", "a seizure", "pain after a fall", "changed eyesight",
)  # fmt: skip
CRITERIA = tuple(
    Criterion(
        statement=f"Says that a sudden headache with {sign} needs emergency care now.",
        points=5,
        axis="completeness",
        kind_of="proficiency",
        language="en",
        made=MADE,
    )
    for sign in SIGNS
)


def texts(number: int) -> tuple[str, str]:
    """A question and an answer of usual length; no two are alike."""
    asked = (
        f"Case {number}: since yesterday I have had a sudden headache and my neck feels stiff. Should I worry about it?"
    )
    said = (
        f"Thank you for writing, case {number}. A headache that comes on within a minute and is the worst you ever had "
        "should be seen at once, because it can come from a bleed or an infection around the brain. Call the emergency "
        "number if you also have fever, a rash that stays when you press a glass on it, confusion, weakness on one side, "
        "trouble speaking, or if you fainted. Do not drive yourself. While you wait, lie down in a dark room, note when "
        "it began and which medicines you took, and do not take aspirin. If none of this is so and it eases with rest "
        f"and water, see your own doctor within {number % 3 + 1} days, and sooner if it comes back or keeps you awake."
    )
    return asked, said


def cases(count: int) -> Iterator[Case]:
    """So many answers, made when they are taken."""
    for number in range(count):
        asked, said = texts(number)
        scenario = Scenario(
            messages=(Turn(role="user", content=asked),),
            task="open",
            dimension="emergency",
            language="en",
            dataset="benchmark",
            made=MADE,
        )
        yield Case(scenario, Response(scenario=scenario.id, text=said, made=MADE), CRITERIA)


def work(url: str, answers: int, concurrency: int, calls: Path) -> dict[str, Any]:
    """Judge so many answers in this process, and say how long it took."""
    began, decided = time.perf_counter(), 0
    with CallCache(calls) as cache, calls.with_suffix(".jsonl").open("wb") as out:
        chat = OpenAIChat(EndpointSettings(base_url=url, model="instant", concurrency=concurrency), cache)
        judge = ChatJudge(chat, ChatSettings(asks_stance=False))
        for assessment in Engine(judge).stream(cases(answers)):
            out.write(msgspec.json.encode(assessment.verdicts) + b"\n")
            decided += sum(not isinstance(verdict.outcome, Abstained) for verdict in assessment.verdicts)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"verdicts": decided, "seconds": seconds, "peak_mib": peak, "calls": chat.counts["calls"]}


@contextmanager
def server(delay_s: float = 0.0) -> Iterator[str]:
    """The instant server in a process of its own."""
    command = [sys.executable, str(HERE / "instant_server.py"), "--delay", str(delay_s)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        process.stdin.close()


def ours(url: str, answers: int, concurrency: int, calls: Path) -> dict[str, Any]:
    """`work` in a process of its own, so that its memory is its own too."""
    command = [sys.executable, __file__, "--work", url, str(answers), str(concurrency), str(calls)]
    return _last(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def inspect(url: str, answers: int) -> dict[str, Any] | None:
    """The same by Inspect AI; `None` where it is not installed (a failure of it is one of ours too)."""
    if importlib.util.find_spec("inspect_ai") is None:
        return None
    command = [sys.executable, str(HERE / "inspect_side.py"), "--url", url, "--answers", str(answers)]
    return _last(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=tempfile.mkdtemp()).stdout)


def _last(printed: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed.strip().splitlines()[-1])
    return found


def main(rounds: int, scale: float) -> dict[str, Any]:
    """Every measurement; both sides in turns."""
    rates: list[float] = []
    theirs: list[float] = []
    cached: list[float] = []
    folder = Path(tempfile.mkdtemp())
    answers = int(2000 * scale)
    with server() as url:
        for turn in range(rounds):
            calls = folder / f"{turn}.db"
            done = ours(url, answers, 256, calls)
            assert done["verdicts"] == answers * 10 == done["calls"], done
            rates.append(done["verdicts"] / done["seconds"])
            again = ours(url, answers, 256, calls)
            assert again["verdicts"] == answers * 10 and again["calls"] == 0, again
            cached.append(again["verdicts"] / again["seconds"])
            other = inspect(url, int(100 * scale))
            theirs.append(other["verdicts"] / other["seconds"] if other else 0.0)
            print(f"round {turn + 1}: {rates[-1]:,.0f}/s, cached {cached[-1]:,.0f}/s, Inspect AI {theirs[-1]:,.1f}/s")
        small = ours(url, int(1000 * scale), 256, folder / "small.db")
        large = ours(url, int(20_000 * scale), 256, folder / "large.db")
        print(f"memory: {small['peak_mib']:.0f} MiB over 10k, {large['peak_mib']:.0f} MiB over 200k verdicts")
    shares = []
    with server(0.5) as url:
        for turn in range(rounds):
            done = ours(url, int(2048 * scale), 512, folder / f"slow{turn}.db")
            shares.append(done["verdicts"] / done["seconds"] / 1024)
            print(f"512 in flight, 0.5 s: {shares[-1]:.1%} of the ideal over {done['verdicts']:,} calls")
    mine, inspects = statistics.median(rates), statistics.median(theirs)
    return {
        "verdicts_per_s": round(mine),
        "inspect_verdicts_per_s": round(inspects, 1),
        "ratio": round(mine / inspects, 1) if inspects else None,
        "ideal_share_512": round(statistics.median(shares), 3),
        "cached_per_s": round(statistics.median(cached)),
        "peak_mib": round(large["peak_mib"]),
        "peak_mib_10k": round(small["peak_mib"]),
    }


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        print(json.dumps(work(given.work[0], int(given.work[1]), int(given.work[2]), Path(given.work[3]))))
    else:
        print(json.dumps(main(given.rounds, 0.1 if given.quick else 1.0)))
