"""What a simulation writes for the civic feeds: the samples of Dijon, and the tables of a configuration."""

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from typing import Final

from anonymization.atomic import make_directory, write_bytes

FOLDER: Final = "feeds-source"
_TABLES: Final = "feeds.toml"
_PATH: Final = re.compile(r'^(\w+ = )"([^"]+)"', re.MULTILINE)


def samples() -> dict[str, bytes]:
    """The sources of the feeds by their path in the folder, as they are installed with the package."""
    return {name: found.read_bytes() for name, found in _files(_folder(), "") if name != _TABLES}


def tables(sources: frozenset[str]) -> str:
    """`[feeds]` of a configuration beside the folder of the sources."""
    return led((_folder() / _TABLES).read_text(encoding="utf-8"), sources)


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
