"""A JobManager as its REST interface shows it: a server on loopback that answers what a test has it answer."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, TypeAlias

Answer: TypeAlias = object | tuple[int, object]
"""A JSON value, or a status and what goes with it; bytes go as they are."""

BREAKS_OFF: Final = object()
"""An answer that breaks off before its end."""


@dataclass
class Answering:
    """What is answered to each request, as in `GET /overview`: one after the other, and the last again and again.

    `asked`: the requests, each with its body.
    """

    address: str
    answers: dict[str, Sequence[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, object]] = field(default_factory=list)

    def to(self, request: str, *answers: Answer) -> None:
        self.answers[request] = answers

    def next(self, request: str, body: object) -> Answer:
        self.asked.append((request, body))
        here = self.answers.get(request)
        if not here:
            return 404, {"errors": ["Not found"]}
        first, *rest = here
        self.answers[request] = rest or here
        return first


@contextmanager
def answering(
    answers: Mapping[str, Sequence[Answer]] | None = None, address: str = "127.0.0.1:0"
) -> Iterator[Answering]:
    """A server as long as the context lasts; it listens where nobody else does, or at an address."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = found.next(f"{self.command} {self.path}", json.loads(body) if body else None)
            if answer is BREAKS_OFF:
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b"{")
                return
            status, value = answer if isinstance(answer, tuple) else (200, answer)
            data = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = _answer

        def log_message(self, *_: object) -> None:
            """Nothing."""

    host, _, port = address.partition(":")
    server = ThreadingHTTPServer((host, int(port)), Handler)
    found = Answering(f"127.0.0.1:{server.server_address[1]}", dict(answers or {}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
