"""What stands in an export, as the programs of others read it: the sums of each indicator."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import geopandas
import h5py
import openpyxl
import pandas as pd

Sums = dict[str, tuple[int, float]]
"""Devices and people, by indicator."""


def of_release(root: Path, indicators: Iterable[str] | None = None) -> Sums:
    """The sums that DuckDB finds in a release."""
    names = sorted(path.name for path in root.iterdir() if path.name != "manifest")
    return {
        name: _queried(f"SELECT sum(devices), sum(people) FROM read_parquet('{root}/{name}/*/*.parquet')")
        for name in names
        if indicators is None or name in indicators
    }


def of_csv(folder: Path) -> Sums:
    """By DuckDB, which has to recognise the columns."""
    files = [path for path in sorted(folder.glob("*.csv")) if path.stem != "columns"]
    return {path.stem: _queried(f"SELECT sum(devices), sum(people) FROM read_csv('{path}')") for path in files}


def of_xlsx(folder: Path) -> Sums:
    """By openpyxl, over all sheets of an indicator, of which one may be for each day."""
    found: Sums = {}
    workbook = openpyxl.load_workbook(folder / "hexaflux.xlsx", read_only=True)
    for sheet in workbook:
        if sheet.title not in ("about", "columns", "cells"):
            heading, *rows = sheet.iter_rows(values_only=True)
            devices, people = heading.index("devices"), heading.index("people")
            _add(found, sheet.title.split()[0], sum(row[devices] for row in rows), sum(row[people] for row in rows))
    return found


def of_geojson(folder: Path) -> Sums:
    """By geopandas, over all files of an indicator."""
    found: Sums = {}
    for path in sorted(folder.glob("*.geojson")):
        frame = geopandas.read_file(path)
        _add(found, re.sub(r"_\d{4}-\d\d-\d\d$", "", path.stem), frame["devices"].sum(), frame["people"].sum())
    return found


def of_geoparquet(folder: Path) -> Sums:
    """By geopandas."""
    frames = {path.stem: geopandas.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
    return {name: (int(frame["devices"].sum()), float(frame["people"].sum())) for name, frame in frames.items()}


def of_omx(folder: Path) -> Sums:
    """By h5py over the matrices, and by pandas over the pools."""
    pooled = pd.read_csv(folder / "flows_pooled.csv")
    found = {"flows": (int(pooled["devices"].sum()), float(pooled["people"].sum()))}
    for path in sorted(folder.glob("*.omx")):
        with h5py.File(path) as file:
            for name, matrix in file["data"].items():
                total = float(matrix[()].sum())
                _add(found, "flows", *((total, 0) if name.endswith("_devices") else (0, total)))
    return found


SUMS: dict[str, Callable[[Path], Sums]] = {
    "csv": of_csv,
    "xlsx": of_xlsx,
    "geojson": of_geojson,
    "geoparquet": of_geoparquet,
    "omx": of_omx,
}
"""By format."""


def _add(found: Sums, name: str, devices: float, people: float) -> None:
    before = found.get(name, (0, 0.0))
    found[name] = (before[0] + int(devices), before[1] + float(people))


def _queried(sql: str) -> tuple[int, float]:
    devices, people = duckdb.sql(sql).fetchall()[0]
    return int(devices), float(people)
