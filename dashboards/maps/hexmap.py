"""The map of a zone as an SVG picture, which asks the network for nothing: on the page, or to be taken away."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import log10
from types import MappingProxyType
from typing import Final

from dashboards.maps.area import Area
from dashboards.maps.legend import Legend
from dashboards.maps.mapframe import WIDTH, Frame, frame_of
from dashboards.palette import LIGHT, SHOWN, Paint
from dashboards.states import DEGRADED, NO_DATA, OUTSIDE
from dashboards.zones import Ring, Zone, Zones

MOST_LABELS: Final = 12
MOST_FOCUSABLE: Final = 600
"""Areas that the keyboard can walk through one by one; the table has the same figures."""
FONT: Final = "'Source Sans','DejaVu Sans',sans-serif"
POOL_EDGE: Final = "#4d6b75"
_ROW, _SWATCH = 21, 26
_LETTER: Final = 6.6
"""The width of a letter of the key, in units of the picture."""


def picture(
    areas: Sequence[Area],
    zone: Zone,
    zones: Zones,
    finest: int,
    alt: str,
    signs: Mapping[str, str] = MappingProxyType({}),
    selected: str = "",
    pick: bool = False,
) -> str:
    """The picture as SVG in HTML, in the colours of the theme.

    `signs`: what stands beside the names of zones; `pick`: areas can be walked through and chosen.
    """
    frame = frame_of(zone)
    walked = pick and len(areas) <= MOST_FOCUSABLE
    role = "listbox" if walked else "img"
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {frame.height:.0f}" role="{role}" aria-label="{escape(alt)}">'
        f"{_drawn(areas, zone, zones, frame, finest, SHOWN, selected, walked)}</svg>"
        f"{_spans(zone, zones, frame, signs)}{_scale_span(frame)}"
    )


def standing(
    areas: Sequence[Area],
    legend: Legend,
    zone: Zone,
    zones: Zones,
    finest: int,
    signs: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The picture with its labels and its key, as SVG that needs nothing else, on white."""
    frame = frame_of(zone)
    below, height = _key(legend, frame.height + 14)
    whole = frame.height + 14 + height
    edge = f'<rect width="{WIDTH:.0f}" height="{frame.height:.1f}" style="fill:none;stroke:{LIGHT.line}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {whole:.0f}" width="{WIDTH:.0f}" '
        f'height="{whole:.0f}"><clipPath id="frame"><rect width="{WIDTH:.0f}" height="{frame.height:.1f}"/></clipPath>'
        f'<g clip-path="url(#frame)">{_drawn(areas, zone, zones, frame, finest, LIGHT)}'
        f"{_texts(zone, zones, frame, signs)}{_scale_bar(frame)}</g>{edge}{below}</svg>"
    )


def _drawn(
    areas: Sequence[Area],
    zone: Zone,
    zones: Zones,
    frame: Frame,
    finest: int,
    paint: Paint,
    selected: str = "",
    walked: bool = False,
) -> str:
    ground = f'<rect width="{WIDTH:.0f}" height="{frame.height:.1f}" style="fill:{paint.sunk}"/>'
    first = next((place for place, area in enumerate(areas) if area.key == selected), 0)
    shapes = "".join(
        _area(area, frame, finest, paint, area.key == selected, _walk(place == first) if walked and area.key else "")
        for place, area in enumerate(areas)
    )
    others = "".join(_outline(other, frame, "other", paint) for other in zones.values() if frame.meets(other.bounds))
    chosen = [_chosen(area, frame, finest, paint) for area in areas if selected and area.key == selected]
    return f"{_patterns(paint)}{ground}{shapes}{others}{_outline(zone, frame, 'chosen', paint)}{''.join(chosen)}"


