"""The exact counts of a day in one form, whoever counted them, so that jobs can be held against each other."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.arrays import Ints, column
from pipelines.fold import ATTRIBUTES
from pipelines.presence import Lattice

INDICATORS = {
    "presence": "",
    "presence_by_age": "age_band",
    "presence_by_spc": "spc",
    "attendance": "",
    "attendance_by_age": "age_band",
    "attendance_by_spc": "spc",
    "dwell": "dwell_band",
}
"""What every job counts, and the attribute by which it is split."""

Counts = Mapping[str, Ints]
"""By indicator int64[n, columns]: slot and hexagon, or zone; the class, if any; devices. Sorted, without zeros."""

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


def of_kernels(measures: pa.Table, by_zone: Mapping[str, Ints], lattice: Lattice) -> Counts:
    """From merged PRESENCE_COUNT rows, and int64[zones, classes] by attribute of a day ("" is the plain count)."""
    group, hexagon, slot = lattice.unkey(column(measures, "place").astype(np.int64))
    devices = column(measures, "devices").astype(np.int64)
    found: dict[str, Ints] = {"presence": _running(slot[group == 0], hexagon[group == 0], devices[group == 0], lattice)}
    first = 1
    for name, classes in zip(("presence_by_age", "presence_by_spc"), ATTRIBUTES.values(), strict=True):
        own = (group >= first) & (group < first + classes)
        found[name] = ordered(np.stack([slot[own], hexagon[own], group[own] - first, devices[own]], axis=1))
        first += classes
    for name in ("attendance", "attendance_by_age", "attendance_by_spc", "dwell"):
        found[name] = _of_zones(by_zone[INDICATORS[name]])
    return found


def _running(slot: Ints, hexagon: Ints, devices: Ints, lattice: Lattice) -> Ints:
    """Plain counts from their differences along the slots."""
    changes = np.zeros((lattice.slots + 1, lattice.hexagons), np.int64)
    changes[slot, hexagon] = devices
    total = np.cumsum(changes, axis=0)
    at = np.nonzero(total)
    return np.stack([*at, total[at]], axis=1)


def _of_zones(counts: Ints) -> Ints:
    """From int64[zones] or int64[zones, classes]."""
    at = np.nonzero(counts)
    return np.stack([*at, counts[at]], axis=1)


def ordered(rows: npt.NDArray[np.int64]) -> Ints:
    """The rows in the order of their columns; no two say where the same devices are counted."""
    places = rows[:, :-1]
    # One packed key sorts several times faster than the columns.
    key = np.ravel_multi_index(tuple(places.T), tuple(places.max(axis=0, initial=0) + 1))
    result: Ints = rows[np.argsort(key)]
    return result
