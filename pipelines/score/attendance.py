"""Attendance against the truth: zone by zone and day by day."""

import pyarrow as pa

from pipelines.score.figure import Scored
from pipelines.score.pairs import coverage, errors
from pipelines.score.sql import ask

_PAIRS = """
    SELECT date, zone_id, kind, released.people, people_low, people_high, coalesce(truth.people, 0)::DOUBLE AS truth
    FROM released
    JOIN kinds USING (zone_id)
    LEFT JOIN (SELECT date, zone_id, sum(people) AS people FROM truth GROUP BY ALL) AS truth USING (date, zone_id)
    ORDER BY date, zone_id
"""


def by_zone(released: pa.Table, kinds: pa.Table, truth: pa.Table) -> pa.Table:
    """Pairs of the parts of a single zone; a pool is in no truth table, as who is in two of its zones counts once."""
    return ask(_PAIRS, released=released, kinds=kinds, truth=truth)


def zones(released: pa.Table, kinds: pa.Table, truth: pa.Table) -> Scored:
    """Relative errors and coverage by zone and day."""
    pairs = by_zone(released, kinds, truth)
    figures = (*errors("attendance", pairs), *coverage("attendance", pairs))
    return Scored(figures, {"attendance: part of more than one zone": len(released) - len(pairs)})
