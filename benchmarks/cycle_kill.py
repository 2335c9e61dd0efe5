"""Cycles killed at random moments (SIGKILL), taken back and killed again, against the same cycles undisturbed.

    python benchmarks/cycle_kill.py [KILLS] [RECIPE]

Both go through the recipe's cycles, are rolled back to the first, and through one cycle more; one of them is killed KILLS times on the
way, the other never. The last line is {"kills", "kills_in", "same_numbers", "same_records", "finished_redone", "ledger_entries",
"problems", "calm_s", "seconds"}. `kills_in` counts the kills by what was being done; `same_numbers` compares report.json without what
holds times; `same_records` the ids of every record but those that a run in pieces may hold more of; `finished_redone` counts steps and
parts that were stored as done before a kill and otherwise after it.
"""

from __future__ import annotations

import json
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from kill import done

ROOT = Path(__file__).parents[1]
RECORDS = ("cycle", "rollback", "policyref", "decision", "report", "judgeref", "approval", "preference")


def primum(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "primum.cli", *map(str, arguments)]


def told(*arguments: object) -> Any:
    """What a command says as JSON."""
    return json.loads(subprocess.run(primum(*arguments, "--json"), check=True, capture_output=True, text=True).stdout)


def timeless(node: Any) -> Any:
    """A report without what holds times: seconds, and the ledger's head."""
    if isinstance(node, dict):
        return {key: timeless(part) for key, part in node.items() if key not in ("seconds", "head")}
    return [timeless(part) for part in node] if isinstance(node, list) else node


def numbers(workspace: Path) -> Any:
    return timeless(json.loads((workspace / "report.json").read_text(encoding="utf-8")))


def records(workspace: Path) -> list[str]:
    with sqlite3.connect(workspace / "primum.db") as store:
        marks = ", ".join("?" * len(RECORDS))
        return [id for (id,) in store.execute(f"SELECT id FROM record WHERE kind IN ({marks}) ORDER BY id", RECORDS)]


def at_work(workspace: Path) -> str:
    """Which cycle the last finished step belongs to, by the ledger."""
    if not done(workspace):
        return "before the first step"
    with sqlite3.connect(workspace / "primum.db") as store:
        row = store.execute("SELECT body FROM ledger ORDER BY sequence DESC LIMIT 1").fetchone()
    event = json.loads(row[0])["event"] if row else ""
    found = re.search(r"cycle \d+|test [\w ]+", event)
    return f"after a step of {found[0]}" if found else "on the ground of all cycles"


class Killed:
    """A workspace whose runs are killed at random moments."""

    def __init__(self, workspace: Path, chance: random.Random) -> None:
        self.workspace, self._chance = workspace, chance
        self.where: Counter[str] = Counter()
        self.redone = 0
        self._finished: dict[tuple[str, str], str] = {}

    def look(self) -> None:
        """Note what is done, and count what was done before and is otherwise now."""
        now = done(self.workspace)
        self.redone += sum(now.get(key) != outputs for key, outputs in self._finished.items())
        self._finished = now

    def run(self, command: list[str], kills: int, calm_s: float) -> None:
        """Run `command`, killed up to `kills` times, to its end. A run that ended before it was to be killed is not killed."""
        for _ in range(kills):
            running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                # A start takes some seconds to come to work: later than that, so that the run gets on between kills.
                running.wait(self._chance.uniform(2, 12 + 1.6 * calm_s / kills))
            except subprocess.TimeoutExpired:
                running.send_signal(signal.SIGKILL)
                running.wait()
                self.where[at_work(self.workspace)] += 1
            if running.returncode not in (0, -signal.SIGKILL):
                raise SystemExit(f"the run failed with {running.returncode}: {' '.join(command)}")
            self.look()
            print(f"{sum(self.where.values())} kills, {len(self._finished)} steps and parts are done", flush=True)
            if running.returncode == 0:
                break
        subprocess.run(command, check=True, capture_output=True)
        self.look()


def main(kills: int, recipe: Path) -> dict[str, object]:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        calm, workspace = Path(folder) / "calm", Path(folder) / "killed"
        killed = Killed(workspace, random.Random(20))

        def run(place: Path, *more: object) -> list[str]:
            return primum("cycle", "run", recipe, "--workspace", place, *more)

        back = ("cycle", "rollback", "--to", 1, "--reason", "To see that it goes on from there.")
        subprocess.run(run(calm), check=True, capture_output=True)
        first_s = time.monotonic() - began
        last = told("cycle", "status", "--workspace", calm)["arms"][0]["cycles"][-1]["number"]
        subprocess.run(primum(*back, "--workspace", calm), check=True, capture_output=True)
        # The number of cycles is set, not asked as --more: a run killed at its very end must not be asked for another.
        further = ("--set", f"cycles={last + 1}")
        subprocess.run(run(calm, *further), check=True, capture_output=True)
        calm_s = time.monotonic() - began
        killed.run(run(workspace), round(kills * 0.7), first_s)
        subprocess.run(primum(*back, "--workspace", workspace), check=True, capture_output=True)
        killed.run(run(workspace, *further), kills - round(kills * 0.7), calm_s - first_s)
        verified = told("store", "verify", "--workspace", workspace)
        return {
            "kills": sum(killed.where.values()),
            "kills_in": dict(sorted(killed.where.items())),
            "same_numbers": numbers(calm) == numbers(workspace),
            "same_records": records(calm) == records(workspace),
            "finished_redone": killed.redone,
            "ledger_entries": json.loads((workspace / "report.json").read_text(encoding="utf-8"))["ledger"]["entries"],
            "problems": verified["problems"],
            "calm_s": round(calm_s),
            "seconds": round(time.monotonic() - began),
        }


if __name__ == "__main__":
    print(
        json.dumps(
            main(
                int(sys.argv[1]) if sys.argv[1:] else 20,
                Path(sys.argv[2]) if sys.argv[2:] else ROOT / "tests" / "cycles" / "small_cycles.toml",
            )
        )
    )
