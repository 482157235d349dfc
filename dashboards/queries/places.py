"""Where people are: the published parts on a map, how coarse they are, and what no part ever covered."""

from typing import Final

from dashboards.queries.query import Query
from dashboards.queries.shared import MEASURES, PLACED
from dashboards.texts import Text

FIRST_CELLS: Final = Query(
    "first_cells",
    f"""
    WITH {PLACED}
    SELECT window_start, zone_id, cells[1] AS cell
    FROM presence JOIN placed USING (part) JOIN part USING (part)
    WHERE day = $day::DATE
    ORDER BY window_start, zone_id, cell
    """,  # noqa: S608
    Text(
        "Which parts of presence have to do with a zone, as a flag of the manifest names them",
        "Quels secteurs de présence concernent une zone, comme une alerte du manifeste les nomme",
    ),
)

# `reach` is in degrees of latitude.
_IN_VIEW: Final = """
    view AS (
        SELECT DISTINCT part
        FROM part_cell JOIN cell USING (cell)
        WHERE latitude BETWEEN $south - reach AND $north + reach
            AND longitude BETWEEN $west - 2 * reach AND $east + 2 * reach
    )
"""
"""The parts that reach into a piece of the map."""

PARTS: Final = Query(
    "parts",
    f"""
    WITH {PLACED}, {_IN_VIEW}
    SELECT part, zone_id, cells, km2, {MEASURES}, inside, placed.part IS NOT NULL AS touches
    FROM presence JOIN view USING (part) JOIN part USING (part) JOIN size USING (part) LEFT JOIN placed USING (part)
    WHERE day = $day::DATE AND window_start = $at::TIMESTAMPTZ
    ORDER BY part
    """,  # noqa: S608
    Text(
        "Which parts of presence reach into a piece of the map at an instant; inside is null where a part has nothing "
        "to do with the zone",
        "Quels secteurs de présence atteignent un morceau de carte à un instant ; inside est vide si un secteur ne "
        "concerne pas la zone",
    ),
)

GREATEST_DENSITY: Final = Query(
    "greatest_density",
    f"""
    WITH {_IN_VIEW}
    SELECT max(people / km2) AS density
    FROM presence JOIN view USING (part) JOIN size USING (part)
    WHERE day = $day::DATE
    """,  # noqa: S608
    Text(
        "How dense people are at most in a piece of the map on a day",
        "La plus forte densité d’un morceau de carte un jour",
    ),
)

FINEST: Final = Query(
    "finest",
    "SELECT coalesce(max(resolution), 0) AS resolution FROM cell",
    Text("How fine the hexagons of the release are", "La finesse des hexagones de la publication"),
)

COVERAGE: Final = Query(
    "coverage",
    """
    SELECT cell, covered
    FROM hexagon SEMI JOIN zone_span AS span
        ON span.zone_id = $zone AND hexagon.low >= span.low AND hexagon.low < span.high
    ORDER BY cell
    """,
    Text(
        "Which hexagons of a zone any part of presence ever held; others are out of reach of the network",
        "Quels hexagones d’une zone un secteur de présence a jamais contenus ; les autres sont hors d’atteinte du "
        "réseau",
    ),
)

POOLED_SHARE: Final = Query(
    "pooled_share",
    f"""
    WITH {PLACED}
    SELECT window_start, clock,
        sum(people)::DOUBLE AS people,
        coalesce(sum(people) FILTER (inside AND hexagons = 1), 0)::DOUBLE AS single_people,
        coalesce(sum(people) FILTER (inside AND hexagons > 1), 0)::DOUBLE AS merged_people,
        coalesce(sum(people) FILTER (NOT inside), 0)::DOUBLE AS beyond_people,
        1 - single_people / nullif(sum(people)::DOUBLE, 0) AS pooled_share
    FROM presence JOIN placed USING (part) JOIN size USING (part) JOIN slot USING (day, window_start)
    WHERE day = $day::DATE AND additive
    GROUP BY ALL
    ORDER BY window_start
    """,  # noqa: S608
    Text(
        "How many of the people in the parts of a zone are not in single hexagons of it, by slot of a day",
        "Combien des personnes des secteurs d’une zone ne sont pas dans ses hexagones seuls, par créneau d’un jour",
    ),
)
