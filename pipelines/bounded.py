"""The bound of differential privacy: in which slots and zones of a day a device may count at all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.prf import hash_columns
from pipelines.arrays import Bools, Ints, column, starts_of_runs
from pipelines.presence import Winners

U64 = npt.NDArray[np.uint64]

Bound = Callable[[Winners, U64, range], Winners]
"""The winners of some slots of the day, the device of each span and those slots to the winners that count."""

_SLOTS: Final = 1
_ZONES: Final = 2


@dataclass(frozen=True)
class Sampling:
    """How the figures of a device are sampled on one day: `kept` of its `slots`, and at most `zones_kept` zones.

    `key`: 16 bytes of the day. The bound holds under any key, and so does the privacy: nothing of it rests on which
    slots and zones are drawn. Neither does it travel: it is made where the day's key is opened.
    """

    key: bytes = field(repr=False)
    slots: int
    kept: int
    zones_kept: int

    def winners(self, won: Winners, device: U64, slots: range) -> Winners:
        """The winners in the slots that count for their device, one entry for each slot.

        `device` uint64[spans]: the device of each span; `slots`: those of the day that `won` speaks of, from 0.
        """
        phase = _phases(self.key, device, self.slots)[won.span]
        before = self._kept_before(won.first + slots.start, phase)
        count = self._kept_before(won.last + slots.start, phase) - before
        span, phase = np.repeat(won.span, count), np.repeat(phase, count)
        within = np.arange(span.size) - np.repeat(np.cumsum(count) - count, count)
        # The n-th slot that counts is the first at which slot x kept + phase reaches n x slots.
        number = np.repeat(before, count) + 1 + within
        slot = -((phase - number * self.slots) // self.kept) - slots.start
        return Winners(span, slot, slot + 1)

    def visits(self, table: pa.Table) -> pa.Table:
        """The VISIT rows that count: of a device in more zones than it may count in, a keyed draw of them."""
        if table.num_rows == 0:
            return table
        device = column(table, "device").astype(np.uint64, copy=False)
        zone = column(table, "zone").astype(np.uint64)
        drawn = hash_columns(self.key, device, zone, np.full(device.size, _ZONES, np.uint64))
        order = np.lexsort((drawn, device))
        starts = np.flatnonzero(starts_of_runs(device[order]))
        rank = np.arange(device.size) - np.repeat(starts, np.diff(np.append(starts, device.size)))
        counts = np.zeros(device.size, np.bool_)
        counts[order] = rank < self.zones_kept
        return table.filter(pa.array(counts))

    def _kept_before(self, slot: Ints, phase: Ints) -> Ints:
        """int64[n]: how many slots that count lie before a slot, less a constant for each device."""
        passed: Ints = ((slot - 1) * self.kept + phase) // self.slots
        return passed


def kept_slots(device: U64, slot: Ints, sampling: Sampling) -> Bools:
    """bool[n]: whether a device counts in a slot of the day.

    Slots are drawn in equal steps from a keyed start, `(slot x kept + phase) mod slots < kept`: of every device exactly
    `kept` slots count, each with probability kept / slots, spread over the day, whatever it did.
    """
    phase = _phases(sampling.key, device, sampling.slots)
    counts: Bools = (slot * sampling.kept + phase) % sampling.slots < sampling.kept
    return counts


def _phases(key: bytes, device: U64, slots: int) -> Ints:
    """int64[n]: the keyed start of each device, uniform on [0, slots)."""
    drawn = hash_columns(key, device, np.full(device.size, _SLOTS, np.uint64))
    phases: Ints = (drawn % np.uint64(slots)).astype(np.int64)
    return phases
