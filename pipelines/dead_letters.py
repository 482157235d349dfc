"""Dead letters: where each rejected row stands in the input, and why; none of its values."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from anonymization.atomic import make_directory, replacing
from pipelines.arrays import Ints
from pipelines.boundary import LINE_TYPE_LEFT_OUT, SUBSCRIBER_OPTED_OUT
from schemas.tables import DEAD_LETTER

UNLISTED: Final = (SUBSCRIBER_OPTED_OUT, LINE_TYPE_LEFT_OUT)
"""Rows of people who are left out are counted, and kept nowhere, not even by their number."""


KEPT_FILES: Final = 5_000
KEPT_BYTES: Final = 256 << 20
"""The most that is kept of a follower's dead letters: the latest ones, in so many files and bytes."""


def remove_oldest(folder: Path, files: int = KEPT_FILES, size: int = KEPT_BYTES) -> None:
    """Keep the latest files of dead letters alone, whose names tell their steps: up to so many, and so many bytes."""
    found = sorted(folder.glob("*.parquet"), key=_step_of, reverse=True)
    sizes = accumulate(path.stat().st_size for path in found)
    for place, (path, total) in enumerate(zip(found, sizes, strict=True)):
        if place >= files or total > size:
            path.unlink()


def _step_of(path: Path) -> tuple[int, str]:
    return int(path.name.partition("-")[0]), path.name


def write_letters(path: Path, source: str, rejected: Sequence[Mapping[str, Ints]]) -> None:
    """Write the rejected rows of a file or a partition, by reason and number; no file where there is none to list."""
    letters = [letter for some in rejected for letter in _letters(source, some)]
    if letters:
        make_directory(path.parent)
        with replacing(path) as temporary:
            pq.write_table(pa.concat_tables(letters), temporary)


def _letters(source: str, rejected: Mapping[str, Ints]) -> Iterator[pa.Table]:
    """DEAD_LETTER rows."""
    for reason, numbers in rejected.items():
        if reason in UNLISTED:
            continue
        count = len(numbers)
        columns = {"file": pa.repeat(source, count), "row": pa.array(numbers), "reason": pa.repeat(reason, count)}
        yield DEAD_LETTER.conform(pa.table(columns))