def _patterns(paint: Paint) -> str:
    """Pools are hatched, degraded areas striped, those without data dotted; colour is never the only sign."""
    tile = 'width="9" height="9" patternUnits="userSpaceOnUse"'
    return (
        f'<defs><pattern id="pool" {tile} patternTransform="rotate(45)">'
        '<path d="M0 0V9" style="stroke:#101828;stroke-opacity:.34;stroke-width:1.3"/>'
        '<path d="M1.3 0V9" style="stroke:#fff;stroke-opacity:.5;stroke-width:1.3"/></pattern>'
        f'<pattern id="degraded" {tile}><path d="M3 0V9" style="stroke:{paint.vermillion};stroke-width:2.4"/></pattern>'
        f'<pattern id="no-data" {tile}><circle cx="4" cy="4" r="1.5" style="fill:{paint.grey}"/></pattern></defs>'
    )


def _walk(first: bool) -> str:
    return f' role="option" tabindex="{0 if first else -1}"'


def _area(area: Area, frame: Frame, finest: int, paint: Paint, chosen: bool, walk: str) -> str:
    path = _path((ring for polygon in area.polygons(finest) for ring in polygon), frame)
    told = f'data-tip="{escape(area.tip)}" data-key="{escape(area.key)}"'
    if walk:
        told += f'{walk} aria-selected="{"true" if chosen else "false"}" aria-label="{escape(", ".join(area.lines))}"'
    look = (
        f"fill:{area.fill or paint.sunk};stroke:{_edge(area, paint)};stroke-width:.9;vector-effect:non-scaling-stroke"
    )
    shape = f'<path class="part" style="{look}" fill-rule="evenodd" d="{path}" {told}/>'
    marks = [("pool", area.pooled), ("degraded", area.state is DEGRADED), ("no-data", area.state is NO_DATA)]
    return shape + "".join(
        f'<path class="{mark}" style="fill:url(#{mark});pointer-events:none" fill-rule="evenodd" d="{path}"/>'
        for mark, holds in marks
        if holds
    )


def _edge(area: Area, paint: Paint) -> str:
    """The edge of a pool is darker: it is one figure over all of it."""
    if not area.fill:
        return paint.grey if area.state is OUTSIDE else "none"
    return POOL_EDGE if area.pooled else "#ffffff"


def _chosen(area: Area, frame: Frame, finest: int, paint: Paint) -> str:
    path = _path((ring for polygon in area.polygons(finest) for ring in polygon), frame)
    lines = ((paint.ground, 6), (paint.ink, 3))
    return "".join(
        f'<path d="{path}" style="fill:none;stroke:{colour};stroke-width:{width};pointer-events:none"/>'
        for colour, width in lines
    )


def _path(rings: Iterable[Ring], frame: Frame) -> str:
    placed = ([frame.place(*corner) for corner in ring] for ring in rings)
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z" for ring in placed)


def _outline(zone: Zone, frame: Frame, kind: str, paint: Paint) -> str:
    line = {
        "other": "stroke:#374151;stroke-width:1;stroke-dasharray:4 3",
        "chosen": f"stroke:{paint.vermillion};stroke-width:3",
    }[kind]
    look = f"fill:none;{line};pointer-events:none;vector-effect:non-scaling-stroke"
    return f'<path class="{kind}" style="{look}" d="{_path(zone.rings, frame)}"/>'


def placed_labels(chosen: Zone, zones: Zones, frame: Frame) -> list[tuple[Zone, float, float]]:
    """The zones that are named on a map and where, the largest first and the chosen one last."""
    others = sorted((zone for zone in zones.values() if zone is not chosen), key=_extent, reverse=True)
    placed = [label for zone in others if (label := _placed(zone, frame))]
    own = _placed(chosen, frame)
    return [*placed[:MOST_LABELS], *([own] if own else [])]


def _placed(zone: Zone, frame: Frame) -> tuple[Zone, float, float] | None:
    west, south, east, north = zone.bounds
    x, y = frame.place((west + east) / 2, (south + north) / 2)
    shown = 0.04 < x / WIDTH < 0.96 and 0.04 < y / frame.height < 0.96
    return (zone, x, y) if shown else None


