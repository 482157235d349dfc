"""Past the day until which hours hold, a place is unknown, and never open."""

from datetime import datetime, timedelta

import pytest

from pipelines.feeds.hours.hours import PARIS, Hours
from pipelines.feeds.hours.status import Status, status

SHORT = timedelta(microseconds=1)
OPEN = Hours.parse("Mo-Fr 08:30-12:00,13:30-17:30")
NOON = datetime(2026, 11, 30, 12, tzinfo=PARIS)
"""When the place closes on a Monday."""
AT = NOON - timedelta(hours=1)


@pytest.mark.parametrize(
    ("after", "state"),
    [(-SHORT, "open"), (timedelta(0), "unknown"), (SHORT, "unknown"), (timedelta(days=99), "unknown")],
)
def test_a_place_is_unknown_from_the_very_instant_on_until_which_its_hours_hold(after: timedelta, state: str) -> None:
    assert status(OPEN, AT + after, valid_until=AT).state == state


@pytest.mark.parametrize(
    ("valid_until", "until"), [(NOON - SHORT, None), (NOON, NOON), (NOON + SHORT, NOON), (None, NOON)]
)
def test_a_change_is_promised_only_if_hours_hold_until_then(valid_until: datetime, until: datetime | None) -> None:
    assert status(OPEN, AT, valid_until) == Status("open", until)


@pytest.mark.parametrize("text", ["24/7", "off", "Mo-Fr 08:30-12:00"])
@pytest.mark.parametrize("after", [timedelta(0), SHORT, timedelta(days=5000)])
def test_nothing_is_told_after_the_end(text: str, after: timedelta) -> None:
    assert status(Hours.parse(text), AT + after, AT) == Status("unknown", None)


@pytest.mark.parametrize("valid_until", [None, AT - SHORT, AT + SHORT])
def test_a_place_without_hours_is_unknown(valid_until: datetime | None) -> None:
    assert status(None, AT, valid_until) == Status("unknown", None)


def test_a_place_that_never_closes_is_open_without_an_end() -> None:
    assert status(Hours.parse("24/7"), AT, None) == Status("open", None)
    assert status(Hours.parse("off"), AT, None) == Status("closed", None)
