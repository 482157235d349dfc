"""What was heard: counted in NumPy as in SQL, however the events are cut into steps and shards."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.arrays import column
from pipelines.fold import advance, between
from pipelines.quality.heard import BIN, cell_hours, device_grid, heard, heard_grid, merged_heard
from pipelines.shards import split
from schemas.tables import HEARD, OPEN_STAY, PROBE, STAY
from tests.pipelines.made import HOUR, MINUTE, at, filled, made
from tests.pipelines.test_fold import EDGES, hexagon_of_cell, stands_for, step
from tests.tables import rows

START = int(EDGES[0])
IDENTIFIER = np.array([0, 1, 1, 2], np.int32)
"""The second cell has two rows in the plan."""

seen = st.tuples(st.integers(1, 4), st.integers(0, 8 * 60 - 1), st.integers(0, 3))
"""A device, a minute of eight hours, a cell."""


def probe(events: list[tuple[int, int, int]]) -> pa.Table:
    device, minute, cell = np.array(sorted(events, key=lambda each: each[1]), np.int64).reshape(-1, 3).T
    time = pa.array(START + minute * MINUTE).view(pa.timestamp("us", "UTC"))
    # Pseudonyms fill 64 bits, and their upper ones tell the shard.
    return filled(
        PROBE, pa.table({"device": device.astype(np.uint64) << np.uint64(61), "event_time": time, "cell": cell})
    )


def folded(events: pa.Table, watermarks: list[int], shards: int = 1) -> list[tuple]:
    """The HEARD rows of all steps and shards."""
    found = []
    for some in split(events, shards):
        open_stays, before, measured = OPEN_STAY.empty(), START, 0
        for watermark in [*sorted(watermarks), int(EDGES[-1])]:
            now = step(watermark, measured, last=watermark == EDGES[-1])
            moved = advance(open_stays, between(some, before, watermark), now, hexagon_of_cell, stands_for)
            open_stays, before, measured = moved.open_stays, watermark, max(now.due, measured)
            found.append(moved.heard)
    return rows(merged_heard(found))


def in_sql(events: pa.Table) -> list[tuple]:
    """Different events by cell and five minutes."""
    distinct = events.select(["device", "event_time", "cell", "event_type", "line"])
    sql = f"""
        SELECT cell, (epoch_us(event_time) - {START}) // {BIN} AS bin, count(*)
        FROM (SELECT DISTINCT * FROM distinct_) GROUP BY ALL ORDER BY ALL
    """
    return duckdb.connect().register("distinct_", distinct).sql(sql).fetchall()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(seen, max_size=40),
    st.lists(st.integers(1, 8 * 60 - 1), max_size=6, unique=True),
    st.sampled_from([1, 2, 8]),
)
def test_cuts_at_any_minute_and_any_shards_give_what_sql_counts(
    events: list[tuple[int, int, int]], minutes: list[int], shards: int
) -> None:
    read = probe(events)
    assert folded(read, [START + minute * MINUTE for minute in minutes], shards) == in_sql(read)


def test_what_is_counted_is_the_events_that_are_accepted_once_each() -> None:
    events = made(PROBE, "device event_time cell\n1 05:01 0\n1 05:01 0\n2 05:01 0\n1 05:04:59 1\n1 05:05 1")
    moved = advance(OPEN_STAY.empty(), events, step(int(EDGES[-1]), last=True), hexagon_of_cell, stands_for)
    assert (moved.accepted, moved.duplicates) == (4, 1)
    assert rows(moved.heard) == [(0, 0, 2), (1, 0, 1), (1, 1, 1)]
    assert column(moved.heard, "events").sum() == moved.accepted


def test_many_cells_and_few_events_are_counted_as_few_cells_are() -> None:
    few, many = (heard(np.array([3, 3, at_most]), START + np.array([0, 1, 0]), START) for at_most in (4, 1_000_000))
    assert rows(few) == [(3, 0, 2), (4, 0, 1)]
    assert rows(many) == [(3, 0, 2), (1_000_000, 0, 1)]
    assert heard(np.zeros(0, np.int32), np.zeros(0, np.int64), START).equals(HEARD.empty())


def test_rows_of_the_plan_of_one_cell_are_one_cell() -> None:
    grid = heard_grid(heard(np.array([0, 1, 2, 3]), START + np.zeros(4, np.int64), START), IDENTIFIER, 3, 2)
    assert grid.tolist() == [[1, 0], [2, 0], [1, 0]]


# Devices by cell and hour

HOURS = np.arange(START, START + 4 * HOUR + 1, HOUR)
stays = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 239), st.integers(0, 90)), max_size=25)
"""Device, row of the plan, minute in which it begins, minutes that it lasts."""


def stay(some: list[tuple[int, int, int, int]]) -> pa.Table:
    device, cell, begin, length = np.array(sorted(some), np.int64).reshape(-1, 4).T
    end = np.minimum(begin + length, 240)
    spans = {"begin": begin, "end": end, "start": begin, "last": end}
    instants = {name: pa.array(START + at * MINUTE).view(pa.timestamp("us", "UTC")) for name, at in spans.items()}
    return filled(STAY, pa.table({"device": device, "cell": cell, **instants}))


@settings(max_examples=100, deadline=None)
@given(stays)
def test_the_devices_of_a_cell_in_an_hour_are_those_that_sql_finds_there(some: list[tuple[int, int, int, int]]) -> None:
    sql = f"""
        SELECT CASE cell WHEN 0 THEN 0 WHEN 3 THEN 2 ELSE 1 END AS cell, hour, count(DISTINCT device)
        FROM stay, range(4) AS hours(hour)
        WHERE (epoch_us("begin") < {START} + (hour + 1) * {HOUR} AND epoch_us("end") > {START} + hour * {HOUR})
            OR (epoch_us("begin") = epoch_us("end") AND epoch_us("begin") // {HOUR} = {START} // {HOUR} + hour)
        GROUP BY ALL ORDER BY ALL
    """
    table = stay(some)
    expected = duckdb.connect().register("stay", table).sql(sql).fetchall()
    assert rows(cell_hours(table, IDENTIFIER, HOURS)) == expected


def test_a_device_counts_once_in_an_hour_in_which_its_cell_gets_a_new_row_in_the_plan() -> None:
    table = stay([(1, 1, 10, 5), (1, 2, 20, 5), (2, 1, 10, 5)])
    assert rows(cell_hours(table, IDENTIFIER, HOURS)) == [(1, 0, 2)]


def test_the_devices_of_shards_add_up() -> None:
    some = [stay([(1, 0, 10, 5)]), stay([(2, 0, 10, 70)])]
    grid = device_grid([cell_hours(each, IDENTIFIER, HOURS) for each in some], 3, 4)
    assert grid.tolist() == [[2, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize(("end", "hours"), [("05:59:59.999999", [0]), ("06:00", [0]), ("06:00:00.000001", [0, 1])])
def test_who_leaves_as_an_hour_begins_is_not_there_in_it(end: str, hours: list[int]) -> None:
    table = made(STAY, f"device start last begin end\n1 05:10 05:20 05:10 {end}")
    hours_of_day = np.append(at("05:00"), at("06:00", "07:00"))
    assert [hour for _, hour, _ in rows(cell_hours(table, IDENTIFIER, hours_of_day))] == hours
