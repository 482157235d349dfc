"""Wholes: whether rows that split another row, or a slot, hold exactly its devices."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from pipelines.arrays import Bools, Ints, column, instants
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.figures.parts import Parts, parts_of
from pipelines.attacks.figures.shown import PRESENCE
from pipelines.attacks.members import MEMBERS
from pipelines.attacks.target import Target
from pipelines.score.sql import ask
from schemas.errors import UsageError
from schemas.indicators import INDICATORS, Indicator
from schemas.vocabulary import SEPARATOR

Rows = Mapping[str, pa.Table]
"""Of one day and by indicator: published rows with their places as `row`, or MEMBERS."""

_NO_ROWS: Final = INDICATORS[PRESENCE].table.empty().append_column("row", pa.array([], pa.int64()))

_COUNTED: Final[Mapping[str, Callable[[DayDevices], Bools]]] = {"presence": lambda day: day.traces >= 0}
"""Of a population whose rows may be summed: bool[devices, slots], where a device counts."""


def of_splits(rows: Rows, behind: Rows, day: DayDevices, target: Target) -> tuple[int, int]:
    """Devices of rows that the row which they split lacks, and devices of such a row that they lack."""
    spared = [zone.zone_id for zone in target.inputs.territory.zones if zone.sensitive]
    edges = {"slot": day.grid.slots, "hour": day.grid.hours, "day": day.grid.hours[[0, -1]]}
    more = fewer = 0
    for population in dict.fromkeys(INDICATORS[name].population for name in rows):
        some = {name: each for name, each in rows.items() if INDICATORS[name].population == population}
        parts = parts_of(some)
        for name in (name for name in some if INDICATORS[name].splits in some):
            window = edges[INDICATORS[name].window]
            found = of_split(name, some, behind, parts, (window[1:] + window[:-1]) // 2, spared)
            more, fewer = more + found[0], fewer + found[1]
    return more, fewer


def of_split(name: str, rows: Rows, behind: Rows, parts: Parts, due: Ints, spared: Sequence[str]) -> tuple[int, int]:
    """Devices of an indicator's rows that the row which they split lacks, and devices of such a row that they lack.

    The row that is split is of the same part, and of the classes that both tell. It has to be split if its time holds
    an instant of `due`, unless it names a zone that is `spared`; of an indicator that is declared to give only some
    devices none is lacking.
    """
    indicator = INDICATORS[name]
    shared = "".join(f", {each}" for each in INDICATORS[indicator.splits].attributes if each in indicator.attributes)
    found = ask(
        f"""
        WITH above AS (
            SELECT * FROM whole_rows JOIN parts USING (row) WHERE name = '{indicator.splits}'
        ), below AS (
            SELECT * FROM split_rows JOIN parts USING (row) WHERE name = '{name}'
        ), links AS (
            SELECT below.row, above.row AS whole FROM below JOIN above USING (part{shared})
        ), split AS (
            SELECT DISTINCT whole, device FROM links JOIN split_behind USING (row)
        ), holding AS (
            SELECT row AS whole, device FROM whole_behind
        ), expected AS (
            SELECT DISTINCT above.row AS whole FROM above JOIN due ON due.instant >= start AND due.instant < finish
            WHERE above.row IN (SELECT whole FROM links)
                OR NOT list_has_any(string_split(zone_id, '{SEPARATOR}'), (SELECT list(zone) FROM spared))
        )
        SELECT
            (SELECT count(*) FROM split_behind ANTI JOIN links USING (row))
                + (SELECT count(*) FROM split ANTI JOIN holding USING (whole, device)) AS more,
            (SELECT count(*) FROM holding SEMI JOIN expected USING (whole) ANTI JOIN split USING (whole, device))
                AS fewer
        """,  # noqa: S608 - the names are those of declared indicators
        whole_rows=rows[indicator.splits],
        split_rows=rows[name],
        whole_behind=behind[indicator.splits],
        split_behind=behind[name],
        parts=_timed(parts),
        due=pa.table({"instant": due}),
        spared=pa.table({"zone": pa.array([*spared, ""], pa.string())}),
    )
    more, fewer = (int(found[each][0].as_py()) for each in ("more", "fewer"))
    return more, 0 if indicator.partial else fewer


def _timed(parts: Parts) -> pa.Table:
    """(name, row, part, start, finish): the part of each row, with its time."""
    part = column(parts.rows, "part").astype(np.int64)
    times = {"start": parts.start[part], "finish": parts.end[part]}
    return pa.table({name: parts.rows[name] for name in parts.rows.column_names} | times)


def of_slots(rows: Rows, behind: Rows, day: DayDevices, target: Target) -> tuple[int, int]:
    """Devices that count in a slot and are in no row of it, and slots whose printed sum cannot be that of its devices.

    A slot in which the whole territory is below k has no row.
    """
    lost = sums = 0
    for name, indicator in INDICATORS.items():
        if indicator.additive and not indicator.splits:
            counted = _counted(indicator, day)
            published = counted.sum(axis=0) >= target.policy.k
            table, found = rows.get(name, _NO_ROWS), behind.get(name, MEMBERS.empty_table())
            slot = np.searchsorted(day.grid.slots, instants(table, "window_start"))
            row = np.searchsorted(column(table, "row"), column(found, "row"))
            missing = uncounted(counted, column(found, "device").astype(np.int64), slot[row])
            lost += int(missing[published].sum())
            printed = np.bincount(slot, column(table, "devices"), day.slots)
            most = np.bincount(slot, minlength=day.slots) * (max(target.policy.rounding, 1) - 1)
            sums += int((np.abs(printed - counted.sum(axis=0)) > most)[published].sum())
    return lost, sums


def _counted(indicator: Indicator, day: DayDevices) -> Bools:
    if indicator.population not in _COUNTED:
        raise UsageError(
            f"attacks: expected to know whom rows of {indicator.name} sum to, found no rule",
            "add its population to _COUNTED in pipelines/attacks/figures/wholes.py",
        )
    return _COUNTED[indicator.population](day)


def uncounted(counted: Bools, device: Ints, slot: Ints) -> Ints:
    """int64[slots]: how many devices count, bool[devices, slots], but not in the pairs of `device` and `slot`."""
    missing = counted.copy()
    missing[device, slot] = False
    lost: Ints = missing.sum(axis=0)
    return lost
