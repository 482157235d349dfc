import numpy as np
import pytest

from anonymization.tally import Tally, gathered, nothing, together

TALLY = Tally(np.arange(6).reshape(2, 3), np.arange(6).reshape(2, 3) * 1000)


def columns(tally: Tally) -> tuple[object, object]:
    return tally.devices.tolist(), tally.weight.tolist()


@pytest.mark.parametrize(
    ("devices", "weight"),
    [
        (np.zeros(2, np.int64), np.zeros(3, np.int64)),
        (np.zeros(2, np.int64), np.zeros(2)),
        (np.zeros(2, np.int32), np.zeros(2, np.int64)),
    ],
    ids=["lengths", "float weights", "small devices"],
)
def test_columns_of_other_types_or_shapes_are_refused(devices: np.ndarray, weight: np.ndarray) -> None:
    with pytest.raises(ValueError, match="int64 devices"):
        Tally(devices, weight)


def test_devices_and_weights_are_taken_together() -> None:
    assert columns(TALLY[1]) == ([3, 4, 5], [3000, 4000, 5000])
    assert columns(TALLY[:, -1]) == ([2, 5], [2000, 5000])
    assert columns(TALLY[np.array([1, 0]), [2, 0]]) == ([5, 0], [5000, 0])
    assert columns(TALLY.sum(axis=1)) == ([3, 12], [3000, 12000])
    assert columns(TALLY.reshape(3, 2)[0]) == ([0, 1], [0, 1000])
    assert columns(TALLY[0] + TALLY[1]) == ([3, 5, 7], [3000, 5000, 7000])


def test_tallies_stand_after_each_other() -> None:
    assert columns(together([TALLY[0], nothing(0), TALLY[1, 1:]])) == ([0, 1, 2, 4, 5], [0, 1000, 2000, 4000, 5000])
    assert together([]).shape == (0,)


def test_what_is_at_one_place_adds_up() -> None:
    found = gathered(np.array([2, 0, 2]), Tally(np.array([1, 2, 3]), np.array([10, 20, 30])), 4)
    assert columns(found) == ([2, 0, 4, 0], [20, 0, 40, 0])


def test_large_weights_keep_their_last_digit() -> None:
    large = np.array([2**60 + 1, 2], np.int64)
    assert gathered(np.zeros(2, np.int64), Tally(np.ones(2, np.int64), large), 1).weight.tolist() == [2**60 + 3]
