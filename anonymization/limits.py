"""How large a file of the manifest may be that is read into memory as a whole."""

import os
from pathlib import Path
from typing import Final

from schemas.errors import InputError

LARGEST: Final = 64 << 20
"""Bytes. The log and the entry of a day take kilobytes; a file with holes may claim terabytes on a small disk."""


class TooLarge(InputError):
    """For whoever reads a release: a file of its manifest is larger than any genuine one."""


def read(path: Path, name: str) -> bytes:
    """The bytes of a file, called `name` in errors; raises TooLarge above LARGEST without reading, OSError as the disk.

    The size is that of the open file, and no more than that is read: a file that grows meanwhile stays within it.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        # Not LARGEST at once: a buffer of that size would be made for each small file.
        data = b"" if size > LARGEST else file.read(size + 1)
        if len(data) > size:
            data += file.read(LARGEST - size)
    if max(size, len(data)) > LARGEST:
        raise TooLarge(message(name), "restore the file from a copy of the release")
    return data


def message(name: str) -> str:
    """What an error says of such a file."""
    return f"{name} is larger than the {LARGEST >> 20} MB that a file of the manifest may have"
