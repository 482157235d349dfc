"""What a request may be, its headers back, and what is told of it: in this process, with a service that misbehaves."""

import asyncio
import contextlib
import json
import os
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import APIRouter, Request
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.responses import HTMLResponse, Response
from starlette.testclient import TestClient

from pipelines.server import limits, store
from pipelines.server.app import guarded
from pipelines.server.guard import Guard
from pipelines.server.headers import ALWAYS, DEFAULTS
from pipelines.server.limits import Limited
from pipelines.server.refused import Refused, problem
from pipelines.server.service import Service
from pipelines.server.store import open_store
from pipelines.server.watched import Told, Watched
from schemas.feeds import Text
from schemas.server import Server, ServiceSettings


def in_words(path: str, refused: Refused) -> Response:
    return Response(f"no: {refused.code}", refused.status, dict(refused.headers), media_type="text/plain")


def routes(context: object, settings: ServiceSettings) -> APIRouter:
    router = APIRouter()

    @router.post("/odd/{name}")
    async def take(request: Request, name: str) -> int:
        return len(await request.body())

    @router.get("/odd/fail/{name}")
    def fail(name: str) -> None:
        raise KeyError(name)

    @router.get("/odd/page")
    def page() -> Response:
        return HTMLResponse("", headers={"content-security-policy": "default-src 'self'", "cache-control": "private"})

    @router.get("/odd/number")
    def number(number: int) -> int:
        return number

    return router


ODD = Service("odd", Text("Odd", "Bizarre"), ("/odd/",), routes, refusal=in_words, largest_body=100_000)


class Served:
    def __init__(self, folder: Path, access: object = None) -> None:
        self.lines: list[dict] = []
        self.told = Told(self.lines.append, lambda: 120.0)
        access = access or SimpleNamespace(anyone=lambda request: None)
        server = Server(largest_body=1, longest_request=1)
        self.store = open_store("server.db", folder)
        context = SimpleNamespace(server=server, access=access, store=self.store, town=None)
        self.app = guarded(context, [(ODD, ServiceSettings())], self.told)
        self.ask = TestClient(self.app, raise_server_exceptions=False)


@pytest.fixture
def served(tmp_path: Path):
    made = Served(tmp_path)
    yield made
    made.store.close()


def test_a_body_is_taken_up_to_its_limit_and_no_byte_beyond(served: Served) -> None:
    assert served.ask.post("/odd/a", content=b"x" * 100_000).json() == 100_000
    found = served.ask.post("/odd/a", content=b"x" * 100_001)
    assert (found.status_code, found.text, found.headers["connection"]) == (413, "no: PAYLOAD_TOO_LARGE", "close")


def test_a_body_of_no_service_has_the_limit_of_all(served: Served) -> None:
    assert served.ask.post("/none", content=b"x" * 1024).status_code == 404
    assert served.ask.post("/none", content=b"x" * 1025).status_code == 413


def test_a_body_that_does_not_say_its_length_is_counted_as_it_comes(served: Served) -> None:
    assert served.ask.post("/odd/a", content=iter([b"x" * 50_000] * 2)).json() == 100_000
    assert served.ask.post("/odd/a", content=iter([b"x" * 50_000] * 2 + [b"x"])).status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "+5", " ", "1" * 16, "1_0", "٣"])
def test_a_length_that_is_no_number_is_refused(served: Served, length: str) -> None:
    assert served.ask.post("/odd/a", headers={"content-length": length.encode()}).status_code == 413


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/%2e%2e/x", 400),
        ("/v1/./x", 400),
        ("/v1/%00", 400),
        ("/v1/a%5cb", 400),
        ("/v1/a%2Fb", 400),
        ("/v1//x", 400),
        ("/v1/%0d%0aa", 400),
        ("/v1/%ff", 400),
        ("/v1/%e2%80%ae", 400),
        ("/" + "x" * limits.LONGEST_PATH, 414),
        ("/?" + "x" * (limits.LONGEST_QUERY + 1), 414),
        ("/v1/caf%C3%A9", 404),
        ("/v1/...", 404),
    ],
)
def test_a_path_that_is_no_plain_one_is_refused(served: Served, path: str, status: int) -> None:
    assert called(served, "GET", path)[0] == status


