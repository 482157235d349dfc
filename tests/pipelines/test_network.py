from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.network import NOT_ON_AIR, UNKNOWN_CELL, network
from pipelines.sources.files import read_table
from schemas.errors import InputError

DIJON = {"latitude": 47.32, "longitude": 5.04}


def cells(*rows):
    return pa.Table.from_pylist([DIJON | row for row in rows], schema_of(rows))


def schema_of(rows):
    names = dict.fromkeys(name for row in rows for name in DIJON | row)
    kinds = {name: next((row[name] for row in rows if row.get(name) is not None), 0.0) for name in names}
    return pa.schema([(name, pa.scalar(kind).type) for name, kind in kinds.items()])


def us(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def look(net, identifiers, times):
    return net.lookup(pa.array(identifiers), np.array([us(time) for time in times], np.int64)).tolist()


def test_cells_are_in_the_order_of_the_bytes_of_their_identifier():
    net = network(cells({"cell_id": "b"}, {"cell_id": "É"}, {"cell_id": "B"}, {"cell_id": "10"}))
    assert net.cell_id.to_pylist() == ["10", "B", "b", "É"]
    assert len(net) == 4


def test_an_event_finds_its_cell_and_an_unknown_or_missing_cell_is_told_apart():
    net = network(cells({"cell_id": "b"}, {"cell_id": "a"}))
    assert look(net, ["b", "x", None, "a"], ["2026-07-03"] * 4) == [1, UNKNOWN_CELL, UNKNOWN_CELL, 0]


@pytest.mark.parametrize(
    ("time", "row"),
    [
        ("2025-12-31T23:59:59", NOT_ON_AIR),
        ("2026-01-01", 0),
        ("2026-01-31T23:59:59", 0),
        ("2026-02-01", 1),
        ("2026-02-28T23:59:59", 1),
        ("2026-03-01", NOT_ON_AIR),
    ],
)
@pytest.mark.parametrize("kind", ["text", "date", "timestamp", "aware"])
def test_a_period_holds_its_start_and_not_its_end(kind, time, row):
    as_kind = {
        "text": str,
        "date": date.fromisoformat,
        "timestamp": datetime.fromisoformat,
        "aware": lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC),
    }[kind]
    periods = [("2026-02-01", "2026-03-01"), ("2026-01-01", "2026-02-01")]
    rows = [{"cell_id": "a", "valid_from": as_kind(a), "valid_to": as_kind(b)} for a, b in periods]
    net = network(cells(*rows, {"cell_id": "0"}, {"cell_id": "z"}))
    found = look(net, ["a", "z", "0"], [time] * 3)
    assert found == [row + 1 if row >= 0 else row, 3, 0]


def test_a_single_period_is_tested_as_well():
    net = network(cells({"cell_id": "a", "valid_from": "2026-01-01", "valid_to": None}))
    assert look(net, ["a", "a"], ["2025-12-31T23:59:59", "2026-01-01"]) == [NOT_ON_AIR, 0]


def test_an_instant_with_an_offset_is_that_instant():
    net = network(cells({"cell_id": "a", "valid_from": "2026-01-01T01:00:00+01:00", "valid_to": " "}))
    assert net.valid_from.tolist() == [us("2026-01-01")]


def test_chunks_and_dictionaries_are_looked_up_alike():
    net = network(cells({"cell_id": "a"}, {"cell_id": "b"}))
    plain = pa.chunked_array([["b", "a"], [], ["x", None, "b"]])
    for column in (plain, plain.dictionary_encode(), plain.combine_chunks(), plain.cast(pa.large_string())):
        assert net.lookup(column, np.zeros(5, np.int64)).tolist() == [1, 0, -1, -1, 1]
    nothing = pa.chunked_array([], pa.string())
    assert net.lookup(nothing, np.empty(0, np.int64)).dtype == np.int32


