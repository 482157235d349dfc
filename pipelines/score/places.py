"""Where published parts lie: which zones they touch, and which hexagons of resolution 8 they spread over."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from anonymization.checks.spans import FINEST, Bools, Cells, Ints, covered, spans
from anonymization.checks.zone_map import Area, ZoneMap
from pipelines.score.sql import ask
from pipelines.simulator.truth_tables import COARSE

_COARSE_SPAN = 7 ** (FINEST - COARSE)


@dataclass(frozen=True)
class Parts:
    """Rows with the number of their part in `part` and without `cells`; and the parts: `part`, `zone_id`, `cells`."""

    rows: pa.Table
    parts: pa.Table


def numbered(table: pa.Table) -> Parts:
    """Number the parts of a released table: a part is a zone_id and its cells, whatever the window."""
    parts = ask(
        """
        SELECT row_number() OVER (ORDER BY zone_id, cells) - 1 AS part, zone_id, cells
        FROM (SELECT DISTINCT zone_id, cells FROM released)
        """,
        released=table,
    )
    rows = ask(
        "SELECT released.* EXCLUDE (cells), part FROM released JOIN parts USING (zone_id, cells)",
        released=table,
        parts=parts,
    )
    return Parts(rows, parts)


def touching(parts: pa.Table, zones: ZoneMap) -> pa.Table:
    """`part`, `zone_id`, `inside` for each part and each zone that it touches: does it lie in the zone as a whole?"""
    part, cells = _cells(parts)
    low, high = spans(cells)
    sizes = np.bincount(part, minlength=parts.num_rows)
    found = []
    for zone in sorted(zones.zones.values(), key=lambda zone: zone.zone_id):
        touched = np.bincount(part, _touch(low, high, zone.area), parts.num_rows) > 0
        inside = np.bincount(part, covered(low, high, zone.area), parts.num_rows) == sizes
        at = np.flatnonzero(touched)
        names = pa.array([zone.zone_id] * at.size, pa.string())
        found.append(pa.table({"part": at, "zone_id": names, "inside": inside[at]}))
    empty = pa.schema([("part", pa.int64()), ("zone_id", pa.string()), ("inside", pa.bool_())]).empty_table()
    return pa.concat_tables([empty, *found])


def spread(parts: pa.Table) -> pa.Table:
    """`part`, `place`, `share`: how much of a part lies in each hexagon of resolution 8, evenly over its area."""
    part, cells = _cells(parts)
    low, high = spans(cells)
    first = low // _COARSE_SPAN
    count = np.maximum((high - low) // _COARSE_SPAN, 1)
    weight = np.minimum(high - low, _COARSE_SPAN).astype(np.float64)
    offset = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    places = pa.table(
        {"part": np.repeat(part, count), "place": np.repeat(first, count) + offset, "weight": np.repeat(weight, count)}
    )
    return ask(
        """
        SELECT part, place, sum(weight) / sum(sum(weight)) OVER (PARTITION BY part) AS share
        FROM places GROUP BY part, place
        """,
        places=places,
    )


def place_of(hexagons: Cells) -> Ints:
    """The `place` of hexagons of resolution 8."""
    place: Ints = spans(hexagons)[0] // _COARSE_SPAN
    return place


def _cells(parts: pa.Table) -> tuple[Ints, Cells]:
    """The number of the part and the cell, for each cell of each part; parts are numbered by their row."""
    cells = parts["cells"].combine_chunks()
    sizes = np.diff(cells.offsets.to_numpy())
    return np.repeat(np.arange(parts.num_rows), sizes), cells.flatten().to_numpy().astype(np.uint64)


def _touch(low: Ints, high: Ints, area: Area) -> Bools:
    touch: Bools = np.searchsorted(area[0], high, "left") > np.searchsorted(area[1], low, "right")
    return touch
