"""What a file holds, decoded: its table if it is one, and every run of bytes in which something may stand."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

_JSON = (".json", ".geojson", ".jsonl", ".ndjson")


def files(folder: Path) -> list[Path]:
    """All files below a folder, in the order of their paths."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def table(path: Path) -> pa.Table | None:
    """The table in a Parquet, Arrow, CSV or GeoJSON file; None for another file, or one that is damaged.

    Of GeoJSON it has the properties of the features, without their outlines.
    """
    try:
        if path.suffix == ".parquet":
            return pq.read_table(path, partitioning=None)
        if path.suffix == ".arrow":
            with pa.OSFile(str(path)) as source:
                return pa.ipc.open_file(source).read_all()
        if path.suffix == ".geojson":
            # Python's own reader of JSON takes four times as long, for outlines above all.
            return pyogrio.read_arrow(path, read_geometry=False)[1]
        return csv.read_csv(path) if ".csv" in path.suffixes else None
    except (pa.ArrowInvalid, DataSourceError, DataLayerError):
        return None


def pieces(folder: Path) -> Iterator[bytes]:
    """The names of a folder's files, their bytes, and all that can be decoded in them."""
    for path in files(folder):
        yield path.relative_to(folder).as_posix().encode()
        # Detects gzip and Zstandard by the suffix.
        with pa.input_stream(str(path), compression="detect") as stream:
            data = stream.read()
        yield data
        if path.suffix in _JSON:
            yield _unescaped(data)
        if (found := table(path)) is not None:
            yield str(found.schema.to_string(show_schema_metadata=True)).encode()
            for column in found.columns:
                for chunk in column.chunks:
                    yield from _buffers(chunk)


def _unescaped(data: bytes) -> bytes:
    """JSON, or lines of it, without escaped characters; nothing where it is none."""
    for values in ([data], data.splitlines()):
        try:
            return json.dumps([json.loads(value) for value in values], ensure_ascii=False).encode()
        except ValueError:
            continue
    return b""


def _buffers(array: pa.Array) -> Iterator[bytes]:
    """The memory of an array, also what no row refers to."""
    if pa.types.is_dictionary(array.type):
        yield from _buffers(array.dictionary)
        array = array.indices
    yield from (buffer.to_pybytes() for buffer in array.buffers() if buffer is not None)
