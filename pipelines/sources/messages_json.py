"""Messages of JSON: an object, or one on each line."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from pipelines.sources.columns import Columns
from pipelines.sources.decoded import Decoded
from pipelines.sources.json_lines import FIRST_SAMPLE_LINES, SAMPLE_LINES, first_objects, parse_block
from pipelines.sources.lines import block_of

BLOCK_BYTES: Final = 1 << 20
"""So much is parsed at once: in a block where a line is bad, all are looked at one by one, at half the speed."""

_LINE_END = re.compile(rb"\r+(?=\n|\Z)")


def rows(value: bytes) -> int:
    """About how many rows a message has."""
    return value.count(b"\n") + 1


def read(values: Sequence[bytes], columns: Columns, schemas: Path | None) -> Iterator[Decoded]:
    """The wanted columns of the objects, absent ones null; a line that is no object is malformed, and so is no line.

    A column has the type of its values, or is text where they are of several types.
    """
    sample: list[dict[str, object]] = []
    for start, end in pairwise(_cuts(values)):
        yield _block(values[start:end], start, columns, sample)


def _cuts(values: Sequence[bytes]) -> list[int]:
    """Where blocks of whole messages begin, and where the last ends."""
    sizes = np.cumsum([len(value) + 1 for value in values])
    return [*np.unique(sizes // BLOCK_BYTES, return_index=True)[1].tolist(), len(values)]


def _block(values: Sequence[bytes], start: int, columns: Columns, sample: list[dict[str, object]]) -> Decoded:
    """Some messages; `sample` grows by their first objects, as a rare column may be in none of those of a block."""
    data = b"\n".join([*values, b""])
    if b"\r" in data:
        values = [_LINE_END.sub(b"", value) for value in values]
        data = b"\n".join([*values, b""])
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
    of_line = np.searchsorted(np.cumsum([len(value) + 1 for value in values]) - 1, ends)
    place = of_line[np.diff(ends, prepend=-1) > 1]
    block = block_of(data, 0)
    sample += first_objects(block, SAMPLE_LINES if sample else FIRST_SAMPLE_LINES)
    table, malformed = parse_block(block, sample, columns)
    wrong = np.array(sorted((*block.malformed, *malformed)), np.int64)
    empty = np.setdiff1d(np.arange(len(values)), place)
    return Decoded(table, start + np.delete(place, wrong), start + np.concatenate([place[wrong], empty]))
