"""Reading a source: CSV or JSON in, texts by column and the line of each row out."""

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from schemas.errors import InputError, SystemFailure
from schemas.feeds import FeedSettings, Source

Texts = dict[str, str]
Reader = Callable[[str, str], Iterable[tuple[int, Mapping[str, str]]]]
"""From the content of a file and its name to rows: where each stands, counted from 1, and its texts by column."""

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a source: feeds of a town are small, and all of a source is held in memory."""
_SEPARATORS: Final = ",;\t"


Located = Sequence[tuple[int, Texts]]
"""Rows in the order of their file, each with its line (or its number, in JSON), counted from 1."""


def read_table(path: Path, source: Source, settings: FeedSettings | None = None) -> Located:
    """The rows of a CSV or JSON file, texts trimmed, only the columns that the source has.

    Raises InputError where the file is not there, is no text, has another form, or lacks a column that is needed.
    """
    if source.member:
        return rows_of(_csv(_text(member_of(path, source.member), source.member), source.member), source, source.member)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{path}: expected a file named {', '.join(sorted(_READERS))}, found {path.suffix or 'no suffix'}",
            "name the file by its format",
        )
    return rows_of(reader(content(path), path.name), source, path.name)


def rows_of(rows: Iterable[tuple[int, Mapping[str, str]]], source: Source, name: str) -> Located:
    """The rows with the columns of a source alone; raises InputError where all of them lack one that is needed."""
    names = [column.name for column in source.columns]
    found = list(rows)
    present = set().union(*(row for _, row in found))
    missing = [column.name for column in source.columns if column.required and column.name not in present]
    if found and missing:
        raise InputError(
            f"{name}: expected a column {missing[0]}, found {', '.join(sorted(present)) or 'none'}",
            "rename the column, or add it; the columns of each feed are in docs/feeds.md",
        )
    return [(line, {column: (row.get(column) or "").strip() for column in names}) for line, row in found]


def member_of(path: Path, member: str) -> bytes:
    """A file of a folder or a ZIP archive; raises InputError where it is not there or too large."""
    if path.is_dir():
        return data_of(path / member)
    try:
        with zipfile.ZipFile(io.BytesIO(data_of(path))) as archive:
            if archive.getinfo(member).file_size > LARGEST:
                raise InputError(f"{path}: {member}: expected at most {LARGEST:,} bytes", "shorten the file")
            return archive.read(member)
    except KeyError:
        raise InputError(f"{path}: expected a file {member} in it, found none", "export the archive again") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error):
        raise InputError(
            f"{path}: expected a ZIP archive or a folder, found another file", "give a GTFS archive"
        ) from None


def content(path: Path) -> str:
    """The text of a file in UTF-8, with or without a mark, or in Windows-1252 where it is no UTF-8."""
    return _text(data_of(path), str(path))


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("windows-1252")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: expected UTF-8 text, found another encoding at byte {error.start + 1}", "save the file as UTF-8"
        ) from None


def data_of(path: Path) -> bytes:
    """The bytes of a source; raises InputError where it is not there or too large."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise InputError(
                f"{path}: expected at most {LARGEST:,} bytes, found {size:,}", "split the feed, or remove old rows"
            )
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            f"{path}: expected a file, found nothing", "correct the path in [feeds], which is relative to the file"
        ) from None
    except IsADirectoryError:
        raise InputError(f"{path}: expected a file, found a folder", "give the path of the file itself") from None
    except OSError as error:
        raise SystemFailure(f"{path}: cannot be read ({error.strerror})", "see who may read the file") from None


def _csv(text: str, name: str) -> Iterable[tuple[int, Mapping[str, str]]]:
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = [column.strip() for column in next(lines, [])]
        _see_header(header, name)
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
    except csv.Error as error:
        raise InputError(
            f"{name}:{lines.line_num}: expected CSV, found {error}", "write texts with quotes in them in double quotes"
        ) from None


def _see_header(header: list[str], name: str) -> None:
    if not any(header):
        raise InputError(f"{name}: expected a line of column names, found nothing", "write the names in the first line")
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise InputError(f"{name}:1: expected each column once, found {twice[0]} twice", "rename or remove one of them")


def _json(text: str, name: str) -> Iterable[tuple[int, Mapping[str, str]]]:
    for number, item in enumerate(_listed(parsed(text, name), name), 1):
        yield number, {key: _as_text(value) for key, value in item.items()}


def parsed(text: str, name: str) -> object:
    """What a JSON text says; raises InputError with the line where it is none."""
    try:
        document: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{name}:{error.lineno}: expected JSON, found {error.msg}", "correct the file there") from None
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


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_READERS: Final[Mapping[str, Reader]] = {".csv": _csv, ".json": _json, ".geojson": _json}
