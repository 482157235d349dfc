from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.policy import Policy
from pipelines.feeds.feed import Place
from pipelines.feeds.wifi.access_point import AccessPoint
from pipelines.feeds.wifi.beats import Beats
from pipelines.feeds.wifi.clients import connected, hour_of
from pipelines.feeds.wifi.spans import micros
from tests.feeds.wifi.making import BEAT, MINUTE, PARIS, table_of

POLICY = Policy(20, 0.8, 5, test=False)
HOUR = datetime(2026, 6, 20, 17, 0, tzinfo=PARIS)


def point(name: str, building: str = "b") -> AccessPoint:
    return AccessPoint(name, name, (), building, building, Place(), "", BEAT)


def found(*rows: tuple[str, float, int | None]) -> dict[str, int]:
    """Crowds at the hour, of beats some minutes from it."""
    table = table_of([(name, micros(HOUR) + round(minute * MINUTE), count) for name, minute, count in rows])
    points = [point("a1", "a"), point("a2", "a"), point("b1")]
    beats = Beats.of(table, micros(HOUR) + 90 * MINUTE)
    return {"+".join(crowd.places): crowd.at_least for crowd in connected(points, beats, HOUR, POLICY)}


@pytest.mark.parametrize(("clock", "hour"), [("17:29", 16), ("17:30", 17), ("18:00", 17), ("18:29", 17), ("18:30", 18)])
def test_the_hour_is_the_last_full_one_that_lies_back_the_lateness(clock: str, hour: int) -> None:
    at = datetime.fromisoformat(f"2026-06-20T{clock}:00").replace(tzinfo=PARIS)

    assert hour_of(at, POLICY) == HOUR.replace(hour=hour)


def test_the_hour_is_told_in_the_town_on_nights_when_clocks_change_too() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=PARIS)
    quarters = [datetime.fromtimestamp(first.timestamp() + 900 * quarter, PARIS) for quarter in range(20)]
    hours = {hour_of(at, POLICY).isoformat() for at in quarters}

    assert {"2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"} < hours
    assert all(text[14:16] == "00" for text in hours)


@pytest.mark.parametrize(("minute", "there"), [(-5, False), (-4.99, True), (0, True), (0.01, False)])
def test_the_beat_that_counts_is_the_one_that_was_current_at_the_hour(minute: float, there: bool) -> None:
    assert found(("b1", minute, 40)) == ({"b1": 40} if there else {})


def test_beats_after_the_hour_change_nothing_of_it() -> None:
    assert found(("b1", -1, 40), ("b1", 4, 90), ("b1", 60, 20)) == {"b1": 40}


def test_a_beat_without_a_count_is_no_count_of_nobody() -> None:
    assert found(("b1", -1, None), ("a1", -1, 30), ("a2", -1, 25)) == {"a1": 30, "a2": 25}
    assert found(("b1", -6, 50), ("b1", -1, None)) == {}


def test_devices_that_move_within_the_hour_do_not_make_k() -> None:
    # Thirteen devices at one access point, then the same ones at the other: the largest counts add up to 26.
    assert found(("a1", -30, 13), ("a2", -30, 0), ("a1", -1, 0), ("a2", -1, 13)) == {}


def test_an_access_point_below_k_is_printed_with_its_sibling_only() -> None:
    assert found(("a1", -1, 19), ("a2", -1, 50), ("b1", -1, 70)) == {"a1+a2": 65, "b1": 70}


@given(st.dictionaries(st.sampled_from(["a1", "a2", "b1"]), st.integers(0, 60)), st.integers(0, 60))
def test_every_printed_figure_is_of_at_least_k_devices_at_the_hour(now: dict[str, int], before: int) -> None:
    earlier = [(name, -20, before) for name in ("a1", "a2", "b1")]
    printed = found(*earlier, *((name, -1, count) for name, count in now.items()))

    for names, figure in printed.items():
        raw = sum(now[name] for name in names.split("+"))
        assert raw >= 20
        assert raw - 5 < figure <= raw
