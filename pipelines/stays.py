"""Events to stays: a stay is a device's unbroken run of events in one hexagon."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.arrays import Bools, Ints, column, instants, rows, starts_of_runs
from schemas.tables import OPEN_STAY

Hexagons = npt.NDArray[np.int32]
Locate = Callable[[npt.NDArray[np.uint64], npt.NDArray[np.int32]], Hexagons]
"""Devices and their cells to the hexagons where the devices are."""

PERSON = ("home_mcc", "age_band", "spc", "home_zone")


@dataclass(frozen=True)
class Ordered:
    """Accepted events of a shard, ordered by device, then by time, cell, type and line; `duplicates` were left out."""

    columns: dict[str, npt.NDArray[np.generic]]
    duplicates: int


def in_order(events: pa.Table) -> Ordered:
    """Order PROBE rows and leave out those equal to another in device, time, cell, type and line."""
    names = ("device", "event_time", "cell", "event_type", "line", *PERSON)
    columns = {name: column(events, name) for name in names}
    order = _order(columns)
    columns = {name: values[order] for name, values in columns.items()}
    fresh = starts_of_runs(*(columns[name] for name in names[:5]))
    if fresh.all():
        return Ordered(columns, 0)
    return Ordered({name: values[fresh] for name, values in columns.items()}, int((~fresh).sum()))


def _order(columns: dict[str, npt.NDArray[np.generic]]) -> Ints:
    """int64[n]: the order of the rows by (device, event_time, cell, event_type, line)."""
    device, time = columns["device"], columns["event_time"].astype(np.int64, copy=False)
    if device.size == 0:
        return np.zeros(0, np.int64)
    code = np.unique(device, return_inverse=True)[1].astype(np.int64)
    offset = time - time.min()
    bits = int(offset.max()).bit_length()
    # Among duplicates the smallest known home network stays, whatever the order of the input: 0 wraps to the greatest.
    home = columns["home_mcc"].astype(np.uint16) - np.uint16(1)
    ties = [home, *(columns[name] for name in ("line", "event_type", "cell"))]
    if int(code.max()).bit_length() + bits > 62:
        return np.lexsort([*ties, offset, code])
    # One packed key sorts several times faster than five; only rows that it leaves tied need the others.
    key = code << bits | offset
    order = np.argsort(key)
    key = key[order]
    tied = np.zeros(key.size, np.bool_)
    tied[1:] = key[1:] == key[:-1]
    tied[:-1] |= tied[1:]
    if tied.any():
        some = order[tied]
        order[tied] = some[np.lexsort([*(values[some] for values in ties), key[tied]])]
    return order


def segment(open_stays: pa.Table, events: Ordered, locate: Locate, hold: int) -> pa.Table:
    """Carry the open stays on with new events, all of them later: OPEN_STAY rows by device and time.

    Each device's last stay is open: `left` is its last event so far. `hold` in microseconds is how long a silence may
    last within linked events. A stay's `home_mcc` is the first that its device's events state, up to its first event.
    """
    carried = {name: column(open_stays, name) for name in OPEN_STAY.names}
    device = events.columns["device"].astype(np.uint64, copy=False)
    moves = starts_of_runs(device, events.columns["cell"])
    hexagon = _hexagons(events, moves, locate)
    at = np.searchsorted(device, carried["device"]) + np.arange(open_stays.num_rows)
    is_new = np.ones(device.size + at.size, np.bool_)
    is_new[at] = False
    merge = _Merge(at, is_new)
    devices = merge(carried["device"], device)
    time = merge(carried["left"], events.columns["event_time"]).astype(np.int64, copy=False)
    hexagons = merge(carried["hexagon"], hexagon)
    same = ~starts_of_runs(devices)
    linked = same.copy()
    linked[1:] &= time[1:] - time[:-1] <= hold
    begins = ~linked
    begins[1:] |= hexagons[1:] != hexagons[:-1]
    first = np.flatnonzero(begins)
    if first.size == 0:
        return OPEN_STAY.empty()
    return _stays(carried, events, merge, first, devices, time, hexagons, same, linked)


@dataclass(frozen=True)
class _Merge:
    """Puts the carried rows at places `at` among the new ones, which take the places of `new` bool[size]."""

    at: Ints
    new: Bools

    def __call__(self, carried: npt.NDArray[np.generic], new: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        merged = np.empty(self.new.size, new.dtype)
        merged[self.at] = carried
        merged[self.new] = new
        return merged


def _hexagons(events: Ordered, moves: Bools, locate: Locate) -> Hexagons:
    """int32[n]: the hexagon of each event; drawn once for each run of events in one cell."""
    at = np.flatnonzero(moves)
    device, cell = (events.columns[name][at] for name in ("device", "cell"))
    drawn = locate(device.astype(np.uint64, copy=False), cell.astype(np.int32, copy=False))
    return drawn[np.cumsum(moves) - 1] if at.size else np.zeros(0, np.int32)


def _stays(
    carried: dict[str, npt.NDArray[np.generic]],
    events: Ordered,
    merge: _Merge,
    first: Ints,
    device: npt.NDArray[np.generic],
    time: Ints,
    hexagon: npt.NDArray[np.generic],
    same: Bools,
    linked: Bools,
) -> pa.Table:
    """One row for each run of merged rows that begins at `first`."""
    last = np.append(first[1:], time.size) - 1
    following = np.minimum(last + 1, time.size - 1)
    followed = (last + 1 < time.size) & same[following]
    joined = followed & linked[following]
    start = merge(carried["start"], events.columns["event_time"]).astype(np.int64, copy=False)[first]
    person = {name: merge(carried[name], events.columns[name])[first] for name in PERSON[1:]}
    sequence = merge(carried["sequence"], np.zeros(events.columns["cell"].size, np.int32))[first]
    known = _first_known(merge(carried["known_mcc"], events.columns["home_mcc"]), same)
    at_first = merge(carried["home_mcc"], events.columns["home_mcc"])
    at_first[merge.new] = known[merge.new]
    columns = {
        "device": device[first],
        "sequence": _ranks(device[first], start, sequence),
        "hexagon": hexagon[first],
        "start": start,
        "left": np.where(joined, time[following], time[last]),
        "linked": joined,
        "home_mcc": at_first[first],
        **person,
        "open": ~followed,
        "known_mcc": known[last],
    }
    return rows(OPEN_STAY, columns)


def _ranks(device: npt.NDArray[np.generic], start: Ints, carried: npt.NDArray[np.generic]) -> Hexagons:
    """int32[n]: the rank of a stay among those of its device that start at the same instant."""
    fresh = starts_of_runs(device, start)
    index = np.arange(device.size)
    head = np.maximum.accumulate(np.where(fresh, index, 0)) if device.size else index
    ranks: Hexagons = (carried[head].astype(np.int64) + index - head).astype(np.int32)
    return ranks


def _first_known(home_mcc: npt.NDArray[np.generic], same: Bools) -> npt.NDArray[np.generic]:
    """int16[n]: the first code other than 0 of the device, from the row that states it onwards; 0 before."""
    index = np.arange(home_mcc.size)
    head = np.maximum.accumulate(np.where(same, 0, index))
    known = home_mcc != 0
    before = np.cumsum(known) - known
    fresh = known & (before == before[head])
    latest = np.maximum.accumulate(np.where(fresh, index, -1))
    return np.where(latest >= head, home_mcc[latest], 0).astype(home_mcc.dtype)


def held_until(stays: pa.Table, hold: int, day_end: int) -> Ints:
    """int64[n]: until when a stay is presence: the next event, or the hold time after the last, within the day."""
    left = instants(stays, "left")
    alone = np.minimum(left + hold, day_end)
    return np.where(column(stays, "linked"), left, alone)
