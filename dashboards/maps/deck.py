"""A map of areas that can be moved and enlarged, drawn by the graphics card; it asks the network for nothing."""

import json
from collections.abc import Iterable, Sequence
from math import log2
from typing import Final

import pydeck as pdk

from dashboards.maps.area import Area
from dashboards.maps.hatching import Line, Point, dotted, hatched, striped
from dashboards.maps.hexmap import placed_labels
from dashboards.maps.mapframe import WIDTH, Frame, frame_of
from dashboards.palette import LIGHT, Paint
from dashboards.states import DEGRADED, NO_DATA, OUTSIDE
from dashboards.zones import Zone, Zones

HEIGHT: Final = 580
AREAS: Final = "areas"
"""How the layer begins that is chosen from."""
_SHOWN_PIXELS: Final = 780
_LINES: Final = 80
"""Lines of the hatching over the width that is shown at first."""
_LETTER: Final = 0.6
"""The width of a letter, as a share of its height, at most."""
_DECIMALS: Final = 5
"""About a metre."""

TIP: Final = {
    "color": "#ffffff",
    "backgroundColor": "#111827",
    "borderRadius": "6px",
    "fontSize": "13px",
    "maxWidth": "16rem",
    "whiteSpace": "pre-line",
}

Colour = list[int]


class Compact(pdk.Deck):  # type: ignore[misc]
    """A map whose JSON has no indentation: a quarter of what would go to the browser with every move of the time."""

    def to_json(self) -> str:
        """The map as the browser takes it."""
        return json.dumps(json.loads(super().to_json()), separators=(",", ":"))


def deck(
    areas: Sequence[Area],
    zone: Zone,
    zones: Zones,
    finest: int,
    paint: Paint,
    signs: dict[str, str],
    chosen: Area | None,
    moment: str,
) -> pdk.Deck:
    """The map of a zone.

    What is chosen in a layer is forgotten when the layer has another identifier: that of the areas names the moment and
    what is chosen, or else everything but the chosen area would fade, and its colour would lie.
    """
    frame = frame_of(zone)
    gap = (frame.east - frame.west) / _LINES
    around = _near(ring for polygon in chosen.polygons(finest) for ring in polygon) if chosen else []
    marked = {
        "pools": [line for area in areas if area.pooled and area.fill for line in hatched(area, finest, gap)],
        "bare": [line for area in areas if area.pooled and not area.fill for line in hatched(area, finest, gap)],
        "silent": [line for area in areas if area.state is DEGRADED for line in striped(area, finest, gap)],
    }
    dots = [point for area in areas if area.state is NO_DATA for point in dotted(area, finest, gap)]
    layers = [
        _areas([area for area in areas if not area.key], finest, paint, "missing"),
        _areas([area for area in areas if area.key], finest, paint, f"{AREAS}-{moment}-{chosen.key if chosen else ''}"),
        _lines(marked["pools"], rgb("#26323f", 120), 1.1, "pools"),
        _lines(marked["bare"], rgb(paint.muted), 1.1, "bare-pools"),
        _lines(marked["silent"], rgb(paint.vermillion), 2.4, "silent"),
        _dots(dots, rgb(paint.grey)),
        outlines(zones.values(), frame, LIGHT.text, 1, "zones"),
        outlines([zone], frame, paint.vermillion, 3, "zone"),
        _lines(around, rgb("#ffffff"), 7, "chosen-halo"),
        _lines(around, rgb("#101828"), 3.5, "chosen"),
        labels(zone, zones, frame, paint, signs),
    ]
    return framed(layers, frame)


def framed(layers: Sequence[pdk.Layer], frame: Frame) -> pdk.Deck:
    """Layers on a map that begins with a piece of the Earth; what is pointed at says its `tip`."""
    view = pdk.ViewState(
        longitude=(frame.west + frame.east) / 2,
        latitude=(frame.south + frame.north) / 2,
        zoom=log2(360 / (frame.east - frame.west) * _SHOWN_PIXELS / 512),
    )
    return Compact(
        layers=list(layers),
        map_provider=None,
        initial_view_state=view,
        height=HEIGHT,
        tooltip={"text": "{tip}", "style": TIP},
    )


