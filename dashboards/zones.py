"""The zones of a release: their names, which lies in which, and their outlines."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import h3
import numpy as np
import pyarrow as pa

from anonymization.checks.spans import merged, spans
from dashboards import texts
from dashboards.texts import Language
from schemas.vocabulary import REST, SEPARATOR, TERRITORY

Ring = list[tuple[float, float]]
"""Longitude and latitude of each corner."""


@dataclass(frozen=True)
class Zone:
    """One zone; `cells` uint64[n] are H3 cells that cover it, `rings` its outline, holes included."""

    zone_id: str
    name: str
    kind: str
    parent: str | None
    sensitive: bool
    cells: np.ndarray
    rings: tuple[Ring, ...]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        corners = np.array([corner for ring in self.rings for corner in ring])
        (west, south), (east, north) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        return west, south, east, north


Zones = Mapping[str, Zone]
"""By identifier, in order of kind, name and identifier."""


def read_zones(data: bytes) -> Zones:
    """The zones of a verified `zones.geojson`."""
    found = [_zone(feature) for feature in json.loads(data)["features"]]
    return {zone.zone_id: zone for zone in sorted(found, key=lambda zone: (zone.kind, zone.name, zone.zone_id))}


def label(zone: Zone, zones: Zones, language: Language) -> str:
    """A name that no other zone has: with its kind, and its identifier where that is not enough."""
    kind = texts.kind_name(zone.kind, language)
    named = f"{zone.name} ({kind})" if kind else zone.name
    twins = [other for other in zones.values() if (other.name, other.kind) == (zone.name, zone.kind)]
    return named if len(twins) == 1 else f"{named} {zone.zone_id}"


def name_of(zone_id: str, zones: Zones, language: Language) -> str:
    """The name of a part from its joined identifiers."""
    special = {REST: texts.REST.say(language), TERRITORY: texts.TERRITORY.say(language)}
    named = (special.get(each) or (zones[each].name if each in zones else each) for each in zone_id.split(SEPARATOR))
    return " + ".join(named)


def outline(cells: Sequence[str], finest: int | None = None) -> tuple[Ring, ...]:
    """The outline of H3 cells, drawn at the finest resolution: cells of mixed ones do not tile exactly."""
    shape = _shape(cells, finest)
    rings = (ring for polygon in shape for ring in (polygon.outer, *polygon.holes))
    return tuple([(longitude, latitude) for latitude, longitude in ring] for ring in rings)


def outline_parts(cells: Sequence[str], finest: int | None = None) -> list[list[Ring]]:
    """The outline of H3 cells as polygons of GeoJSON: for each piece its outer ring, then its holes, all closed."""
    return [[_closed(ring) for ring in (polygon.outer, *polygon.holes)] for polygon in _shape(cells, finest)]


def _shape(cells: Sequence[str], finest: int | None) -> Iterable[h3.LatLngPoly]:
    """Cells as one shape; `finest` is that of what is published, and a zone may have cells that are finer."""
    resolution = max(finest or 0, *(h3.get_resolution(cell) for cell in cells))
    shape: Iterable[h3.LatLngPoly] = h3.cells_to_h3shape(h3.uncompact_cells(cells, resolution), tight=False)
    return shape


def _closed(ring: Sequence[tuple[float, float]]) -> Ring:
    corners = [(longitude, latitude) for latitude, longitude in ring]
    return [*corners, corners[0]]


def span_table(zones: Zones) -> pa.Table:
    """One row per zone and unbroken span of H3 cells (`zone_id`, `low`, `high`), as `spans` counts them."""
    pieces = [(zone.zone_id, *merged(*spans(zone.cells))) for zone in zones.values()]
    return pa.table(
        {
            "zone_id": pa.array([zone_id for zone_id, low, _ in pieces for _ in low], pa.string()),
            "low": np.concatenate([np.zeros(0, np.int64), *(low for _, low, _ in pieces)]),
            "high": np.concatenate([np.zeros(0, np.int64), *(high for _, _, high in pieces)]),
        }
    )


def _zone(feature: dict[str, dict[str, object]]) -> Zone:
    properties = feature["properties"]
    cells = [str(cell) for cell in _list(properties["cells"])]
    parent = properties["parent"]
    return Zone(
        str(properties["zone_id"]),
        str(properties["name"]),
        str(properties["kind"]),
        None if parent is None else str(parent),
        bool(properties["sensitive"]),
        np.array([int(cell, 16) for cell in cells], np.uint64),
        _rings(feature["geometry"]) if feature.get("geometry") else outline(cells),
    )


def _rings(geometry: Mapping[str, object]) -> tuple[Ring, ...]:
    """All rings of a polygon or multipolygon."""
    drawn = _list(geometry.get("coordinates"))
    polygons = drawn if geometry.get("type") == "MultiPolygon" else [drawn]
    return tuple([(float(x), float(y)) for x, y, *_ in ring] for polygon in polygons for ring in polygon)


def _list(value: object) -> list:  # type: ignore[type-arg]
    return value if isinstance(value, list) else []
