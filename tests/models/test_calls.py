"""The calls file: what was answered is not paid again, whatever ended the process."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from primum.errors import StoreError
from primum.models.calls import Budget, CallCache, Spent
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.ports import Completion, Watched
from primum.records import Turn
from servers import ScriptedServer

DONE = Completion("text 文", "stop", 3, 4, (Watched(5, {"true": 0.75}),))


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


def test_what_was_kept_comes_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "calls.db"
    with CallCache(path) as calls:
        calls.put(b"a", DONE)
        calls.put(b"b", DONE)
        calls.put(b"b", DONE._replace(text="later"))
        calls.pay(3, 4, 0.5)
        assert calls.get([b"a", b"x"]) == {b"a": DONE}
    with CallCache(path) as calls:
        assert calls.get([b"x", b"b", b"a"]) == {b"a": DONE, b"b": DONE._replace(text="later")}
        assert len(calls) == 2 and calls.spent == Spent(1, 3, 4, 0.5)
        assert len(calls.get([str(n).encode() for n in range(2000)] + [b"a"])) == 1
    for file in path.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0
    calls.close()  # closing twice is harmless


def test_inside_a_loop_it_is_committed_when_the_loop_turns(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"

    async def whole(calls: CallCache) -> None:
        for number in range(100):
            calls.put(b"%d" % number, DONE)
        assert calls.get([b"7"]) == {b"7": DONE}
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        with sqlite3.connect(path) as other:  # another process would see it now
            assert other.execute("SELECT count(*) FROM reply").fetchone() == (100,)
        other.close()

    with CallCache(path) as calls:
        asyncio.run(whole(calls))


def test_two_at_one_file_add_up(tmp_path: Path) -> None:
    with CallCache(tmp_path / "calls.db") as one, CallCache(tmp_path / "calls.db") as other:
        one.pay(1, 2, 0.0)
        other.pay(10, 20, 0.0)
        one.put(b"k", DONE)
        assert other.get([b"k"]) == {b"k": DONE}
    with CallCache(tmp_path / "calls.db") as calls:
        assert calls.spent == Spent(2, 11, 22, 0.0)


def test_a_file_that_is_none_of_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"calls file 'calls\.db' cannot be read or written"):
        CallCache(tmp_path / "file" / "calls.db")
    (tmp_path / "notes.db").write_bytes(b"not a database at all, just words" * 40)
    with pytest.raises(StoreError, match="not a database"):
        CallCache(tmp_path / "notes.db")
    assert (tmp_path / "notes.db").read_bytes().startswith(b"not a database")
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE patients (name)")
    other.close()
    with pytest.raises(StoreError, match="another program's database"):
        CallCache(tmp_path / "other.db")


FULL = """
import resource, sys
from pathlib import Path
from primum.errors import StoreError
from primum.models.calls import CallCache
from primum.ports import Completion
calls = CallCache(Path(sys.argv[1]))
calls.put(b"first", Completion("kept", "stop", 1, 1))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    for n in range(10_000):
        calls.put(b"%d" % n, Completion("x" * 1000, "stop", 1, 1))
except StoreError as error:
    print(error)
