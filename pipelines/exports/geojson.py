"""GeoJSON: the outline of each part with its figures (RFC 7946)."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import shapely

from anonymization.released import Release
from pipelines.exports.cells import PerPart, as_text
from pipelines.exports.columns import text_columns
from pipelines.exports.polygons import finest_resolution, outline
from pipelines.progress import Advance
from schemas.indicators import INDICATORS


def write(release: Release, folder: Path, advance: Advance) -> list[str]:
    """`<indicator>.geojson` for figures of a day, `<indicator>_<privacy day>.geojson` for those of an hour or slot."""
    resolution = finest_resolution(release, release.indicators)
    outlines, cells = PerPart(lambda part: shape_text(outline(part, resolution))), PerPart(as_text)
    for indicator in release.indicators:
        daily = INDICATORS[indicator].window == "day"
        written: dict[str, list[pa.Table]] = {}
        for day, table in release.tables(indicator):
            written.setdefault(indicator if daily else f"{indicator}_{day.date}", []).append(table)
            if not daily:
                _write_file(folder, written, outlines, cells)
            advance(table.num_rows)
        _write_file(folder, written, outlines, cells)
    return [
        "cells: H3 indexes in hexadecimal, separated by a space. / indices H3 en hexadécimal, séparés par un espace."
    ]


def _write_file(folder: Path, written: dict[str, list[pa.Table]], outlines: PerPart[str], cells: PerPart[str]) -> None:
    """Write what was gathered for a file, and forget it."""
    for name, tables in written.items():
        with (folder / f"{name}.geojson").open("w", encoding="utf-8", newline="\n") as file:
            file.write(f'{{"type":"FeatureCollection","name":"{name}","features":[')
            for number, feature in enumerate(each for table in tables for each in features(table, outlines, cells)):
                file.write(f",\n{feature}" if number else f"\n{feature}")
            file.write("\n]}\n")
    written.clear()


def features(table: pa.Table, outlines: PerPart[str], cells: PerPart[str]) -> Iterator[str]:
    """One feature per row, as text."""
    columns = text_columns(table, cells)
    for geometry, row in zip(outlines.of(table), zip(*columns.values(), strict=True), strict=True):
        properties = dumped(dict(zip(columns, row, strict=True)))
        yield f'{{"type":"Feature","geometry":{geometry},"properties":{properties}}}'


def shape_text(shape: shapely.Geometry | None) -> str:
    """The geometry as GeoJSON, `null` without one."""
    return "null" if shape is None else dumped(shapely.geometry.mapping(shape))


def dumped(value: object) -> str:
    """A value as JSON, without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
