"""Which partitions hold others up: those that have delivered lately, or have something still to be read."""

import pytest

from pipelines.follow.deliveries import AFTER_OUTAGE_SECONDS, IDLE_SECONDS, Deliveries
from tests.follow.delivered import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def three(clock: Clock) -> Deliveries:
    found = Deliveries(clock)
    found.expect(["a", "b", "c"])
    return found


def test_a_partition_is_idle_a_minute_after_its_last_delivery_and_no_second_sooner(
    three: Deliveries, clock: Clock
) -> None:
    clock.seconds = 1
    three.arrived("a")
    clock.seconds = IDLE_SECONDS - 1
    assert three.idle() == []
    clock.seconds = IDLE_SECONDS
    assert three.idle() == ["b", "c"]
    clock.seconds = IDLE_SECONDS + 1
    assert three.idle() == ["a", "b", "c"]


def test_a_partition_of_which_something_is_still_to_be_read_is_not_idle(three: Deliveries, clock: Clock) -> None:
    clock.seconds = IDLE_SECONDS
    assert three.idle({"a": 1, "b": 0}) == ["b", "c"]


def test_after_an_outage_of_all_each_gets_time_again_and_the_first_that_delivers_gets_more_than_the_others(
    three: Deliveries, clock: Clock
) -> None:
    clock.seconds = 5 * IDLE_SECONDS
    three.arrived("a")
    clock.seconds += AFTER_OUTAGE_SECONDS - 1
    assert three.idle() == []
    clock.seconds += 1
    assert three.idle() == ["b", "c"]


def test_where_one_of_many_delivers_rarely_the_others_do_not_hold_it_up_for_ever(
    three: Deliveries, clock: Clock
) -> None:
    for _ in range(3):
        clock.seconds += 5 * IDLE_SECONDS
        three.arrived("a")
        clock.seconds += AFTER_OUTAGE_SECONDS
        assert "a" not in three.idle()
        assert three.idle() == ["b", "c"]


def test_one_that_was_silent_among_others_that_were_not_gets_its_whole_time_where_it_delivers(
    three: Deliveries, clock: Clock
) -> None:
    clock.seconds = IDLE_SECONDS - 1
    three.arrived("b")
    clock.seconds = IDLE_SECONDS
    three.arrived("a")
    assert three.idle() == ["c"]
    clock.seconds += IDLE_SECONDS - 1
    assert three.idle() == ["b", "c"]
