"""A table whose rows have shapes, as GeoJSON: one feature a row, the outline of its hexagons or its point."""

import json
from collections.abc import Hashable, Mapping
from datetime import datetime

import h3
import numpy as np
import pandas as pd

from dashboards.exports.taken import Origin, Sheet
from dashboards.zones import outline_parts


def write(sheet: Sheet, origin: Origin) -> bytes:
    """The file (RFC 7946, WGS 84); raises KeyError for a table without `cells` and without positions."""
    shapes = ("cells",) if "cells" in sheet.frame else ("longitude", "latitude")
    rest = [name for name in sheet.frame.columns if name not in shapes]
    features = [
        {
            "type": "Feature",
            "geometry": _shape([h3.int_to_str(int(cell)) for cell in row["cells"]]) if "cells" in row else _point(row),
            "properties": {name: _plain(row[name]) for name in rest},
        }
        for row in sheet.frame.to_dict("records")
    ]
    body = {
        "type": "FeatureCollection",
        "name": sheet.name,
        "title": sheet.title,
        "release_id": origin.release_id,
        "manifest": origin.head,
        "address": origin.address,
        "features": features,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _shape(cells: list[str]) -> dict[str, object]:
    return {"type": "MultiPolygon", "coordinates": outline_parts(cells)}


def _point(row: Mapping[Hashable, object]) -> dict[str, object] | None:
    """The point of a row; none where it has no position, which RFC 7946 allows."""
    longitude, latitude = _plain(row["longitude"]), _plain(row["latitude"])
    if longitude is None or latitude is None:
        return None
    return {"type": "Point", "coordinates": [longitude, latitude]}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return None if pd.isna(value) else value.isoformat()
    if isinstance(value, np.generic):
        value = value.item()
    return None if value is None or (isinstance(value, float) and pd.isna(value)) else value