def called(served: Served, method: str, path: str, headers: list | None = None) -> tuple[int, bytes]:
    """As uvicorn calls it: no client of Python would send some of these."""
    from urllib.parse import unquote

    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"x")] if headers is None else headers,
        "http_version": "1.1",
        "client": ("192.0.2.1", 1),
        "server": ("127.0.0.1", 1),
        "scheme": "http",
        "root_path": "",
    }
    sent: list[dict] = []

    async def send(message: dict) -> None:
        sent.append(message)

    async def receive() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    asyncio.run(served.app(scope, receive, send))
    return sent[0]["status"], b"".join(each.get("body", b"") for each in sent)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "get", "X" * 100])
def test_a_method_that_is_none_of_ours_is_refused(served: Served, method: str) -> None:
    assert called(served, method, "/health")[0] == 405


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        ([b"town.example"], 200),
        ([b"[::1]:8080"], 200),
        ([b"127.0.0.1:8080"], 200),
        ([], 400),
        ([b"a", b"b"], 400),
        ([b"a b"], 400),
        ([b"a/../b"], 400),
        ([b"a@b"], 400),
        ([b""], 400),
        ([b"a:x"], 400),
    ],
)
def test_one_host_is_needed(served: Served, hosts: list[bytes], status: int) -> None:
    assert called(served, "GET", "/health", [(b"host", host) for host in hosts])[0] == status


def test_each_refusal_has_the_form_of_its_service(served: Served) -> None:
    for path, method, status in (
        ("/odd/a", "GET", 405),
        ("/odd/a/b/c", "GET", 404),
        ("/odd/number?number=x", "GET", 400),
    ):
        found = served.ask.request(method, path)
        assert (found.status_code, found.text[:4]) == (status, "no: ")
    found = served.ask.get("/elsewhere")
    assert found.headers["content-type"] == "application/problem+json"
    assert found.json()["status"] == 404


def test_an_error_that_nobody_foresaw_tells_nothing_of_the_request(served: Served) -> None:
    found = served.ask.get("/odd/fail/jeanne-dupont")
    assert (found.status_code, found.text) == (500, "no: INTERNAL")
    [line] = served.lines
    assert line["where"].startswith("pipelines/server/")
    assert line | {"where": ""} == {
        "at": "1970-01-01T00:02Z",
        "event": "failed",
        "route": "/odd/fail/{name}",
        "error": "KeyError",
        "where": "",
    }
    assert "jeanne" not in json.dumps(served.lines)


def test_what_goes_wrong_beside_requests_is_told_with_its_minute(served: Served) -> None:
    served.told.tell({"event": "odd", "why": "it is so"})
    assert served.lines == [{"at": "1970-01-01T00:02Z", "event": "odd", "why": "it is so"}]


def test_every_answer_has_hardened_headers_also_a_refusal_and_a_failure(served: Served) -> None:
    for path in ("/", "/health", "/none", "/odd/fail/x", "/odd/none/x/y", "/openapi.json", "/v1/%00"):
        headers = served.ask.get(path).headers
        assert {name: headers[name] for name in DEFAULTS if name != "content-security-policy"} == {
            name: value for name, value in DEFAULTS.items() if name != "content-security-policy"
        }
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "server" not in headers
        assert "access-control-allow-origin" not in headers or path == "/openapi.json"


def test_a_page_keeps_its_own_policy_and_cannot_be_framed_all_the_same(served: Served) -> None:
    headers = served.ask.get("/odd/page").headers
    assert headers.get_list("content-security-policy") == ["default-src 'self'", ALWAYS]
    assert headers["cache-control"] == "private"


