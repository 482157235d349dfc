import h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.distances import EARTH_RADIUS_KM, centroid, distance_class
from anonymization.hexagons import compact
from schemas.vocabulary import DISTANCE_CLASSES
from tests.anonymization.territories import SEVENS, hexagons


def point(latitude: float, longitude: float) -> np.ndarray:
    lat, lng = np.radians([latitude, longitude])
    return np.array([np.cos(lat) * np.cos(lng), np.cos(lat) * np.sin(lng), np.sin(lat)])


def north(kilometres: float) -> np.ndarray:
    return point(np.degrees(kilometres / EARTH_RADIUS_KM), 0)


@pytest.mark.parametrize(
    ("kilometres", "name"),
    [
        (0, "<2 km"), (1.999, "<2 km"), (2.001, "2-5 km"), (4.999, "2-5 km"), (5.001, "5-10 km"), (9.999, "5-10 km"),
        (10.001, "10-20 km"), (19.999, "10-20 km"), (20.001, "20-50 km"), (49.999, "20-50 km"), (50.001, ">=50 km"),
        (9000, ">=50 km"),
    ],
)  # fmt: skip
def test_a_distance_is_in_the_class_that_begins_below_it(kilometres: float, name: str) -> None:
    assert distance_class(north(0), [north(kilometres)]) == name


@given(st.lists(st.floats(0, 200), min_size=1, max_size=6))
def test_several_distances_list_each_class_once_and_in_order(kilometres: list[float]) -> None:
    listed = distance_class(north(0), [north(each) for each in kilometres]).split("|")
    alone = {distance_class(north(0), [north(each)]) for each in kilometres}
    assert listed == [name for name in DISTANCE_CLASSES if name in alone]


def test_the_centroid_of_a_cell_is_its_centre() -> None:
    [cell] = np.array([h3.str_to_int(SEVENS[0])], np.uint64)[:, None]
    assert np.allclose(centroid(cell), point(*h3.cell_to_latlng(SEVENS[0])))


def test_cells_count_by_their_size() -> None:
    base = hexagons(*SEVENS[:3])
    far = float(np.linalg.norm(centroid(base) - centroid(compact(base, 5)))) * EARTH_RADIUS_KM
    # Less than a tenth of a hexagon; a plain mean over mixed cells would be hundreds of metres off.
    assert far < 0.03


def test_known_distance_from_dijon_to_beaune() -> None:
    dijon, beaune = ([h3.latlng_to_cell(*place, 9)] for place in ((47.3220, 5.0415), (47.0260, 4.8400)))
    cells = [np.array([h3.str_to_int(cell) for cell in each], np.uint64) for each in (dijon, beaune)]
    chord = float(np.linalg.norm(centroid(cells[0]) - centroid(cells[1])))
    assert abs(chord * EARTH_RADIUS_KM - 36.2) < 0.5
    assert distance_class(centroid(cells[0]), [centroid(cells[1])]) == "20-50 km"
