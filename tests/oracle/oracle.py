"""The exact counts by SQL alone, straight from the definitions: what the kernels must agree with."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import duckdb
import pyarrow as pa

from schemas.countries import COUNTRY_OF_MCC, DEPARTEMENTS
from tests.oracle import definitions
from tests.oracle.edges import Day, microseconds

REGISTER_COLUMNS = {
    "subscriber_id": pa.string(),
    "holder": pa.string(),
    "age_band": pa.string(),
    "spc": pa.string(),
    "home_zone": pa.string(),
    "line_type": pa.string(),
    "opted_out": pa.bool_(),
}
DEPARTEMENT_CODES = pa.table({"code": list(DEPARTEMENTS)})
COUNTRIES = pa.table({"mcc": list(COUNTRY_OF_MCC), "country": list(COUNTRY_OF_MCC.values())})

TABLES = {
    "devices": """
        SELECT name AS device, is_foreign, age_band, spc, origin, weight FROM devices ORDER BY device""",
    "visits": """
        SELECT name AS device, zone_id, dwell_us, arrival, night, signals, age_band, spc
        FROM visits JOIN devices USING (device) ORDER BY ALL""",
    "trips": """
        SELECT name AS device, hour, from_zone, to_zone, age_band, spc
        FROM trips JOIN devices USING (device) ORDER BY ALL""",
    "crossings": """
        SELECT name AS device, hour, zone_id, age_band, spc
        FROM crossings JOIN devices USING (device) ORDER BY ALL""",
}
"""Rows about devices, which are texts."""

Answers = dict[str, pa.Table]
"""Tables by the names of `ANSWERS` and `TABLES`."""


@dataclass(frozen=True)
class Given:
    """What the oracle does not work out by itself.

    `hexagons` (device, cell_id, hexagon): a row for each pair of `to_draw`. `sites` (place, hexagon): a row for each
    place of `to_locate`. `zones` (hexagon, zone_id): a row for each zone around the hexagon. `nesting` (zone_id, layer,
    within): a row for each zone and each one around it, itself included. `domestic_weights` (home_zone or null,
    age_band, weight) and `foreign_weights` (mcc, weight): thousandths of people.
    """

    hexagons: pa.Table
    sites: pa.Table
    zones: pa.Table
    nesting: pa.Table
    domestic_weights: pa.Table
    foreign_weights: pa.Table


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
        self._sql.register("events", _with(events, {"event_type": pa.string(), "home_mcc": pa.int32()}))
        self._sql.register("cells", cells.select(["cell_id"]))
        self._sql.register("register", _register(register))
        departements, countries = list(DEPARTEMENTS), list(COUNTRY_OF_MCC.items())
        self._sql.register("departements", pa.table({"code": departements}))
        self._sql.register(
            "countries", pa.table({"mcc": [c for c, _ in countries], "country": [c for _, c in countries]})
        )
        self._sql.execute(definitions.MACROS)
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

    def open_day(self, day: Day, domestic_mcc: Sequence[int] = (208,)) -> None:
        """Make the stays of a privacy day; what follows is about it."""
        self._day = day
        self._sql.register("slots", day.slots)
        self._sql.register("hours", day.hours)
        self._run(definitions.SIGHTINGS + definitions.STAYS, domestic_mcc=list(domestic_mcc), **_bounds(day))

    def to_draw(self) -> pa.Table:
        """The (device, cell_id) pairs of the day for which `count` wants a hexagon, with the device's home_zone."""
        return self.ask("SELECT DISTINCT name AS device, cell_id, home_zone FROM stays ORDER BY ALL")

    def to_place(self) -> pa.Table:
        """The stays of the day for which `place` wants a place, by device and sequence (from 0)."""
        return self.ask("""
            SELECT name AS device, sequence, cell_id, signals, home_zone FROM stays ORDER BY device, sequence""")

    def place(self, places: pa.Table) -> None:
        """Take the place of each stay of `to_place`: (device, sequence, place); a place is of one device only."""
        self._check(places, ["device", "sequence"], self.to_place())
        self._sql.register("places", places)
        self._run(definitions.LOCATED, **_bounds(self._day))

    def to_locate(self) -> pa.Table:
        """The places for which `count` wants a hexagon, and whether the device spends the night there."""
        return self.ask("SELECT place, device, home_zone, asleep FROM places_of_devices ORDER BY place")

    def count(self, given: Given) -> Answers:
        """The exact counts of the day by indicator, and the tables behind them: `TABLES`.

        ValueError where what is given does not fit: pairs and places need one row each, stays one weight each.
        """
        self._check(given.hexagons, ["device", "cell_id"], self.to_draw())
        self._check(given.sites, ["place"], self.to_locate())
        for field in fields(given):
            self._sql.register(field.name, getattr(given, field.name))
        self._run(definitions.WEIGHED, **_bounds(self._day))
        self._check_weights()
        presence = definitions.DEVICES + definitions.WHEREABOUTS + definitions.RAISED + definitions.HALF_HOURS
        days = definitions.VISITS + definitions.TRIPS + definitions.CROSSINGS
        self._run(presence + days + definitions.EACH_ZONE + definitions.ATTENDED, **_bounds(self._day))
        return {name: self.ask(query) for name, query in (definitions.ANSWERS | TABLES).items()}

    def count_parts(self, part_zones: pa.Table) -> Answers:
        """The exact counts of attendance of parts, which are `zone_id` there: `part_zones` (part, zone_id)."""
        self._sql.register("given_parts", part_zones)
        self._run("CREATE OR REPLACE TABLE part_zones AS FROM given_parts;" + definitions.ATTENDED)
        return {name: self.ask(definitions.ANSWERS[name]) for name in definitions.OF_PARTS}

    def stays(self) -> pa.Table:
        """The stays of the day, by device and sequence (from 0); device is a text."""
        return self.ask("""
            SELECT name AS device, sequence, cell_id, make_timestamptz(start_us) AS start,
                   make_timestamptz(last_us) AS "last", make_timestamptz(begin_us) AS "begin",
                   make_timestamptz(end_us) AS "end", signals
            FROM stays ORDER BY device, sequence""")

    def ask(self, query: str) -> pa.Table:
        """Any other question about the tables of the day."""
        return self._sql.sql(query).to_arrow_table()

    def _check(self, given: pa.Table, keys: list[str], wanted: pa.Table) -> None:
        order = [(name, "ascending") for name in keys]
        wanted = wanted.select(keys).sort_by(order)
        if not given.select(keys).cast(wanted.schema).sort_by(order).equals(wanted):
            raise ValueError(f"{wanted.num_rows} rows by {', '.join(keys)} are wanted, one each: got others")

    def _check_weights(self) -> None:
        [(stays, weighed, weights)] = self._sql.sql(
            "SELECT (SELECT count(*) FROM stays), count(*), count(weight) FROM weighed"
        ).fetchall()
        if not stays == weighed == weights:
            raise ValueError(f"weights: {stays} stays need one weight each: {weighed} rows, {weights} with a weight")

    def _run(self, script: str, **values: object) -> None:
        for statement in (part for part in script.split(";") if part.strip()):
            used = {name: value for name, value in values.items() if f"${name}" in statement}
            self._sql.execute(statement, used)


def _bounds(day: Day) -> dict[str, int]:
    instants = {
        "day_starts": day.starts,
        "day_ends": day.ends,
        "night_starts": day.night[0],
        "night_ends": day.night[1],
    }
    return {name: microseconds(instant) for name, instant in instants.items()}


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
