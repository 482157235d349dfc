"""Stays to visits: all of a device's time in a zone on a privacy day, estimated from when it is known to be there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.arrays import Bools, Ints, column, instants, rows, starts_of_runs
from pipelines.stays import MINUTE, PERSON
from schemas.tables import VISIT
from schemas.vocabulary import DWELL_BAND_STARTS_MINUTES

SHORTEST_VISIT: Final = DWELL_BAND_STARTS_MINUTES[0] * MINUTE
"""Attendance counts visits of at least 15 minutes, which is where the dwell bands begin."""

GAP_LIMIT: Final = 4 * 60 * MINUTE
"""A silence of up to this is no absence where both ends of it are at one place, and trips last no longer.

Source: the gap of up to 4 h that the flows allow (the project's own definition).
"""


EDGE: Final = 0.25
"""Share of the mean time between a device's signals by which a stay reaches beyond its first and its last event.

The project's own measurement on simulated days: with it, dwell bands are nearest to the truth.
"""


@dataclass(frozen=True)
class Nests:
    """`chain` int32[m, depth]: the zones that hold each hexagon, innermost first, then -1."""

    chain: npt.NDArray[np.int32]
    zones: int


def nests(innermost: npt.NDArray[np.int32], parent: Sequence[int]) -> Nests:
    """The zones of each hexagon, from its innermost zone (or -1) and each zone's parent (or -1)."""
    up = np.append(np.array(parent, np.int32), np.int32(-1))
    chain = [innermost]
    while (up[chain[-1]] >= 0).any():
        chain.append(up[chain[-1]])
    return Nests(np.stack(chain, axis=1), len(parent))


@dataclass(frozen=True)
class DayHours:
    """The hours of a privacy day: `edges` int64[h + 1], `clock` int8[h] the local hour that each shows, and the night.

    `night`: the instants of local midnight and of the end of the night.
    """

    edges: Ints
    clock: npt.NDArray[np.int8]
    night: tuple[int, int]

    def of(self, instant: Ints) -> Ints:
        """int64[n]: the hour of the day that holds each instant."""
        return np.clip(np.searchsorted(self.edges, instant, "right") - 1, 0, self.edges.size - 2)


@dataclass(frozen=True)
class Located:
    """A shard's stays of a day by device and time, with their places: n rows.

    `device` int64[n] codes from 0, `place` int64[n] codes over all devices, `hexagon` int32[n]; `begin` and `end`
    int64[n], the time that is known, silences at one place included; `start` and `last` int64[n]: the events.
    """

    table: pa.Table
    device: Ints
    place: Ints
    hexagon: npt.NDArray[np.int32]
    begin: Ints
    end: Ints
    start: Ints
    last: Ints


def ordered(stays: pa.Table) -> pa.Table:
    """A shard's closed STAY rows with those of a device together, which are in the order of time already."""
    # Every step wrote its stays by device: few sorted runs, which a stable sort only has to merge.
    return stays.take(pa.array(np.argsort(column(stays, "device"), kind="stable"))).combine_chunks()


def timed(stays: pa.Table, place: Ints) -> Located:
    """The stays with the time that they are estimated to last, and no hexagon yet.

    A silence is filled that begins and ends at one place and lasts up to the limit. Where a stay meets no other, it
    lasts for a quarter of the device's mean time between signals before its first event, and after its last one: the
    time that an event was still to come, or had been, as far as its reach.
    """
    device = np.cumsum(starts_of_runs(column(stays, "device"))) - 1
    begin, end, start, last = (instants(stays, name) for name in ("begin", "end", "start", "last"))
    follows = device[1:] == device[:-1]
    filled = follows & (place[1:] == place[:-1]) & (begin[1:] - end[:-1] <= GAP_LIMIT)
    meets = follows & (begin[1:] <= end[:-1])
    edge = _edges(device, column(stays, "signals"), end - begin)
    until = np.minimum(end, last + edge)
    until[:-1] = np.where(filled, begin[1:], np.where(meets, end[:-1], until[:-1]))
    since = np.maximum(begin, start - edge)
    since[1:] = np.where(filled | meets, begin[1:], since[1:])
    return Located(stays, device, place, np.zeros(device.size, np.int32), since, until, start, last)


def _edges(device: Ints, signals: npt.NDArray[np.generic], known: Ints) -> Ints:
    """int64[n]: the edge of the stays of each device: its known time over its signals, and a share of that."""
    total = np.bincount(device, signals.astype(np.float64))
    time = np.bincount(device, known.astype(np.float64))
    edges: Ints = (EDGE * time / np.maximum(total, 1)).astype(np.int64)[device]
    return edges


def asleep(stays: Located, hours: DayHours) -> Bools:
    """bool[places]: places where a device spends at least half of the night."""
    time = np.bincount(stays.place, nights(stays, hours).astype(np.float64))
    long: Bools = (time > 0) & (2 * time >= hours.night[1] - hours.night[0])
    return long


def visits(stays: Located, zones: Nests, hours: DayHours) -> pa.Table:
    """VISIT rows of at least the shortest visit, by device and zone.

    A device's `home_mcc` is that of its last stay. It spends the night in a zone if at least half of the night is its
    time there; see `nights`.
    """
    if stays.device.size == 0:
        return VISIT.empty()
    chain = zones.chain[stays.hexagon]
    row, depth = np.nonzero(chain >= 0)
    pair = stays.device[row] * zones.zones + chain[row, depth]
    order = np.argsort(pair, kind="stable")
    row, pair = row[order], pair[order]
    starts = np.flatnonzero(starts_of_runs(pair))
    if not starts.size:
        return VISIT.empty()
    dwell = np.add.reduceat((stays.end - stays.begin)[row], starts)
    asleep = np.add.reduceat(nights(stays, hours)[row], starts)
    signals = np.add.reduceat(column(stays.table, "signals")[row].astype(np.int64), starts)
    kept = dwell >= SHORTEST_VISIT
    first, pair = row[starts][kept], pair[starts][kept]
    device = stays.device[first]
    final = np.append(np.flatnonzero(starts_of_runs(stays.device))[1:], stays.device.size) - 1
    columns = {
        "device": column(stays.table, "device")[first],
        "zone": (pair % zones.zones).astype(np.int32),
        "dwell": dwell[kept],
        "arrival": hours.clock[hours.of(stays.begin[first])],
        "night": (asleep[kept] > 0) & (2 * asleep[kept] >= hours.night[1] - hours.night[0]),
        "signals": signals[kept].astype(np.int32),
        **{name: column(stays.table, name)[final[device]] for name in PERSON},
    }
    return rows(VISIT, columns)


def nights(stays: Located, hours: DayHours) -> Ints:
    """int64[n]: the time of each stay in the night.

    At night a silent phone is where it lies: from the evening on, a stay lasts to the middle of the silence after it,
    or to the end of the day, if its last event is not longer before the night than the gap limit.
    """
    end, begin = stays.end.copy(), stays.begin.copy()
    followed = ~starts_of_runs(stays.device)[1:]
    evening = stays.last >= hours.night[0] - GAP_LIMIT
    middle = (end[:-1] + begin[1:]) // 2
    wait = followed & evening[:-1]
    end[:-1] = np.where(wait, middle, end[:-1])
    begin[1:] = np.where(wait, middle, begin[1:])
    ends = np.append(~followed, True) & evening
    end[ends] = hours.edges[-1]
    asleep: Ints = np.maximum(np.minimum(end, hours.night[1]) - np.maximum(begin, hours.night[0]), 0)
    return asleep


def visited_enough(stays: Located, zones: Nests) -> tuple[Ints, Bools]:
    """Packed (device, zone) pairs of all stays in zones, ascending, and whether each is a visit."""
    chain = zones.chain[stays.hexagon]
    row, depth = np.nonzero(chain >= 0)
    pair, place = np.unique(stays.device[row] * zones.zones + chain[row, depth], return_inverse=True)
    dwell = np.bincount(place, (stays.end - stays.begin)[row].astype(np.float64), pair.size)
    return pair, dwell >= SHORTEST_VISIT
