"""How events reach their reader: late and out of order, some twice, a few spoilt."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.simulator.plane import Bools, Ints
from schemas.vocabulary import EVENT_TYPES

DUPLICATES = 0.005
SPOILT = 0.0006
"""Shares of the rows, the project's own assumptions."""

FILE_HOURS = 1
UNKNOWN_CELL = "20801-999999"

_HOUR_US = 3_600_000_000
_SOON_S, _LATE_S, _LATE = 25.0, 900.0, 0.02
_NO_TIME, _OLD_TIME, _NO_LINE, _NO_CELL, _STRANGE_CELL, _STRANGE_TYPE = range(1, 7)


@dataclass(frozen=True)
class Rows:
    """Event rows: microseconds since the epoch, rows of lines and cells, types; the fault, or 0; when they arrive."""

    time: Ints
    line: npt.NDArray[np.int32]
    cell: npt.NDArray[np.int32]
    kind: npt.NDArray[np.int8]
    fault: npt.NDArray[np.int8]
    arrives: Ints

    def __len__(self) -> int:
        return len(self.time)

    def take(self, rows: Ints | Bools | slice) -> "Rows":
        """Some of the rows."""
        return Rows(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def joined(parts: list[Rows]) -> Rows:
    """Several lots of rows as one."""
    return Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in Rows.__dataclass_fields__))


def delivered(time: Ints, line: Ints, cell: Ints, kind: npt.NDArray[np.int8], random: np.random.Generator) -> Rows:
    """The events as they are sent: with duplicates, some rows spoilt, each at an instant of its own."""
    again = np.flatnonzero(random.random(len(time)) < DUPLICATES)
    rows = np.append(np.arange(len(time)), again)
    count = len(rows)
    mean = np.where(random.random(count) < _LATE, _LATE_S, _SOON_S)
    delay = (random.exponential(1.0, count) * mean * 1e6).astype(np.int64)
    fault = np.where(random.random(count) < SPOILT, random.integers(_NO_TIME, _STRANGE_TYPE + 1, count), 0)
    return Rows(
        time[rows],
        line[rows].astype(np.int32),
        cell[rows].astype(np.int32),
        kind[rows],
        fault.astype(np.int8),
        time[rows] + delay,
    )


def files(waiting: Rows, until: int | None) -> tuple[list[tuple[int, Rows]], Rows]:
    """The rows that arrive before an instant (None: all) in files of an hour, and those that arrive later.

    Each file has the instant at which it ends, in microseconds; its rows stand in the order of their arrival.
    """
    order = np.argsort(waiting.arrives, kind="stable")
    ready = len(order) if until is None else int(np.searchsorted(waiting.arrives[order], until))
    now = waiting.take(order[:ready])
    return list(_hours(now)), waiting.take(order[ready:])


def _hours(rows: Rows) -> Iterator[tuple[int, Rows]]:
    hour = rows.arrives // (FILE_HOURS * _HOUR_US)
    edges = np.flatnonzero(np.append(True, hour[1:] != hour[:-1])).tolist() if len(rows) else []
    for start, end in zip(edges, [*edges[1:], len(rows)], strict=True):
        yield int(hour[start] + 1) * FILE_HOURS * _HOUR_US, rows.take(slice(start, end))


def table(rows: Rows, subscriber_id: pa.Array, mcc: npt.NDArray[np.int16], cell_id: pa.Array) -> pa.Table:
    """Rows as the columns of `events`."""
    fault = rows.fault
    time = np.where(fault == _OLD_TIME, 0, rows.time)
    cells = pa.concat_arrays([cell_id, pa.array([UNKNOWN_CELL])])
    cell = np.where(fault == _STRANGE_CELL, len(cell_id), rows.cell)
    types = pa.array([*EVENT_TYPES, "?"])
    return pa.table(
        {
            "event_time": pa.array(time, mask=fault == _NO_TIME).view(pa.timestamp("us", "UTC")),
            "subscriber_id": subscriber_id.take(pa.array(rows.line, mask=fault == _NO_LINE)),
            "cell_id": cells.take(pa.array(cell, mask=fault == _NO_CELL)),
            "event_type": types.take(pa.array(np.where(fault == _STRANGE_TYPE, len(EVENT_TYPES), rows.kind))),
            "home_mcc": pa.array(mcc[rows.line].astype(np.int32)),
        }
    )
