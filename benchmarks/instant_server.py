"""A local OpenAI-compatible server that answers at once, or after a fixed time: what is measured against it is the client.

    python benchmarks/instant_server.py [--delay 0.5]

prints its port and serves until its standard input closes. Its replies are scripted (a verdict drawn from the hash of what is asked, so
that equal calls get equal answers); it is no model. `GET /counts` tells how many calls it answered and how many were asked twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import zlib

_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)


class Served(asyncio.Protocol):
    """One connection: requests with a Content-Length, one after the other."""

    seen: dict[int, int] = {}  # noqa: RUF012  (of the process: every connection counts here)
    answered = 0
    delay_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.buffer[:end]
            found = _LENGTH.search(head)
            length = int(found[1]) if found else 0
            if len(self.buffer) < end + 4 + length:
                return
            body, self.buffer = self.buffer[end + 4 : end + 4 + length], self.buffer[end + 4 + length :]
            if head.startswith(b"GET"):
                self._send(json.dumps({"answered": Served.answered, "twice": self._twice()}).encode())
            elif Served.delay_s:
                asyncio.get_running_loop().call_later(Served.delay_s, self._answer, body)
            else:
                self._answer(body)

    def _answer(self, body: bytes) -> None:
        mark = zlib.crc32(body)
        Served.seen[mark] = Served.seen.get(mark, 0) + 1
        Served.answered += 1
        met = "true" if mark & 1 else "false"
        if b"GRADE: C or GRADE: I" in body:  # the grading prompt of the Inspect side
            said = "GRADE: C" if mark & 1 else "GRADE: I"
        else:
            said = '{\\"explanation\\": \\"It says so in the second sentence of the answer.\\", \\"met\\": ' + met + "}"
        self._send(
            b'{"id":"c","object":"chat.completion","created":1,"model":"instant","choices":[{"index":0,"message":'
            b'{"role":"assistant","content":"' + said.encode() + b'"},"finish_reason":"stop"}],"usage":'
            b'{"prompt_tokens":600,"completion_tokens":20,"total_tokens":620}}'
        )

    def _send(self, body: bytes) -> None:
        if not self.transport.is_closing():
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            self.transport.write(head + body)  # type: ignore[attr-defined]

    @staticmethod
    def _twice() -> int:
        return sum(n - 1 for n in Served.seen.values())


async def main(delay_s: float) -> None:
    """Serve until standard input closes."""
    Served.delay_s = delay_s
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Served, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    asyncio.run(main(arguments.parse_args().delay))