@given(
    periods=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9), st.integers(1, 3)), min_size=1),
    events=st.lists(st.tuples(st.sampled_from("abcd"), st.integers(-1, 12))),
)
def test_lookup_equals_a_search_through_all_rows(periods, events):
    kept, free = [], {(name, t) for name in "abc" for t in range(20)}
    for name, start, length in periods:
        if {(name, t) for t in range(start, start + length)} <= free:
            free -= {(name, t) for t in range(start, start + length)}
            kept.append((name, start, start + length))
    kept.sort()
    time = pa.timestamp("us")
    table = pa.table(
        {
            "cell_id": [name for name, _, _ in kept],
            "latitude": [47.0] * len(kept),
            "longitude": [5.0] * len(kept),
            "valid_from": pa.array([start for _, start, _ in kept], time),
            "valid_to": pa.array([end for _, _, end in kept], time),
        }
    )
    names = {name for name, _, _ in kept}
    expected = [
        next((i for i, (n, a, b) in enumerate(kept) if n == name and a <= t < b), -2 if name in names else -1)
        for name, t in events
    ]
    identifiers = pa.array([name for name, _ in events], pa.string())
    assert network(table).lookup(identifiers, np.array([t for _, t in events], np.int64)).tolist() == expected


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"cell_id": ""}, "no cell_id"),
        ({"cell_id": None}, "no cell_id"),
        ({"cell_id": "b", "latitude": None}, "no latitude and longitude"),
        ({"cell_id": "b", "latitude": 90.1}, "no latitude and longitude"),
        ({"cell_id": "b", "longitude": -180.1}, "no latitude and longitude"),
        ({"cell_id": "b", "longitude": float("inf")}, "no latitude and longitude"),
        ({"cell_id": "b", "valid_from": "soon"}, "no period"),
        ({"cell_id": "b", "valid_from": "2026-01-02", "valid_to": "2026-01-02"}, "no period"),
    ],
)
def test_a_row_that_cannot_be_used_is_left_out_and_counted(bad, reason):
    net = network(cells({"cell_id": "a", "range_m": 500.0}, bad | {"range_m": 500.0}), ["read with care"])
    assert net.cell_id.to_pylist() == ["a"]
    assert len(net.warnings) == 2
    assert net.warnings[0] == "read with care"
    assert net.warnings[1].startswith(f"table cells: 1 of 2 rows left out: {reason}")


def test_places_at_the_ends_of_the_earth_are_places():
    net = network(cells({"cell_id": "a", "latitude": -90.0, "longitude": 180.0}))
    assert len(net) == 1


def test_no_usable_cell_is_bad_input():
    with pytest.raises(InputError, match="got none in 1 rows"):
        network(cells({"cell_id": "a", "latitude": 6684000.0}))


@pytest.mark.parametrize("name", ["cell_id", "latitude", "longitude"])
def test_a_missing_column_is_bad_input_that_says_how_to_name_it(name):
    with pytest.raises(InputError, match=f"expected a column {name}") as error:
        network(cells({"cell_id": "a"}).drop_columns([name]))
    assert "[input.columns.cells]" in error.value.hint


@pytest.mark.parametrize(
    "second",
    [
        {"longitude": 5.1},
        {"azimuth_deg": 0.0},
        {"valid_from": "2026-01-31"},
        {"valid_from": "2025-01-01", "valid_to": "2026-01-02"},
    ],
)
def test_a_cell_that_is_on_air_twice_at_once_is_bad_input(second):
    first = {"cell_id": "a7", "valid_from": "2026-01-01", "valid_to": "2026-02-01"}
    with pytest.raises(InputError, match="'a7'"):
        network(cells(first, {"cell_id": "a7", "valid_from": None, "valid_to": None} | second))


@pytest.mark.parametrize(
    "second", [{}, {"valid_from": "2025-12-31"}, {"valid_from": "2026-01-01"}, {"valid_to": "2026-02-01"}]
)
@pytest.mark.parametrize("place", [0, 1])
def test_a_row_that_says_no_more_than_another_is_left_out_and_counted(second, place):
    first = {"cell_id": "a7", "range_m": 9.0, "valid_from": "2026-01-01", "valid_to": "2026-02-01"}
    longer = {"cell_id": "a7", "range_m": 9.0, "valid_from": None, "valid_to": None} | second
    net = network(cells(*([first, longer] if place else [longer, first])))
    assert net.warnings == ("table cells: 1 of 2 rows left out: they repeat another row",)
    expected = network(cells(longer))
    assert (net.valid_from[0], net.valid_to[0]) == (expected.valid_from[0], expected.valid_to[0])


def test_whole_numbers_and_dictionaries_are_identifiers_too():
    assert network(cells({"cell_id": 12}, {"cell_id": 7})).cell_id.to_pylist() == ["12", "7"]
    assert network(cells({"cell_id": 12.0}, {"cell_id": None})).cell_id.to_pylist() == ["12"]
    encoded = cells({"cell_id": "b"}, {"cell_id": "a"})
    encoded = encoded.set_column(2, "cell_id", encoded["cell_id"].dictionary_encode())
    assert network(encoded).cell_id.to_pylist() == ["a", "b"]


