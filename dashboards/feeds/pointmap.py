"""A map of the items that have a position: each a point in the colour of its state, with the sign of it."""

from collections.abc import Sequence
from typing import Final

import pydeck as pdk

from dashboards.feeds import wording
from dashboards.feeds.states import LOOKS, Standing
from dashboards.maps import deck
from dashboards.maps.deck import rgb
from dashboards.maps.mapframe import Frame, frame_around
from dashboards.view import View

POINTS: Final = "points"
"""How the layer begins that is chosen from."""
MOST_POINTS: Final = 5_000
_RADIUS: Final = 9
_SPREAD: Final = 1.5
"""Degrees around the middle of the points within which the map shows them; a point on another continent would make the
rest one."""


def shown(rows: Sequence[Standing]) -> list[Standing]:
    """What has a position, as many as are drawn."""
    return [row for row in rows if row.item.position is not None][:MOST_POINTS]


def frame(rows: Sequence[Standing]) -> Frame:
    """What is shown at first: all points that lie around the middle one."""
    places = [row.item.position for row in rows if row.item.position is not None]
    x, y = (sorted(place[axis] for place in places)[len(places) // 2] for axis in (0, 1))
    near = [place for place in places if abs(place[0] - x) <= _SPREAD and abs(place[1] - y) <= _SPREAD] or [(x, y)]
    west, east = min(place[0] for place in near), max(place[0] for place in near)
    south, north = min(place[1] for place in near), max(place[1] for place in near)
    # At a pole there is no width left to draw.
    return frame_around((west, max(south, -85.0), east, min(north, 85.0)))


def drawn(view: View, rows: Sequence[Standing], chosen: str, moment: str) -> pdk.Deck:
    """The map of what has a position; raises IndexError where nothing has.

    The layer's identifier names the moment and what is chosen: the choice of another one would let all others fade.
    """
    paint, seen = view.paint, frame(rows)
    points = [_point(view, row, number) for number, row in enumerate(rows)]
    around = [point for point, row in zip(points, rows, strict=True) if row.item.key == chosen]
    layers = [
        deck.outlines(view.store.zones.values(), seen, paint.muted, 1, "zones"),
        deck.labels(view.zone, view.store.zones, seen, paint, {}),
        _circles(around, rgb(paint.ink), _RADIUS + 5, "chosen", rgb(paint.ground), pickable=False),
        _circles(points, "colour", _RADIUS, f"{POINTS}-{moment}-{chosen}", rgb(paint.ground), pickable=True),
        _signs(points, rgb(paint.ground)),
    ]
    return deck.framed(layers, seen)


def _point(view: View, row: Standing, number: int) -> dict[str, object]:
    """A point; what other people wrote stands behind our own words: the browser takes a text that begins with @@ for
    an expression."""
    look = LOOKS[row.state]
    return {
        "at": list(row.item.position or ()),
        "place": number,
        "tip": f"{wording.state(view, row)}\n{wording.named(row.item.title, view)}\n{row.item.address}".rstrip(),
        "sign": look.sign,
        "colour": rgb(getattr(view.paint, look.colour)),
    }


def _circles(
    points: Sequence[dict[str, object]], colour: object, radius: int, name: str, edge: deck.Colour, *, pickable: bool
) -> pdk.Layer:
    return pdk.Layer(
        "ScatterplotLayer",
        list(points),
        id=name,
        pickable=pickable,
        get_position="at",
        get_fill_color=colour,
        get_line_color=edge,
        stroked=True,
        get_radius=radius,
        radius_units=pdk.types.String("pixels"),
        get_line_width=1.5,
        line_width_units=pdk.types.String("pixels"),
    )


def _signs(points: Sequence[dict[str, object]], colour: deck.Colour) -> pdk.Layer:
    return pdk.Layer(
        "TextLayer",
        list(points),
        id="signs",
        get_position="at",
        get_text="sign",
        get_size=14,
        get_color=colour,
        font_weight=700,
        font_family=pdk.types.String("DejaVu Sans, sans-serif"),
        character_set=pdk.types.String("".join(sorted(look.sign for look in LOOKS.values()))),
    )
