"""Rows of the internal tables, written as text with what a test does not care about filled in."""

from datetime import date

import numpy as np
import pyarrow as pa

from pipelines.arrays import column, instants
from pipelines.visits import DayHours, Located, Nests
from schemas.tables import STAY, Table
from tests.tables import table

DAY = date(2026, 6, 10)
MINUTE = 60_000_000
HOUR = 60 * MINUTE

FILLED = {
    "event_type": 0,
    "line": 0,
    "home_mcc": 0,
    "age_band": 7,
    "spc": 8,
    "home_zone": -1,
    "sequence": 0,
    "signals": 1,
    "dwell": HOUR,
    "arrival": 9,
    "night": False,
    "cell": 0,
}


def made(wanted: Table, text: str) -> pa.Table:
    """Rows of a table from a text table that may lack columns of `FILLED`."""
    return filled(wanted, table(text, day=DAY, types={"device": pa.uint64()}))


def filled(wanted: Table, read: pa.Table) -> pa.Table:
    """The rows with the columns that they lack."""
    for name in wanted.names:
        if name not in read.column_names:
            read = read.append_column(name, pa.array([FILLED[name]] * read.num_rows))
    return wanted.conform(read)


def at(*clocks: str) -> np.ndarray:
    """Instants of the day, as int64."""
    return instants(table("time\n" + "\n".join(clocks), day=DAY), "time")


HOURS = DayHours(
    np.arange(at("05:00")[0], at("29:00")[0] + 1, HOUR),
    np.arange(5, 29).astype(np.int8) % 24,
    (int(at("24:00")[0]), int(at("29:00")[0])),
)
"""The hours of a privacy day of UTC, and its night."""


def located(text: str) -> Located:
    """Stays from `device place hexagon begin end`; the events, `start` and `last`, are at the ends where not given."""
    read = table(text, day=DAY)
    for name, other in (("start", "begin"), ("last", "end")):
        if name not in read.column_names:
            read = read.append_column(name, read[other])
    device = np.unique(column(read, "device"), return_inverse=True)[1].astype(np.int64)
    times = (instants(read, name) for name in ("begin", "end", "start", "last"))
    place = np.unique(column(read, "place"), return_inverse=True)[1].astype(np.int64)
    return Located(filled(STAY, read), device, place, column(read, "hexagon").astype(np.int32), *times)


def zones(*chains: tuple[int, ...]) -> Nests:
    """The zones of each hexagon, innermost first."""
    depth = max(map(len, chains), default=0)
    rows = [[*chain, *[-1] * (depth - len(chain))] for chain in chains]
    return Nests(np.array(rows, np.int32), 1 + max((zone for chain in chains for zone in chain), default=-1))
