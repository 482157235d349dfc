"""Who came to a zone in a day, how long they stayed, and who crossed it."""

from typing import Final

from dashboards.queries.query import Query
from dashboards.queries.shared import MEASURES, NAMED
from dashboards.texts import Text

ATTENDANCE: Final = Query(
    "attendance",
    f"""
    WITH {NAMED}
    SELECT zone_id, {MEASURES}
    FROM attendance JOIN named USING (part)
    WHERE day = $day::DATE
    ORDER BY zone_id
    """,  # noqa: S608
    Text(
        "How many different people came to a zone in a day, for at least 15 minutes",
        "Combien de personnes différentes sont venues dans une zone un jour, au moins 15 minutes",
    ),
)

DAILY_ATTENDANCE: Final = Query(
    "daily_attendance",
    f"""
    WITH {NAMED}
    SELECT day::VARCHAR AS day, zone_id, {MEASURES}
    FROM attendance JOIN named USING (part)
    ORDER BY day, zone_id
    """,  # noqa: S608
    Text(
        "How many different people came to a zone, for each day; days must not be added to people",
        "Combien de personnes différentes sont venues dans une zone, pour chaque jour ; la somme de jours ne donne pas "
        "des personnes",
    ),
)

BUSIEST_ZONE: Final = Query(
    "busiest_zone",
    """
    SELECT zone_id
    FROM attendance JOIN part USING (part)
    WHERE day = $day::DATE
    ORDER BY contains(zone_id, '|'), devices DESC, zone_id
    LIMIT 1
    """,
    Text("To which zone the most devices came in a day", "Dans quelle zone le plus d’appareils sont venus un jour"),
)

_BY_CLASS: Final = """
    WITH {NAMED}
    SELECT zone_id, {attribute} AS value, {MEASURES}
    FROM {indicator} JOIN named USING (part)
    WHERE day = $day::DATE
    ORDER BY zone_id, value
"""

BY_AGE: Final = Query(
    "by_age",
    _BY_CLASS.format(NAMED=NAMED, MEASURES=MEASURES, attribute="age_band", indicator="attendance_by_age"),
    Text(
        "Of which age are the people who came to a zone in a day",
        "De quel âge sont les personnes venues dans une zone un jour",
    ),
)
BY_SPC: Final = Query(
    "by_spc",
    _BY_CLASS.format(NAMED=NAMED, MEASURES=MEASURES, attribute="spc", indicator="attendance_by_spc"),
    Text(
        "Of which socio-professional class are the people who came to a zone in a day",
        "De quelle catégorie socioprofessionnelle sont les personnes venues dans une zone un jour",
    ),
)
BY_CATEGORY: Final = Query(
    "by_category",
    _BY_CLASS.format(NAMED=NAMED, MEASURES=MEASURES, attribute="visitor_category", indicator="attendance_by_category"),
    Text(
        "Who came to a zone in a day: residents, excursionists, tourists, or visitors from abroad",
        "Qui est venu dans une zone un jour : habitants, excursionnistes, touristes, visiteurs étrangers",
    ),
)
BY_ORIGIN: Final = Query(
    "by_origin",
    _BY_CLASS.format(NAMED=NAMED, MEASURES=MEASURES, attribute="origin", indicator="attendance_by_origin"),
    Text("Where the people live who came to a zone in a day", "Où habitent les personnes venues dans une zone un jour"),
)
BY_DWELL: Final = Query(
    "by_dwell",
    _BY_CLASS.format(NAMED=NAMED, MEASURES=MEASURES, attribute="dwell_band", indicator="dwell"),
    Text(
        "How long the people stayed who came to a zone in a day",
        "Combien de temps sont restées les personnes venues dans une zone un jour",
    ),
)
NIGHTS: Final = Query(
    "nights",
    _BY_CLASS.format(NAMED=NAMED, MEASURES=MEASURES, attribute="visitor_category", indicator="nights"),
    Text(
        "How many of the people who came to a zone in a day spent the night there",
        "Combien des personnes venues dans une zone un jour y ont passé la nuit",
    ),
)

DWELL_BY_ARRIVAL: Final = Query(
    "dwell_by_arrival",
    f"""
    WITH {NAMED}
    SELECT zone_id, dwell_band AS value, arrival_hour, {MEASURES}
    FROM dwell_by_arrival JOIN named USING (part)
    WHERE day = $day::DATE
    ORDER BY zone_id, value, arrival_hour
    """,  # noqa: S608
    Text(
        "At which hour those arrived in a zone who stayed so long",
        "À quelle heure sont arrivées dans une zone les personnes restées aussi longtemps",
    ),
)

TRANSIT: Final = Query(
    "transit",
    f"""
    WITH {NAMED}
    SELECT window_start, clock, zone_id, {MEASURES}
    FROM transit JOIN named USING (part) JOIN slot USING (day, window_start)
    WHERE day = $day::DATE
    ORDER BY window_start, zone_id
    """,  # noqa: S608
    Text(
        "How many people crossed a zone without a visit, by hour of a day",
        "Combien de personnes ont traversé une zone sans s’y arrêter, par heure d’un jour",
    ),
)
