"""Events to stays: a stay is a device's unbroken run of events in one radio cell, and the time it is known for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.arrays import Bools, Ints, column, rows, starts_of_runs
from schemas.tables import OPEN_STAY

Hexagons = npt.NDArray[np.int32]
Locate = Callable[[npt.NDArray[np.uint64], npt.NDArray[np.int32], npt.NDArray[np.int32]], Hexagons]
"""Devices, their cells and their home zones to the hexagons where the devices are."""

PERSON = ("home_mcc", "age_band", "spc", "home_zone")

MINUTE: Final = 60_000_000

HOLD: Final = 110 * MINUTE
"""How far an event reaches, to either side: an idle phone in coverage reports at least once in twice its timer.

Source: the periodic tracking area update timer T3412, 54 minutes by default (3GPP TS 24.301, 10.2). One report in a row
may be lost: 2 x 54 minutes, and a margin of 2.
"""

MISSING: Final = 180 * MINUTE
"""How long a device that is known nowhere counts as missing: on and in the area, but silent.

After that it is taken to have left (the project's own assumption: with it, coverage of simulated days is right within
4 %).
"""

SIGNAL_GAP: Final = 5 * MINUTE
"""Events that follow each other more closely are one signal: the packets of a session tell of one use, not of many."""


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


def segment(open_stays: pa.Table, events: Ordered, locate: Locate, hold: int, day: tuple[int, int]) -> pa.Table:
    """Carry the open stays on with new events, all of them later: OPEN_STAY rows by device and time.

    `hold` in microseconds: an event reaches so far to either side, to the middle of the way to the event beside it at
    most, and within the `day`, [start, end). Events in one cell of which the reaches meet are one stay. Each device's
    last stay is open: its `end` is that of a device that is not seen again. A stay's `home_mcc` is the first that its
    device's events state, up to its first event.
    """
    carried = {name: column(open_stays, name) for name in OPEN_STAY.names}
    new = events.columns
    device = new["device"].astype(np.uint64, copy=False)
    at = np.searchsorted(device, carried["device"]) + np.arange(open_stays.num_rows)
    is_new = np.ones(device.size + at.size, np.bool_)
    is_new[at] = False
    merge = _Merge(at, is_new)
    devices = merge(carried["device"], device)
    time = merge(carried["last"], new["event_time"]).astype(np.int64, copy=False)
    cells = merge(carried["cell"], new["cell"])
    same = ~starts_of_runs(devices)
    gap = np.zeros_like(time)
    gap[1:] = time[1:] - time[:-1]
    begins = ~same | (gap > 2 * hold)
    begins[1:] |= cells[1:] != cells[:-1]
    first = np.flatnonzero(begins)
    if first.size == 0:
        return OPEN_STAY.empty()
    last = np.append(first[1:], time.size) - 1
    signals = merge(carried["signals"], np.ones(device.size, np.int32)).astype(np.int64)
    signals[is_new & same & (gap <= SIGNAL_GAP)] = 0
    start = merge(carried["start"], new["event_time"]).astype(np.int64, copy=False)[first]
    fresh = is_new[first]
    following = np.minimum(last + 1, time.size - 1)
    followed = (last + 1 < time.size) & same[following]
    begin = np.maximum(start - hold, day[0])
    begin = np.where(same[first], np.maximum(begin, (time[first - 1] + start) // 2), begin)
    end = np.minimum(time[last] + hold, day[1])
    end = np.where(followed, np.minimum(end, (time[last] + time[following]) // 2), end)
    known = _first_known(merge(carried["known_mcc"], new["home_mcc"]), same)
    at_first = merge(carried["home_mcc"], new["home_mcc"])
    at_first[is_new] = known[is_new]
    columns = {
        "device": devices[first],
        "sequence": _ranks(devices[first], start, merge(carried["sequence"], np.zeros(device.size, np.int32))[first]),
        "cell": cells[first],
        "start": start,
        "last": time[last],
        "begin": np.where(fresh, begin, merge(carried["begin"], np.zeros(device.size, np.int64))[first]),
        "end": end,
        "signals": np.add.reduceat(signals, first).astype(np.int32),
        "home_mcc": at_first[first],
        **{name: merge(carried[name], new[name])[first] for name in PERSON[1:]},
        "hexagon": merge(carried["hexagon"], np.zeros(device.size, np.int32))[first],
        "open": ~followed,
        "known_mcc": known[last],
    }
    columns["hexagon"][fresh] = locate(*(columns[name][fresh] for name in ("device", "cell", "home_zone")))
    return rows(OPEN_STAY, columns)


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
