"""A privacy day is counted by the driver that began it."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.refusals import driven
from pipelines.state import DayState, State
from schemas.errors import UsageError

BEGUN = State("release", {}, days={"2026-06-12": DayState("closed"), "2026-06-13": DayState()})
CONFIG = Path("hexaflux.toml")


@pytest.mark.parametrize(("before", "now"), [("embedded", "flink"), ("flink", "embedded")])
def test_another_driver_is_refused_while_a_day_is_open_and_taken_once_none_is(before: str, now: str) -> None:
    state = replace(BEGUN, driver=before)
    with pytest.raises(UsageError) as refused:
        driven(state, now, CONFIG)
    assert refused.value.message.endswith(f"expected {before}, which counts privacy day 2026-06-13, got {now}")
    assert driven(state, before, CONFIG) == state
    assert driven(state.with_day("2026-06-13", DayState("closed")), now, CONFIG).driver == now


def test_another_driver_is_refused_while_files_are_still_to_be_read() -> None:
    with pytest.raises(UsageError):
        driven(State("release", {}, unread=("a#0",)), "flink", CONFIG)
