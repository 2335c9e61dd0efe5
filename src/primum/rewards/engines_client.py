"""How an engine that lives in another environment asks the reward service. `primum.rewards.engines` copies all below the mark into the
file it writes, so this imports the standard library and nothing else, and runs where Primum is not installed."""

from __future__ import annotations

# --- copied into the files that engines load ---
import http.client
import json
import os
import time
import urllib.error
import urllib.request
from typing import Any

SERVICE = os.environ.get("PRIMUM_REWARD_URL", "http://127.0.0.1:8640")
PATIENCE_S = float(os.environ.get("PRIMUM_REWARD_PATIENCE_S", "600"))  # how long a service that is busy is asked again
TIMEOUT_S = float(
    os.environ.get("PRIMUM_REWARD_TIMEOUT_S", "360")
)  # how long one call may take; the service gives up first
TOKEN = os.environ.get("PRIMUM_REWARD_TOKEN", "")  # the service's, where it asks for one
TRIES = int(os.environ.get("PRIMUM_REWARD_TRIES", "5"))  # how often a service that cannot be reached is asked
ROWS_A_CALL = 256
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a cluster's proxy does not know this address


class RewardServiceError(RuntimeError):
    """No reward could be had. It is raised and never becomes a 0: a policy would learn from that."""


def ask(path: str, body: Any) -> Any:
    """What the service answers to a POST. A busy service is asked again after the time it names, one out of reach a few times."""
    request = urllib.request.Request(
        SERVICE.rstrip("/") + path,
        json.dumps(body, ensure_ascii=True).encode("ascii"),
        {"Content-Type": "application/json", **({"Authorization": f"Bearer {TOKEN}"} if TOKEN else {})},
    )
    until, failures = time.monotonic() + PATIENCE_S, 0
    while True:
        try:
            with _DIRECT.open(request, timeout=TIMEOUT_S) as reply:
                return json.loads(reply.read())
        except urllib.error.HTTPError as error:
            said = error.read().decode("utf-8", "replace")[:500]
            if error.code != 503 or time.monotonic() >= until:
                raise RewardServiceError(f"{SERVICE}{path} answered {error.code}: {said}") from error
            time.sleep(_pause(error.headers.get("Retry-After")))
        except (
            OSError,
            ValueError,
            http.client.HTTPException,
        ) as error:  # no connection, a dropped one, half an answer
            failures += 1
            if failures >= TRIES:
                raise RewardServiceError(
                    f"{SERVICE}{path} cannot be reached ({error}): start it with primum reward serve, or set PRIMUM_REWARD_URL"
                ) from error
            time.sleep(min(0.2 * 2**failures, 10.0))


def score(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answered rows, in order. A row that the model could not read raises: its criteria are at fault, whatever the answer."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(rows), ROWS_A_CALL):
        part = rows[start : start + ROWS_A_CALL]
        answered = ask("/score", part)
        if not isinstance(answered, list) or len(answered) != len(part):
            raise RewardServiceError(f"{SERVICE}/score gave {len(answered)} answers to {len(part)} rows")
        found += answered
    for row in found:
        if not isinstance(row.get("reward"), (float, int)):
            raise RewardServiceError(f"row {row.get('id')!r} could not be read: {row.get('abstained')}")
    return found


def row_of(label: Any, completion: str) -> dict[str, Any]:
    """A row to score: the label holds id, prompt and criteria, as JSON or decoded."""
    query = json.loads(label) if isinstance(label, str) else dict(label)
    return {"id": query["id"], "prompt": query["prompt"], "completion": completion, "criteria": query["criteria"]}


def flat(row: dict[str, Any]) -> dict[str, float]:
    """The numbers of an answered row, the same keys for every row."""
    parts = {name: float(value) for name, value in row["parts"].items()}
    return {"score": float(row["reward"]), **parts, "unusable": float("unusable" in row)}


def _pause(told: str | None) -> float:
    try:
        return min(max(float(told or 1), 0.05), 30.0)
    except ValueError:
        return 1.0
