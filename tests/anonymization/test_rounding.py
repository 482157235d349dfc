import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.rounding import HOUR, LARGEST_BASE, blocks, round_to_base

TOP = 2**32 - 1
counts = st.integers(0, 10**9)
uniforms = st.integers(0, TOP)
bases = st.integers(2, LARGEST_BASE)


def rounded(devices: list[int], uniform: list[int], base: int) -> list[int]:
    result = round_to_base(np.array(devices, np.int64), np.array(uniform, np.uint32), base)
    assert result.dtype == np.int64
    return result.tolist()  # type: ignore[no-any-return]


@given(counts, uniforms, bases)
def test_a_multiple_of_the_base_stays(quotient: int, uniform: int, base: int) -> None:
    assert rounded([quotient * base], [uniform], base) == [quotient * base]


@given(counts, uniforms, bases)
def test_the_result_is_a_multiple_less_than_one_base_away(count: int, uniform: int, base: int) -> None:
    [result] = rounded([count], [uniform], base)
    assert result % base == 0
    assert abs(result - count) < base


@given(st.integers(0, 1000), st.integers(2, 50), st.integers(1, 20))
def test_the_mean_over_a_uniform_grid_is_the_count_itself(count: int, base: int, fineness: int) -> None:
    cells = base * fineness
    middles = [((2 * cell + 1) << 32) // (2 * cells) for cell in range(cells)]
    assert sum(rounded([count] * cells, middles, base)) == count * cells


def test_a_count_goes_up_below_its_share_of_the_range_and_down_above() -> None:
    # 22 = 20 + 2: up for 2 / 5 of 2^32 = 1717986918.4.
    edge = 1_717_986_918
    assert rounded([22, 22, 22, 22], [0, edge, edge + 1, TOP], 5) == [25, 25, 20, 20]
    # 22 = 20 + 2 of 4: up for exactly half of the range.
    assert rounded([22, 22], [2**31 - 1, 2**31], 4) == [24, 20]


def test_the_largest_remainder_can_go_down_and_the_smallest_up() -> None:
    assert rounded([24, 21], [TOP, 0], 5) == [20, 25]


@pytest.mark.parametrize("base", [0, 1])
def test_base_0_and_1_round_nothing(base: int) -> None:
    assert rounded([0, 1, 23], [0, TOP, 5], base) == [0, 1, 23]


def test_the_same_number_rounds_the_same_way() -> None:
    assert rounded([23] * 3, [123_456_789] * 3, 5) in ([20] * 3, [25] * 3)


def test_rounding_leaves_its_input_as_it_was() -> None:
    devices = np.array([21, 22], np.int64)
    round_to_base(devices, np.zeros(2, np.uint32), 5)
    assert devices.tolist() == [21, 22]


def test_no_counts_give_no_counts() -> None:
    assert rounded([], [], 5) == []


@pytest.mark.parametrize("base", [-1, LARGEST_BASE + 1])
def test_an_impossible_base_is_refused(base: int) -> None:
    with pytest.raises(ValueError, match=f"expected a rounding base of 0 to {LARGEST_BASE}, got {base}"):
        rounded([1], [1], base)


def edges_of(day: int, step: int) -> npt.NDArray[np.int64]:
    """The edges of windows of so many minutes in a privacy day of so many hours, from 05:00 in June 2026 on."""
    start = 1_781_146_800_000_000
    end = start + day * HOUR
    return np.append(np.arange(start, end, step * HOUR // 60, dtype=np.int64), end)


@pytest.mark.parametrize(("step", "in_a_block"), [(5, 24), (15, 8), (20, 6), (30, 4), (60, 2)])
def test_a_block_is_of_the_windows_that_begin_within_two_hours(step: int, in_a_block: int) -> None:
    found = blocks(edges_of(24, step), 2).tolist()
    assert found == [block for block in range(12) for _ in range(in_a_block)]


@pytest.mark.parametrize(("step", "expected"), [(180, [0, 1, 3, 4, 6]), (120, [0, 1, 2, 3, 4]), (90, [0, 0, 1, 2, 3])])
def test_a_window_that_is_longer_than_a_block_has_one_of_its_own(step: int, expected: list[int]) -> None:
    assert blocks(edges_of(24, step), 2)[:5].tolist() == expected


@pytest.mark.parametrize(("day", "whole", "rest"), [(23, 11, 2), (24, 12, 0), (25, 12, 2)])
def test_blocks_count_by_time_so_that_the_last_one_of_a_day_of_23_or_25_hours_is_short(
    day: int, whole: int, rest: int
) -> None:
    found = blocks(edges_of(day, 30), 2).tolist()
    assert found == [*(block for block in range(whole) for _ in range(4)), *([whole] * rest)]


def test_no_windows_have_no_blocks() -> None:
    assert blocks(edges_of(24, 15)[:1], 2).size == 0


def test_columns_that_are_not_counts_and_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="got a negative number"):
        rounded([-1], [1], 5)
    with pytest.raises(ValueError, match="as many uint32 numbers"):
        rounded([1, 2], [1], 5)
    with pytest.raises(ValueError, match="expected int64 counts"):
        round_to_base(np.array([1.0]), np.array([1], np.uint32), 5)
