"""HTTP on a connection: a head of limited size that arrives in time, and a client that reads what it asked for."""

import asyncio
import json
from typing import Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from pipelines.server.headers import DEFAULTS

LARGEST_HEAD: Final = 32 * 2**10
"""Bytes of a request line with its headers."""
MOST_HEADERS: Final = 100
SECONDS: Final = 10.0
"""For the head to arrive, and for a client to take something of an answer."""
CONNECTIONS: Final = 1000
_TOO_LARGE: Final = "The head of the request is too large."


class Bounded(HttpToolsProtocol):
    """The protocol of uvicorn, which itself waits for a head for ever and takes one of any size."""

    _head: int | None = 0
    """Bytes that have come of a head; None while a body comes, or an answer is made."""
    _timer: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    _ended = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head, or hang up where there are too many connections."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            transport.abort()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the timers."""
        self._cancel()
        self.resume_writing()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Keep the connection open where a whole request is still to be answered: the client may only listen now."""
        cycle = self.cycle
        self._ended = cycle is not None and not cycle.response_complete and not cycle.more_body
        return self._ended

    def on_response_complete(self) -> None:
        """Go on with the next request, or hang up after the last one."""
        super().on_response_complete()
        if self._ended and not self.pipeline and self.cycle.response_complete:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Take a piece of a request."""
        if self.transport.is_closing():
            return
        if self._head is not None:
            self._head += len(data)
        super().data_received(data)
        if self._head is not None and self._head > LARGEST_HEAD and not self.transport.is_closing():
            self.send_400_response(_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Begin a head, of which the first piece may have come with the end of another request."""
        super().on_message_begin()
        if self._head is None:
            self._head = 0
        self._wait()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; one after a body is refused, as uvicorn would put it among those before."""
        if self._head is None:
            raise ValueError("trailers are not taken")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """End a head, and begin to answer."""
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > LARGEST_HEAD or len(self.headers) > MOST_HEADERS:
            self._head = LARGEST_HEAD + 1
            raise ValueError(_TOO_LARGE)
        super().on_headers_complete()
        self._head = None
        self._cancel()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, without a word of it."""
        large = self._head is not None and self._head > LARGEST_HEAD
        status, title = (431, _TOO_LARGE) if large else (400, "This is no HTTP request.")
        body = json.dumps(
            {"type": "about:blank", "title": title, "status": status, "code": "INVALID_ARGUMENT"}
        ).encode()
        headers = {"content-type": "application/problem+json", "content-length": str(len(body)), "connection": "close"}
        lines = [f"{name}: {value}\r\n".encode() for name, value in (headers | DEFAULTS).items()]
        self.transport.write(b"".join([STATUS_LINE[status], *lines, b"\r\n", body]))
        self._leave()
        self.transport.close()

    def pause_writing(self) -> None:
        """Begin to wait for a client that does not read."""
        super().pause_writing()
        self._stalled = self._stalled or self.loop.call_later(SECONDS, self._abort)

    def resume_writing(self) -> None:
        """Go on."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def _wait(self) -> None:
        self._timer = self._timer or self.loop.call_later(SECONDS, self._abort)

    def _abort(self) -> None:
        self._leave()
        self.transport.abort()

    def _leave(self) -> None:
        """Tell a request that is being answered that nobody listens any more."""
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
