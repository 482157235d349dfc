"""CSV: one file for each indicator, and one that explains the columns (RFC 4180, UTF-8)."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

from anonymization.released import Release
from pipelines.exports.cells import PerPart, as_text
from pipelines.exports.columns import EXPLAINED, explained, text_columns
from pipelines.progress import Advance
from schemas.indicators import INDICATORS


def write(release: Release, folder: Path, advance: Advance) -> list[str]:
    """`<indicator>.csv` and `columns.csv`."""
    cells = PerPart(as_text)
    for indicator in release.indicators:
        with (folder / f"{indicator}.csv").open("w", encoding="utf-8", newline="") as file:
            write_rows(file, [INDICATORS[indicator].table.names])
            for _, table in release.tables(indicator):
                write_rows(file, rows(table, cells))
                advance(table.num_rows)
    with (folder / "columns.csv").open("w", encoding="utf-8", newline="") as file:
        write_rows(file, [EXPLAINED, *explained()])
    return ["columns.csv explains the columns. / columns.csv explique les colonnes."]


def rows(table: pa.Table, cells: PerPart[str]) -> Iterable[Sequence[object]]:
    """The rows as they are written."""
    columns = text_columns(table, cells)
    columns["additive"] = ["true" if value else "false" for value in columns["additive"]]
    return zip(*columns.values(), strict=True)


def write_rows(file: io.TextIOBase, lines: Iterable[Sequence[object]], delimiter: str = ",") -> None:
    """Write lines that end as RFC 4180 says."""
    csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerows(lines)
