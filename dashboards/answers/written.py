"""Answers and the list of questions, written for people and for programs."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Literal

import pandas as pd

from dashboards.queries import QUERIES
from dashboards.queries.columns import COLUMNS
from dashboards.texts import Language

Format = Literal["table", "csv", "json"]
Plain = str | int | float | bool | None | list[str]
"""What a program reads."""

_GAP: Final = "  "


def answer(rows: pd.DataFrame, form: Format, told: Mapping[str, object]) -> str:
    """An answer as text; JSON begins with what is `told` of it, and has `columns` explained in English."""
    plain = {str(name): _plain(rows[name]) for name in rows.columns}
    lines = [dict(zip(plain, line, strict=True)) for line in zip(*plain.values(), strict=True)]
    if form == "json":
        columns = {name: COLUMNS[name].en for name in plain}
        return json.dumps({**told, "columns": columns, "rows": lines}, indent=2, ensure_ascii=False, allow_nan=False)
    return _csv(plain) if form == "csv" else _table(plain)


def questions(form: Format, language: Language) -> str:
    """The list of questions: what each answers, and what it is asked with."""
    if form == "table":
        return "\n".join(f"{query.name}\n{_told(query.name, language)}" for query in QUERIES.values())
    if form == "csv":
        asked = [" ".join(each.name for each in query.parameters) for query in QUERIES.values()]
        answers = [query.answers.say(language) for query in QUERIES.values()]
        return _csv({"name": list(QUERIES), "answers": answers, "parameters": asked})
    listed = [
        {
            "name": query.name,
            "answers": query.answers.say(language),
            "parameters": {
                each.name: {"kind": each.kind, "means": each.means.say(language), "default": each.default}
                for each in query.parameters
            },
        }
        for query in QUERIES.values()
    ]
    return json.dumps(listed, indent=2, ensure_ascii=False)


def _told(name: str, language: Language) -> str:
    query = QUERIES[name]
    lines = [f"    {query.answers.say(language)}"]
    for each in query.parameters:
        default = "" if each.default is None else f" [{each.default!r}]"
        lines.append(f"    {each.name}{default}: {each.means.say(language)}")
    return "\n".join(lines)


def _plain(column: pd.Series) -> list[Plain]:
    """A column as a program reads it: H3 cells as their index in hexadecimal, instants in UTC, null for none."""
    write = _cell if column.name in ("cell", "cells") else _value(column)
    return [write(value) for value in column.tolist()]


def _cell(value: object) -> Plain:
    return [f"{cell:x}" for cell in value] if hasattr(value, "__iter__") else f"{value:x}"


def _value(column: pd.Series) -> Callable[[object], Plain]:
    whole = pd.api.types.is_float_dtype(column) and bool((column.dropna() % 1 == 0).all())

    def write(value: object) -> Plain:
        if value is None or value is pd.NaT or value != value:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        if isinstance(value, float):
            return int(value) if whole else value
        return value if isinstance(value, str | int) else str(value)

    return write


def _csv(columns: Mapping[str, Sequence[Plain]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*([_text(value) for value in column] for column in columns.values()), strict=True))
    return out.getvalue().rstrip("\n")


def _table(columns: Mapping[str, list[Plain]]) -> str:
    """Columns side by side, numbers to the right."""
    written = [[name, *map(_text, column)] for name, column in columns.items()]
    right = [all(not isinstance(value, str | list) for value in column) for column in columns.values()]
    aligned = [
        [text.rjust(max(map(len, texts))) if number else text.ljust(max(map(len, texts))) for text in texts]
        for texts, number in zip(written, right, strict=True)
    ]
    return "\n".join(_GAP.join(line).rstrip() for line in zip(*aligned, strict=True))


def _text(value: Plain) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(value) if isinstance(value, list) else str(value)
