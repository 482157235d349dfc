"""What is far ahead of its partition: single wrong clocks never move it, outages that end do."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ahead import AHEAD, CONFIRMING, FOREVER, Reach, far_ahead

HOUR = 3_600_000_000
NOW = 500_000 * HOUR
WRONG = NOW + 100_000 * HOUR


def delivered(reach: Reach, *times: int) -> tuple[int, Reach]:
    found, rows = np.unique(np.array(times, np.int64), return_counts=True)
    return reach.with_delivery(found, rows)


def messages(reach: Reach, deliveries: Sequence[Sequence[int]]) -> tuple[list[int], Reach]:
    """The times that are not far ahead, in order of deliveries."""
    place = np.repeat(np.arange(len(deliveries)), [len(some) for some in deliveries])
    time = np.array([at for some in deliveries for at in some], np.int64)
    far, reach = far_ahead(place, time, len(deliveries), reach)
    return time[~far].tolist(), reach


def one_by_one(reach: Reach, deliveries: Sequence[Sequence[int]]) -> tuple[list[int], Reach]:
    taken = list[int]()
    for some in deliveries:
        if some:
            limit, reach = delivered(reach, *some)
            taken += [at for at in some if at <= limit]
    return taken, reach


@pytest.mark.parametrize(("ahead", "taken"), [(AHEAD - 1, True), (AHEAD, True), (AHEAD + 1, False)])
def test_an_event_is_far_ahead_if_it_is_more_than_a_day_beyond_all_others(ahead: int, taken: bool) -> None:
    limit, reach = delivered(Reach(NOW), NOW + ahead)
    assert (limit == FOREVER) == taken
    assert reach == (Reach(NOW + ahead) if taken else Reach(NOW, 1))


def test_a_single_wrong_clock_moves_nothing_however_often_it_comes_among_others() -> None:
    reach = Reach(NOW)
    for minute in range(1_000):
        at = NOW + minute * HOUR // 60
        for some in ([WRONG], [at]):
            _, reach = delivered(reach, *some)
    assert reach == Reach(at, 0)


def test_a_delivery_keeps_its_events_but_for_those_far_ahead() -> None:
    limit, reach = delivered(Reach(NOW), NOW - HOUR, NOW + HOUR, NOW + 20 * HOUR, NOW + 40 * HOUR, WRONG, WRONG)
    assert NOW + 40 * HOUR <= limit < WRONG
    assert reach == Reach(NOW + 40 * HOUR, 0)


@pytest.mark.parametrize(("rows", "taken"), [(CONFIRMING - 1, False), (CONFIRMING, True), (CONFIRMING + 1, True)])
def test_a_file_after_an_outage_is_taken_whole_if_it_is_large_enough(rows: int, taken: bool) -> None:
    monday = NOW + 60 * HOUR
    limit, reach = delivered(Reach(NOW), *[monday] * rows)
    assert (limit == FOREVER) == taken
    assert reach == (Reach(monday, 0) if taken else Reach(NOW, rows))


def test_messages_after_an_outage_are_taken_once_enough_of_them_say_the_same() -> None:
    monday = NOW + 60 * HOUR
    taken, reach = messages(Reach(NOW), [[monday + at] for at in range(300)])
    assert taken == [monday + at for at in range(CONFIRMING - 1, 300)]
    assert reach == Reach(monday + 299, 0)


def test_stragglers_do_not_hold_up_the_end_of_an_outage_for_ever() -> None:
    monday = NOW + 60 * HOUR
    stream = [[NOW - HOUR] if at % 10 == 0 else [monday + at] for at in range(400)]
    taken, reach = messages(Reach(NOW), stream)
    assert reach.high == monday + 399
    assert sum(at >= monday for at in taken) > 230


def test_after_an_outage_a_wrong_clock_is_still_one() -> None:
    monday = NOW + 60 * HOUR
    limit, reach = delivered(Reach(NOW), *[monday] * 500, WRONG)
    assert monday <= limit < WRONG
    assert reach.high == monday


@pytest.mark.parametrize(("wrong", "taken"), [(499, False), (500, True)])
def test_many_events_of_one_wrong_clock_in_a_large_file_confirm_nothing(wrong: int, taken: bool) -> None:
    times = np.array([NOW + 1, WRONG])
    limit, _ = Reach(NOW).with_delivery(times, np.array([10_000 - wrong, wrong]))
    assert (limit == FOREVER) == taken


def test_most_of_the_first_delivery_has_the_right_time() -> None:
    for wrong in (WRONG, NOW - 200_000 * HOUR):
        limit, reach = delivered(Reach(), NOW, NOW + HOUR, wrong)
        assert (limit < WRONG) == (wrong == WRONG)
        assert reach.high == NOW + HOUR
    assert delivered(Reach(), NOW, WRONG)[1].high == NOW


def test_a_file_of_several_days_with_a_weekend_between_is_taken_whole() -> None:
    hours = [*range(72), *range(130, 150)]
    times = np.array([NOW + hour * HOUR for hour in hours])
    limit, reach = Reach(NOW).with_delivery(times, np.full(times.size, 50))
    assert (limit, reach) == (FOREVER, Reach(int(times[-1]), 0))


TIMES = st.sampled_from([NOW - 30 * HOUR, NOW, NOW + HOUR, NOW + 23 * HOUR, NOW + 60 * HOUR, NOW + 61 * HOUR, WRONG])
DELIVERIES = st.lists(st.lists(TIMES, max_size=60), max_size=12)


@given(DELIVERIES, st.sampled_from([Reach(), Reach(NOW), Reach(NOW, 90)]))
def test_messages_are_judged_one_after_another(deliveries: list[list[int]], reach: Reach) -> None:
    assert messages(reach, deliveries) == one_by_one(reach, deliveries)


@given(DELIVERIES, st.integers(0, 12))
def test_messages_may_be_read_in_any_groups(deliveries: list[list[int]], cut: int) -> None:
    whole = messages(Reach(NOW, 40), deliveries)
    first, reach = messages(Reach(NOW, 40), deliveries[:cut])
    second, reach = messages(reach, deliveries[cut:])
    assert ([*first, *second], reach) == whole


def test_more_messages_than_are_looked_at_in_one_go_are_judged_alike() -> None:
    rng = np.random.default_rng(5)
    stream = [[NOW + at * 1_000_000] if rng.random() > 0.01 else [WRONG] for at in range(10_000)]
    assert messages(Reach(NOW), stream) == one_by_one(Reach(NOW), stream)
