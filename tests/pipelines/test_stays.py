"""Events to stays: one run of events in one cell, known as far as the reaches of its events."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.arrays import column
from pipelines.stays import HOLD, MISSING, SIGNAL_GAP, in_order, segment
from schemas.tables import OPEN_STAY, PROBE
from tests.pipelines.made import MINUTE, at, filled, made
from tests.tables import assert_same_rows, rows, table

WHOLE_DAY = (int(at("05:00")[0]), int(at("29:00")[0]))


def hexagon_of_cell(device: np.ndarray, cell: np.ndarray, home_zone: np.ndarray) -> np.ndarray:
    return (cell * 10).astype(np.int32)


def stays(events: str, open_stays: pa.Table | None = None, locate=hexagon_of_cell) -> pa.Table:
    carried = OPEN_STAY.empty() if open_stays is None else open_stays
    return segment(carried, in_order(made(PROBE, events)), locate, HOLD, WHOLE_DAY)


def still_open(found: pa.Table) -> pa.Table:
    return found.filter(found["open"])


def test_an_event_reaches_twice_the_timer_and_a_signal_is_five_minutes_apart() -> None:
    assert (HOLD, MISSING, SIGNAL_GAP) == (110 * MINUTE, 180 * MINUTE, 5 * MINUTE)


def test_events_are_ordered_by_device_time_cell_type_and_line() -> None:
    read = """
        device event_time cell event_type line
        2      06:00      1    0          0
        1      06:01      1    0          0
        1      06:00      2    0          0
        1      06:00      1    1          0
        1      06:00      1    0          1
        1      06:00      1    0          0
    """
    found = in_order(made(PROBE, read))
    order = [tuple(row) for row in zip(*(found.columns[name].tolist() for name in PROBE.names[:5]), strict=True)]
    assert order == sorted(order)
    assert (len(order), found.duplicates) == (6, 0)


@pytest.mark.parametrize(
    ("name", "other", "duplicates"),
    [
        ("device", 2, 0),
        ("event_time", "06:00:00.000001", 0),
        ("cell", 2, 0),
        ("event_type", 2, 0),
        ("line", 2, 0),
        ("home_mcc", 262, 1),
        ("age_band", 2, 1),
        ("spc", 2, 1),
        ("home_zone", 2, 1),
    ],
)
def test_events_are_duplicates_if_device_time_cell_type_and_line_are_equal(
    name: str, other: str | int, duplicates: int
) -> None:
    names = " ".join(PROBE.names)
    first = dict.fromkeys(PROBE.names, 1) | {"event_time": "06:00"}
    read = "\n".join([names, *(" ".join(str(row[n]) for n in PROBE.names) for row in (first, first | {name: other}))])
    found = in_order(made(PROBE, read))
    assert (found.duplicates, found.columns["device"].size) == (duplicates, 2 - duplicates)


@pytest.mark.parametrize(
    ("codes", "kept"), [((262, 208), 208), ((0, 262), 262), ((262, 0, 208), 208), ((0, 0), 0), ((1, 0), 1)]
)
def test_of_duplicates_the_smallest_known_home_network_stays_whatever_their_order(
    codes: tuple[int, ...], kept: int
) -> None:
    for order in (codes, codes[::-1]):
        lines = "\n".join(f"1 06:00 1 {code}" for code in order)
        found = in_order(made(PROBE, "device event_time cell home_mcc\n" + lines))
        assert found.columns["home_mcc"].tolist() == [kept]


instants_of_any_span = st.one_of(st.integers(0, 3), st.integers(-(2**61), 2**61))
events_of_few_keys = st.lists(
    st.tuples(st.integers(0, 2), instants_of_any_span, *[st.integers(0, 1)] * 3, st.sampled_from([0, 208, 262]))
)


@given(events_of_few_keys, st.randoms())
def test_the_order_of_the_input_does_not_matter(events: list[tuple[int, ...]], random) -> None:
    def ordered(values: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
        names = ("device", "event_time", "cell", "event_type", "line", "home_mcc")
        read = pa.table({name: pa.array([v[i] for v in values], pa.int64()) for i, name in enumerate(names)})
        time = read["event_time"].combine_chunks().view(pa.timestamp("us", "UTC"))
        read = read.set_column(1, "event_time", time)
        found = in_order(filled(PROBE, read))
        assert found.duplicates == len(values) - found.columns["device"].size
        return list(zip(*(found.columns[name].tolist() for name in names), strict=True))

    shuffled = random.sample(events, len(events))
    known: dict[tuple[int, ...], int] = {}
    for *key, code in events:
        known[tuple(key)] = min(known.get(tuple(key), 0) or 999, code or 999) % 999
    assert ordered(events) == ordered(shuffled) == [(*key, known[key]) for key in sorted(known)]


def test_an_event_is_known_as_far_as_it_reaches_and_the_day_lasts() -> None:
    found = stays("device event_time cell\n 1 05:00 1\n 2 06:49:59 1\n 3 12:00 1\n 4 27:30 1")
    expected = """
        device start    last     begin    end      signals open
        1      05:00    05:00    05:00    06:50    1       true
        2      06:49:59 06:49:59 05:00    08:39:59 1       true
        3      12:00    12:00    10:10    13:50    1       true
        4      27:30    27:30    25:40    29:00    1       true
    """
    assert_same_rows(found, table(expected))


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("09:39:59.999999", ["06:00 09:39:59.999999 05:00 11:29:59.999999 2 true"]),
        ("09:40", ["06:00 09:40 05:00 11:30 2 true"]),
        (
            "09:40:00.000001",
            [
                "06:00 06:00 05:00 07:50 1 false",
                "09:40:00.000001 09:40:00.000001 07:50:00.000001 11:30:00.000001 1 true",
            ],
        ),
    ],
)
def test_events_in_one_cell_are_one_stay_if_their_reaches_meet(second: str, expected: list[str]) -> None:
    found = stays(f"device event_time cell\n 1 06:00 1\n 1 {second} 1")
    assert_same_rows(found, table("start last begin end signals open\n" + "\n".join(expected)))


@pytest.mark.parametrize(
    ("second", "end", "begin"),
    [
        ("06:00", "06:00", "06:00"),
        ("06:00:00.000001", "06:00", "06:00"),
        ("06:00:00.000002", "06:00:00.000001", "06:00:00.000001"),
        ("07:00", "06:30", "06:30"),
        ("09:39:59.999999", "07:49:59.999999", "07:49:59.999999"),
        ("09:40", "07:50", "07:50"),
        ("09:40:00.000002", "07:50", "07:50:00.000002"),
    ],
)
def test_a_device_changes_cells_in_the_middle_of_the_way_and_no_later_than_it_reaches(
    second: str, end: str, begin: str
) -> None:
    found = stays(f"device event_time cell\n 1 06:00 1\n 1 {second} 2")
    assert_same_rows(found.select(["cell", "end"]).slice(0, 1), table(f"cell end\n 1 {end}"))
    assert_same_rows(found.select(["cell", "begin"]).slice(1, 1), table(f"cell begin\n 2 {begin}"))
    assert found["open"].to_pylist() == [False, True]


@pytest.mark.parametrize(
    ("second", "signals"), [("06:04:59.999999", 1), ("06:05", 1), ("06:05:00.000001", 2), ("08:00", 2)]
)
def test_events_within_five_minutes_are_one_signal(second: str, signals: int) -> None:
    found = stays(f"device event_time cell\n 1 06:00 1\n 1 {second} 1")
    assert found["signals"].to_pylist() == [signals]
    moved = stays(f"device event_time cell\n 1 06:00 1\n 1 {second} 2")
    assert moved["signals"].to_pylist() == [1, signals - 1]


def test_the_first_event_of_every_device_is_a_signal() -> None:
    found = stays("device event_time cell\n 1 06:00 1\n 2 06:01 1\n 3 06:02 1")
    assert found["signals"].to_pylist() == [1, 1, 1]


def test_stays_that_start_at_one_instant_have_ranks_and_no_length() -> None:
    found = stays("device event_time cell\n 1 06:00 3\n 1 06:00 2\n 1 06:00 1\n 1 07:00 1\n 2 06:00 1")
    expected = """
        device sequence cell start begin end   signals
        1      0        1    06:00 05:00 06:00 1
        1      1        2    06:00 06:00 06:00 0
        1      2        3    06:00 06:00 06:30 0
        1      0        1    07:00 06:30 08:50 1
        2      0        1    06:00 05:00 07:50 1
    """
    assert_same_rows(found, table(expected))


def test_a_stay_has_the_first_home_network_that_events_up_to_its_first_one_state() -> None:
    events = """
        device event_time cell home_mcc
        1      06:00      1    0
        1      06:10      1    262
        1      06:20      2    0
        1      06:30      3    208
        2      06:00      1    0
        2      06:30      2    0
        3      06:00      1    208
    """
    expected = """
        device cell home_mcc known_mcc
        1      1    0        262
        1      2    262      262
        1      3    262      262
        2      1    0        0
        2      2    0        0
        3      1    208      208
    """
    assert_same_rows(stays(events), table(expected))


def test_people_are_as_at_the_first_event_of_a_stay() -> None:
    events = "device event_time cell age_band spc home_zone\n 1 06:00 1 2 3 4\n 1 07:00 2 2 3 4"
    assert_same_rows(stays(events), table("cell age_band spc home_zone\n 1 2 3 4\n 2 2 3 4"))


def test_an_open_stay_goes_on_with_later_events() -> None:
    first = stays("device event_time cell home_mcc\n 1 06:00 1 0\n 1 06:30 1 0\n 2 06:00 1 262\n 3 06:00 1 0")
    assert first["open"].to_pylist() == [True, True, True]
    found = stays("device event_time cell home_mcc\n 1 07:00 1 208\n 1 07:04 2 0\n 2 12:00 1 0", still_open(first))
    expected = """
        device cell start last  begin end   signals home_mcc known_mcc hexagon open
        1      1    06:00 07:00 05:00 07:02 3       0        208       10      false
        1      2    07:04 07:04 07:02 08:54 0       208      208       20      true
        2      1    06:00 06:00 05:00 07:50 1       262      262       10      false
        2      1    12:00 12:00 10:10 13:50 1       262      262       10      true
        3      1    06:00 06:00 05:00 07:50 1       0        0         10      true
    """
    assert_same_rows(found, table(expected))


def test_only_stays_that_begin_are_located() -> None:
    asked: list[tuple[int, ...]] = []

    def locate(device: np.ndarray, cell: np.ndarray, home_zone: np.ndarray) -> np.ndarray:
        asked.extend(zip(device.tolist(), cell.tolist(), home_zone.tolist(), strict=True))
        return np.full(cell.size, 7, np.int32)

    carried = still_open(stays("device event_time cell\n 1 06:00 1"))
    events = "device event_time cell home_zone\n 1 06:30 1 5\n 1 07:00 2 5\n 2 06:30 1 6\n 2 06:40 1 6"
    found = stays(events, carried, locate)
    assert asked == [(1, 2, 5), (2, 1, 6)]
    assert rows(found, ["device", "cell", "hexagon"]) == [(1, 1, 10), (1, 2, 7), (2, 1, 7)]


def test_nothing_seen_is_no_stay() -> None:
    found = stays("device event_time cell")
    assert found.schema.equals(OPEN_STAY.schema)
    assert found.num_rows == 0


def test_open_stays_without_events_stay_as_they_are() -> None:
    before = stays("device event_time cell home_mcc\n 5 06:00 1 262\n 7 05:00 2 0")
    assert rows(stays("device event_time cell", before)) == rows(before)


day_of_minutes = st.lists(
    st.tuples(st.integers(1, 3), st.integers(300, 1739), st.integers(1, 3)), min_size=1, max_size=25, unique=True
)


@given(day_of_minutes)
def test_the_stays_of_a_device_follow_each_other_and_hold_all_their_events(
    events: list[tuple[int, int, int]],
) -> None:
    lines = "\n".join(f"{device} {time // 60:02}:{time % 60:02} {cell}" for device, time, cell in events)
    found = stays("device event_time cell\n" + lines)
    device = column(found, "device").astype(np.int64)
    begin, end, start, last = (column(found, name) for name in ("begin", "end", "start", "last"))
    assert (begin >= WHOLE_DAY[0]).all()
    assert (end <= WHOLE_DAY[1]).all()
    assert ((begin <= start) & (start <= last) & (last <= end)).all()
    assert (np.maximum(start - begin, end - last) <= HOLD).all()
    follows = device[1:] == device[:-1]
    assert (begin[1:] >= end[:-1])[follows].all()
    assert (begin[1:] == end[:-1])[follows & (start[1:] - last[:-1] <= 2 * HOLD)].all()
    assert column(found, "open").astype(bool).tolist() == [*~follows, True]
    for who, time, cell in events:
        instant = WHOLE_DAY[0] + (time - 300) * MINUTE
        inside = (device == who) & (column(found, "cell") == cell) & (start <= instant) & (instant <= last)
        assert inside.sum() == 1
