"""CSV files of a standard."""

import csv
import io
from collections.abc import Iterable, Sequence

from pipelines.feeds.rows import Row, Value
from schemas.feeds import Column


def as_csv(columns: Sequence[Column], rows: Iterable[Row]) -> bytes:
    """The rows in UTF-8 with the names of the columns first; an empty cell is none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [column.name for column in columns]
    writer.writerow(names)
    writer.writerows([_text(row.get(name)) for name in names] for row in rows)
    return out.getvalue().encode()


def _text(value: Value) -> str:
    if value is None:
        return ""
    return repr(value) if isinstance(value, float) else str(value)
