"""Outlines: valid polygons that cover what the cells cover."""

import h3
import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon

from anonymization.hexagons import compact
from pipelines.exports.cells import PerPart
from pipelines.exports.polygons import outline
from tests.anonymization.releases import EIGHTS
from tests.exports.handmade import rows

NEAR_DIJON = sorted(h3.grid_disk(h3.latlng_to_cell(47.32, 5.04, 9), 6))
FINEST = 9

areas = st.lists(st.sampled_from(NEAR_DIJON), min_size=1, unique=True)


def as_cells(names: list[str]) -> np.ndarray:
    return np.array(sorted(map(h3.str_to_int, names)), np.uint64)


def hexagon(name: str) -> Polygon:
    return Polygon([(longitude, latitude) for latitude, longitude in h3.cell_to_boundary(name)])


@given(areas)
def test_an_outline_is_valid_and_covers_its_hexagons_and_nothing_else(names: list[str]) -> None:
    shape = outline(as_cells(names), FINEST)
    assert shape is not None
    assert shapely.is_valid(shape)
    covered = shapely.union_all([hexagon(name) for name in names])
    # The corners are rounded by 0.05 m at most, and a side is 200 m long.
    assert shapely.symmetric_difference(shape, covered).area < 1e-3 * covered.area


@given(areas)
def test_outer_rings_turn_left_and_holes_turn_right(names: list[str]) -> None:
    shape = outline(as_cells(names), FINEST)
    for polygon in shapely.get_parts(shape):
        assert shapely.is_ccw(polygon.exterior)
        assert not any(shapely.is_ccw(hole) for hole in polygon.interiors)


@given(areas)
def test_coordinates_have_six_decimals_and_the_longitude_comes_first(names: list[str]) -> None:
    coordinates = shapely.get_coordinates(outline(as_cells(names), FINEST))
    assert (np.round(coordinates, 6) == coordinates).all()
    assert ((coordinates > (4, 46)) & (coordinates < (6, 48))).all()


@given(areas)
def test_the_outline_does_not_depend_on_how_the_cells_are_compacted(names: list[str]) -> None:
    fine = as_cells(names)
    assert shapely.to_wkb(outline(fine, FINEST)) == shapely.to_wkb(outline(compact(fine, 5), FINEST))


def test_neighbours_share_their_border_whatever_their_resolution() -> None:
    """A cell of resolution 8 and the hexagons next to it, drawn as they are, would overlap and leave gaps."""
    coarse, fine = EIGHTS[0], h3.cell_to_children(EIGHTS[1], 9)
    drawn = [outline(as_cells([coarse]), FINEST), outline(as_cells(fine), FINEST)]
    assert shapely.intersection(*drawn).area == 0
    assert shapely.union_all(drawn).geom_type == "Polygon"


def test_no_cells_have_no_outline() -> None:
    assert outline(np.zeros(0, np.uint64), FINEST) is None


def test_a_ring_of_hexagons_has_a_hole() -> None:
    ring = set(h3.grid_disk(NEAR_DIJON[0], 1)) - {NEAR_DIJON[0]}
    assert len(outline(as_cells(list(ring)), FINEST).interiors) == 1


def test_apart_pieces_are_one_multipolygon() -> None:
    centre = h3.latlng_to_cell(47.32, 5.04, 9)
    assert outline(as_cells([centre, h3.grid_ring(centre, 3)[0]]), FINEST).geom_type == "MultiPolygon"


def test_a_distinct_list_of_cells_is_worked_out_once_over_all_tables() -> None:
    met: list[tuple[int, ...]] = []
    parts = PerPart(lambda cells: met.append(tuple(cells.tolist())) or len(met))
    text = "zone_id devices people\n21231 40 120\n21515 40 120\n21231 50 150\n21231,21515 50 150"
    assert parts.of(rows("attendance", text)) == [1, 2, 1, 3]
    assert parts.of(rows("attendance", text).slice(1, 2)) == [2, 1]
    assert len(met) == 3
