"""When a place is open: states, changes and intervals tell the same, also on days of 23 and 25 hours."""

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.feeds.hours.grammar import HoursError
from pipelines.feeds.hours.hours import HORIZON, PARIS, Hours
from pipelines.feeds.hours.status import status
from tests.feeds.hours_made import Maker, made

WINTER_BEGINS = datetime(2027, 10, 31, tzinfo=PARIS)
SUMMER_BEGINS = datetime(2027, 3, 28, tzinfo=PARIS)
DAY = timedelta(days=1)


def told(text: str, start: datetime, end: datetime, zone: ZoneInfo = PARIS) -> list[str]:
    return [f"{opens:%a %H:%M%z}-{closes:%H:%M%z}" for opens, closes in Hours.parse(text, zone).intervals(start, end)]


def test_a_week_has_its_intervals() -> None:
    monday = datetime(2026, 11, 30, tzinfo=PARIS)
    assert told("Mo-We 09:00-12:00,14:00-18:00; Tu off; Sa 10:00-12:00", monday, monday + 7 * DAY) == [
        "Mon 09:00+0100-12:00+0100",
        "Mon 14:00+0100-18:00+0100",
        "Wed 09:00+0100-12:00+0100",
        "Wed 14:00+0100-18:00+0100",
        "Sat 10:00+0100-12:00+0100",
    ]


def test_intervals_are_cut_at_both_ends_and_joined_at_midnight() -> None:
    start = datetime(2026, 12, 4, 23, tzinfo=PARIS)
    assert told("Fr 20:00-24:00; Sa 00:00-02:00", start, start + timedelta(hours=2)) == ["Fri 23:00+0100-01:00+0100"]
    assert told("24/7", start, start) == []
    assert told("24/7", start, start - DAY) == []


def test_the_hour_that_a_clock_shows_twice_is_open_twice() -> None:
    end = WINTER_BEGINS + DAY
    assert told("Su 02:15-02:45", WINTER_BEGINS, end) == ["Sun 02:15+0200-02:45+0200", "Sun 02:15+0100-02:45+0100"]
    assert told("Su 01:00-02:30", WINTER_BEGINS, end) == ["Sun 01:00+0200-02:30+0200", "Sun 02:00+0100-02:30+0100"]
    assert told("Su 02:00-03:00", WINTER_BEGINS, end) == ["Sun 02:00+0200-03:00+0100"]
    assert told("Su 00:00-24:00", WINTER_BEGINS, end) == ["Sun 00:00+0200-00:00+0100"]


def test_the_hour_that_a_clock_leaves_out_is_not_there() -> None:
    end = SUMMER_BEGINS + DAY
    assert told("Su 02:15-02:45", SUMMER_BEGINS, end) == []
    assert told("Su 01:00-02:30", SUMMER_BEGINS, end) == ["Sun 01:00+0100-03:00+0200"]
    assert told("Su 02:30-05:00", SUMMER_BEGINS, end) == ["Sun 03:00+0200-05:00+0200"]


@pytest.mark.parametrize(("start", "hours"), [(SUMMER_BEGINS, 23), (WINTER_BEGINS, 25), (WINTER_BEGINS + DAY, 24)])
def test_a_day_has_the_hours_of_its_clock(start: datetime, hours: int) -> None:
    ((opens, closes),) = Hours.parse("00:00-24:00").intervals(start, start + DAY)
    assert closes.astimezone(UTC) - opens.astimezone(UTC) == timedelta(hours=hours)


def test_a_change_is_found_on_the_other_side_of_a_clock_change() -> None:
    first_pass = datetime(2027, 10, 31, 2, 50, tzinfo=PARIS)
    sunday = Hours.parse("Su 02:15-02:45")
    assert sunday.next_change(first_pass) == datetime(2027, 10, 31, 2, 15, tzinfo=PARIS, fold=1)
    assert Hours.parse("Su 01:00-02:30").next_change(SUMMER_BEGINS + timedelta(hours=1)) == datetime(
        2027, 3, 28, 3, tzinfo=PARIS
    )
    changed = Hours.parse("Su 01:00-02:30").next_change(datetime(2027, 10, 31, 2, 40, tzinfo=PARIS))
    assert changed is not None
    assert changed.astimezone(UTC) == datetime(2027, 10, 31, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["24/7", "off", "Mo off", "2025 Jan 01 09:00-12:00", "2029 Jan 01 09:00-12:00"])
