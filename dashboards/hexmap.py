"""The map of a zone at one instant: an SVG picture of the published parts, which asks the network for nothing."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from math import log10
from typing import Final

import h3
import pandas as pd

from dashboards.cards import VERMILLION
from dashboards.mapframe import WIDTH, Frame, colour, frame_of
from dashboards.zones import Ring, Zone, Zones, outline

MOST_LABELS: Final = 12


def picture(
    parts: pd.DataFrame, tips: Sequence[str], bounds: Sequence[float], zone: Zone, zones: Zones, finest: int, alt: str
) -> str:
    """The picture as SVG in HTML; `tips` are what is said of each part when it is pointed at."""
    frame = frame_of(zone)
    drawn = "".join(_part(row, tip, bounds, frame, finest) for row, tip in zip(_records(parts), tips, strict=True))
    others = "".join(_outline(other, frame, "other") for other in zones.values() if frame.meets(other.bounds))
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {frame.height:.0f}" role="img" aria-label="{escape(alt)}">'
        '<defs><pattern id="pool" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<path d="M0 0V9" stroke="#101828" stroke-opacity=".28" stroke-width="1.3"/>'
        '<path d="M1.3 0V9" stroke="#fff" stroke-opacity=".4" stroke-width="1.3"/></pattern></defs>'
        f"{drawn}{others}{_outline(zone, frame, 'chosen')}</svg>{_labels(zone, zones, frame)}{_scale(frame)}"
    )


def pooled(cells: Iterable[int], finest: int) -> bool:
    """Whether a part is more than one hexagon of the finest resolution."""
    listed = list(cells)
    return len(listed) > 1 or h3.get_resolution(h3.int_to_str(listed[0])) < finest


def hexagons(cells: Iterable[int], finest: int) -> int:
    """How many hexagons of the finest resolution a part covers."""
    return sum(h3.cell_to_children_size(h3.int_to_str(cell), finest) for cell in cells)


def _records(parts: pd.DataFrame) -> list[dict[str, object]]:
    records: list[dict[str, object]] = parts.to_dict("records")
    return records


def _part(row: dict[str, object], tip: str, bounds: Sequence[float], frame: Frame, finest: int) -> str:
    cells = tuple(int(cell) for cell in row["cells"])  # type: ignore[attr-defined]
    path = _path(_outline_of(cells, finest), frame)
    fill = colour(float(row["people"]) / float(row["km2"]), bounds)  # type: ignore[arg-type]
    shape = f'<path class="part" fill="{fill}" fill-rule="evenodd" d="{path}" data-tip="{escape(tip)}"/>'
    hatch = f'<path class="pool" fill="url(#pool)" fill-rule="evenodd" d="{path}"/>'
    return shape + (hatch if pooled(cells, finest) else "")


@lru_cache(maxsize=20_000)
def _outline_of(cells: tuple[int, ...], finest: int) -> tuple[Ring, ...]:
    return outline([h3.int_to_str(cell) for cell in cells], finest)


def _path(rings: Iterable[Ring], frame: Frame) -> str:
    placed = ([frame.place(*corner) for corner in ring] for ring in rings)
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z" for ring in placed)


def _outline(zone: Zone, frame: Frame, kind: str) -> str:
    return f'<path class="{kind}" d="{_path(zone.rings, frame)}"/>'


def _labels(chosen: Zone, zones: Zones, frame: Frame) -> str:
    """Names on the map, the largest zones first; text of its own size at any width, thus not part of the picture."""
    others = sorted((zone for zone in zones.values() if zone is not chosen), key=_extent, reverse=True)
    placed = [label for zone in others if (label := _label(zone, frame, "name"))]
    return "".join([*placed[:MOST_LABELS], _label(chosen, frame, "name mine")])


def _label(zone: Zone, frame: Frame, css: str) -> str:
    west, south, east, north = zone.bounds
    x, y = frame.place((west + east) / 2, (south + north) / 2)
    left, top = 100 * x / WIDTH, 100 * y / frame.height
    if not (4 < left < 96 and 4 < top < 96):
        return ""
    return f'<span class="{css}" style="left:{left:.1f}%;top:{top:.1f}%">{escape(zone.name)}</span>'


def _extent(zone: Zone) -> float:
    west, south, east, north = zone.bounds
    return (east - west) * (north - south)


def _scale(frame: Frame) -> str:
    """A bar of a round length, about a fifth of the width."""
    metres = WIDTH / frame.metre / 5
    unit = 10 ** int(log10(metres))
    length = unit * max(factor for factor in (1, 2, 5) if factor * unit <= metres)
    written = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    return f'<span class="scale" style="width:{100 * length * frame.metre / WIDTH:.1f}%">{written}</span>'


STYLE: Final = f"""
.map {{position:relative;border:1px solid #d5dae1;border-radius:.5rem;overflow:hidden;background:#f4f5f7}}
svg {{display:block;width:100%;height:auto}}
.part {{stroke:#fff;stroke-width:.7;vector-effect:non-scaling-stroke}}
.part:hover {{stroke:#111827;stroke-width:2}}
.pool {{pointer-events:none}}
.other,.chosen {{fill:none;vector-effect:non-scaling-stroke;pointer-events:none}}
.other {{stroke:#374151;stroke-width:1;stroke-dasharray:4 3}}
.chosen {{stroke:{VERMILLION};stroke-width:3}}
.name {{position:absolute;transform:translate(-50%,-50%);font:500 12px/1.3 var(--st-font, sans-serif);color:#1f2937;
  background:#ffffffb8;padding:0 .3rem;border-radius:.25rem;pointer-events:none;text-align:center;max-width:24%}}
.mine {{font-weight:700;font-size:14px;background:#ffffffe0}}
.scale {{position:absolute;left:1rem;bottom:.7rem;border:solid #111827;border-width:0 2px 2px;text-align:center;
  font:500 12px/1.4 var(--st-font, sans-serif);color:#111827;background:#ffffffb3;box-sizing:border-box}}
.tip {{position:absolute;z-index:2;display:none;background:#111827;color:#fff;padding:.45rem .65rem;
  border-radius:.35rem;font:13px/1.4 var(--st-font, sans-serif);white-space:pre-line;pointer-events:none;
  max-width:16rem}}
@media (max-width: 40rem) {{ .name:not(.mine) {{display:none}} }}
"""

BODY: Final = """
<div class="map"><div class="drawn"></div><div class="tip" role="status"></div></div>
"""

SCRIPT: Final = """
export default function ({ data, parentElement }) {
  const map = parentElement.querySelector(".map")
  const tip = parentElement.querySelector(".tip")
  map.querySelector(".drawn").innerHTML = data.picture
  tip.style.display = "none"
  map.onpointermove = map.onpointerdown = (event) => {
    const part = event.target.closest("[data-tip]")
    tip.style.display = part ? "block" : "none"
    if (!part) return
    tip.textContent = part.dataset.tip
    const box = map.getBoundingClientRect()
    const x = event.clientX - box.left
    const y = event.clientY - box.top
    tip.style.left = Math.max(4, Math.min(x + 14, box.width - tip.offsetWidth - 4)) + "px"
    tip.style.top = (y + 18 + tip.offsetHeight > box.height ? y - tip.offsetHeight - 10 : y + 18) + "px"
  }
  map.onpointerleave = () => { tip.style.display = "none" }
}
"""
