"""Dates, sizes, calendars and states as the page of residents words them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.feeds.page import dates, files
from pipelines.feeds.page.reader import Reader
from pipelines.feeds.page.schedule import Schedule, mark, week
from tests.feeds.made_town import AT, ZONE, at

FRENCH, ENGLISH = Reader("fr", ZONE, AT), Reader("en", ZONE, AT)
DAYS = 14 * 24 * 60
SPANS = st.lists(st.integers(0, DAYS + 18 * 60), min_size=2, max_size=20, unique=True).map(
    lambda bounds: tuple(zip(*[iter(sorted(bounds))] * 2, strict=False))
)


@given(SPANS, st.none() | st.integers(-10, DAYS), st.integers(0, DAYS))
def test_a_place_is_open_within_its_times_as_long_as_they_hold_and_at_no_other_moment(
    spans: tuple[tuple[int, int], ...], valid: int | None, minute: int
) -> None:
    # The minutes of a later build count from another midnight.
    minutes_before = minute - minute % (24 * 60)
    shifted = tuple((start - minutes_before, end - minutes_before) for start, end in spans)
    reader = Reader("fr", ZONE, at("2026-06-20T00:00") + timedelta(minutes=minute))
    told = mark(Schedule(shifted, None), valid, reader)
    holds = valid is None or reader.now < valid
    inside = any(start <= reader.now < end for start, end in shifted)
    assert told.state == ("unknown" if not holds else "open" if inside else "closed")


@given(SPANS, st.integers(0, 7 * 24 * 60))
def test_a_week_has_no_hours_on_days_that_are_not_known_to_their_end(
    spans: tuple[tuple[int, int], ...], valid: int
) -> None:
    rows = week(Schedule(spans, None), valid, ENGLISH)
    known = valid // (24 * 60)
    assert (rows[-1][1] == "unknown") == (known < 7)
    assert [told for _, told in rows].count("unknown") <= 2


@pytest.mark.parametrize(
    ("octets", "french", "english"),
    [
        (0, "0 o", "0 B"),
        (999, "999 o", "999 B"),
        (1000, "1 ko", "1 kB"),
        (999_400, "999 ko", "999 kB"),
        (1_000_000, "1,0 Mo", "1.0 MB"),
        (9_940_000, "9,9 Mo", "9.9 MB"),
        (10_000_000, "10 Mo", "10 MB"),
        (2_500_000_000, "2500 Mo", "2500 MB"),
    ],
)
def test_sizes_are_told_in_their_largest_unit(octets: int, french: str, english: str) -> None:
    assert [dates.size(octets, language).replace("\u00a0", " ") for language in ("fr", "en")] == [french, english]


@pytest.mark.parametrize(
    ("minute", "closing", "french", "english"),
    [
        ("2026-06-20T18:30", False, "à 18 h 30", "at 18:30"),
        ("2026-06-21T00:00", True, "à minuit", "at midnight"),
        ("2026-06-21T05:59", True, "à 5 h 59", "at 5:59"),
        ("2026-06-21T06:00", True, "demain à 6 h", "tomorrow at 6:00"),
        ("2026-06-21T05:59", False, "demain à 5 h 59", "tomorrow at 5:59"),
        ("2026-06-22T09:05", False, "lundi à 9 h 05", "Monday at 9:05"),
        ("2026-06-26T09:00", False, "vendredi à 9 h", "Friday at 9:00"),
        ("2026-06-27T09:00", False, "le 27 juin à 9 h", "on 27 June at 9:00"),
        ("2026-07-01T09:00", False, "le 1er juillet à 9 h", "on 1 July at 9:00"),
    ],
)
def test_a_moment_is_told_as_one_says_it_on_a_saturday(minute: str, closing: bool, french: str, english: str) -> None:
    for reader, expected in ((FRENCH, french), (ENGLISH, english)):
        assert reader.when(reader.minute(at(minute)), closing).replace("\u00a0", " ") == expected


def test_a_year_is_told_where_it_is_not_that_of_the_build() -> None:
    told = [FRENCH.day(day).replace("\u00a0", " ") for day in (date(2026, 12, 31), date(2027, 1, 1))]
    assert told == ["jeudi 31 décembre", "vendredi 1er janvier 2027"]


def test_a_calendar_is_taken_in_the_language_of_the_page_and_offered_once() -> None:
    written = dict.fromkeys(("all.ics", "all.en.ics", "north.ics", "north.en.ics", "index.json", "x.de.ics"), b"")
    for language, own in (("fr", "all.ics"), ("en", "all.en.ics")):
        named = files.files("waste", written, language)
        assert next(each.name for each in files.calendars(named, language)) == own
        assert len(files.calendars(named, language)) == 3
        found = files.calendar(named, ("nowhere", "all"), language)
        assert found is not None
        assert (found.name, found.address) == (own, f"waste/{own}")
        assert files.calendar(named, ("nowhere",), language) is None
