"""The truth that a simulation wrote, as tables."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.simulator.truth_tables import TABLES
from schemas.errors import InputError

Truth = Mapping[str, pa.Table]
"""Tables by name: docs/simulator.md says what they count."""

_WINDOW = ("window_start", "window_end")


def read_truth(directory: Path) -> Truth:
    """Read the aggregates of a `truth` folder, or of the simulation that has one.

    Raises InputError for one that is missing, damaged or another table.
    """
    inner = directory / "truth"
    folder = inner if inner.is_dir() else directory
    return {name: _table(folder / f"{name}.parquet", dimensions) for name, dimensions in TABLES.items()}


def _table(path: Path, dimensions: tuple[str, ...]) -> pa.Table:
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError):
        raise _refused(path, "another file" if path.exists() else "nothing") from None
    wanted = {"date", "people", *(name for name in dimensions if name not in ("", "slot", "hour"))}
    if {"slot", "hour"} & set(dimensions):
        wanted |= set(_WINDOW)
    if not wanted <= set(table.column_names):
        raise _refused(path, "another table")
    return table


def _refused(path: Path, found: str) -> InputError:
    return InputError(
        f"{path}: expected a table of the simulated truth, found {found}",
        "give the truth folder that hexaflux simulate wrote, DIR/truth",
    )
