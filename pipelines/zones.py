"""Zones: the published areas as sets of base hexagons, each within the zone that holds it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import h3.api.numpy_int as h3
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from anonymization.hexagons import compact
from anonymization.territory import ZoneArea
from pipelines.nesting import Overlaps, clipped, nearest, overlaps, ranked
from pipelines.zone_file import Shape, read_shapes
from schemas.errors import InputError

Cells = NDArray[np.uint64]

_CLIP = "clip"
_DECIMALS = 6


@dataclass(frozen=True)
class Zone:
    """A zone: `parent` is the identifier of the nearest zone that holds it; `cells` uint64, ascending.

    `sensitive` says so of the place: it is true too within a sensitive zone and on the very cells of one.
    """

    zone_id: str
    name: str
    kind: str
    parent: str | None
    sensitive: bool
    cells: Cells


@dataclass(frozen=True)
class Zones:
    """Zones by identifier; `parent` int32[n] is the place of the nearest zone that holds each one, or -1."""

    zones: tuple[Zone, ...]
    parent: NDArray[np.int32]
    geometries: tuple[BaseGeometry, ...]
    warnings: tuple[str, ...] = ()

    def areas(self, public_size: Mapping[str, float] | None = None) -> tuple[ZoneArea, ...]:
        """The zones as the tree of the territory sees them; a zone without a public size has its number of cells."""
        sizes = public_size or {}
        return tuple(
            ZoneArea(
                zone.zone_id,
                zone.kind,
                int(parent),
                zone.cells,
                sizes.get(zone.zone_id, float(len(zone.cells))),
                zone.sensitive,
            )
            for zone, parent in zip(self.zones, self.parent, strict=True)
        )


def read_zones(path: Path, mapping: Mapping[str, str], resolution: int, crossing: str) -> Zones:
    """The zones of a GeoJSON or GeoParquet file; raises InputError as `read_shapes` and `zones` do."""
    shapes, warnings = read_shapes(path, mapping)
    return zones(shapes, resolution, crossing, warnings)


def zones(shapes: Sequence[Shape], resolution: int, crossing: str, warnings: Iterable[str] = ()) -> Zones:
    """Zones from shapes: the base cells whose centre a polygon holds, else that of its centroid.

    Where two zones cross, raises InputError, or with `clip` the one with more cells keeps what they share: see
    `nesting.clipped`. Zones of the same cells are nested as declared, else by the area of their polygons.
    """
    shapes = sorted(shapes, key=lambda shape: shape.zone_id)
    whole = [_cells(shape.polygon, resolution) for shape in shapes]
    cells, found = whole, _overlaps(shapes, whole)
    while not found.holds.all():
        if crossing != _CLIP:
            raise _crossing(shapes, found)
        cells = clipped(cells, found)
        found = _overlaps(shapes, cells)
    parent = nearest(found, len(shapes))
    rows = zip(shapes, parent.tolist(), cells, _sensitive(shapes, cells, found).tolist(), strict=True)
    return Zones(
        zones=tuple(_zone(*row, shapes) for row in rows),
        parent=parent,
        geometries=tuple(shape.polygon for shape in shapes),
        warnings=(*warnings, *_losses(shapes, whole, cells), *_undeclared(shapes, parent)),
    )


def to_geojson(found: Zones) -> bytes:
    """The zones as canonical GeoJSON: by identifier, coordinates to 6 decimals, cells compacted, in hexadecimal."""
    features = [_feature(zone, polygon) for zone, polygon in zip(found.zones, found.geometries, strict=True)]
    content = {"type": "FeatureCollection", "features": features}
    return (json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def _cells(polygon: BaseGeometry, resolution: int) -> Cells:
    cells = h3.geo_to_cells(polygon, resolution)
    if not len(cells):
        cells = [h3.latlng_to_cell(polygon.centroid.y, polygon.centroid.x, resolution)]
    return np.sort(np.asarray(cells, np.uint64))


def _zone(shape: Shape, above: int, cells: Cells, sensitive: bool, shapes: Sequence[Shape]) -> Zone:
    parent = shapes[above].zone_id if above >= 0 else None
    return Zone(shape.zone_id, shape.name, shape.kind, parent, sensitive, cells)


def _sensitive(shapes: Sequence[Shape], cells: Sequence[Cells], found: Overlaps) -> NDArray[np.bool_]:
    """Whether each zone is sensitive by its place: marked so, of the same cells as such a zone, or within one.

    A figure of a place is the same figure under every name that the place has.
    """
    sensitive = np.array([shape.sensitive for shape in shapes], np.bool_)
    sizes = np.array([len(own) for own in cells], np.int64)
    same = found.holds & (sizes[found.outer] == sizes[found.inner])
    np.logical_or.at(sensitive, found.outer[same], sensitive[found.inner[same]])
    np.logical_or.at(sensitive, found.inner, sensitive[found.outer])
    return sensitive


def _overlaps(shapes: Sequence[Shape], cells: Sequence[Cells]) -> Overlaps:
    areas = [shape.polygon.area for shape in shapes]
    rank = ranked(cells, [shape.zone_id for shape in shapes], [shape.parent for shape in shapes], areas)
    return overlaps(cells, rank)


def _crossing(shapes: Sequence[Shape], found: Overlaps) -> InputError:
    crossings = np.flatnonzero(~found.holds)
    one, other = sorted(shapes[side[crossings[0]]].zone_id for side in (found.outer, found.inner))
    return InputError(
        f"zones {one} and {other} cross: expected one to hold the other or no shared cells, "
        f"got {found.shared[crossings[0]]} shared cells ({len(crossings)} such pairs of zones)",
        'redraw one of them, or write [area] crossing = "clip" to leave the shared cells to the larger',
    )


def _losses(shapes: Sequence[Shape], whole: Sequence[Cells], kept: Sequence[Cells]) -> list[str]:
    """Warnings about zones that were clipped."""
    return [
        f"zone {shape.zone_id}: {len(before) - len(after)} of its {len(before)} cells went to zones that it crosses"
        for shape, before, after in zip(shapes, whole, kept, strict=True)
        if len(after) < len(before)
    ]


def _undeclared(shapes: Sequence[Shape], parent: NDArray[np.int32]) -> list[str]:
    """Warnings about declared parents that are no zones or do not hold theirs."""
    known = {shape.zone_id for shape in shapes}
    notes = []
    for place, shape in enumerate(shapes):
        above = int(parent[place])
        while above >= 0 and shapes[above].zone_id != shape.parent:
            above = int(parent[above])
        if shape.parent is not None and above < 0:
            reason = "does not hold it" if shape.parent in known else "is no zone"
            notes.append(f"zone {shape.zone_id}: its declared parent {shape.parent} {reason}")
    return notes


def _feature(zone: Zone, polygon: BaseGeometry) -> dict[str, object]:
    # Adding zero makes 0 of -0.
    rounded = shapely.transform(polygon.normalize(), lambda places: np.round(places, _DECIMALS) + 0.0)
    return {
        "type": "Feature",
        "properties": {
            "zone_id": zone.zone_id,
            "name": zone.name,
            "kind": zone.kind,
            "parent": zone.parent,
            "sensitive": zone.sensitive,
            "cells": [f"{cell:x}" for cell in compact(zone.cells, 0).tolist()],
        },
        "geometry": shapely.geometry.mapping(shapely.orient_polygons(rounded)),
    }
