"""Which zones a part touches, and over which hexagons it spreads."""

import h3
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.score.places import numbered, place_of, spread, touching
from tests.score.town import A_CELLS, NINES, PLACES, ZONES, numbers, placed
from tests.tables import rows

CELLS = pa.list_(pa.uint64())


def parts(*cells: list[str]) -> pa.Table:
    return pa.table(
        {"part": range(len(cells)), "cells": pa.array([numbers(each).tolist() for each in cells], CELLS)},
    )


def place(cell: str) -> int:
    return int(place_of(numbers([cell]))[0])


def test_a_part_is_numbered_once_whatever_the_window() -> None:
    found = numbered(
        placed(
            """
            window_start where people
            10:00        A     10
            10:15        A     20
            10:15        B     30
            """
        )
    )
    assert rows(found.parts, ["part", "zone_id"]) == [(0, "A"), (1, "B")]
    assert rows(found.rows, ["part", "people"]) == [(0, 10.0), (0, 20.0), (1, 30.0)]


@pytest.mark.parametrize(
    ("where", "touched"),
    [
        ("A", {("A", True)}),
        ("V", {("A", True), ("V", True)}),
        ("B", {("B", True)}),
        ("A|B", {("A", False), ("B", False)}),
        ("all of A", {("A", True), ("V", False)}),
        ("rest", set()),
    ],
)
def test_a_part_touches_the_zones_that_it_has_cells_in_or_around(where: str, touched: set[tuple[str, bool]]) -> None:
    found = touching(parts(list(PLACES[where])), ZONES)
    assert set(rows(found, ["zone_id", "inside"])) == touched


def test_people_of_a_fine_cell_are_in_its_hexagon_of_resolution_8() -> None:
    assert rows(spread(parts(NINES[3:4])), ["part", "place", "share"]) == [(0, place(A_CELLS[0]), 1.0)]


def test_people_of_a_coarse_cell_are_in_all_its_hexagons_alike() -> None:
    seven = h3.cell_to_parent(A_CELLS[0], 7)
    found = rows(spread(parts([seven])), ["place", "share"])
    assert found == sorted((place(child), pytest.approx(1 / 7)) for child in h3.cell_to_children(seven, 8))


def test_people_of_several_cells_are_spread_by_area() -> None:
    # Two cells of resolution 9 in the first hexagon, and the whole of the second: 2 to 7.
    found = rows(spread(parts([*NINES[:2], A_CELLS[1]])), ["place", "share"])
    expected = [(place(A_CELLS[0]), pytest.approx(2 / 9)), (place(A_CELLS[1]), pytest.approx(7 / 9))]
    assert found == sorted(expected)


def test_no_part_touches_no_zone() -> None:
    assert touching(parts(), ZONES).num_rows == 0


FINE = sorted(h3.cell_to_children(h3.latlng_to_cell(47.32, 5.04, 6), 9))


@given(st.lists(st.sets(st.sampled_from(FINE), min_size=1, max_size=12), min_size=1, max_size=4))
def test_nobody_is_lost_when_a_part_is_spread(chosen: list[set[str]]) -> None:
    found = spread(parts(*(h3.compact_cells(list(cells)) for cells in chosen)))
    shares = np.bincount(found["part"].to_numpy(), found["share"].to_numpy(), len(chosen))
    assert shares == pytest.approx(np.ones(len(chosen)))
