"""Stops of itinerant centres: where one stands, from when to when, and how it comes again."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.feeds.calendars.rule import Rule, RuleError, parse
from pipelines.feeds.calendars.series import Series, on_the_wall
from pipelines.feeds.checking import shown
from pipelines.feeds.hours.grammar import MONTHS
from pipelines.feeds.inclusion.spot import Spot
from pipelines.feeds.rows import Finding, Row, Rows
from schemas.feeds import Column, Source, Text

AHEAD: Final = 10
"""How many of the next times of a stop are told."""
_DATES: Final = "|"

SOURCE: Final = Source(
    "tours",
    "The stops of itinerant centres.",
    (
        Column("id", "Identifier of the stop, unless that of a centre.", required=True, unique=True),
        Column("place_id", "The centre, by its id.", required=True),
        Column("start", "Begin of the first time, by the local clock.", "instant", required=True),
        Column("end", "Its end, on the same day.", "instant", required=True),
        Column("rrule", "How it comes again, as in FREQ=WEEKLY;BYDAY=TU;UNTIL=20271231; once where empty."),
        Column("except", "Days on which it does not come.", "date", separator=_DATES),
        Column("address", "Where it stands.", required=True),
        Column("code_postal", "Postal code.", required=True, pattern=r"[0-9]{5}"),
        Column("commune", "Commune.", required=True),
        Column("latitude", "Latitude, degrees, WGS 84.", "number", low=-90, high=90),
        Column("longitude", "Longitude, degrees, WGS 84.", "number", low=-180, high=180),
    ),
    needed=False,
)


@dataclass(frozen=True)
class Stop:
    """A stop, and when it is."""

    row: Row
    series: Series

    def next(self, at: datetime, zone: ZoneInfo, until: datetime | None) -> tuple[tuple[datetime, datetime], ...]:
        """The begins and ends of its next times that are not over, and that end by `until`."""
        found = self.series.next(at, zone, AHEAD)
        return tuple((each.start, each.end) for each in found if until is None or each.end <= until)


def stops(rows: Rows, file: str, places: frozenset[str], zone: ZoneInfo) -> tuple[tuple[Stop, ...], list[Finding]]:
    """The stops of published centres, by centre and begin, and an error for each other one."""
    found, wrong = [], []
    for row in rows:
        stop = _stop(row, Spot.of(file, row), places, zone)
        if isinstance(stop, Stop):
            found.append(stop)
        else:
            wrong.append(stop)
    return tuple(
        sorted(found, key=lambda stop: (str(stop.row["place_id"]), stop.series.start, str(stop.row["id"])))
    ), wrong


def hours(times: tuple[tuple[datetime, datetime], ...]) -> str:
    """Opening hours that are open at certain times only, as dated rules."""
    by_day: dict[date, list[str]] = {}
    for start, end in times:
        by_day.setdefault(start.date(), []).append(f"{start:%H:%M}-{end:%H:%M}")
    return "; ".join(f"{day.year} {MONTHS[day.month - 1]} {day.day:02} {','.join(by_day[day])}" for day in by_day)


def _stop(row: Row, spot: Spot, places: frozenset[str], zone: ZoneInfo) -> Stop | Finding:
    if row["place_id"] not in places:
        expected = Text("the id of a centre that is published", "l’id d’un centre qui est publié")
        return spot.error("place_id", expected, shown(str(row["place_id"])))
    if row["id"] in places:
        expected = Text("an id that no centre has", "un id qu’aucun centre n’a")
        return spot.error("id", expected, shown(str(row["id"])))
    if (row["latitude"] is None) != (row["longitude"] is None):
        missing = "latitude" if row["latitude"] is None else "longitude"
        return spot.error(missing, Text("a latitude and a longitude, or neither", "les deux coordonnées, ou aucune"))
    start, end = (_moment(row[name], zone) for name in ("start", "end"))
    if start is None:
        return spot.error("start", Text("a time that the clock shows once", "une heure que l’horloge montre une fois"))
    if end is None or end <= start or end.date() != start.date():
        expected = Text("an end after the begin, on the same day", "une fin après le début, le même jour")
        return spot.error("end", expected, shown(str(row["end"])))
    try:
        rule = parse(str(row["rrule"])) if row["rrule"] else None
    except RuleError as error:
        return spot.error("rrule", error.expected, shown(str(row["rrule"])))
    return _series(row, spot, (start, end), rule, zone)


def _series(
    row: Row, spot: Spot, times: tuple[datetime, datetime], rule: Rule | None, zone: ZoneInfo
) -> Stop | Finding:
    start, end = times
    without = frozenset(datetime.combine(day, start.time()) for day in _days(row))
    # Opening hours are by the clock on the wall, so a stop is as long as it shows.
    series = Series(start, end - start, rule=rule, without=without)
    if not series.follows(zone):
        expected = Text("a first time that the rule gives", "une première fois que donne la règle")
        return spot.error("start", expected, shown(str(row["start"])))
    if series.plans(without, zone) != without:
        expected = Text("days on which it would come", "des jours auxquels il viendrait")
        return spot.error("except", expected, shown(str(row["except"])))
    return Stop(row, series)


def _moment(value: object, zone: ZoneInfo) -> datetime | None:
    return on_the_wall(value, zone) if isinstance(value, datetime) else None


def _days(row: Row) -> list[date]:
    texts = str(row["except"] or "").split(_DATES)
    return [date.fromisoformat(text.strip()) for text in texts if text.strip()]
