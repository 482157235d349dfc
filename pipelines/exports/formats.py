"""The formats of `hexaflux export`: a new one is added here, and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from anonymization.released import Release
from pipelines.exports import csv, fluxvision, geojson, geoparquet, omx, xlsx
from pipelines.progress import Advance

Writer = Callable[[Release, Path, Advance], list[str]]
"""Writes files into an empty folder, advances by the rows that it has read, and returns lines for the README."""


@dataclass(frozen=True)
class Format:
    """How a release is written; `indicators` are those it reads, all where there are none."""

    write: Writer
    indicators: tuple[str, ...] = ()

    def rows(self, release: Release) -> int:
        """How many rows it will read."""
        return sum(release.rows(name) for name in self.indicators or release.indicators)


FORMATS: Final = {
    "csv": Format(csv.write),
    "xlsx": Format(xlsx.write),
    "geojson": Format(geojson.write),
    "geoparquet": Format(geoparquet.write),
    "omx": Format(omx.write, (omx.FLOWS,)),
    "fluxvision": Format(fluxvision.write, fluxvision.READS),
}
"""By the name that `--format` takes."""
