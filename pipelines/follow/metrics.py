"""What a follower tells monitoring over HTTP, on loopback: `/metrics` for Prometheus, `/health` for a supervisor."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from pipelines.follow.told import Told, peak_memory, resident_memory
from schemas.errors import SystemFailure

STALE_SECONDS: Final = 300.0
"""A follower that ends no round for so long is not well: a round takes seconds, and one that waits ends each second."""


class _Followed(Collector):
    """The metrics of a follower, as it told them last; `told` is asked at each scrape."""

    def __init__(self, told: Callable[[], Told]) -> None:
        self.told = told

    def collect(self) -> Iterable[Metric]:
        """Counters of rows, and gauges of how far the follower is."""
        told, now, resident = self.told(), time.time(), resident_memory()
        rows = CounterMetricFamily(
            "hexaflux_rows", "Rows of events, by what became of them, in multiples of k.", labels=["outcome"]
        )
        for outcome, count in told.outcomes.items():
            rows.add_metric([outcome], count)
        yield rows
        slots = GaugeMetricFamily("hexaflux_published_slots", "Published slots of an open privacy day.", labels=["day"])
        for day, count in told.slots.items():
            slots.add_metric([day], count)
        yield slots
        yield GaugeMetricFamily("hexaflux_days_closed", "Privacy days that are published as a whole.", told.days)
        yield GaugeMetricFamily("hexaflux_partitions", "Partitions that have delivered.", told.partitions)
        yield GaugeMetricFamily("hexaflux_refused_files", "Files that could not be read.", told.refused)
        yield GaugeMetricFamily(
            "hexaflux_inputs_refused", "1 while a changed small input cannot be read.", int(told.inputs_refused)
        )
        if told.behind is not None:
            text = "Messages of the topic that are still to be read, in multiples of k."
            yield GaugeMetricFamily("hexaflux_messages_behind", text, told.behind)
        yield GaugeMetricFamily("hexaflux_round_seconds", "How long the last round took.", told.seconds)
        yield GaugeMetricFamily(
            "hexaflux_round_rows", "How many rows came with the last round, in multiples of k.", told.rows
        )
        yield GaugeMetricFamily("hexaflux_peak_memory_bytes", "Most memory held by the process.", peak_memory())
        if resident is not None:
            yield GaugeMetricFamily("hexaflux_resident_memory_bytes", "Memory held by the process.", resident)
        if told.watermark is not None:
            reached = told.watermark / 1e6
            yield GaugeMetricFamily("hexaflux_watermark_seconds", "Before which time all events were seen.", reached)
            yield GaugeMetricFamily("hexaflux_lag_seconds", "How far the watermark is behind the clock.", now - reached)


@contextmanager
def served(told: Callable[[], Told], port: int) -> Iterator[int]:
    """Serve both pages on loopback while the context lasts; gives the port (0 asks for a free one).

    Raises SystemFailure where the port is taken.
    """
    registry = CollectorRegistry()
    registry.register(_Followed(told))

    def pages(environment: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        path = environment.get("PATH_INFO")
        if path == "/metrics":
            start("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
            return [generate_latest(registry)]
        if path == "/health":
            well, body = health(told(), time.time())
            start("200 OK" if well else "503 Service Unavailable", [("Content-Type", "application/json")])
            return [body]
        start("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"/metrics or /health\n"]

    try:
        server = make_server("127.0.0.1", port, pages, WSGIServer, _Silent)
    except OSError as error:
        raise SystemFailure(
            f"127.0.0.1:{port}: expected a free port for metrics, got none ({error.strerror})",
            "give another port with --metrics-port, or end what listens there",
        ) from None
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def health(told: Told, now: float) -> tuple[bool, bytes]:
    """Whether a follower is well, and what it says of that: a JSON object."""
    since = now - told.at
    well = since < STALE_SECONDS
    lag = told.lag(now)
    said = {
        "status": "ok" if well else "no round ended for too long",
        "seconds_since_round": round(since, 1),
        "lag_seconds": None if lag is None else round(lag, 1),
        "refused_files": told.refused,
    }
    return well, json.dumps(said).encode() + b"\n"


class _Silent(WSGIRequestHandler):
    """A handler that writes no line for each request."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""
