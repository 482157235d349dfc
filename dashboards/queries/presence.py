"""How many people are in a zone, by slot and hour."""

from typing import Final

from dashboards.queries.query import Query
from dashboards.queries.shared import PLACED, SUMMED
from dashboards.texts import Text

PRESENCE: Final = Query(
    "presence",
    """
    SELECT window_start, inside, parts, devices, people, people_low, people_high
    FROM zone_presence
    WHERE zone_id = $zone AND day = $day::DATE
    ORDER BY window_start, inside
    """,
    Text(
        "How many people are in a zone, by slot of a day: in its own parts, and apart from them in parts that reach "
        "beyond it",
        "Combien de personnes sont dans une zone, par créneau d’un jour : dans ses propres secteurs, et à part dans "
        "ceux qui la dépassent",
    ),
)

PRESENCE_BY_HOUR_OF_DAYS: Final = Query(
    "presence_by_hour_of_days",
    """
    SELECT day::VARCHAR AS day, window_start, clock, inside, parts, devices, people, people_low, people_high
    FROM zone_presence JOIN slot USING (day, window_start)
    WHERE zone_id = $zone AND day BETWEEN $first_day::DATE AND $last_day::DATE
    ORDER BY window_start, inside
    """,
    Text(
        "How many people are in a zone, by slot of several days",
        "Combien de personnes sont dans une zone, par créneau de plusieurs jours",
    ),
)

DAILY_PEAK: Final = Query(
    "daily_peak",
    """
    SELECT day::VARCHAR AS day, window_start, clock, parts, devices, people, people_low, people_high,
        count(*) OVER (PARTITION BY day) AS slots
    FROM zone_presence JOIN slot USING (day, window_start)
    WHERE zone_id = $zone AND inside
    QUALIFY row_number() OVER (PARTITION BY day ORDER BY people DESC, window_start) = 1
    ORDER BY day
    """,
    Text(
        "When the most people were in a zone’s own parts, and how many, for each day",
        "Quand les secteurs propres d’une zone ont réuni le plus de personnes, et combien, pour chaque jour",
    ),
)

_BY_CLASS: Final = """
    WITH {PLACED}
    SELECT window_start, clock, inside, {attribute} AS value, count(*) AS parts, {SUMMED}
    FROM {indicator} JOIN placed USING (part) JOIN slot USING (day, window_start)
    WHERE day = $day::DATE AND additive
    GROUP BY ALL
    ORDER BY window_start, inside, value
"""

PRESENCE_BY_AGE: Final = Query(
    "presence_by_age",
    _BY_CLASS.format(PLACED=PLACED, SUMMED=SUMMED, attribute="age_band", indicator="presence_by_age"),
    Text(
        "Of which age the people in a zone are, by hour of a day",
        "De quel âge sont les personnes dans une zone, par heure d’un jour",
    ),
)
PRESENCE_BY_SPC: Final = Query(
    "presence_by_spc",
    _BY_CLASS.format(PLACED=PLACED, SUMMED=SUMMED, attribute="spc", indicator="presence_by_spc"),
    Text(
        "Of which socio-professional class the people in a zone are, by hour of a day",
        "De quelle catégorie socioprofessionnelle sont les personnes dans une zone, par heure d’un jour",
    ),
)
