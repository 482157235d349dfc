import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.server.population import geohash

TEXTS = st.text("0123456789bcdefghjkmnpqrstuvwxyz", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "longitude", "latitude"),
    [
        ("ezs42", -5.603, 42.605),
        ("u4pruydqqvj", 10.40744, 57.64911),
        ("s", 22.5, 22.5),
        ("zzzzzzzzzzzz", 180 - 1e-8, 90 - 1e-8),
    ],
)
def test_a_known_place_lies_in_its_geohash(text: str, longitude: float, latitude: float) -> None:
    west, south, east, north = geohash.boxes(geohash.parsed([text]), len(text))[0]
    assert west <= longitude <= east
    assert south <= latitude <= north


@given(TEXTS)
def test_a_code_is_written_as_it_was_read(text: str) -> None:
    assert geohash.texts(geohash.parsed([text]), len(text)) == [text]


@given(TEXTS)
def test_a_box_is_halved_by_each_bit_of_its_letters(text: str) -> None:
    west, south, east, north, vertical = -180.0, -90.0, 180.0, 90.0, False
    for letter in text:
        number = "0123456789bcdefghjkmnpqrstuvwxyz".index(letter)
        for bit in f"{number:05b}":
            if not vertical:
                west, east = ((west + east) / 2, east) if bit == "1" else (west, (west + east) / 2)
            else:
                south, north = ((south + north) / 2, north) if bit == "1" else (south, (south + north) / 2)
            vertical = not vertical
    assert geohash.boxes(geohash.parsed([text]), len(text))[0].tolist() == [west, south, east, north]


@given(TEXTS.filter(lambda text: len(text) < 12))
def test_the_children_of_a_cell_are_those_that_begin_with_it(text: str) -> None:
    below = geohash.texts(geohash.children(geohash.parsed([text])), len(text) + 1)
    assert len(set(below)) == 32
    assert all(each.startswith(text) for each in below)
    inner, outer = (geohash.boxes(geohash.parsed(each), len(each[0])) for each in (below, [text]))
    area = np.prod(inner[:, 2:] - inner[:, :2], axis=1).sum()
    assert area == pytest.approx(np.prod(outer[:, 2:] - outer[:, :2]))
