"""A town of two communes, A with the venue V in it, and B; tables as text; a release made from the truth."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache

import h3
import numpy as np
import pyarrow as pa

from anonymization.checks.spans import merged, spans
from anonymization.checks.zone_map import Zone, ZoneMap
from pipelines.score.figure import Scored
from pipelines.score.released import Released
from pipelines.score.sql import ask
from tests.tables import INSTANT, table

DAY = date(2026, 6, 20)
_CENTRE = h3.latlng_to_cell(47.32, 5.04, 7)
EIGHTS = h3.cell_to_children(_CENTRE, 8)
A_CELLS, B_CELLS, OUTSIDE = EIGHTS[:2], EIGHTS[2:3], EIGHTS[3]
"""Cells of resolution 8: two of A, one of B, one in no zone."""
NINES = h3.cell_to_children(A_CELLS[0], 9)
V_CELLS = NINES[:1]
"""The venue: one cell of resolution 9, in the first of A."""
A_BUT_V = [*NINES[1:], A_CELLS[1]]


def _zone(zone_id: str, kind: str, parent: str | None, cells: Sequence[str]) -> Zone:
    return Zone(zone_id, kind, parent, False, merged(*spans(numbers(cells))))


def numbers(cells: Sequence[str]) -> np.ndarray:
    return np.array([int(cell, 16) for cell in cells], np.uint64)


ZONES = ZoneMap(
    {
        "A": _zone("A", "commune", None, A_CELLS),
        "B": _zone("B", "commune", None, B_CELLS),
        "V": _zone("V", "venue", "A", V_CELLS),
    }
)
PLACES: Mapping[str, Sequence[str]] = {
    "A": A_BUT_V,
    "B": B_CELLS,
    "V": V_CELLS,
    "A|B": [*A_BUT_V, *B_CELLS],
    "all of A": A_CELLS,
    "rest": [OUTSIDE],
}
"""Parts of presence by a word: A is what is left beside the venue."""

MEASURES = ("devices", "people", "people_low", "people_high")


def dated(text: str) -> pa.Table:
    """A text table on the day of the town, whose values of attributes and zones are strings, and people doubles."""
    names = text.strip().splitlines()[0].replace("|", " ").split()
    words = {"zone_id", "age_band", "spc", "dwell_band", "visitor_category", "origin", "value", "kind"}
    types = {name: pa.string() for name in names if name in words or name.endswith("zone_id")}
    types |= {name: pa.float64() for name in names if name.startswith("people")}
    found = table(text, day=DAY, types=types)
    return found.append_column("date", pa.array([DAY] * found.num_rows, pa.date32()))


def placed(text: str) -> pa.Table:
    """A dated table of presence: the column `where` is a word of PLACES, and gives the cells and the zone_id."""
    found = dated(text)
    where = found["where"].to_pylist()
    cells = pa.array([numbers(PLACES[word]).tolist() for word in where], pa.list_(pa.uint64()))
    names = pa.array([word.removeprefix("all of ") for word in where], pa.string())
    return found.drop_columns(["where"]).append_column("cells", cells).append_column("zone_id", names)


def values(scored: Scored) -> dict[str, float]:
    return {figure.key: figure.value for figure in scored.figures}


TRUTH = {
    "presence": dated(
        """
        window_start window_end zone_id people
        10:00        10:15      A       1600
        10:00        10:15      B       400
        10:00        10:15      V       1200
        10:30        10:45      A       1700
        10:30        10:45      B       300
        10:30        10:45      V       1500
        """
    ),
    "presence_by_age": dated(
        """
        window_start window_end zone_id age_band people
        10:00        11:00      B       <18      100
        10:00        11:00      B       65+      200
        11:00        12:00      B       65+      250
        """
    ),
    "presence_by_spc": dated(
        """
        window_start window_end zone_id spc people
        10:00        11:00      B       5   100
        10:00        11:00      B       8   200
        11:00        12:00      B       8   250
        """
    ),
    "attendance": dated(
        """
        zone_id | age_band | spc | visitor_category     | origin | people
        A       | <18      | 8   | resident             | 21231  | 3000
        A       | 65+      | 5   | excursionist         | 75056  | 1000
        A       | 25-34    | 5   | foreign tourist      | DE     | 500
        B       | <18      | 8   | resident             | B      | 800
        B       | 65+      | 5   | tourist              | 97411  | 200
        V       | 65+      | 5   | excursionist         | A      | 2500
        """
    ),
    "dwell": dated(
        """
        zone_id | dwell_band | people
        A       | 1-2 h      | 500
        A       | >=8 h      | 4000
        B       | 2-4 h      | 1000
        V       | <30 min    | 2500
        """
    ),
    "nights": dated(
        """
        zone_id | visitor_category | people
        A       | resident         | 2600
        A       | foreign tourist  | 500
        B       | resident         | 700
        """
    ),
    "flows": dated(
        """
        window_start window_end origin_zone_id destination_zone_id people
        10:00        11:00      A              B                   300
        10:00        11:00      B              A                   200
        11:00        12:00      A              B                   30
        10:00        11:00      B              outside             90
        """
    ),
}
HEXAGONS = {"A": A_CELLS[0], "B": B_CELLS[0]}
"""Where the people of A (all of them, with V) and of B are."""

_ATTENDANCE = {
    "attendance_by_age": "CASE WHEN origin = 'DE' THEN 'foreign' ELSE age_band END AS age_band",
    "attendance_by_spc": "CASE WHEN origin = 'DE' THEN 'foreign' ELSE spc END AS spc",
    "attendance_by_category": "visitor_category",
    "attendance_by_origin": """CASE origin WHEN '21231' THEN '21' WHEN '75056' THEN '75' WHEN '97411' THEN '974'
        ELSE origin END AS origin""",
}


@cache
def truth() -> dict[str, pa.Table]:
    """The truth of the town, with where its people are at the half hour of 10:00."""
    at_half_past = {"A": 1700, "B": 300}
    windows = [TRUTH["presence_by_age"][name][0].as_py() for name in ("window_start", "window_end")]
    hexagons = pa.table(
        {
            "date": pa.array([DAY] * 3, pa.date32()),
            "window_start": pa.array([windows[0]] * 3, INSTANT),
            "window_end": pa.array([windows[1]] * 3, INSTANT),
            "hexagon": pa.array([*(int(HEXAGONS[zone], 16) for zone in at_half_past), None], pa.uint64()),
            "people": [*at_half_past.values(), 55],
        }
    )
    return TRUTH | {"presence_by_hexagon": hexagons}


def published(people: pa.Table) -> pa.Table:
    """A table of people with the measures of a release: one device in ten people, an interval of 10 to each side."""
    return ask(
        """
        SELECT * EXCLUDE (people), (people / 10)::BIGINT AS devices, people::DOUBLE AS people,
            (people - 10)::DOUBLE AS people_low, (people + 10)::DOUBLE AS people_high
        FROM counted
        """,
        counted=people,
    )


@cache
def perfect() -> Released:
    """A release that says what the truth says: A in two cells, one of which is the venue with all but a few people."""
    at = placed(
        """
        window_start window_end where people
        10:00        10:15      A     400
        10:00        10:15      B     400
        10:00        10:15      V     1200
        10:30        10:45      A     200
        10:30        10:45      B     300
        10:30        10:45      V     1500
        """
    )
    tables = {"presence": published(_in_one_eighth(at))}
    for name, column in (("presence_by_age", "age_band"), ("presence_by_spc", "spc")):
        rows = TRUTH[name]
        cells = pa.array([numbers(B_CELLS).tolist()] * rows.num_rows, pa.list_(pa.uint64()))
        tables[name] = published(rows.append_column("cells", cells))
        assert column in tables[name].column_names
    counted = TRUTH["attendance"]
    tables["attendance"] = _summed("", counted)
    tables |= {name: _summed(f", {attribute}", counted) for name, attribute in _ATTENDANCE.items()}
    tables |= {name: published(TRUTH[name]) for name in ("dwell", "nights")}
    communes = "SELECT *, origin_zone_id AS zone_id FROM flows WHERE destination_zone_id <> 'outside'"
    tables["flows"] = published(ask(communes, flows=TRUTH["flows"]))
    return Released(tables, ZONES, k=5)


def _in_one_eighth(presence: pa.Table) -> pa.Table:
    """The people of A beside the venue in one cell of resolution 9 next to it, so that they are in its hexagon."""
    near = numbers(NINES[1:2]).tolist()
    rows = [near if zone == "A" else cells for zone, cells in zip(*_zones_and_cells(presence), strict=True)]
    at = presence.column_names.index("cells")
    return presence.set_column(at, "cells", pa.array(rows, pa.list_(pa.uint64())))


def _zones_and_cells(presence: pa.Table) -> tuple[list[str], list[list[int]]]:
    return presence["zone_id"].to_pylist(), presence["cells"].to_pylist()


def _summed(attribute: str, counted: pa.Table) -> pa.Table:
    query = f"SELECT date, zone_id{attribute}, sum(people)::DOUBLE AS people FROM counted GROUP BY ALL ORDER BY ALL"
    return published(ask(query, counted=counted))
