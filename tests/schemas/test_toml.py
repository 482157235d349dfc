import tomllib
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.toml import duration, literal


@given(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"))
    | st.lists(st.integers(0, 9))
    | st.datetimes()
    | st.dates()
)
def test_a_literal_reads_back_as_its_value(value: object) -> None:
    assert tomllib.loads(f"key = {literal(value)}") == {"key": value}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (time(5), '"05:00"'),
        (time(5, 0, 1), '"05:00:01"'),
        (timedelta(minutes=15), '"15min"'),
        ((208, 340), "[208, 340]"),
        ({"a": 1}, "{a = 1}"),
        (date(2026, 6, 20), "2026-06-20"),
        (datetime(2026, 6, 20, 18), "2026-06-20T18:00:00"),
    ],
)
def test_values_are_written_as_a_person_would(value: object, written: str) -> None:
    assert literal(value) == written


@pytest.mark.parametrize(
    ("seconds", "written"), [(0, "0s"), (59, "59s"), (60, "1min"), (61, "61s"), (3600, "1h"), (5400, "90min")]
)
def test_a_duration_takes_the_largest_whole_unit(seconds: int, written: str) -> None:
    assert duration(timedelta(seconds=seconds)) == written
