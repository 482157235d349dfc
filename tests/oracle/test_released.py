"""What is released, with rounding off, against the SQL oracle: every printed figure is the sum that it says it is."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import h3.api.numpy_int as h3
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.configuration import load
from schemas.configuration import PolicySettings, Test
from schemas.indicators import INDICATORS
from schemas.vocabulary import TERRITORY
from tests.oracle import definitions
from tests.oracle.chain import Asked, Chain, run_chain
from tests.oracle.edges import Day
from tests.oracle.generate import Generated, generate
from tests.oracle.movements import recounted
from tests.oracle.oracle import DEPARTEMENT_CODES, Answers

K = 5
BASE = 9
AUTUMN = date(2026, 10, 24)
"""A privacy day of 25 hours."""

SPLITS = {
    "presence_by_age": "age_band",
    "presence_by_spc": "spc",
    "attendance_by_age": "age_band",
    "attendance_by_spc": "spc",
    "attendance_by_category": "visitor_category",
    "attendance_by_origin": "origin",
    "dwell": "dwell_band",
}
OF_PRESENCE = [name for name in SPLITS if name.startswith("presence")]
OF_ATTENDANCE = [name for name in SPLITS if not name.startswith("presence")]

# What a row of a split says of classes: those that it names. Foreign devices are the class `foreign` where a row of the
# part has it, else they are `unknown`; `all` names every class. Some devices stand for people: in tens.
CLASSES = """
CREATE MACRO holds(list, name) AS list_contains(string_split(list, '|'), name);
CREATE MACRO names(value, class, apart) AS
    value = 'all' OR holds(value, CASE WHEN class = 'foreign' AND NOT apart THEN 'unknown' ELSE class END);