def test_numbers_may_be_text():
    net = network(cells({"cell_id": "a", "latitude": " 47.3 ", "longitude": "5", "range_m": "12"}))
    assert (net.latitude[0], net.longitude[0], net.range_m[0]) == (47.3, 5.0, 12.0)


@pytest.mark.parametrize(
    ("technology", "range_m", "expected", "warning"),
    [
        ("GSM", None, 5_000, "without range_m"),
        ("3g", None, 3_000, "without range_m"),
        (" LTE ", None, 2_000, "without range_m"),
        ("5G NSA", None, 1_000, "without range_m"),
        ("6G", None, 3_000, "without range_m"),
        (None, None, 3_000, "without range_m"),
        ("4G", 0.0, 2_000, "not positive"),
        ("4G", -1.0, 2_000, "not positive"),
        ("4G", 35_000.0, 35_000, None),
        ("4G", 35_001.0, 35_000, "above 35000"),
        ("4G", float("inf"), 35_000, "above 35000"),
        ("4G", 1.0, 1, None),
    ],
)
def test_a_range_is_stated_or_follows_the_technology(technology, range_m, expected, warning):
    net = network(cells({"cell_id": "a", "technology": technology, "range_m": range_m}))
    assert net.range_m.tolist() == [expected]
    ranges = [text for text in net.warnings if "nothing but positions" not in text]
    assert [warning in text for text in ranges] == ([True] if warning else [])


ONLY_POSITIONS = "table cells: nothing but positions: each place is served by its nearest site"


@pytest.mark.parametrize(
    ("known", "only_positions"),
    [
        ({}, True),
        ({"technology": "6G", "range_m": None, "azimuth_deg": None}, True),
        ({"beamwidth_deg": 65.0}, True),
        ({"valid_from": "2026-01-01"}, True),
        ({"range_m": 500.0}, False),
        ({"azimuth_deg": -1.0}, False),
        ({"azimuth_deg": 0.0}, False),
        ({"technology": "4G"}, False),
    ],
)
def test_a_network_of_which_nothing_but_positions_is_known_says_so(known, only_positions):
    net = network(cells({"cell_id": "a"} | known, {"cell_id": "b"}))
    assert net.only_positions == only_positions
    assert (ONLY_POSITIONS in net.warnings) == only_positions


def test_every_row_of_a_cell_knows_how_many_periods_it_has():
    periods = [{"cell_id": "b", "valid_from": f"2026-0{m}-01", "valid_to": f"2026-0{m + 1}-01"} for m in (1, 2, 3)]
    net = network(cells({"cell_id": "c", "valid_from": None, "valid_to": None}, *periods))
    assert net.periods.tolist() == [3, 3, 3, 1]


@pytest.mark.parametrize(
    ("azimuth", "beamwidth", "expected"),
    [
        (None, None, (None, 360)),
        (-1.0, 65.0, (None, 360)),
        (float("inf"), 65.0, (None, 360)),
        (90.0, 360.0, (None, 360)),
        (90.0, 359.0, (90, 359)),
        (90.0, None, (90, 65)),
        (90.0, 0.0, (90, 65)),
        (0.0, 120.0, (0, 120)),
        (360.0, 120.0, (0, 120)),
    ],
)
def test_an_antenna_is_a_sector_or_serves_all_around(azimuth, beamwidth, expected):
    net = network(cells({"cell_id": "a", "azimuth_deg": azimuth, "beamwidth_deg": beamwidth}))
    found = None if np.isnan(net.azimuth_deg[0]) else net.azimuth_deg[0]
    assert (found, net.beamwidth_deg[0]) == expected


def test_a_cells_table_may_come_from_any_reader_of_files(tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text("cgi,lat,lon,valid_from,technology\n0012,47.3,5.0,2026-01-01,4G\n0003,47.4,5.1,,2G\n")
    net = network(read_table(path, "cells", {"cell_id": "cgi", "latitude": "lat", "longitude": "lon"}))
    assert net.cell_id.to_pylist() == ["0003", "0012"]
    assert net.valid_from[1] == us("2026-01-01")
    assert net.range_m.tolist() == [5_000, 2_000]
