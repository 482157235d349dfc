"""OMX: the flows of each privacy day as matrices from origin to destination.

The layout is that of the OMX specification 0.2 (HDF5): `/data/<matrix>`, `/lookup/zone_id`, OMX_VERSION and SHAPE.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import h5py
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.released import Day, Release
from pipelines.exports import csv
from pipelines.exports.cells import PerPart, as_text
from pipelines.exports.columns import values
from pipelines.progress import Advance
from schemas.errors import UsageError
from schemas.indicators import INDICATORS
from schemas.vocabulary import ALL, SEPARATOR

FLOWS: Final = "flows"
POOLED: Final = "flows_pooled.csv"
MEASURES: Final = {"people": "", "devices": "_devices"}
"""What matrices hold, and what follows the hour in their names."""
NO_FIGURE: Final = 0.0
"""Of a pair without a row of its own: there was nobody, or it is in a pool. It is stated as the NA of each matrix."""

_ENDS: Final = ("origin_zone_id", "destination_zone_id")

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Hour:
    """The matrices of an hour by measure; `name` is H00 to H23, local."""

    name: str
    start: str
    end: str
    matrices: dict[str, Matrix]


def write(release: Release, folder: Path, advance: Advance) -> list[str]:
    """`flows_<privacy day>.omx` and `flows_pooled.csv`; raises UsageError for a release without flows."""
    if FLOWS not in release.indicators:
        raise UsageError(
            f"{release.root}: expected a release with flows, found none in it",
            "omx holds flows only; csv, xlsx, geojson and geoparquet hold every indicator",
        )
    zones = _zones(release)
    notes = [
        f"A cell of {NO_FIGURE:g} has no figure of its own: nobody moved, or the pair is in a pool.",
        f"Pools are not spread over the matrices: {POOLED} lists them.",
        f"Une case à {NO_FIGURE:g} n'a pas de chiffre propre : aucun déplacement, ou un regroupement.",
        f"Les regroupements ne sont pas répartis dans les matrices : voir {POOLED}.",
    ]
    with (folder / POOLED).open("w", encoding="utf-8", newline="") as pooled:
        csv.write_rows(pooled, [INDICATORS[FLOWS].table.names])
        for day, table in release.tables(FLOWS):
            single = is_single(table)
            rest = table.filter(pc.invert(single))
            csv.write_rows(pooled, csv.rows(rest, PerPart(as_text)))
            totals = _write_day(release, day, zones, table.filter(single), rest, folder)
            notes.append(f"{day.date}: {', '.join(f'{name} {value}' for name, value in totals.items())}")
            advance(table.num_rows)
    return notes


def is_single(table: pa.Table) -> pa.ChunkedArray:
    """Whether a row of flows has one origin and one destination."""
    pools = (pc.match_substring(table[end], SEPARATOR) for end in _ENDS)
    everywhere = (pc.equal(table[end], ALL) for end in _ENDS)
    origin, destination, from_all, to_all = (*pools, *everywhere)
    return pc.invert(pc.or_(pc.or_(origin, destination), pc.or_(from_all, to_all)))


def hours(table: pa.Table, zones: list[str], timezone: str) -> Iterator[Hour]:
    """The matrices of the hours that have a row, in the order of time; rows have one origin and one destination.

    Where the clock is set back, the hour that comes a second time is named with a B.
    """
    named: set[str] = set()
    for start in sorted(set(table["window_start"].to_pylist())):
        rows = table.filter(pc.equal(table["window_start"], pa.scalar(start, table["window_start"].type)))
        first = rows.slice(0, 1)
        name = f"H{pc.strftime(first['window_start'].cast(pa.timestamp('s', timezone)), '%H')[0].as_py()}"
        name = f"{name}B" if name in named else name
        named.add(name)
        begin, end = (str(values(first[column])[0]) for column in ("window_start", "window_end"))
        yield Hour(name, begin, end, {measure: _matrix(rows, measure, zones) for measure in MEASURES})


def _matrix(rows: pa.Table, measure: str, zones: list[str]) -> Matrix:
    places = pa.array(zones, pa.string())
    origin, destination = (pc.index_in(rows[end], places).to_numpy() for end in _ENDS)
    matrix = np.full((len(zones), len(zones)), NO_FIGURE)
    np.add.at(matrix, (origin, destination), rows[measure].to_numpy())
    return matrix


def _zones(release: Release) -> list[str]:
    """Every zone that a published row names as an end, in order; the same for all days, so that they compare."""
    found: set[str] = set()
    for _, table in release.tables(FLOWS):
        for end in _ENDS:
            for text in pc.unique(table[end]).to_pylist():
                found.update(text.split(SEPARATOR))
    return sorted(found - {ALL})


def _write_day(
    release: Release, day: Day, zones: list[str], single: pa.Table, pooled: pa.Table, folder: Path
) -> dict[str, int]:
    """Write the file of a day, and return its totals in cells and in pools."""
    totals = {
        f"{measure}_{where}": int(pc.sum(rows[measure], min_count=0).as_py())
        for measure in MEASURES
        for where, rows in (("in_cells", single), ("in_pools", pooled))
    }
    told = {
        "privacy_day": day.date.isoformat(),
        "timezone": day.timezone,
        "release_id": release.release_id,
        "test": str(release.test).lower(),
    }
    with h5py.File(folder / f"{FLOWS}_{day.date}.omx", "w") as file:
        file.attrs["OMX_VERSION"] = np.bytes_("0.2")
        file.attrs["SHAPE"] = np.array([len(zones), len(zones)], np.int32)
        for name, text in told.items():
            file.attrs[name] = np.bytes_(text.encode())
        for name, value in totals.items():
            file.attrs[name] = value
        data = file.create_group("data")
        for hour in hours(single, zones, day.timezone):
            _write_hour(data, hour)
        lookup = file.create_group("lookup")
        lookup.create_dataset("zone_id", data=np.array([zone.encode() for zone in zones], np.bytes_), track_times=False)
    return totals


def _write_hour(data: h5py.Group, hour: Hour) -> None:
    for measure, matrix in hour.matrices.items():
        # The compression that every reader of OMX has.
        written = data.create_dataset(
            f"{hour.name}{MEASURES[measure]}",
            data=matrix,
            chunks=matrix.shape if matrix.size < 1_000_000 else True,
            compression="gzip",
            compression_opts=1,
            shuffle=True,
            track_times=False,
        )
        written.attrs["NA"] = NO_FIGURE
        written.attrs["measure"] = np.bytes_(measure)
        written.attrs["window_start"] = np.bytes_(hour.start)
        written.attrs["window_end"] = np.bytes_(hour.end)
