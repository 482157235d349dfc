"""Evidence on reports: what is told, of which place and hours, when, and to whom it makes no difference."""

from datetime import UTC, datetime

import h3.api.numpy_int as h3
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.quality.evidence import SILENT_SHARE, UP_SHARE, verdicts
from pipelines.quality.states import HOUR
from schemas.errors import InputError
from schemas.tables import CELL_FACT, FAULT_REPORT, SERVING

PLACE, OTHER = (47.32, 5.04), (47.40, 5.10)
NOON = int(datetime(2026, 6, 12, 12, tzinfo=UTC).timestamp()) * 1_000_000
MINUTE, SECOND = HOUR // 60, HOUR // 3600
CORROBORATED, CONTRADICTED, CANNOT_TELL = "corroborated", "contradicted", "cannot tell"
Asked = tuple[tuple[float, float] | None, int]
STATES = {"u": "up", "s": "silent"}


def instant(values: list[int]) -> pa.Array:
    return pa.array(values, pa.int64()).view(pa.timestamp("us", "UTC"))


def facts(first: int = 10, **of_cell: str) -> pa.Table:
    """States of cells from an hour of the day on: `u` up, `s` silent, `.` unknown, one sign for each hour."""
    told = [
        (cell, NOON + (first - 12 + at) * HOUR, STATES[sign])
        for cell, signs in of_cell.items()
        for at, sign in enumerate(signs)
        if sign != "."
    ]
    cells, hours, states = (list(each) for each in zip(*told, strict=True)) if told else ([], [], [])
    return CELL_FACT.conform(
        pa.table({"cell_id": pa.array(cells, pa.string()), "hour_start": instant(hours), "state": pa.array(states)})
    )


def serving(**share: float) -> pa.Table:
    """The cells that serve PLACE."""
    hexagons = pa.array([h3.latlng_to_cell(*PLACE, 9)] * len(share), pa.uint64())
    names = pa.array(list(share), pa.string())
    return SERVING.conform(pa.table({"hexagon": hexagons, "cell_id": names, "share": [*share.values()]}))


def reports(*at: Asked) -> pa.Table:
    """Reports of a place at an instant."""
    places = [place or (None, None) for place, _ in at]
    return FAULT_REPORT.conform(
        pa.table(
            {
                "id": [f"r{number}" for number in range(len(at))],
                "latitude": pa.array([latitude for latitude, _ in places], pa.float64()),
                "longitude": pa.array([longitude for _, longitude in places], pa.float64()),
                "requested_at": instant([when for _, when in at]),
            }
        )
    )


LATER = NOON + 100 * HOUR


def told(known: pa.Table, serves: pa.Table, at: int = NOON, until: int | None = LATER) -> str | None:
    """The verdict on a report from PLACE."""
    (found,) = verdicts(reports((PLACE, at)), known, serves, until)["verdict"].to_pylist()
    return found


# Which


@pytest.mark.parametrize(
    ("a", "verdict"),
    [
        ("uuu", CONTRADICTED),
        ("sss", CORROBORATED),
        ("suu", CORROBORATED),
        ("uus", CORROBORATED),
        ("u.u", CANNOT_TELL),
        ("...", CANNOT_TELL),
        ("s..", CORROBORATED),
    ],
)
def test_one_silent_hour_corroborates_and_every_hour_on_air_contradicts(a: str, verdict: str) -> None:
    assert told(facts(A=a), serving(A=1.0)) == verdict


@pytest.mark.parametrize(
    ("share", "verdict"), [(0.099, CANNOT_TELL), (SILENT_SHARE, CORROBORATED), (0.11, CORROBORATED)]
)
def test_silent_cells_have_a_tenth_of_the_chance_to_serve_the_place(share: float, verdict: str) -> None:
    assert told(facts(A="sss", B="uuu"), serving(A=share, B=1 - share)) == verdict


@pytest.mark.parametrize(("share", "verdict"), [(0.74, CANNOT_TELL), (UP_SHARE, CONTRADICTED), (0.76, CONTRADICTED)])
def test_cells_on_air_have_three_quarters_of_it(share: float, verdict: str) -> None:
    assert told(facts(A="uuu", B="..."), serving(A=share, B=1 - share)) == verdict


def test_no_report_is_contradicted_where_a_cell_is_silent_that_serves_the_place_at_all() -> None:
    serves = serving(A=0.99, B=0.01)
    assert told(facts(A="uuu", B="..."), serves) == CONTRADICTED
    assert told(facts(A="uuu", B="u.s"), serves) == CANNOT_TELL


