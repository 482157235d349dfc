from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from pipelines.server.population.forecast import earlier_hours, forecast
from tests.anonymization.releases import A
from tests.server.population.town import NEXT, PAST, Town, geohash_at, listed

PARIS = ZoneInfo("Europe/Paris")


def hour(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) // 3600


def known(*texts: str) -> set[int]:
    return {hour(text) for text in texts}


def test_a_forecast_stands_on_the_last_four_known_hours_of_its_weekday() -> None:
    weeks = [datetime(2026, 6, 20, 10, tzinfo=PARIS) - timedelta(weeks=week) for week in range(1, 8)]
    held = {int(each.timestamp()) // 3600 for each in weeks} | known("2026-06-19T10:00+02:00", "2026-06-13T11:00+02:00")
    found = earlier_hours(hour("2026-06-20T10:00+02:00"), PARIS, held.__contains__)
    assert found == [int(each.timestamp()) // 3600 for each in weeks[:4]]


def test_with_one_known_day_there_is_no_forecast() -> None:
    one = known("2026-06-13T10:00+02:00")
    assert earlier_hours(hour("2026-06-20T10:00+02:00"), PARIS, one.__contains__) == []
    two = one | known("2026-06-06T10:00+02:00")
    assert len(earlier_hours(hour("2026-06-20T10:00+02:00"), PARIS, two.__contains__)) == 2


def test_the_hour_of_the_clock_counts_over_a_change_of_clocks() -> None:
    held = known("2026-10-24T10:00+02:00", "2026-10-17T10:00+02:00")
    assert earlier_hours(hour("2026-10-31T10:00+01:00"), PARIS, held.__contains__) == sorted(held, reverse=True)


def test_an_hour_that_a_change_of_clocks_left_out_is_not_taken() -> None:
    before = known("2026-03-22T02:00+01:00", "2026-03-15T02:00+01:00")
    left_out = known("2026-03-29T01:00+00:00")
    found = earlier_hours(hour("2026-04-05T02:00+02:00"), PARIS, (before | left_out).__contains__)
    assert found == sorted(before, reverse=True)


def test_days_of_more_than_half_a_year_ago_say_nothing() -> None:
    target = datetime(2026, 7, 18, 10, tzinfo=UTC)
    old = {int((target - timedelta(weeks=week)).timestamp()) // 3600 for week in (25, 26, 27, 28)}
    assert len(earlier_hours(int(target.timestamp()) // 3600, ZoneInfo("UTC"), old.__contains__)) == 2


def test_the_mean_lies_between_the_lowest_and_the_highest_bound() -> None:
    days = np.array([[[10.0, 5, 15]], [[20, 12, 28]], [[60, 40, 80]]])
    assert forecast(days).tolist() == [[30, 5, 80]]
    days[1] = np.nan
    assert np.isnan(forecast(days)).all()


def test_a_forecast_is_the_mean_of_what_was_answered_for_the_days(town: Town) -> None:
    cell = geohash_at(A, 7)
    shift = [timedelta(weeks=week) for week in range(4)]
    moments = [(datetime.fromisoformat(PAST[0]) - each).strftime("%Y-%m-%dT%H:%M:%SZ") for each in shift]
    earlier = [only(town, cell, moment) for moment in moments]
    told = only(town, cell, NEXT[0])
    assert told["pplDensity"] == pytest.approx(sum(each["pplDensity"] for each in earlier) / 4, abs=1)
    assert told["minPplDensity"] == min(each["minPplDensity"] for each in earlier)
    assert told["maxPplDensity"] == max(each["maxPplDensity"] for each in earlier)


def only(town: Town, cell: str, at: str) -> dict[str, int]:
    body = town.ask(listed(cell, period=(at, at))).json()
    found: dict[str, int] = body["timedPopulationDensityData"][0]["cellPopulationDensityData"][0]
    return found


def test_a_weekday_that_was_not_published_has_no_data_and_the_answer_says_why(town: Town) -> None:
    body = town.ask(listed(geohash_at(A, 7), period=("2026-07-20T08:00:00Z", "2026-07-20T08:30:00Z"))).json()
    assert body["status"] == "SUPPORTED_AREA"
    assert only(town, geohash_at(A, 7), "2026-07-20T08:00:00Z")["dataType"] == "NO_DATA"
    assert body["statusInfo"] == "1 of 1 hours have no data: fewer than 2 such days are published."


def test_a_past_day_that_was_not_published_has_no_data(town: Town) -> None:
    body = town.ask(listed(geohash_at(A, 7), period=("2026-07-12T08:00:00Z", "2026-07-12T08:30:00Z"))).json()
    assert body["statusInfo"] == "1 of 1 hours have no data: the release has no figures of them."


def test_an_hour_of_which_the_whole_is_below_k_is_of_low_density_and_so_is_its_forecast(town: Town) -> None:
    for at in ("2026-07-11T12:00:00Z", "2026-07-18T12:00:00Z"):
        assert only(town, geohash_at(A, 7), at)["dataType"] == "LOW_DENSITY"
