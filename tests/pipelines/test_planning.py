"""Which events a step takes."""

import pytest

from pipelines.planning import cut, fold_rows
from pipelines.state import DayState

WAITING = {0: 5, 3: 5, 4: 20, 9: 1}


@pytest.mark.parametrize(
    ("rows", "end"), [(1, 3), (9, 3), (10, 4), (29, 4), (30, 9), (31, 10), (100, 10)], ids=lambda value: str(value)
)
def test_a_step_ends_before_the_bucket_that_would_be_too_much(rows: int, end: int) -> None:
    assert cut(WAITING, rows) == end


def test_a_bucket_of_too_many_events_is_a_step_of_its_own() -> None:
    assert cut({4: 20, 9: 1}, 10) == 9


@pytest.mark.parametrize(("carried", "rows"), [(0, 10), (9, 10), (10, 10), (11, 11)])
def test_a_step_takes_as_many_events_as_it_writes_open_stays_anew(carried: int, rows: int) -> None:
    assert fold_rows(DayState(carried=carried), 10) == rows
