"""Dead letters: where each rejected row stands in the input, and why; none of its values."""

from collections.abc import Iterator, Mapping, Sequence
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
