"""The rows of a day figure by zone before they are rounded: which classes of which parts are published together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.classes import ARRIVAL, CATEGORY, CLASSES, DWELL, WHOLE_PART, ClassRows, Names, split_by_class
from anonymization.figures import Figures
from anonymization.origins import Origins, OriginTally
from anonymization.partition import CELLS_AT_ONCE
from anonymization.policy import Policy
from anonymization.tally import Tally, gathered, together
from anonymization.zone_days import ZonePart
from schemas.indicators import Indicator
from schemas.vocabulary import SEPARATOR

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NIGHT, BELOW = "night of ", " in "
"""How the device sets of classes below a class are named; no vocabulary has such values."""


@dataclass(frozen=True)
class DayRows:
    """Rows of parts: `part` int64[r], a column of printed `values` for each attribute, device sets, and the tally [r].

    Rows of a part with the same device set hold the same devices, whatever the indicator.
    """

    part: Ints
    values: tuple[Names, ...]
    devices_of: Names
    tally: Tally

    @property
    def figures(self) -> Figures:
        """What is compared of the rows, as exact counts."""
        return Figures(self.part, tuple(pa.array(value, pa.string()) for value in self.values), self.tally.devices)

    def where(self, kept: Bools) -> "DayRows":
        """Some of the rows."""
        values = tuple(column[kept] for column in self.values)
        return DayRows(self.part[kept], values, self.devices_of[kept], self.tally[kept])

    def in_parts(self, places: Ints) -> "DayRows":
        """The same rows, of the parts at these places."""
        return DayRows(places[self.part], self.values, self.devices_of, self.tally)

    def without(self, parts: Ints) -> "DayRows":
        """Without the rows of some parts."""
        return self.where(~np.isin(self.part, parts))

    def collapsed(self, parts: Ints, values: tuple[str, ...]) -> "DayRows":
        """With one row of these values instead of the rows of some parts: their plain figure."""
        gone = self.where(np.isin(self.part, parts))
        part, place = np.unique(gone.part, return_inverse=True)
        whole = DayRows(
            part,
            tuple(np.full(part.size, value, object) for value in values),
            np.full(part.size, WHOLE_PART, object),
            gathered(place, gone.tally, part.size),
        )
        return joined([self.without(parts), whole], len(values))


def joined(pieces: Sequence[DayRows], attributes: int) -> DayRows:
    """Rows after each other, of so many attributes."""
    none = np.zeros(0, object)
    values = tuple(np.concatenate([none, *(piece.values[at] for piece in pieces)]) for at in range(attributes))
    part = np.concatenate([np.zeros(0, np.int64), *(piece.part for piece in pieces)])
    sets = np.concatenate([none, *(piece.devices_of for piece in pieces)])
    return DayRows(part, values, sets, together([piece.tally for piece in pieces]))


def plain_rows(counts: Tally) -> DayRows:
    """One row for each part, from a tally [parts]."""
    parts = counts.shape[0]
    return DayRows(np.arange(parts), (), np.full(parts, WHOLE_PART, object), counts)


def class_rows(indicator: Indicator, counts: Tally, policy: Policy) -> DayRows:
    """The rows by an attribute with the same classes everywhere, from a tally [parts, classes]."""
    return _rows(split_by_class(CLASSES[indicator.attributes[0]], counts, policy))


def _rows(split: ClassRows) -> DayRows:
    return DayRows(split.part, (split.value,), split.devices_of, split.tally)


def night_rows(counts: Tally, policy: Policy) -> DayRows:
    """Of each published category those who spent the night, from a tally [parts, categories, 2]: who did not, who did.

    A row stands only where each side holds at least k devices, or one holds none.
    """
    split = split_by_class(CATEGORY, counts.sum(axis=2), policy)
    night, kept = nights_of(split, CATEGORY.names, counts, policy.k)
    everybody = night.devices == split.tally.devices
    sets = np.where(everybody, split.devices_of, NIGHT + split.devices_of)
    return DayRows(split.part, (split.value,), sets, night).where(kept)


def nights_of(split: ClassRows, names: tuple[str, ...], counts: Tally, k: int) -> tuple[Tally, Bools]:
    """The devices of each row that spent the night, from [parts, classes, 2], and whether they may be printed."""
    night = of_rows(split, names, counts)[:, 1]
    others = split.tally.devices - night.devices
    return night, (night.devices >= k) & ((others >= k) | (others == 0))


def of_rows(split: ClassRows, names: tuple[str, ...], counts: Tally) -> Tally:
    """[rows, ...]: the sums over the classes of each row, from [parts, classes, ...]."""
    row, name = [], []
    for at, value in enumerate(split.value.tolist()):
        listed = [names.index(each) for each in value.split(SEPARATOR)]
        row += [at] * len(listed)
        name += listed
    cells = counts[split.part[row], name]
    width = cells.shape[1]
    place = np.array(row, np.int64)[:, None] * width + np.arange(width)
    return gathered(place.ravel(), cells.reshape(-1), split.part.size * width).reshape(-1, width)


def arrival_rows(counts: Tally, policy: Policy) -> tuple[DayRows, DayRows]:
    """The rows of each published dwell class by hour of arrival, from a tally [parts, bands, 24], and those classes.

    The second pool all hours: what stands where these must not be told apart.
    """
    dwell = split_by_class(DWELL, counts.sum(axis=2), policy)
    hours = split_by_class(ARRIVAL, of_rows(dwell, DWELL.names, counts), policy)
    above = hours.part
    of_class = dwell.devices_of[above]
    sets = np.where(hours.devices_of == WHOLE_PART, of_class, hours.value + BELOW + of_class)
    rows = DayRows(dwell.part[above], (dwell.value[above], hours.value), sets, hours.tally)
    every = np.full(dwell.part.size, SEPARATOR.join(ARRIVAL.names), object)
    return rows, DayRows(dwell.part, (dwell.value, every), dwell.devices_of, dwell.tally)


def origin_rows(
    origins: Origins, parts: Sequence[ZonePart], places: Ints, counts: OriginTally, policy: Policy
) -> DayRows:
    """The rows by origin of the parts at `places`.

    Each part has a tree of its own, since which communes are those of its residents depends on it.
    """
    pieces = []
    for residents, group in _by_residents(origins, parts, places).items():
        classes = origins.classes(np.array(residents, np.int64))
        step = max(1, CELLS_AT_ONCE // classes.tree.size)
        for some in np.split(group, np.arange(step, group.size, step)):
            dense = _dense(counts, some, len(parts), classes.columns)
            pieces.append(_rows(split_by_class(classes, dense, policy)).in_parts(some))
    return joined(pieces, 1)


def _by_residents(origins: Origins, parts: Sequence[ZonePart], places: Ints) -> dict[tuple[int, ...], Ints]:
    """The parts that have the same residents share a tree: places of parts by the origins of their residents."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for place in places.tolist():
        groups.setdefault(tuple(origins.residents(parts[place].zones).tolist()), []).append(place)
    return {residents: np.array(group, np.int64) for residents, group in groups.items()}


def _dense(counts: OriginTally, group: Ints, parts: int, origins: int) -> Tally:
    """[group, origins]: the devices of some parts by origin."""
    row = np.full(parts, -1, np.int64)
    row[group] = np.arange(group.size)
    kept = row[counts.part] >= 0
    place = row[counts.part[kept]] * origins + counts.origin[kept]
    return gathered(place, counts.tally[kept], group.size * origins).reshape(group.size, origins)
