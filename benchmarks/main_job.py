"""A recipe from nothing to its report: wall time, peak memory, and the figures the bars are about.

    python benchmarks/main_job.py recipes/first-light.toml
    python benchmarks/main_job.py recipes/open-data.toml --set data.root=DIR

The last line is one JSON object. `make bench` runs first light; open data is left out where PRIMUM_DATA is not set.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def measure(arguments: list[str]) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        command = [sys.executable, "-m", "primum.cli", "run", *arguments, "--workspace", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - began
        report = json.loads((Path(folder) / "report.json").read_text(encoding="utf-8"))
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    by_source = {
        f"{one['metric']} on {one['name']}": [one["before"]["value"], one["after"]["value"]]
        for one in report["slices"]
        if one["by"] == "source" and one["metric"] in ("unsafe_compliance", "wrong_refusal", "wrong_refusal_borderline")
    }
    return {
        "recipe": report["recipe"],
        "seconds": round(seconds, 1),
        "peak_mib": round(peak_mib),
        "step_seconds": report["seconds"],
        "guardian_accuracy": report["guardian"]["accuracy"],
        "chosen": report["branches"]["chosen"],
        "decision": report["gate"]["decision"],
        "before": {name: estimate["value"] for name, estimate in report["before"].items()},
        "after": {name: estimate["value"] for name, estimate in report["after"].items()},
        "before_after_by_source": by_source,
    }


if __name__ == "__main__":
    given = sys.argv[1:] or [str(ROOT / "recipes" / "first-light.toml")]
    if "open-data" in given[0] and not any("data.root" in one for one in given) and "PRIMUM_DATA" not in os.environ:
        sys.exit("name the data folder: --set data.root=DIR, or set PRIMUM_DATA")
    print(json.dumps(measure(given), ensure_ascii=False))
