"""The formats of `hexaflux export`: a new one is added here, and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from anonymization.released import Release
from pipelines.exports import comptage, csv, dcat, fluxvision, geojson, geoparquet, ngsi_ld, omx, xlsx
from pipelines.exports.publisher import Publisher
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


def formats(publisher: Publisher) -> dict[str, Format]:
    """All formats by the name that `--format` takes; those for platforms say who publishes, and where."""
    return {
        "csv": Format(csv.write),
        "xlsx": Format(xlsx.write),
        "geojson": Format(geojson.write),
        "geoparquet": Format(geoparquet.write),
        "omx": Format(omx.write, (omx.FLOWS,)),
        "fluxvision": Format(fluxvision.write, fluxvision.READS),
        "ngsi-ld": Format(partial(ngsi_ld.write, publisher=publisher), ngsi_ld.READS),
        "comptage-mobilites": Format(partial(comptage.write, publisher=publisher), comptage.READS),
        "dcat": Format(partial(dcat.write, publisher=publisher)),
    }


FORMATS: Final = formats(Publisher())
"""With no publisher named."""
