"""Which hours a period has, at the edges of what may be asked."""

import pytest

from tests.anonymization.releases import A
from tests.server.population.town import Town, geohash_at, listed

OWN = "POPULATION_DENSITY_DATA."


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        pytest.param("2026-07-11T08:25:00Z", "2026-07-11T09:45:00Z", ["08", "09"], id="of the standard"),
        pytest.param("2026-07-11T08:00:00Z", "2026-07-11T09:00:00Z", ["08"], id="ends as an hour begins"),
        pytest.param("2026-07-11T08:00:00Z", "2026-07-11T08:00:00Z", ["08"], id="no length"),
        pytest.param("2026-07-11T08:59:59.999Z", "2026-07-11T09:00:00.001Z", ["08", "09"], id="two milliseconds"),
        pytest.param("2026-07-11T10:30:00+02:00", "2026-07-11T04:40:00-04:00", ["08"], id="other offsets"),
        pytest.param("2026-07-16t11:59:00z", "2026-07-16T12:00:00Z", ["11"], id="up to now, small letters"),
        pytest.param("2026-07-16T12:00:01Z", "2026-07-16T12:00:01Z", ["12"], id="from now on"),
        pytest.param("2026-10-16T11:59:00Z", "2026-10-16T12:00:00Z", ["11"], id="92 days ahead"),
        pytest.param("2026-04-15T12:00:00Z", "2026-04-15T12:30:00Z", ["12"], id="92 days ago"),
    ],
)
def test_the_intervals_are_the_whole_hours_around_a_period(town: Town, start: str, end: str, hours: list[str]) -> None:
    found = town.ask(listed(geohash_at(A, 7), period=(start, end))).json()["timedPopulationDensityData"]
    assert [each["startTime"][11:13] for each in found] == hours
    assert all(each["startTime"][13:] == each["endTime"][13:] == ":00:00Z" for each in found)


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        ("2026-07-16T12:00:00Z", "2026-07-16T12:00:01Z", "INVALID_TIME_PERIOD"),
        ("2026-04-15T11:59:59Z", "2026-04-15T13:00:00Z", "MIN_STARTTIME_EXCEEDED"),
        ("2026-10-16T12:00:01Z", "2026-10-16T12:00:01Z", "MAX_STARTTIME_EXCEEDED"),
        ("2026-10-16T11:00:00Z", "2026-10-16T12:00:01Z", "MAX_STARTTIME_EXCEEDED"),
        ("2026-07-17T08:00:00Z", "2026-07-24T08:00:01Z", "MAX_TIME_PERIOD_EXCEEDED"),
        ("2026-07-17T08:25:00Z", "2026-07-24T08:25:00Z", "MAX_TIME_PERIOD_EXCEEDED"),
        ("0001-01-01T00:00:00+23:59", "0001-01-01T01:00:00+23:59", "MIN_STARTTIME_EXCEEDED"),
        ("9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59-23:59", "MAX_STARTTIME_EXCEEDED"),
    ],
)
def test_a_period_beyond_an_edge_is_refused(town: Town, start: str, end: str, code: str) -> None:
    answered = town.ask(listed(geohash_at(A, 7), period=(start, end)))
    assert (answered.status_code, answered.json()["code"]) == (400, OWN + code)


def test_seven_days_from_the_beginning_of_an_hour_have_168_intervals(town: Town) -> None:
    week = ("2026-07-17T08:00:00Z", "2026-07-24T08:00:00Z")
    found = town.ask(listed(geohash_at(A, 7), period=week)).json()
    assert len(found["timedPopulationDensityData"]) == 168
    assert len(found["statusInfo"]) <= 512
