"""The closed lists: the only values that an attribute can take, in their public order."""

from typing import Final

UNKNOWN: Final = "unknown"
"""The value of an attribute that the register does not give."""

FOREIGN: Final = "foreign"
"""The one class of foreign devices in the age and socio-professional indicators."""

ALL: Final = "all"
"""Stands for every value of an attribute that collapsed; it is never a total."""

TERRITORY: Final = "territory"
"""The root of the tree: every base hexagon that a footprint reaches."""

REST: Final = "rest"
"""The hexagons of the territory that are in no zone."""

SEPARATOR: Final = "|"
"""Joins the values that a pooled value or zone identifier lists."""

RESERVED_WORDS: Final = (UNKNOWN, FOREIGN, ALL, TERRITORY, REST)
"""Words that stand for something else than a value of a list; no identifier may be one of them."""

EVENT_TYPES: Final = ("attach", "detach", "location_update", "handover", "call", "sms", "data")
"""Kinds of probe event, in the order that breaks ties between simultaneous events."""

AGE_BANDS: Final = ("<18", "18-24", "25-34", "35-44", "45-54", "55-64", "65+", UNKNOWN)
"""Age bands in years, both ends included."""

SPC: Final = ("1", "2", "3", "4", "5", "6", "7", "8", UNKNOWN)
"""Socio-professional classes (source: INSEE, nomenclature PCS 2020, level 1)."""

VISITOR_CATEGORIES: Final = (
    "resident",
    "excursionist",
    "tourist",
    "foreign excursionist",
    "foreign tourist",
)
"""Categories of visitor of a zone on a privacy day."""

DWELL_BANDS: Final = ("<30 min", "30-60 min", "1-2 h", "2-4 h", "4-8 h", ">=8 h")
"""Bands of dwell time in a zone; the first begins at the shortest dwell that makes a visit."""

DWELL_BAND_STARTS_MINUTES: Final = (15, 30, 60, 120, 240, 480)
"""Lower bound of each dwell band in minutes, included; the next bound is excluded."""

ARRIVAL_HOURS: Final = tuple(f"{hour:02}" for hour in range(24))
"""Local hours of arrival."""

DISTANCE_CLASSES: Final = ("<2 km", "2-5 km", "5-10 km", "10-20 km", "20-50 km", ">=50 km")
"""Classes of distance between two parts."""

DISTANCE_CLASS_STARTS_KM: Final = (0, 2, 5, 10, 20, 50)
"""Lower bound of each distance class in kilometres, included; the next bound is excluded."""

EXCLUDED_LINE_TYPES: Final = ("m2m", "iot", "watch", "wearable", "secondary", "secondary_sim")
"""Line types that stand for no person of their own, compared in lower case with `-` and space as `_`."""

CELL_STATES: Final = ("up", "silent")
"""What the events of an hour tell of a radio cell."""

VERDICTS: Final = ("corroborated", "contradicted", "cannot tell")
"""What the network tells of a report of a fault."""
