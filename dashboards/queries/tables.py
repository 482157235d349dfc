"""How a release is laid out in DuckDB.

Each indicator is a table with `day`, the start of its window (but for whole days), `part`, its attributes and measures.
Of parts, `part` has the zone_id and the cells, once for all indicators, `part_zone` each zone that is named,
`part_cell` each cell, `size` area and finest hexagons, `placement` each zone that a part has to do with, and whether it
lies in it. `zone_presence` is presence by zone, apart for parts that lie in it and parts that do not. `cell` has each
H3 cell's span (`anonymization.checks.spans`), centre and area, `zone` each zone's kind, `zone_span` its spans,
`hexagon` the finest hexagons of all zones, `day` the days and `slot` their slots.
"""

from typing import Final

from dashboards.queries.shared import SUMMED
from schemas.indicators import INDICATORS, Indicator


def columns(indicator: Indicator) -> str:
    """What is held of an indicator, but for its part; measures are whole numbers, `people` whole tens."""
    when = ("day", *(() if indicator.window == "day" else ("window_start",)))
    measures = (f"{name}::INTEGER AS {name}" for name in ("devices", "people", "people_low", "people_high"))
    return ", ".join((*when, *indicator.attributes, *measures, "additive"))


HELD: Final = "held"
OPEN: Final = f"ATTACH ':memory:' AS {HELD} (COMPRESS)"
USE: Final = f"USE {HELD}"
COMPRESS: Final = f"CHECKPOINT {HELD}"
"""The first database of a connection is never compressed (measured: 10 M rows take 480 MB in it, 110 MB in this)."""

CREATE_PART: Final = "CREATE TABLE part AS SELECT 0 AS part, zone_id, cells FROM incoming LIMIT 0"
CREATE: Final = {
    name: f"CREATE TABLE {name} AS SELECT 0 AS part, {columns(indicator)} FROM incoming LIMIT 0"  # noqa: S608
    for name, indicator in INDICATORS.items()
}
"""By indicator, what makes its table, for `incoming` of its schema with `day` before it."""

_ADD_PARTS: Final = """
    INSERT INTO part
    SELECT (SELECT count(*) FROM part) + row_number() OVER (ORDER BY zone_id, cells), zone_id, cells
    FROM (SELECT DISTINCT zone_id, cells FROM incoming ANTI JOIN part USING (zone_id, cells))
"""
ADD: Final = {
    name: (
        _ADD_PARTS,
        f"INSERT INTO {name} SELECT part, {columns(indicator)} FROM incoming JOIN part USING (zone_id, cells)",  # noqa: S608
    )
    for name, indicator in INDICATORS.items()
}
"""By indicator, what adds rows. Many days have the same parts, whose cells are long: they are held once."""

DAYS: Final = """
    CREATE TABLE day AS
    SELECT day, over,
        CASE dayofweek(day) WHEN 0 THEN 'sunday' WHEN 6 THEN 'saturday' ELSE 'monday-friday' END AS weekday
    FROM incoming
"""
SLOTS: Final = "CREATE TABLE slot AS FROM incoming"
ZONES: Final = "CREATE TABLE zone AS FROM incoming"
ZONE_SPANS: Final = "CREATE TABLE zone_span AS FROM incoming"
PART_ZONES: Final = "CREATE TABLE part_zone AS SELECT part, unnest(string_split(zone_id, '|')) AS zone_id FROM part"
PART_CELLS: Final = "CREATE TABLE part_cell AS SELECT part, unnest(cells) AS cell FROM part"
CELLS: Final = "SELECT DISTINCT cell FROM part_cell ORDER BY cell"
PRESENT: Final = """
    SELECT DISTINCT cell FROM part_cell SEMI JOIN presence USING (part) ORDER BY cell
"""
LOAD_CELLS: Final = "CREATE TABLE cell AS FROM incoming"
HEXAGONS: Final = "CREATE TABLE hexagon AS FROM incoming"
SIZES: Final = """
    CREATE TABLE size AS
    SELECT part, sum(km2) AS km2, sum((high - low) // (SELECT min(high - low) FROM cell))::INTEGER AS hexagons
    FROM part_cell JOIN cell USING (cell)
    GROUP BY part
"""
PLACEMENTS: Final = """
    CREATE TABLE placement AS
    WITH touched AS (
        SELECT zone_id, cell, bool_or(cell.low >= span.low AND cell.high <= span.high) AS inside
        FROM cell JOIN zone_span AS span ON cell.low < span.high AND span.low < cell.high
        GROUP BY ALL
    )
    SELECT touched.zone_id, part, count(*) FILTER (touched.inside) = any_value(len(cells)) AS inside
    FROM part_cell JOIN touched USING (cell) JOIN part USING (part)
    GROUP BY ALL
"""
ZONE_PRESENCE: Final = f"""
    CREATE TABLE zone_presence AS
    SELECT zone_id, inside, day, window_start, count(*)::INTEGER AS parts, {SUMMED}
    FROM presence JOIN placement USING (part)
    WHERE additive
    GROUP BY ALL
    ORDER BY zone_id, window_start, inside
"""  # noqa: S608
"""Figures of a zone over many days would else be summed from all parts there are (measured: 0.3 s for 90 days)."""
