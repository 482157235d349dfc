"""Presence at an event, hour by hour: how large was the crowd, and when was its peak?"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from pipelines.score.figure import Figure, Scored
from pipelines.score.sql import ask

CROWD: Final = 1000
"""An hour counts where so many people were there, on average over its slots."""

_HOURS = """
    SELECT zone_id, date_trunc('hour', window_start) AS hour, bool_and(whole) AS whole, avg(people) AS people,
        avg(truth) AS truth
    FROM pairs
    WHERE zone_id IN (SELECT unnest(zones) FROM chosen)
    GROUP BY ALL
    ORDER BY zone_id, hour
"""


def by_hour(pairs: pa.Table, zones: Sequence[str]) -> pa.Table:
    """`zone_id`, `hour`, `people`, `truth`, means over the slots; `whole` where every slot can be told."""
    chosen = pa.table({"zones": pa.array([list(zones)], pa.list_(pa.string()))})
    return ask(_HOURS, pairs=pairs, chosen=chosen)


def crowds(pairs: pa.Table, zones: Sequence[str]) -> Scored:
    """For each zone that had a crowd: the mean absolute relative error of those hours, and what the peak is worth.

    `peak` is the truth at the published peak hour by the greatest truth of all hours. Over all zones, `event.error`
    is the mean over their hours and `event.peak` the least of them.
    """
    hours = by_hour(pairs, zones)
    all_errors: list[float] = []
    peaks: list[float] = []
    figures: list[Figure] = []
    left_out = 0
    for zone in sorted(set(hours["zone_id"].to_pylist())):
        found = hours.filter(pa.compute.equal(hours["zone_id"], zone))
        people, truth, whole = (found[name].to_numpy() for name in ("people", "truth", "whole"))
        crowded = truth > CROWD
        left_out += int((crowded & ~whole).sum())
        if not (crowded & whole).any():
            continue
        errors = np.abs(people / np.where(truth > 0, truth, np.nan) - 1)[crowded & whole]
        peak = float(truth[np.argmax(np.where(whole, people, -1.0))] / truth.max())
        figures += [
            Figure(f"event.{zone}.error", float(errors.mean()), errors.size),
            Figure(f"event.{zone}.peak", peak, int(whole.sum())),
        ]
        all_errors += errors.tolist()
        peaks.append(peak)
    return Scored((*figures, *_over_all(all_errors, peaks)), {"event: hour with a crowd, in a pool": left_out})


def _over_all(errors: Sequence[float], peaks: Sequence[float]) -> Iterator[Figure]:
    if errors:
        yield Figure("event.error", float(np.mean(errors)), len(errors))
        yield Figure("event.peak", min(peaks), len(peaks))
