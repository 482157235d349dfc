"""Every question that is put to a release: SQL with parameters, and no value is ever written into it.

One module a subject. The pages and `hexaflux query` ask the same ones.
"""

from typing import Final

from dashboards.queries.days import (
    ATTENDANCE,
    BUSIEST_ZONE,
    BY_AGE,
    BY_CATEGORY,
    BY_DWELL,
    BY_ORIGIN,
    BY_SPC,
    DAILY_ATTENDANCE,
    DWELL_BY_ARRIVAL,
    NIGHTS,
    TRANSIT,
)
from dashboards.queries.evidence import COUNTS, POOLING
from dashboards.queries.flows import (
    FLOW_TOTALS,
    FLOWS,
    FLOWS_BY_DISTANCE,
    FLOWS_BY_HOUR,
    FLOWS_OF_ZONE,
    FLOWS_WEEKDAY_AVERAGE,
)
from dashboards.queries.maps import AROUND, DWELL_BY_ZONE, PRESENCE_BY_ZONE
from dashboards.queries.places import COVERAGE, FINEST, FIRST_CELLS, GREATEST_DENSITY, PARTS, POOLED_SHARE
from dashboards.queries.presence import (
    DAILY_PEAK,
    PRESENCE,
    PRESENCE_BY_AGE,
    PRESENCE_BY_HOUR_OF_DAYS,
    PRESENCE_BY_SPC,
)
from dashboards.queries.query import PARAMETERS, Parameter, Query, Value

_ALL: Final = (
    ATTENDANCE,
    DAILY_ATTENDANCE,
    BY_AGE,
    BY_SPC,
    BY_CATEGORY,
    BY_ORIGIN,
    BY_DWELL,
    DWELL_BY_ARRIVAL,
    NIGHTS,
    TRANSIT,
    BUSIEST_ZONE,
    PRESENCE,
    PRESENCE_BY_AGE,
    PRESENCE_BY_SPC,
    PRESENCE_BY_HOUR_OF_DAYS,
    DAILY_PEAK,
    FLOWS,
    FLOWS_BY_DISTANCE,
    FLOWS_BY_HOUR,
    FLOW_TOTALS,
    FLOWS_OF_ZONE,
    FLOWS_WEEKDAY_AVERAGE,
    COVERAGE,
    POOLED_SHARE,
    PARTS,
    GREATEST_DENSITY,
    FIRST_CELLS,
    FINEST,
    PRESENCE_BY_ZONE,
    AROUND,
    DWELL_BY_ZONE,
    POOLING,
    COUNTS,
)

QUERIES: Final = {query.name: query for query in _ALL}
"""Every question by its name."""

__all__ = [
    "AROUND",
    "ATTENDANCE",
    "BUSIEST_ZONE",
    "BY_AGE",
    "BY_CATEGORY",
    "BY_DWELL",
    "BY_ORIGIN",
    "BY_SPC",
    "COUNTS",
    "COVERAGE",
    "DAILY_ATTENDANCE",
    "DAILY_PEAK",
    "DWELL_BY_ARRIVAL",
    "DWELL_BY_ZONE",
    "FINEST",
    "FIRST_CELLS",
    "FLOWS",
    "FLOWS_BY_DISTANCE",
    "FLOWS_BY_HOUR",
    "FLOWS_OF_ZONE",
    "FLOWS_WEEKDAY_AVERAGE",
    "FLOW_TOTALS",
    "GREATEST_DENSITY",
    "NIGHTS",
    "PARAMETERS",
    "PARTS",
    "POOLED_SHARE",
    "POOLING",
    "PRESENCE",
    "PRESENCE_BY_AGE",
    "PRESENCE_BY_HOUR_OF_DAYS",
    "PRESENCE_BY_SPC",
    "PRESENCE_BY_ZONE",
    "QUERIES",
    "TRANSIT",
    "Parameter",
    "Query",
    "Value",
]
