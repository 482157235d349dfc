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
from tests.oracle.chain import Answers, Asked, Chain, run_chain
from tests.oracle.edges import Day
from tests.oracle.generate import generate

K = 5
BASE = 9
AUTUMN = date(2026, 10, 24)
"""A privacy day of 25 hours."""

SPLITS = {
    "presence_by_age": "age_band",
    "presence_by_spc": "spc",
    "attendance_by_age": "age_band",
    "attendance_by_spc": "spc",
    "dwell": "dwell_band",
}

# What a row of a split says of classes: those that it names. Foreign devices are the class `foreign` where a row of the
# part has it, else they are `unknown`; `all` names every class.
CLASSES = """
CREATE MACRO names(value, class, apart) AS
    value = 'all' OR list_contains(string_split(value, '|'), CASE WHEN class = 'foreign' AND NOT apart THEN 'unknown'
                                                                  ELSE class END);
"""


class Published:
    """One privacy day of a release beside what the oracle counts on it, in one database.

    Tables: `<indicator>` as released, with a number `row` and `part` (the text of its cells); `covered` (part,
    hexagon); `exact_<indicator>` and `exact_visits`; `slots` and `hours` with their edges.
    """

    def __init__(self, chain: Chain, answers: Answers, day: date) -> None:
        self.sql = duckdb.connect()
        self.sql.execute(definitions.MACROS + CLASSES)
        hexagons, edges = chain.inputs.footprint.hexagons, chain.day(day)
        released = {name: _released(chain, name, day) for name in definitions.ANSWERS}
        tables = released | {f"exact_{name}": table for name, table in answers.items()}
        tables |= {"covered": _covered(released.values(), hexagons), "slots": edges.slots, "hours": _hours(edges)}
        for name, table in tables.items():
            self.sql.register(name, table)

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
    halves = duckdb.from_arrow(edges.hours).project("starts, ends, starts + INTERVAL 30 MINUTE AS half")
    slots = duckdb.from_arrow(edges.slots).project("slot, starts AS slot_starts, ends AS slot_ends")
    return halves.join(slots, "slot_starts <= half AND half < slot_ends").to_arrow_table()


def _published(directory: Path, devices: int, events: int, style: str, days: int = 1) -> list[Published]:
    lot = generate(directory, devices, events, days, AUTUMN, 11, style, cells=90)
    configuration = load(lot.config)
    test = replace(configuration.test or Test(), allow_small_k=True)
    policy = PolicySettings(k=K, rounding=0)
    chain = run_chain(lot, given=replace(configuration, policy=policy, test=test))
    asked = Asked(lot, chain)
    return [Published(chain, asked.answers(day), day) for day in lot.days]


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> list[Published]:
    return _published(tmp_path_factory.mktemp("crowded"), 2500, 40_000, "mixed", days=2)


@pytest.fixture(scope="module")
def days(crowded: list[Published], tmp_path_factory: pytest.TempPathFactory) -> list[Published]:
    """Days with many people; a day with slots that hold fewer than k, one with zones that all do, one of one device."""
    lots = [(12, 600, "dense"), (60, 120, "sparse"), (1, 20, "dense")]
    folders = [tmp_path_factory.mktemp("empty") for _ in lots]
    few = [day for folder, lot in zip(folders, lots, strict=True) for day in _published(folder, *lot)]
    return [*crowded, *few]


def test_the_days_have_parts_of_every_kind(crowded: list[Published], days: list[Published]) -> None:
    whole = sum(day.count(f"FROM presence WHERE zone_id = '{TERRITORY}'") for day in days)
    assert whole > 20
    assert [day.count("FROM presence") > 0 for day in days] == [True, True, True, True, False]
    assert [day.count("FROM attendance") > 0 for day in days] == [True, True, True, False, False]
    for day in crowded:
        assert day.count("FROM presence WHERE len(cells) = 1") > 20
        assert day.count("SELECT DISTINCT h FROM (SELECT unnest(cells) >> 52 & 15 AS h FROM presence)") >= 2
    for name, attribute in SPLITS.items():
        merged = [day.count(f"FROM {name} WHERE contains({attribute}, '|')") for day in crowded]
        assert 1 < sum(merged) < sum(day.count(f"FROM {name}") for day in crowded)
    for name in ("presence_by_age", "presence_by_spc"):
        for value in ("all", "foreign", "unknown"):
            assert all(day.count(f"FROM {name} WHERE {SPLITS[name]} = '{value}'") > 10 for day in crowded)


