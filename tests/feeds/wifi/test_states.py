import pytest

from pipelines.feeds.wifi.beats import listening
from pipelines.feeds.wifi.states import Status, status
from tests.feeds.wifi.making import BEAT, MINUTE, beats_of, minutes, regular

MISSED = 3


def state(times: dict[str, list[float]], at: float, access_point: str = "a", missed: int = MISSED) -> str:
    found = beats_of(times, at)
    heard = listening(found, [BEAT] * len(times), missed)
    return status(found.times(access_point), BEAT, heard, round(at * MINUTE), missed).state


@pytest.mark.parametrize(("at", "expected"), [(10, "up"), (14.99, "up"), (15, "down"), (15.01, "down"), (20, "down")])
def test_an_access_point_is_down_from_the_third_missed_beat_on(at: float, expected: str) -> None:
    others = {"b": regular(0, 30), "c": regular(0, 30, 0.01)}

    assert state({"a": [0], **others}, at) == expected


@pytest.mark.parametrize(
    ("missed", "at", "expected"), [(1, 4.99, "up"), (1, 5, "down"), (4, 19.99, "up"), (4, 20, "down")]
)
def test_the_number_of_missed_beats_is_a_setting(missed: int, at: float, expected: str) -> None:
    assert state({"a": [0], "b": regular(0, 30, 0.01)}, at, missed=missed) == expected


def test_an_access_point_that_was_never_heard_is_unknown_whatever_others_do() -> None:
    assert state({"a": [], "b": regular(0, 600)}, 600) == "unknown"


def test_before_its_first_beat_an_access_point_is_unknown() -> None:
    assert state({"a": [50], "b": regular(0, 60)}, 49.9) == "unknown"
    assert state({"a": [50], "b": regular(0, 60)}, 50) == "up"


def test_without_any_beat_all_are_unknown() -> None:
    assert state({"a": [], "b": []}, 10) == "unknown"


@pytest.mark.parametrize(("at", "expected"), [(34.99, "down"), (35, "unknown"), (36, "unknown")])
def test_what_was_down_is_unknown_once_nobody_is_heard_for_three_beats(at: float, expected: str) -> None:
    assert state({"a": [0], "b": regular(0, 20)}, at) == expected


def test_when_the_collector_falls_silent_nobody_is_down() -> None:
    times = {"a": regular(0, 60), "b": regular(1, 61), "c": regular(2, 62)}

    for at in (74.9, 75, 76, 77, 78, 200):
        assert {state(times, at, each) for each in times} <= {"up", "unknown"}


def test_the_only_access_point_of_a_town_is_never_down() -> None:
    assert state({"a": [0, 5, 10]}, 24.9) == "up"
    assert state({"a": [0, 5, 10]}, 25) == "unknown"


@pytest.mark.parametrize(("at", "expected"), [(105, "unknown"), (109, "unknown"), (110, "down"), (115, "down")])
def test_after_a_silence_of_the_collector_beats_are_missed_only_from_its_end_on(at: float, expected: str) -> None:
    # Both were heard at 0; from 0 to 95 the collector heard nobody; then it hears b alone.
    assert state({"a": [0], "b": [0, *regular(95, 130)]}, at) == expected


def test_a_slow_access_point_among_quick_ones_hides_no_silence_of_the_collector() -> None:
    found = beats_of({"slow": [0, 60], "a": [0], "b": [0]}, 60)
    heard = listening(found, [60 * MINUTE, BEAT, BEAT], MISSED)

    assert heard.told.length == 0
    assert status(minutes(0), BEAT, heard, 60 * MINUTE, MISSED) == Status("unknown", 0)
