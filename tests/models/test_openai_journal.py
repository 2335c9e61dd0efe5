import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from primum.errors import StoreError
from primum.models.journal import CallJournal, call_key
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.ports import Completion
from primum.records import Turn
from servers import ScriptedServer

DONE = Completion("text 文", "stop", 3, 4)


def _ask(chat: OpenAIChat, prompts: list[str], as_json: bool = False) -> list[Completion]:
    async def whole() -> list[Completion]:
        try:
            calls = [
                chat.complete((Turn(role="user", content=prompt),), temperature=0.0, max_tokens=64, as_json=as_json)
                for prompt in prompts
            ]
            return list(await asyncio.gather(*calls))
        finally:
            await chat.aclose()

    return asyncio.run(whole())


def test_what_was_kept_comes_back_and_the_later_line_wins(tmp_path: Path) -> None:
    with CallJournal(tmp_path / "deep" / "calls.jsonl") as journal:
        journal.append("a", DONE)
        journal.append("b", DONE)
        journal.append("b", DONE._replace(text="later"))
        journal.retract("a")
        journal.retract("never kept")
    with CallJournal(tmp_path / "deep" / "calls.jsonl") as journal:
        assert journal.get("a") is None and journal.get("b") == DONE._replace(text="later")
        assert len(journal) == 1 and journal.torn == 0
    assert (tmp_path / "deep" / "calls.jsonl").stat().st_mode & 0o077 == 0


def test_a_torn_last_line_costs_that_line_only(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    with CallJournal(path) as journal:
        journal.append("a", DONE)
        journal.append("b", DONE)
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole)):
        path.write_bytes(whole[:cut])
        with CallJournal(path) as journal:
            complete = cut == len(whole) - 1  # only the line break is missing
            assert journal.get("a") == DONE and (journal.get("b") == DONE) == complete
            assert journal.torn == (0 if complete or cut == first else 1)
            journal.append("c", DONE)
        with CallJournal(path) as journal:
            assert journal.get("a") == journal.get("c") == DONE


def test_lines_reach_the_disk_within_the_time_without_a_further_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr("primum.models.journal.os.fsync", synced.append)
    with CallJournal(tmp_path / "calls.jsonl", sync_every_s=0.02) as journal:
        for number in range(50):
            journal.append(str(number), DONE)
        deadline = time.monotonic() + 5
        while not synced and time.monotonic() < deadline:
            time.sleep(0.005)
        assert 1 <= len(synced) < 50
        journal.append("last", DONE)
        before = len(synced)
        journal.sync()
        assert len(synced) == before + 1


def test_a_journal_that_cannot_be_written_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"call journal 'calls\.jsonl' cannot be read or written"):
        CallJournal(tmp_path / "file" / "calls.jsonl")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("primum.models.journal.os.fsync", full)
    journal = CallJournal(tmp_path / "calls.jsonl")
    journal.append("a", DONE)
    with pytest.raises(StoreError, match="No space left"):
        journal.sync()
    with pytest.raises(StoreError, match="No space left"):
        journal.append("b", DONE)
    with pytest.raises(StoreError):
        journal.close()
    journal.close()


def test_the_key_hangs_on_everything_that_decides_the_reply() -> None:
    asked = [Turn(role="user", content="x")]
    plain = ("m", asked, 0.0, 10, False)
    others = [
        ("n", asked, 0.0, 10, False),
        ("m", [Turn(role="system", content="x")], 0.0, 10, False),
        ("m", asked, 0.5, 10, False),
        ("m", asked, 0.0, 11, False),
        ("m", asked, 0.0, 10, True),
    ]
    assert call_key(*plain) == call_key("m", tuple(asked), 0, 10, False)
    assert len({call_key(*each) for each in [plain, *others]}) == 6


def test_a_second_run_pays_for_nothing(tmp_path: Path) -> None:
    prompts = [f"question {n}" for n in range(20)]
    path = tmp_path / "calls.jsonl"
    with ScriptedServer() as server:
        settings = EndpointSettings(base_url=server.url, model="scripted")
        with CallJournal(path) as journal:
            first = _ask(OpenAIChat(settings, journal), prompts)
        with CallJournal(path) as journal:
            chat = OpenAIChat(settings, journal)
            assert _ask(chat, prompts) == first
            assert chat.counts["replayed"] == 20 and chat.counts["attempts"] == 0
        assert set(server.calls.values()) == {1} and len(server.calls) == 20


def test_a_bad_reply_is_never_kept(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    for fault in ("refusal", "cut_off", "empty", "two_objects"):
        with (
            ScriptedServer(choose=lambda _, before, fault=fault: fault if before == 0 else None) as server,
            CallJournal(path) as journal,
        ):
            chat = OpenAIChat(EndpointSettings(base_url=server.url, model="scripted"), journal)
            _ask(chat, [f"fault {fault}"], as_json=True)
            assert len(journal) == 0
    for fault in ("cut_off", "empty"):  # where no JSON was asked for, a reply can still be no reply
        with (
            ScriptedServer(choose=lambda _, before, fault=fault: fault if before == 0 else None) as server,
            CallJournal(path) as journal,
        ):
            chat = OpenAIChat(EndpointSettings(base_url=server.url, model="scripted"), journal)
            _ask(chat, [f"plain fault {fault}"])
            assert len(journal) == 0
            _ask(chat, [f"plain fault {fault}"])
            assert len(journal) == 1
            path.unlink()


KILLED = """
import asyncio, sys
from pathlib import Path
from primum.models.journal import CallJournal
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.records import Turn
url, path = sys.argv[1:]
chat = OpenAIChat(EndpointSettings(base_url=url, model="scripted"), CallJournal(Path(path)))
async def main():
    for number in range(100_000):
        await chat.complete((Turn(role="user", content=f"question {number}"),), temperature=0.0, max_tokens=64)
        print(number, flush=True)
asyncio.run(main())
"""


def test_kill_minus_nine_loses_no_call_that_was_reported_done(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    with ScriptedServer() as server:
        worker = subprocess.Popen(
            [sys.executable, "-c", KILLED, server.url, str(path)], stdout=subprocess.PIPE, text=True, env=os.environ
        )
        assert worker.stdout is not None
        with worker.stdout:
            for line in worker.stdout:
                if line.strip() == "40":
                    os.kill(worker.pid, signal.SIGKILL)
                    break
            reported = [40, *(int(line) for line in worker.stdout if line.strip().isdigit())]
        worker.wait()
        done = max(reported) + 1
        with CallJournal(path) as journal:
            chat = OpenAIChat(EndpointSettings(base_url=server.url, model="scripted"), journal)
            _ask(chat, [f"question {number}" for number in range(done)])
            assert chat.counts["replayed"] == done and chat.counts["attempts"] == 0
        # the call that was in flight at the kill is the only one that may ever be paid again
        assert set(server.calls.values()) == {1}
