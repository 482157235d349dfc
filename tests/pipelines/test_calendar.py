from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.calendar import Calendar
from schemas.errors import UsageError

HOUR = 3_600_000_000
MINUTE = 60_000_000
QUARTER = timedelta(minutes=15)
PARIS = Calendar("Europe/Paris", time(5), QUARTER)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp()) * 1_000_000


def epoch_day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def test_a_privacy_day_runs_from_five_to_five_local_time():
    day = PARIS.privacy_day(date(2026, 7, 3))
    assert (day.start, day.end) == (at("2026-07-03T05:00+02:00"), at("2026-07-04T05:00+02:00"))
    assert day.day == date(2026, 7, 3)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-07-03T04:59:59+02:00", "2026-07-02"),
        ("2026-07-03T05:00:00+02:00", "2026-07-03"),
        ("2026-07-04T04:59:59+02:00", "2026-07-03"),
        ("2026-03-29T04:59:59+02:00", "2026-03-28"),
        ("2026-03-29T05:00:00+02:00", "2026-03-29"),
        ("1969-12-31T23:00:00+01:00", "1969-12-31"),
    ],
)
def test_an_instant_belongs_to_the_day_whose_bounds_hold_it(instant, day):
    assert PARIS.day_of(np.array([at(instant)])).tolist() == [epoch_day(day)]


def test_no_instants_have_no_days():
    assert PARIS.day_of(np.empty(0, np.int64)).dtype == np.int32


# The clock changes at 02:00 of the Sunday, within the privacy day of the Saturday.
@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 23), ("2026-03-29", 24), ("2026-10-24", 25)])
def test_days_of_a_clock_change_have_23_or_25_hours(day, hours):
    edges = PARIS.hours(date.fromisoformat(day))
    assert len(edges) == hours + 1
    assert set(np.diff(edges)) == {HOUR}
    assert len(PARIS.slots(date.fromisoformat(day))) == 4 * hours + 1


def test_the_half_hour_point_of_an_hour_is_in_its_third_quarter():
    assert PARIS.half_hour_slot(date(2026, 3, 28)).tolist() == list(range(2, 4 * 23, 4))


@pytest.mark.parametrize(("minutes", "slots"), [(60, [0, 1, 2]), (30, [1, 3, 5]), (20, [1, 4, 7])])
def test_the_half_hour_slot_follows_the_length_of_slots(minutes, slots):
    calendar = Calendar("Europe/Paris", time(5), timedelta(minutes=minutes))
    assert calendar.half_hour_slot(date(2026, 7, 3))[:3].tolist() == slots


@pytest.mark.parametrize(
    ("day", "start", "end", "hours"),
    [
        ("2026-07-03", "2026-07-04T00:00+02:00", "2026-07-04T05:00+02:00", 5),
        ("2026-03-28", "2026-03-29T00:00+01:00", "2026-03-29T05:00+02:00", 4),
        ("2026-03-29", "2026-03-30T00:00+02:00", "2026-03-30T05:00+02:00", 5),
        ("2026-10-24", "2026-10-25T00:00+02:00", "2026-10-25T05:00+01:00", 6),
    ],
)
def test_a_night_lasts_from_midnight_to_five_of_the_local_clock(day, start, end, hours):
    night = PARIS.night(date.fromisoformat(day))
    assert night == (at(start), at(end))
    assert night[1] - night[0] == hours * HOUR


@pytest.mark.parametrize(
    ("starts", "start", "end"),
    [
        (time(0), "2026-07-04T00:00+02:00", "2026-07-04T00:00+02:00"),
        (time(3), "2026-07-04T00:00+02:00", "2026-07-04T03:00+02:00"),
        (time(5, 1), "2026-07-04T00:00+02:00", "2026-07-04T05:00+02:00"),
        (time(12), "2026-07-04T00:00+02:00", "2026-07-04T05:00+02:00"),
    ],
)
def test_a_night_ends_with_its_day(starts, start, end):
    calendar = Calendar("Europe/Paris", starts, QUARTER)
    assert calendar.night(date(2026, 7, 3)) == (at(start), at(end))


def test_the_clock_shows_an_hour_twice_or_not_at_all_where_it_changes():
    for day, shown in (("2026-03-28", ["01:00", "03:00"]), ("2026-10-24", ["02:00", "02:00"])):
        edges = PARIS.hours(date.fromisoformat(day))
        before = [PARIS.clock(int(edge)) for edge in edges].index(shown[0])
        assert [PARIS.clock(int(edge)) for edge in edges[before : before + 2]] == shown


