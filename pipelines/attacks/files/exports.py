"""What `hexaflux export` writes of a release, in the formats that hold tables with their places."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from anonymization.atomic import make_directory
from anonymization.released import open_release
from pipelines.attacks.files.haystack import files
from pipelines.attacks.target import Target
from pipelines.exports.formats import FORMATS

TABLES: Final = ("csv", "geojson", "geoparquet")
"""The formats of rows and places; xlsx, ngsi-ld and comptage-mobilites hold rows of csv, omx and fluxvision sums of
them by zone, dcat no figure."""


@dataclass(frozen=True)
class Outputs:
    """What leaves the pipeline: folders of a release and of what `hexaflux export` writes of it."""

    release: Path
    exports: tuple[Path, ...] = ()

    @property
    def files(self) -> list[Path]:
        """All files."""
        return [path for folder in (self.release, *self.exports) for path in files(folder)]


def exported(target: Target) -> dict[str, Path]:
    """A folder for each of TABLES; made once, then found again."""
    found = {name: target.scratch / "exports" / name for name in TABLES}
    missing = [name for name, folder in found.items() if not folder.is_dir()]
    if missing:
        release = open_release(target.release)
        for name in missing:
            make_directory(found[name])
            FORMATS[name].write(release, found[name], lambda rows: None)
    return found
