"""What a request may be: its path, its size, how long it takes to arrive, and how many there are at a time."""

import asyncio
import re
import secrets
from collections import Counter
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.server.guard import household
from pipelines.server.refused import Refused
from pipelines.server.watched import METHODS
from schemas.server import Server

LONGEST_PATH: Final = 2048
LONGEST_QUERY: Final = 4096
AT_A_TIME: Final = 64
"""Requests that are being answered; those that are still arriving are not among them."""
ARRIVING: Final = 64 * 2**20
"""Bytes of all bodies that are held at a time."""
OF_ONE: Final = 16 * 2**20
"""Bytes of the bodies of one address that are held at a time; one body may have more where its path takes more."""
_HOST: Final = re.compile(rb"[A-Za-z0-9._\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
_DIGITS: Final = re.compile(rb"\d{1,15}")
_CLOSE: Final = {"connection": "close"}
_BUSY: Final = Refused(503, "UNAVAILABLE", "the server is busy: ask again", {"retry-after": "1", **_CLOSE})


class _Gone(Exception):
    """The client left before its request had arrived."""


class _Held:
    """Bytes that are held, of all and by address, which stands here as a hash and only while it has some."""

    def __init__(self) -> None:
        self.all = 0
        self.by = Counter[bytes]()
        self._secret = secrets.token_bytes(32)

    def whose(self, scope: Scope) -> bytes:
        """The address of a request, as it is kept here."""
        return household((scope.get("client") or ("",))[0], self._secret)

    def take(self, whose: bytes, size: int) -> None:
        """Hold so many bytes more, or fewer."""
        self.all += size
        self.by[whose] += size
        if not self.by[whose]:
            del self.by[whose]


class Limited:
    """Passes on requests that are within the limits, each with its body whole; refuses the others by their path.

    `refuse` says a refusal for a path, `largest` gives the bytes that a body at a path may have.
    """

    def __init__(
        self,
        app: ASGIApp,
        server: Server,
        refuse: Callable[[str, Refused], Response],
        largest: Callable[[str], int],
    ) -> None:
        self._app, self._seconds = app, server.longest_request
        self._refuse, self._largest = refuse, largest
        self._running, self._held = 0, _Held()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        whose = self._held.whose(scope)
        try:
            _check(scope)
            body = await self._arrived(scope, receive, whose)
        except _Gone:
            return
        except Refused as refused:
            await self._refuse(scope["path"], refused)(scope, receive, send)
            return
        self._held.take(whose, len(body))
        try:
            await self._answer(scope, _replayed(body, receive), send)
        finally:
            self._held.take(whose, -len(body))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._running >= AT_A_TIME:
            await self._refuse(scope["path"], _BUSY)(scope, receive, send)
            return
        self._running += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running -= 1

    async def _arrived(self, scope: Scope, receive: Receive, whose: bytes) -> bytes:
        """The body of a request, at once where none is announced."""
        headers, largest = Headers(scope=scope), self._largest(scope["path"])
        length = headers.get("content-length")
        if length is None and "transfer-encoding" not in headers:
            return b""
        if length is not None and (not _DIGITS.fullmatch(length.encode("latin-1")) or int(length) > largest):
            raise _too_large()
        try:
            async with asyncio.timeout(self._seconds):
                return await self._read(receive, largest, whose)
        except TimeoutError:
            raise Refused(408, "REQUEST_TIMEOUT", "the request took too long to arrive", _CLOSE) from None

    async def _read(self, receive: Receive, largest: int, whose: bytes) -> bytes:
        body = bytearray()
        try:
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise _Gone
                piece = message.get("body", b"")
                self._held.take(whose, len(piece))
                body += piece
                if len(body) > largest:
                    raise _too_large()
                if self._held.all > ARRIVING or self._held.by[whose] > max(OF_ONE, largest):
                    raise _BUSY
                if not message.get("more_body", False):
                    return bytes(body)
        finally:
            self._held.take(whose, -len(body))


def _too_large() -> Refused:
    return Refused(413, "PAYLOAD_TOO_LARGE", "the body is larger than what is taken here", _CLOSE)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """What the application hears: the body, and then what becomes of the connection."""
    told = False

    async def replayed() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _check(scope: Scope) -> None:
    """Raise Refused for a request line or a host that no client of good will sends."""
    if scope["method"] not in METHODS:
        raise Refused(405, "METHOD_NOT_ALLOWED", "this method is not known", {"allow": ", ".join(METHODS)})
    raw = scope.get("raw_path") or scope["path"].encode()
    if len(raw) > LONGEST_PATH or len(scope["query_string"]) > LONGEST_QUERY:
        raise Refused(414, "URI_TOO_LONG", "the address is too long")
    if not _is_plain(scope["path"]) or b"%2f" in raw.lower():
        raise Refused(400, "INVALID_ARGUMENT", "the path is not one that is written here")
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) > 1 or (not hosts and scope["http_version"] != "1.0") or not all(map(_HOST.fullmatch, hosts)):
        raise Refused(400, "INVALID_ARGUMENT", "one host is needed")


def _is_plain(path: str) -> bool:
    """Whether a decoded path has printable signs only, no backslash, and no step that leads elsewhere."""
    steps = path.split("/")[1:]
    odd = not path.startswith("/") or "\\" in path or "\ufffd" in path or not path.isprintable()
    return not odd and not any(step in (".", "..") for step in steps) and all(steps[:-1])
