import numpy as np
import pytest

from pipelines.attacks.people.ranking import area_under_curve, found_at_false_alarms


@pytest.mark.parametrize(
    ("score", "positive", "area"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1], 1.0),
        ([1, 2, 3, 4], [1, 1, 0, 0], 0.0),
        ([1, 2, 3, 4], [0, 1, 0, 1], 0.75),
        ([5, 5, 5, 5], [0, 1, 0, 1], 0.5),
        ([1, 2, 2, 3], [0, 0, 1, 1], 0.875),
        ([1, 2], [1, 1], 0.5),
    ],
)
def test_the_area_is_the_chance_that_a_positive_case_is_above_another(
    score: list[float], positive: list[int], area: float
) -> None:
    assert area_under_curve(np.array(score, np.float64), np.array(positive, np.bool_)) == area


def test_a_score_that_tells_nothing_finds_as_many_as_it_alarms_falsely() -> None:
    random = np.random.default_rng(1)
    scores, positive = random.normal(size=(50, 400)), random.random((50, 400)) < 0.5
    assert found_at_false_alarms(scores, positive, 0.01) == pytest.approx(0.01, abs=0.005)


def test_a_target_with_larger_scores_does_not_hide_the_others() -> None:
    positive = np.tile(np.arange(200) % 2 == 0, (2, 1))
    scores = np.random.default_rng(1).normal(size=(2, 200)) + 9 * positive
    scores[1] *= 1_000
    assert found_at_false_alarms(scores, positive, 0.01) == 1.0
