import h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.hexagons import Cells, compact, parents, resolutions

ROOT = h3.latlng_to_cell(47.32, 5.04, 5)
LEAVES = np.array(sorted(h3.str_to_int(cell) for cell in h3.cell_to_children(ROOT, 8)), np.uint64)
PENTAGON = next(iter(h3.get_pentagons(5)))
"""Families of pentagons have six members."""

places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def by_h3(cells: Cells, coarsest: int) -> list[int]:
    """What H3 compacts, with what is coarser than `coarsest` written out again."""
    compacted = h3.compact_cells([h3.int_to_str(int(cell)) for cell in cells])
    within = [
        each
        for cell in compacted
        for each in (h3.cell_to_children(cell, coarsest) if h3.get_resolution(cell) < coarsest else [cell])
    ]
    return sorted(map(h3.str_to_int, within))


@given(st.lists(places, min_size=1, max_size=5), st.integers(0, 15), st.data())
def test_parents_are_those_of_h3(points: list[tuple[float, float]], fine: int, data: st.DataObject) -> None:
    coarse = data.draw(st.integers(0, fine))
    cells = [h3.latlng_to_cell(*point, fine) for point in points]
    found = parents(np.array([h3.str_to_int(cell) for cell in cells], np.uint64), coarse)
    assert found.tolist() == [h3.str_to_int(h3.cell_to_parent(cell, coarse)) for cell in cells]
    assert resolutions(found).tolist() == [coarse] * len(cells)


@given(st.data(), st.integers(5, 8))
def test_compact_is_that_of_h3_down_to_the_coarsest_resolution(data: st.DataObject, coarsest: int) -> None:
    whole = data.draw(st.lists(st.sampled_from([6, 7]), max_size=12))
    chosen = set(data.draw(st.lists(st.integers(0, LEAVES.size - 1), max_size=30)))
    for resolution in whole:
        families = parents(LEAVES, resolution)
        family = data.draw(st.sampled_from(sorted(set(families.tolist()))))
        chosen |= set(np.flatnonzero(families == family).tolist())
    cells = LEAVES[sorted(chosen)]
    found = compact(cells, coarsest)
    assert found.tolist() == by_h3(cells, coarsest)
    assert found.dtype == np.uint64


@pytest.mark.parametrize(("coarsest", "resolution"), [(5, 5), (6, 6), (7, 7), (8, 8)])
def test_a_whole_cell_compacts_to_the_coarsest_resolution(coarsest: int, resolution: int) -> None:
    assert set(resolutions(compact(LEAVES, coarsest)).tolist()) == {resolution}


def test_six_of_seven_stay_as_they_are() -> None:
    assert compact(LEAVES[:6], 5).tolist() == LEAVES[:6].tolist()
    assert compact(LEAVES[:7], 5).tolist() == parents(LEAVES[:1], 7).tolist()


def test_a_family_of_a_pentagon_is_left_as_it_is() -> None:
    cells = np.array(sorted(h3.str_to_int(cell) for cell in h3.cell_to_children(PENTAGON, 6)), np.uint64)
    assert cells.size == 6
    assert compact(cells, 5).tolist() == cells.tolist()


@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one_cell_stay(count: int) -> None:
    assert compact(LEAVES[:count], 5).tolist() == LEAVES[:count].tolist()
