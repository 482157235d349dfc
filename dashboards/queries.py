"""Every question that the pages put to a release: SQL with parameters, and no value is ever written into it.

Tables: each of LOADED with a column `day`; of `presence`, the cells and zone_id stand in `part`. `cell` has each H3
cell's span (`anonymization.checks.spans`), centre and area; `zone_span` the spans of each zone.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Query:
    """A named question; `$name` in it is a parameter."""

    name: str
    sql: str


LOADED: Final = ("attendance", "attendance_by_age", "attendance_by_spc", "dwell")
"""The indicators that are held as they were published; presence is held in two tables."""

_CREATE_PART: Final = "CREATE TABLE part AS SELECT 0::BIGINT AS part, zone_id, cells FROM incoming LIMIT 0"
_CREATE_PRESENCE: Final = """
    CREATE TABLE presence AS
    SELECT day, window_start, 0::BIGINT AS part, devices, people, people_low, people_high FROM incoming LIMIT 0
"""
_ADD_PARTS: Final = """
    INSERT INTO part
    SELECT (SELECT count(*) FROM part) + row_number() OVER (ORDER BY zone_id, cells), zone_id, cells
    FROM (SELECT DISTINCT zone_id, cells FROM incoming ANTI JOIN part USING (zone_id, cells))
"""
_ADD_PRESENCE: Final = """
    INSERT INTO presence
    SELECT day, window_start, part, devices, people, people_low, people_high
    FROM incoming JOIN part USING (zone_id, cells)
"""

CREATE: Final = {
    **{name: (f"CREATE TABLE {name} AS FROM incoming LIMIT 0",) for name in LOADED},
    "presence": (_CREATE_PART, _CREATE_PRESENCE),
}
"""By indicator, what makes its tables, for `incoming` of its schema with `day` before it."""

ADD: Final = {
    **{name: (f"INSERT INTO {name} FROM incoming",) for name in LOADED},
    "presence": (_ADD_PARTS, _ADD_PRESENCE),
}
"""By indicator, what adds a day. Many days have the same parts, whose cells are long: they are held once."""

LOAD_PART_CELLS: Final = "CREATE TABLE part_cell AS SELECT part, unnest(cells) AS cell FROM part"
CELLS: Final = "SELECT DISTINCT cell FROM part_cell ORDER BY cell"
LOAD_CELLS: Final = "CREATE TABLE cell AS FROM incoming"
LOAD_ZONE_SPANS: Final = "CREATE TABLE zone_span AS FROM incoming"

_PLACED: Final = """
    touched AS (
        SELECT cell, bool_or(cell.low >= span.low AND cell.high <= span.high) AS inside
        FROM cell JOIN zone_span AS span
            ON span.zone_id = $zone AND cell.low < span.high AND span.low < cell.high
        GROUP BY cell
    ),
    placed AS (
        SELECT part, count(*) FILTER (touched.inside) = any_value(len(cells)) AS inside
        FROM part_cell JOIN touched USING (cell) JOIN part USING (part)
        GROUP BY part
    )
"""
"""The parts that have to do with a zone, and whether they lie in it."""

ATTENDANCE: Final = Query(
    "attendance",
    """
    SELECT zone_id, devices, people, people_low, people_high
    FROM attendance
    WHERE day = $day AND list_contains(string_split(zone_id, '|'), $zone)
    ORDER BY zone_id
    """,
)

_BY_CLASS: Final = """
    SELECT zone_id, {attribute} AS value, devices, people, people_low, people_high
    FROM {indicator}
    WHERE day = $day AND list_contains(string_split(zone_id, '|'), $zone)
    ORDER BY zone_id, value
"""

BY_AGE: Final = Query("by_age", _BY_CLASS.format(attribute="age_band", indicator="attendance_by_age"))
BY_SPC: Final = Query("by_spc", _BY_CLASS.format(attribute="spc", indicator="attendance_by_spc"))
BY_DWELL: Final = Query("by_dwell", _BY_CLASS.format(attribute="dwell_band", indicator="dwell"))

BUSIEST_ZONE: Final = Query(
    "busiest_zone",
    "SELECT zone_id FROM attendance WHERE day = $day ORDER BY contains(zone_id, '|'), devices DESC, zone_id LIMIT 1",
)

PRESENCE: Final = Query(
    "presence",
    f"""
    WITH {_PLACED}
    SELECT
        window_start,
        inside,
        count(*) AS parts,
        sum(devices)::BIGINT AS devices,
        sum(people) AS people,
        -- Errors of different parts are independent.
        greatest(floor((sum(people) - sqrt(sum(power(people - people_low, 2)))) / 10) * 10, 0) AS people_low,
        ceil((sum(people) + sqrt(sum(power(people_high - people, 2)))) / 10) * 10 AS people_high
    FROM presence JOIN placed USING (part)
    WHERE day = $day
    GROUP BY ALL
    ORDER BY window_start, inside
    """,  # noqa: S608
)
"""Presence of a zone by slot: of the parts that lie in it, and apart from them of those that reach beyond it."""

FIRST_CELLS: Final = Query(
    "first_cells",
    f"""
    WITH {_PLACED}
    SELECT window_start, zone_id, cells[1] AS cell
    FROM presence JOIN placed USING (part) JOIN part USING (part)
    WHERE day = $day
    ORDER BY window_start, zone_id, cell
    """,  # noqa: S608
)
"""The parts of presence that have to do with a zone, as a flag of the manifest names them."""

_IN_VIEW: Final = """
    view AS (
        SELECT DISTINCT part
        FROM part_cell JOIN cell USING (cell)
        WHERE latitude BETWEEN $south - reach AND $north + reach
            AND longitude BETWEEN $west - 2 * reach AND $east + 2 * reach
    ),
    area AS (SELECT part, sum(km2) AS km2 FROM view JOIN part_cell USING (part) JOIN cell USING (cell) GROUP BY part)
"""
"""The parts that reach into a piece of the map, and how large they are; `reach` is in degrees of latitude."""

PARTS: Final = Query(
    "parts",
    f"""
    WITH {_PLACED}, {_IN_VIEW}
    SELECT part.part, zone_id, cells, km2, devices, people, people_low, people_high,
        placed.inside AS inside, placed.part IS NOT NULL AS touches
    FROM presence JOIN area USING (part) JOIN part USING (part) LEFT JOIN placed USING (part)
    WHERE day = $day AND window_start = $at::TIMESTAMPTZ
    ORDER BY part.part
    """,  # noqa: S608
)
"""What the map shows at an instant; `inside` is null where a part has nothing to do with the zone."""

GREATEST_DENSITY: Final = Query(
    "greatest_density",
    f"""
    WITH {_IN_VIEW}
    SELECT max(people / km2) AS density FROM presence JOIN area USING (part) WHERE day = $day
    """,  # noqa: S608
)

FINEST: Final = Query("finest", "SELECT max(resolution) AS resolution FROM cell")
