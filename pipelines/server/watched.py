"""What is told of requests: counts by route and minute, and where the server failed; nothing of who asked what."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Final

from prometheus_client import CollectorRegistry, Histogram, disable_created_metrics
from prometheus_client import Counter as Counted
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Log = Callable[[dict[str, str | int]], None]
"""Gets the facts of a line."""
Row = tuple[str, str, str, str]
"""Method, route, class of the status, and class of the duration."""

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NO_ROUTE: Final = "none"
_ROOT: Final = f"{Path(__file__).parents[2]}/"
_OURS: Final = ("schemas/", "anonymization/", "pipelines/")
_DURATIONS: Final = ((0.01, "<10 ms"), (0.1, "<100 ms"), (1.0, "<1 s"))
GONE: Final = 499
"""Of a client that left before it was answered; the number that nginx has for it."""


class Told:
    """Counts for `/metrics` since the start, and for the log of each minute, which is written once the minute is over.

    A line for each request would be stamped to the microsecond by whatever collects logs.
    """

    def __init__(self, log: Log, clock: Callable[[], float] = time.time) -> None:
        # They would tell to the microsecond when a route was first asked for.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counted(
            "hexaflux_http_requests", "Requests that were answered.", labels, registry=self.registry
        )
        self._seconds = Histogram(
            "hexaflux_http_request_seconds", "How long answers took.", ("route",), registry=self.registry
        )
        self._log, self._clock = log, clock
        self._minute, self._rows = 0, Counter[Row]()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        self.turn()
        took = next((name for limit, name in _DURATIONS if seconds < limit), ">=1 s")
        self._rows[method, route, f"{status // 100}xx", took] += 1

    def turn(self) -> None:
        """Write the minute that is over, if one is."""
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self.flush()
            self._minute = minute

    def flush(self) -> None:
        """Write what was counted, a line for each kind of request, in their order."""
        rows, self._rows = self._rows, Counter()
        at = _at(self._minute)
        for (method, route, status, took), count in sorted(rows.items()):
            self._log(
                {"at": at, "event": "requests", "method": method, "route": route, "status": status, "took": took}
                | {"count": count}
            )

    def failed(self, route: str, error: BaseException) -> None:
        """Write that a request could not be answered: the kind of the error and the line of the program."""
        at, kind = _at(int(self._clock() // 60)), type(error).__name__
        self._log({"at": at, "event": "failed", "route": route, "error": kind, "where": _place(error.__traceback__)})

    def tell(self, facts: Mapping[str, str]) -> None:
        """Write what went wrong beside requests."""
        self._log({"at": _at(int(self._clock() // 60)), **facts})

    def metrics(self) -> Response:
        """The counts, for Prometheus."""
        return Response(generate_latest(self.registry), headers={"content-type": CONTENT_TYPE_LATEST})


class Watched:
    """Counts each request but those below `uncounted`, and keeps an error that nobody foresaw from showing it."""

    def __init__(self, app: ASGIApp, told: Told, uncounted: tuple[str, ...] = ()) -> None:
        self._app, self._told, self._uncounted = app, told, uncounted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application; where a path takes GET it takes HEAD, of which the server below sends no body."""
        if scope["type"] != "http":
            return
        method = scope["method"] if scope["method"] in METHODS else "other"
        scope = {**scope, "method": "GET"} if method == "HEAD" else scope
        start, status, complete = time.perf_counter(), GONE, False

        async def sent(message: Message) -> None:
            nonlocal status, complete
            if message["type"] == "http.response.start":
                status = message["status"]
            complete = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception as error:
            self._told.failed(_route(scope), error)
            if not complete:
                status = 500
                raise
        finally:
            if not scope["path"].startswith(self._uncounted):
                self._told.answered(method, _route(scope), status, time.perf_counter() - start)


def _route(scope: Scope) -> str:
    """The template of the path: what stands in it may name a person."""
    return str(getattr(scope.get("route"), "path", NO_ROUTE))


def _at(minute: int) -> str:
    return datetime.fromtimestamp(minute * 60, UTC).strftime("%Y-%m-%dT%H:%MZ")


def _place(traceback: TracebackType | None) -> str:
    """The innermost line of this program."""
    lines = [(line.filename.removeprefix(_ROOT), line.lineno) for line in extract_tb(traceback)]
    ours = [f"{name}:{number}" for name, number in lines if name.startswith(_OURS)]
    return ours[-1] if ours else ""
