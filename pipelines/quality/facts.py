"""RELEASE.faults: what the operator's stream tells of reports of faults, for another process to read.

It holds states of radio cells by hour and which cells serve where: no event, no count, no device. Who reads it needs no
access to `RELEASE.work`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import h3.api.numpy_int as h3
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anonymization.atomic import make_directory, replacing
from pipelines.arrays import instants
from pipelines.quality.evidence import hexagons, verdicts, window
from schemas.tables import CELL_FACT, FAULT_REPORT, SERVING

KEPT_DAYS: Final = 14
"""Facts of so many privacy days are kept: a report is due after two days (the project's own)."""

_UNTIL, _MARK, _RESOLUTION = b"known_until", b"mark", b"resolution"


@dataclass(frozen=True)
class Facts:
    """CELL_FACT rows, SERVING rows by hexagon, and the instant in microseconds before which all events were seen.

    `known_until` is None where nothing was ever written.
    """

    facts: pa.Table
    serving: pa.Table
    known_until: int | None


def folder_of(release: Path) -> Path:
    """The folder of the facts of a release, a sibling of it."""
    return release.with_name(f"{release.name}.faults")


def evidence_of(folder: Path, reports: pa.Table) -> pa.Table:
    """EVIDENCE rows of FAULT_REPORT rows, in their order, by what a folder of facts holds: see `verdicts`.

    The verdict is null as long as it is not due; a folder that is not there makes all of them null. Once the facts of
    its hours are removed it is `cannot tell`, whatever it was, and other SERVING rows may change it. Raises InputError
    for columns that do not fit, OSError for a folder that cannot be read.
    """
    reports = FAULT_REPORT.conform(reports)
    found = read(folder, reports)
    return verdicts(reports, found.facts, found.serving, found.known_until)


def read(folder: Path, reports: pa.Table) -> Facts:
    """What a folder holds that concerns FAULT_REPORT rows; nothing where there is no folder."""
    files = sorted((folder / "cells").glob("date=*.parquet"))
    known_until = max((until(file) or 0 for file in files), default=None)
    serving = _serving(folder / "serving.parquet", reports)
    if not serving.num_rows:
        return Facts(CELL_FACT.empty(), serving, known_until)
    first, last = (pa.array(each).view(CELL_FACT.schema.field("hour_start").type) for each in _hours(reports))
    concerns = pc.field("cell_id").isin(pc.unique(serving["cell_id"]))
    concerns &= (pc.field("hour_start") >= pc.min(first)) & (pc.field("hour_start") < pc.max(last))
    tables = [pq.read_table(file, partitioning=None, filters=concerns) for file in files]
    return Facts(pa.concat_tables([CELL_FACT.empty(), *map(CELL_FACT.conform, tables)]), serving, known_until)


def _hours(reports: pa.Table) -> tuple[object, object]:
    return window(instants(reports, "requested_at"))


def _serving(path: Path, reports: pa.Table) -> pa.Table:
    """The SERVING rows of the hexagons of reports."""
    if not path.exists() or not reports.num_rows:
        return SERVING.empty()
    resolution = int((pq.read_schema(path).metadata or {})[_RESOLUTION])
    wanted = pa.array(hexagons(reports, resolution))
    return SERVING.conform(pq.read_table(path, partitioning=None, filters=pc.field("hexagon").isin(pc.unique(wanted))))


def until(file: Path) -> int | None:
    """The instant in microseconds before which all events were seen, by a file of a privacy day; None without it."""
    return int(pq.read_schema(file).metadata[_UNTIL]) if file.exists() else None


def file_of(folder: Path, day: date) -> Path:
    """Where the facts of a privacy day stand."""
    return folder / "cells" / f"date={day.isoformat()}.parquet"


def write(folder: Path, day: date, rows: pa.Table, known_until: int) -> None:
    """Put the CELL_FACT rows of a privacy day so far into a folder, and remove those of more than 14 days.

    What is there of the day is replaced in one step.
    """
    path = file_of(folder, day)
    make_directory(folder, 0o750)
    _write(path, CELL_FACT.conform(rows), {_UNTIL: b"%d" % known_until})
    oldest = file_of(folder, day - timedelta(days=KEPT_DAYS - 1)).name
    for old in path.parent.glob("date=*.parquet"):
        if old.name < oldest:
            old.unlink()


def write_serving(folder: Path, rows: pa.Table, mark: str) -> None:
    """Put SERVING rows into a folder; `mark` tells them again, see `serving_mark`."""
    make_directory(folder, 0o750)
    resolution = h3.get_resolution(rows["hexagon"][0].as_py())
    _write(folder / "serving.parquet", SERVING.conform(rows), {_MARK: mark.encode(), _RESOLUTION: b"%d" % resolution})


def serving_mark(folder: Path) -> str | None:
    """What tells the SERVING rows that are in a folder; None without any."""
    path = folder / "serving.parquet"
    return pq.read_schema(path).metadata[_MARK].decode() if path.exists() else None


def _write(path: Path, rows: pa.Table, told: dict[bytes, bytes]) -> None:
    make_directory(path.parent, 0o750)
    schema = rows.schema.with_metadata({**(rows.schema.metadata or {}), **told})
    with replacing(path) as temporary:
        pq.write_table(rows.cast(schema), temporary, compression="zstd")
        temporary.chmod(0o640)
