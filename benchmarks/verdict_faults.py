"""A storm of faults: 30 % of replies wrong in a random way; every verdict must be right, or abstained from with its reason.

    python benchmarks/verdict_faults.py [--answers 300] [--share 0.3]

The same answers are judged twice over real HTTP by a scripted server (no model): once in peace, once in the storm (429, 500, silence,
half and broken bodies, dropped connections, broken JSON, fences, prose around, refusals, wrong keys, labels and counts, two objects,
cut off, empty), one criterion a call and all in one. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from primum.judging.chat import ChatJudge, ChatSettings
from primum.judging.engine import Engine
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.ports import Assessment
from primum.records import Abstained
from servers import ScriptedServer
from verdicts import cases


def judged(server: ScriptedServer, answers: int, per_call: int) -> list[Assessment]:
    """The answers judged through the server."""

    async def soon(seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))  # the pauses of retries are not what is measured

    endpoint = EndpointSettings(base_url=server.url, model="scripted", is_scripted=True, timeout_s=1.0, attempts=8)
    judge = ChatJudge(OpenAIChat(endpoint, sleep=soon), ChatSettings(criteria_per_call=per_call, asks=2))
    return Engine(judge).judge(list(cases(answers)))


def main(answers: int, share: float) -> dict[str, Any]:
    """Both ways of asking, in peace and in the storm."""
    found: dict[str, Any] = {"verdicts": 0, "right": 0, "abstained": 0, "without_reason": 0, "silently_wrong": 0}
    faults: dict[str, int] = {}
    for per_call in (1, 0):
        with ScriptedServer() as server:
            calm = judged(server, answers, per_call)
        with ScriptedServer(faults=share, seed=20261121, silence_s=1.5, most_in_a_row=4) as server:
            storm = judged(server, answers, per_call)
            for kind, count in server.faults.items():
                faults[kind] = faults.get(kind, 0) + count
            found["calls"] = found.get("calls", 0) + server.calls.total()
        for ours, theirs in zip(storm, calm, strict=True):
            for verdict, right in zip(ours.verdicts, theirs.verdicts, strict=True):
                found["verdicts"] += 1
                if isinstance(verdict.outcome, Abstained):
                    found["abstained"] += 1
                    found["without_reason"] += not verdict.outcome.reason.strip()
                elif verdict.outcome == right.outcome:
                    found["right"] += 1
                else:
                    found["silently_wrong"] += 1
    return found | {"share_faulty": round(sum(faults.values()) / found["calls"], 3), "faults": faults}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=300)
    parser.add_argument("--share", type=float, default=0.3)
    given = parser.parse_args()
    print(json.dumps(main(given.answers, given.share)))
