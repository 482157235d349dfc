"""Excel: one workbook, with a sheet for each indicator and sheets that explain them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from anonymization.hexagons import Cells
from anonymization.released import Day, Release
from pipelines.exports.cells import PerPart, as_text
from pipelines.exports.columns import EXPLAINED, explained, values
from pipelines.exports.readme import INTERVAL_EN, INTERVAL_FR, TEST_EN, TEST_FR, facts
from pipelines.progress import Advance
from schemas.errors import UsageError
from schemas.indicators import INDICATORS

NAME: Final = "hexaflux.xlsx"
MOST_ROWS: Final = 1_048_576
"""Of a sheet, the heading included (source: Microsoft, Excel specifications and limits)."""
CELLS_PER_LINE: Final = 2_000
"""16 characters each; a cell of a sheet holds 32,767, and more would be cut."""

_LONGEST_TITLE: Final = 31
_WIDTH: Final = 20
_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd hh:mm",
}
"""Texts stay texts, whatever they look like."""
_PART: Final = (
    "part",
    "Number of the part's list of cells; the sheet `cells` holds them.",
    "Numéro de la liste des cellules de la partie ; la feuille `cells` les contient.",
)
_OFFSET: Final = ("utc_offset", "Local time minus UTC.", "Heure locale moins UTC.")

Row = Sequence[object]


def write(release: Release, folder: Path, advance: Advance, most_rows: int = MOST_ROWS) -> list[str]:
    """`hexaflux.xlsx`; an indicator that has too many rows for a sheet has one for each day, or several."""
    # What it writes on the way stands in the same folder, and so goes when an error ends the work.
    workbook = Workbook(str(folder / NAME), _OPTIONS | {"tmpdir": str(folder)})
    workbook.set_properties({"author": "Hexaflux", "created": datetime.combine(release.days[-1].date, time())})
    sheets = _Sheets(workbook, most_rows)
    about = workbook.add_worksheet("about")
    sheets.fill("columns", EXPLAINED, _columns())
    numbers = _Numbers()
    splits = []
    for indicator in release.indicators:
        titles = _write_indicator(release, indicator, sheets, numbers, advance)
        if len(titles) > 1:
            splits.append((indicator, ", ".join(titles)))
    sheets.fill("cells", ("part", "cells in it / cellules", "cells"), numbers.lines())
    about.set_column(0, 1, 2 * _WIDTH)
    for number, row in enumerate(_about(release, splits)):
        _write_row(about, number, row)
    _close(workbook)
    return [f"{indicator}: {titles}" for indicator, titles in splits]


class _Sheets:
    """The sheets of a workbook, none of which has more rows than a sheet can hold."""

    def __init__(self, workbook: Any, most_rows: int) -> None:
        self._workbook, self.most_rows = workbook, most_rows
        self._bold = workbook.add_format({"bold": True})

    def fill(self, title: str, heading: Sequence[str], rows: Iterable[Row]) -> list[str]:
        """Write rows below the heading, on as many sheets as it takes, and return their titles."""
        titles: list[str] = []
        for number, row in enumerate(rows):
            place = number % (self.most_rows - 1) + 1
            if place == 1:
                titles.append(f"{title} {len(titles) + 1}" if titles else title)
                sheet = self._headed(titles[-1], heading)
            _write_row(sheet, place, row)
        return titles

    def _headed(self, title: str, heading: Sequence[str]) -> Any:
        sheet = self._workbook.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(heading) - 1, _WIDTH)
        sheet.write_row(0, 0, heading, self._bold)
        return sheet


class _Numbers:
    """The number of each distinct list of cells, from 1, in the order in which they are met."""

    def __init__(self) -> None:
        self._lists: list[Cells] = []
        self.parts = PerPart(self._add)

    def lines(self) -> Iterator[Row]:
        """Number, how many cells the line lists, and these; a long list goes on in the next line."""
        for number, cells in enumerate(self._lists, 1):
            for begin in range(0, max(len(cells), 1), CELLS_PER_LINE):
                piece = cells[begin : begin + CELLS_PER_LINE]
                yield number, len(piece), as_text(piece)

    def _add(self, cells: Cells) -> int:
        self._lists.append(cells)
        return len(self._lists)


def _write_indicator(
    release: Release, indicator: str, sheets: _Sheets, numbers: _Numbers, advance: Advance
) -> list[str]:
    """The titles of its sheets: one, or some for each day."""
    heading = list(_renamed(INDICATORS[indicator].table.names))
    if release.rows(indicator) < sheets.most_rows:
        tables = release.tables(indicator)
        return sheets.fill(
            indicator, heading, (row for day, table in tables for row in _rows(day, table, numbers, advance))
        )
    titles = []
    for day, table in release.tables(indicator):
        titles += sheets.fill(_title(indicator, day), heading, _rows(day, table, numbers, advance))
    return titles


def _title(indicator: str, day: Day) -> str:
    """Of the sheet of a day; room is left for the number of a further one."""
    date = day.date.isoformat()
    return f"{indicator[: _LONGEST_TITLE - len(date) - 4]} {date}"


def _renamed(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield "part" if name == "cells" else name
        if name == "window_end":
            yield _OFFSET[0]


def _rows(day: Day, table: pa.Table, numbers: _Numbers, advance: Advance) -> Iterator[Row]:
    columns: list[Sequence[object]] = []
    for name in table.column_names:
        if name == "cells":
            columns.append(numbers.parts.of(table))
        elif name in ("window_start", "window_end"):
            local = pc.local_timestamp(table[name].cast(pa.timestamp("s", "UTC")).cast(pa.timestamp("s", day.timezone)))
            columns.append(local.to_pylist())
        else:
            columns.append(values(table[name]))
        if name == "window_end":
            columns.append(_offsets(table["window_start"], day.timezone))
    yield from zip(*columns, strict=True)
    advance(table.num_rows)


def _offsets(instants: pa.ChunkedArray, timezone: str) -> list[object]:
    """The offset of local time at each instant, as +02:00."""
    found: list[object] = pc.strftime(instants.cast(pa.timestamp("s", timezone)), "%z").to_pylist()
    return [f"{text[:3]}:{text[3:]}" for text in map(str, found)]


def _columns() -> Iterator[Row]:
    """The explained columns as they stand in this workbook."""
    for name, *rest in explained():
        if name == "cells":
            yield *_PART, "", "", "", rest[-1]
        elif name in ("window_start", "window_end"):
            yield name, *rest[:2], "local time", "heure locale", *rest[4:]
        else:
            yield name, *rest
        if name == "window_end":
            yield *_OFFSET, "hours", "heures", "", rest[-1]


def _about(release: Release, splits: list[tuple[str, str]]) -> Iterator[Row]:
    """Three columns: English, French, value."""
    if release.test:
        yield TEST_EN, TEST_FR
    yield from facts(release)
    yield "times are local", "heures locales", "columns window_start, window_end, utc_offset"
    yield INTERVAL_EN, INTERVAL_FR
    yield "sheet columns: what the columns mean", "feuille columns : ce que disent les colonnes"
    for indicator, titles in splits:
        yield f"{indicator}: too many rows for one sheet", f"{indicator} : trop de lignes pour une feuille", titles


def _write_row(sheet: Any, number: int, row: Row) -> None:
    if sheet.write_row(number, 0, row) < 0:
        raise UsageError(
            f"sheet {sheet.get_name()}: expected texts of at most 32,767 characters, got a longer one",
            "Excel would cut it: export as csv or geoparquet",
        )


def _close(workbook: Any) -> None:
    try:
        workbook.close()
    except FileCreateError as error:
        # A full disk is told as such.
        if isinstance(cause := error.args[0], OSError):
            raise cause from None
        raise