def rgb(colour: str, alpha: int = 255) -> Colour:
    """A colour of CSS (#rrggbb) as numbers."""
    return [*(int(colour[place : place + 2], 16) for place in (1, 3, 5)), alpha]


def _areas(areas: Sequence[Area], finest: int, paint: Paint, name: str) -> pdk.Layer:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "MultiPolygon", "coordinates": [_near(polygon) for polygon in area.polygons(finest)]},
            "properties": {
                "key": area.key,
                "tip": area.tip,
                "fill": rgb(area.fill or paint.sunk),
                "edge": _edge(area, paint),
            },
        }
        for area in areas
    ]
    return pdk.Layer(
        "GeoJsonLayer",
        {"type": "FeatureCollection", "features": features},
        id=name,
        pickable=True,
        stroked=True,
        get_fill_color="properties.fill",
        get_line_color="properties.edge",
        get_line_width=1,
        line_width_units=pdk.types.String("pixels"),
    )


def _edge(area: Area, paint: Paint) -> Colour:
    if not area.fill:
        return rgb(paint.grey if area.state is OUTSIDE else paint.sunk)
    return rgb("#4d6b75" if area.pooled else "#ffffff")


def _lines(lines: Iterable[Line], colour: Colour, width: float, name: str) -> pdk.Layer:
    return pdk.Layer(
        "PathLayer",
        [{"path": line} for line in lines],
        id=name,
        get_path="path",
        get_color=colour,
        get_width=width,
        width_units=pdk.types.String("pixels"),
    )


def _dots(points: Iterable[Point], colour: Colour) -> pdk.Layer:
    return pdk.Layer(
        "ScatterplotLayer",
        [{"at": point} for point in points],
        id="dots",
        get_position="at",
        get_fill_color=colour,
        get_radius=1.6,
        radius_units=pdk.types.String("pixels"),
    )


def outlines(zones: Iterable[Zone], frame: Frame, colour: str, width: int, name: str) -> pdk.Layer:
    """The edges of the zones in view, as a layer of a name."""
    rings = [ring for zone in zones if frame.meets(zone.bounds) for ring in zone.rings]
    drawn = {"type": "Feature", "geometry": {"type": "MultiLineString", "coordinates": _near(rings)}, "properties": {}}
    # A shape without a line is malformed to the browser.
    features = [drawn] if rings else []
    return pdk.Layer(
        "GeoJsonLayer",
        {"type": "FeatureCollection", "features": features},
        id=name,
        filled=False,
        get_line_color=rgb(colour),
        get_line_width=width,
        line_width_units=pdk.types.String("pixels"),
    )


def labels(zone: Zone, zones: Zones, frame: Frame, paint: Paint, signs: dict[str, str]) -> pdk.Layer:
    """The names of the largest zones in view, and of one more, with what stands beside them."""
    data = []
    for each, x, _ in placed_labels(zone, zones, frame):
        west, south, east, north = each.bounds
        text = "\n".join(line for line in (each.name, signs.get(each.zone_id, "")) if line)
        size = 15 if each is zone else 12
        at = [(west + east) / 2, (south + north) / 2]
        data.append({"at": at, "text": text, "size": size, "anchor": _anchor(x, text, size)})
    letters = "".join(sorted({letter for row in data for letter in str(row["text"])} - {"\n"})) or " "
    return pdk.Layer(
        "TextLayer",
        data,
        id="names",
        get_position="at",
        get_text="text",
        get_size="size",
        get_text_anchor="anchor",
        get_color=rgb(paint.ink),
        background=True,
        get_background_color=rgb(paint.ground, 205),
        background_padding=[4, 2, 4, 2],
        font_family=pdk.types.String("Source Sans, DejaVu Sans, sans-serif"),
        character_set=pdk.types.String(letters),
    )


def _anchor(x: float, text: str, size: int) -> str:
    """Which end of a name stands where the zone is, so that the name ends within the map."""
    half = max(map(len, text.split("\n"))) * size * _LETTER / 2
    return "end" if x + half > WIDTH else "start" if x < half else "middle"


def _near(rings: Iterable[Sequence[tuple[float, float]]]) -> list[Line]:
    return [[[round(x, _DECIMALS), round(y, _DECIMALS)] for x, y in ring] for ring in rings]
