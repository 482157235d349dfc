import h3
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from anonymization.checks.spans import WHOLE, covered, merged, merged_in_groups, outside, overlapping, spans, valid

CELLS = st.builds(h3.latlng_to_cell, st.floats(-90, 90), st.floats(-180, 180), st.integers(0, 15))
NONE = np.zeros(0, np.int64)


def indexes(*cells: str) -> np.ndarray:
    return np.array([h3.str_to_int(cell) for cell in cells], np.uint64)


@given(st.lists(CELLS, min_size=1), st.integers(0, 63))
def test_validity_is_that_of_h3(cells: list[str], bit: int) -> None:
    changed = indexes(*cells) ^ np.uint64(1 << bit)
    assert valid(indexes(*cells)).all()
    assert valid(changed).tolist() == [h3.is_valid_cell(h3.int_to_str(int(cell))) for cell in changed]


def test_pentagons_have_no_first_child() -> None:
    pentagon = h3.get_pentagons(1)[0]
    children = indexes(*h3.cell_to_children(pentagon, 4))
    assert valid(children).all()
    assert not valid(indexes(pentagon) & ~np.uint64(7 << 39) | np.uint64(1 << 39) | np.uint64(2 << 52))[0]


@given(CELLS.filter(lambda cell: h3.get_resolution(cell) < 14 and not h3.is_pentagon(cell)))
def test_children_fill_the_span_of_their_parent(cell: str) -> None:
    children = spans(indexes(*h3.cell_to_children(cell, h3.get_resolution(cell) + 2)))
    low, high = spans(indexes(cell))
    together = merged(*children)
    assert (together[0].tolist(), together[1].tolist()) == (low.tolist(), high.tolist())
    assert overlapping(np.zeros(children[0].size, np.int64), *children).size == 0


NEAR = st.builds(h3.latlng_to_cell, st.floats(47, 48), st.floats(5, 6), st.integers(0, 5))


@given(st.lists(NEAR, min_size=2, max_size=12, unique=True))
def test_cells_overlap_where_one_holds_the_other(cells: list[str]) -> None:
    def inside(inner: str, outer: str) -> bool:
        coarse, fine = h3.get_resolution(outer), h3.get_resolution(inner)
        return inner != outer and fine >= coarse and h3.cell_to_parent(inner, coarse) == outer

    expected = {cell for cell in cells if any(inside(cell, other) for other in cells)}
    found = overlapping(np.zeros(len(cells), np.int64), *spans(indexes(*cells)))
    assert {cells[place] for place in found} == expected


def test_cells_of_different_groups_do_not_overlap() -> None:
    cell = indexes(*[h3.latlng_to_cell(47.3, 5.0, 9)] * 2)
    assert overlapping(np.array([0, 1]), *spans(cell)).size == 0
    assert overlapping(np.array([0, 0]), *spans(cell)).size == 1


def test_spans_are_covered_by_an_area_and_not_by_what_is_outside() -> None:
    area = merged(np.array([30, 10, 15]), np.array([40, 20, 30]))
    assert (area[0].tolist(), area[1].tolist()) == ([10], [40])
    low, high = np.array([10, 9, 39, 40]), np.array([40, 10, 41, 41])
    assert covered(low, high, area).tolist() == [True, False, False, False]
    assert covered(low, high, outside(*area)).tolist() == [False, True, False, True]


def test_nothing_covers_nothing_and_leaves_the_whole_outside() -> None:
    assert covered(np.array([1]), np.array([2]), (NONE, NONE)).tolist() == [False]
    assert [edge.tolist() for edge in outside(*merged(NONE, NONE))] == [[0], [WHOLE]]
    assert overlapping(NONE, NONE, NONE).size == 0


SPAN = st.tuples(st.integers(0, 3), st.integers(0, 30), st.integers(1, 10))


@given(st.lists(SPAN, max_size=20))
def test_spans_are_merged_within_their_group_only(listed: list[tuple[int, int, int]]) -> None:
    group, low, size = (np.array(column, np.int64) for column in zip(*listed, strict=True)) if listed else (NONE,) * 3
    found = merged_in_groups(group, low, low + size)
    for number in range(4):
        expected = merged(low[group == number], (low + size)[group == number])
        assert [column[found[0] == number].tolist() for column in found[1:]] == [each.tolist() for each in expected]


def test_many_groups_do_not_run_into_each_other() -> None:
    # More of them than fit on one line of 64 bits.
    count = 40_000
    low, high = (np.tile([0, WHOLE - 1], count), np.tile([1, WHOLE], count))
    group = np.repeat(np.arange(count), 2)
    assert overlapping(group, low, high).size == 0
    assert overlapping(np.append(group, count - 1), np.append(low, 0), np.append(high, WHOLE)).tolist() == [
        79_998,
        79_999,
    ]
