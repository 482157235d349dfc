"""Rows of a source as they were accepted, and what was found wrong in it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from schemas.feeds import Text

Value = str | int | float | date | datetime | None

Row = dict[str, Value]
"""A row by column: None where the text was empty; `line` is where it stands in its file, counted from 1."""

Rows = tuple[Row, ...]

Level = Literal["error", "warning"]
"""A row with an error is left out; one with a warning is published."""


@dataclass(frozen=True, order=True)
class Finding:
    """Something wrong in a row: where, what was expected, and what was found.

    `found` is empty where the value could point to a person.
    """

    file: str
    line: int
    field: str
    level: Level
    expected: Text
    found: str = ""

    def told(self) -> str:
        """One line in English."""
        found = f", found {self.found}" if self.found else ""
        return f"{self.file}:{self.line} {self.field}: expected {self.expected.en}{found}"


def both(row: Row, column: str) -> Text:
    """A text of which the row has one column for each language; where one is empty the other stands for it."""
    english, french = str(row[f"{column}_en"] or ""), str(row[f"{column}_fr"] or "")
    return Text(english or french, french or english)
