"""Places: where the devices of published rows are, by population, and what lies around them.

A place is a hexagon in a slot, a zone on a day or in an hour, or a pair of zones in an hour, as a number.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.arrays import Ints, column, instants
from pipelines.attacks.covers import hexagons_in, zones_in
from pipelines.attacks.devices import DayDevices
from pipelines.inputs import Inputs
from pipelines.score.sql import ask
from schemas.errors import UsageError
from schemas.indicators import Indicator
from schemas.vocabulary import ALL

NO_PAIRS: Final = np.zeros((2, 0), np.int64)

_WINDOWS: Final = 1_000
"""More than the windows of a day."""


def places_of(indicator: Indicator, table: pa.Table, days: Sequence[DayDevices], inputs: Inputs) -> Ints:
    """int64[2, n]: pairs of a row and a place that it covers; of `days` only the calendar is used.

    Raises UsageError for a population of whose places nothing is known.
    """
    if indicator.population not in _PLACES:
        raise UsageError(
            f"attacks: expected to know the places of {indicator.population}, found no rule",
            "add it to _PLACES in pipelines/attacks/solving/places.py",
        )
    return _PLACES[indicator.population](table, _windows(table, indicator, days), inputs)


def rows_inside(population: str, covers: Ints, inputs: Inputs) -> Ints:
    """int64[2, n]: pairs of a row and a covered place around all of its places, which has all its devices."""
    if population not in _AROUND:
        return NO_PAIRS
    found = ask(
        """
        WITH sizes AS (SELECT row, count(*) AS size FROM covers GROUP BY row),
            places AS (SELECT DISTINCT place FROM covers)
        SELECT row, outer_place FROM covers JOIN around USING (place) JOIN sizes USING (row)
        WHERE outer_place IN (SELECT place FROM places) GROUP BY row, outer_place, size HAVING count(*) = size
        ORDER BY row, outer_place
        """,
        covers=pa.table({"row": covers[0], "place": covers[1]}),
        around=_AROUND[population](np.unique(covers[1]), inputs),
    )
    return np.stack([column(found, name).astype(np.int64) for name in found.column_names])


def _windows(table: pa.Table, indicator: Indicator, days: Sequence[DayDevices]) -> Ints:
    """int64[rows]: a number for the slot, hour or day in which the devices of a row are counted."""
    window = np.zeros(table.num_rows, np.int64)
    for number, day in enumerate(days):
        own = pc.equal(table["date"], day.day).to_numpy(zero_copy_only=False)
        edges = day.grid.slots if indicator.window == "slot" else day.grid.hours
        at = np.searchsorted(edges, instants(table, "window_start")[own])
        if indicator.population == "presence" and indicator.window == "hour":
            at = day.grid.half_hours[at]
        window[own] = number * _WINDOWS + at
    return window


def _hexagons(rows: pa.Table, window: Ints, inputs: Inputs) -> Ints:
    row, hexagon = hexagons_in(rows, inputs.territory.hexagons)
    return np.stack([row, window[row] * inputs.territory.hexagons.size + hexagon])


def _zones(rows: pa.Table, window: Ints, inputs: Inputs) -> Ints:
    row, zone = zones_in(rows["zone_id"], inputs.territory.zones)
    return np.stack([row, window[row] * len(inputs.territory.zones) + zone])


def _pairs(rows: pa.Table, window: Ints, inputs: Inputs) -> Ints:
    """Origin and destination; `all` stands for every zone of the kind of the origin."""
    zones = inputs.territory.zones
    ends = {name: zones_in(rows[f"{name}_zone_id"], zones) for name in ("origin", "destination")}
    tables = {name: pa.table({"row": row, "zone": zone}) for name, (row, zone) in ends.items()}
    found = ask(
        """
        SELECT row, o.zone AS origin, d.zone AS destination
        FROM origin o JOIN destination d USING (row) WHERE o.zone <> d.zone
        UNION ALL
        SELECT row, o.zone, other.zone
        FROM origin o JOIN anywhere USING (row) JOIN known own USING (zone) JOIN known other ON other.kind = own.kind
        WHERE o.zone <> other.zone
        """,
        **tables,
        anywhere=pa.table({"row": np.flatnonzero(pc.equal(rows["destination_zone_id"], ALL).to_numpy())}),
        known=pa.table({"zone": np.arange(len(zones)), "kind": [zone.kind for zone in zones]}),
    )
    row, origin, destination = (column(found, name).astype(np.int64) for name in found.column_names)
    return np.stack([row, (window[row] * len(zones) + origin) * len(zones) + destination])


_PLACES: Final[Mapping[str, Callable[[pa.Table, Ints, Inputs], Ints]]] = {
    "presence": _hexagons,
    "attendance": _zones,
    "flows": _pairs,
    "transit": _zones,
}


# (place, outer_place): what lies around each place, with all its devices, by population.


def _zones_around(places: Ints, inputs: Inputs) -> pa.Table:
    """Who visits a zone visits the zones around it."""
    zones = len(inputs.territory.zones)
    return ask(
        "SELECT place, place - zone + around AS outer_place FROM places JOIN around USING (zone)",
        places=pa.table({"place": places, "zone": places % zones}),
        around=_around(inputs),
    )


def _pairs_around(places: Ints, inputs: Inputs) -> pa.Table:
    """A trip between zones is one between the different zones around them."""
    zones = len(inputs.territory.zones)
    origin, destination = places // zones % zones, places % zones
    return ask(
        f"""
        SELECT place, (place // {zones * zones} * {zones} + o.around) * {zones} + d.around AS outer_place FROM places
        JOIN around o ON o.zone = origin JOIN around d ON d.zone = destination WHERE o.around <> d.around
        """,  # noqa: S608 - a number
        places=pa.table({"place": places, "origin": origin, "destination": destination}),
        around=_around(inputs),
    )


def _around(inputs: Inputs) -> pa.Table:
    """(zone, around): every zone that lies in another."""
    zones, pairs = inputs.territory.zones, []
    for place, zone in enumerate(zones):
        outer = zone.parent
        while outer >= 0:
            pairs.append((place, outer))
            outer = zones[outer].parent
    inner, around = np.array(pairs, np.int64).reshape(-1, 2).T
    return pa.table({"zone": inner, "around": around})


_AROUND: Final[Mapping[str, Callable[[Ints, Inputs], pa.Table]]] = {
    "attendance": _zones_around,
    "flows": _pairs_around,
}
