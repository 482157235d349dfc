"""Zones as their file states them: attributes and polygons in WGS 84."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from warnings import catch_warnings, simplefilter

import geopandas
import pandas as pd
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj.exceptions import ProjError
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from pipelines.sources.columns import columns_of
from pipelines.sources.fragment import missing, reading
from schemas.errors import InputError
from schemas.fields import ZONE_ID
from schemas.tables import ZONE
from schemas.vocabulary import REST, SEPARATOR, TERRITORY

_PARQUET = (".parquet", ".geoparquet")
_GEOJSON = (".geojson", ".json")
_POLYGONS = ("Polygon", "MultiPolygon")
_WGS84 = "EPSG:4326"
_COLUMNS_HINT = 'name the column in [input.columns.zones], as in zone_id = "their_name"'
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}
_SHOWN = 5


@dataclass(frozen=True)
class Shape:
    """A zone of the file: `parent` is the declared one, None without; `polygon` is valid, in degrees."""

    zone_id: str
    name: str
    kind: str
    parent: str | None
    sensitive: bool
    polygon: BaseGeometry


def read_shapes(path: Path, mapping: Mapping[str, str]) -> tuple[list[Shape], list[str]]:
    """The zones of a GeoJSON or GeoParquet file, and warnings.

    `mapping` gives their column names where they differ from ours. A name is the identifier and a kind is
    `zone` where none is given. Raises InputError for a file that cannot be read, a missing column, an identifier
    that is missing, reserved or there twice, and a geometry that is no polygon in degrees.
    """
    frame = _read(path)
    needed = columns_of(ZONE, mapping)
    needed = replace(needed, required=frozenset(mapping) | {ZONE_ID.name})
    names = needed.found(path.name, [str(name) for name in frame.columns])
    texts = {ours: [_text(value) for value in frame[theirs]] for ours, theirs in names.items()}
    _check_identifiers(path.name, texts[ZONE_ID.name])
    given = shapely.force_2d(frame.geometry.to_numpy())
    polygons = [_polygon(path.name, *row) for row in zip(texts[ZONE_ID.name], given, strict=True)]
    blank = [""] * len(frame)
    rows = zip(*(texts.get(name, blank) for name in ZONE.names), polygons, strict=True)
    shapes = [_shape(path.name, *row) for row in rows]
    repaired = [shape.zone_id for shape, was in zip(shapes, given, strict=True) if shape.polygon is not was]
    return shapes, _repairs(path.name, repaired)


def _read(path: Path) -> geopandas.GeoDataFrame:
    if not path.is_file():
        raise missing(path.name)
    if path.suffix.lower() not in (*_GEOJSON, *_PARQUET):
        raise InputError(
            f"{path.name}: expected a file name that ends with {', '.join((*_GEOJSON, *_PARQUET))}, got another",
            "save the zones as GeoJSON or GeoParquet, or rename the file",
        )
    with reading(path.name, "GeoJSON or GeoParquet"), _geometries(path.name), catch_warnings():
        # A ring that is not closed is closed, and said to be on stderr otherwise.
        simplefilter("ignore", RuntimeWarning)
        if path.suffix.lower() in _PARQUET:
            frame = geopandas.read_parquet(path)
        else:
            frame = geopandas.read_file(path, engine="pyogrio", on_invalid="fix")
        geometry = frame.geometry
        frame = frame.set_crs(_WGS84) if geometry.crs is None else frame.to_crs(_WGS84)
    if frame.empty:
        raise InputError(f"{path.name}: expected zones, got none", "give at least one polygon")
    return frame


@contextmanager
def _geometries(file: str) -> Iterator[None]:
    # A file without geometry has no attribute `geometry`.
    errors = (DataSourceError, DataLayerError, ProjError, ShapelyError, ValueError, AttributeError)
    try:
        yield
    except errors:
        raise InputError(
            f"{file}: expected polygons as GeoJSON or GeoParquet, got content that cannot be read as such",
            "open the file in a geographic tool and save it again as GeoJSON (WGS 84) or GeoParquet",
        ) from None


def _text(value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and isnan(value)):
        return ""
    # A reader makes floats of whole numbers where some are missing.
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()


def _check_identifiers(file: str, zone_ids: Sequence[str]) -> None:
    met: set[str] = set()
    for place, zone_id in enumerate(zone_ids, start=1):
        if not zone_id:
            raise InputError(f"{file}: expected a zone_id, got none in feature {place}", _COLUMNS_HINT)
        if zone_id in (TERRITORY, REST) or SEPARATOR in zone_id:
            raise InputError(
                f"{file}: expected a zone_id that is neither {TERRITORY} nor {REST} and has no {SEPARATOR}, "
                f"got {zone_id}",
                "rename the zone, or choose another column in [input.columns.zones]",
            )
        if zone_id in met:
            raise InputError(f"{file}: expected each zone_id once, got {zone_id} twice", _COLUMNS_HINT)
        met.add(zone_id)


def _polygon(file: str, zone_id: str, geometry: BaseGeometry | None) -> BaseGeometry:
    if geometry is None or geometry.is_empty:
        raise _no_polygon(file, zone_id, "none")
    polygon = geometry
    if not geometry.is_valid:
        parts = shapely.get_parts(shapely.make_valid(geometry))
        polygon = shapely.union_all([part for part in parts if part.geom_type in _POLYGONS])
    if polygon.geom_type not in _POLYGONS or polygon.is_empty:
        raise _no_polygon(file, zone_id, f"a {geometry.geom_type} without area")
    west, south, east, north = polygon.bounds
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        raise _no_polygon(file, zone_id, f"coordinates up to {east:.0f}, {north:.0f}")
    return polygon


def _repairs(file: str, repaired: Sequence[str]) -> list[str]:
    shown = ", ".join(repaired[:_SHOWN]) + (", ..." if len(repaired) > _SHOWN else "")
    return [f"{file}: {len(repaired)} invalid polygons were repaired: {shown}"] if repaired else []


def _no_polygon(file: str, zone_id: str, got: str) -> InputError:
    return InputError(
        f"{file}, zone {zone_id}: expected a polygon in degrees, got {got}",
        "give the zone a polygon in WGS 84 longitude and latitude, or state the file's coordinate system",
    )


def _shape(file: str, zone_id: str, name: str, kind: str, parent: str, sensitive: str, polygon: BaseGeometry) -> Shape:
    truth = _TRUTH.get(sensitive.lower())
    if truth is None:
        raise InputError(
            f"{file}, zone {zone_id}: expected sensitive to be true or false, got {sensitive}",
            "write true for zones where being there tells something intimate, else false",
        )
    return Shape(zone_id, name or zone_id, kind or "zone", parent or None, truth, polygon)
