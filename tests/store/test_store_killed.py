"""Killed at any moment, the store opens again, is intact, and holds everything that was reported done."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from primum.ledger import verify_chain
from primum.records import Criterion
from primum.store import Store
from store.story import AT

KILLS = 12
CHUNK = 40

# Writes chunk after chunk and names each once its transaction has ended; ends only by being killed.
WRITER = f"""
import itertools, sys
from pathlib import Path
from store.story import AT, criteria
from primum.store import Store

store = Store.open(Path(sys.argv[1]))
print("open", flush=True)
for number in itertools.count(int(sys.argv[2])):
    with store.writing() as writer:
        writer.put(criteria({CHUNK}, start={CHUNK} * number))
        writer.append(f"chunk {{number}}", "", [], AT)
        writer.finish_step("run", f"chunk {{number}}", {{"number": number}})
    print(number, flush=True)
"""


def _write_until_killed(workspace: Path, first: int, rng: random.Random) -> list[int]:
    """The numbers of the chunks that a writer reported done before it was killed."""
    command = [sys.executable, "-c", WRITER, str(workspace), str(first)]
    tests = str(Path(__file__).parents[1])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": tests}) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        said = [writer.stdout.readline() for _ in range(rng.randrange(4))]
        time.sleep(rng.random() * 0.012)  # a chunk takes some 3 ms: the kill falls anywhere inside one
        writer.kill()
        said += writer.stdout.readlines()
    return [int(line) for line in said if line.endswith("\n")]


def test_nothing_reported_done_is_lost(tmp_path: Path) -> None:
    rng = random.Random(20260131)
    reported = 0
    for _ in range(KILLS):
        done = _write_until_killed(tmp_path, reported, rng)
        with Store.open(tmp_path, create=False) as store:
            entries = store.ledger()
            assert verify_chain(entries).is_intact
            assert [entry.event for entry in entries] == [f"chunk {number}" for number in range(len(entries))]
            assert len(entries) >= (done[-1] + 1 if done else reported)
            # A chunk is there whole or not at all, whichever of its parts one looks at.
            assert store.count().get("criterion", 0) == CHUNK * len(entries)
            assert [one.statement for one in store.all(Criterion)] == [
                f"Statement {n}" for n in range(CHUNK * len(entries))
            ]
            assert all(store.step("run", entry.event) == {"number": n} for n, entry in enumerate(entries))
            assert store.step("run", f"chunk {len(entries)}") is None
            assert store.verify() == []
            reported = len(entries)
    assert reported >= KILLS  # or the kills came before there was anything to lose
    with Store.open(tmp_path) as store, store.writing() as writer:
        assert writer.append("after all that", "", [], AT).sequence == reported + 1