def test_the_log_counts_by_route_and_minute_and_names_nobody(served: Served) -> None:
    for name in ("jeanne", "paul"):
        served.ask.post(f"/odd/{name}?who={name}", headers={"x-forwarded-for": "192.0.2.7", "user-agent": name})
    served.ask.get(f"/{'x' * 20}")
    served.told.flush()
    counted = Counter[tuple[str, ...]]()
    for line in served.lines:
        counted[line["method"], line["route"], line["status"]] += line["count"]
    assert counted == {("GET", "none", "4xx"): 1, ("POST", "/odd/{name}", "2xx"): 2}
    assert {(line["at"], line["event"]) for line in served.lines} == {("1970-01-01T00:02Z", "requests")}
    metrics = served.ask.get("/metrics").text
    assert 'hexaflux_http_requests_total{method="POST",route="/odd/{name}",status="200"} 2.0' in metrics
    assert "jeanne" not in metrics + json.dumps(served.lines)
    assert "_created" not in metrics


def test_a_minute_is_told_once_it_is_over() -> None:
    now, lines = [60.0], []
    told = Told(lines.append, lambda: now[0])
    told.answered("GET", "/", 200, 0.5)
    told.turn()
    assert lines == []
    now[0] = 120.0
    told.turn()
    assert [line["at"] for line in lines] == ["1970-01-01T00:01Z"]
    told.turn()
    assert len(lines) == 1


@pytest.mark.parametrize(
    ("method", "path", "status", "refusal"),
    [
        ("GET", "/", 200, "TOO_MANY_REQUESTS"),
        ("GET", "/openapi.json", 200, "TOO_MANY_REQUESTS"),
        ("GET", "/none", 404, "TOO_MANY_REQUESTS"),
        ("GET", "/v1//x", 400, "TOO_MANY_REQUESTS"),
        ("GET", "/odd/number?number=x", 400, "no: TOO_MANY_REQUESTS"),
        ("GET", "/odd/a", 405, "no: TOO_MANY_REQUESTS"),
        ("GET", "/odd/fail/x", 500, "no: TOO_MANY_REQUESTS"),
    ],
)
def test_every_request_counts_once_whatever_comes_of_it(
    tmp_path: Path, method: str, path: str, status: int, refusal: str
) -> None:
    served = Served(tmp_path, Guard(tmp_path / "none", 30, lambda: 0.0))
    with contextlib.closing(served.store):
        assert [called(served, method, path)[0] for _ in range(6)] == [status] * 5 + [429]
        assert refusal in called(served, method, path)[1].decode()
        assert [called(served, "GET", each)[0] for each in ("/health", "/metrics")] == [200, 200]


def test_whoever_gets_no_connection_to_the_database_is_told_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    served = Served(tmp_path)
    with contextlib.closing(served.store), contextlib.ExitStack() as held:
        with contextlib.suppress(NoConnection):
            while True:
                held.enter_context(served.store.reading())
        found = served.ask.get("/health")
        assert (found.status_code, found.headers["retry-after"]) == (503, "5")
        held.close()
        assert served.ask.get("/health").status_code == 200


def test_nobody_but_its_owner_may_read_a_database_that_is_made_here(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with contextlib.closing(open_store("server.db", tmp_path)) as opened:
            opened.write(lambda connection: connection.exec_driver_sql("CREATE TABLE t (x)"))
            found = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert found == dict.fromkeys(("server.db", "server.db-wal", "server.db-shm"), 0o600)


def test_a_database_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "server.db").touch()
    (tmp_path / "server.db").chmod(0o640)
    open_store("server.db", tmp_path).close()
    assert (tmp_path / "server.db").stat().st_mode & 0o777 == 0o640


