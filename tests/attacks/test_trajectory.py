"""T9: how much of the recovered traces is right, and by chance."""

import numpy as np

from pipelines.attacks.people.trajectory import TRAJECTORY, Days, Matched, matched
from pipelines.attacks.target import Target
from pipelines.attacks.weakened import exact


def shares(*values: float) -> np.ndarray:
    return np.array(values)


def test_the_risk_is_what_is_right_beyond_chance(read_once: Target) -> None:
    found = Matched(shares(0.6, 0.8), shares(0.5, 0.3), shares(1.0, 1.0), shares(0.5, 0.5))
    figures = TRAJECTORY.measure(Days(found, found), read_once).figures
    assert np.isclose(figures["risk"], (0.7 - 0.4) / 0.6)
    assert figures["risk of parts"] == 1.0


def test_a_trace_counts_as_nearly_whole_from_nine_tenths_on(read_once: Target) -> None:
    found = Matched(shares(0.89, 0.9, 0.95, 0.2), shares(0.9, 0.1, 0.1, 0.1), shares(0, 0), shares(0, 0))
    figures = TRAJECTORY.measure(Days(found, found), read_once).figures
    assert figures["traces nine tenths right"] == 0.5
    assert np.isclose(figures["traces nine tenths right, beyond chance"], (0.5 - 0.25) / 0.75)


def test_what_is_always_right_by_chance_is_no_risk(read_once: Target) -> None:
    everything = shares(1.0, 1.0)
    found = Matched(*[everything] * 4)
    assert TRAJECTORY.measure(Days(found, found), read_once).figures["risk"] == 0.0


def test_traces_are_recovered_from_exact_counts_and_not_from_what_is_published(small_target: Target) -> None:
    weak = exact(small_target.policy)
    of_counts = TRAJECTORY.measure(matched(small_target, weak, 400), small_target).figures
    of_release = TRAJECTORY.measure(matched(small_target, small_target.policy, 800), small_target).figures
    assert of_counts["risk"] > 0.05 > of_release["risk"]
    assert of_counts["right"] > of_counts["right by chance"] + 0.05
