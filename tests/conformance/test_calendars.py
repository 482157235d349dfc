"""Calendars of waste rounds and events: ical.js reads the occurrences that residents are told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from icalendar import Calendar

from pipelines.feeds.calendars.ics import Entry, Heading, as_ics
from pipelines.feeds.calendars.rule import parse
from pipelines.feeds.calendars.series import Series
from pipelines.feeds.feed import Built
from pipelines.feeds.modules import events, waste
from tests.conformance import node
from tests.feeds.making import PARIS, built
from tests.paths import ROOT

pytestmark = pytest.mark.conformance

DIJON = ROOT / "data" / "dijon" / "feeds"
AT = datetime(2026, 1, 1, tzinfo=PARIS)
HOUR = timedelta(hours=1)
MOST = 60
"""How many occurrences the reader lists."""


def sample(name: str) -> Built:
    if name == "events":
        settings = events.FEED.settings(source=DIJON / "events.csv", updated=date(2026, 5, 20))
        found, findings = built(events.FEED, settings, AT)
    else:
        paths = {"shifts": DIJON / "waste-shifts.csv", "streets": DIJON / "waste-streets.csv"}
        settings = waste.WasteSettings(source=DIJON / "waste.csv", updated=date(2026, 5, 1), **paths)
        found, findings = built(waste.FEED, settings, AT)
    assert not findings
    return found


def expanded(data: bytes, uid: str) -> list[str]:
    """What icalendar and dateutil make of a calendar, without the code that wrote it."""
    mine = [event for event in Calendar.from_ical(data).walk("VEVENT") if event["UID"] == uid]
    (master,) = [event for event in mine if "RECURRENCE-ID" not in event]
    moved = {event["RECURRENCE-ID"].dt: event["DTSTART"].dt for event in mine if "RECURRENCE-ID" in event}
    start = master["DTSTART"].dt
    if "RRULE" not in master:
        return [told(start)]
    excluded = master.get("EXDATE", [])
    without = {each.dt for one in (excluded if isinstance(excluded, list) else [excluded]) for each in one.dts}
    naive = start.replace(tzinfo=None) if isinstance(start, datetime) else datetime.combine(start, datetime.min.time())
    rule = dict(master["RRULE"])
    for until in rule.pop("UNTIL", []):
        wall = until.astimezone(PARIS).replace(tzinfo=None) if isinstance(until, datetime) else until
        rule["UNTIL"] = [wall]
    text = ";".join(f"{key}={','.join(map(stated, values))}" for key, values in rule.items())
    days = islice(rrulestr(text, dtstart=naive), MOST + len(without))
    planned = [day.replace(tzinfo=PARIS) if isinstance(start, datetime) else day.date() for day in days]
    return [told(moved.get(each, each)) for each in planned if each not in without][:MOST]


def stated(value: object) -> str:
    return value.strftime("%Y%m%dT%H%M%S") if isinstance(value, datetime) else str(value).replace("-", "")


def told(moment: date) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}" if isinstance(moment, datetime) else str(moment)


def occurrences(text: str | bytes) -> dict[str, list[dict[str, str]]]:
    """What ical.js reads, by UID: each start by the rule, or the start of the instance that is moved from there."""
    events = node.read("ical", text)["events"]
    moved = {
        (event["uid"], event["properties"]["recurrence-id"]): event["start"] for event in events if instance(event)
    }
    return {
        event["uid"]: [moved.get((event["uid"], each["local"]), each) for each in event["occurrences"]]
        for event in events
        if not instance(event)
    }


def instance(event: dict[str, Any]) -> bool:
    return "recurrence-id" in event["properties"]


def instants(found: list[dict[str, str]]) -> list[str]:
    """In UTC, or the days of what has no time of day."""
    return [each.get("utc", each["local"]) for each in found]


@pytest.mark.parametrize(("name", "calendars", "most"), [("waste", 14, 19), ("events", 2, 17)])
def test_both_readers_find_the_same_occurrences_in_every_calendar(name: str, calendars: int, most: int) -> None:
    files = {file: data for file, data in sample(name).files.items() if file.endswith(".ics")}
    assert len(files) == calendars
    found = {file: occurrences(data) for file, data in files.items()}
    assert max(map(len, found.values())) == most
    for file, entries in found.items():
        assert entries
        for uid, read in entries.items():
            assert instants(read) == expanded(files[file], uid), (file, uid)


@pytest.mark.parametrize(("name", "file"), [("waste", "all_sectors.ics"), ("events", "events.ics")])
def test_residents_are_told_the_dates_that_ical_js_reads(name: str, file: str) -> None:
    made = sample(name)
    found = {
        uid.removesuffix(f".{name}@dijon.hexaflux"): sorted(instants(read))
        for uid, read in occurrences(made.files[file]).items()
    }
    for item in made.items:
        dates = [told(each) for each in item.dates]
        once = item.starts.date() if item.starts and item.starts == midnight(item.starts) else item.starts
        assert found[item.id][: len(dates) or 1] == (dates or [told(once)]), item.id  # type: ignore[arg-type]


def midnight(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0)


def written(series: Series, summary: str = "Été") -> str:
    entry = Entry("a@dijon.hexaflux", series, summary)
    return as_ics([entry], Heading("Déchets", "fr", AT), PARIS).decode()


def alone(series: Series) -> list[dict[str, str]]:
    (found,) = occurrences(written(series)).values()
    return found


@pytest.mark.parametrize(
    ("start", "rule", "found"),
    [
        # The clock is set forward on 2026-03-29 at 02:00, and back on 2026-10-25 at 03:00.
        ("2026-03-15T05:30", "FREQ=WEEKLY;INTERVAL=2;COUNT=3", ["03-15T04:30", "03-29T03:30", "04-12T03:30"]),
        ("2026-10-11T05:30", "FREQ=WEEKLY;INTERVAL=2;COUNT=3", ["10-11T03:30", "10-25T04:30", "11-08T04:30"]),
        ("2026-03-28T01:59", "FREQ=DAILY;COUNT=3", ["03-28T00:59", "03-29T00:59", "03-29T23:59"]),
        ("2026-03-28T03:00", "FREQ=DAILY;COUNT=3", ["03-28T02:00", "03-29T01:00", "03-30T01:00"]),
        ("2026-10-24T01:59", "FREQ=DAILY;COUNT=3", ["10-23T23:59", "10-24T23:59", "10-26T00:59"]),
        ("2026-10-24T03:00", "FREQ=DAILY;COUNT=3", ["10-24T01:00", "10-25T02:00", "10-26T02:00"]),
        ("2026-03-31T12:00", "FREQ=MONTHLY;COUNT=3", ["03-31T10:00", "05-31T10:00", "07-31T10:00"]),
        ("2026-09-27T12:00", "FREQ=MONTHLY;BYDAY=-1SU;COUNT=3", ["09-27T10:00", "10-25T11:00", "11-29T11:00"]),
        ("2026-10-24T12:00", "FREQ=DAILY;UNTIL=20261026", ["10-24T10:00", "10-25T11:00", "10-26T11:00"]),
    ],
)
def test_ical_js_reads_the_local_time_over_both_changes_of_the_clock(start: str, rule: str, found: list[str]) -> None:
    series = Series(datetime.fromisoformat(start), HOUR, rule=parse(rule))
    utc = [f"2026-{each}:00.000Z" for each in found]
    assert [told(each.start) for each in series.happening(PARIS)] == utc
    assert instants(alone(series)) == utc


def test_ical_js_reads_what_is_left_out_and_what_is_moved() -> None:
    start = datetime(2026, 6, 2, 9)
    timed = Series(start, HOUR, rule=parse("FREQ=WEEKLY;BYDAY=TU,FR;COUNT=5"))
    days = replace(timed, start=datetime(2026, 6, 2), lasts=24 * HOUR, whole_days=True)
    for series in (timed, days):
        third = series.start + timedelta(days=7)
        changed = replace(
            series,
            without=frozenset({series.start + timedelta(days=3)}),
            moved={third: third + timedelta(days=1)},
        )
        found = [each["local"][:10] for each in alone(changed)]
        assert found == ["2026-06-02", "2026-06-10", "2026-06-12", "2026-06-16"]


def test_ical_js_reads_when_a_night_ends_in_which_the_clock_changes() -> None:
    for month, day, end in ((3, 28, "2026-03-29T02:00:00.000Z"), (10, 24, "2026-10-25T03:00:00.000Z")):
        lasts = datetime.fromisoformat(end) - datetime(2026, month, day, 22, tzinfo=PARIS).astimezone(UTC)
        (event,) = node.read("ical", written(Series(datetime(2026, month, day, 22), lasts)))["events"]
        assert (event["end"]["local"][-8:], event["end"]["utc"]) == ("04:00:00", end)


def test_ical_js_reads_texts_as_they_were_written() -> None:
    text = "Fête ; 7, rue « Musette »\\ – déchets 🎉 " + "é" * 120
    read_back = node.read("ical", written(Series(datetime(2026, 6, 2, 9), HOUR), text))
    assert read_back["events"][0]["summary"] == text
    assert read_back["events"][0]["tzid"] == "Europe/Paris"
    assert read_back["name"] == "Déchets"


def test_a_calendar_cut_off_is_refused_by_both() -> None:
    text = written(Series(datetime(2026, 6, 2, 9), HOUR))[:-60]
    assert "error" in node.read("ical", text)
    with pytest.raises(ValueError):  # noqa: PT011
        Calendar.from_ical(text)
