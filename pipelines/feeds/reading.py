"""Reading a source: CSV or JSON in, texts by column and the line of each row out."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipelines.feeds.files import as_text, data_of, member_of
from schemas.errors import InputError
from schemas.feeds import FeedSettings, Source

if TYPE_CHECKING:
    import _csv

Texts = dict[str, str]
Located = Sequence[tuple[int, Texts]]
"""Rows in the order of their file, each with its line (or its number, in JSON), counted from 1."""


@dataclass(frozen=True)
class Table:
    """What stands in a file: its columns, and its rows in order, each with its line (or its number, in JSON)."""

    columns: frozenset[str]
    rows: Sequence[tuple[int, Mapping[str, str]]]


_SEPARATORS: Final = ",;\t"


def read_table(path: Path, source: Source, settings: FeedSettings | None = None) -> Located:
    """The rows of a CSV or JSON file, texts trimmed, only the columns that the source has.

    Raises InputError where the file is not there, is no text, has another form, or lacks a column that is needed.
    """
    if source.member:
        return rows_of(csv_table(as_text(member_of(path, source.member), source.member), source.member), source)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{path}: expected a file named {', '.join(sorted(_READERS))}, found {path.suffix or 'no suffix'}",
            "name the file by its format",
        )
    return rows_of(reader(as_text(data_of(path), str(path)), path.name), source, path.name)


def rows_of(table: Table, source: Source, name: str = "") -> Located:
    """The rows with the columns of a source alone; raises InputError where the file lacks one that is needed."""
    missing = [column.name for column in source.columns if column.required and column.name not in table.columns]
    if missing and table.columns:
        raise InputError(
            f"{name or source.member}: expected a column {missing[0]}, found {', '.join(sorted(table.columns))}",
            "rename the column, or add it; the columns of each feed are in docs/feeds.md",
        )
    names = [column.name for column in source.columns]
    return [(line, {column: (row.get(column) or "").strip() for column in names}) for line, row in table.rows]


def csv_table(text: str, name: str) -> Table:
    """The table of a CSV text that has its columns in the first line; raises InputError with the line of a mistake."""
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = [column.strip() for column in next(lines, [])]
        _see_header(header, name)
        return Table(frozenset(header), list(_csv_rows(lines, header, separator, name)))
    except csv.Error as error:
        raise InputError(
            f"{name}:{lines.line_num}: expected CSV, found {error}", "write texts with quotes in them in double quotes"
        ) from None


def _csv_rows(lines: "_csv.Reader", header: list[str], separator: str, name: str) -> Iterator[tuple[int, Texts]]:
    # A quoted text may hold line breaks: a row stands where it begins.
    begins = lines.line_num + 1
    for cells in lines:
        if any(cell.strip() for cell in cells):
            if len(cells) != len(header):
                raise InputError(
                    f"{name}:{begins}: expected {len(header)} columns, found {len(cells)}",
                    f"write {separator!r} between columns, and texts that hold it in double quotes",
                )
            yield begins, dict(zip(header, cells, strict=True))
        begins = lines.line_num + 1


def _see_header(header: list[str], name: str) -> None:
    if not any(header):
        raise InputError(f"{name}: expected a line of column names, found nothing", "write the names in the first line")
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise InputError(f"{name}:1: expected each column once, found {twice[0]} twice", "rename or remove one of them")


def json_table(text: str, name: str) -> Table:
    """The table of a JSON list of objects, or of GeoJSON features with their points as latitude and longitude."""
    items = _listed(parsed(text, name), name)
    rows = [(number, {key: scalar(value) for key, value in item.items()}) for number, item in enumerate(items, 1)]
    return Table(frozenset(key for item in items for key in item), rows)


def parsed(text: str, name: str) -> object:
    """What a JSON text says; raises InputError with the line where it is none."""
    try:
        document: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{name}:{error.lineno}: expected JSON, found {error.msg}", "correct the file there") from None
    except ValueError:
        raise InputError(
            f"{name}: expected JSON, found a number of thousands of digits", "write such a number in quotes"
        ) from None
    except RecursionError:
        raise InputError(f"{name}: expected JSON, found a nesting beyond all measure", "flatten the file") from None
    return document


def _listed(document: object, name: str) -> list[dict[str, object]]:
    """The objects of a list, or the properties and the point of the features of GeoJSON."""
    if isinstance(document, dict) and isinstance(document.get("features"), list):
        document = [_of_feature(feature) for feature in document["features"]]
    if not isinstance(document, list) or not all(isinstance(item, dict) for item in document):
        raise InputError(f"{name}: expected a list of objects, or GeoJSON features", "write [{...}, {...}]")
    return document


def _of_feature(feature: object) -> object:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return None
    geometry = feature.get("geometry") or {}
    point = geometry.get("coordinates") if isinstance(geometry, dict) and geometry.get("type") == "Point" else None
    where = {"longitude": point[0], "latitude": point[1]} if isinstance(point, list) and len(point) >= 2 else {}
    return where | feature["properties"]


def scalar(value: object) -> str:
    """A value of JSON as a cell of a table has it: a text as it is, "" for null, anything else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_READERS: Final[Mapping[str, Callable[[str, str], Table]]] = {
    ".csv": csv_table,
    ".json": json_table,
    ".geojson": json_table,
}
