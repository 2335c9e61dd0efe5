"""A benchmark of 12,000 items from norms-cn, from nothing to its page: wall time, peak memory, what every check finds, leaks.

    python benchmarks/benchmark_build.py            # norms below PRIMUM_DATA, or beside the repository
    python benchmarks/benchmark_build.py FOLDER 3000

The last line is one JSON object. The bars: built in less than 120 s, less than 2 GiB, every check clean, no leak, and the same call again
changes nothing.
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


def norms() -> Path:
    return Path(os.environ.get("PRIMUM_DATA", ROOT.parent / "shared" / "data")) / "norms-cn"


def primum(*arguments: str) -> tuple[str, float, int]:
    """What a command prints, how long it took and the peak memory of all commands so far (MiB)."""
    began = time.monotonic()
    command = [sys.executable, "-m", "primum.cli", "bench", *arguments]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"primum bench {arguments[0]} failed")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return done.stdout, round(time.monotonic() - began, 1), peak


def measure(folder: Path, items: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as held:
        place = ("--workspace", f"{held}/workspace")
        build = ("build", "--corpus", str(folder), "--items", str(items), "--json", *place)
        out, build_s, build_mib = primum(*build)
        built = json.loads(out)
        out, again_s, _ = primum(*build)
        again = json.loads(out)
        out, lint_s, _ = primum("lint", "--json", *place)
        linted = json.loads(out)
        page = Path(held) / "page.html"
        _, page_s, peak_mib = primum("export", "--format", "html", "--out", str(page), *place)
        page_mib = round(page.stat().st_size / 2**20, 1)
        store_mib = round((Path(held) / "workspace" / "primum.db").stat().st_size / 2**20, 1)
    by_check: dict[str, int] = {}
    for finding in linted["findings"]:
        by_check[finding["check"]] = by_check.get(finding["check"], 0) + 1
    return {
        "items": built["items"],
        "articles": built["articles"],
        "rules": built["rules"],
        "dimensions": len(built["by_dimension"]),
        "least_of_a_dimension": min(row["items"] for row in built["by_dimension"]),
        "build_s": build_s,
        "build_peak_mib": build_mib,
        "again_s": again_s,
        "again_changes_nothing": not again["is_new"],
        "lint_s": lint_s,
        "findings": len(linted["findings"]),
        "findings_by_check": by_check,
        "leaks": by_check.get("splits", 0),
        "checks": linted["checks"],
        "page_s": page_s,
        "page_mib": page_mib,
        "store_mib": store_mib,
        "peak_mib": peak_mib,
        "load": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else norms()
    if not given.is_dir():
        sys.exit(f"{given} is not there: name the folder of norms, or set PRIMUM_DATA")
    print(json.dumps(measure(given, int(sys.argv[2]) if len(sys.argv) > 2 else 12_000), ensure_ascii=False))
