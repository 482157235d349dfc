"""Published tables with the devices behind each row: what attacks on sets of devices look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.nested import distinct
from anonymization.territory import ZoneArea
from pipelines.arrays import Ints, column, starts_of_runs
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.members import MEMBERS, counts, members_of_release
from pipelines.attacks.target import Published, Target
from pipelines.attacks.weakened import of_day
from schemas.indicators import INDICATORS
from schemas.vocabulary import TERRITORY

PRESENCE: Final = "presence"
"""The indicator that weak releases by slot are written as."""

PLAIN: Final = next(name for name, each in INDICATORS.items() if each.window == "day" and not each.attributes)
"""The indicator whose rows are the parts of a day."""

Behind = Mapping[str, Mapping[str, pa.Table]]
"""MEMBERS by privacy day and indicator; a device is a number of its day."""


@dataclass(frozen=True)
class Shown(Published):
    """Published tables, and who is `behind` their rows; `zones`: of which they tell, None for those of the release."""

    behind: Behind
    zones: tuple[ZoneArea, ...] | None = None

    def rows(self, day: DayDevices) -> dict[str, pa.Table]:
        """By indicator the rows of a day, with their places in the table as `row`."""
        numbered = {
            name: table.append_column("row", pa.array(np.arange(table.num_rows))) for name, table in self.tables.items()
        }
        return {name: table.filter(pc.equal(table["date"], day.day)) for name, table in numbered.items()}

    def of_day(self, day: DayDevices) -> Mapping[str, pa.Table]:
        """By indicator the MEMBERS of the rows of a day."""
        return self.behind[day.day.isoformat()]

    def devices(self) -> Iterator[tuple[pa.Table, Ints]]:
        """Each table and int64[rows]: how many devices are behind each row."""
        for name, table in self.tables.items():
            days = [counts(day[name], table.num_rows) for day in self.behind.values() if name in day]
            yield table, np.sum(days, axis=0, dtype=np.int64)


def shown(target: Target) -> Shown:
    """The release."""
    return Shown(target.tables, target.behind)


def shown_of(published: Published, target: Target) -> Shown:
    """Other tables of the same devices."""
    found = {day.day.isoformat(): members_of_release(published.tables, day, target.inputs) for day in target.days}
    return Shown(published.tables, found)


def only(subject: Shown, *names: str) -> Shown:
    """Some of the indicators, those that are published."""
    tables = {name: subject.tables[name] for name in names if name in subject.tables}
    behind = {day: {name: found[name] for name in tables} for day, found in subject.behind.items()}
    return replace(subject, tables=tables, behind=behind)


def together(one: Shown, other: Shown) -> Shown:
    """The rows of both, published beside each other."""
    tables, behind = dict(one.tables), {day: dict(found) for day, found in one.behind.items()}
    for name, table in other.tables.items():
        above = tables.get(name, table.slice(0, 0))
        tables[name] = pa.concat_tables([above, table.cast(above.schema)])
        for day, found in other.behind.items():
            shifted = found[name].set_column(0, "row", pc.add(found[name]["row"], above.num_rows))
            of_one = behind.setdefault(day, {})
            of_one[name] = pa.concat_tables([of_one.get(name, MEMBERS.empty_table()), shifted])
    return replace(one, tables=tables, behind=behind)


def at_least(subject: Shown, k: int) -> Shown:
    """The rows that have k devices, of tables by indicator."""
    tables, behind = {}, {day: dict(found) for day, found in subject.behind.items()}
    for (table, devices), name in zip(subject.devices(), subject.tables, strict=True):
        kept = devices >= k
        tables[name] = table.filter(pa.array(kept))
        place = np.where(kept, np.cumsum(kept) - 1, -1)
        for found in behind.values():
            row = place[column(found[name], "row").astype(np.int64)]
            found[name] = found[name].set_column(0, "row", pa.array(row)).filter(pa.array(row >= 0))
    return replace(subject, tables=tables, behind=behind)


def every_hexagon(target: Target) -> Ints:
    """int64[hexagons]: each hexagon a place of its own."""
    return np.arange(target.inputs.territory.hexagons.size)


def zones_of_hexagons(target: Target) -> Ints:
    """int64[hexagons]: the smallest zone around each, or -1."""
    return target.inputs.territory.innermost.astype(np.int64)


def by_place(target: Target, place: Ints, slots: int = 1, scale: float = 1.0) -> Shown:
    """Presence by place and window, as it is wherever its devices times `scale` are k, else left out.

    `place` int64[hexagons]: the place that each hexagon is in, or -1. Windows are of so many `slots`, and one begins in
    each slot; a device counts in all places where it is in one of them. `scale`: how many people a device stands for.
    """
    hexagons = target.inputs.territory.hexagons
    cells = pa.array([hexagons[place == at].tolist() for at in range(1 + int(place.max()))], pa.list_(pa.uint64()))
    return reduce(together, [_of_places(day, place, cells, slots, scale, target.policy.k) for day in target.days])


def _of_places(day: DayDevices, place: Ints, cells: pa.Array, slots: int, scale: float, k: int) -> Shown:
    at = np.where(day.traces >= 0, place[day.traces], -1)
    windows = day.slots - slots + 1
    keys = [np.zeros(0, np.int64)]
    for shift in range(slots):
        device, window = np.nonzero(at[:, shift : windows + shift] >= 0)
        keys.append((window * len(cells) + at[device, window + shift]) * day.count + device)
    key = distinct(np.concatenate(keys))
    first = np.flatnonzero(starts_of_runs(key // max(day.count, 1)))
    pair, devices = key[first] // max(day.count, 1), np.diff(np.append(first, key.size))
    printed = devices * scale >= k
    row = np.repeat(np.where(printed, np.cumsum(printed) - 1, -1), devices)
    behind = pa.table({"row": row, "device": (key % max(day.count, 1)).astype(np.int32)}, schema=MEMBERS)
    pair, devices = pair[printed], devices[printed]
    table = _table(day, pair // len(cells), slots, cells.take(pa.array(pair % len(cells))), devices, scale)
    return Shown({PRESENCE: table}, {day.day.isoformat(): {PRESENCE: behind.filter(pa.array(row >= 0))}})


def _table(day: DayDevices, slot: Ints, slots: int, cells: pa.Array, devices: Ints, scale: float) -> pa.Table:
    """A table as presence, each row in a window that begins with a slot."""
    edges = pa.array(day.grid.slots).cast(pa.timestamp("us", "UTC"))
    columns = {
        "window_start": edges.take(pa.array(slot)),
        "window_end": edges.take(pa.array(slot + slots)),
        "zone_id": pa.array([TERRITORY] * slot.size, pa.string()),
        "cells": cells,
        "devices": pa.array(devices),
        **dict.fromkeys(("people", "people_low", "people_high"), pa.array(devices * scale)),
        "additive": pa.array(np.ones(slot.size, np.bool_)),
    }
    return of_day(INDICATORS[PRESENCE].table.conform(pa.table(columns)), day.day)