def test_a_start_that_the_clock_skips_takes_the_offset_before_the_change():
    calendar = Calendar("Europe/Paris", time(2, 30), QUARTER)
    assert calendar.privacy_day(date(2026, 3, 29)).start == at("2026-03-29T02:30+01:00")
    assert calendar.privacy_day(date(2026, 3, 29)).start == at("2026-03-29T03:30+02:00")
    assert len(calendar.hours(date(2026, 3, 28))) == 25
    assert len(calendar.hours(date(2026, 3, 29))) == 24


def test_a_start_that_the_clock_shows_twice_is_the_first():
    calendar = Calendar("Europe/Paris", time(2, 30), QUARTER)
    assert calendar.privacy_day(date(2026, 10, 25)).start == at("2026-10-25T02:30+02:00")
    assert len(calendar.hours(date(2026, 10, 25))) == 26


def test_a_zone_with_a_half_hour_offset_has_whole_hours_from_the_start_of_its_day():
    edges = Calendar("Asia/Kolkata", time(5), QUARTER).hours(date(2026, 7, 3))
    assert edges[0] == at("2026-07-02T23:30+00:00")
    assert set(np.diff(edges)) == {HOUR}


@pytest.mark.parametrize(("day", "half_hours"), [("2026-10-03", 47), ("2026-04-04", 49)])
def test_a_change_of_thirty_minutes_leaves_a_shorter_last_hour(day, half_hours):
    calendar = Calendar("Australia/Lord_Howe", time(5), timedelta(hours=1))
    edges = calendar.hours(date.fromisoformat(day))
    assert edges[-1] - edges[0] == half_hours * HOUR // 2
    assert set(np.diff(edges)[:-1]) == {HOUR}
    assert edges[-1] - edges[-2] == HOUR // 2
    # The half-hour point of the last hour is the end of the day: the last slot stands for it.
    assert calendar.half_hour_slot(date.fromisoformat(day))[-1] == len(edges) - 2


def test_a_local_date_that_never_was_is_an_empty_day():
    calendar = Calendar("Pacific/Apia", time(5), QUARTER)
    skipped = calendar.privacy_day(date(2011, 12, 30))
    assert skipped.start == skipped.end
    assert len(calendar.half_hour_slot(date(2011, 12, 30))) == 0
    assert calendar.day_of(np.array([skipped.start])).tolist() == [epoch_day("2011-12-31")]


@pytest.mark.parametrize("timezone", ["Europe/Dijon", "", "../Paris", "Europe"])
def test_an_unknown_timezone_is_a_usage_error(timezone):
    with pytest.raises(UsageError, match=r"\[area\] timezone"):
        Calendar(timezone, time(5), QUARTER)


TIMEZONES = ("Europe/Paris", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "UTC")


@given(
    timezone=st.sampled_from(TIMEZONES),
    starts=st.times(),
    slot=st.sampled_from([5, 10, 15, 20, 30, 60]),
    day=st.dates(date(1990, 1, 1), date(2037, 1, 1)),
)
def test_slots_and_hours_tile_every_day(timezone, starts, slot, day):
    calendar = Calendar(timezone, starts.replace(fold=0), timedelta(minutes=slot))
    whole, following = calendar.privacy_day(day), calendar.privacy_day(day + timedelta(days=1))
    assert whole.end == following.start
    for edges, step in ((calendar.slots(day), slot * MINUTE), (calendar.hours(day), HOUR)):
        assert (edges[0], edges[-1]) == (whole.start, whole.end)
        assert set(np.diff(edges)[:-1]) <= {step}
        assert (np.diff(edges)[-1:] <= step).all()
    days = calendar.day_of(np.array([whole.start, whole.end - 1, whole.end]))
    if whole.start < whole.end:
        assert (days[:2] == epoch_day(day.isoformat())).all()
    assert days[2] >= epoch_day((day + timedelta(days=1)).isoformat())


@given(instants=st.lists(st.integers(-(10**14), 2 * 10**15), min_size=1), timezone=st.sampled_from(TIMEZONES))
def test_each_instant_lies_within_its_day(instants, timezone):
    calendar = Calendar(timezone, time(5), QUARTER)
    for instant, ordinal in zip(instants, calendar.day_of(np.array(instants)).tolist(), strict=True):
        day = calendar.privacy_day(date(1970, 1, 1) + timedelta(days=ordinal))
        assert day.start <= instant < day.end


def test_consecutive_days_meet():
    days = [PARIS.privacy_day(date(2026, 10, 20) + timedelta(days=i)) for i in range(10)]
    assert all(a.end == b.start for a, b in pairwise(days))
