"""Rounds of a stream in a sector, judged and understood."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from pipelines.feeds.calendars.rule import Rule
from pipelines.feeds.calendars.series import Series
from pipelines.feeds.calendars.words import OR, listed
from pipelines.feeds.calendars.words import WEEKDAYS as NAMES
from pipelines.feeds.checking import shown
from pipelines.feeds.rows import Finding, Row, Rows
from pipelines.feeds.waste.columns import WEEKDAYS
from schemas.feeds import Text

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Round:
    """A round: its sector and stream, when it is, and what is said of it."""

    sector: str
    sector_name: str
    stream: str
    series: Series
    put_out: time | None
    note: Text
    until: date | None
    line: int
    shifts: Mapping[date, Text]

    @property
    def weekdays(self) -> tuple[int, ...]:
        """Its weekdays from Monday, 0."""
        return tuple(day for _, day in self.series.rule.days) if self.series.rule else ()


def rounds(rows: Rows, file: str) -> tuple[tuple[Round, ...], tuple[Finding, ...]]:
    """The rounds whose parts agree, in the order of their rows, and what is wrong with the others."""
    found: list[Round] = []
    findings: list[Finding] = []
    names: dict[str, tuple[str, object]] = {}
    seen: dict[tuple[object, ...], object] = {}
    for row in rows:
        wrong = [*_disagreements(row), *_contradictions(row, names, seen)]
        if wrong:
            field, expected = wrong[0]
            told = shown(str(row[field] if row[field] is not None else ""))
            findings.append(Finding(file, _line(row), field, "error", expected, told))
            continue
        names.setdefault(str(row["sector"]), (str(row["sector_name"]), row["line"]))
        seen[_key(row)] = row["line"]
        found.append(_round(row))
    return tuple(found), tuple(findings)


def _disagreements(row: Row) -> Iterable[tuple[str, Text]]:
    """Fields of a row that contradict each other, each with what is expected."""
    first, until = row["first"], row["until"]
    if isinstance(first, date) and first.weekday() not in _weekdays(row):
        days = listed([NAMES[day] for day in _weekdays(row)], OR)
        yield "first", Text(f"a date that is a {days.en}", f"une date qui tombe un {days.fr}")
    if isinstance(first, date) and isinstance(until, date) and until < first:
        yield "until", Text("a day not before the first round", "un jour qui n’est pas avant la première tournée")
    begins, ends = row["collected_from"], row["collected_to"]
    if begins and not ends:
        yield "collected_to", Text("an end of the collection", "une fin de collecte")
    if ends and not begins:
        yield "collected_from", Text("a begin of the collection", "un début de collecte")
    if begins and begins == ends:
        yield "collected_to", Text("another time than collected_from", "une autre heure que collected_from")


def _contradictions(
    row: Row, names: Mapping[str, tuple[str, object]], seen: Mapping[tuple[object, ...], object]
) -> Iterable[tuple[str, Text]]:
    """Fields of a row that contradict a row before."""
    name, line = names.get(str(row["sector"]), ("", 0))
    if name and name != row["sector_name"]:
        yield "sector_name", Text(f"the name of row {line}", f"le nom de la ligne {line}")
    before = seen.get(_key(row))
    if before is not None:
        yield "first", Text(f"another first day than in row {before}", f"un autre premier jour qu’à la ligne {before}")


def _key(row: Row) -> tuple[object, ...]:
    return row["sector"], row["stream"], row["first"]


def _weekdays(row: Row) -> tuple[int, ...]:
    return tuple(sorted({WEEKDAYS.index(day.strip()) for day in str(row["weekdays"]).split("|")}))


def _round(row: Row) -> Round:
    until = row["until"]
    last = until if isinstance(until, date) else None
    every = row["every_weeks"]
    rule = Rule("WEEKLY", every if isinstance(every, int) else 1, tuple((0, day) for day in _weekdays(row)), last)
    begins, ends = _time(row, "collected_from"), _time(row, "collected_to")
    day = date.fromisoformat(str(row["first"]))
    start = datetime.combine(day, begins or time())
    lasts = _lasts(begins, ends) if begins and ends else _DAY
    french = str(row["note_fr"] or "")
    return Round(
        sector=str(row["sector"]),
        sector_name=str(row["sector_name"]),
        stream=str(row["stream"]),
        series=Series(start, lasts, whole_days=begins is None, rule=rule),
        put_out=_time(row, "put_out"),
        note=Text(str(row["note_en"] or french), french),
        until=last,
        line=_line(row),
        shifts={},
    )


def _time(row: Row, name: str) -> time | None:
    return time.fromisoformat(str(row[name])) if row[name] else None


def _lasts(begins: time, ends: time) -> timedelta:
    """From one time of day to the other, on the next day where it is not later."""
    length = datetime.combine(date.min, ends) - datetime.combine(date.min, begins)
    return length if length > timedelta() else length + _DAY


def _line(row: Row) -> int:
    return int(str(row["line"]))
