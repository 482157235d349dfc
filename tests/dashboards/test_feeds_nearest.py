"""What is open nearest to a place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.feeds.items import read_items
from dashboards.feeds.nearest import coordinates, kilometres, nearest
from dashboards.feeds.states import CLOSED, OPEN, UNKNOWN, Standing
from tests.dashboards.town_feeds import as_bytes, item

POSITIONS = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def test_distances_are_those_of_a_sphere_of_the_size_of_the_earth() -> None:
    # A quarter of a meridian of the mean radius is 10,007.557 km; one degree is 111.195 km.
    assert kilometres((5.0, 0.0), (5.0, 90.0)) == pytest.approx(10_007.557, abs=0.001)
    assert kilometres((5.0, 47.0), (5.0, 48.0)) == pytest.approx(111.195, abs=0.001)
    assert kilometres((179.5, 0.0), (-179.5, 0.0)) == pytest.approx(111.195, abs=0.001)
    assert kilometres((5.0, 60.0), (6.0, 60.0)) == pytest.approx(55.597, abs=0.01)


@settings(deadline=None)
@given(POSITIONS, POSITIONS, POSITIONS)
def test_a_distance_is_one(one: tuple[float, float], other: tuple[float, float], third: tuple[float, float]) -> None:
    assert kilometres(one, one) == pytest.approx(0, abs=1e-6)
    assert kilometres(one, other) == pytest.approx(kilometres(other, one))
    assert kilometres(one, other) <= kilometres(one, third) + kilometres(third, other) + 1e-6


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("47.32, 5.04", (5.04, 47.32)),
        (" 47.32 5.04 ", (5.04, 47.32)),
        ("47,32 ; 5,04", (5.04, 47.32)),
        ("-47.32;-5.04", (-5.04, -47.32)),
        ("90, 180", (180.0, 90.0)),
        ("90.1, 5", None),
        ("47, 180.1", None),
        ("5", None),
        ("47.32, 5.04, 3", None),
        ("1e1, 5", None),
        ("٤٧, ٥", (5.0, 47.0)),
    ],
)
def test_coordinates_are_read_as_people_write_them(written: str, found: tuple[float, float] | None) -> None:
    assert coordinates(written) == found


def standings(*stated: tuple[str, tuple[float, float] | None, object]) -> list[Standing]:
    items = read_items(as_bytes({"items": [item(name, name, at) for name, at, _ in stated]}), "places", "index.json")
    return [Standing(each, state) for each, (_, _, state) in zip(items, stated, strict=True)]


def test_only_what_is_open_and_has_a_position_is_near_the_nearest_first() -> None:
    rows = standings(
        ("far", (47.4, 5.0), OPEN),
        ("closed", (47.3, 5.0), CLOSED),
        ("unknown", (47.3, 5.0), UNKNOWN),
        ("nowhere", None, OPEN),
        ("near", (47.31, 5.0), OPEN),
    )
    assert [each.standing.item.title.en for each in nearest(rows, (5.0, 47.3))] == ["near", "far"]
    assert nearest([], (5.0, 47.3)) == []


def test_equal_distances_are_ordered_by_name() -> None:
    rows = standings(("b", (47.3, 5.0), OPEN), ("a", (47.3, 5.0), OPEN))
    assert [each.standing.item.key for each in nearest(rows, (5.0, 47.3))] == ["places/a", "places/b"]
