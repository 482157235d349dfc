"""How fine a release is: which share of the people stands at which level."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from anonymization.checks.spans import FINEST, spans
from anonymization.hexagons import resolutions
from pipelines.score.figure import Figure, Scored
from pipelines.score.sql import ask
from schemas.vocabulary import REST, SEPARATOR, TERRITORY

_NEAR: Final = (8, 7)
"""Resolutions of hexagons that are small enough to say where in a zone a part of several cells lies."""

_FINE: Final = (*(f"resolution_{resolution}" for resolution in range(_NEAR[0], FINEST + 1)), "within_resolution_8")
"""Starts of the levels that lie within one hexagon of resolution 8."""

_LEVELS = """
    SELECT level, sum(people) / sum(sum(people)) OVER () AS share, count(*) AS rows
    FROM levels GROUP BY level QUALIFY sum(sum(people)) OVER () > 0 ORDER BY level
"""


def presence(released: pa.Table) -> Scored:
    """Share of the people by level of their part, and `fine`: the share within one hexagon of resolution 8.

    `resolution_9`: a single cell of it, and so on; `within_resolution_8`: several cells in one hexagon of it; `zone`:
    other parts of a single zone; `rest`: the same outside of all zones; `pool`: what reaches over several zones.
    """
    levels = pa.table({"level": pa.array(_levels(released), pa.string()), "people": released["people"]})
    return Scored(tuple(_shares("presence.detail", levels)))


def attendance(released: pa.Table) -> Scored:
    """Share of the attendance, added up over zones, that stands in parts of a single zone."""
    people = released["people"].to_numpy()
    single = np.array([SEPARATOR not in zone for zone in released["zone_id"].to_pylist()], np.bool_)
    if not people.sum():
        return Scored()
    return Scored((Figure("attendance.single_zone", float(people[single].sum() / people.sum()), people.size),))


def _levels(released: pa.Table) -> Iterator[str]:
    lists = released["cells"].combine_chunks()
    start = lists.offsets.to_numpy()[:-1] - lists.offsets[0].as_py()
    cells = lists.flatten().to_numpy().astype(np.uint64)
    sizes = np.diff(lists.offsets.to_numpy())
    low, high = spans(cells)
    first, last = np.minimum.reduceat(low, start), np.maximum.reduceat(high, start) - 1
    finest = resolutions(cells)[start]
    common = np.zeros(len(sizes), np.int64)
    for resolution in sorted(_NEAR):
        span = 7 ** (FINEST - resolution)
        common = np.where(first // span == last // span, resolution, common)
    for zone, size, single, near in zip(released["zone_id"].to_pylist(), sizes, finest, common, strict=True):
        if SEPARATOR in zone or zone == TERRITORY:
            yield "pool"
        elif size == 1:
            yield f"resolution_{single}"
        elif near:
            yield f"within_resolution_{near}"
        else:
            yield REST if zone == REST else "zone"


def _shares(name: str, levels: pa.Table) -> Iterator[Figure]:
    rows = ask(_LEVELS, levels=levels).to_pylist()
    for row in rows:
        yield Figure(f"{name}.{row['level']}", row["share"], row["rows"])
    if rows:
        fine = sum(row["share"] for row in rows if row["level"].startswith(_FINE))
        yield Figure(f"{name}.fine", fine, sum(row["rows"] for row in rows))
