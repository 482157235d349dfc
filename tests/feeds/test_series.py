"""What comes again: the accepted rules, and their occurrences over the nights in which the clock changes."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Timezone

from pipelines.feeds.calendars.rule import WEEKDAYS, Rule, RuleError, parse
from pipelines.feeds.calendars.series import Series, on_the_wall
from pipelines.feeds.calendars.zones import timezone
from tests.feeds.making import PARIS

HOUR = timedelta(hours=1)


def starts(series: Series, most: int = 9) -> list[str]:
    return [each.start.isoformat(timespec="minutes") for each in islice(series.happening(PARIS), most)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("FREQ=DAILY", Rule("DAILY")),
        ("RRULE:FREQ=weekly;INTERVAL=2;BYDAY=TU,MO", Rule("WEEKLY", 2, ((0, 0), (0, 1)))),
        ("FREQ=MONTHLY;BYDAY=-1SU,1SA;COUNT=5", Rule("MONTHLY", 1, ((1, 5), (-1, 6)), count=5)),
        ("FREQ=DAILY;UNTIL=20260621", Rule("DAILY", until=date(2026, 6, 21))),
        ("FREQ=DAILY;UNTIL=20260621T180000Z", Rule("DAILY", until=datetime(2026, 6, 21, 18, tzinfo=UTC))),
        ("FREQ=DAILY;UNTIL=29991231", Rule("DAILY", until=date(2999, 12, 31))),
        ("FREQ=DAILY;UNTIL=10000101T000000Z", Rule("DAILY", until=datetime(1000, 1, 1, tzinfo=UTC))),
        ("FREQ=DAILY;INTERVAL=1000;COUNT=1000", Rule("DAILY", 1000, count=1000)),
    ],
)
def test_an_accepted_rule_is_understood(text: str, rule: Rule) -> None:
    assert parse(text) == rule


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "parts of"),
        ("FREQ=YEARLY", "FREQ"),
        ("BYDAY=MO", "FREQ"),
        ("FREQ=DAILY;FREQ=DAILY", "once"),
        ("FREQ=MONTHLY;BYSETPOS=1", "parts of"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20260101", "not both"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=1001", "INTERVAL"),
        ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("FREQ=DAILY;COUNT=²", "COUNT"),
        ("FREQ=WEEKLY;BYDAY=", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=LU", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=MO,MO", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=1MO", "MONTHLY only"),
        ("FREQ=MONTHLY;BYDAY=6MO", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=1MO,TU", "or with none"),
        ("FREQ=DAILY;UNTIL=20260230", "UNTIL"),
        ("FREQ=DAILY;UNTIL=2026-02-20", "UNTIL"),
        ("FREQ=DAILY;UNTIL=20260220T100000", "UNTIL"),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", "UNTIL"),
        ("FREQ=DAILY;UNTIL=30000101", "UNTIL"),
        ("FREQ=DAILY;UNTIL=09991231", "UNTIL"),
    ],
)
def test_another_rule_is_refused_with_its_part(text: str, expected: str) -> None:
    with pytest.raises(RuleError, match=expected):
        parse(text)


def test_a_weekly_time_stays_the_same_on_the_wall_over_both_changes_of_the_clock() -> None:
    spring = Series(datetime(2026, 3, 22, 10), HOUR, rule=parse("FREQ=WEEKLY;COUNT=3"))
    autumn = Series(datetime(2026, 10, 18, 10), HOUR, rule=parse("FREQ=WEEKLY;COUNT=3"))
    assert starts(spring) == ["2026-03-22T10:00+01:00", "2026-03-29T10:00+02:00", "2026-04-05T10:00+02:00"]
    assert starts(autumn) == ["2026-10-18T10:00+02:00", "2026-10-25T10:00+01:00", "2026-11-01T10:00+01:00"]


def test_a_time_that_the_clock_leaves_out_or_shows_twice_is_taken_as_rfc_5545_says() -> None:
    left_out = Series(datetime(2026, 3, 28, 2, 30), HOUR, rule=parse("FREQ=DAILY;COUNT=3"))
    twice = Series(datetime(2026, 10, 24, 2, 30), HOUR, rule=parse("FREQ=DAILY;COUNT=3"))
    assert starts(left_out) == ["2026-03-28T02:30+01:00", "2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00"]
    assert starts(twice) == ["2026-10-24T02:30+02:00", "2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]


@pytest.mark.parametrize(("day", "end"), [(28, "2026-03-29T07:00+02:00"), (21, "2026-03-22T06:00+01:00")])
def test_eight_hours_through_the_night_are_eight_hours_of_a_stopwatch(day: int, end: str) -> None:
    night = Series(datetime(2026, 3, day, 22), 8 * HOUR)
    assert next(night.happening(PARIS)).end.isoformat(timespec="minutes") == end


def test_a_whole_day_ends_at_midnight_on_the_days_of_23_and_of_25_hours() -> None:
    for day, length in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 20), 24)):
        series = Series(datetime.combine(day, datetime.min.time()), timedelta(days=1), whole_days=True)
        once = next(series.happening(PARIS))
        assert once.end.astimezone(UTC) - once.start.astimezone(UTC) == length * HOUR


@pytest.mark.parametrize(
    ("until", "count"), [("20260629", 2), ("20260630", 3), ("20260630T155959Z", 2), ("20260630T160000Z", 3)]
)
def test_until_counts_its_local_day_or_its_instant(until: str, count: int) -> None:
    series = Series(datetime(2026, 6, 16, 18), HOUR, rule=parse(f"FREQ=WEEKLY;UNTIL={until}"))
    assert len(list(series.planned(PARIS))) == count


def test_moved_and_left_out_times_come_in_the_order_of_time() -> None:
    series = Series(
        datetime(2026, 6, 2, 9),
        HOUR,
        rule=parse("FREQ=WEEKLY;COUNT=5"),
        without=frozenset({datetime(2026, 6, 9, 9)}),
        moved={datetime(2026, 6, 2, 9): datetime(2026, 6, 17, 9), datetime(2026, 6, 30, 9): datetime(2026, 6, 15, 9)},
    )
    days = [each.day.day for each in series.happening(PARIS)]
    assert days == [15, 16, 17, 23]


def test_what_goes_on_is_next_until_the_instant_it_ends() -> None:
    series = Series(datetime(2026, 6, 2, 9), HOUR, rule=parse("FREQ=WEEKLY;COUNT=2"))
    end = datetime(2026, 6, 2, 10, tzinfo=PARIS)
    assert [each.day.day for each in series.next(end - timedelta(seconds=1), PARIS, 9)] == [2, 9]
    assert [each.day.day for each in series.next(end, PARIS, 9)] == [9]
    assert [each.day.day for each in series.next(end - timedelta(days=9), PARIS, 1)] == [2]


@pytest.mark.parametrize(
    ("instant", "moment"),
    [
        (datetime(2026, 3, 29, 1, 59, tzinfo=PARIS), "2026-03-29T01:59"),
        (datetime(2026, 3, 29, 2, 0, tzinfo=PARIS), None),
        (datetime(2026, 3, 29, 2, 59, tzinfo=PARIS), None),
        (datetime(2026, 3, 29, 3, 0, tzinfo=PARIS), "2026-03-29T03:00"),
        (datetime.fromisoformat("2026-10-25T02:30+02:00"), "2026-10-25T02:30"),
        (datetime.fromisoformat("2026-10-25T02:30+01:00"), None),
        (datetime.fromisoformat("2026-06-20T16:00+00:00"), "2026-06-20T18:00"),
    ],
)
def test_only_an_instant_that_the_clock_names_has_a_moment(instant: datetime, moment: str | None) -> None:
    found = on_the_wall(instant, PARIS)
    assert (found and found.isoformat(timespec="minutes")) == moment


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]))
    numbered = frequency == "MONTHLY" and draw(st.booleans())
    numbers = st.sampled_from([-5, -2, -1, 1, 2, 5]) if numbered else st.just(0)
    days = draw(st.lists(st.tuples(numbers, st.integers(0, 6)), max_size=3, unique=True))
    return Rule(frequency, draw(st.integers(1, 4)), tuple(sorted(days, key=lambda day: (day[1], day[0]))))


def happens(rule: Rule, first: date, day: date) -> bool:
    """The same from the definitions of RFC 5545 alone, day by day."""
    months = (day.year - first.year) * 12 + day.month - first.month
    weeks = ((day - timedelta(day.weekday())) - (first - timedelta(first.weekday()))).days // 7
    passed = {"DAILY": (day - first).days, "WEEKLY": weeks, "MONTHLY": months}[rule.frequency]
    if passed % rule.interval:
        return False
    if not rule.days:
        return {
            "DAILY": True,
            "WEEKLY": day.weekday() == first.weekday(),
            "MONTHLY": day.day == first.day,
        }[rule.frequency]
    last = ((day.replace(day=1) + timedelta(days=31)).replace(day=1) - day).days
    places = {0, (day.day - 1) // 7 + 1, -((last - 1) // 7) - 1}
    return any(weekday == day.weekday() and number in places for number, weekday in rule.days)


@given(rules(), st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_days_by_a_rule_are_those_that_its_definition_names(rule: Rule, first: date) -> None:
    series = Series(datetime.combine(first, datetime.min.time()), HOUR, rule=rule)
    end = first + timedelta(days=400)
    found = [start.date() for start in takewhile(lambda start: start.date() < end, series.planned(PARIS))]
    days = [first + timedelta(days=number) for number in range(400)]
    assert found == [day for day in days if happens(rule, first, day)]
    assert series.follows(PARIS) == happens(rule, first, first)


@given(rules())
def test_a_rule_is_read_as_it_is_written(rule: Rule) -> None:
    byday = f";BYDAY={','.join(rule.byday())}" if rule.days else ""
    assert parse(f"FREQ={rule.frequency};INTERVAL={rule.interval}{byday}") == rule
    assert {day[-2:] for day in rule.byday()} <= set(WEEKDAYS)


@pytest.mark.parametrize("name", ["Europe/Paris", "America/Martinique", "America/New_York", "Africa/Casablanca"])
def test_a_written_zone_has_the_clock_of_the_zone(name: str) -> None:
    zone = ZoneInfo(name)
    read = Timezone.from_ical(timezone(zone).to_ical()).to_tz(lookup_tzid=False)
    for year in (2026, 2027, 2040):
        for month, day in ((1, 1), (3, 8), (3, 29), (3, 25), (6, 20), (10, 25), (10, 28), (11, 1)):
            for hour in (0, 1, 2, 3, 4):
                there = datetime(year, month, day, hour, 59, tzinfo=zone)
                if there.utcoffset() == there.replace(fold=1).utcoffset():
                    assert there.replace(tzinfo=read).utcoffset() == there.utcoffset(), there
