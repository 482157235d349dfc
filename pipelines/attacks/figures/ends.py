"""Ends of movements: who moved had visited the place of departure, and then visited that of arrival.

A movement joins two visits, at most four hours apart. So its devices came to the place of departure by the hour of the
row, and to that of arrival by four hours later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from anonymization.territory import ZoneArea
from pipelines.arrays import Ints, column, instants
from pipelines.attacks.figures.cases import Cases
from pipelines.attacks.figures.moves import lie_in, named, zones_inside
from pipelines.score.sql import ask
from schemas.indicators import INDICATORS
from schemas.vocabulary import ALL, SEPARATOR

LONGEST_GAP: Final = 4
"""Hours between two visits that a movement joins, at most."""

HOURS: Final = 24

_ARRIVAL: Final = "arrival_hour"


@dataclass(frozen=True)
class Clock:
    """The hours of a privacy day: `edges` int64[h + 1], and `local` int64[h], what the local clock shows at each."""

    edges: Ints
    local: Ints

    def order(self, instant: Ints) -> Ints:
        """int64[n]: how many hours of the local clock after the start of the day each instant is."""
        hour = np.clip(np.searchsorted(self.edges, instant, "right") - 1, 0, self.local.size - 1)
        order: Ints = (self.local[hour] - self.local[0]) % HOURS
        return order


def ends_held(
    name: str, ends: tuple[str, str], rows: Mapping[str, pa.Table], plain: str, zones: Sequence[ZoneArea], clock: Clock
) -> Cases:
    """Rows about movements, and for each end the rows of the day whose devices hold all of theirs.

    The rows of `plain` are the parts of the day; rows by hour of arrival hold a movement together, as far as one of
    their hours is early enough.
    """
    moves, parts, inside = rows[name], rows[plain], zones_inside(zones)
    by = clock.order(instants(moves, "window_start"))
    found = []
    for end, later in zip(ends, (0, LONGEST_GAP), strict=True):
        known = np.flatnonzero(column(moves, end) != ALL)
        move, part = np.nonzero(lie_in(named(moves[end], zones)[known], named(parts["zone_id"], zones), inside))
        columns = {"within": column(moves, "row")[known[move]], "part": part, "latest": by[known[move]] + later}
        found.append(pa.table(columns))
    held = pa.concat_tables(found)
    held = held.append_column("number", pa.array(np.arange(held.num_rows)))
    whole = pa.table({"part": np.arange(parts.num_rows), "row": parts["row"], "zone_id": parts["zone_id"]})
    return _cases(plain, held, whole, _earliest(rows, clock))


def _earliest(rows: Mapping[str, pa.Table], clock: Clock) -> pa.Table:
    """(name, row, zone_id, earliest): rows by hour of arrival, and the first of their hours in the day; 0 for `all`."""
    columns = {"row": pa.int64(), "zone_id": pa.string(), _ARRIVAL: pa.string()}
    pieces = [pa.table({name: pa.array([], kind) for name, kind in ({"name": pa.string()} | columns).items()})]
    for name, table in rows.items():
        if _ARRIVAL in INDICATORS[name].attributes:
            names = pa.array([name] * table.num_rows, pa.string())
            pieces.append(pa.table({"name": names} | {each: table[each] for each in columns}))
    return ask(
        f"""
        SELECT name, row, zone_id,
            coalesce(min((TRY_CAST(hour AS BIGINT) - {int(clock.local[0])} + {HOURS}) % {HOURS}), 0) AS earliest
        FROM (SELECT name, row, zone_id, unnest(string_split({_ARRIVAL}, '{SEPARATOR}')) AS hour FROM arrivals)
        GROUP BY name, row, zone_id
        """,  # noqa: S608 - constants
        arrivals=pa.concat_tables(pieces),
    )


def _cases(plain: str, held: pa.Table, whole: pa.Table, earliest: pa.Table) -> Cases:
    """Each movement and part alone, and with the rows by hour of arrival of each indicator that has any."""
    around = ask(
        f"""
        WITH rows_around AS (
            SELECT number, '{plain}' AS name, whole.row FROM held JOIN whole USING (part)
            UNION ALL
            SELECT number, name, earliest.row FROM held JOIN whole USING (part) JOIN earliest USING (zone_id)
            WHERE earliest <= latest
        )
        SELECT dense_rank() OVER (ORDER BY number, name) - 1 AS number, number AS held, name, row
        FROM rows_around ORDER BY ALL
        """,  # noqa: S608 - a declared indicator
        held=held,
        whole=whole,
        earliest=earliest,
    )
    cases = ask(
        "SELECT DISTINCT around.number, within FROM around JOIN held ON held.number = around.held ORDER BY ALL",
        around=around,
        held=held,
    )
    return Cases(cases, around.select(["number", "name", "row"]))
