"""Silences: what is missing since the last event, against what the cell's own history has seen missing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.quality.history import BINS, ClockDay
from pipelines.quality.silence import LEAST_MISSING, MARGIN, accumulated, expected, silences

NONE = np.zeros(1)


def day(events: np.ndarray, devices: float = 50.0) -> ClockDay:
    return ClockDay(events.astype(np.float32), np.full((events.shape[0], BINS // 12), devices, np.float32))


def steady(rate: int, *quiet: tuple[int, int]) -> np.ndarray:
    """A cell with so many events in each bin, but for quiet bins."""
    events = np.full((1, BINS), rate)
    for first, last in quiet:
        events[0, first:last] = 0
    return events


def found(history: list[np.ndarray], events: np.ndarray) -> list[tuple[int, int, int]]:
    """The silences (first, last, known) of one cell."""
    days = [day(each) for each in history]
    told = expected(days, 1)
    heard = silences(told.events[:, : events.shape[1]], told.worst, events)
    return list(zip(heard.first.tolist(), heard.last.tolist(), heard.known.tolist(), strict=True))


bins = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=40)


@given(bins)
def test_what_is_missing_is_what_was_expected_since_the_last_event(some: list[tuple[int, int]]) -> None:
    rate, events = np.array(some).T
    total, missing = 0, []
    for expects, heard in some:
        total = 0 if heard else total + expects
        missing.append(total)
    assert accumulated(rate[None].astype(np.float32), events[None] == 0)[0].tolist() == missing


@given(bins, st.integers(1, 40))
def test_a_silence_is_a_whole_run_and_known_at_the_bin_in_which_enough_are_missing(
    some: list[tuple[int, int]], least: int
) -> None:
    rate, events = np.array(some).T
    told = silences(rate[None].astype(np.float32), NONE + least / MARGIN, events[None])
    threshold = max(LEAST_MISSING, least)
    runs, first, total, known = [], None, 0, None
    for at, (expects, heard) in enumerate([*some, (0, 1)]):
        if heard:
            runs += [(first, at, known, total)] if known else []
            first, total, known = None, 0, None
        else:
            first, total = at if first is None else first, total + expects
            known = at + 1 if known is None and total >= threshold else known
    columns = (told.first, told.last, told.known, told.missing)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == runs


@pytest.mark.parametrize(("rate", "known"), [(19, 22), (20, 21), (21, 21)])
def test_a_cell_is_silent_once_twenty_events_are_missing(rate: int, known: int) -> None:
    assert found([steady(rate)] * 3, steady(rate, (20, 30))) == [(20, 30, known)]


def test_a_silence_in_which_fewer_than_twenty_are_missing_is_none() -> None:
    assert found([steady(1)] * 3, steady(1, (20, 39))) == []
    assert found([steady(1)] * 3, steady(1, (20, 40))) == [(20, 40, 40)]


@pytest.mark.parametrize("days", [2, 3, 14])
def test_nothing_is_expected_before_there_are_three_days(days: int) -> None:
    assert bool(found([steady(50)] * days, steady(50, (20, 30)))) == (days >= 3)


def test_a_cell_that_is_quiet_by_habit_must_be_quiet_for_twice_as_long() -> None:
    # Each day for ten bins, at another time: 100 events are missing in them.
    habit = [steady(10, (20 * at, 20 * at + 10)) for at in range(10)]
    assert found(habit, steady(10, (200, 218))) == []
    assert found(habit, steady(10, (200, 222))) != []


def test_one_outage_does_not_hide_the_next() -> None:
    history = [steady(50), steady(50, (100, 130)), steady(50), steady(50)]
    assert found(history, steady(50, (100, 110))) == [(100, 110, 101)]
    twice = [*history[:3], steady(50, (100, 130))]
    assert found(twice, steady(50, (100, 110))) == []


def test_one_festival_does_not_make_the_days_after_it_silent() -> None:
    nobody = steady(0)
    assert found([nobody, steady(900), nobody, nobody], nobody) == []


def test_a_silence_goes_on_to_the_end_of_what_is_known() -> None:
    events = steady(50, (100, BINS))[:, :120]
    assert found([steady(50)] * 3, events) == [(100, 120, 101)]


def test_an_hour_of_which_nothing_is_kept_is_no_silence_of_the_history() -> None:
    unknown = steady(10).astype(np.float32)
    unknown[0, 20:100] = np.nan
    days = [day(steady(10)), day(unknown), day(unknown), day(steady(10))]
    assert expected(days, 1).worst.tolist() == [0]
