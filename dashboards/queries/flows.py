"""Who goes from where to where. Pools of zones stay pools: nothing is known of how they divide.

Rows of one hour are not people to be added up, as a person may be in several pairs of it: what is summed are trips.
The same people are in several hours, pairs and days, so that errors go together: bounds add up as the figures do.
"""

from typing import Final

from dashboards.queries.query import Query
from dashboards.queries.shared import NAMED
from dashboards.texts import Text

# A pool joins zones of one kind.
_CHOSEN: Final = """
    chosen AS (
        SELECT day, window_start, origin_zone_id AS origin, destination_zone_id AS destination, distance_class,
            devices, people, people_low, people_high
        FROM flows
            JOIN slot USING (day, window_start)
            LEFT JOIN zone ON zone.zone_id = split_part(origin_zone_id, '|', 1)
        WHERE ($kind = '' OR zone.kind = $kind)
            AND CASE
                WHEN $from_hour < $to_hour THEN hour >= $from_hour AND hour < $to_hour
                ELSE hour >= $from_hour OR hour < $to_hour
            END
    )
"""
"""The published flows of a band of hours between zones of a kind."""

_TRIPS: Final = """
    sum(devices)::BIGINT AS devices,
    sum(people)::DOUBLE AS trips,
    sum(people_low)::DOUBLE AS trips_low,
    sum(people_high)::DOUBLE AS trips_high
"""

FLOWS: Final = Query(
    "flows",
    f"""
    WITH {_CHOSEN}
    SELECT origin, destination, distance_class, count(*) AS hours, {_TRIPS}
    FROM chosen
    WHERE day = $day::DATE
    GROUP BY ALL
    ORDER BY trips DESC, origin, destination
    """,  # noqa: S608
    Text(
        "How many trips lead from which zone to which, of a day and a band of hours",
        "Combien de déplacements mènent de quelle zone à quelle autre, pour un jour et une tranche d’heures",
    ),
)

FLOWS_BY_DISTANCE: Final = Query(
    "flows_by_distance",
    f"""
    WITH {_CHOSEN}
    SELECT distance_class, {_TRIPS}
    FROM chosen
    WHERE day = $day::DATE
    GROUP BY ALL
    ORDER BY distance_class
    """,  # noqa: S608
    Text(
        "How far trips between zones lead, of a day and a band of hours",
        "À quelle distance mènent les déplacements entre zones, pour un jour et une tranche d’heures",
    ),
)

FLOWS_BY_HOUR: Final = Query(
    "flows_by_hour",
    f"""
    WITH {_CHOSEN}
    SELECT window_start, clock, {_TRIPS}
    FROM chosen JOIN slot USING (day, window_start)
    WHERE day = $day::DATE
    GROUP BY ALL
    ORDER BY window_start
    """,  # noqa: S608
    Text(
        "How many trips between zones begin, by hour of a day",
        "Combien de déplacements entre zones commencent, par heure d’un jour",
    ),
)

FLOW_TOTALS: Final = Query(
    "flow_totals",
    f"""
    WITH {_CHOSEN},
    ends AS (
        SELECT origin AS zone_id, 'out' AS direction, * FROM chosen
        UNION ALL
        SELECT destination AS zone_id, 'in' AS direction, * FROM chosen
    )
    SELECT zone_id, direction, {_TRIPS}
    FROM ends
    WHERE day = $day::DATE
    GROUP BY ALL
    ORDER BY zone_id, direction
    """,  # noqa: S608
    Text(
        "How many trips leave and reach each zone or pool, of a day and a band of hours; those of a pool are in no "
        "total of its zones",
        "Combien de déplacements quittent et atteignent chaque zone ou regroupement, pour un jour et une tranche "
        "d’heures ; ceux d’un regroupement ne sont dans le total d’aucune de ses zones",
    ),
)

FLOWS_OF_ZONE: Final = Query(
    "flows_of_zone",
    f"""
    WITH {NAMED}, {_CHOSEN},
    own AS (SELECT day, zone_id FROM attendance JOIN named USING (part)),
    ends AS (
        SELECT origin AS zone_id, 'out' AS direction, * FROM chosen
        UNION ALL
        SELECT destination AS zone_id, 'in' AS direction, * FROM chosen
    )
    SELECT day::VARCHAR AS day, weekday, window_start, clock, own.zone_id, direction,
        ends.zone_id = own.zone_id AS alone, {_TRIPS}
    FROM ends JOIN own USING (day) JOIN day USING (day) JOIN slot USING (day, window_start)
    WHERE day BETWEEN $first_day::DATE AND $last_day::DATE
        AND (ends.zone_id IN (own.zone_id, 'all') OR list_contains(string_split(ends.zone_id, '|'), $zone))
    GROUP BY ALL
    ORDER BY window_start, direction, alone
    """,  # noqa: S608
    Text(
        "How many trips leave and reach a zone, by hour of several days: alone, and apart from that in pools with "
        "other zones. Give the kind of the zone",
        "Combien de déplacements quittent et atteignent une zone, par heure de plusieurs jours : seule, et à part dans "
        "des regroupements avec d’autres. Donner le type de la zone",
    ),
)
"""`zone_id` is the zone as it was counted that day, alone or with others."""

FLOWS_WEEKDAY_AVERAGE: Final = Query(
    "flows_weekday_average",
    f"""
    WITH {_CHOSEN},
    kinds AS (SELECT weekday, count(*) AS days FROM day WHERE over GROUP BY ALL),
    daily AS (
        SELECT weekday, origin, destination, distance_class, day, count(*) AS hours,
            sum(people) AS people, sum(people_low) AS people_low, sum(people_high) AS people_high
        FROM chosen JOIN day USING (day)
        WHERE over
        GROUP BY ALL
    )
    SELECT weekday, origin, destination, distance_class, any_value(days) AS days, count(*) AS days_published,
        sum(hours)::BIGINT AS hours,
        avg(people) AS trips,
        avg(people_low) AS trips_low,
        avg(people_high) AS trips_high,
        sum(people)::DOUBLE / any_value(days) AS trips_least
    FROM daily JOIN kinds USING (weekday)
    GROUP BY ALL
    ORDER BY weekday, trips_least DESC, origin, destination
    """,  # noqa: S608
    Text(
        "How many trips lead from which zone to which in a band of hours, on average over the days of a kind. A day "
        "without a figure is not zero: the mean is over the days that have one, and trips_least is what holds if all "
        "others had none",
        "Combien de déplacements mènent de quelle zone à quelle autre dans une tranche d’heures, en moyenne sur les "
        "jours d’un type. Un jour sans chiffre n’est pas zéro : la moyenne porte sur ceux qui en ont un, et "
        "trips_least est ce qui vaut si les autres n’avaient rien",
    ),
)
"""The interval is the mean of the bounds of these days; it does not tell how days differ."""
