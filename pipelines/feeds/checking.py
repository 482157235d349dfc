"""Judging the rows of a source: texts in, typed rows and findings out."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.feeds.hours.grammar import HoursError, accept
from pipelines.feeds.rows import Finding, Row, Rows, Value
from pipelines.feeds.siret import is_siret
from schemas.dates import EARLIEST, LATEST
from schemas.feeds import PERSONAL, Column, Kind, Source, Text

LONGEST_SHOWN: Final = 60
NO_LETTER: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]|\r(?!\n)")
"""Control characters but line breaks, and the halves of a letter that JSON can hold and UTF-8 cannot."""
_FORMULA: Final = re.compile(r"=|[+\-@]\S*[(|]")
"""How a cell begins that a spreadsheet computes: what anybody hands in is published as CSV, too."""
_WHOLE: Final = re.compile(r"[+-]?\d{1,15}")
_NUMBER: Final = re.compile(r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})")
_EMAIL: Final = re.compile(r"[^@\s|]{1,64}@[^@\s|]+\.[^@\s|.]{2,}")
_PHONE: Final = re.compile(r"(\+|0)\d[\d .]{5,16}\d")
_URL: Final = re.compile(r"https?://[^\s/<>\"]+\.[^\s<>\"]+|https?://localhost[^\s<>\"]*")


class _Refused(Exception):
    """A text that is not what its column says."""

    def __init__(self, expected: Text) -> None:
        super().__init__(expected.en)
        self.expected = expected


def check(
    rows: Iterable[tuple[int, Mapping[str, str]]], source: Source, file: str, zone: ZoneInfo
) -> tuple[Rows, tuple[Finding, ...]]:
    """The rows without an error, typed, in their order, and all findings, by line and then by column."""
    accepted: list[Row] = []
    findings: list[Finding] = []
    seen: dict[str, dict[str, int]] = {column.name: {} for column in source.columns if column.unique}
    for line, texts in rows:
        row: Row = {"line": line}
        wrong: list[Finding] = []
        for column in source.columns:
            text = texts.get(column.name, "")
            try:
                row[column.name] = _value(text, column, zone)
                _see_unique(text, column, seen, line)
            except _Refused as refused:
                found = "" if column.kind in PERSONAL else shown(text)
                wrong.append(Finding(file, line, column.name, "error", refused.expected, found))
        findings += wrong
        if not wrong:
            accepted.append(row)
            for name, lines in seen.items():
                lines[texts.get(name, "")] = line
    return tuple(accepted), tuple(findings)


def shown(text: str) -> str:
    """A value as a message quotes it."""
    return repr(text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…") if text else "nothing"


def _value(text: str, column: Column, zone: ZoneInfo) -> Value:
    """The typed value of a text; a list stays one text."""
    if not text:
        if column.required:
            raise _Refused(Text("a value", "une valeur"))
        return None
    pieces = [piece.strip() for piece in text.split(column.separator)] if column.separator else [text]
    values = [_piece(piece, column, zone) for piece in pieces]
    return text if column.separator else values[0]


def _piece(text: str, column: Column, zone: ZoneInfo) -> Value:
    if NO_LETTER.search(text):
        raise _Refused(Text("text without control characters", "un texte sans caractère de commande"))
    value = _KINDS[column.kind](text, zone)
    if column.choices and text not in column.choices:
        listed = ", ".join(column.choices)
        raise _Refused(Text(f"one of {listed}", f"une valeur parmi {listed}"))
    if column.pattern and not re.fullmatch(column.pattern, text):
        raise _Refused(Text(f"the form {column.pattern}", f"la forme {column.pattern}"))
    if len(text) < column.shortest:
        raise _Refused(Text(f"at least {column.shortest} characters", f"au moins {column.shortest} caractères"))
    if column.longest and len(text) > column.longest:
        raise _Refused(Text(f"at most {column.longest} characters", f"au plus {column.longest} caractères"))
    if isinstance(value, int | float):
        _see_limits(value, column)
    return value


def _see_limits(value: float, column: Column) -> None:
    if column.low is not None and value < column.low:
        raise _Refused(Text(f"a number of at least {column.low:g}", f"un nombre d’au moins {column.low:g}"))
    if column.high is not None and value > column.high:
        raise _Refused(Text(f"a number of at most {column.high:g}", f"un nombre d’au plus {column.high:g}"))


def _see_unique(text: str, column: Column, seen: Mapping[str, Mapping[str, int]], line: int) -> None:
    before = seen.get(column.name, {}).get(text) if text else None
    if before is not None:
        raise _Refused(Text(f"another value than in row {before}", f"une autre valeur qu’à la ligne {before}"))


def _text(text: str, zone: ZoneInfo) -> Value:
    if _FORMULA.match(text):
        raise _Refused(Text("text that is no formula of a spreadsheet", "un texte, et non une formule de tableur"))
    return text


def _whole(text: str, zone: ZoneInfo) -> Value:
    if not _WHOLE.fullmatch(text):
        raise _Refused(Text("a whole number", "un nombre entier"))
    return int(text)


def _number(text: str, zone: ZoneInfo) -> Value:
    if not _NUMBER.fullmatch(text):
        raise _Refused(Text("a number such as 47.32", "un nombre, par exemple 47.32"))
    return float(text)


def _date(text: str, zone: ZoneInfo) -> Value:
    try:
        found = date.fromisoformat(text) if len(text) == len("2026-06-20") else None
    except ValueError:
        found = None
    if found is not None and EARLIEST <= found.year <= LATEST:
        return found
    raise _Refused(Text("a date such as 2026-06-20", "une date, par exemple 2026-06-20"))


def _instant(text: str, zone: ZoneInfo) -> Value:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or len(text) < len("2026-06-20T18:00") or not EARLIEST <= found.year <= LATEST:
        raise _Refused(Text("an instant such as 2026-06-20T18:00", "un instant, par exemple 2026-06-20T18:00"))
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _moment(text: str, zone: ZoneInfo) -> Value:
    try:
        return _date(text, zone) if len(text) == len("2026-06-20") else _instant(text, zone)
    except _Refused:
        expected = "2026-06-20, 2026-06-20T18:00"
        raise _Refused(
            Text(f"a date or an instant, such as {expected}", f"une date ou un instant, par exemple {expected}")
        ) from None


def _hours(text: str, zone: ZoneInfo) -> Value:
    try:
        accept(text)
    except HoursError as error:
        raise _Refused(error.expected) from None
    return text


def _siret(text: str, zone: ZoneInfo) -> Value:
    if not is_siret(text):
        raise _Refused(
            Text("a SIRET of 14 digits with a right check digit", "un SIRET de 14 chiffres dont la clé est juste")
        )
    return text


def _matching(pattern: re.Pattern[str], expected: Text) -> Callable[[str, ZoneInfo], Value]:
    def judged(text: str, zone: ZoneInfo) -> Value:
        if not pattern.fullmatch(text):
            raise _Refused(expected)
        return text

    return judged


_KINDS: Final[Mapping[Kind, Callable[[str, ZoneInfo], Value]]] = {
    "text": _text,
    "whole": _whole,
    "number": _number,
    "date": _date,
    "instant": _instant,
    "moment": _moment,
    "hours": _hours,
    "siret": _siret,
    "url": _matching(_URL, Text("an address that begins with https://", "une adresse qui commence par https://")),
    "email": _matching(_EMAIL, Text("an e-mail address", "une adresse électronique")),
    "phone": _matching(
        _PHONE, Text("a telephone number such as +33380000000", "un numéro de téléphone, par exemple +33380000000")
    ),
}
