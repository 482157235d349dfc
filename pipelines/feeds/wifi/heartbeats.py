"""Reading heartbeats: hundreds of thousands of rows of CSV in, judged column by column."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from pipelines.feeds.feed import Context, Large
from pipelines.feeds.files import as_text, data_of
from pipelines.feeds.rows import Finding, Rows
from pipelines.feeds.wifi.judging import SHAPE, Faults, judged
from pipelines.feeds.wifi.spans import micros
from schemas.errors import InputError
from schemas.feeds import Source, Text

TOLD: Final = 100
"""How many refused rows are told one by one; more of them would say the same."""
_SEPARATORS: Final = ",;\t"


def read(path: Path, source: Source, rows: Mapping[str, Rows], context: Context) -> Large:
    """The beats that count, as a table of `access_point_id`, `time` (UTC), `clients` and `line`.

    Raises InputError for a file that is not there, is no CSV, lacks a column, or has no row that can be used.
    """
    texts, torn = table_of(data_of(path), source, path.name)
    known = [str(row["id"]) for row in rows["source"]]
    beats, faults = judged(texts, known, micros(context.at))
    findings, refused = _findings(faults, torn, path.name)
    count = texts.num_rows + len(torn)
    if count and not beats.num_rows:
        raise InputError(
            f"none of the {count} rows can be used; {findings[0].told()}", "correct the source, and build again"
        )
    return Large(beats, count, refused, findings)


def table_of(data: bytes, source: Source, name: str) -> tuple[pa.Table, list[int]]:
    """The texts of a CSV file with the `line` of each row, and the lines of rows with too few or too many columns."""
    data = as_text(data, name).encode()
    header, separator = _header(data, source, name)
    columns = [column.name for column in source.columns if column.name in header]
    torn: dict[int, bool] = {}

    def skip(row: pacsv.InvalidRow) -> str:
        torn[row.number] = bool(row.text.strip())
        return "skip"

    try:
        table = pacsv.read_csv(
            pa.BufferReader(data),
            # On one thread, which knows the number of a row; a month of fifty access points takes 0.2 s.
            pacsv.ReadOptions(use_threads=False, column_names=header, skip_rows=1),
            pacsv.ParseOptions(delimiter=separator, invalid_row_handler=skip, ignore_empty_lines=False),
            pacsv.ConvertOptions(column_types=dict.fromkeys(columns, pa.string()), include_columns=columns),
        )
    except pa.ArrowInvalid:
        raise InputError(
            f"{name}: expected CSV, found another file", "write one beat in each line, and less than 1 MB"
        ) from None
    return _with_lines(table, source, torn), [line for line, written in sorted(torn.items()) if written]


def _header(data: bytes, source: Source, name: str) -> tuple[list[str], str]:
    """The names of the columns, and what stands between them; raises InputError where one is missing or there twice."""
    head = data.partition(b"\n")[0].decode("utf-8", "replace").strip()
    separator = max(_SEPARATORS, key=head.count)
    header = [column.strip().strip('"').strip() for column in head.split(separator)]
    for column in source.columns:
        times = header.count(column.name)
        if times > 1 or (column.required and not times):
            raise InputError(
                f"{name}:1: expected a column {column.name}, found {'it twice' if times else head[:80] or 'nothing'}",
                "write access_point_id,time,clients in the first line; docs/wifi.md has the columns",
            )
    return header, separator


def _with_lines(table: pa.Table, source: Source, torn: Mapping[int, bool]) -> pa.Table:
    """The trimmed texts of the columns, and where each row stands in the file; rows without any text are left out."""
    lines = np.arange(2, table.num_rows + len(torn) + 2)
    lines = lines[~np.isin(lines, np.array(list(torn), np.int64))]
    there = set(table.column_names)
    nothing = pa.array([""] * table.num_rows, pa.string())
    names = [column.name for column in source.columns]
    texts = {
        name: pc.utf8_trim_whitespace(table[name].combine_chunks()) if name in there else nothing for name in names
    }
    written = np.logical_or.reduce(
        [pc.not_equal(column, "").to_numpy(zero_copy_only=False) for column in texts.values()]
    )
    return pa.table(texts | {"line": pa.array(lines, pa.int64())}).filter(pa.array(written))


def _findings(faults: Faults, torn: list[int], name: str) -> tuple[tuple[Finding, ...], int]:
    """The first faults one by one, then how many more there are; and how many rows are refused."""
    found = [Finding(name, line, SHAPE.field, SHAPE.level, SHAPE.expected) for line in torn[:TOLD]]
    for fault, lines in faults:
        found += [Finding(name, line, fault.field, fault.level, fault.expected) for line in lines[:TOLD].tolist()]
    total = len(torn) + sum(len(lines) for _, lines in faults)
    refused = len(torn) + sum(len(lines) for fault, lines in faults if fault.level == "error")
    found = sorted(found, key=lambda finding: (finding.line, finding.field))[:TOLD]
    if total > len(found):
        more = total - len(found)
        rest = Text(f"no more than these; {more:,} rows like them", f"pas davantage\u202f; {more} lignes semblables")
        found.append(Finding(name, found[-1].line, "line", "error" if refused else "warning", rest))
    return tuple(found), refused
