"""What a simulation writes for the civic feeds: the samples of Dijon, and the tables of a configuration."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from typing import Final
from zoneinfo import ZoneInfo

from anonymization.atomic import make_directory, write_bytes
from pipelines.simulator.heartbeats import Beating, as_csv, heartbeats
from pipelines.simulator.settings import TIMEZONE, Settings

FOLDER: Final = "feeds-source"
EVENING: Final = time(20, 30)
"""Until when access points beat on the day of the last festival, which is on."""
BUSIEST: Final = 40
"""Devices at an access point in the afternoon, on average."""
_TABLES: Final = "feeds.toml"
_ACCESS_POINTS: Final = "wifi.csv"
_HEARTBEATS: Final = "heartbeats.csv"
_WIFI: Final = "[feeds.wifi]\n"
_COMMENT: Final = re.compile(r"^#.*\n", re.MULTILINE)
_PATH: Final = re.compile(r'^(\w+ = )"([^"]+)"', re.MULTILINE)


def sources(settings: Settings) -> dict[str, bytes]:
    """The samples, and heartbeats of their access points up to the evening of the last festival."""
    found = samples()
    rows = csv.DictReader(io.StringIO(found[_ACCESS_POINTS].decode()))
    beating = [Beating(row["id"], int(row["beat_seconds"]), BUSIEST) for row in rows]
    beats = heartbeats(beating, evening(settings.festival[-1].day), settings.seed)
    return found | {_HEARTBEATS: as_csv(beats)}


def evening(day: date) -> datetime:
    """The instant on a day of the festival for which feeds are shown."""
    return datetime.combine(day, EVENING, ZoneInfo(TIMEZONE))


def samples() -> dict[str, bytes]:
    """The sources of the feeds by their path in the folder, as they are installed with the package."""
    return {name: found.read_bytes() for name, found in _files(_folder(), "") if name != _TABLES}


def tables(sources: frozenset[str]) -> str:
    """`[feeds]` of a configuration beside the folder of the sources."""
    text = _COMMENT.sub("", (_folder() / _TABLES).read_text(encoding="utf-8")).lstrip()
    # The samples hold no heartbeats, which end with the festival.
    return led(text.replace(_WIFI, f'{_WIFI}heartbeats = "{_HEARTBEATS}"\n'), sources)


def led(text: str, sources: frozenset[str]) -> str:
    """Tables whose paths of sources, and of folders of sources, lead into the folder beside the configuration."""
    known = sources | {str(parent) for name in sources for parent in PurePosixPath(name).parents}
    return _PATH.sub(lambda found: f'{found[1]}"{FOLDER}/{found[2]}"' if found[2] in known else found[0], text)


def write(directory: Path, sources: dict[str, bytes]) -> None:
    """Write the sources beside a configuration."""
    for name, data in sorted(sources.items()):
        path = directory / FOLDER / name
        make_directory(path.parent)
        write_bytes(path, data)


def _folder() -> Traversable:
    return files("data") / "dijon" / "feeds"


def _files(folder: Traversable, under: str) -> Iterator[tuple[str, Traversable]]:
    for found in sorted(folder.iterdir(), key=lambda each: each.name):
        if found.is_dir():
            yield from _files(found, f"{under}{found.name}/")
        else:
            yield f"{under}{found.name}", found
