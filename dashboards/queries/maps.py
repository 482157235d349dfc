"""What maps show of every zone at once, and of the part around one hexagon over a day."""

from typing import Final

from dashboards.queries.query import Query
from dashboards.queries.shared import MEASURES, SUMMED
from dashboards.texts import Text

PRESENCE_BY_ZONE: Final = Query(
    "presence_by_zone",
    f"""
    SELECT zone.zone_id, inside, count(*) AS parts, sum(km2) AS km2, {SUMMED}
    FROM presence JOIN placement USING (part) JOIN zone ON zone.zone_id = placement.zone_id JOIN size USING (part)
    WHERE day = $day::DATE AND window_start = $at::TIMESTAMPTZ AND additive AND ($kind = '' OR zone.kind = $kind)
    GROUP BY ALL
    ORDER BY zone.zone_id, inside
    """,  # noqa: S608
    Text(
        "How many people are in each zone at an instant: in its own parts, and apart from them in parts that reach "
        "beyond it",
        "Combien de personnes sont dans chaque zone à un instant : dans ses propres secteurs, et à part dans ceux qui "
        "la dépassent",
    ),
)

AROUND: Final = Query(
    "around",
    f"""
    WITH known AS (SELECT cell, low FROM cell UNION ALL SELECT cell, low FROM hexagon),
    point AS (SELECT min(low) AS low FROM known WHERE cell = TRY_CAST('0x' || $hexagon AS UBIGINT))
    SELECT window_start, clock, part, zone_id, hexagons, km2, {MEASURES}
    FROM presence JOIN slot USING (day, window_start) JOIN part USING (part) JOIN size USING (part)
    WHERE day = $day::DATE AND part IN (
        SELECT part FROM part_cell JOIN cell USING (cell) JOIN point
            ON cell.low <= point.low AND cell.high > point.low
    )
    ORDER BY window_start
    """,  # noqa: S608
    Text(
        "How many people are in the smallest published part around a hexagon, by slot of a day",
        "Combien de personnes sont dans le plus petit secteur publié autour d’un hexagone, par créneau d’un jour",
    ),
)

DWELL_BY_ZONE: Final = Query(
    "dwell_by_zone",
    f"""
    WITH came AS (
        SELECT part, people::DOUBLE AS came, people_low::DOUBLE AS came_low, people_high::DOUBLE AS came_high
        FROM attendance
        WHERE day = $day::DATE
    )
    SELECT zone_id, dwell_band AS value, {MEASURES}, came, came_low, came_high
    FROM dwell JOIN part USING (part) JOIN came USING (part)
    WHERE day = $day::DATE
    ORDER BY zone_id, value
    """,  # noqa: S608
    Text(
        "How long the people stayed who came in a day, for each zone that has figures",
        "Combien de temps sont restées les personnes venues un jour, pour chaque zone qui a des chiffres",
    ),
)
