"""Stops of itinerant centres, their times and their calendar."""

from datetime import date, datetime
from pathlib import Path

import pytest
from icalendar import Calendar

from pipelines.feeds.inclusion import tours
from tests.feeds.centres import AT, CENTRE, PARIS, STOP, built, context, errors

BUS = CENTRE | {"itinerance": "Itinérant", "horaires": ""}


def stopped(at: datetime = AT, stop: dict[str, str] | None = None, **settings: object):
    """The feed of a bus with one stop."""
    return built(context(at, **settings), source=[BUS], tours=[STOP | (stop or {})])


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "one"}, "id"),
        ({"place_id": ""}, "place_id"),
        ({"place_id": "two"}, "place_id"),
        ({"start": ""}, "start"),
        ({"start": "2026-01-06"}, "start"),
        ({"start": "2026-01-07T14:00", "end": "2026-01-07T17:00"}, "start"),
        ({"start": "2026-03-29T02:30", "end": "2026-03-29T04:00", "rrule": ""}, "start"),
        ({"end": ""}, "end"),
        ({"end": "2026-01-06T14:00"}, "end"),
        ({"end": "2026-01-06T13:59"}, "end"),
        ({"end": "2026-01-07T01:00"}, "end"),
        ({"rrule": "FREQ=YEARLY"}, "rrule"),
        ({"rrule": "tous les mardis"}, "rrule"),
        ({"except": "2026-01-07"}, "except"),
        ({"except": "06/01/2026"}, "except"),
        ({"address": ""}, "address"),
        ({"code_postal": "2100"}, "code_postal"),
        ({"commune": ""}, "commune"),
        ({"latitude": ""}, "latitude"),
        ({"latitude": "-90.1"}, "latitude"),
        ({"longitude": ""}, "longitude"),
        ({"longitude": "-180.1"}, "longitude"),
    ],
)
def test_a_seeded_error_in_a_stop_is_refused_with_line_and_field(changed: dict[str, str], field: str) -> None:
    made, findings = stopped(stop=changed)

    assert errors(findings) == [(2, field)]
    assert [item.id for item in made.items] == ["one"]


def test_every_column_of_a_stop_has_a_seeded_error() -> None:
    marks = test_a_seeded_error_in_a_stop_is_refused_with_line_and_field.pytestmark
    assert {field for _, field in marks[0].args[1]} == {column.name for column in tours.SOURCE.columns}


def test_the_calendar_is_as_of_the_day_of_the_list_and_the_same_in_each_build() -> None:
    known = date(2026, 6, 1)

    one, later = (stopped(at, updated=known)[0].files["tournees.ics"] for at in (AT, AT.replace(minute=5)))

    assert one == later
    (entry,) = Calendar.from_ical(one).walk("VEVENT")
    assert entry["DTSTAMP"].dt == datetime(2026, 6, 1, tzinfo=PARIS)


def test_a_stop_keeps_its_local_time_across_the_change_of_the_clock() -> None:
    made, _ = stopped(datetime(2026, 10, 14, 12, tzinfo=PARIS))

    assert [start.isoformat() for start in made.items[1].dates[:3]] == [
        "2026-10-20T14:00:00+02:00",
        "2026-10-27T14:00:00+01:00",
        "2026-11-03T14:00:00+01:00",
    ]


def test_a_stop_is_a_place_with_hours_on_its_days_and_the_centre_has_its_dates() -> None:
    made, _ = stopped(stop={"rrule": "FREQ=WEEKLY;BYDAY=TU;UNTIL=20260630"})

    centre, stop = made.items
    assert stop.hours == "2026 Jun 23 14:00-17:00; 2026 Jun 30 14:00-17:00"
    assert (centre.hours, centre.dates) == (None, stop.dates)
    assert stop.place is not None
    assert stop.place.address == "Place de la Mairie, 21121 Ahuy"


def test_two_times_of_a_day_are_one_rule() -> None:
    days = [datetime(2026, 6, 23, hour, tzinfo=PARIS) for hour in (9, 10, 14, 15)]

    assert tours.hours(((days[0], days[1]), (days[2], days[3]))) == "2026 Jun 23 09:00-10:00,14:00-15:00"


