"""How right the linear guardian is on models, questions, norms and languages it has not seen, and how quickly it trains and labels.

    python benchmarks/guardian.py --data DATA       (or set PRIMUM_DATA)

Trains as `primum guardian train` does, into a folder of its own that is thrown away. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from primum.cycles.guarding import open_answers, settings_of, train
from primum.judging.guardian_training import LinearTrainer, train_guardian
from primum.ports import Case


def table(figures: list[dict[str, Any]]) -> str:
    """A line for each head, what was left out, and whose answers they are: all three classes, then complied or not."""
    lines = ["| head | left out | answers of | right, % | complied or not, % |", "| --- | --- | --- | --- | --- |"]
    for one in figures:
        rows = {"all": one["accuracy"], **one["by_group"]}
        complied = {"all": one["complied"], **one["complied_by_group"]}
        lines += [
            f"| {one['head']} | {one['left_out']} | {group} | {shown(right)} | {shown(complied.get(group))} |"
            for group, right in rows.items()
        ]
    return "\n".join(lines)


def shown(estimate: dict[str, Any] | None) -> str:
    if estimate is None:
        return "–"
    return f"{100 * estimate['value']:.1f} [{100 * estimate['low']:.1f}, {100 * estimate['high']:.1f}]"


def speed(data: Path, overrides: list[str]) -> dict[str, float]:
    """Seconds to train the stance alone, and answers labelled a second."""
    settings = settings_of([*overrides, "items=0"])
    examples = open_answers(data, settings)
    began = time.perf_counter()
    guardian = train_guardian(examples, settings.guardian, "timed", LinearTrainer(examples, settings.guardian))
    trained = time.perf_counter() - began
    cases = [Case(one.scenario, one.response, ()) for one in examples if one.group == "llama2orig"]
    began = time.perf_counter()
    guardian.judge(cases)
    return {"train_s": round(trained, 1), "labelled_per_s": round(len(cases) / (time.perf_counter() - began))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("PRIMUM_DATA"), help="the folder that holds xstest/"
    )
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the data: --data DIR, or PRIMUM_DATA")
    with tempfile.TemporaryDirectory() as folder:
        guardian, figures = train(Path(folder) / "guardian", Path(options.data), settings_of(options.overrides))
        size = sum(path.stat().st_size for path in (Path(folder) / "guardian").iterdir())
    timed = speed(Path(options.data), options.overrides)
    print(table(figures))
    print(json.dumps({"fingerprint": guardian.ref.fingerprint, "bytes": size, **timed, "figures": figures}))


if __name__ == "__main__":
    main()
