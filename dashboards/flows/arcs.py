"""The map of flows: arcs from zone to zone over the outlines of the zones; it asks the network for nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import cos, hypot, log2, radians, sqrt
from typing import Final

import pandas as pd
import pydeck

from dashboards.maps.mapframe import MARGIN, WIDTH, Frame
from dashboards.palette import LIGHT, Paint
from dashboards.zones import Zone

THINNEST, THICKEST = 1.5, 14.0
"""Of an arc, in pixels; between them the width rises with the square root of the people."""
HEIGHT: Final = 480
BEND: Final = 0.16
"""How far an arc of the picture leaves the straight line, as a share of its length: both ways of a pair stay apart."""
MOST_NAMES: Final = 16
_TILE: Final = 512
_SHOWN_PIXELS: Final = 780
_CLOSER: Final = 0.25
"""How much closer than a box around it a map that leans back can be seen."""


@dataclass(frozen=True)
class Arc:
    """One flow: where it leads from and to (longitude, latitude), how wide it is drawn, and what is said of it."""

    source: tuple[float, float]
    target: tuple[float, float]
    width: float
    tip: str


def arcs(pairs: pd.DataFrame, tips: Sequence[str], zones: Mapping[str, Zone]) -> list[Arc]:
    """An arc for each pair of two zones; the ends of other pairs are no single place."""
    greatest = float(pairs["people"].max()) if len(pairs) else 1.0
    rows = zip(pairs["origin"], pairs["destination"], pairs["people"], tips, strict=True)
    return [
        Arc(middle(zones[origin]), middle(zones[destination]), _width(people, greatest), tip)
        for origin, destination, people, tip in rows
        if origin in zones and destination in zones
    ]


def middle(zone: Zone) -> tuple[float, float]:
    """Where a zone is taken to be: the middle of its bounds."""
    west, south, east, north = zone.bounds
    return (west + east) / 2, (south + north) / 2


def frame_around(zones: Iterable[Zone]) -> Frame:
    """A frame around some zones, at least one."""
    edges = list(zip(*(zone.bounds for zone in zones), strict=True))
    west, south, east, north = min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3])
    x, y = (east - west) * MARGIN / 5, (north - south) * MARGIN / 5
    return Frame(west - x, south - y, east + x, north + y)


def deck(drawn: Sequence[Arc], zones: Sequence[Zone], paint: Paint) -> pydeck.Deck:
    """The map on the screen, of the zones of the flows; `zones`: those that are outlined."""
    frame = frame_around(_ends(drawn, zones) or zones)
    outlines = [{"ring": list(ring)} for zone in zones for ring in zone.rings]
    flows = [{"source": arc.source, "target": arc.target, "width": arc.width, "tip": escape(arc.tip)} for arc in drawn]
    names = [{"at": middle(zone), "name": zone.name} for zone in _named(drawn, zones)]
    layers = [
        pydeck.Layer(
            "PathLayer",
            outlines,
            id="outlines",
            get_path="ring",
            get_color=_rgb(paint.grey),
            get_width=1.2,
            width_units=pydeck.types.String("pixels"),
        ),
        pydeck.Layer(
            "ArcLayer",
            flows,
            id="flows",
            get_source_position="source",
            get_target_position="target",
            get_width="width",
            get_source_color=_rgb(paint.blue),
            get_target_color=_rgb(paint.vermillion),
            pickable=True,
            auto_highlight=True,
        ),
    ]
    # A layer of no text draws letters from a canvas that is not there.
    layers += [_names(names, paint)] if names else []
    return pydeck.Deck(
        layers,
        map_provider=None,
        initial_view_state=_view_of(frame),
        tooltip={"html": "{tip}", "style": {"fontFamily": "sans-serif", "fontSize": "13px", "maxWidth": "18rem"}},
    )


def _names(names: Sequence[Mapping[str, object]], paint: Paint) -> pydeck.Layer:
    return pydeck.Layer(
        "TextLayer",
        names,
        id="names",
        get_position="at",
        get_text="name",
        get_color=_rgb(paint.ink),
        get_size=13,
        font_family=pydeck.types.String("Source Sans, DejaVu Sans, sans-serif"),
        character_set=pydeck.types.String("auto"),
        get_pixel_offset=[0, 14],
        background=True,
        get_background_color=[*_rgb(paint.ground), 205],
        background_padding=[3, 1, 3, 1],
        # Arcs rise above the ground: by depth they would hide the names.
        parameters={"depthCompare": "always"},
    )


def svg(drawn: Sequence[Arc], zones: Sequence[Zone]) -> str:
    """The same map as a picture, with an arrowhead at the end of each arc."""
    frame, paint = frame_around(_ends(drawn, zones) or zones), LIGHT
    outlines = "".join(_ring([frame.place(*corner) for corner in ring]) for zone in zones for ring in zone.rings)
    shapes = "".join(_arc(number, arc, frame) for number, arc in enumerate(drawn))
    names = "".join(_name(zone, frame) for zone in _named(drawn, zones))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {frame.height:.0f}">'
        f'<path d="{outlines}" fill="{paint.sunk}" stroke="{paint.grey}" stroke-width="0.8"/>{shapes}{names}</svg>'
    )


def _width(people: float, greatest: float) -> float:
    return THINNEST + (THICKEST - THINNEST) * sqrt(people / greatest)


def _named(drawn: Sequence[Arc], zones: Sequence[Zone]) -> list[Zone]:
    """The zones at the ends of the widest arcs."""
    return _ends(drawn, zones)[:MOST_NAMES]


def _ends(drawn: Sequence[Arc], zones: Sequence[Zone]) -> list[Zone]:
    """The zones at the ends of arcs, those of the widest first."""
    ends = [end for arc in sorted(drawn, key=lambda arc: -arc.width) for end in (arc.source, arc.target)]
    by_place = {middle(zone): zone for zone in zones}
    return [by_place[end] for end in dict.fromkeys(ends) if end in by_place]


def _view_of(frame: Frame) -> pydeck.ViewState:
    """The frame as deck.gl sees it, in a box of HEIGHT and _SHOWN_PIXELS."""
    y = (frame.south + frame.north) / 2
    across = log2(_SHOWN_PIXELS * 360 / ((frame.east - frame.west) * _TILE))
    upwards = log2(HEIGHT * 360 * cos(radians(y)) / ((frame.north - frame.south) * _TILE)) + _CLOSER
    zoom = min(across, upwards)
    return pydeck.ViewState(longitude=(frame.west + frame.east) / 2, latitude=y, zoom=zoom, pitch=30, bearing=0)


def _rgb(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _ring(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "Z"


def _arc(number: int, arc: Arc, frame: Frame) -> str:
    """A bent line that goes over from one colour to the other, and its arrowhead."""
    (x0, y0), (x1, y1) = frame.place(*arc.source), frame.place(*arc.target)
    length = hypot(x1 - x0, y1 - y0) or 1.0
    bend_x, bend_y = (x0 + x1) / 2 - (y1 - y0) * BEND, (y0 + y1) / 2 + (x1 - x0) * BEND
    along = hypot(x1 - bend_x, y1 - bend_y) or 1.0
    u, v = (x1 - bend_x) / along, (y1 - bend_y) / along
    head = min(5 + arc.width, length / 3)
    bx, by = x1 - u * head, y1 - v * head
    half = head * 0.55
    corners = f"{x1:.1f},{y1:.1f} {bx - v * half:.1f},{by + u * half:.1f} {bx + v * half:.1f},{by - u * half:.1f}"
    return (
        f'<linearGradient id="arc{number}" gradientUnits="userSpaceOnUse" x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" '
        f'y2="{y1:.1f}"><stop stop-color="{LIGHT.blue}"/><stop offset="1" stop-color="{LIGHT.vermillion}"/>'
        f'</linearGradient><path d="M{x0:.1f} {y0:.1f}Q{bend_x:.1f} {bend_y:.1f} {bx:.1f} {by:.1f}" fill="none" '
        f'stroke="url(#arc{number})" stroke-width="{arc.width:.1f}" stroke-opacity="0.8"/>'
        f'<polygon points="{corners}" fill="{LIGHT.vermillion}"><title>{escape(arc.tip)}</title></polygon>'
    )


def _name(zone: Zone, frame: Frame) -> str:
    x, y = frame.place(*middle(zone))
    return (
        f'<text x="{x:.1f}" y="{y + 16:.1f}" text-anchor="middle" font-size="12" fill="{LIGHT.ink}" stroke="#fff" '
        f'stroke-width="3" paint-order="stroke" style="font-family:\'Source Sans\',\'DejaVu Sans\',sans-serif">'
        f"{escape(zone.name)}</text>"
    )
