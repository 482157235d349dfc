"""The released figures in DuckDB, in memory: it is given verified tables, and can reach neither disk nor network."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb
import h3
import numpy as np
import pandas as pd
import pyarrow as pa

from anonymization.checks.spans import spans
from anonymization.events import Event
from anonymization.released import Day, Release, open_release
from dashboards import queries
from dashboards.cache import Cache
from dashboards.queries import Query
from dashboards.zones import Zones, read_zones, span_table
from schemas.indicators import INDICATORS

_CLOSED: Final[dict[str, str | bool | int | float | list[str]]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
_KM_PER_DEGREE: Final = 111.0

Parameter = str | int | float | bool


class Store:
    """A verified release, its zones, and answers to named questions about it."""

    def __init__(self, release: Release, cache: Cache) -> None:
        self.release = release
        self.zones: Zones = read_zones(release.zones())
        self.events = _in_release(release)
        self._cache = cache
        self._connection = _loaded(release, self.zones)

    def day_of(self, moment: datetime) -> Day:
        """The privacy day in which an instant falls; raises LookupError where the release does not hold it."""
        found = _day_of(self.release, moment)
        if found is None:
            raise LookupError("an instant outside the days of the release")
        return found

    def ask(self, query: Query, **parameters: Parameter) -> pd.DataFrame:
        """The answer to a question; the parameters are those that its SQL names."""
        key = _key(self.release.head, query, parameters)
        table = self._cache.get(key)
        if table is None:
            # A connection serves one thread, a cursor of it any.
            table = self._connection.cursor().sql(query.sql, params=parameters).to_arrow_table()
            self._cache.set(key, table)
        return table.to_pandas()


def open_store(root: Path, cache_folder: Path | None, verified: str = "") -> Store:
    """The store of the release in a folder; raises what `open_release` does."""
    return Store(open_release(root, verified), Cache(cache_folder))


def _in_release(release: Release) -> tuple[Event, ...]:
    """The events that begin on a day of the release, in order."""
    return ()


def _day_of(release: Release, moment: datetime) -> Day | None:
    at = round(moment.timestamp() * 1e6)
    return next((day for day in release.days if day.terms.start <= at < day.terms.end), None)


def _key(head: str, query: Query, parameters: dict[str, Parameter]) -> str:
    """A key for an answer: another release, another wording or another value is another question."""
    asked = hashlib.sha256(json.dumps([query.sql, parameters], sort_keys=True).encode()).hexdigest()
    return f"{head} {query.name} {asked}"


def _loaded(release: Release, zones: Zones) -> duckdb.DuckDBPyConnection:
    """A connection that holds the release, and whose settings cannot be changed any more."""
    connection = duckdb.connect(":memory:", config=_CLOSED)
    for name, statements in queries.CREATE.items():
        _load(connection, _schema(name).empty_table(), *statements)
        for table in _days(release, name):
            _load(connection, table, *queries.ADD[name])
    _load(connection, span_table(zones), queries.LOAD_ZONE_SPANS)
    connection.execute(queries.LOAD_PART_CELLS)
    cells = connection.sql(queries.CELLS).to_arrow_table()["cell"]
    _load(connection, _cell_table(cells.to_numpy()), queries.LOAD_CELLS)
    connection.execute("SET lock_configuration = true")
    return connection


def _load(connection: duckdb.DuckDBPyConnection, table: pa.Table, *statements: str) -> None:
    connection.register("incoming", table)
    for statement in statements:
        connection.execute(statement)
    connection.unregister("incoming")


def _schema(name: str) -> pa.Schema:
    """Of an indicator, with the `day` of each row before it."""
    return INDICATORS[name].table.schema.insert(0, pa.field("day", pa.string()))


def _days(release: Release, name: str) -> Iterator[pa.Table]:
    """The rows of an indicator, one table for each day."""
    for day, table in release.tables(name):
        days = pa.array(np.full(table.num_rows, day.date.isoformat()), pa.string())
        yield table.add_column(0, "day", days).cast(_schema(name))


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
