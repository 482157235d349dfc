"""The files of a feed as a page links to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from pipelines.feeds.page import dates
from schemas.dates import Language

CALENDAR: Final = ".ics"
_FORMATS: Final = {
    ".csv": "CSV",
    ".geojson": "GeoJSON",
    ".ics": "iCalendar",
    ".json": "JSON",
    ".jsonld": "JSON-LD",
    ".parquet": "Parquet",
    ".pb": "GTFS-RT",
    ".xml": "XML",
    ".zip": "ZIP",
}


@dataclass(frozen=True)
class File:
    """A file: its address from the page, its name, its format and its size in words."""

    address: str
    name: str
    format: str
    size: str


def files(module: str, written: Mapping[str, bytes], language: Language) -> tuple[File, ...]:
    """The files of a feed in the order of their names."""
    return tuple(
        File(address(module, name), name, _format(name), dates.size(len(data), language))
        for name, data in sorted(written.items())
    )


def address(module: str, name: str) -> str:
    """Where a file is, from the page."""
    return quote(f"{module}/{name}")


def calendar(written: tuple[File, ...], stems: tuple[str, ...], language: Language) -> File | None:
    """The calendar by one of these names, in the language if there is one of it: north.en.ics, or north.ics."""
    named = {file.name: file for file in written}
    for stem in stems:
        for name in (f"{stem}.{language}{CALENDAR}", f"{stem}{CALENDAR}"):
            if name in named:
                return named[name]
    return None


def calendars(written: tuple[File, ...], language: Language) -> tuple[File, ...]:
    """The calendars, each in one language."""
    stems = {file.name.removesuffix(CALENDAR) for file in written if file.name.endswith(CALENDAR)}
    alone = sorted(stem for stem in stems if stem.rpartition(".")[0] not in stems)
    found = (calendar(written, (stem,), language) for stem in alone)
    return tuple(file for file in found if file is not None)


def _format(name: str) -> str:
    suffix = PurePosixPath(name).suffix
    return _FORMATS.get(suffix, suffix.removeprefix(".").upper())
