"""Hours of school holidays and closures become dated rules, and everything else stays as it is."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.feeds.hours.dated import Span, with_dates, with_exceptions
from pipelines.feeds.hours.grammar import HoursError, accept
from pipelines.feeds.hours.hours import PARIS, Hours
from tests.feeds.hours_changed import exceptional

CHRISTMAS = Span(date(2026, 12, 19), date(2027, 1, 3))
AUTUMN = Span(date(2026, 10, 17), date(2026, 11, 1))
HOLIDAYS = [
    {"name": "Toussaint", "first": AUTUMN.first, "last": AUTUMN.last},
    {"name": "Noël", "first": CHRISTMAS.first, "last": CHRISTMAS.last},
]


def on(when: str, hours: str, first: date | None = None, last: date | None = None) -> dict[str, object]:
    return {"when": when, "first": first, "last": last, "hours": hours}


def test_hours_of_holidays_stand_before_those_of_public_holidays() -> None:
    assert with_dates("Mo-Fr 08:30-17:30; PH off", [CHRISTMAS], "Mo-Fr 09:00-12:00") == (
        "Mo-Fr 08:30-17:30; 2026 Dec 19-2027 Jan 03 Mo-Fr 09:00-12:00; PH off"
    )


def test_days_that_only_an_ordinary_week_has_are_closed() -> None:
    assert with_dates("Mo-Sa 08:30-17:30", [CHRISTMAS], "Mo-Fr 09:00-12:00; We off") == (
        "Mo-Sa 08:30-17:30; 2026 Dec 19-2027 Jan 03 Sa off; 2026 Dec 19-2027 Jan 03 Mo-Fr 09:00-12:00; "
        "2026 Dec 19-2027 Jan 03 We off"
    )


def test_a_rule_of_days_and_public_holidays_is_parted() -> None:
    assert with_dates("Mo-Fr 08:30-17:30; Su,PH 10:00-12:00", [CHRISTMAS], "off") == (
        "Mo-Fr 08:30-17:30; Su,PH 10:00-12:00; 2026 Dec 19-2027 Jan 03 off; PH 10:00-12:00"
    )


def test_times_that_are_taken_out_do_not_cover_a_day() -> None:
    assert with_dates("Mo 08:00-18:00", [Span(date(2027, 2, 1), date(2027, 2, 1))], "Mo 10:00-11:00 off") == (
        "Mo 08:00-18:00; 2027 Feb 01 Mo off; 2027 Feb 01 Mo 10:00-11:00 off"
    )


def test_without_days_nothing_changes() -> None:
    assert with_dates("Mo-Fr  09:00-12:00".replace("  ", " "), [], "off") == "Mo-Fr 09:00-12:00"


def test_hours_of_dates_have_no_dates_of_their_own() -> None:
    with pytest.raises(HoursError, match="without other months, dates or weeks") as caught:
        with_dates("Mo-Fr 09:00-12:00", [CHRISTMAS], "Mo off; Jul Mo 09:00-12:00")
    assert caught.value.position == 9


def test_exceptions_rank_by_how_many_days_they_are_of() -> None:
    exceptions = [
        on("dates", "10:00-11:00", date(2026, 12, 25)),
        on("dates", "Mo-Fr 10:00-16:00", date(2026, 12, 28), date(2026, 12, 30)),
        on("school_holidays", "Mo-Fr 09:00-12:00"),
        on("dates", "off", date(2026, 12, 31), date(2027, 1, 2)),
    ]
    assert with_exceptions("Mo-Fr 08:30-17:30; PH off", exceptions, HOLIDAYS, date(2026, 12, 1)) == (
        "Mo-Fr 08:30-17:30; 2026 Dec 19-2027 Jan 03 Mo-Fr 09:00-12:00; 2026 Dec 28-2026 Dec 30 Mo-Fr 10:00-16:00; "
        "PH off; 2026 Dec 25 10:00-11:00; 2026 Dec 31-2027 Jan 02 off"
    )


@pytest.mark.parametrize(
    ("today", "kept"), [(AUTUMN.last - timedelta(days=1), 2), (AUTUMN.last, 2), (AUTUMN.last + timedelta(days=1), 1)]
)
def test_holidays_are_kept_until_their_last_day(today: date, kept: int) -> None:
    text = with_exceptions("Mo-Fr 08:30-17:30", [on("school_holidays", "off")], HOLIDAYS, today)
    assert text.count("2026 Oct 17") + text.count("2026 Dec 19") == kept


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = [on("dates", "off", date(2026, 12, day)) for day in (24, 31)] + [on("school_holidays", "10:00-12:00")]
    text = with_exceptions("Mo-Fr 08:30-17:30", rows, HOLIDAYS, date(2026, 12, 1))
    assert with_exceptions("Mo-Fr 08:30-17:30", rows[::-1], HOLIDAYS[::-1], date(2026, 12, 1)) == text


@given(st.integers(0, 2**32))
def test_each_day_is_as_its_own_hours_say(seed: int) -> None:
    """Closures before public holidays before holidays before the week, each with the hours stated for it alone."""
    random = Random(seed)
    text, week, hours, holidays, closures = exceptional(random)
    accept(text)
    read, ordinary, other = Hours.parse(text), Hours.parse(week), Hours.parse(hours)
    public = Hours.parse("PH 00:00-24:00")
    for _ in range(40):
        at = datetime(2026, 12, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(770 * 24 * 60))
        day = at.astimezone(PARIS).date()
        expected = ordinary
        if any(span.first <= day <= span.last for span in closures):
            assert read.state(at) == "closed"
            continue
        keeps = "PH" in week and public.state(at) == "open"
        if not keeps and any(span.first <= day <= span.last for span in holidays):
            expected = other
        assert read.state(at) == expected.state(at)
