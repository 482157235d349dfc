"""The rows of released tables by window, and the names by which flags tell them. Pure."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from pipelines.arrays import instants

TOLD_OF = ("presence", "attendance")
"""The indicators of which degraded parts are told; what splits them has the same parts."""


def by_window(rows: pa.Table | None) -> Iterator[tuple[int, pa.Table]]:
    """The rows of each window, which stand together; none of no table."""
    if rows is None:
        return
    starts, first, counts = np.unique(instants(rows, "window_start"), return_index=True, return_counts=True)
    for start, at, count in zip(starts.tolist(), first.tolist(), counts.tolist(), strict=True):
        yield start, rows.slice(at, count)


def names(rows: pa.Table) -> tuple[tuple[str, str], ...]:
    """The zone and the first H3 cell of each row, which no other row of its window has."""
    first = rows["cells"].combine_chunks()
    cells = first.flatten().to_numpy()[np.append(0, np.cumsum(np.diff(first.offsets.to_numpy())))[:-1]]
    return tuple(zip(rows["zone_id"].to_pylist(), (f"{cell:x}" for cell in cells.tolist()), strict=True))
