"""All tables of a page as one workbook, with a sheet that says where they come from and what they mean."""

from datetime import datetime
from io import BytesIO
from typing import Final

import numpy as np
import pandas as pd
import xlsxwriter

from dashboards.exports.taken import Sheet, Taken
from dashboards.texts import Language, Text

README: Final = Text("README", "LISEZ-MOI")
LEAST: Final = Text("Every figure is of at least", "Chaque chiffre porte sur au moins")
STATED: Final = (
    Text("Release", "Publication"),
    Text("Manifest (SHA-256 of its last entry)", "Manifeste (SHA-256 de sa dernière entrée)"),
    Text("The same figures again", "Pour retrouver ces chiffres"),
    Text("Period", "Période"),
    LEAST,
)
CODES: Final = Text("What the codes in “status” mean", "Ce que disent les codes de « status »")
TEST: Final = Text("Test release: simulated people", "Publication d’essai : personnes simulées")
_OPTIONS: Final = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
_MADE: Final = datetime(2000, 1, 1)
"""The same figures are the same bytes."""

MOST_NAME: Final = 31
"""Characters in the name of a sheet, by the rules of the format."""


def write(taken: Taken, language: Language) -> bytes:
    """The file."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        book.set_properties({"created": _MADE})
        _readme(book, taken, language)
        for sheet in taken.sheets:
            _sheet(book, sheet)
    return file.getvalue()


def _readme(book: xlsxwriter.Workbook, taken: Taken, language: Language) -> None:
    page, origin = book.add_worksheet(README.say(language)), taken.origin
    values = (origin.release_id, origin.head, origin.address, origin.period, f"{origin.k} {origin.unit}")
    stated = zip(STATED, values, strict=True)
    lines = [(text.say(language), value) for text, value in stated if text is not LEAST or origin.k]
    if origin.test:
        lines.append((TEST.say(language), ""))
    lines += [("", ""), (CODES.say(language), "")]
    lines += [(state.code, state.explained(language)) for state in taken.states]
    page.set_column(0, 0, 44)
    page.set_column(1, 1, 90)
    for row, (name, value) in enumerate(lines):
        page.write_row(row, 0, (name, value))


def _sheet(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name[:MOST_NAME])
    head, instant = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    page.write_row(0, 0, list(sheet.frame.columns), head)
    page.freeze_panes(1, 0)
    for place, name in enumerate(sheet.frame.columns):
        page.set_column(place, place, max(12, len(str(name)) + 2))
        for row, value in enumerate(sheet.frame[name], start=1):
            plain = _plain(value)
            if isinstance(plain, datetime):
                page.write_datetime(row, place, plain, instant)
            else:
                page.write(row, place, plain)


def _plain(value: object) -> str | float | datetime | None:
    """What a cell can hold: local instants without their zone, H3 cells in hexadecimal, nothing for what is missing."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return None if pd.isna(value) else value.replace(tzinfo=None)
    if isinstance(value, int | float):
        return None if pd.isna(value) else value
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, np.ndarray | list):
        return " ".join(f"{cell:x}" for cell in value)
    return None if value is None or value is pd.NaT or value is pd.NA else str(value)