@pytest.mark.parametrize(("hour", "minute", "first"), [(16, 59, "2026-06-23"), (17, 0, "2026-06-30")])
def test_a_stop_is_told_until_it_is_over(hour: int, minute: int, first: str) -> None:
    made, _ = stopped(datetime(2026, 6, 23, hour, minute, tzinfo=PARIS))

    assert made.items[1].dates[0].date().isoformat() == first


@pytest.mark.parametrize(("last", "dates"), [(date(2026, 6, 30), 2), (date(2026, 6, 29), 1), (date(2026, 6, 22), 0)])
def test_no_stop_is_promised_after_the_last_day_of_the_feed(last: date, dates: int) -> None:
    made, _ = stopped(valid_until=last)

    stops = made.items[1:]
    (event,) = Calendar.from_ical(made.files["tournees.ics"]).walk("VEVENT")
    assert sum(len(stop.dates) for stop in stops) == dates
    assert event["RRULE"]["UNTIL"][0].astimezone(PARIS).date() == last


def test_a_rule_that_ends_before_the_feed_is_left_as_it_is() -> None:
    made, _ = stopped(stop={"rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=3"}, valid_until=date(2026, 12, 31))

    (event,) = Calendar.from_ical(made.files["tournees.ics"]).walk("VEVENT")
    assert dict(event["RRULE"]) == {"FREQ": ["WEEKLY"], "BYDAY": ["TU"], "COUNT": [3]}


def test_a_stop_that_begins_after_the_feed_is_in_no_calendar() -> None:
    made, _ = stopped(stop={"start": "2026-07-07T14:00", "end": "2026-07-07T17:00"}, valid_until=date(2026, 7, 6))

    assert Calendar.from_ical(made.files["tournees.ics"]).walk("VEVENT") == []


def test_the_calendar_names_the_zone_and_where_the_stop_is() -> None:
    made, _ = stopped(stop={"except": "2026-06-23|2026-06-30"})

    calendar = Calendar.from_ical(made.files["tournees.ics"])
    (event,) = calendar.walk("VEVENT")
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Paris"]
    assert event["DTSTART"].params["TZID"] == "Europe/Paris"
    assert (str(event["LOCATION"]), event["GEO"].to_ical()) == ("Place de la Mairie, 21121 Ahuy", "47.3711;5.0205")
    assert len(event["EXDATE"].dts) == 2
    assert stopped()[0].files == stopped()[0].files


def test_a_feed_without_stops_has_no_calendar() -> None:
    made, _ = built(context(tours=Path("none.csv")), source=[CENTRE])

    assert set(made.files) == {"lieux.csv"}


@pytest.mark.parametrize(("start", "events"), [("2026-07-06T23:00", 1), ("2026-07-07T00:00", 0)])
def test_a_calendar_ends_at_the_midnight_after_the_last_day(start: str, events: int) -> None:
    stop = {"start": start, "end": start[:11] + "23:30", "rrule": ""}

    made, _ = stopped(stop=stop, valid_until=date(2026, 7, 6))

    assert len(Calendar.from_ical(made.files["tournees.ics"]).walk("VEVENT")) == events


def test_a_rule_that_would_begin_at_that_midnight_is_ended() -> None:
    stop = {"start": "2026-06-29T00:00", "end": "2026-06-29T01:00", "rrule": "FREQ=WEEKLY;BYDAY=MO"}

    made, _ = stopped(stop=stop, valid_until=date(2026, 7, 5))

    (event,) = Calendar.from_ical(made.files["tournees.ics"]).walk("VEVENT")
    assert event["RRULE"]["UNTIL"][0].astimezone(PARIS).date() == date(2026, 7, 5)


def test_a_count_that_goes_beyond_the_feed_becomes_an_end() -> None:
    made, _ = stopped(stop={"rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=99"}, valid_until=date(2026, 7, 6))

    (event,) = Calendar.from_ical(made.files["tournees.ics"]).walk("VEVENT")
    assert set(event["RRULE"]) == {"FREQ", "BYDAY", "UNTIL"}