class Slow:
    """Requests of which each waits until it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.most = self.now = 0

    async def __call__(self, scope, receive, send) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await self.go.wait()
        self.now -= 1
        await Response("done")(scope, receive, send)


def limited(app, seconds: float = 0.05) -> Limited:
    server = SimpleNamespace(longest_request=seconds)
    return Limited(app, server, problem, lambda path: 10**9)


async def one(app, receive=None, headers=(), client=("192.0.2.1", 1)) -> int:
    sent = []

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "http_version": "1.1"}
    await app(scope | {"headers": [(b"host", b"x"), *headers], "client": client}, receive, send)
    return sent[0]["status"] if sent else 0


def test_so_many_requests_are_answered_at_a_time_and_the_next_is_told_to_come_back() -> None:
    async def run() -> list[int]:
        slow = Slow()
        app = limited(slow)
        tasks = [asyncio.create_task(one(app)) for _ in range(limits.AT_A_TIME)]
        await asyncio.sleep(0)
        beyond = await one(app)
        slow.go.set()
        first = await asyncio.gather(*tasks)
        assert slow.most == limits.AT_A_TIME
        return [beyond, await one(app), *set(first)]

    assert asyncio.run(run()) == [503, 200, 200]


CHUNKED = ((b"transfer-encoding", b"chunked"),)


def test_a_client_that_leaves_before_its_request_is_whole_is_counted_as_no_failure_of_the_server() -> None:
    async def left() -> dict:
        return {"type": "http.disconnect"}

    lines: list = []
    told = Told(lines.append)
    asyncio.run(one(Watched(limited(Slow()), told), left, CHUNKED))
    told.flush()
    assert [line["status"] for line in lines] == ["4xx"]


def test_a_body_that_does_not_arrive_is_not_waited_for() -> None:
    async def never() -> dict:
        await asyncio.sleep(10)
        return {}

    async def drips() -> dict:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    assert asyncio.run(one(limited(Slow()), never, CHUNKED)) == 408
    assert asyncio.run(one(limited(Slow()), drips, CHUNKED)) == 408


def test_who_leaves_before_the_body_is_whole_gets_no_answer() -> None:
    async def gone() -> dict:
        return {"type": "http.disconnect"}

    assert asyncio.run(one(limited(Slow()), gone, CHUNKED)) == 0


def test_all_bodies_together_are_bounded_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ARRIVING", 100)

    def body(size: int):
        async def receive() -> dict:
            return {"type": "http.request", "body": b"x" * size, "more_body": False}

        return receive

    async def run() -> list[int]:
        slow = Slow()
        app = limited(slow)
        held = asyncio.create_task(one(app, body(60), CHUNKED))
        await asyncio.sleep(0)
        beyond = await one(app, body(41), CHUNKED)
        slow.go.set()
        return [beyond, await held, await one(app, body(100), CHUNKED), app._held.all]

    assert asyncio.run(run()) == [503, 200, 200, 0]


def test_an_address_that_sends_large_bodies_slowly_leaves_room_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ARRIVING", 100)
    monkeypatch.setattr(limits, "OF_ONE", 30)
    go = asyncio.Event()

    def slowly(size: int):
        pieces = iter([b"x" * size])

        async def receive() -> dict:
            if piece := next(pieces, b""):
                return {"type": "http.request", "body": piece, "more_body": True}
            await go.wait()
            return {"type": "http.request", "body": b"", "more_body": False}

        return receive

    async def run() -> tuple[list[int], list[int], list[int]]:
        app = Limited(Response("done"), SimpleNamespace(longest_request=5), problem, lambda path: 20)
        sending = [asyncio.create_task(one(app, slowly(15), CHUNKED, ("192.0.2.1", port))) for port in range(7)]
        await asyncio.sleep(0)
        others = [
            asyncio.create_task(one(app, slowly(15), CHUNKED, (host, 1))) for host in ("192.0.2.2", "2001:db8::1")
        ]
        await asyncio.sleep(0)
        household = [await one(app, slowly(20), CHUNKED, (f"2001:db8::{number}", 1)) for number in (2, 3)]
        go.set()
        first, second = await asyncio.gather(*sending), await asyncio.gather(*others)
        assert (app._held.all, app._held.by) == (0, {})
        return first, second, household

    first, second, household = asyncio.run(run())
    assert first == [200] * 2 + [503] * 5
    assert second == [200] * 2
    assert household == [503] * 2


def test_one_body_of_an_address_may_be_as_large_as_its_path_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "OF_ONE", 30)

    async def receive() -> dict:
        return {"type": "http.request", "body": b"x" * 90, "more_body": False}

    app = Limited(Response("done"), SimpleNamespace(longest_request=5), problem, lambda path: 90)
    assert asyncio.run(one(app, receive, CHUNKED)) == 200


def test_bodies_are_held_by_no_address_that_can_be_read() -> None:
    held = limits._Held()
    held.take(held.whose({"client": ("192.0.2.1", 1)}), 1)
    assert "192.0.2.1" not in repr(vars(held))
    assert repr(bytes((192, 0, 2, 1)))[2:-1] not in repr(vars(held))
