"""The map of what has a position in the feeds."""

import json
from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.feeds import pointmap
from dashboards.feeds.items import read_items
from dashboards.feeds.states import LOOKS, OPEN, UNKNOWN, Look, Standing
from dashboards.maps.mapframe import MARGIN
from dashboards.palette import DARK, LIGHT, Paint
from dashboards.store import Store
from dashboards.view import View
from tests.dashboards.town_feeds import as_bytes, item

LAKE = (47.326, 5.006)


def standings(*positions: tuple[float, float] | None) -> list[Standing]:
    items = [item(str(number), f"Item {number}", at) for number, at in enumerate(positions)]
    return [Standing(each, OPEN) for each in read_items(as_bytes({"items": items}), "places", "index.json")]


def light(colour: str) -> float:
    """The relative luminance of a colour (WCAG 2.2)."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("paint", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("look", LOOKS.values(), ids=[state.code for state in LOOKS])
def test_a_sign_can_be_told_from_its_point_and_the_point_from_the_ground(paint: Paint, look: Look) -> None:
    low, high = sorted((light(getattr(paint, look.colour)), light(paint.ground)))
    assert (high + 0.05) / (low + 0.05) >= 3


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=9))
def test_a_map_has_a_frame_wherever_its_points_are(positions: list[tuple[float, float]]) -> None:
    seen = pointmap.frame(standings(*positions))
    edges = (seen.west, seen.east, seen.south, seen.north, seen.height)
    assert all(isfinite(edge) for edge in edges)
    assert seen.west < seen.east
    assert seen.south < seen.north


def test_one_far_point_leaves_the_others_apart() -> None:
    near = [LAKE, (47.33, 5.01), (47.32, 5.04)]
    assert pointmap.frame(standings(*near, (-21.1, 55.5))) == pointmap.frame(standings(*near))
    seen = pointmap.frame(standings(*near))
    assert seen.east - seen.west == pytest.approx((5.04 - 5.006) * (1 + 2 * MARGIN), rel=0.2)


def test_a_point_says_its_state_and_name_and_only_what_has_a_position_is_one(store: Store) -> None:
    view = View(store, "en", store.zones["21231"], store.release.days[0])
    rows = [*standings(LAKE, None), Standing(standings(LAKE)[0].item, UNKNOWN)]
    placed = pointmap.shown(rows)
    layers = {layer["id"]: layer for layer in json.loads(pointmap.drawn(view, placed, "", "now").to_json())["layers"]}
    points = layers["points-now-"]["data"]
    assert [(point["sign"], point["tip"].split("\n")[:2]) for point in points] == [
        ("✓", ["✓ Open", "Item 0"]),
        ("?", ["? Unknown", "Item 0"]),
    ]
    assert [point["at"] for point in points] == [[5.006, 47.326]] * 2
    assert layers["points-now-"]["pickable"] is True
    assert layers["chosen"]["data"] == []