@pytest.mark.parametrize("name", definitions.ANSWERS)
def test_no_row_holds_fewer_than_k_devices(days: list[Published], name: str) -> None:
    for day in days:
        assert day.ask(f"FROM {name} WHERE devices < {K}") == []


def test_every_row_of_presence_is_the_sum_over_the_hexagons_that_its_cells_cover(days: list[Published]) -> None:
    for day in days:
        assert (
            day.ask("""
            WITH exact AS (
                SELECT row, coalesce(sum(e.devices), 0) AS devices
                FROM presence p JOIN slots s ON s.starts = window_start AND s.ends = window_end
                JOIN covered USING (part) LEFT JOIN exact_presence e USING (slot, hexagon)
                GROUP BY row
            )
            FROM presence FULL JOIN exact USING (row) WHERE presence.devices IS DISTINCT FROM exact.devices
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


@pytest.mark.parametrize("name", ["presence_by_age", "presence_by_spc"])
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
                SELECT row, sum(e.devices) AS devices FROM rows_of JOIN covered USING (part)
                JOIN exact_{name} e USING (slot, hexagon) WHERE names(value, e.{value}, apart) GROUP BY row
            )
            FROM {name} r FULL JOIN exact USING (row) WHERE r.devices IS DISTINCT FROM exact.devices
        """)
            == []
        )


@pytest.mark.parametrize("name", ["presence_by_age", "presence_by_spc"])
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
                SELECT row, count(DISTINCT device) AS devices
                FROM attendance a JOIN exact_visits v ON list_contains(string_split(a.zone_id, '|'), v.zone_id)
                GROUP BY row
            )
            FROM attendance FULL JOIN exact USING (row) WHERE attendance.devices IS DISTINCT FROM exact.devices
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


@pytest.mark.parametrize("name", ["attendance_by_age", "attendance_by_spc", "dwell"])
def test_every_row_of_a_split_of_attendance_is_the_devices_of_its_zones_and_classes(
    days: list[Published], name: str
) -> None:
    value = SPLITS[name]
    for day in days:
        assert (
            day.ask(f"""
            WITH rows_of AS (
                SELECT *, bool_or({value} = 'foreign') OVER (PARTITION BY zone_id) AS apart FROM {name}
            ), zones_of AS (SELECT DISTINCT zone_id FROM {name}),
            devices_of AS (
                SELECT z.zone_id, device, any_value(age_band) AS age_band, any_value(spc) AS spc,
                       dwell_band_of(sum(dwell_us)) AS dwell_band
                FROM zones_of z JOIN exact_visits v ON list_contains(string_split(z.zone_id, '|'), v.zone_id)
                GROUP BY ALL
            ), exact AS (
                SELECT row, count(*) AS devices FROM rows_of r JOIN devices_of d USING (zone_id)
                WHERE names(r.{value}, d.{value}, apart) GROUP BY row
            )
            FROM {name} r FULL JOIN exact USING (row) WHERE r.devices IS DISTINCT FROM exact.devices
        """)
            == []
        )


@pytest.mark.parametrize("name", ["attendance_by_age", "attendance_by_spc", "dwell"])
def test_the_rows_of_a_split_of_attendance_sum_to_it_but_for_sensitive_zones(days: list[Published], name: str) -> None:
    for day in days:
        assert (
            day.ask(f"""
            WITH split AS (SELECT zone_id, part, sum(devices)::BIGINT AS devices FROM {name} GROUP BY ALL),
                 plain AS (FROM attendance WHERE NOT list_contains(string_split(zone_id, '|'), 'hospital'))
            FROM split FULL JOIN plain USING (zone_id, part) WHERE split.devices IS DISTINCT FROM plain.devices
        """)
            == []
        )
