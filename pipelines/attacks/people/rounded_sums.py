"""Totals that are printed once, and again as sums of rows that were rounded on their own: what all of it tells."""

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.arrays import Ints, column, instants
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.finding import Measured
from pipelines.attacks.members import Tables
from pipelines.score.sql import ask
from schemas.indicators import INDICATORS, Indicator

Floats = npt.NDArray[np.float64]


def told_by_sums(tables: Tables, exact: Mapping[str, Ints], days: tuple[DayDevices, ...], base: int) -> Measured:
    """How many plain figures are told, exactly and to within one device, by them and by all sums of their rows.

    `exact`: the devices behind the rows of each indicator. The control is the plain figure alone.
    """
    off = [np.zeros((2, 0), np.int64)]
    for name in tables:
        if not INDICATORS[name].attributes:
            printed = column(tables[name], "devices").astype(np.int64)
            guess, several = _likeliest(printed, _sums(name, tables, days), base)
            off.append(np.stack([guess - exact[name], printed - exact[name]])[:, several])
    by_sums, alone = np.abs(np.concatenate(off, axis=1))
    shares = {"by sums": by_sums, "by one figure": alone} if alone.size else {}
    figures = {f"totals told {by}": float((each == 0).mean()) for by, each in shares.items()}
    figures |= {f"totals told within one {by}": float((each <= 1).mean()) for by, each in shares.items()}
    return Measured(figures, {"totals that are sums": alone.size})


def _likeliest(printed: Ints, sums: Iterator[tuple[Ints, Ints, Ints]], base: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """int64[n]: the likeliest counts; bool[n]: of which there are sums.

    A count whose remainder may be any is off by e with a weight of base - |e|; errors of rows are independent.
    """
    error = np.arange(1 - base, base)
    one = (base - np.abs(error)) / base**2
    likely = np.tile(np.log(one), (printed.size, 1))
    several = np.zeros(printed.size, np.bool_)
    for place, total, rows in sums:
        several[place] = True
        for number in np.unique(rows).tolist():
            own = rows == number
            # How far the sum is above each count that is possible, as a place among the errors of so many rows.
            at = (total[own] - printed[place[own]])[:, None] + error + number * (base - 1)
            likely[place[own]] += _errors(one, number)[np.clip(at, -1, number * (2 * base - 2) + 1)]
    return printed - error[likely.argmax(axis=1)], several


def _errors(one: Floats, rows: int) -> Floats:
    """float64[...]: the log likelihood of each error of a sum of rows, and what is impossible at the end."""
    found = np.ones(1)
    for _ in range(rows):
        found = np.convolve(found, one)
    return np.append(np.log(found), [-np.inf, -np.inf])


def _sums(name: str, tables: Tables, days: tuple[DayDevices, ...]) -> Iterator[tuple[Ints, Ints, Ints]]:
    """For each indicator whose rows make up those of a plain one: (row of that one, sum, number of rows).

    A single row of a part is no second figure: the same devices are rounded once.
    """
    plain = tables[name].select(["window_start", "cells"])
    plain = plain.append_column("row", pa.array(np.arange(plain.num_rows)))
    for other in tables:
        if other != name and _makes_up(INDICATORS[other], name):
            table = tables[other]
            start = _counted(INDICATORS[other], INDICATORS[name], instants(table, "window_start"), days)
            found = ask(
                """
                SELECT row, sum(devices)::BIGINT AS total, count(*) AS rows
                FROM plain JOIN split USING (window_start, cells) GROUP BY row HAVING count(*) > 1 ORDER BY row
                """,
                plain=plain,
                split=table.select(["cells", "devices"]).append_column(
                    "window_start", pa.array(start).cast(pa.timestamp("us", "UTC"))
                ),
            )
            row, total, rows = (column(found, each).astype(np.int64) for each in ("row", "total", "rows"))
            yield row, total, rows


def _makes_up(indicator: Indicator, plain: str) -> bool:
    """Whether the rows of an indicator split all of a plain one."""
    if indicator.partial or not indicator.splits:
        return False
    return indicator.splits == plain or _makes_up(INDICATORS[indicator.splits], plain)


def _counted(indicator: Indicator, plain: Indicator, start: Ints, days: tuple[DayDevices, ...]) -> Ints:
    """int64[n]: the beginning of the window in which the devices were counted: of an hour, one of its slots."""
    if indicator.window == plain.window:
        return start
    hours = np.concatenate([day.grid.hours[:-1] for day in days])
    slots = np.concatenate([day.grid.slots[day.grid.half_hours] for day in days])
    return slots[np.searchsorted(hours, start)]
