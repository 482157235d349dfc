"""Probe events of Parquet files in the order of time, some at a time."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from schemas.fields import INSTANT
from schemas.tables import EVENT

PARTITION: Final = "partition"
WINDOW_ROWS: Final = 500_000
"""About so many events are sorted at once: memory does not grow with the events."""


def ordered(folder: Path, partitions: int, window_rows: int = WINDOW_ROWS) -> Iterator[pa.Table]:
    """The known columns of all events of a folder, by event_time, those without one first.

    `partition` (int32) tells where an event goes: all of a subscriber go to the same. Equal times are ordered by the
    other columns, so that the order is the same each time. Raises ValueError where a column is missing.
    """
    files = sorted(map(str, folder.rglob("*.parquet")))
    if not files:
        raise ValueError(f"{folder}: expected Parquet files of events, got none")
    with duckdb.connect() as connection:
        events = connection.read_parquet(files)
        names = [name for name in EVENT.names if name in events.columns]
        if missing := {"event_time", "subscriber_id"} - set(names):
            raise ValueError(f"{folder}: expected the columns {sorted(missing)}, got {events.columns}")
        chosen = f"{', '.join(names)}, (hash(subscriber_id) % {partitions})::INTEGER AS {PARTITION}"
        order = f"epoch_us(event_time) NULLS FIRST, {', '.join(names[1:])}"
        for bounds in _windows(events, window_rows):
            window = events.filter(bounds).project(chosen).order(order).to_arrow_table()
            yield pa.table([_plain(column) for column in window.columns], names=window.column_names)


def _windows(events: duckdb.DuckDBPyRelation, rows: int) -> list[str]:
    """Conditions, each of about so many events, which follow on each other in time; no event meets two."""
    count = events.aggregate("count(*)").fetchall()[0][0]
    number = -(-count // rows)
    if number < 2:
        return ["true"]
    shares = [share / number for share in range(1, number)]
    found = events.aggregate(f"approx_quantile(epoch_us(event_time), {shares})").fetchall()[0][0]
    cuts = [f"to_timestamp({cut / 1e6!r})" for cut in sorted(set(found))]
    between = [f"event_time >= {low} AND event_time < {high}" for low, high in pairwise(cuts)]
    return [f"event_time IS NULL OR event_time < {cuts[0]}", *between, f"event_time >= {cuts[-1]}"]


def _plain(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece; times in UTC, whatever the time zone of the machine."""
    whole = column.combine_chunks()
    return whole.cast(INSTANT) if pa.types.is_timestamp(whole.type) else whole