"""


def test_a_full_disk_is_one_line_and_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    ended = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True)
    assert "calls file 'calls.db' cannot be read or written" in ended.stdout and ended.stdout.count("\n") == 1
    with CallCache(path) as calls:
        assert calls.get([b"first"])[b"first"].text == "kept"
        calls.put(b"after", DONE)
        assert calls.get([b"after"]) == {b"after": DONE}


def test_the_key_hangs_on_everything_that_decides_the_reply() -> None:
    from primum.asking import ANY_OBJECT, Call

    chat = OpenAIChat(EndpointSettings(base_url="http://127.0.0.1:1/v1", model="m"))
    moved = OpenAIChat(EndpointSettings(base_url="http://127.0.0.2:1/v1", model="m"))
    other = OpenAIChat(EndpointSettings(base_url="http://127.0.0.1:1/v1", model="n"))
    asked = (Turn(role="user", content="x"),)
    plain = Call(asked, 0.0, 10)
    changed = [
        plain._replace(messages=(Turn(role="system", content="x"),)),
        plain._replace(temperature=0.5),
        plain._replace(max_tokens=11),
        plain._replace(schema=ANY_OBJECT),
        plain._replace(watch=("true",)),
    ]
    assert chat.key(plain) == moved.key(plain) == chat.key(plain._replace(group="g", temperature=0))
    assert len({chat.key(plain), other.key(plain), *map(chat.key, changed)}) == 7


def test_a_second_run_pays_for_nothing(tmp_path: Path) -> None:
    prompts = [f"question {n}" for n in range(20)]
    with ScriptedServer() as server:
        settings = EndpointSettings(base_url=server.url, model="scripted")
        with CallCache(tmp_path / "calls.db") as calls:
            first = _ask(OpenAIChat(settings, calls), prompts)
        with CallCache(tmp_path / "calls.db") as calls:
            chat = OpenAIChat(settings, calls)
            assert _ask(chat, prompts) == first
            assert chat.counts["replayed"] == 20 and chat.counts["attempts"] == 0
        assert set(server.calls.values()) == {1} and len(server.calls) == 20


def test_a_bad_reply_is_never_kept_but_is_paid(tmp_path: Path) -> None:
    for number, (fault, as_json) in enumerate(
        [
            ("refusal", True),
            ("cut_off", True),
            ("empty", True),
            ("two_objects", True),
            ("cut_off", False),
            ("empty", False),
        ]
    ):
        with (
            ScriptedServer(choose=lambda _, before, fault=fault: fault if before == 0 else None) as server,
            CallCache(tmp_path / f"{number}.db") as calls,
        ):
            chat = OpenAIChat(EndpointSettings(base_url=server.url, model="scripted"), calls)
            _ask(chat, ["a question"], as_json=as_json)
            assert len(calls) == 0 and calls.spent.calls == 1
            _ask(chat, ["a question"])
            assert len(calls) == 1 and calls.spent.calls == 2


@pytest.mark.parametrize("name", ["calls", "tokens", "usd"])
def test_a_budget_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=rf"{name} = 0(\.0)? must be above 0"):
        Budget(**{name: 0})


KILLED = """
import asyncio, sys
from pathlib import Path
from primum.models.calls import CallCache
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.records import Turn
url, path = sys.argv[1:]
chat = OpenAIChat(EndpointSettings(base_url=url, model="scripted"), CallCache(Path(path)))
async def main():
    for number in range(100_000):
        await chat.complete((Turn(role="user", content=f"question {number}"),), temperature=0.0, max_tokens=64)
        await asyncio.sleep(0)
        print(number, flush=True)
asyncio.run(main())
"""


def test_kill_minus_nine_loses_no_call_that_was_reported_done(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
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
        with CallCache(path) as calls:
            chat = OpenAIChat(EndpointSettings(base_url=server.url, model="scripted"), calls)
            _ask(chat, [f"question {number}" for number in range(done)])
            assert chat.counts["replayed"] == done and chat.counts["attempts"] == 0
        # the call that was in flight at the kill is the only one that may ever be paid again
        assert set(server.calls.values()) == {1}


def test_what_is_put_in_one_loop_does_not_wait_for_another_that_stands_still(tmp_path: Path) -> None:
    with CallCache(tmp_path / "calls.db") as calls:
        standing = asyncio.new_event_loop()
        standing.call_soon(lambda: (calls.put(b"a" * 16, DONE), standing.stop()))
        standing.run_forever()

        async def other() -> None:
            calls.put(b"b" * 16, DONE)
            await asyncio.sleep(0.01)

        thread = threading.Thread(target=lambda: asyncio.run(other()))
        thread.start()
        thread.join()
        with closing(sqlite3.connect(tmp_path / "calls.db")) as file:
            assert file.execute("SELECT count(*) FROM reply").fetchone() == (2,)
        standing.close()


def test_a_closed_file_says_so_in_one_line(tmp_path: Path) -> None:
    calls = CallCache(tmp_path / "calls.db")
    calls.close()
    calls.close()
    with pytest.raises(StoreError, match="closed"):
        calls.put(b"a" * 16, DONE)
    calls.close()


def test_a_count_that_no_file_holds_is_an_error_of_the_file(tmp_path: Path) -> None:
    calls = CallCache(tmp_path / "calls.db")
    with pytest.raises(StoreError, match="too large"):
        calls.pay(10**30, 0, 0.0)
    with pytest.raises(StoreError):
        calls.close()


def test_a_file_that_another_is_just_making_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        release = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
        release.start()
        with CallCache(path) as calls:
            assert len(calls) == 0
        release.join()
