"""Parquet files that are the same for the same rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from anonymization.atomic import replacing

# Without the Arrow schema a reader finds plain strings where the writer had a dictionary.
_PLAIN = {"compression": "zstd", "store_schema": False}


def write_table(content: pa.Table, path: Path) -> None:
    """Write a table; instants are not put into a dictionary, as they hardly repeat."""
    words = [field.name for field in content.schema if not pa.types.is_timestamp(field.type)]
    with replacing(path) as temporary:
        pq.write_table(content, temporary, use_dictionary=words, **_PLAIN)


@contextmanager
def writing(path: Path) -> Iterator[Callable[[pa.Table], None]]:
    """Write a table in parts, of which there is at least one; the file is there once all are."""
    writers: list[pq.ParquetWriter] = []
    with replacing(path) as temporary:
        try:

            def write(content: pa.Table) -> None:
                if not writers:
                    writers.append(pq.ParquetWriter(temporary, content.schema, **_PLAIN))
                writers[0].write_table(content)

            yield write
        finally:
            for writer in writers:
                writer.close()
