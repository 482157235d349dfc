"""Points of devices that an adversary knows, and how many devices a few of them tell apart."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from anonymization.territory import Cells
from pipelines.arrays import Ints, instants
from pipelines.attacks.devices import DayDevices
from schemas.fields import SUBSCRIBER_ID

POINTS: Final = 4
"""Points that are known of a device (source: de Montjoye et al., "Unique in the Crowd", 2013)."""


Traces: TypeAlias = npt.NDArray[np.int32] | Ints
"""[devices, slots]: where each device is in each slot, or -1."""


@dataclass(frozen=True)
class Known:
    """Some devices of a day, int64[m], and POINTS slots in which each was somewhere, int64[m, POINTS]."""

    device: Ints
    slots: Ints


def known(traces: Traces, most: int, draws: np.random.Generator) -> Known:
    """At most so many of the devices that are somewhere in POINTS slots or more, and such slots, drawn at random."""
    there = np.flatnonzero((traces >= 0).sum(axis=1) >= POINTS)
    device = np.sort(draws.permutation(there)[:most])
    order = np.where(traces[device] >= 0, draws.random((device.size, traces.shape[1])), 2)
    return Known(device, np.argsort(order, axis=1)[:, :POINTS])


def placed(number: int, day: DayDevices, pairs: tuple[Ints, ...], hexagons: Cells) -> pa.Table:
    """(device, slot, hexagon): where a device counts, for pairs of a device and a slot of the day of a number.

    `slot` is when that begins, `hexagon` an H3 index.
    """
    device, slot = pairs
    return pa.table(
        {
            "device": (number << 32) + device.astype(np.int64),
            "slot": day.grid.slots[slot],
            "hexagon": hexagons[day.traces[device, slot]],
        }
    )


def unicity(traces: Traces, some: Known) -> float:
    """The share of the devices that nobody else was with at all of their known points."""
    with_them = np.ones((some.device.size, len(traces)), np.bool_)
    by_slot = np.ascontiguousarray(traces.T)
    for slot in some.slots.T:
        with_them &= by_slot[slot] == traces[some.device, slot][:, None]
    return float((with_them.sum(axis=1) == 1).mean()) if some.device.size else 0.0


def true_traces(truth: Path, day: date, slots: Ints) -> Ints:
    """int64[people, slots]: the hexagon where each subscriber of a truth truly was as each slot began, or -1."""
    names = [SUBSCRIBER_ID.name, "time", "hexagon"]
    starts = pa.array(slots[:-1]).view(pa.timestamp("us", "UTC"))
    source = ds.dataset(truth / "devices" / f"date={day}.parquet")
    rows = source.to_table(names, filter=pc.field("time").isin(starts))
    person = rows[SUBSCRIBER_ID.name].combine_chunks().dictionary_encode()
    found = np.full((len(person.dictionary), slots.size - 1), -1, np.int64)
    place = rows["hexagon"].cast(pa.int64()).fill_null(-1).to_numpy()
    found[person.indices.to_numpy(), np.searchsorted(slots, instants(rows, "time"))] = place
    return found
