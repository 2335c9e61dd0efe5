"""First light killed at random moments (SIGKILL) and run again, against the same recipe undisturbed.

    python benchmarks/kill.py [KILLS] [RECIPE]

The last line is {"kills", "same_numbers", "finished_redone", "ledger_entries", "problems", "seconds"}. `same_numbers` compares report.json
without `seconds` and the ledger's head, which hold times; `finished_redone` counts steps and parts that were stored as done before
a kill and were stored otherwise after it.
"""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def command(recipe: Path, workspace: Path) -> list[str]:
    return [sys.executable, "-m", "primum.cli", "run", str(recipe), "--workspace", str(workspace)]


def numbers(workspace: Path) -> dict[str, object]:
    report = json.loads((workspace / "report.json").read_text(encoding="utf-8"))
    del report["seconds"], report["ledger"]["head"]
    return dict(report)


def done(workspace: Path) -> dict[tuple[str, str], str]:
    """What the store holds as finished: steps and parts with their outputs."""
    if not (workspace / "primum.db").exists():
        return {}
    with sqlite3.connect(workspace / "primum.db") as store:
        try:
            return {(run, name): outputs for run, name, outputs in store.execute("SELECT run, name, outputs FROM step")}
        except sqlite3.OperationalError:  # killed before the tables were made
            return {}


def main(kills: int, recipe: Path) -> dict[str, object]:
    chance = random.Random(20)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        calm, killed = Path(folder) / "calm", Path(folder) / "killed"
        subprocess.run(command(recipe, calm), check=True, capture_output=True)
        calm_s = time.monotonic() - began
        redone = 0
        finished: dict[tuple[str, str], str] = {}
        for number in range(kills):
            running = subprocess.Popen(command(recipe, killed), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            # A start takes some ten seconds to come to work: later than that, so that the run gets on between kills.
            time.sleep(chance.uniform(2, 12 + 1.6 * calm_s / kills))
            running.send_signal(signal.SIGKILL)
            running.wait()
            now = done(killed)
            redone += sum(now.get(key) != outputs for key, outputs in finished.items())
            finished = now
            print(f"kill {number + 1}: {len(finished)} steps and parts are done", flush=True)
        subprocess.run(command(recipe, killed), check=True, capture_output=True)
        redone += sum(done(killed).get(key) != outputs for key, outputs in finished.items())
        verified = subprocess.run(
            [sys.executable, "-m", "primum.cli", "store", "verify", "--json", "--workspace", str(killed)],
            capture_output=True,
            text=True,
            check=False,
        )
        return {
            "kills": kills,
            "same_numbers": numbers(calm) == numbers(killed),
            "finished_redone": redone,
            "ledger_entries": json.loads((killed / "report.json").read_text(encoding="utf-8"))["ledger"]["entries"],
            "problems": json.loads(verified.stdout)["problems"],
            "seconds": round(time.monotonic() - began),
        }


if __name__ == "__main__":
    print(
        json.dumps(
            main(
                int(sys.argv[1]) if sys.argv[1:] else 20,
                Path(sys.argv[2]) if sys.argv[2:] else ROOT / "recipes" / "first-light.toml",
            )
        )
    )
