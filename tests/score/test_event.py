"""Crowds, worked out by hand."""

import pytest

from pipelines.score import event
from tests.score.town import dated, values

PAIRS = dated(
    """
    window_start zone_id whole people truth
    10:00        lake    true  800    1000
    10:30        lake    true  800    1000
    11:00        lake    true  1500   1800
    11:30        lake    true  1500   1600
    12:00        lake    true  2600   2000
    12:30        lake    true  2200   2000
    13:00        lake    true  9000   9000
    13:30        lake    false 9000   9000
    10:00        square  true  100    900
    """
)


def test_the_error_of_an_hour_is_that_of_the_means_of_its_slots() -> None:
    found = event.crowds(PAIRS, ["lake"])
    # 10:00 has 1000 people and not more; 11:00 is 1500 for 1700, 12:00 is 2400 for 2000; 13:00 is partly in a pool.
    assert values(found)["event.lake.error"] == pytest.approx((200 / 1700 + 400 / 2000) / 2)
    assert found.left_out == {"event: hour with a crowd, in a pool": 1}


def test_the_peak_is_what_the_truth_was_at_the_published_peak() -> None:
    found = values(event.crowds(PAIRS, ["lake"]))
    assert found["event.lake.peak"] == pytest.approx(2000 / 9000)


def test_a_zone_without_a_crowd_has_no_figure() -> None:
    assert event.crowds(PAIRS, ["square"]).figures == ()


@pytest.mark.parametrize(("people", "counts"), [(1000, False), (1001, True)])
def test_a_crowd_is_more_than_1000_people(people: int, counts: bool) -> None:
    pairs = dated(f"window_start zone_id whole people truth\n10:00 lake true 1000 {people}")
    assert bool(event.crowds(pairs, ["lake"]).figures) == counts


def test_over_all_zones_hours_are_averaged_and_the_least_peak_is_told() -> None:
    pairs = dated(
        """
        window_start zone_id whole people truth
        10:00        lake    true  2000   2000
        11:00        lake    true  1000   2000
        10:00        fair    true  2000   4000
        11:00        fair    true  3000   2000
        """
    )
    found = values(event.crowds(pairs, ["lake", "fair"]))
    assert found["event.error"] == pytest.approx((0 + 0.5 + 0.5 + 0.5) / 4)
    assert (found["event.lake.peak"], found["event.fair.peak"], found["event.peak"]) == (1, 0.5, 0.5)
