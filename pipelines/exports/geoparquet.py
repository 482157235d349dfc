"""GeoParquet 1.1: the released columns with the outline of each part."""

import json
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from anonymization.released import Release
from pipelines.exports.cells import PerPart
from pipelines.exports.polygons import finest_resolution, outline
from pipelines.progress import Advance
from schemas.indicators import INDICATORS

_GEOMETRY: Final = {
    "encoding": "WKB",
    "geometry_types": ["MultiPolygon", "Polygon"],
    "orientation": "counterclockwise",
}
"""Without a reference system it is longitude and latitude, WGS 84 (the default of the format)."""
_GEO: Final = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": _GEOMETRY}}


def write(release: Release, folder: Path, advance: Advance) -> list[str]:
    """`<indicator>.parquet`, a row group for each privacy day, with the types of the release."""
    resolution = finest_resolution(release, release.indicators)
    outlines = PerPart(lambda part: _wkb(outline(part, resolution)))
    for indicator in release.indicators:
        schema = _schema(indicator)
        with pq.ParquetWriter(folder / f"{indicator}.parquet", schema, compression="zstd") as writer:
            for _, table in release.tables(indicator):
                geometry = pa.array(outlines.of(table), pa.binary())
                writer.write_table(pa.Table.from_arrays([*table.columns, geometry], schema=schema))
                advance(table.num_rows)
    return []


def _schema(indicator: str) -> pa.Schema:
    declared = INDICATORS[indicator].table.schema
    schema = declared.append(pa.field("geometry", pa.binary()))
    return schema.with_metadata({**(declared.metadata or {}), b"geo": json.dumps(_GEO).encode()})


def _wkb(shape: shapely.Geometry | None) -> bytes | None:
    return None if shape is None else bytes(shapely.to_wkb(shape, byte_order=1))
