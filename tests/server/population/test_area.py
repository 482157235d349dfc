import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.server.population import area, geohash

DEGREES = st.floats(-1, 1).map(lambda value: round(value, 4))
RINGS = st.lists(st.tuples(DEGREES, DEGREES), min_size=3, max_size=6)


def covered(points: list[tuple[float, float]], precision: int) -> set[str]:
    return set(geohash.texts(area.cover(area.polygon(points), precision), precision))


@settings(deadline=None, max_examples=60)
@given(RINGS, st.sampled_from([(0, 0), (5, 47), (-70, -33)]), st.integers(2, 4))
def test_the_cover_is_each_cell_that_shares_an_area(
    ring: list[tuple[float, float]], middle: tuple[float, float], precision: int
) -> None:
    points = [(middle[0] + x, middle[1] + y) for x, y in ring]
    try:
        shape = area.polygon(points)
    except area.InvalidAreaError:
        return
    width, height = geohash.size(precision)
    west, south, east, north = shape.bounds
    columns = range(int((west + 180) // width), int((east + 180) // width) + 1)
    rows = range(int((south + 90) // height), int((north + 90) // height) + 1)
    boxes = {(c * width - 180, r * height - 90) for c in columns for r in rows}
    shared = {(x, y) for x, y in boxes if shape.intersection(shapely.box(x, y, x + width, y + height)).area > 1e-12}
    found = {(box[0], box[1]) for box in geohash.boxes(area.cover(shape, precision), precision)}
    assert shared <= found <= boxes
    # What touches by less than a rounding may be in or out.
    assert all(shape.intersects(shapely.box(x, y, x + width, y + height)) for x, y in found - shared)


def test_a_polygon_over_the_antimeridian_has_the_cells_of_its_two_halves() -> None:
    whole = covered([(179.5, 10), (-179.5, 10), (-179.5, 10.5), (179.5, 10.5)], 5)
    east = covered([(179.5, 10), (180, 10), (180, 10.5), (179.5, 10.5)], 5)
    west = covered([(-180, 10), (-179.5, 10), (-179.5, 10.5), (-180, 10.5)], 5)
    assert whole == east | west
    assert len(whole) < 700


def test_a_ring_may_be_closed_or_not_and_go_either_way() -> None:
    ring = [(5.0, 47.0), (5.1, 47.0), (5.1, 47.1)]
    assert covered(ring, 6) == covered([*ring, ring[0]], 6) == covered(ring[::-1], 6)


def test_a_polygon_smaller_than_a_cell_has_the_cell() -> None:
    assert len(covered([(5.0, 47.0), (5.00001, 47.0), (5.0, 47.00001)], 5)) == 1


@pytest.mark.parametrize(
    "points",
    [
        pytest.param([(5, 47), (6, 48), (6, 47), (5, 48)], id="edges cross"),
        pytest.param([(5, 47), (6, 47), (5, 47), (6, 47)], id="there and back"),
        pytest.param([(5, 47), (5.1, 47.1), (5.2, 47.2)], id="a line"),
        pytest.param([(5, 47)] * 3, id="one point"),
        pytest.param([(0, 80), (120, 80), (-120, 80)], id="around a pole"),
        pytest.param([(i, i * i) for i in range(9)] + [(0, 80)] * 7, id="16 vertices"),
    ],
)
def test_what_is_no_simple_polygon_is_refused(points: list[tuple[float, float]]) -> None:
    with pytest.raises(area.InvalidAreaError):
        area.polygon(points)


@pytest.mark.parametrize(
    "points",
    [
        pytest.param([(-180, -90), (0, -90), (180, -90), (180, 90), (0, 90), (-180, 90)], id="the world"),
        pytest.param([(0, 40), (9, 49), (9, 49.001)], id="a long and narrow one"),
        pytest.param([(0, 40), (0.3, 40), (0.3, 40.2)], id="a department"),
    ],
)
def test_an_area_of_more_cells_than_an_interval_may_have_is_refused(points: list[tuple[float, float]]) -> None:
    with pytest.raises((area.TooLargeError, area.InvalidAreaError)):
        area.cover(area.polygon(points), 7)
