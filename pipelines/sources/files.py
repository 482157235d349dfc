"""Input files: where they stand, which format each has, and the rows in them."""

import glob
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipelines.sources import csv, json_lines, lines, parquet
from pipelines.sources.columns import Columns, columns_of
from pipelines.sources.fragment import MAX_BATCH_ROWS, Batch, Fragment, missing, reading
from schemas.errors import InputError
from schemas.tables import EVENT, INPUTS, Table


@dataclass(frozen=True)
class Format:
    """A file format: how a file is cut into fragments, and how a fragment becomes batches."""

    name: str
    fragments: Callable[[str, Path, int], list[Fragment]]
    read: Callable[[Fragment, Columns], Iterator[Batch]]


PARQUET = Format("Parquet", parquet.fragments, parquet.read)
CSV = Format("CSV", lines.whole_file, csv.read)
JSON_LINES = Format("JSON Lines", lines.whole_file, json_lines.read)

FORMATS: Mapping[str, Format] = {
    ".parquet": PARQUET,
    **dict.fromkeys((".csv", ".csv.gz", ".csv.zst"), CSV),
    **dict.fromkeys((".jsonl", ".jsonl.gz", ".jsonl.zst"), JSON_LINES),
    **dict.fromkeys((".ndjson", ".ndjson.gz", ".ndjson.zst"), JSON_LINES),
}


def discover(path: Path) -> dict[str, Path]:
    """The files of a path, by the name to show and in its order: a file, a folder or a glob.

    A folder gives its own files and those of all its sub-folders; names that begin with `.` or `_` are left out.
    Raises InputError when nothing is found or a file is of no known format.
    """
    root = root_of(path)
    with reading(str(path), "input files"):
        found = {file.relative_to(root): file for file in _files(path)}
    if not found:
        raise missing(str(path)) if not path.is_dir() else _empty(path)
    for file in found.values():
        format_of(file)
    return {str(name): found[name] for name in sorted(found, key=lambda name: name.parts)}


def fragments(paths: Mapping[str, Path], rows: int = MAX_BATCH_ROWS) -> list[Fragment]:
    """The files cut into fragments of at most `rows` rows where their format allows it, in the order of the files.

    Raises InputError for a file that is empty or damaged.
    """
    found: list[Fragment] = []
    for file, path in paths.items():
        form = format_of(path)
        with reading(file, form.name):
            size = path.stat().st_size
        if size == 0:
            raise InputError(f"{file}: expected {form.name}, got an empty file", "deliver the file again, or remove it")
        found += form.fragments(file, path, rows)
    return found


def read(fragment: Fragment, columns: Mapping[str, str], table: Table = EVENT) -> Iterator[Batch]:
    """The rows of a fragment in batches of at most a million; `columns` gives their names where they differ from ours.

    Absent optional columns are absent from the batch, or null. Raises InputError for a file that is damaged or lacks
    a required column, however late that shows.
    """
    return format_of(fragment.path).read(fragment, columns_of(table, columns))


def format_of(path: Path) -> Format:
    """The format that the suffix of a file tells; raises InputError for another suffix."""
    name = path.name.lower()
    for suffix, form in FORMATS.items():
        if name.endswith(suffix):
            return form
    raise InputError(
        f"{path.name}: expected a file name that ends with {', '.join(FORMATS)}, got another suffix",
        "convert or rename the file, or move it away; names that begin with . or _ are left out",
    )


def read_table(path: Path, table_name: str, columns: Mapping[str, str]) -> pa.Table:
    """All rows of a small input under our column names, in the types of the files.

    Raises InputError for what `read` does and for a row that cannot be parsed.
    """
    table = INPUTS[table_name]
    batches: list[pa.Table] = []
    for fragment in fragments(discover(path)):
        for batch in read(fragment, columns, table):
            if batch.malformed:
                raise _malformed(fragment.file, table, batch)
            batches.append(batch.table)
    return _joined(batches)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        entries = [entry for entry in path.iterdir() if not entry.name.startswith((".", "_"))]
        inner = [_files(entry) for entry in entries if entry.is_dir()]
        return [entry for entry in entries if not entry.is_dir()] + [file for files in inner for file in files]
    if path.exists():
        return [path]
    matches = (Path(match) for match in glob.glob(str(path), recursive=True))
    root = root_of(path)
    seen = [match for match in matches if not _is_hidden(match.relative_to(root))]
    return [file for match in seen for file in (_files(match) if match.is_dir() else [match])]


def root_of(path: Path) -> Path:
    """A folder itself, the folder of a file, or the part of a glob before its first wildcard."""
    if path.is_dir():
        return path
    parts = path.parts if glob.has_magic(str(path)) and not path.exists() else ()
    wild = next((place for place, part in enumerate(parts) if glob.has_magic(part)), None)
    return path.parent if wild is None else Path(*parts[:wild])


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.parts)


def _empty(path: Path) -> InputError:
    return InputError(
        f"{path}: expected files that end with {', '.join(FORMATS)}, got a folder without any",
        "put the files in the folder or in sub-folders of it; names that begin with . or _ are left out",
    )


def _malformed(file: str, table: Table, batch: Batch) -> InputError:
    return InputError(
        f"{file}: expected every row of {table.name} to parse, got {len(batch.malformed)} that do not, "
        f"the first of them row {batch.malformed[0]}",
        "mend the row: it has the wrong number of fields, or is not UTF-8 text",
    )


def _joined(batches: list[pa.Table]) -> pa.Table:
    try:
        return pa.concat_tables(batches, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # A column of text in one file and of numbers in another.
        texts = [batch.cast(pa.schema(dict.fromkeys(batch.column_names, pa.string()))) for batch in batches]
        return pa.concat_tables(texts, promote_options="default")
