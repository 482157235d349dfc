"""What a release hides, and how small its figures are: for those who review it."""

from typing import Final

from dashboards.queries.query import Query
from dashboards.texts import Text

_OF: Final = """
    SELECT '{indicator}' AS indicator, count(*) AS rows, count(*) FILTER (pooled) AS pooled_rows,
        sum(people)::DOUBLE AS people, coalesce(sum(people) FILTER (pooled), 0)::DOUBLE AS pooled_people,
        pooled_people / nullif(sum(people)::DOUBLE, 0) AS pooled_share, min(devices)::BIGINT AS smallest
    FROM (SELECT devices, people, contains(zone_id, '|') OR {pooled} AS pooled FROM {indicator} JOIN part USING (part))
    HAVING count(*) > 0
"""
_SEVERAL: Final = "part IN (SELECT part FROM size WHERE hexagons > 1)"

LOAD_POOLING: Final = "CREATE TABLE pooling AS " + " UNION ALL ".join(
    (
        _OF.format(indicator="presence", pooled=_SEVERAL),
        _OF.format(indicator="presence_by_age", pooled="contains(age_band, '|') OR age_band = 'all'"),
        _OF.format(indicator="presence_by_spc", pooled="contains(spc, '|') OR spc = 'all'"),
        _OF.format(indicator="attendance", pooled="false"),
        _OF.format(indicator="attendance_by_age", pooled="contains(age_band, '|') OR age_band = 'all'"),
        _OF.format(indicator="attendance_by_spc", pooled="contains(spc, '|') OR spc = 'all'"),
        _OF.format(indicator="attendance_by_category", pooled="contains(visitor_category, '|')"),
        _OF.format(indicator="attendance_by_origin", pooled="contains(origin, '|')"),
        _OF.format(indicator="dwell", pooled="contains(dwell_band, '|')"),
        _OF.format(indicator="dwell_by_arrival", pooled="contains(dwell_band, '|') OR contains(arrival_hour, '|')"),
        _OF.format(indicator="nights", pooled="contains(visitor_category, '|')"),
        _OF.format(
            indicator="flows",
            pooled="contains(origin_zone_id || destination_zone_id, '|') OR destination_zone_id = 'all'",
        ),
        _OF.format(indicator="transit", pooled="false"),
    )
)
"""Worked out once, as it goes through all rows (measured: 0.1 s for ten million)."""

POOLING: Final = Query(
    "pooling",
    "FROM pooling",
    Text(
        "How much of each indicator is published together with others: of several zones, hexagons or classes, or not "
        "split",
        "Quelle part de chaque indicateur est publiée avec d’autres : de plusieurs zones, hexagones ou classes, ou non "
        "ventilée",
    ),
)

LOAD_COUNTED: Final = """
    CREATE TABLE counted AS
    WITH printed AS (
        SELECT day, devices FROM presence
        UNION ALL SELECT day, devices FROM presence_by_age
        UNION ALL SELECT day, devices FROM presence_by_spc
        UNION ALL SELECT day, devices FROM attendance
        UNION ALL SELECT day, devices FROM attendance_by_age
        UNION ALL SELECT day, devices FROM attendance_by_spc
        UNION ALL SELECT day, devices FROM attendance_by_category
        UNION ALL SELECT day, devices FROM attendance_by_origin
        UNION ALL SELECT day, devices FROM dwell
        UNION ALL SELECT day, devices FROM dwell_by_arrival
        UNION ALL SELECT day, devices FROM nights
        UNION ALL SELECT day, devices FROM flows
        UNION ALL SELECT day, devices FROM transit
    )
    SELECT day, devices, count(*) AS rows FROM printed GROUP BY ALL
"""
"""How many rows print which count: once, as above."""

# Each class of counts is twice as wide as the one before.
COUNTS: Final = Query(
    "counts",
    """
    SELECT day::VARCHAR AS day, (5 * pow(2, floor(log2(greatest(devices, 5) / 5))))::BIGINT AS devices_from,
        sum(rows)::BIGINT AS rows, min(devices)::BIGINT AS smallest
    FROM counted
    GROUP BY ALL
    ORDER BY day, devices_from
    """,
    Text(
        "How many published counts are how small, over all indicators, for each day",
        "Combien d’effectifs publiés sont de quelle taille, tous indicateurs confondus, pour chaque jour",
    ),
)
