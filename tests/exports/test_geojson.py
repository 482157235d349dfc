"""GeoJSON as RFC 7946 describes it, and GeoParquet beside it."""

import json
from pathlib import Path

import duckdb
import geopandas
import pyarrow.parquet as pq
import pytest
import shapely

from anonymization.released import Release
from pipelines.exports.formats import FORMATS
from schemas.indicators import INDICATORS
from tests.anonymization.releases import EIGHTS
from tests.exports.handmade import TABLES


@pytest.fixture(scope="module")
def folders(handmade: Release, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {format: tmp_path_factory.mktemp(format) for format in ("geojson", "geoparquet")}
    for format, folder in made.items():
        FORMATS[format].write(handmade, folder, lambda _: None)
    return made


def test_figures_of_a_day_are_in_one_file_and_finer_ones_in_one_for_each_day(folders: dict[str, Path]) -> None:
    daily = {name for name in TABLES if INDICATORS[name].window == "day"}
    finer = {"flows_2026-10-24", "transit_2026-10-24", "presence_2026-10-24", "presence_2026-10-25"}
    assert {path.stem for path in folders["geojson"].iterdir()} == daily | finer


def test_a_feature_holds_all_columns_of_its_row(folders: dict[str, Path], handmade: Release) -> None:
    row = handmade.table("attendance_by_category", handmade.days[0]).to_pylist()[3]
    collection = json.loads((folders["geojson"] / "attendance_by_category.geojson").read_text(encoding="utf-8"))
    assert collection["type"] == "FeatureCollection"
    assert "crs" not in collection
    feature = collection["features"][3]
    assert feature["properties"] == {
        "window_start": "2026-10-24T03:00:00Z",
        "window_end": "2026-10-25T04:00:00Z",
        "zone_id": "21231",
        "cells": EIGHTS[0],
        "visitor_category": "foreign excursionist|foreign tourist",
        "devices": 30,
        "people": 90,
        "people_low": row["people_low"],
        "people_high": row["people_high"],
        "additive": False,
    }
    assert feature["geometry"]["type"] == "Polygon"


def test_every_row_is_a_feature_with_a_valid_outline(folders: dict[str, Path], handmade: Release) -> None:
    for path in folders["geojson"].iterdir():
        frame = geopandas.read_file(path)
        assert frame.crs.to_epsg() == 4326
        assert frame.geometry.is_valid.all()
        assert not frame.geometry.is_empty.any()
        assert all(shapely.is_ccw(part.exterior) for shape in frame.geometry for part in shapely.get_parts(shape))


def test_geopandas_reads_every_geoparquet_with_the_types_of_the_release(
    folders: dict[str, Path], handmade: Release
) -> None:
    for name in handmade.indicators:
        path = folders["geoparquet"] / f"{name}.parquet"
        frame = geopandas.read_parquet(path)
        assert frame.crs == "OGC:CRS84"
        assert frame.geometry.is_valid.all()
        schema = pq.read_schema(path)
        assert [schema.field(field.name).type for field in INDICATORS[name].table.fields] == [
            field.type for field in INDICATORS[name].table.fields
        ]


def test_both_formats_draw_the_same_outlines(folders: dict[str, Path]) -> None:
    for name in ("attendance", "nights"):
        drawn = geopandas.read_file(folders["geojson"] / f"{name}.geojson").geometry
        written = geopandas.read_parquet(folders["geoparquet"] / f"{name}.parquet").geometry
        assert [shapely.to_wkt(shape) for shape in drawn] == [shapely.to_wkt(shape) for shape in written]


def test_the_cells_of_a_geoparquet_are_those_of_the_release(folders: dict[str, Path], handmade: Release) -> None:
    for name in handmade.indicators:
        released = f"SELECT cells FROM read_parquet('{handmade.root}/{name}/*/*.parquet')"
        exported = f"SELECT cells FROM read_parquet('{folders['geoparquet']}/{name}.parquet')"
        assert duckdb.sql(released).fetchall() == duckdb.sql(exported).fetchall()