def _spans(chosen: Zone, zones: Zones, frame: Frame, signs: Mapping[str, str]) -> str:
    """Names as text of its own size at any width, thus not part of the picture."""
    return "".join(
        f'<span class="name{" mine" if zone is chosen else ""}" style="left:{100 * x / WIDTH:.1f}%;'
        f'top:{100 * y / frame.height:.1f}%">{escape(" · ".join(_named(zone, signs)))}</span>'
        for zone, x, y in placed_labels(chosen, zones, frame)
    )


def _texts(chosen: Zone, zones: Zones, frame: Frame, signs: Mapping[str, str]) -> str:
    """Names as text of the picture, on a halo."""
    halo = "paint-order:stroke;stroke:#fff;stroke-opacity:.85;stroke-width:3.5;stroke-linejoin:round"
    return "".join(
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" font-size="{14 if zone is chosen else 11.5}" '
        f'font-weight="{700 if zone is chosen else 500}" style="fill:{LIGHT.text};font-family:{FONT};{halo}">'
        f"{_lines(_named(zone, signs), x)}</text>"
        for zone, x, y in placed_labels(chosen, zones, frame)
    )


def _named(zone: Zone, signs: Mapping[str, str]) -> list[str]:
    sign = signs.get(zone.zone_id)
    return [zone.name, sign] if sign else [zone.name]


def _lines(lines: Sequence[str], x: float) -> str:
    first, *others = (escape(line) for line in lines)
    return first + "".join(f'<tspan x="{x:.0f}" dy="1.15em">{line}</tspan>' for line in others)


def _extent(zone: Zone) -> float:
    west, south, east, north = zone.bounds
    return (east - west) * (north - south)


def _length(frame: Frame) -> tuple[float, str]:
    """A round length about a fifth of the width: in units of the picture, and as it is written."""
    metres = WIDTH / frame.metre / 5
    unit = 10 ** int(log10(metres))
    length = unit * max(factor for factor in (1, 2, 5) if factor * unit <= metres)
    return length * frame.metre, f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"


def _scale_span(frame: Frame) -> str:
    width, written = _length(frame)
    return f'<span class="scale" style="width:{100 * width / WIDTH:.1f}%">{written}</span>'


def _scale_bar(frame: Frame) -> str:
    width, written = _length(frame)
    x, y = 16, frame.height - 16
    return (
        f'<rect x="{x - 4}" y="{y - 22:.1f}" width="{width + 8:.1f}" height="28" style="fill:#fff;fill-opacity:.75"/>'
        f'<path d="M{x} {y - 6:.1f}V{y:.1f}H{x + width:.1f}V{y - 6:.1f}" style="fill:none;stroke:{LIGHT.ink};'
        f'stroke-width:2"/><text x="{x + width / 2:.1f}" y="{y - 7:.1f}" text-anchor="middle" font-size="12" '
        f'style="fill:{LIGHT.ink};font-family:{FONT}">{written}</text>'
    )


def _key(legend: Legend, top: float) -> tuple[str, float]:
    """The key below the picture, and how high it is."""
    entries = [(f"fill:{colour};stroke:{LIGHT.line}", "", text) for colour, text in legend.colours]
    entries += [
        (f"fill:{LIGHT.sunk};stroke:{LIGHT.grey}", _MARKS.get(state.code, ""), text) for state, text in legend.states
    ]
    entries.append((f"fill:none;stroke:{LIGHT.vermillion};stroke-width:3", "", legend.zone))
    x, y, drawn = 0.0, top + _ROW + 8, [_text(0, top + 12, legend.title, 600)]
    for look, mark, text in entries:
        width = _SWATCH + len(text) * _LETTER + 18
        if x and x + width > WIDTH:
            x, y = 0.0, y + _ROW
        box = f'x="{x + 1.5:.0f}" y="{y - 11:.0f}" width="18" height="13"'
        drawn.append(f'<rect {box} style="{look}"/>')
        if mark:
            drawn.append(f'<rect {box} style="fill:url(#{mark})"/>')
        drawn.append(_text(x + _SWATCH, y, text, 400))
        x += width
    return "".join(drawn), y + 10 - top


_MARKS: Final = {"pooled": "pool", "degraded": "degraded", "no_data": "no-data"}


