"""The exact counts by SQL alone, straight from the definitions: what the kernels must agree with."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from tests.oracle import definitions
from tests.oracle.edges import Day, microseconds

REGISTER_COLUMNS = {
    "subscriber_id": pa.string(),
    "holder": pa.string(),
    "age_band": pa.string(),
    "spc": pa.string(),
    "line_type": pa.string(),
    "opted_out": pa.bool_(),
}
OF_THE_DAY = "event_us >= $day_starts AND event_us < $day_ends"


class Oracle:
    """Counts over one lot of probe events; a device is `holder|` and the holder's text, or else the subscriber's text.

    `events` is as in the inputs (event_time timestamp[us, UTC], event_type and home_mcc may be missing);
    `cells` needs only cell_id, one row each; of `register` all columns but subscriber_id may be missing.
    """

    def __init__(
        self,
        events: pa.Table,
        cells: pa.Table,
        register: pa.Table | None = None,
        excluded_lines: Sequence[str] = definitions.EXCLUDED_LINES,
        memory: str = "4GB",
    ) -> None:
        self._sql = duckdb.connect()
        self._sql.execute(f"SET threads = 2; SET memory_limit = '{memory}'; SET enable_progress_bar = false")
        self._sql.execute(definitions.MACROS)
        self._sql.register("events", _with(events, {"event_type": pa.string(), "home_mcc": pa.int32()}))
        self._sql.register("cells", cells.select(["cell_id"]))
        self._sql.register("register", _register(register))
        closed = {
            "event_types": list(definitions.EVENT_TYPES),
            "age_bands": list(definitions.AGE_BANDS),
            "spc": list(definitions.SPC),
            "excluded_lines": list(excluded_lines),
        }
        self._run(definitions.JUDGED + definitions.ACCEPTED, **closed)

    def accounting(self) -> pa.Table:
        """Input rows by outcome (rows in, rejected, duplicate, accepted) and reason."""
        return self._sql.sql(definitions.ACCOUNTING).to_arrow_table()

    def to_draw(self, day: Day) -> pa.Table:
        """The (device, cell_id) pairs of a day for which `count` wants a hexagon, in their order."""
        pairs = f"SELECT DISTINCT device, cell_id FROM accepted WHERE {OF_THE_DAY} ORDER BY ALL"
        return self._sql.sql(pairs, params=_bounds(day)).to_arrow_table()

    def count(
        self, day: Day, hexagons: pa.Table, zones: pa.Table, domestic_mcc: Sequence[int] = (208,)
    ) -> dict[str, pa.Table]:
        """The exact counts of a privacy day, by indicator.

        `hexagons` (device, cell_id, hexagon) has a row for each pair of `to_draw`; `zones` (hexagon, zone_id)
        has one row for each zone that holds the hexagon, innermost and ancestors. ValueError where a pair has
        no hexagon or more than one.
        """
        self._sql.register("hexagons", hexagons)
        self._sql.register("zones", zones)
        self._sql.register("slots", day.slots)
        self._sql.register("hours", day.hours)
        self._run(definitions.SIGHTINGS, **_bounds(day))
        self._check_draw(day)
        self._run(definitions.STAYS, domestic_mcc=list(domestic_mcc), **_bounds(day))
        self._run(definitions.DEVICES + definitions.WHEREABOUTS + definitions.HALF_HOURS + definitions.ATTENDANCE)
        return {name: self._sql.sql(query).to_arrow_table() for name, query in definitions.ANSWERS.items()}

    def stays(self) -> pa.Table:
        """The stays of the day last counted, by device and sequence (from 0); device is a text."""
        return self._sql.sql("""
            SELECT name AS device, sequence, hexagon, make_timestamptz(start_us) AS start,
                   make_timestamptz(left_us) AS "left", make_timestamptz(held_us) AS held, linked
            FROM stays ORDER BY device, sequence""").to_arrow_table()

    def visits(self) -> pa.Table:
        """The visits of the day last counted, of any length: device text, zone_id, dwell_us, age_band, spc."""
        return self._sql.sql("""
            SELECT name AS device, zone_id, dwell_us, age_band, spc
            FROM visits JOIN devices USING (device) ORDER BY ALL""").to_arrow_table()

    def _check_draw(self, day: Day) -> None:
        accepted = f"SELECT count(*) FROM accepted WHERE {OF_THE_DAY}"
        [(wanted,)] = self._sql.sql(accepted, params=_bounds(day)).fetchall()
        [(found, drawn)] = self._sql.sql("SELECT count(*), count(hexagon) FROM sightings").fetchall()
        if not found == drawn == wanted:
            raise ValueError(f"{wanted} events need one hexagon each: {found} rows, {drawn} with a hexagon")

    def _run(self, script: str, **values: object) -> None:
        for statement in (part for part in script.split(";") if part.strip()):
            used = {name: value for name, value in values.items() if f"${name}" in statement}
            self._sql.execute(statement, used)


def _bounds(day: Day) -> dict[str, int]:
    return {"day_starts": microseconds(day.starts), "day_ends": microseconds(day.ends)}


def _with(table: pa.Table, columns: dict[str, pa.DataType]) -> pa.Table:
    for name, kind in columns.items():
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(table.num_rows, kind))
    return table


def _register(register: pa.Table | None) -> pa.Table:
    if register is None:
        return pa.schema(list(REGISTER_COLUMNS.items())).empty_table()
    if len(register["subscriber_id"].unique()) != register.num_rows:
        raise ValueError("the register has several rows for one subscriber")
    return _with(register, REGISTER_COLUMNS).select(list(REGISTER_COLUMNS))
