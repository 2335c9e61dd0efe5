"""Kill `primum judge run` at random moments: the scores must be those of an undisturbed run, and no reply that was kept paid for again.

    python benchmarks/verdict_kills.py [50]

A scripted server (no model) answers each call after a few milliseconds. After each kill -9 the calls file is read; what it holds must
not be asked again. A call that was in flight when its process died was answered to nobody and is asked again: those are counted apart.
The last line is one JSON object.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from primum.asking import Call
from primum.judging.prompts import schema, system_turn
from primum.models.calls import CallCache
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.records import Turn
from servers import ScriptedServer, scripted_reply
from verdicts import CRITERIA, texts

ANSWERS, IN_FLIGHT = 400, 8


def files(folder: Path, url: str) -> list[str]:
    """The set, the answers and the judge as files, and the command that reads them."""
    rubrics = [{"criterion": one.statement, "points": one.points, "tags": [f"axis:{one.axis}"]} for one in CRITERIA]
    data, answers = [], []
    for number in range(ANSWERS):
        asked, said = texts(number)
        prompt = [{"role": "user", "content": asked}]
        data.append({"prompt_id": str(number), "prompt": prompt, "rubrics": rubrics, "example_tags": []})
        answers.append({"prompt_id": str(number), "response": said})
    for name, rows in (("data", data), ("answers", answers)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "judge.toml").write_text(
        f'kind = "chat"\n[[endpoints]]\nbase_url = "{url}"\nmodel = "scripted"\nis_scripted = true\n'
        f"concurrency = {IN_FLIGHT}\n[chat]\nasks_stance = false\n"
    )
    command = [sys.executable, "-m", "primum.cli", "judge", "run", "data.jsonl", "answers.jsonl"]
    return [*command, "--judge", "judge.toml", "--json", "--out"]


def slow_reply(prompt: str) -> str:
    """The scripted judgement, a little late, so that a kill finds calls in flight."""
    time.sleep(0.002)
    return scripted_reply(prompt)


def score(folder: Path, verdicts: str) -> dict[str, Any]:
    """What `primum eval score` says of a file of verdicts."""
    command = [sys.executable, "-m", "primum.cli", "eval", "score", "healthbench", "data.jsonl", verdicts, "--json"]
    printed = subprocess.run(command, check=True, cwd=folder, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Any] = json.loads(printed)
    return found


def main(kills: int) -> dict[str, Any]:
    """One undisturbed run, and one that is killed so many times."""
    chance = random.Random(20261121)
    folder = Path(tempfile.mkdtemp())
    with ScriptedServer(reply=slow_reply) as server:
        subprocess.run([*files(folder, server.url), "calm.jsonl"], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    with ScriptedServer(reply=slow_reply) as server:
        command = [*files(folder, server.url), "killed/killed.jsonl"]
        (folder / "killed").mkdir()
        chat = OpenAIChat(EndpointSettings(base_url=server.url, model="scripted"))
        done = twice = 0
        kept: set[bytes] = set()
        while done < kills:
            before = server.calls.copy()
            process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            # Counted from its first call: before that there is nothing to lose.
            while server.calls.total() == before.total() and process.poll() is None:
                time.sleep(0.001)
            time.sleep(chance.uniform(0.0, 0.25))
            ended = process.poll() is not None
            process.kill()
            process.wait()
            asked = {_key(chat, server.prompts[content]) for content in server.calls - before}
            twice += len(asked & kept)
            with CallCache(folder / "killed" / "calls.db") as calls:
                kept = set(calls.get([_key(chat, prompt) for prompt in list(server.prompts.values())]))
            if ended:
                break
            done += 1
        before = server.calls.copy()
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
        twice += len({_key(chat, server.prompts[content]) for content in server.calls - before} & kept)
        total, distinct = server.calls.total(), len(server.calls)
    return {
        "kills": done,
        "verdicts": ANSWERS * len(CRITERIA),
        "kept_calls_made_twice": twice,
        "calls": distinct,
        "in_flight_at_a_kill_made_again": total - distinct,
        "in_flight_at_most": done * IN_FLIGHT,
        "files_equal": (folder / "calm.jsonl").read_bytes() == (folder / "killed" / "killed.jsonl").read_bytes(),
        "scores_equal": score(folder, "calm.jsonl") == score(folder, "killed/killed.jsonl"),
    }


def _key(chat: OpenAIChat, prompt: str) -> bytes:
    """The key a call was kept under, from its prompt."""
    turns = (system_turn("en"), Turn(role="user", content=prompt))
    return chat.key(Call(turns, 0.0, 1024, schema("one")))


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)))
