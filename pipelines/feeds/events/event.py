"""Events, judged and understood."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.feeds.calendars.rule import Rule, RuleError, parse
from pipelines.feeds.calendars.series import Series, on_the_wall
from pipelines.feeds.checking import shown
from pipelines.feeds.rows import Finding, Row, Rows, both
from schemas.feeds import Text

LONGEST: Final = timedelta(days=366)
"""How long something can last that happens once; an event without end would be shown for ever."""
LONGEST_TIMED: Final = timedelta(hours=24)
"""What comes again and has a time of day is shorter: calendars differ on days of 23 and 25 hours."""
_SEEN: Final = 20
"""How many times are looked at for one that begins before the last one has ended."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Event:
    """A row of the source and when it happens."""

    row: Row
    series: Series

    def text(self, name: str) -> str:
        """A text of the row, or ""."""
        return str(self.row[name] or "")

    def both(self, name: str) -> Text:
        """A text in both languages; where one is empty the other stands for it."""
        return both(self.row, name)


class _Refused(Exception):
    """A field of a row that cannot be shown."""

    def __init__(self, field: str, expected: Text) -> None:
        super().__init__(field)
        self.field = field
        self.expected = expected


def events(rows: Rows, file: str, zone: ZoneInfo) -> tuple[tuple[Event, ...], tuple[Finding, ...]]:
    """The events whose parts agree, in the order of their rows, and what is wrong with the others."""
    found: list[Event] = []
    findings: list[Finding] = []
    for row in rows:
        try:
            found.append(Event(row, _series(row, zone)))
        except _Refused as refused:
            value = row[refused.field]
            text = value.isoformat() if isinstance(value, date) else str(value if value is not None else "")
            line = int(str(row["line"]))
            findings.append(Finding(file, line, refused.field, "error", refused.expected, shown(text)))
    return tuple(found), tuple(findings)


def _series(row: Row, zone: ZoneInfo) -> Series:
    if (row["latitude"] is None) != (row["longitude"] is None):
        missing = "latitude" if row["latitude"] is None else "longitude"
        raise _Refused(missing, Text("both degrees or none", "les deux degrés ou aucun"))
    start, lasts, whole_days = _span(row, zone)
    rule = _rule(row)
    without = _without(row, start, rule)
    series = Series(start, lasts, whole_days, rule, without)
    if rule is not None:
        _see_recurrence(series, zone)
    return series


def _span(row: Row, zone: ZoneInfo) -> tuple[datetime, timedelta, bool]:
    """When it begins on the wall's clock, how long it lasts, and whether it is of whole days."""
    starts, ends = row["starts"], row["ends"]
    if isinstance(starts, datetime) and isinstance(ends, datetime):
        return _moment("starts", starts, zone), _timed(row, starts, ends, zone), False
    if isinstance(starts, datetime) or isinstance(ends, datetime):
        expected = Text("a date if starts is one, an instant if it is one", "une date ou un instant, comme starts")
        raise _Refused("ends", expected)
    if not isinstance(starts, date) or not isinstance(ends, date):
        raise _Refused("starts", Text("a date or an instant", "une date ou un instant"))
    lasts = ends - starts + _DAY
    expected = Text("a last day not before the first", "un dernier jour qui n’est pas avant le premier")
    _see_length(lasts, expected)
    return datetime.combine(starts, time()), lasts, True


def _timed(row: Row, starts: datetime, ends: datetime, zone: ZoneInfo) -> timedelta:
    """How long it lasts: by a stopwatch where it happens once, by the clock on the wall where it comes again."""
    wall = _moment("ends", ends, zone) - _moment("starts", starts, zone)
    lasts = wall if row["rrule"] else ends.astimezone(UTC) - starts.astimezone(UTC)
    _see_length(lasts, Text("an end after the begin", "une fin après le début"))
    return lasts


def _moment(field: str, instant: datetime, zone: ZoneInfo) -> datetime:
    found = on_the_wall(instant, zone)
    if found is None:
        raise _Refused(
            field, Text("a time that the clock shows once", "une heure que l’horloge indique une seule fois")
        )
    return found


def _see_length(lasts: timedelta, expected: Text) -> None:
    if lasts <= timedelta():
        raise _Refused("ends", expected)
    if lasts > LONGEST:
        days = LONGEST.days
        raise _Refused("ends", Text(f"an end at most {days} days later", f"une fin {days} jours plus tard au plus"))


def _rule(row: Row) -> Rule | None:
    if not row["rrule"]:
        return None
    try:
        return parse(str(row["rrule"]))
    except RuleError as error:
        raise _Refused("rrule", error.expected) from None


def _without(row: Row, start: datetime, rule: Rule | None) -> frozenset[datetime]:
    if not row["exdates"]:
        return frozenset()
    if rule is None:
        raise _Refused("exdates", Text("none without a rrule", "aucune date sans rrule"))
    days = (date.fromisoformat(day.strip()) for day in str(row["exdates"]).split("|"))
    return frozenset(datetime.combine(day, start.time()) for day in days)


def _see_recurrence(series: Series, zone: ZoneInfo) -> None:
    if not series.follows(zone):
        expected = "a rule by which it happens at starts", "une règle selon laquelle il a lieu à la date starts"
        raise _Refused("rrule", Text(*expected))
    if not series.whole_days and series.lasts >= LONGEST_TIMED:
        raise _Refused("ends", Text("an end less than 24 hours later", "une fin moins de 24 heures plus tard"))
    if any(then - start < series.lasts for start, then in pairwise(islice(series.planned(zone), _SEEN))):
        raise _Refused("ends", Text("an end before it comes again", "une fin avant la fois suivante"))
    if series.plans(series.without, zone) != series.without:
        raise _Refused("exdates", Text("days on which it would happen", "des jours où il aurait lieu"))
    if next(_kept(series, zone), None) is None:
        raise _Refused("exdates", Text("a day on which it happens", "au moins un jour où il a lieu"))


def _kept(series: Series, zone: ZoneInfo) -> Iterator[datetime]:
    return (start for start in series.planned(zone) if start not in series.without)