def _text(x: float, y: float, text: str, weight: int) -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="12.5" font-weight="{weight}" '
        f'style="fill:{LIGHT.text};font-family:{FONT}">{escape(text)}</text>'
    )


STYLE: Final = """
.map {position:relative;border:1px solid var(--hx-line);border-radius:.5rem;overflow:hidden}
svg {display:block;width:100%;height:auto}
.part:hover {stroke:var(--hx-ink) !important;stroke-width:2 !important}
.part:focus {outline:none;stroke:var(--hx-ink) !important;stroke-width:4 !important}
.pickable .part[data-key]:not([data-key=""]) {cursor:pointer}
.name {position:absolute;transform:translate(-50%,-50%);font:500 12px/1.3 var(--st-font, sans-serif);
  color:var(--hx-text);background:color-mix(in srgb, var(--hx-ground) 78%, transparent);padding:0 .3rem;
  border-radius:.25rem;pointer-events:none;text-align:center;max-width:24%}
.mine {font-weight:700;font-size:14px;background:color-mix(in srgb, var(--hx-ground) 90%, transparent)}
.scale {position:absolute;left:1rem;bottom:.7rem;border:solid var(--hx-ink);border-width:0 2px 2px;text-align:center;
  font:500 12px/1.4 var(--st-font, sans-serif);color:var(--hx-ink);
  background:color-mix(in srgb, var(--hx-ground) 75%, transparent);box-sizing:border-box}
.tip {position:absolute;z-index:2;display:none;background:#111827;color:#fff;padding:.45rem .65rem;
  border-radius:.35rem;font:13px/1.4 var(--st-font, sans-serif);white-space:pre-line;pointer-events:none;
  max-width:16rem}
@media (max-width: 40rem) { .name:not(.mine) {display:none} }
"""

BODY: Final = """
<div class="map"><div class="drawn"></div><div class="tip"></div></div>
"""

SCRIPT: Final = """
export default function ({ data, parentElement, setTriggerValue }) {
  const map = parentElement.querySelector(".map")
  const tip = parentElement.querySelector(".tip")
  const drawn = map.querySelector(".drawn")
  const focused = drawn.querySelector(".part:focus")?.dataset.key
  drawn.innerHTML = data.picture
  map.classList.toggle("pickable", Boolean(data.pick))
  const walked = [...drawn.querySelectorAll('[role="option"]')]
  const again = walked.find((part) => part.dataset.key === focused)
  if (focused && again) again.focus()
  const show = (part, x, y) => {
    tip.style.display = part ? "block" : "none"
    if (!part) return
    tip.textContent = part.dataset.tip
    const box = map.getBoundingClientRect()
    tip.style.left = Math.max(4, Math.min(x - box.left + 14, box.width - tip.offsetWidth - 4)) + "px"
    const below = y - box.top + 18
    tip.style.top = (below + tip.offsetHeight > box.height ? y - box.top - tip.offsetHeight - 10 : below) + "px"
  }
  const pick = (part) => { if (data.pick && part?.dataset.key) setTriggerValue("picked", part.dataset.key) }
  tip.style.display = "none"
  map.onpointermove = map.onpointerdown = (event) =>
    show(event.target.closest("[data-tip]"), event.clientX, event.clientY)
  map.onpointerleave = () => show(null)
  map.onclick = (event) => pick(event.target.closest("[data-tip]"))
  map.onfocusin = (event) => {
    const box = event.target.getBoundingClientRect()
    show(event.target.closest("[data-tip]"), box.left + box.width / 2, box.top + box.height / 2)
  }
  map.onfocusout = () => show(null)
  map.onkeydown = (event) => {
    const at = walked.indexOf(event.target)
    if (at < 0) return
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pick(event.target); return }
    if (event.key === "Escape") { show(null); return }
    const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    const next = event.key === "Home" ? 0 : event.key === "End" ? walked.length - 1
      : move ? (at + move + walked.length) % walked.length : -1
    if (next < 0) return
    event.preventDefault()
    walked[at].tabIndex = -1
    walked[next].tabIndex = 0
    walked[next].focus()
  }
}
"""
