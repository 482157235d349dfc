"""How things of the feeds stand at an instant, before, at and after each edge."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboards.feeds.items import read_items
from dashboards.feeds.moment import days, instants
from dashboards.feeds.states import CLOSED, LOOKS, OPEN, OVER, STATES, UNKNOWN, standing
from schemas.feeds import AHEAD
from tests.dashboards.town_feeds import Json, as_bytes, item, opening

PARIS = ZoneInfo("Europe/Paris")
BUILT = datetime(2026, 6, 20, 18, tzinfo=PARIS)
SECOND = timedelta(seconds=1)


def stands(at: datetime, **more: object) -> tuple[str, object]:
    (found,) = read_items(as_bytes({"items": [item("x", "X", **more)]}), "places", "index.json")
    seen = standing(found, at, BUILT, PARIS)
    return seen.state.code, seen.until


def test_opening_hours_are_known_as_far_as_a_build_spells_them_out() -> None:
    end = BUILT + AHEAD
    always: Json = opening("open", (BUILT.isoformat(), end.isoformat()))
    assert stands(BUILT - SECOND, opening=always) == (UNKNOWN.code, None)
    # When it closes lies beyond what is spelled out.
    assert stands(BUILT, opening=always) == (OPEN.code, None)
    assert stands(end - SECOND, opening=always) == (OPEN.code, None)
    assert stands(end, opening=always) == (UNKNOWN.code, None)


def test_an_interval_holds_from_its_start_and_before_its_end() -> None:
    start, end = BUILT + timedelta(hours=1), BUILT + timedelta(hours=2)
    hours = opening("closed", (start.isoformat(), end.isoformat()))
    assert stands(start - SECOND, opening=hours) == (CLOSED.code, start)
    assert stands(start, opening=hours) == (OPEN.code, end)
    assert stands(end - SECOND, opening=hours) == (OPEN.code, end)
    assert stands(end, opening=hours) == (CLOSED.code, None)


def test_an_interval_that_was_over_at_the_build_changes_nothing() -> None:
    over = (BUILT - timedelta(hours=9), BUILT - timedelta(hours=4))
    hours = opening("closed", (over[0].isoformat(), over[1].isoformat()))
    assert stands(BUILT, opening=hours) == (CLOSED.code, None)


@pytest.mark.parametrize("hours", [{}, {"state": "unknown"}, {"hours": "Mo-Fr", "state": "unknown", "intervals": []}])
def test_hours_that_are_not_known_are_unknown_and_not_closed(hours: Json) -> None:
    assert stands(BUILT, opening=hours) == (UNKNOWN.code, None)


def test_what_holds_until_an_instant_is_unknown_from_it_on() -> None:
    end = BUILT + timedelta(hours=1)
    hours = opening("open", (BUILT.isoformat(), end.isoformat()))
    assert stands(end - SECOND, opening=hours, valid_until=end.isoformat()) == (OPEN.code, None)
    assert stands(end, opening=hours, valid_until=end.isoformat()) == (UNKNOWN.code, None)


def test_a_day_is_to_come_until_it_is_over_and_an_instant_until_it_is_there() -> None:
    at = datetime(2026, 6, 21, 0, tzinfo=PARIS)
    assert stands(at - SECOND, dates=["2026-06-20"])[0] == "to_come"
    assert stands(at, dates=["2026-06-20"])[0] == OVER.code
    assert stands(at - SECOND, dates=[at.isoformat()])[0] == "to_come"
    assert stands(at, dates=[at.isoformat()])[0] == OVER.code
    assert stands(at, dates=["9999-12-31"])[0] == "to_come"


def test_what_comes_again_is_to_come_after_its_first_time_is_over() -> None:
    start, end, again = (BUILT + timedelta(days=number) for number in (1, 2, 8))
    market = {"starts": start.isoformat(), "ends": end.isoformat(), "dates": [start.isoformat(), again.isoformat()]}
    assert stands(start - SECOND, **market) == ("to_come", start)
    assert stands(start, **market) == ("in_force", end)
    assert stands(end, **market) == ("to_come", again)
    assert stands(again, **market) == (OVER.code, end)


def test_every_state_has_a_sign_of_its_own() -> None:
    assert set(LOOKS) == set(STATES)
    assert len({look.sign for look in LOOKS.values()}) == len(STATES)
    assert len({state.code for state in STATES}) == len(STATES)


def test_times_can_be_chosen_from_the_build_on_every_half_hour() -> None:
    built = datetime(2026, 6, 20, 18, 7, 30, tzinfo=PARIS)
    names = list(instants(built, "2026-06-20", PARIS))
    assert names[:3] == ["18:07", "18:30", "19:00"]
    assert names[-1] == "23:30"
    assert len(instants(built, "2026-06-21", PARIS)) == 48
    assert days(built, PARIS)[0] == "2026-06-20"
    assert len(days(built, PARIS)) == 14


@pytest.mark.parametrize(("day", "count"), [("2026-10-25", 50), ("2026-03-29", 46), ("2026-06-21", 48)])
def test_a_day_of_the_change_of_clocks_has_each_instant_once(day: str, count: int) -> None:
    built = datetime(2026, 3, 1, tzinfo=UTC)
    found = instants(built, day, PARIS)
    assert len(found) == count
    assert len({each.astimezone(UTC) for each in found.values()}) == count
    assert {each.date().isoformat() for each in found.values()} == {day}
