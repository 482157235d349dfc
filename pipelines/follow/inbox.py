"""An inbox: a folder into which files of events are moved when they are complete."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Final

from pipelines.refusals import Mark, mark_of
from pipelines.sources.files import FORMATS, fragments
from pipelines.sources.fragment import Fragment
from schemas.errors import InputError

ALONE: Final = "."
"""The partition of the files that lie in no folder of the inbox."""

CHANGED: Final = "the file changed after it was read: what is new in it is not read"

_UNKNOWN: Final = f"expected a file name that ends with {', '.join(FORMATS)}, got another suffix"


@dataclass
class Inbox:
    """The files of an inbox; each of its folders is a partition, with an order of its own.

    Names that begin with `.` or `_` are left out: a file gets its name when it is complete. `refused`: for each file
    that cannot be read, or has changed since, the reason; it is read only under another name.
    """

    path: Path
    refused: dict[str, str] = field(default_factory=dict)

    def unread(self, read: Mapping[str, Mark]) -> list[tuple[str, Path]]:
        """The files that have not been read and are not refused, in the order of names.

        `read`: the marks of those that have been; one that has another mark now is refused.
        """
        found = dict(self.files())
        self._refuse_changed(read, found)
        return [
            (file, path)
            for file, path in found.items()
            if file not in read and file not in self.refused and path.is_file()
        ]

    def some(self, waiting: Iterable[tuple[str, Path]], rows: int) -> list[list[Fragment]]:
        """The first of some files, whole, up to about so many rows in all; those that cannot be read are refused."""
        taken: list[list[Fragment]] = []
        total = 0
        for file, path in waiting:
            parts = self._parts(file, path)
            size = sum(rows if part.rows is None else part.rows for part in parts)
            if taken and total + size > rows:
                break
            taken += [parts] if parts else []
            total += size
        return taken

    def files(self) -> Iterator[tuple[str, Path]]:
        """The files that are there, by their names, in the order of these."""
        found: list[tuple[str, ...]] = []
        for folder, folders, files in os.walk(self.path):
            folders[:] = filter(_is_complete, folders)
            parts = Path(folder).relative_to(self.path).parts
            found += [(*parts, file) for file in filter(_is_complete, files)]
        for name in sorted(found):
            yield "/".join(name), self.path.joinpath(*name)

    def _refuse_changed(self, read: Mapping[str, Mark], found: Mapping[str, Path]) -> None:
        for file in read.keys() & found.keys() - self.refused.keys():
            # One that is removed in between is gone, and no longer changed.
            with suppress(FileNotFoundError):
                if mark_of(found[file]) != read[file]:
                    self.refused[file] = CHANGED

    def _parts(self, file: str, path: Path) -> list[Fragment]:
        """A file cut into fragments; none where it cannot be read."""
        try:
            if not path.name.lower().endswith(tuple(FORMATS)):
                raise InputError(f"{file}: {_UNKNOWN}", "convert or rename the file, or move it away")
            return fragments({file: path})
        except InputError as error:
            # One that was moved away in the meantime is gone, and not refused.
            if path.exists():
                self.refused[file] = error.message
            return []


def _is_complete(name: str) -> bool:
    return not name.startswith((".", "_"))


def in_turn(waiting: Iterable[tuple[str, Path]], highs: Mapping[str, int]) -> list[tuple[str, Path]]:
    """Files with those of all partitions in turn, each in its own order; first is the partition furthest behind.

    `highs`: the latest time of each partition that has one.
    """
    by_partition: dict[str, list[tuple[str, Path]]] = {}
    for file, path in waiting:
        by_partition.setdefault(partition_of(file), []).append((file, path))
    names = sorted(by_partition, key=lambda name: (name in highs, highs.get(name, 0), name))
    turns = zip_longest(*(by_partition[name] for name in names))
    return [each for turn in turns for each in turn if each is not None]


def partition_of(file: str) -> str:
    """The partition of a file of an inbox: the first folder of its name, if it lies in one."""
    first, _, rest = file.partition("/")
    return first if rest else ALONE
