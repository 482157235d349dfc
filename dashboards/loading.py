"""A verified release in DuckDB, in memory: it is given tables, and can reach neither disk nor network."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import duckdb
import h3
import h3.api.numpy_int as h3_numbers
import numpy as np
import pyarrow as pa

from anonymization.checks.spans import covered, merged, spans
from anonymization.released import Release
from dashboards import slots
from dashboards.queries import evidence, tables
from dashboards.zones import Zones, span_table
from schemas.errors import SystemFailure
from schemas.indicators import INDICATORS

_SETTINGS: Final[dict[str, str | bool | int | float | list[str]]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "memory_limit": "2GB",
    "threads": max(os.cpu_count() or 1, 2),
}
_ROWS_AT_ONCE: Final = 100_000
"""Small days are added together, as each statement takes a millisecond. From 122,880 rows on, which is a row group of
DuckDB, what is added is not compressed at once (measured)."""

_KM_PER_DEGREE: Final = 111.0


def loaded(release: Release, zones: Zones) -> duckdb.DuckDBPyConnection:
    """A connection that holds the release, and whose settings cannot be changed any more.

    Raises SystemFailure for a release that does not fit into the memory that it may take.
    """
    connection = duckdb.connect(":memory:", config=_SETTINGS)
    try:
        _fill(connection, release, zones)
    except duckdb.OutOfMemoryException:
        raise SystemFailure(
            f"{release.root}: expected figures that fit into {_SETTINGS['memory_limit']}, found more",
            "publish the years of a large territory as releases of their own",
        ) from None
    connection.execute("SET lock_configuration = true")
    # Else what the files were read into stays with the process (measured: 40 MB).
    pa.default_memory_pool().release_unused()
    return connection


def _fill(connection: duckdb.DuckDBPyConnection, release: Release, zones: Zones) -> None:
    for statement in (tables.OPEN, tables.USE):
        connection.execute(statement)
    _load_indicators(connection, release)
    _load(connection, _day_table(release), tables.DAYS)
    _load(connection, _slot_table(release), tables.SLOTS)
    _load(connection, _zone_table(zones), tables.ZONES)
    _load(connection, span_table(zones), tables.ZONE_SPANS)
    for statement in (tables.PART_ZONES, tables.PART_CELLS):
        connection.execute(statement)
    cells, present = (_cells(connection, question) for question in (tables.CELLS, tables.PRESENT))
    _load(connection, _cell_table(cells), tables.LOAD_CELLS)
    _load(connection, _hexagon_table(zones, cells, present), tables.HEXAGONS)
    summed = (tables.ZONE_PRESENCE, evidence.LOAD_POOLING, evidence.LOAD_COUNTED)
    for statement in (tables.SIZES, tables.PLACEMENTS, *summed, tables.COMPRESS):
        connection.execute(statement)


def _load_indicators(connection: duckdb.DuckDBPyConnection, release: Release) -> None:
    _load(connection, _schema("presence").empty_table(), tables.CREATE_PART)
    for name, statement in tables.CREATE.items():
        _load(connection, _schema(name).empty_table(), statement)
        for table in _ahead(_pieces(release, name)):
            _load(connection, table, *tables.ADD[name])


def _load(connection: duckdb.DuckDBPyConnection, table: pa.Table, *statements: str) -> None:
    connection.register("incoming", table)
    for statement in statements:
        connection.execute(statement)
    connection.unregister("incoming")


def _schema(name: str) -> pa.Schema:
    """Of an indicator, with the `day` of each row before it."""
    return INDICATORS[name].table.schema.insert(0, pa.field("day", pa.date32()))


def _ahead(pieces: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same pieces, of which the next is read while one is added."""
    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(next, pieces, None)
        while (piece := following.result()) is not None:
            following = reader.submit(next, pieces, None)
            yield piece


def _pieces(release: Release, name: str) -> Iterator[pa.Table]:
    """The rows of an indicator in their order, about as many at once as can be added best."""
    waiting = _schema(name).empty_table()
    for day, table in release.tables(name):
        days = pa.repeat(pa.scalar(day.date), table.num_rows)
        waiting = pa.concat_tables([waiting, table.add_column(0, waiting.schema.field("day"), days)])
        while waiting.num_rows >= _ROWS_AT_ONCE:
            yield waiting.slice(0, _ROWS_AT_ONCE)
            waiting = waiting.slice(_ROWS_AT_ONCE)
    if waiting.num_rows:
        yield waiting


def _cells(connection: duckdb.DuckDBPyConnection, question: str) -> np.ndarray:
    found: np.ndarray = connection.sql(question).to_arrow_table()["cell"].to_numpy()
    return found


def _day_table(release: Release) -> pa.Table:
    """One row per day, and whether it is published as a whole."""
    days = pa.array([day.date for day in release.days], pa.date32())
    return pa.table({"day": days, "over": pa.array([day.over for day in release.days], pa.bool_())})


def _slot_table(release: Release) -> pa.Table:
    """One row per day and slot: its start, its local time as an address names it, and its local hour."""
    starts = [slots.starts(day) for day in release.days]
    return pa.table(
        {
            "day": pa.array(
                [day.date for day, own in zip(release.days, starts, strict=True) for _ in own], pa.date32()
            ),
            "window_start": pa.array([start for own in starts for start in own], pa.timestamp("us", "UTC")),
            "clock": [name for own in starts for name in slots.names(own)],
            "hour": pa.array([start.hour for own in starts for start in own], pa.int8()),
        }
    )


def _zone_table(zones: Zones) -> pa.Table:
    """One row per zone, with its kind."""
    kinds = [zone.kind for zone in zones.values()]
    return pa.table({"zone_id": pa.array(list(zones), pa.string()), "kind": pa.array(kinds, pa.string())})


def _cell_table(cells: np.ndarray) -> pa.Table:
    """Where each H3 cell is, and how large: centre in degrees, area in km², `reach` its radius in degrees."""
    low, high = spans(cells)
    names = [h3.int_to_str(cell) for cell in cells.tolist()]
    centres = np.array([h3.cell_to_latlng(name) for name in names], np.float64).reshape(-1, 2)
    km2 = np.array([h3.cell_area(name, "km^2") for name in names], np.float64)
    return pa.table(
        {
            "cell": cells,
            "low": low,
            "high": high,
            "latitude": centres[:, 0],
            "longitude": centres[:, 1],
            "km2": km2,
            "reach": 0.7 * np.sqrt(km2) / _KM_PER_DEGREE,
            "resolution": [h3.get_resolution(name) for name in names],
        }
    )


def _hexagon_table(zones: Zones, cells: np.ndarray, present: np.ndarray) -> pa.Table:
    """The hexagons of all zones at the finest resolution of `cells`, and whether a cell of presence holds each."""
    everywhere = np.unique(np.concatenate([np.zeros(0, np.uint64), *(zone.cells for zone in zones.values())]))
    finest = max((h3_numbers.get_resolution(cell) for cell in [*cells, *everywhere]), default=0)
    found = np.unique(np.asarray(h3_numbers.uncompact_cells(everywhere, finest), np.uint64))
    low, high = spans(found)
    return pa.table({"cell": found, "low": low, "covered": covered(low, high, merged(*spans(present)))})
