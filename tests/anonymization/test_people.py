import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.people import People, people

counts = st.lists(st.integers(0, 10**7), min_size=1, max_size=20)
factors = st.floats(1, 1000)
levels = st.floats(0.5, 0.999)
effects = st.floats(1, 10)
bases = st.sampled_from([0, 5, 10, 100])


def of(devices: list[int], factor: float, confidence: float = 0.95, effect: float = 1.0, base: int = 5) -> People:
    return people(np.array(devices, np.int64), factor, confidence, effect, base)


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
def test_each_row_depends_on_its_printed_devices_alone(devices: list[int], factor: float, place: int) -> None:
    place %= len(devices)
    whole, alone = of(devices, factor), of([devices[place]], factor)
    for column in ("low", "people", "high"):
        assert getattr(whole, column)[place] == getattr(alone, column)[0]


@given(st.integers(0, 10**6), factors, st.integers(0, 50))
def test_more_devices_are_no_fewer_people(devices: int, factor: float, more: int) -> None:
    found = of([devices, devices + more], factor)
    assert found.people[0] <= found.people[1]
    assert found.high[0] <= found.high[1]


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
    # 100 devices of 4: 400; variance 400 x 3 + (4 x 5 / 2)^2 = 1300, of which 1.96 standard deviations are 70.7.
    found = of([100], 4.0)
    assert (found.low.tolist(), found.people.tolist(), found.high.tolist()) == ([320], [400], [480])
    # One for each: only the rounding of the devices is left, 1.96 x 2.5 = 4.9.
    found = of([100], 1.0)
    assert (found.low.tolist(), found.people.tolist(), found.high.tolist()) == ([90], [100], [110])


@pytest.mark.parametrize(("devices", "printed"), [(20, 20), (25, 20), (30, 30), (35, 40), (45, 40)])
def test_halves_go_to_even_tens(devices: int, printed: int) -> None:
    assert of([devices], 1.0).people.tolist() == [printed]


def test_without_rounding_one_for_each_has_no_width_but_the_tens() -> None:
    found = of([20, 25], 1.0, base=0)
    assert (found.low.tolist(), found.people.tolist(), found.high.tolist()) == ([20, 20], [20, 20], [20, 30])


def test_no_row_has_no_people() -> None:
    assert of([], 4.0).people.size == 0
