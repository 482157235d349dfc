"""Heartbeats of simulated access points: a month with an outage, a flapping one, a silent one and a deaf collector."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

Instants = npt.NDArray[np.int64]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = 1_000_000
_HOUR: Final = 3_600 * _SECOND
_DAY: Final = 24 * _HOUR
DAYS: Final = 50
"""Days of beats: the month so far and most of the one before."""
JITTER: Final = 2 * _SECOND
"""A beat comes up to so much late."""


@dataclass(frozen=True)
class Beating:
    """An access point that beats: how often, and how many devices it has at its busiest."""

    id: str
    beat_seconds: int
    busiest: int


def heartbeats(access_points: Sequence[Beating], until: datetime, seed: int) -> pa.Table:
    """Beats up to an instant, in their order: `access_point_id`, `time` (UTC), `clients`.

    Of three or more access points the first one has been out of order for seven hours, the second one flapped four days
    before, the last one never beats. On an evening two days before the collector hears nobody for three hours. The same
    seed makes the same beats.
    """
    end = (until - _EPOCH) // timedelta(microseconds=1)
    chance = np.random.default_rng(seed)
    deaf = _spans(end, [(-2 * _DAY, 3 * _HOUR)])
    beating = access_points[:-1] if len(access_points) > 2 else access_points
    pieces = []
    for place, access_point in enumerate(beating):
        time = _times(access_point, end, chance)
        clients = _clients(access_point, time, until, chance)
        heard = ~_within(time, deaf) & ~_within(time, _trouble(place, len(access_points), end))
        pieces.append(_table(access_point.id, time[heard], clients[heard]))
    return pa.concat_tables(pieces).sort_by([("time", "ascending"), ("access_point_id", "ascending")])


def as_csv(beats: pa.Table) -> bytes:
    """The beats as the feed reads them, with instants in UTC."""
    texts = pc.strftime(beats["time"].cast(pa.timestamp("s", "UTC"), safe=False), format="%Y-%m-%dT%H:%M:%SZ")
    out = pa.BufferOutputStream()
    written = beats.set_column(1, "time", texts)
    pacsv.write_csv(written, out, pacsv.WriteOptions(quoting_style="none"))
    data: bytes = out.getvalue().to_pybytes()
    return data


def _times(access_point: Beating, end: int, chance: np.random.Generator) -> Instants:
    interval = access_point.beat_seconds * _SECOND
    first = end - DAYS * _DAY + int(chance.integers(interval))
    regular = np.arange(first, end, interval, dtype=np.int64)
    late: Instants = regular + chance.integers(0, JITTER, regular.size)
    return late[late <= end]


def _clients(
    access_point: Beating, time: Instants, until: datetime, chance: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Devices by the hour of the day, at the offset that `until` has: most of them in the afternoon."""
    offset = (until.utcoffset() or timedelta()) // timedelta(microseconds=1)
    hour = (time + offset) % _DAY / _HOUR
    share = np.exp(-(((hour - 16) / 4.5) ** 2))
    return chance.poisson(access_point.busiest * share).astype(np.int64)


def _trouble(place: int, count: int, end: int) -> Instants:
    """When an access point is out of order."""
    if count > 2 and place == 0:
        return _spans(end, [(-7 * _HOUR, 8 * _HOUR)])
    if count > 2 and place == 1:
        minutes = 60 * _SECOND
        return _spans(end, [(-4 * _DAY + start * minutes, 25 * minutes) for start in (0, 32, 64)])
    return _spans(end, [])


def _spans(end: int, offsets: Sequence[tuple[int, int]]) -> Instants:
    """int64[n, 2]: spans that begin at an offset from the end, each with its length."""
    return np.array([(end + start, end + start + length) for start, length in offsets], np.int64).reshape(-1, 2)


def _within(time: Instants, spans: Instants) -> npt.NDArray[np.bool_]:
    inside = np.zeros(time.size, np.bool_)
    for start, stop in spans.tolist():
        inside |= (time >= start) & (time < stop)
    return inside


def _table(access_point: str, time: Instants, clients: npt.NDArray[np.int64]) -> pa.Table:
    return pa.table(
        {
            "access_point_id": pa.array([access_point] * time.size, pa.string()),
            "time": pa.array(time, pa.int64()).cast(pa.timestamp("us", "UTC")),
            "clients": pa.array(clients, pa.int64()),
        }
    )
