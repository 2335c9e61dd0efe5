"""Cycles killed at random moments (SIGKILL), taken back and killed again, against the same cycles undisturbed.

    python benchmarks/cycle_kill.py [KILLS] [RECIPE]

Both go through the recipe's cycles, are rolled back to the first, and through one cycle more; one of them is killed KILLS times on the
way, the other never. A run is killed when it has done some steps more, a random moment into the next. The last line is {"kills",
"kills_in", "same_numbers", "same_records", "finished_redone", "ledger_entries", "problems", "calm_s", "seconds"}. `kills_in` counts the
kills by the cycle of the last step before them; `same_numbers` compares report.json without what holds times; `same_records` the ids of
all that was taught, trained and decided; `finished_redone` counts steps and parts that were stored as done before a kill and otherwise
after it.
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

    def run(self, command: list[str], kills: int) -> None:
        """Run `command`, killed up to `kills` times, to its end: each time some steps after it came to work, a moment into the next."""
        for _ in range(kills):
            running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            assert running.stderr is not None
            wanted, last = self._chance.choice((0, 1, 1, 2, 3)), "the beginning"
            for line in running.stderr:
                if line.startswith("✓ "):  # a step is done, now or before
                    last = line[2:].split("  ")[0].strip()
                    wanted -= "done before" not in line
                if wanted < 0:
                    break
            time.sleep(self._chance.uniform(0, 4))
            running.send_signal(signal.SIGKILL)
            running.wait()
            running.stderr.close()
            if running.returncode != -signal.SIGKILL:  # it came to its end
                break
            self.where[_cycle_of(last)] += 1
            self.look()
            print(f"killed after {last}: {len(self._finished)} steps and parts are done", flush=True)
        subprocess.run(command, check=True, capture_output=True)
        self.look()


def _cycle_of(step: str) -> str:
    """What was being done after a step, roughly: by the cycle of that step."""
    found = re.search(r"cycle \d+", step)
    return f"in or after {found[0]}" if found else "before the first cycle"


def main(kills: int, recipe: Path) -> dict[str, object]:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        calm, workspace = Path(folder) / "calm", Path(folder) / "killed"
        killed = Killed(workspace, random.Random(20))

        def run(place: Path, *more: object) -> list[str]:
            return primum("cycle", "run", recipe, "--workspace", place, *more)

        back = ("cycle", "rollback", "--to", 1, "--reason", "To see that it goes on from there.")
        subprocess.run(run(calm), check=True, capture_output=True)
        last = told("cycle", "status", "--workspace", calm)["arms"][0]["cycles"][-1]["number"]
        subprocess.run(primum(*back, "--workspace", calm), check=True, capture_output=True)
        # The number of cycles is set, not asked as --more: a run killed at its very end must not be asked for another.
        further = ("--set", f"cycles={last + 1}")
        subprocess.run(run(calm, *further), check=True, capture_output=True)
        calm_s = time.monotonic() - began
        killed.run(run(workspace), round(kills * 0.7))
        subprocess.run(primum(*back, "--workspace", workspace), check=True, capture_output=True)
        killed.run(run(workspace, *further), kills - round(kills * 0.7))
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
