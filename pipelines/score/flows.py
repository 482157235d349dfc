"""Flows between communes against the truth: the common part of commuters.

Compared are the pairs of communes whose true flow is at least what k devices stand for: below that nothing may be
published, whatever the method. The choice is by the truth alone, so that a published flow cannot choose itself. A pair
without a row of its own has an estimate of 0: rows of several zones are not spread over them.
"""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.score.figure import Figure, Scored
from pipelines.score.pairs import coverage, errors
from pipelines.score.sql import ask

_HOURS = """
    WITH communes AS (SELECT zone_id FROM kinds WHERE kind = 'commune'),
    published AS (
        SELECT window_start, origin_zone_id, destination_zone_id, people, people_low, people_high
        FROM released
        WHERE origin_zone_id IN (FROM communes) AND destination_zone_id IN (FROM communes)
    ),
    happened AS (
        SELECT window_start, origin_zone_id, destination_zone_id, people
        FROM truth
        WHERE origin_zone_id IN (FROM communes) AND destination_zone_id IN (FROM communes)
    )
    SELECT
        window_start,
        coalesce(published.window_start, happened.window_start) AS hour,
        'hour' AS kind,
        origin_zone_id,
        destination_zone_id,
        published.people IS NOT NULL AS printed,
        coalesce(published.people, 0)::DOUBLE AS people,
        coalesce(people_low, 0)::DOUBLE AS people_low,
        coalesce(people_high, 0)::DOUBLE AS people_high,
        coalesce(happened.people, 0)::DOUBLE AS truth
    FROM published FULL JOIN happened USING (window_start, origin_zone_id, destination_zone_id)
    ORDER BY ALL
"""
_DAYS = """
    WITH days AS (SELECT DISTINCT window_start, date FROM truth UNION SELECT DISTINCT window_start, date FROM released)
    SELECT date, 'day' AS kind, origin_zone_id, destination_zone_id, sum(people) AS people, sum(truth) AS truth
    FROM hours JOIN days USING (window_start)
    GROUP BY ALL ORDER BY ALL
"""


def by_hour(released: pa.Table, kinds: pa.Table, truth: pa.Table) -> pa.Table:
    """Pairs of each hour and each two communes between which people went, or are said to have gone (`printed`)."""
    return ask(_HOURS, released=released, kinds=kinds, truth=truth)


def by_day(hours: pa.Table, released: pa.Table, truth: pa.Table) -> pa.Table:
    """The same, summed over the hours of the privacy day."""
    return ask(_DAYS, hours=hours, released=released, truth=truth)


def common_part(pairs: pa.Table) -> float | None:
    """Twice the sum of the lesser of each two, by the sum of both: 1 where all agree, 0 where nothing does."""
    both = pc.min_element_wise(pairs["people"], pairs["truth"])
    total = (pc.sum(pairs["people"]).as_py() or 0) + (pc.sum(pairs["truth"]).as_py() or 0)
    return 2 * pc.sum(both).as_py() / total if total else None


def zones(released: pa.Table, kinds: pa.Table, truth: pa.Table, least: float) -> Scored:
    """The common part by hour and by day, over flows of at least `least` true people; errors and coverage by hour."""
    hours = by_hour(released, kinds, truth)
    large = hours.filter(pc.greater_equal(hours["truth"], least))
    printed = hours.filter(hours["printed"])
    days = by_day(hours, released, truth)
    figures = (
        *_common("flows.hour", large),
        *_common("flows.day", days.filter(pc.greater_equal(days["truth"], least))),
        *errors("flows", large.filter(large["printed"])),
        *coverage("flows", printed),
        *_shares(large, printed, released, least),
    )
    return Scored(figures, {"flows: row that is not of two communes": len(released) - len(printed)})


def _common(name: str, pairs: pa.Table) -> Iterator[Figure]:
    value = common_part(pairs)
    if value is not None:
        yield Figure(f"{name}.common_part", value, pairs.num_rows)


def _shares(large: pa.Table, printed: pa.Table, released: pa.Table, least: float) -> Iterator[Figure]:
    """Of the large true flows, what has a row of its own; of the people in rows of two communes, who hardly moved."""
    if total := pc.sum(large["truth"]).as_py():
        own = pc.sum(large.filter(large["printed"])["truth"]).as_py() or 0
        yield Figure("flows.own_row", own / total, large.num_rows)
    if total := pc.sum(printed["people"]).as_py():
        small = printed.filter(pc.less(printed["truth"], least / 2))
        yield Figure("flows.from_little", (pc.sum(small["people"]).as_py() or 0) / total, printed.num_rows)
