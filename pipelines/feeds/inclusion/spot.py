"""Where in a file something is wrong."""

from dataclasses import dataclass

from pipelines.feeds.rows import Finding, Row
from schemas.feeds import Text


@dataclass(frozen=True)
class Spot:
    """A row of a file."""

    file: str
    line: int

    @staticmethod
    def of(file: str, row: Row) -> "Spot":
        """Where a row was read."""
        line = row["line"]
        return Spot(file, line if isinstance(line, int) else 0)

    def error(self, field: str, expected: Text, found: str = "") -> Finding:
        """What leaves the row out."""
        return Finding(self.file, self.line, field, "error", expected, found)

    def warning(self, field: str, expected: Text, found: str = "") -> Finding:
        """What is told of a row that is published."""
        return Finding(self.file, self.line, field, "warning", expected, found)
