"""Follow mode on the nights when the clock changes: privacy days of 25 and of 23 hours."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.configuration import load
from pipelines.embedded import run
from schemas.indicators import INDICATORS
from tests.follow.delivered import QUIET, deliver, follower, in_delay, place, town


@pytest.mark.slow
@pytest.mark.parametrize(("day", "hours"), [(date(2026, 10, 24), 25), (date(2026, 3, 28), 23)])
def test_a_day_on_which_the_clock_changes_is_followed_as_it_is_run(tmp_path: Path, day: date, hours: int) -> None:
    given = town(tmp_path / "town", day, events=24_000)
    whole, to = (place(tmp_path / name, given) for name in ("whole", "followed"))
    deliver(whole, given.events, "all")
    run(load(whole.config), QUIET)
    found = follower(to)
    deliveries = in_delay(given.events, 25)
    # Twice as long a delivery halves the rounds: the last ones of the next day are not needed.
    for number, some in enumerate(deliveries[:60]):
        deliver(to, some, f"{number:04d}")
        if number % 2:
            found.round()
    for name in INDICATORS:
        assert to.rows(name, day).equals(whole.rows(name, day)), name
    slots = to.rows("presence", day)["window_start"].unique().to_pylist()
    assert len(slots) > 4 * (hours - 6)
    assert max(slots) - min(slots) > (hours - 4) * (slots[1] - slots[0]) * 4
