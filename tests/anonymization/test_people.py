import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.people import People, interval, people
from anonymization.tally import Tally

counts = st.lists(st.integers(0, 10**7), min_size=1, max_size=20)
factors = st.integers(1, 1000).map(lambda tenths: tenths / 10)
levels = st.floats(0.5, 0.999)
effects = st.floats(1, 10)
bases = st.sampled_from([0, 5, 10, 100])


def of(
    devices: list[int], factor: float, confidence: float = 0.95, effect: float = 1.0, base: int = 5, exact: int = 20
) -> People:
    """Printed devices of rows of `exact` ones that all weigh the same."""
    rows = np.full(len(devices), exact, np.int64)
    tally = Tally(rows, np.rint(rows * factor * 1000).astype(np.int64))
    return people(np.array(devices, np.int64), tally, confidence, np.full(len(devices), effect), base)


@given(counts, factors, levels, effects, bases)
def test_people_are_multiples_of_ten_in_an_interval_that_holds_them(
    devices: list[int], factor: float, confidence: float, effect: float, base: int
) -> None:
    found = of(devices, factor, confidence, effect, base)
    for column in (found.low, found.people, found.high):
        assert column.dtype == np.float64
        assert (column % 10 == 0).all()
    assert (found.low >= 0).all()
    assert (found.low <= found.people).all()
    assert (found.people <= found.high).all()
    assert np.isfinite(found.high).all()


@given(counts, factors)
def test_people_are_what_the_devices_stand_for_to_the_nearest_ten(devices: list[int], factor: float) -> None:
    found = of(devices, factor)
    assert np.allclose(found.people, np.array(devices) * factor, rtol=1e-12, atol=5.001)


@given(counts, factors, st.integers(0, 19))
def test_each_row_depends_on_its_printed_devices_and_mean_weight_alone(
    devices: list[int], factor: float, place: int
) -> None:
    place %= len(devices)
    whole, alone = of(devices, factor), of([devices[place]], factor)
    for column in ("low", "people", "high"):
        assert getattr(whole, column)[place] == getattr(alone, column)[0]


@given(st.integers(20, 40), st.integers(20, 10**6), factors)
def test_where_all_weigh_the_same_the_exact_count_shows_nowhere(exact: int, printed: int, factor: float) -> None:
    one, other = of([printed], factor), of([printed], factor, exact=exact)
    for column in ("low", "people", "high"):
        assert getattr(one, column).tolist() == getattr(other, column).tolist()


@given(st.lists(st.integers(500, 9000), min_size=20, max_size=60))
def test_people_are_the_printed_devices_times_the_mean_weight(weights: list[int]) -> None:
    tally = Tally(np.array([len(weights)], np.int64), np.array([sum(weights)], np.int64))
    found = people(np.array([25], np.int64), tally, 0.95, np.ones(1), 5)
    assert abs(found.people[0] - 25 * sum(weights) / len(weights) / 1000) <= 5.001


@given(counts, st.integers(0, 10**6), levels, effects, bases)
def test_the_interval_depends_on_what_is_printed_alone(
    devices: list[int], tens: int, confidence: float, effect: float, base: int
) -> None:
    printed = np.full(len(devices), tens * 10.0)
    low, high = interval(np.array(devices, np.int64), printed, confidence, np.full(len(devices), effect), base)
    assert (low <= printed).all()
    assert (printed <= high).all()
    assert (low >= 0).all()
    assert np.isfinite(high).all()


@pytest.mark.parametrize(("devices", "weight"), [(20, 0), (0, 0), (20, -1), (0, 5)])
def test_devices_that_stand_for_nobody_are_refused(devices: int, weight: int) -> None:
    tally = Tally(np.array([devices], np.int64), np.array([weight], np.int64))
    with pytest.raises(ValueError, match="stand for people"):
        people(np.array([20], np.int64), tally, 0.95, np.ones(1), 5)


def test_where_no_device_is_printed_one_may_stand_for_one_person() -> None:
    found = of([0], 3.0)
    assert (found.low.tolist(), found.people.tolist(), found.high.tolist()) == ([0], [0], [10])


@given(st.integers(0, 10**6), factors, st.integers(0, 50))
def test_more_devices_are_no_fewer_people(devices: int, factor: float, more: int) -> None:
    found = of([devices, devices + more], factor)
    assert found.people[0] <= found.people[1]


@given(counts, factors, effects)
def test_a_wider_confidence_a_greater_effect_and_a_coarser_base_widen_the_interval(
    devices: list[int], factor: float, effect: float
) -> None:
    narrow = of(devices, factor, 0.8, 1.0, 0)
    for wide in (
        of(devices, factor, 0.99, 1.0, 0),
        of(devices, factor, 0.8, effect, 0),
        of(devices, factor, 0.8, 1.0, 10),
    ):
        assert (wide.low <= narrow.low).all()
        assert (wide.high >= narrow.high).all()


def test_the_interval_by_hand() -> None:
    # 100 devices of 4: 400; variance 400 x 4 + (4 x 5 / 2)^2 = 1700, of which 1.96 standard deviations are 80.8.
    found = of([100], 4.0)
    assert (found.low.tolist(), found.people.tolist(), found.high.tolist()) == ([310], [400], [490])
    # One for each: variance 100 + 2.5^2, of which 1.96 standard deviations are 20.2.
    found = of([100], 1.0)
    assert (found.low.tolist(), found.people.tolist(), found.high.tolist()) == ([70], [100], [130])


@pytest.mark.parametrize(("devices", "printed"), [(20, 20), (25, 20), (30, 30), (35, 40), (45, 40)])
def test_halves_go_to_even_tens(devices: int, printed: int) -> None:
    assert of([devices], 1.0).people.tolist() == [printed]


def test_without_rounding_and_without_an_effect_there_is_no_width_but_the_tens() -> None:
    found = of([20, 25], 1.0, effect=0.0, base=0)
    assert (found.low.tolist(), found.people.tolist(), found.high.tolist()) == ([20, 20], [20, 20], [20, 20])


def test_no_row_has_no_people() -> None:
    assert of([], 4.0).people.size == 0
