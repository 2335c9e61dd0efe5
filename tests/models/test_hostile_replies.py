"""What a server may send to harm whoever asks it: bodies without end, without bottom, counts that cannot be, and the key itself."""

import asyncio
import contextlib
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from primum.errors import OutageError, RecordError
from primum.models.openai import EndpointSettings, OpenAIChat
from primum.ports import Completion
from primum.records import Turn

KEY = "sk-test-0123456789abcdef"


def _body(text: str, prompt_tokens: int = 1) -> bytes:
    usage = {"prompt_tokens": prompt_tokens, "completion_tokens": 1}
    return json.dumps({"choices": [{"message": {"content": text}}], "usage": usage}).encode()


@contextlib.contextmanager
def _server(body: Callable[[str], bytes], packed: bool = False) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            sent = body(self.headers.get("Authorization", ""))
            sent = gzip.compress(sent, 1) if packed else sent
            self.send_response(200)
            if packed:
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            with contextlib.suppress(OSError):  # whoever asked has heard enough
                self.wfile.write(sent)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _complete(url: str, **changes: object) -> Completion:
    chat = OpenAIChat(EndpointSettings(base_url=url, model="m", attempts=1, **changes))

    async def once() -> Completion:
        try:
            return await chat.complete((Turn(role="user", content="?"),), temperature=0.0, max_tokens=8)
        finally:
            await chat.aclose()

    return asyncio.run(once())


@pytest.mark.parametrize("packed", [False, True])
def test_a_body_without_end_is_not_read_to_its_end(packed: bool) -> None:
    with _server(lambda _: _body("x" * 2**25), packed) as url, pytest.raises(OutageError, match="body of more than"):
        _complete(url)


def test_a_body_without_bottom_is_no_completion() -> None:
    deep = b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b',"choices":[]}'
    with _server(lambda _: deep) as url, pytest.raises(OutageError, match="not a completion"):
        _complete(url)


def test_a_count_of_tokens_that_cannot_be_is_not_counted() -> None:
    with _server(lambda _: _body("yes", 10**18)) as url, pytest.raises(OutageError, match="usage that cannot be"):
        _complete(url)


def test_a_reply_that_quotes_the_key_is_kept_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTILE_KEY", KEY)
    with _server(lambda sent: _body(f"you sent {sent}")) as url:
        assert _complete(url, api_key_env="HOSTILE_KEY").text == "you sent Bearer ***"


def test_a_word_that_stands_for_no_key_may_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTILE_KEY", "EMPTY")
    with _server(lambda _: _body("The cup is EMPTY.")) as url:
        assert _complete(url, api_key_env="HOSTILE_KEY").text == "The cup is EMPTY."


@pytest.mark.parametrize("slip", [{"usd_per_million_prompt_tokens": 1e308}, {"longest_wait_s": -1.0}])
def test_a_price_that_sums_to_infinity_and_a_wait_below_nothing_are_refused(slip: dict[str, float]) -> None:
    with pytest.raises(RecordError, match=next(iter(slip))):
        EndpointSettings(base_url="http://127.0.0.1:9/v1", model="m", **slip)
