"""Places: where the devices of published rows are, by population, and which places lie in others.

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
            "add it to _PLACES in pipelines/attacks/places.py",
        )
    return _PLACES[indicator.population](table, _windows(table, indicator, days), inputs)


def places_inside(population: str, places: Ints, inputs: Inputs) -> Ints:
    """int64[2, n]: pairs of places of a population of which the first lies in the second, with all its devices."""
    return _INSIDE[population](places, inputs) if population in _INSIDE else NO_PAIRS


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


def _zones_inside(places: Ints, inputs: Inputs) -> Ints:
    """Who visits a zone visits the zones around it."""
    zones = len(inputs.territory.zones)
    found = ask(
        """
        SELECT inner_.place, outer_.place AS around FROM places inner_ JOIN around USING (zone)
        JOIN places outer_ ON outer_.window = inner_.window AND outer_.zone = around.outer
        """,
        places=pa.table({"place": places, "window": places // zones, "zone": places % zones}),
        around=_around(inputs),
    )
    return _pairs_of(found)


def _pairs_inside(places: Ints, inputs: Inputs) -> Ints:
    """A trip between zones is one between the different zones around them."""
    zones = len(inputs.territory.zones)
    window, origin, destination = places // zones**2, places // zones % zones, places % zones
    found = ask(
        """
        SELECT inner_.place, outer_.place AS around FROM places inner_
        JOIN around o ON o.zone = inner_.origin JOIN around d ON d.zone = inner_.destination
        JOIN places outer_ ON outer_.window = inner_.window
            AND outer_.origin = o.outer AND outer_.destination = d.outer
        """,
        places=pa.table({"place": places, "window": window, "origin": origin, "destination": destination}),
        around=_around(inputs),
    )
    return _pairs_of(found)


def _around(inputs: Inputs) -> pa.Table:
    """(zone, outer): every zone that lies in another."""
    zones, pairs = inputs.territory.zones, []
    for place, zone in enumerate(zones):
        outer = zone.parent
        while outer >= 0:
            pairs.append((place, outer))
            outer = zones[outer].parent
    inner, around = np.array(pairs, np.int64).reshape(-1, 2).T
    return pa.table({"zone": inner, "outer": around})


def _pairs_of(found: pa.Table) -> Ints:
    return np.stack([column(found, name).astype(np.int64) for name in found.column_names])


_INSIDE: Final[Mapping[str, Callable[[Ints, Inputs], Ints]]] = {
    "attendance": _zones_inside,
    "flows": _pairs_inside,
}
