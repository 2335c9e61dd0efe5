"""How long `primum --help` takes, and whether it imports anything heavy.

    python benchmarks/startup.py

The last line is {"help_ms", "heavy_modules"}: the median wall time of 15 starts in milliseconds, and the heavy modules found loaded.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

HEAVY = (
    "torch",
    "transformers",
    "trl",
    "sqlalchemy",
    "numpy",
    "scipy",
    "sklearn",
    "starlette",
    "fastapi",
    "aiohttp",
    "matplotlib",
    "rich",
)
HELP = [sys.executable, "-m", "primum.cli", "--help"]


def help_ms() -> float:
    times = []
    for _ in range(15):
        began = time.perf_counter()
        subprocess.run(HELP, check=True, capture_output=True)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def bare_ms() -> float:
    """A start of Python that does nothing: what no program in it can be below."""
    times = []
    for _ in range(15):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], check=True, capture_output=True)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def heavy_modules() -> list[str]:
    code = (
        "import sys\n"
        "from primum.cli.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print('\\n' + ' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout.splitlines()[-1].split()


if __name__ == "__main__":
    print(f"bare interpreter: {bare_ms():.0f} ms")
    print(json.dumps({"help_ms": round(help_ms(), 1), "heavy_modules": heavy_modules()}))
