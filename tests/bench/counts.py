"""The exact counts of a day in one form, whoever counted them, so that jobs can be held against each other."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.arrays import Ints, column
from pipelines.presence import ATTRIBUTES, Lattice
from schemas.indicators import INDICATORS

PRESENCE = {"presence": "", "presence_by_age": "age_band", "presence_by_spc": "spc"}
"""What every job counts, and the attribute by which it is split."""

OF_DAY = tuple(name for name in INDICATORS if name not in PRESENCE)
"""What hexaflux and the NumPy job count besides: what happens at the places of a device.

Its places follow from its cells one after the other, which neither SQL nor a few lines of Python can say shortly.
"""

Counts = Mapping[str, Ints]
"""By indicator int64[n, columns]: where and when, the class, if any, and devices. Sorted, without zeros."""

Summary = dict[str, dict[str, int | str]]
"""By indicator: `rows`, `devices` in all, and `sha256` of the counts."""


@dataclass(frozen=True)
class Counted:
    """What a job counted: events accepted (None where it does not tell duplicates), and devices."""

    accepted: int | None
    counts: Counts

    def summary(self) -> Summary:
        """What tells two lots of counts apart."""
        events: Summary = {} if self.accepted is None else {"events": {"rows": self.accepted}}
        return events | {name: _summary(rows) for name, rows in sorted(self.counts.items())}


def _summary(rows: Ints) -> dict[str, int | str]:
    digest = hashlib.sha256(np.ascontiguousarray(rows, np.int64).tobytes()).hexdigest()
    return {"rows": rows.shape[0], "devices": int(rows[:, -1].sum()), "sha256": digest}


def differences(one: Summary, other: Summary) -> list[str]:
    """The indicators on which two jobs do not agree, of those that both counted."""
    return sorted(name for name in one.keys() & other.keys() if one[name] != other[name])


def of_presence(measures: pa.Table, lattice: Lattice) -> dict[str, Ints]:
    """Slot, hexagon, class if any, devices; from merged PRESENCE_COUNT rows."""
    group, hexagon, slot = lattice.unkey(column(measures, "place").astype(np.int64))
    devices = column(measures, "devices").astype(np.int64)
    found = {"presence": _running(slot[group == 0], hexagon[group == 0], devices[group == 0], lattice)}
    first = 1
    for name, attribute in PRESENCE.items():
        if attribute:
            own = (group >= first) & (group < first + ATTRIBUTES[attribute])
            found[name] = ordered(np.stack([slot[own], hexagon[own], group[own] - first, devices[own]], axis=1))
            first += ATTRIBUTES[attribute]
    return found


def _running(slot: Ints, hexagon: Ints, devices: Ints, lattice: Lattice) -> Ints:
    """Plain counts from their differences along the slots."""
    changes = np.zeros((lattice.slots + 1, lattice.hexagons), np.int64)
    changes[slot, hexagon] = devices
    return of_array(np.cumsum(changes, axis=0))


def of_array(counts: Ints) -> Ints:
    """Where an array is not zero, and what stands there."""
    at = np.nonzero(counts)
    return np.stack([*at, counts[at]], axis=1)


def ordered(rows: npt.NDArray[np.int64]) -> Ints:
    """The rows in the order of their columns; no two say where the same devices are counted."""
    places = rows[:, :-1]
    # One packed key sorts several times faster than the columns.
    key = np.ravel_multi_index(tuple(places.T), tuple(places.max(axis=0, initial=0) + 1))
    result: Ints = rows[np.argsort(key)]
    return result
