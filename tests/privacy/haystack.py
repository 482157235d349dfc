"""Everything that a folder holds, decoded, and the search for what must not be in it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.privacy.needles import WORD, Needle

Piece = tuple[str, bytes]
"""Where something stands, and its bytes."""


def pieces(folders: Iterable[Path]) -> Iterator[Piece]:
    """The name and the bytes of every file, and all that can be decoded in it."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            yield f"{name}: name", name.encode()
            if path.is_file():
                yield name, path.read_bytes()
                yield from ((f"{name}: {what}", data) for what, data in _decoded(path))


def search(haystack: Sequence[Piece], needles: Sequence[Needle]) -> list[tuple[str, str]]:
    """The form and the place of each needle that is there.

    The words at all places of the haystack are looked up first, so that bytes are compared for few needles only.
    """
    words = np.unique(np.concatenate([_words(data) for _, data in haystack]))
    firsts = np.array([int.from_bytes(needle.pattern[:WORD], "little") for needle in needles], np.uint64)
    likely = [needles[at] for at in np.flatnonzero(np.isin(firsts, words)).tolist()]
    return [(needle.form, where) for needle in likely for where, data in haystack if needle.pattern in data]


def _words(data: bytes) -> np.ndarray:
    """The eight bytes from each place on, as numbers."""
    if len(data) < WORD:
        return np.empty(0, np.uint64)
    return np.ndarray(len(data) - WORD + 1, np.dtype("<u8"), data, strides=(1,))


def _decoded(path: Path) -> Iterator[Piece]:
    if path.suffix == ".parquet":
        yield from _parquet(path)
    elif path.suffix == ".arrow":
        with pa.OSFile(str(path)) as source:
            table = pa.ipc.open_file(source).read_all()
        yield "schema", str(table.schema.to_string(show_schema_metadata=True)).encode()
        yield from _table(table)
    elif path.suffix in (".json", ".geojson", ".jsonl", ".key"):
        for line in path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]:
            yield "JSON", "\n".join(_texts(json.loads(line))).encode()


def _parquet(path: Path) -> Iterator[Piece]:
    with pq.ParquetFile(path) as file:
        metadata = file.metadata
        for key, value in (metadata.metadata or {}).items():
            yield "metadata", key + b"\n" + value
        yield "schema", str(file.schema_arrow.to_string(show_schema_metadata=True)).encode()
        for group in range(metadata.num_row_groups):
            for column in range(metadata.num_columns):
                statistics = metadata.row_group(group).column(column).statistics
                if statistics is not None and statistics.has_min_max:
                    yield "statistics", f"{statistics.min}\n{statistics.max}".encode()
        yield from _table(file.read())


def _table(table: pa.Table) -> Iterator[Piece]:
    for name, column in zip(table.column_names, table.columns, strict=True):
        for chunk in column.chunks:
            yield from ((f"column {name}", data) for data in _values(chunk))


def _values(array: pa.Array) -> Iterator[bytes]:
    """All buffers, also what no row refers to, and the values as text."""
    if pa.types.is_dictionary(array.type):
        yield from _values(array.dictionary)
        yield from _values(array.indices)
        return
    yield from (buffer.to_pybytes() for buffer in array.buffers() if buffer is not None)
    if pa.types.is_list(array.type):
        yield from _values(array.values)
        return
    if pa.types.is_temporal(array.type):
        array = array.cast(pa.int64())
    yield "\n".join(map(str, array.to_pylist())).encode()


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    else:
        yield str(value)
