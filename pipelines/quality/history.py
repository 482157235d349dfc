"""What closed days tell of each radio cell, by the local clock: how many events and devices to expect. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.arrays import Bools, Ints, column
from schemas.tables import CELL_HISTORY

Floats = npt.NDArray[np.float32]

BINS: Final = 288
"""The bins of a day of 24 hours, which are the places of its clock."""

PER_HOUR: Final = 12
"""Bins of an hour."""

HISTORY_DAYS: Final = 14
"""Days before a day that tell what to expect: two of each weekday (the project's own)."""

LEAST_DAYS: Final = 3
"""With fewer closed days among them nothing is expected, and no cell counts as silent (the project's own)."""


@dataclass(frozen=True)
class ClockDay:
    """A closed day by the places of the local clock, from when the privacy day begins.

    `events` float32[cells, 288], nan where fewer than k devices were known in the cell in that hour, or where the clock
    skipped it; `devices` float32[cells, 24], nan likewise. Of an hour that the clock showed twice: the first.
    """

    events: Floats
    devices: Floats


@dataclass(frozen=True)
class Expected:
    """What a cell's own history leads one to expect, by the places of the local clock.

    `events` float32[cells, 288] and `devices` float32[cells, 24]: means over the days but the greatest, see `Sums`, or
    0 where there are too few days. `worst` float64[cells]: the most events that were missing in a silence of the
    history itself, see `silence.calibrated`.
    """

    events: Floats
    devices: Floats
    worst: npt.NDArray[np.float64]


def history_rows(events: Ints, devices: Ints, cell_id: pa.Array, k: int) -> pa.Table:
    """CELL_HISTORY rows of a day, by cell and then by hour: only hours of a cell in which k devices are known.

    `events` int64[cells, bins], `devices` int64[cells, hours]. Of fewer than k devices nothing is kept, not even that
    there were events: an hour without a row has anything from none to k - 1 devices.
    """
    cell, hour = np.nonzero(devices >= k)
    padded = np.zeros((events.shape[0], devices.shape[1] * PER_HOUR), np.int32)
    padded[:, : events.shape[1]] = events
    of_hour = padded.reshape(*devices.shape, PER_HOUR)[cell, hour]
    offsets = np.arange(cell.size + 1, dtype=np.int32) * np.int32(PER_HOUR)
    columns = {
        "cell_id": cell_id.take(pa.array(cell)),
        "hour": pa.array(hour),
        "devices": pa.array(devices[cell, hour]),
        "events": pa.ListArray.from_arrays(pa.array(offsets), pa.array(of_hour.ravel())),
    }
    return CELL_HISTORY.conform(pa.table(columns))


def clock_day(kept: pa.Table, cell_id: pa.Array, bins: Ints) -> ClockDay:
    """CELL_HISTORY rows of a day by cell and place of the clock; cells that are in the plan no more are left out.

    `cell_id`: the cells to tell of. `bins` int64[n]: the place of the clock of each bin of that day.
    """
    found = pc.index_in(kept["cell_id"], value_set=cell_id)
    kept, cell = kept.filter(found.is_valid()), found.drop_null().to_numpy()
    hour = column(kept, "hour").astype(np.int64)
    hours = -(-bins.size // PER_HOUR)
    events = np.full((len(cell_id), hours, PER_HOUR), np.nan, np.float32)
    devices = np.full((len(cell_id), hours), np.nan, np.float32)
    values = kept["events"].combine_chunks()
    events[cell, hour] = values.flatten().to_numpy().reshape(-1, PER_HOUR)
    devices[cell, hour] = column(kept, "devices")
    by_bin = events.reshape(len(cell_id), -1)[:, : bins.size]
    return ClockDay(_on_clock(by_bin, bins, BINS), _on_clock(devices, bins[::PER_HOUR] // PER_HOUR, BINS // PER_HOUR))


def _on_clock(values: Floats, places: Ints, size: int) -> Floats:
    """float32[cells, size]: columns of a day at their places of the clock (the first of two), or nan."""
    found = np.full((values.shape[0], size), np.nan, np.float32)
    places, first = np.unique(places, return_index=True)
    found[:, places] = values[:, first]
    return found


@dataclass(frozen=True)
class Sums:
    """Sums over `days` days, of which an hour that nothing is kept of counts 0: float32, of any shape.

    `most` and `next_most`: the greatest and the second greatest of the days.
    """

    days: int
    total: Floats
    most: Floats
    next_most: Floats

    def with_day(self, values: Floats) -> "Sums":
        """The same with one day more."""
        known = np.nan_to_num(values)
        second = np.maximum(self.next_most, np.minimum(self.most, known))
        return Sums(self.days + 1, self.total + known, np.maximum(self.most, known), second)

    @property
    def mean(self) -> Floats:
        """The mean without the greatest day: a festival must not make the days after it look silent."""
        return ((self.total - self.most) / np.float32(max(self.days - 1, 1))).astype(np.float32)

    def mean_without(self, values: Floats) -> Floats:
        """What `mean` is without one of the days; three days at least."""
        known = np.nan_to_num(values)
        most = np.where(known >= self.most, self.next_most, self.most)
        return ((self.total - known - most) / np.float32(self.days - 2)).astype(np.float32)


def no_sums(*shape: int) -> Sums:
    """The sums over no day."""
    nothing = np.zeros(shape, np.float32)
    return Sums(0, nothing, nothing, nothing)


def on_air(valid_from: Ints, valid_to: Ints, identifier: npt.NDArray[np.int32], edges: Ints) -> Bools:
    """bool[cells, bins]: where the plan has a cell on air all through a bin; it has a row for each period.

    `edges` int64[bins + 1] in microseconds, as are the periods [valid_from, valid_to) of the rows.
    """
    found = np.zeros((int(identifier.max(initial=-1)) + 1, edges.size - 1), np.bool_)
    for cell, low, high in zip(
        identifier.tolist(),
        np.searchsorted(edges[:-1], valid_from, "left").tolist(),
        np.searchsorted(edges[1:], valid_to, "right").tolist(),
        strict=True,
    ):
        found[cell, low:high] = True
    return found
