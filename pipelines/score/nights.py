"""Nights against the truth: by zone and day, over the visitor categories that are published."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from pipelines.score.figure import Figure, Scored
from pipelines.score.pairs import coverage, errors
from pipelines.score.sql import ask

_ROWS = """
    SELECT date, zone_id, kind, people, people_low, people_high, visitor_category, string_split(visitor_category, '|')
        AS categories
    FROM released JOIN kinds USING (zone_id)
    ORDER BY date, zone_id, visitor_category
"""
_PAIRS = """
    SELECT
        rows.date,
        rows.zone_id,
        kind,
        rows.people,
        people_low,
        people_high,
        (
            SELECT coalesce(sum(truth.people), 0)::DOUBLE FROM truth
            WHERE truth.date = rows.date AND truth.zone_id = rows.zone_id
                AND (list_contains(categories, truth.visitor_category) OR list_contains(categories, 'all'))
        ) AS truth
    FROM rows
    ORDER BY ALL
"""
_SUMS = """
    SELECT date, zone_id, kind, sum(people) AS people, sum(people_low) AS people_low, sum(people_high) AS people_high,
        sum(truth) AS truth
    FROM pairs GROUP BY ALL ORDER BY ALL
"""


def by_category(released: pa.Table, kinds: pa.Table, truth: pa.Table) -> pa.Table:
    """Pairs of each row of a single zone: only nights are published, and only of categories that could be split."""
    rows = ask(_ROWS, released=released, kinds=kinds)
    return ask(_PAIRS, rows=rows, truth=truth)


def zones(released: pa.Table, kinds: pa.Table, truth: pa.Table) -> Scored:
    """Relative errors by zone over its published categories, coverage by row, and the share of nights published."""
    pairs = by_category(released, kinds, truth)
    figures = (*errors("nights", ask(_SUMS, pairs=pairs)), *coverage("nights", pairs), *_published(pairs, truth))
    return Scored(figures, {"nights: row of more than one zone": len(released) - len(pairs)})


def _published(pairs: pa.Table, truth: pa.Table) -> Iterator[Figure]:
    there: Any = pa.compute.sum(truth["people"]).as_py()
    if there and pairs.num_rows:
        yield Figure("nights.published", pa.compute.sum(pairs["truth"]).as_py() / there, pairs.num_rows)