def test_shares_of_cells_that_are_silent_in_the_same_hour_add_up_and_those_of_other_hours_do_not() -> None:
    serves = serving(A=0.06, B=0.06, C=0.88)
    assert told(facts(A="usu", B="usu", C="..."), serves) == CORROBORATED
    assert told(facts(A="suu", B="uus", C="..."), serves) == CANNOT_TELL


def test_the_network_cannot_tell_of_a_report_without_a_place_or_out_of_reach_or_of_no_place_on_earth() -> None:
    given = reports((None, NOON), (OTHER, NOON), ((99.0, 5.0), NOON), ((float("nan"), 5.0), NOON), (PLACE, NOON))
    found = verdicts(given, facts(A="sss"), serving(A=1.0), LATER)["verdict"].to_pylist()
    assert found == [CANNOT_TELL] * 4 + [CORROBORATED]
    assert verdicts(given, facts(A="sss"), SERVING.empty(), LATER)["verdict"].to_pylist() == [CANNOT_TELL] * 5


def test_a_cell_of_which_nothing_is_known_tells_nothing() -> None:
    assert told(facts(X="sss"), serving(A=1.0)) == CANNOT_TELL


# Which hours


@pytest.mark.parametrize(
    ("signs", "verdict"),
    [("suuuus", CONTRADICTED), (".uuuu.", CONTRADICTED), ("usuuuu", CORROBORATED), ("uuuusu", CORROBORATED)],
)
def test_the_hours_are_those_from_two_hours_before_to_one_hour_after(signs: str, verdict: str) -> None:
    # 12:20 is from 10:20 to 13:20: the hours of 10, 11, 12 and 13; the signs begin at 9.
    assert told(facts(9, A=signs), serving(A=1.0), NOON + 20 * MINUTE) == verdict


@settings(max_examples=30, deadline=None)
@given(st.integers(1, HOUR - 1), st.text("us.", min_size=7, max_size=7))
def test_what_is_told_does_not_depend_on_the_minute(offset: int, signs: str) -> None:
    known, serves = facts(9, A=signs), serving(A=1.0)
    assert told(known, serves, NOON + offset) == told(known, serves, NOON + 1)


# When


@pytest.mark.parametrize(("until", "is_told"), [(HOUR - SECOND, False), (HOUR, True), (HOUR + SECOND, True)])
def test_nothing_is_told_before_one_hour_after_a_report(until: int, is_told: bool) -> None:
    assert told(facts(A="sss"), serving(A=1.0), until=NOON + until) == (CORROBORATED if is_told else None)
    assert told(facts(A="..."), serving(A=1.0), until=NOON + until) == (CANNOT_TELL if is_told else None)


@pytest.mark.parametrize("minute", [1, 20, 59])
def test_within_an_hour_it_is_told_when_the_last_of_its_hours_is_over(minute: int) -> None:
    known, serves, at = facts(A="ssss"), serving(A=1.0), NOON + minute * MINUTE
    assert told(known, serves, at, NOON + 2 * HOUR - SECOND) is None
    assert told(known, serves, at, NOON + 2 * HOUR) == CORROBORATED


def test_nothing_is_told_where_no_event_was_ever_seen() -> None:
    assert told(facts(A="sss"), serving(A=1.0), until=None) is None


# To whom it makes no difference

some_reports = st.lists(st.tuples(st.sampled_from([PLACE, OTHER, None]), st.integers(-3 * HOUR, 3 * HOUR)), max_size=6)


@settings(max_examples=30, deadline=None)
@given(some_reports, st.text("us.", min_size=9, max_size=9))
def test_a_report_is_told_the_same_whatever_others_are_made(some: list[Asked], a: str) -> None:
    given = reports(*((place, NOON + offset) for place, offset in some))
    known, serves = facts(8, A=a), serving(A=0.6, B=0.4)
    together = verdicts(given, known, serves, NOON + HOUR)
    alone = [verdicts(given.slice(at, 1), known, serves, NOON + HOUR) for at in range(len(some))]
    assert together["verdict"].to_pylist() == [each["verdict"][0].as_py() for each in alone]
    assert together["id"].to_pylist() == given["id"].to_pylist()


def test_reports_of_another_form_are_refused() -> None:
    with pytest.raises(InputError, match="requested_at"):
        verdicts(pa.table({"id": ["r"]}), facts(), serving(A=1.0), LATER)
