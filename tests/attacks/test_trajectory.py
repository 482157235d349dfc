"""T9: how much of the recovered traces is right, and by chance."""

import numpy as np
import pytest

from pipelines.attacks.people.trajectory import MOST_WEAK_DAYS, TRAJECTORY, Days, Matched, matched
from pipelines.attacks.target import Target


def shares(*values: float) -> np.ndarray:
    return np.array(values)


def test_the_risk_is_what_is_right_beyond_chance(read_once: Target) -> None:
    found = Matched(shares(0.6, 0.8), shares(1.0, 1.0), shares(0.5, 0.3), shares(0.5, 0.5))
    figures = TRAJECTORY.measure(Days(found, found), read_once).figures
    assert np.isclose(figures["risk"], (0.7 - 0.4) / 0.6)
    assert figures["risk of parts"] == 1.0


def test_a_trace_counts_as_nearly_whole_from_nine_tenths_on(read_once: Target) -> None:
    found = Matched(shares(0.89, 0.9, 0.95, 0.2), shares(0, 0), shares(0.9, 0.1, 0.1, 0.1), shares(0, 0))
    figures = TRAJECTORY.measure(Days(found, found), read_once).figures
    assert figures["traces nine tenths right"] == 0.5
    assert np.isclose(figures["traces nine tenths right, beyond chance"], (0.5 - 0.25) / 0.75)


def test_what_is_always_right_by_chance_is_no_risk(read_once: Target) -> None:
    everything = shares(1.0, 1.0)
    found = Matched(*[everything] * 4)
    assert TRAJECTORY.measure(Days(found, found), read_once).figures["risk"] == 0.0


def test_the_risk_over_all_days_of_one_day_is_not_attacked(read_once: Target) -> None:
    found = Matched(*[shares(0.5, 0.5)] * 4)
    measured = TRAJECTORY.measure(Days(found, None), read_once)
    assert list(measured.absent) == ["risk over all days"]
    assert "risk over all days" not in measured.figures


@pytest.mark.slow
def test_traces_are_recovered_from_exact_counts_and_not_from_what_is_published(small_target: Target) -> None:
    of_counts = TRAJECTORY.measure(matched(small_target, None), small_target).figures
    of_release = TRAJECTORY.measure(matched(small_target, small_target.policy), small_target).figures
    for figure in ("risk", "risk over all days"):
        level = next(level.most for level in TRAJECTORY.levels if level.figure == figure)
        assert of_counts[figure] > 2 * level > level > of_release[figure]


def test_the_control_is_of_other_people(small_target: Target) -> None:
    found = matched(small_target, None, MOST_WEAK_DAYS).single
    assert found.own.size == found.other.size
    assert found.own.mean() > found.other.mean() + 0.2