CREATE MACRO people_of(devices, weight) AS round_even(devices * (weight / devices / 1000) / 10, 0) * 10;
"""


class Published:
    """One privacy day of a release beside what the oracle counts on it, in one database.

    Tables: `<indicator>` as released, with a number `row` and `part` (the text of its cells); `covered` (part,
    hexagon); `exact_<indicator>`; `visits`, `devices`, `trips`, `crossings` and `nesting` of the oracle; `attended`,
    the devices of the released parts of the day, which are their `zone_id`; `slots` and `hours` with their edges.
    """

    def __init__(self, chain: Chain, lot: Generated, answers: Answers, day: date) -> None:
        self.sql = duckdb.connect()
        self.chain, self.day, self.answers = chain, day, answers
        for name, table in {"departements": DEPARTEMENT_CODES, "nesting": lot.nesting}.items():
            self.sql.register(name, table)
        self.sql.execute(definitions.MACROS + CLASSES)
        hexagons, edges = chain.inputs.footprint.hexagons, chain.day(day)
        released = {name: _released(chain, name, day) for name in INDICATORS}
        tables = released | {f"exact_{name}": answers[name] for name in definitions.ANSWERS}
        tables |= {name: answers[name] for name in ("devices", "visits", "trips", "crossings")}
        tables |= {"covered": _covered(released.values(), hexagons), "slots": edges.slots, "hours": _hours(edges)}
        for name, table in tables.items():
            self.sql.register(name, table)
        self.sql.execute("""
            CREATE TABLE part_zones AS
            SELECT zone_id AS part, unnest(string_split(zone_id, '|')) AS zone_id FROM attendance""")
        for statement in definitions.ATTENDED.split(";"):
            self.sql.execute(statement)

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """The rows of an answer."""
        return self.sql.sql(query).fetchall()

    def count(self, query: str) -> int:
        """The number of rows of an answer."""
        return len(self.ask(query))


def _released(chain: Chain, name: str, day: date) -> pa.Table:
    path = chain.configuration.release.directory / name / f"date={day.isoformat()}" / "part-0.parquet"
    table = pq.read_table(path, partitioning=None) if path.exists() else INDICATORS[name].table.empty()
    part = pa.array([" ".join(map(str, cells)) for cells in table["cells"].to_pylist()], pa.string())
    return table.append_column("part", part).append_column("row", pa.array(range(table.num_rows), pa.int64()))


def _covered(tables: Iterable[pa.Table], hexagons: np.ndarray) -> pa.Table:
    """The reachable hexagons that each part covers, as rows of the footprint; parts are of mixed resolutions."""
    parts = sorted({part for table in tables for part in table["part"].to_pylist()})
    inside = [np.sort(h3.uncompact_cells([int(cell) for cell in part.split()], BASE)) for part in parts]
    assert all((np.diff(cells) > 0).all() for cells in inside), "a part names a cell twice"
    rows = [np.flatnonzero(np.isin(hexagons, cells)) for cells in inside]
    part = np.repeat(np.arange(len(parts)), np.array([len(row) for row in rows], np.int64))
    hexagon = np.concatenate([np.zeros(0, np.int64), *rows])
    return pa.table({"part": pa.array(parts, pa.string()).take(pa.array(part)), "hexagon": hexagon})


def _hours(edges: Day) -> pa.Table:
    """The hours with the start of the slot that stands for each."""
    halves = duckdb.from_arrow(edges.hours).project("hour, clock, starts, ends, starts + INTERVAL 30 MINUTE AS half")
    slots = duckdb.from_arrow(edges.slots).project("slot, starts AS slot_starts, ends AS slot_ends")
    return halves.join(slots, "slot_starts <= half AND half < slot_ends").to_arrow_table()


def _published(directory: Path, devices: int, events: int, style: str, days: int = 1) -> list[Published]:
    lot = generate(directory, devices, events, days, AUTUMN, 11, style, cells=90)
    configuration = load(lot.config)
    test = replace(configuration.test or Test(), allow_small_k=True)
    policy = PolicySettings(k=K, rounding=0)
    chain = run_chain(lot, given=replace(configuration, policy=policy, test=test))
    asked = Asked(lot, chain)
    return [Published(chain, lot, asked.answers(day), day) for day in lot.days]


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> list[Published]:
    return _published(tmp_path_factory.mktemp("crowded"), 2500, 40_000, "mixed", days=2)


@pytest.fixture(scope="module")
def days(crowded: list[Published], tmp_path_factory: pytest.TempPathFactory) -> list[Published]:
    """Days with many people; a day with slots that hold fewer than k, one with a layer that does, one of one device."""
    lots = [(12, 600, "dense"), (14, 14, "sparse"), (1, 20, "dense")]
    folders = [tmp_path_factory.mktemp("empty") for _ in lots]
    few = [day for folder, lot in zip(folders, lots, strict=True) for day in _published(folder, *lot)]
    return [*crowded, *few]


def test_the_days_have_parts_of_every_kind(crowded: list[Published], days: list[Published]) -> None:
    whole = sum(day.count(f"FROM presence WHERE zone_id = '{TERRITORY}'") for day in days)
    assert whole > 20
    assert [day.count("FROM presence") > 0 for day in days] == [True, True, True, True, False]
    assert [day.count("FROM attendance") > 0 for day in days] == [True, True, True, True, False]
    venues = "FROM attendance WHERE regexp_matches(zone_id, 'stadium|kiosk|hospital')"
    assert [day.count(venues) > 0 for day in days] == [True, True, False, False, False]
    for day in crowded:
        assert day.count("FROM presence WHERE len(cells) = 1") > 20
        assert day.count("SELECT DISTINCT h FROM (SELECT unnest(cells) >> 52 & 15 AS h FROM presence)") >= 2
    for name, attribute in SPLITS.items():
        merged = [day.count(f"FROM {name} WHERE contains({attribute}, '|')") for day in crowded]
        assert 1 < sum(merged) < sum(day.count(f"FROM {name}") for day in crowded)
    for name in ("presence_by_age", "presence_by_spc"):
        for value in ("all", "foreign", "unknown"):
            assert all(day.count(f"FROM {name} WHERE {SPLITS[name]} = '{value}'") > 10 for day in crowded)


@pytest.mark.parametrize("name", INDICATORS)
def test_no_row_holds_fewer_than_k_devices(days: list[Published], name: str) -> None:
    for day in days:
        assert day.ask(f"FROM {name} WHERE devices < {K}") == []


def test_every_row_of_presence_is_the_sum_over_the_hexagons_that_its_cells_cover(days: list[Published]) -> None:
    for day in days:
        assert (
            day.ask("""
            WITH exact AS (
                SELECT row, coalesce(sum(e.devices), 0) AS devices, people_of(sum(e.devices), sum(e.weight)) AS people
                FROM presence p JOIN slots s ON s.starts = window_start AND s.ends = window_end
                JOIN covered USING (part) LEFT JOIN exact_presence e USING (slot, hexagon)
                GROUP BY row
            )
            FROM presence r FULL JOIN exact e USING (row)
            WHERE (r.devices, r.people) IS DISTINCT FROM (e.devices, e.people)
        """)
            == []
        )


def test_the_rows_of_presence_are_disjoint_and_sum_to_the_whole_or_to_nothing_below_k(days: list[Published]) -> None:
    below = 0
    for day in days:
        assert (
            day.ask("""
            SELECT window_start, hexagon FROM presence JOIN covered USING (part)
            GROUP BY ALL HAVING count(*) > 1
        """)
            == []
        )
        assert (
            day.ask(f"""
            WITH exact AS (SELECT slot, sum(devices)::BIGINT AS devices FROM exact_presence GROUP BY slot),
            released AS (SELECT window_start AS starts, sum(devices)::BIGINT AS devices FROM presence GROUP BY ALL)
            SELECT slot, exact.devices, released.devices
            FROM slots FULL JOIN exact USING (slot) FULL JOIN released USING (starts)
            WHERE released.devices IS DISTINCT FROM CASE WHEN exact.devices >= {K} THEN exact.devices END
        """)
            == []
        )
        below += day.count(f"SELECT slot FROM exact_presence GROUP BY slot HAVING sum(devices) < {K}")
    assert below > 10


@pytest.mark.parametrize("name", OF_PRESENCE)
def test_every_row_of_a_split_of_presence_is_the_sum_over_its_cells_and_classes(
    days: list[Published], name: str
) -> None:
    value = SPLITS[name]
    for day in days:
        assert (
            day.ask(f"""
            WITH rows_of AS (
                SELECT row, part, slot, {value} AS value,
                       bool_or({value} = 'foreign') OVER (PARTITION BY part, window_start) AS apart
                FROM {name} p JOIN hours h ON h.starts = window_start AND h.ends = window_end
            ), exact AS (
                SELECT row, sum(e.devices) AS devices, people_of(sum(e.devices), sum(e.weight)) AS people
                FROM rows_of JOIN covered USING (part)
                JOIN exact_{name} e USING (slot, hexagon) WHERE names(value, e.{value}, apart) GROUP BY row
            )
            FROM {name} r FULL JOIN exact e USING (row)
            WHERE (r.devices, r.people) IS DISTINCT FROM (e.devices, e.people)
        """)
            == []
        )


@pytest.mark.parametrize("name", OF_PRESENCE)
def test_the_rows_of_a_split_of_presence_sum_to_the_parts_of_the_half_hour(days: list[Published], name: str) -> None:
    for day in days:
        assert (
            day.ask(f"""
            WITH split AS (
                SELECT slot_starts AS window_start, part, sum(devices)::BIGINT AS devices
                FROM {name} JOIN hours ON starts = window_start GROUP BY ALL
            ), plain AS (SELECT p.* FROM presence p SEMI JOIN hours ON slot_starts = window_start)
            FROM split FULL JOIN plain USING (window_start, part)
            WHERE split.devices IS DISTINCT FROM plain.devices
        """)
            == []
        )


def test_every_row_of_attendance_is_the_distinct_devices_of_its_zones(days: list[Published]) -> None:
    for day in days:
        assert (
            day.ask("""
            WITH exact AS (
                SELECT part AS zone_id, count(*) AS devices, people_of(count(*), sum(weight)) AS people
                FROM attended GROUP BY part
            )
            FROM attendance a FULL JOIN exact e USING (zone_id)
            WHERE (a.devices, a.people) IS DISTINCT FROM (e.devices, e.people)
        """)
            == []
        )
        assert (
            day.ask("""
            SELECT zone FROM (SELECT unnest(string_split(zone_id, '|')) AS zone FROM attendance)
            GROUP BY zone HAVING count(*) > 1
        """)
            == []
        )


@pytest.mark.parametrize("name", [*OF_ATTENDANCE, "dwell_by_arrival", "nights"])
def test_every_row_of_a_split_of_attendance_is_the_devices_of_its_zones_and_classes(
    days: list[Published], name: str
) -> None:
    holds = {
        "dwell_by_arrival": "holds(r.dwell_band, d.dwell_band) AND holds(r.arrival_hour, d.arrival_hour)",
        "nights": "holds(r.visitor_category, d.visitor_category) AND d.night",
    }.get(name) or f"names(r.{SPLITS[name]}, d.{SPLITS[name]}, apart)"
    apart = f"bool_or({SPLITS[name]} = 'foreign') OVER (PARTITION BY zone_id)" if name in SPLITS else "NULL"
    for day in days:
        assert (
            day.ask(f"""
            WITH rows_of AS (
                SELECT *, {apart} AS apart FROM {name}
            ), exact AS (
                SELECT row, count(*) AS devices, people_of(count(*), sum(weight)) AS people
                FROM rows_of r JOIN attended d ON d.part = r.zone_id WHERE {holds} GROUP BY row
            )
            FROM {name} r FULL JOIN exact e USING (row)
            WHERE (r.devices, r.people) IS DISTINCT FROM (e.devices, e.people)
        """)
            == []
        )


@pytest.mark.parametrize("name", [*OF_ATTENDANCE, "dwell_by_arrival"])
def test_the_rows_of_a_split_of_attendance_sum_to_it_but_for_sensitive_zones(days: list[Published], name: str) -> None:
    for day in days:
        assert (
            day.ask(f"""
            WITH split AS (SELECT zone_id, part, sum(devices)::BIGINT AS devices FROM {name} GROUP BY ALL),
                 plain AS (FROM attendance WHERE NOT holds(zone_id, 'hospital'))
            FROM split FULL JOIN plain USING (zone_id, part) WHERE split.devices IS DISTINCT FROM plain.devices
        """)
            == []
        )


def test_the_rows_by_arrival_sum_to_those_of_the_dwell_that_they_split(days: list[Published]) -> None:
    for day in days:
        assert (
            day.ask("""
            WITH split AS (
                SELECT zone_id, dwell_band, sum(devices)::BIGINT AS devices FROM dwell_by_arrival GROUP BY ALL
            )
            FROM split FULL JOIN dwell USING (zone_id, dwell_band) WHERE split.devices IS DISTINCT FROM dwell.devices
        """)
            == []
        )


def test_a_night_is_printed_where_it_splits_a_category_into_nobody_and_at_least_k(days: list[Published]) -> None:
    for day in days:
        assert (
            day.ask(f"""
            WITH exact AS (
                SELECT zone_id, r.visitor_category, count(*) FILTER (night) AS nights,
                       count(*) FILTER (NOT night) AS others
                FROM attendance_by_category r JOIN attended d ON d.part = zone_id
                WHERE holds(r.visitor_category, d.visitor_category) GROUP BY ALL
            ), printed AS (FROM exact WHERE nights >= {K} AND (others >= {K} OR others = 0))
            FROM nights n FULL JOIN printed USING (zone_id, visitor_category)
            WHERE n.devices IS DISTINCT FROM printed.nights
        """)
            == []
        )


# Trips between the parts of a layer, which are all but those with a sensitive zone.
MOVES = """
WITH part_of AS (SELECT zone_id, part FROM part_zones WHERE NOT holds(part, 'hospital')),
moves AS (
    SELECT hour, device, a.part AS origin, b.part AS destination
    FROM trips JOIN part_of a ON a.zone_id = from_zone JOIN part_of b ON b.zone_id = to_zone WHERE a.part <> b.part
)
"""


def test_every_row_of_flows_is_the_distinct_devices_that_go_from_its_zones_to_its_zones(days: list[Published]) -> None:
    for day in days:
        assert (
            day.ask(f"""
            {MOVES}, movers AS (
                SELECT DISTINCT row, device FROM flows r JOIN hours h ON starts = window_start AND ends = window_end
                JOIN moves m ON m.hour = h.hour AND holds(r.zone_id, split_part(origin, '|', 1))
                     AND (destination_zone_id = 'all' OR holds(destination_zone_id, split_part(destination, '|', 1)))
            ), exact AS (
                SELECT row, count(*) AS devices, people_of(count(*), sum(weight)) AS people
                FROM movers JOIN devices USING (device) GROUP BY row
            )
            FROM flows r FULL JOIN exact e USING (row)
            WHERE (r.devices, r.people) IS DISTINCT FROM (e.devices, e.people) OR origin_zone_id <> zone_id
        """)
            == []
        )
    assert sum(day.count("FROM flows WHERE destination_zone_id = 'all'") for day in days) > 10
    assert sum(day.count("FROM flows WHERE destination_zone_id <> 'all'") for day in days) > 10


def test_every_row_of_transit_is_the_distinct_devices_that_cross_its_zones(days: list[Published]) -> None:
    for day in days:
        assert (
            day.ask("""
            WITH crossers AS (
                SELECT DISTINCT row, device FROM transit r JOIN hours h ON starts = window_start AND ends = window_end
                JOIN crossings c ON c.hour = h.hour AND holds(r.zone_id, c.zone_id)
            ), exact AS (
                SELECT row, count(*) AS devices, people_of(count(*), sum(weight)) AS people
                FROM crossers JOIN devices USING (device) GROUP BY row
            )
            FROM transit r FULL JOIN exact e USING (row)
            WHERE (r.devices, r.people) IS DISTINCT FROM (e.devices, e.people)
        """)
            == []
        )
    assert sum(day.count("FROM transit") for day in days) > 10


def test_flows_and_transit_are_the_partition_of_what_the_oracle_counts(days: list[Published]) -> None:
    for day in days:
        again = recounted(day.chain, day.day, day.answers, day.sql.table("dwell_by_arrival").to_arrow_table())
        for name in ("flows", "transit"):
            released = day.sql.sql(f"SELECT * EXCLUDE (part, row) FROM {name} ORDER BY row").to_arrow_table()
            assert again[name].to_pylist() == released.to_pylist()
