"""The quality report: its times are to the hour, and it does not outlive its use."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipelines.quality.heard import BIN
from pipelines.quality.report import KEPT_DAYS, Heard, quality, write_quality
from pipelines.quality.silence import Silences
from pipelines.state import Accounting, Partition

DAY = date(2026, 6, 12)
START = 1_781_233_200_000_000
"""03:00 UTC of that day."""

HOUR = 12 * BIN


def report(first: int, last: int, high: int | None = None) -> Any:
    """Of a day of 24 hours, in which one cell is silent in the bins [first, last)."""
    events = np.ones((1, 288), np.int64)
    silences = Silences(*(np.array([each]) for each in (0, first, last, last, 20.0)))
    edges = START + np.arange(289) * BIN
    heard = Heard(DAY, edges, events, events > 0, 288, Accounting(288), {"north": Partition(high)})
    return quality(heard, silences, ["A"], [])


@pytest.mark.parametrize(
    ("first", "last", "begin", "end"),
    [
        (12, 24, "04:00", "05:00"),
        (13, 24, "04:00", "05:00"),
        (23, 25, "04:00", "06:00"),
        (12, 25, "04:00", "06:00"),
        (277, 288, "02:00", "03:00"),
    ],
)
def test_what_begins_or_ends_a_silence_is_told_to_the_hour(first: int, last: int, begin: str, end: str) -> None:
    found = report(first, last)
    (silence,) = found["silences"]
    assert (silence["from"][11:16], silence["to"][11:16]) == (begin, end)
    assert found["longest_silence_minutes"] == (int(end[:2]) - int(begin[:2])) * 60


def test_the_last_event_of_a_partition_is_told_to_the_hour() -> None:
    assert report(0, 12, START + 3 * HOUR + 1_234_567)["partitions_behind"] == {"north": "2026-06-12T06:00:00Z"}
    assert report(0, 12, None)["partitions_behind"] == {"north": None}
    assert report(0, 12, START + 24 * HOUR)["partitions_behind"] == {}


def test_reports_of_more_than_a_quarter_ago_are_removed(tmp_path: Path) -> None:
    days = [DAY + timedelta(days=number) for number in range(KEPT_DAYS + 3)]
    for day in days:
        write_quality(tmp_path / "quality", day, {})
    kept = [f"date={day}.json" for day in days[3:]]
    assert sorted(path.name for path in (tmp_path / "quality").iterdir()) == kept
