"""What figures are compared with, and when a difference is more than chance."""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
import pytest

from dashboards.baseline import MOST_DAYS, Figure, difference, figure_of, same_weekday

SATURDAY = date(2026, 6, 20)


@dataclass(frozen=True)
class ADay:
    date: date
    over: bool = True


def saturdays(*weeks: int) -> list[ADay]:
    return [ADay(SATURDAY + timedelta(weeks=week)) for week in weeks]


def dates(days: tuple[ADay, ...]) -> list[int]:
    return [(day.date - SATURDAY).days // 7 for day in days]


def test_only_days_of_the_same_weekday_that_are_over_are_usual() -> None:
    days = [*saturdays(-2, -1, 0, 1), ADay(SATURDAY + timedelta(weeks=2), over=False), ADay(SATURDAY + timedelta(1))]
    assert dates(same_weekday(ADay(SATURDAY), days)) == [-2, -1, 1]


def test_days_of_events_are_not_usual() -> None:
    assert dates(same_weekday(ADay(SATURDAY), saturdays(-2, -1, 0, 1), saturdays(-1))) == [-2, 1]


@pytest.mark.parametrize("there", [MOST_DAYS - 1, MOST_DAYS, MOST_DAYS + 1])
def test_the_nearest_days_are_usual_the_earlier_of_two_as_near(there: int) -> None:
    days = saturdays(*range(1, there), -1)
    found = dates(same_weekday(ADay(SATURDAY), days))
    assert len(found) == min(there, MOST_DAYS)
    assert found[:2] == [-1, 1]
    assert dates(same_weekday(ADay(SATURDAY), saturdays(-3, -2, -1, 1, 2, 3))) == [-3, -2, -1, 1, 2]


@pytest.mark.parametrize(
    ("low", "high", "significant"), [(111, 120, True), (110, 120, False), (80, 90, False), (80, 89, True)]
)
def test_a_difference_is_significant_where_the_intervals_have_nothing_in_common(
    low: float, high: float, significant: bool
) -> None:
    found = difference(Figure(100, 90, 110), [Figure((low + high) / 2, low, high)])
    assert found is not None
    assert found.significant == significant


def test_a_figure_is_compared_with_the_median_of_several() -> None:
    found = difference(Figure(300, 290, 310), [Figure(100, 90, 110), Figure(400, 380, 420), Figure(200, 180, 220)])
    assert found is not None
    assert found.then == Figure(200, 180, 220)
    assert found.days == 3
    assert found.change == 0.5


def test_nothing_is_compared_where_there_is_nothing() -> None:
    assert difference(None, [Figure(1, 1, 1)]) is None
    assert difference(Figure(1, 1, 1), []) is None
    nought = difference(Figure(10, 5, 15), [Figure(0, 0, 0)])
    assert nought is not None
    assert nought.change is None


def test_a_row_without_a_figure_has_none() -> None:
    row = {"people": 120.0, "people_low": 100.0, "people_high": 140.0}
    assert figure_of(pd.Series(row)) == Figure(120, 100, 140)
    assert figure_of(pd.Series({**row, "people": None}, dtype=float)) is None
