"""Zones inside published ones that all but a few of the visitors of these visit: real hexagons and real devices."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.territory import ZoneArea
from pipelines.arrays import Ints, column, starts_of_runs
from pipelines.attacks.elsewhere import in_zones
from pipelines.attacks.members import counts, members
from pipelines.attacks.target import Target

_INNER: Final = "inner"
"""The kind of these zones, and the end of their names."""


@dataclass(frozen=True)
class InnerRows:
    """Rows as an indicator would print them of inner zones, int64[rows] the devices behind them, and all zones."""

    rows: pa.Table
    exact: Ints
    zones: tuple[ZoneArea, ...]


def inner_rows(name: str, target: Target) -> InnerRows:
    """A row for a zone inside each one that an indicator of attendance prints alone, wherever it has k devices.

    The zone leaves out hexagons where, on the first day, half of k visitors of the zone around it were and nowhere else
    in that. Its visitors are counted as the product does, from the stays of the devices.
    """
    outers = _alone(name, target)
    divided = in_zones(target, _with_inner(target.inputs.areas, _left_out(outers, target)))
    inner = divided.inputs.areas[len(target.inputs.areas) :]
    rows = pa.concat_tables([target.tables[name].slice(0, 0), *(_of_inner(name, each, target) for each in inner)])
    found = [members(name, {**target.tables, name: rows}, day, divided.inputs) for day in divided.days]
    exact = sum((counts(each, rows.num_rows) for each in found), np.zeros(rows.num_rows, np.int64))
    kept = exact >= target.policy.k
    return InnerRows(rows.filter(pa.array(kept)), exact[kept], divided.inputs.territory.zones)


def _alone(name: str, target: Target) -> list[int]:
    """The zones for which a row stands alone, as places among all."""
    names = set(pc.unique(target.tables[name]["zone_id"]).to_pylist())
    return [place for place, area in enumerate(target.inputs.areas) if area.zone_id in names]


def _left_out(outers: Sequence[int], target: Target) -> dict[int, npt.NDArray[np.uint64]]:
    """For each zone, the hexagons of it and of none inside it that hold all that half of k of its visitors visit."""
    areas, territory = target.inputs.areas, target.inputs.territory
    own = [(zone, cell) for zone in outers for cell in territory.hexagons[territory.innermost == zone].tolist()]
    single = [ZoneArea(f"{cell:x}", _INNER, zone, np.array([cell], np.uint64), 1.0, False) for zone, cell in own]
    visits = in_zones(target, [*areas, *single]).days[0].visits
    device, place = (column(visits, each).astype(np.int64) for each in ("device", "zone"))
    inside = place >= len(areas)
    device, hexagon = device[inside], place[inside] - len(areas)
    outer = np.array([zone for zone, _ in own], np.int64)[hexagon]
    order = np.lexsort((outer, device))
    device, outer, hexagon = device[order], outer[order], hexagon[order]
    first = np.flatnonzero(starts_of_runs(device, outer))
    alone = np.diff(np.append(first, device.size)) == 1
    only = np.bincount(hexagon[first[alone]], minlength=len(own))
    return {zone: cells for zone in outers if (cells := _few(zone, own, only, target.policy.k // 2)).size}


def _few(zone: int, own: Sequence[tuple[int, int]], only: Ints, most: int) -> npt.NDArray[np.uint64]:
    """uint64[...]: hexagons of a zone, those of most devices that are `only` there first, with so many at most."""
    chosen, devices = [], 0
    for at in np.argsort(-only, kind="stable").tolist():
        if own[at][0] == zone and 0 < only[at] <= most - devices:
            chosen.append(own[at][1])
            devices += int(only[at])
    return np.array(sorted(chosen), np.uint64)


def _with_inner(areas: Sequence[ZoneArea], left_out: dict[int, npt.NDArray[np.uint64]]) -> list[ZoneArea]:
    """The zones, and inside each of some a zone that leaves hexagons out and holds all others that are inside it."""
    number = {zone: len(areas) + at for at, zone in enumerate(left_out)}
    inner = [
        replace(
            areas[zone],
            zone_id=f"{areas[zone].zone_id}-{_INNER}",
            kind=_INNER,
            parent=zone,
            cells=np.setdiff1d(areas[zone].cells, cells),
        )
        for zone, cells in left_out.items()
    ]
    return [*(replace(each, parent=number.get(each.parent, each.parent)) for each in areas), *inner]


def _of_inner(name: str, inner: ZoneArea, target: Target) -> pa.Table:
    """The rows of the zone around, as if they were of the inner one."""
    around = target.inputs.areas[inner.parent].zone_id
    rows = target.tables[name].filter(pc.equal(target.tables[name]["zone_id"], around))
    values = {"zone_id": [inner.zone_id] * rows.num_rows, "cells": [inner.cells.tolist()] * rows.num_rows}
    for each, value in values.items():
        field = rows.schema.field(each)
        rows = rows.set_column(rows.column_names.index(each), field, pa.array(value, field.type))
    return rows
