"""Presence against the truth: by zone and slot, and by hexagon of resolution 8 and hour."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from pipelines.score.figure import Figure, Scored
from pipelines.score.pairs import coverage, errors
from pipelines.score.places import Parts, place_of, spread
from pipelines.score.sql import ask

_ZONES = """
    WITH sums AS (
        SELECT
            window_start,
            touching.zone_id,
            bool_and(inside) AS whole,
            sum(people) AS people,
            sqrt(sum(power(people - people_low, 2))) AS below,
            sqrt(sum(power(people_high - people, 2))) AS above
        FROM presence JOIN touching USING (part)
        GROUP BY ALL
    )
    SELECT
        window_start,
        zone_id,
        kind,
        whole,
        sums.people,
        greatest(floor((sums.people - below) / 10) * 10, 0) AS people_low,
        ceil((sums.people + above) / 10) * 10 AS people_high,
        coalesce(truth.people, 0)::DOUBLE AS truth
    FROM sums JOIN kinds USING (zone_id) LEFT JOIN truth USING (window_start, zone_id)
    ORDER BY window_start, zone_id
"""

_HEXAGONS = """
    WITH half_hour AS (
        SELECT DISTINCT window_start AS hour, window_start + INTERVAL 30 MINUTE AS instant FROM truth
    ),
    estimated AS (
        SELECT hour, place, sum(presence.people * share) AS people
        FROM presence
        JOIN half_hour ON presence.window_start <= instant AND instant < presence.window_end
        JOIN spread USING (part)
        GROUP BY ALL
    ),
    happened AS (SELECT window_start AS hour, place, sum(people) AS people FROM truth GROUP BY ALL),
    side_by_side AS (
        SELECT
            hour,
            coalesce(estimated.people, 0) AS people,
            coalesce(happened.people, 0) AS truth,
            sum(coalesce(estimated.people, 0)) OVER (PARTITION BY hour) AS all_people,
            sum(coalesce(happened.people, 0)) OVER (PARTITION BY hour) AS all_truth
        FROM estimated FULL JOIN happened USING (hour, place)
    )
    SELECT
        hour,
        sum(abs(people - truth)) / 2 / any_value(all_truth) AS misplaced,
        sum(abs(people * all_truth / all_people - truth)) / 2 / any_value(all_truth) AS scaled
    FROM side_by_side
    WHERE all_people > 0 AND all_truth > 0
    GROUP BY hour
    ORDER BY hour
"""


def by_zone(presence: Parts, touching: pa.Table, kinds: pa.Table, truth: pa.Table) -> pa.Table:
    """Pairs of each slot and each zone that a part touches, with `window_start`, `zone_id` and `whole`.

    `whole`: do the parts that touch the zone lie in it? If not, its people cannot be told from those around it.
    Errors of different parts are taken as independent.
    """
    return ask(_ZONES, presence=presence.rows, touching=touching, kinds=kinds, truth=truth)


def zones(pairs: pa.Table) -> Scored:
    """Relative errors and coverage by zone and slot."""
    whole = pairs.filter(pairs["whole"])
    figures = (*errors("presence", whole), *coverage("presence", whole))
    return Scored(figures, {"presence: zone and slot, for a pool reaches over its border": len(pairs) - len(whole)})


def hexagons(presence: Parts, truth: pa.Table) -> Scored:
    """The share of people in the wrong hexagon of resolution 8; and the same with the right number of people in all.

    Each part is spread evenly over its area; the truth is without those outside of the area, the release is not.
    """
    inside = truth.filter(truth["hexagon"].is_valid())
    placed = inside.append_column("place", pa.array(place_of(inside["hexagon"].to_numpy())))
    hours = ask(_HEXAGONS, presence=presence.rows, spread=spread(presence.parts), truth=placed)
    return Scored(tuple(_misplaced(hours)))


def _misplaced(hours: pa.Table) -> Iterator[Figure]:
    if hours.num_rows:
        for column, word in (("misplaced", "misplaced"), ("scaled", "misplaced_scaled")):
            values = hours[column].to_numpy()
            yield Figure(f"presence.hexagon.{word}", float(np.mean(values)), len(values))
            yield Figure(f"presence.hexagon.{word}_worst_hour", float(np.max(values)), len(values))