def test_hours_without_a_change_within_400_days_have_none(text: str) -> None:
    assert Hours.parse(text).next_change(datetime(2026, 11, 30, tzinfo=UTC)) is None


@pytest.mark.parametrize(("before", "found"), [(timedelta(minutes=1), True), (timedelta(0), False)])
def test_a_change_is_looked_for_until_the_horizon(before: timedelta, found: bool) -> None:
    change = datetime(2028, 6, 1, 9, tzinfo=PARIS).astimezone(UTC)
    at = change - HORIZON + before
    assert (Hours.parse("2028 Jun 01 09:00-12:00").next_change(at) is not None) is found


def test_public_holidays_are_those_of_france() -> None:
    bastille_day = datetime(2027, 7, 14, 10, tzinfo=PARIS)
    assert Hours.parse("Mo-Su 09:00-12:00; PH off").state(bastille_day) == "closed"
    assert Hours.parse("Mo-Su 09:00-12:00; PH off").state(bastille_day + DAY) == "open"


def test_public_holidays_of_another_country_are_refused() -> None:
    with pytest.raises(HoursError, match="character 12: expected dates in place of PH") as caught:
        Hours.parse("Mo-Fr off; PH off", country="ZA")
    assert caught.value.position == 12
    Hours.parse("Mo-Fr off", country="ZA")


def test_an_instant_is_the_same_in_every_zone() -> None:
    hours = Hours.parse("Mo-Fr 09:00-12:00")
    at = datetime(2026, 11, 30, 8, 30, tzinfo=UTC)
    assert hours.state(at) == hours.state(at.astimezone(ZoneInfo("Asia/Tokyo"))) == "open"
    assert hours.next_change(at) == datetime(2026, 11, 30, 11, tzinfo=UTC)
    assert Hours.parse("Mo-Fr 09:00-12:00", ZoneInfo("America/Martinique")).state(at) == "closed"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        Hours.parse("24/7").state(datetime(2026, 11, 30))


@example(1013, datetime(2028, 10, 23, tzinfo=UTC), 8656)
@given(
    st.integers(0, 2**32),
    st.datetimes(datetime(2026, 12, 1), datetime(2028, 12, 1), timezones=st.just(UTC)),
    st.integers(1, 20 * 24 * 60),
)
def test_states_changes_and_intervals_tell_the_same(seed: int, start: datetime, minutes: int) -> None:
    hours = Hours.parse(Maker(Random(seed)).text())
    end = start + timedelta(minutes=minutes)
    intervals = [(opens.astimezone(UTC), closes.astimezone(UTC)) for opens, closes in hours.intervals(start, end)]
    edges = [start, *(edge for interval in intervals for edge in interval if start < edge < end), end]
    assert edges == sorted(set(edges))
    for edge, following in pairwise(edges):
        inside = edge + (following - edge) / 2
        opened = any(opens <= inside < closes for opens, closes in intervals)
        for at in (edge, inside, following - timedelta(microseconds=1)):
            assert hours.state(at) == ("open" if opened else "closed")
            change = hours.next_change(at)
            # In UTC: an hour that comes twice equals nothing in another zone (PEP 495).
            assert (change is not None and change.astimezone(UTC) == following) or following == end


def test_5000_places_are_told_within_two_seconds() -> None:
    """Half of them with hours of their own; a tenth of a second each for a slow machine is not asked for."""
    texts = made(seed=5, count=500)[0] * 5 + ["Mo-Fr 08:30-12:00,13:30-17:30; PH off"] * 2500
    at = datetime(2026, 11, 30, 10, tzinfo=PARIS)
    began = time.process_time()
    for text in texts:
        hours = Hours.parse(text)
        status(hours, at, None)
        hours.intervals(at, at + 14 * DAY)
    print(f"{len(texts)} places in {time.process_time() - began:.2f} s")
    assert time.process_time() - began < 2
