"""Movements: flows join the parts of attendance, one layer at a time, and no pair of parts stands in two rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa

from anonymization.checks.day import Day, part_codes, starts
from anonymization.checks.rule import Finding, Rule, where
from anonymization.checks.spans import Bools, Cells, merged, spans
from anonymization.checks.splits import tokens
from anonymization.checks.zone_map import ZoneMap
from anonymization.distances import Points, centroid, distance_class
from anonymization.verdict import SINGLING_OUT
from schemas.vocabulary import ALL

Places = frozenset[int]
"""Rows of attendance."""


Row = tuple[str, str, str, str]
"""Zone, origin, destination and distance class of a row."""


@dataclass(frozen=True)
class _Attendance:
    """The parts that flows may join."""

    table: pa.Table
    zones: ZoneMap
    _parts: dict[str, Places | None] = field(default_factory=dict)
    _centroids: dict[int, Points] = field(default_factory=dict)

    @cached_property
    def names(self) -> list[str]:
        """The name of each part."""
        return list(self.table["zone_id"].to_pylist())

    @cached_property
    def part_of(self) -> dict[str, int]:
        """The part that holds each zone."""
        return {token: row for row, name in enumerate(self.names) for token in tokens(name)}

    def parts(self, name: str) -> Places | None:
        """The parts whose zones a name joins; None where they are not whole parts of one layer."""
        if name not in self._parts:
            listed = set(tokens(name))
            found = frozenset(self.part_of[token] for token in listed & self.part_of.keys())
            whole = {token for part in found for token in tokens(self.names[part])}
            sound = whole == listed and self.zones.layer(name) is not None
            self._parts[name] = found if sound else None
        return self._parts[name]

    def cells(self, part: int) -> Cells:
        """The cells of a part."""
        return np.array(self.table["cells"][part].as_py(), np.uint64)

    def centroid(self, part: int) -> Points:
        """The centroid of a part."""
        if part not in self._centroids:
            self._centroids[part] = centroid(self.cells(part))
        return self._centroids[part]


def examine(day: Day) -> Finding:
    """The flows of a day; the figure counts their rows."""
    table, label = day.rows_of("flows"), day.label("flows")
    if day.zones is None or not table.num_rows:
        return Finding(())
    attendance = _Attendance(day.rows_of("attendance"), day.zones)
    names = ("zone_id", "origin_zone_id", "destination_zone_id", "distance_class")
    rows: list[Row] = list(zip(*(table[name].to_pylist() for name in names), strict=True))
    verdicts = {row: tuple(_wrong(row, attendance)) for row in set(rows)}
    problems: list[str] = []
    for sentence in sorted({sentence for found in verdicts.values() for sentence in found}):
        problems += where(label, table, np.array([sentence in verdicts[row] for row in rows], np.bool_), sentence)
    problems += where(label, table, _elsewhere(table, attendance), "rows whose cells are not those of their origin")
    problems += where(label, table, _twice(table, rows, attendance), "rows that hold a pair of another row of the hour")
    return Finding(tuple(problems), table.num_rows)


def _wrong(row: Row, attendance: _Attendance) -> Iterator[str]:
    """What is wrong with what a row prints."""
    zone_id, origin, destination, distance = row
    if zone_id != origin:
        yield "rows whose zone is not their origin"
    origins = attendance.parts(origin)
    if origins is None:
        yield "rows whose origin is not made of parts of attendance"
        return
    pooled = len(origins) > 1
    if not (pooled == (destination == ALL) == (distance == ALL)):
        yield "rows that go to `all` from one part, or to a part from several"
    elif not pooled:
        destinations = attendance.parts(destination)
        layers = {attendance.zones.layer(name) for name in (origin, destination)}
        if destinations is None or len(layers) > 1:
            yield "rows whose destination is not made of parts of attendance of the origin's layer"
        elif origins & destinations:
            yield "rows that end where they begin"
        elif _distance(origins, destinations, attendance) != distance:
            yield "rows of another distance class"


def _distance(origins: Places, destinations: Places, attendance: _Attendance) -> str:
    (origin,) = origins
    return distance_class(attendance.centroid(origin), [attendance.centroid(part) for part in sorted(destinations)])


def _elsewhere(table: pa.Table, attendance: _Attendance) -> Bools:
    """bool[rows]: whether the cells of a row cover something else than its zones do in attendance."""
    first, part = np.unique(part_codes(table)[0], return_index=True, return_inverse=True)[1:]
    wrong = np.zeros(first.size, np.bool_)
    for at, row in enumerate(first.tolist()):
        origins = attendance.parts(table["zone_id"][row].as_py()) or frozenset()
        expected = np.concatenate([np.zeros(0, np.uint64), *(attendance.cells(origin) for origin in origins)])
        found = np.array(table["cells"][row].as_py(), np.uint64)
        areas = [merged(*spans(cells)) for cells in (found, expected)]
        wrong[at] = not all(np.array_equal(one, other) for one, other in zip(*areas, strict=True))
    return wrong[part]


def _twice(table: pa.Table, rows: Sequence[Row], attendance: _Attendance) -> Bools:
    """bool[rows]: whether a row holds a pair of parts that another row of its hour holds before it."""
    twice = np.zeros(len(rows), np.bool_)
    met: dict[tuple[int, int], set[int]] = {}
    for at, (hour, (_, origin, destination, _)) in enumerate(zip(starts(table).tolist(), rows, strict=True)):
        ends = range(len(attendance.names)) if destination == ALL else attendance.parts(destination) or ()
        for part in attendance.parts(origin) or ():
            known = met.setdefault((hour, part), set())
            twice[at] |= not known.isdisjoint(ends)
            known.update(ends)
    return twice


RULE = Rule(
    name="movements",
    criterion=SINGLING_OUT,
    threshold="flows between the parts of attendance of one layer, each pair of an hour in one row",
    found="{:.0f} rows of flows",
    combine=sum,
    examine=examine,
)
