"""Small tables written as text, so that a test reads like the example that it is."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

INSTANT = pa.timestamp("us", tz="UTC")
_CLOCK = re.compile(r"(\d+):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")

Value = str | int | float | bool | datetime | None


def table(text: str, *, day: date = date(2026, 6, 10), types: Mapping[str, pa.DataType] | None = None) -> pa.Table:
    """Read a text table: a line of column names, then one line per row.

    Columns are separated by `|` where the first line has one, else by white space. `-` is null, `true` and
    `false` are booleans, `05:10`, `05:10:00.000001` and `29:10` are instants counted from 00:00 UTC of `day`,
    `2026-06-10T05:10+02:00` is an instant (UTC where no offset stands). A column is of the type in `types`,
    else int64, double, bool or timestamp[us, UTC] where all of its values are, else string. Lines that are
    blank, start with `#` or hold only `-`, `+`, `=`, `|` and spaces after the first line are left out.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    if not lines:
        raise ValueError("a text table needs a line of column names")
    separator = "|" if "|" in lines[0] else None
    names = _cells(lines[0], separator)
    rows = [_cells(line, separator) for line in lines[1:] if not _is_rule(line)]
    for row in rows:
        if len(row) != len(names):
            raise ValueError(f"{len(names)} columns {names}, but {len(row)} values in {row}")
    given = types or {}
    return pa.table({name: _column([row[i] for row in rows], given.get(name), day) for i, name in enumerate(names)})


def rows(actual: pa.Table, columns: list[str] | None = None) -> list[tuple[Value, ...]]:
    """The rows of a table as sorted tuples, nulls first, for comparison with `==`."""
    chosen = actual.select(columns) if columns else actual
    tuples = zip(*(column.to_pylist() for column in chosen.columns), strict=True)
    return sorted(tuples, key=lambda row: [(value is not None, value) for value in row])


def assert_same_rows(actual: pa.Table, expected: pa.Table) -> None:
    """Compare as multisets of rows over the columns of `expected`, whatever the integer widths."""
    assert rows(actual, expected.column_names) == rows(expected)


def _cells(line: str, separator: str | None) -> list[str]:
    return [cell.strip() for cell in (line.strip("|") if separator else line).split(separator)]


def _is_rule(line: str) -> bool:
    return set(line) <= set("-+=| ") and "--" in line


def _column(cells: list[str], wanted: pa.DataType | None, day: date) -> pa.Array:
    if wanted is not None and pa.types.is_string(wanted):
        return pa.array([None if cell == "-" else cell for cell in cells], wanted)
    values = [_value(cell, day) for cell in cells]
    kinds = {type(value) for value in values if value is not None}
    if wanted is None and kinds == {int, float}:
        wanted = pa.float64()
    elif wanted is None and kinds == {datetime}:
        wanted = INSTANT
    elif wanted is None and (len(kinds) != 1 or kinds == {str}):
        return pa.array([None if cell == "-" else cell for cell in cells], pa.string())
    return pa.array(values, wanted)


def _value(cell: str, day: date) -> Value:
    if cell == "-":
        return None
    if cell in ("true", "false"):
        return cell == "true"
    if clock := _CLOCK.fullmatch(cell):
        hours, minutes, seconds, fraction = clock.groups(default="0")
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        parts = {"hours": int(hours), "minutes": int(minutes), "seconds": int(seconds)}
        return midnight + timedelta(**parts, microseconds=int(fraction.ljust(6, "0")))
    if _ISO.fullmatch(cell):
        instant = datetime.fromisoformat(cell)
        return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)
    for read in (int, float):
        try:
            return read(cell)
        except ValueError:
            continue
    return cell
