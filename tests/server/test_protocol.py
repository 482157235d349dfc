"""Connections of clients that are slow, greedy or gone, each over a real socket."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.responses import Response

from pipelines import loopback
from pipelines.server import protocol
from pipelines.server.command import _options

LARGE = b"x" * 20_000_000


async def app(scope, receive, send) -> None:
    if scope["path"] == "/slow":
        await __import__("asyncio").sleep(0.3)
    body = LARGE if scope["path"] == "/large" else scope["path"].encode()
    await Response(body)(scope, receive, send)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(protocol, "SECONDS", 0.5)
    monkeypatch.setattr(protocol, "CONNECTIONS", 5)
    listening = loopback.bound(0)
    server = uvicorn.Server(_options(app, 1))
    # Signals are for the main thread.
    server.capture_signals = contextlib.nullcontext
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()
    listening.close()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def rest(connection: socket.socket) -> bytes:
    """All that comes until the server hangs up."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            found += piece
    return found


def test_a_head_that_does_not_end_is_hung_up_on_and_others_are_answered(port: int) -> None:
    with connect(port) as slow:
        start = time.monotonic()
        slow.sendall(b"GET / HTTP/1.1\r\n")
        for _ in range(3):
            time.sleep(0.1)
            slow.sendall(b"X: y\r\n")
        with connect(port) as other:
            other.sendall(b"GET /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert rest(other).endswith(b"/other")
        assert rest(slow) == b""
        assert 0.4 < time.monotonic() - start < 3


def test_who_says_nothing_is_hung_up_on(port: int) -> None:
    with connect(port) as silent:
        assert rest(silent) == b""


def test_a_second_head_on_a_connection_has_to_arrive_in_time_too(port: int) -> None:
    with connect(port) as slow:
        slow.sendall(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost")
        assert rest(slow).count(b"HTTP/1.1 200") == 1


def test_who_does_not_read_the_answer_is_hung_up_on(port: int) -> None:
    with connect(port) as greedy:
        greedy.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(2)
        assert len(rest(greedy)) < len(LARGE)


ENDS = b"\r\n\r\n"


@pytest.mark.parametrize(
    ("size", "ends", "status"),
    [
        (protocol.LARGEST_HEAD - 100, ENDS, 200),
        (protocol.LARGEST_HEAD + 1, ENDS, 431),
        (protocol.LARGEST_HEAD + 1, b"", 431),
    ],
)
def test_a_head_has_a_largest_size_whether_or_not_it_ends(port: int, size: int, ends: bytes, status: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: " + b"x" * size + ends)
        assert rest(connection).startswith(b"HTTP/1.1 %d " % status)


@pytest.mark.parametrize(("count", "status"), [(protocol.MOST_HEADERS, 200), (protocol.MOST_HEADERS + 1, 431)])
def test_a_head_has_so_many_headers(port: int, count: int, status: int) -> None:
    lines = b"".join(b"X%d: x\r\n" % number for number in range(count - 2))
    with connect(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + lines + b"\r\n")
        assert rest(connection).startswith(b"HTTP/1.1 %d " % status)


def test_what_is_no_http_is_refused_with_hardened_headers(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"\x16\x03\x01 hello")
        found = rest(connection)
    assert found.startswith(b"HTTP/1.1 400 ")
    assert b"x-content-type-options: nosniff\r\n" in found
    assert b"hello" not in found
    assert b"server:" not in found.lower()


def test_headers_after_a_body_are_refused(port: int) -> None:
    with connect(port) as connection:
        head = b"POST /slow HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head + b"1\r\nx\r\n0\r\nX-API-Key: x\r\n\r\n")
        assert rest(connection).startswith(b"HTTP/1.1 400 ")


def test_who_only_listens_after_its_request_is_answered(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        found = rest(connection)
    assert found.count(b"HTTP/1.1 200 ") == 2
    assert found.endswith(b"/b")


def test_an_upgrade_is_not_taken(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(
            b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert rest(connection).startswith(b"HTTP/1.1 200 ")


def test_connections_are_bounded(port: int) -> None:
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connect(port)) for _ in range(5)]
        time.sleep(0.1)
        beyond = stack.enter_context(connect(port))
        assert rest(beyond) == b""
        held[0].sendall(b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert rest(held[0]).endswith(b"/a")
