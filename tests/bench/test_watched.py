"""A process that is watched."""

import os

import pytest

from tests.bench.watched import Watched, processor, resident, sparkline


def test_a_line_is_drawn_from_zero_to_the_greatest_value() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([100, 100]) == "██"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([]) == ""


def test_a_long_line_shows_the_peak_of_each_piece() -> None:
    assert sparkline([0, 7, 0, 0, 0, 0], width=3) == "█▁▁"


def test_a_process_is_seen_with_its_memory_and_its_processors() -> None:
    seen = Watched()
    seen.look(os.getpid(), lambda: 1.0)
    while processor(os.getpid()) - seen.processor[0] < 0.05:
        sum(range(10_000))
    seen.look(os.getpid(), lambda: 2.0)
    assert seen.counts == [1.0, 2.0]
    assert seen.resident[0] == pytest.approx(resident(os.getpid()), rel=0.5)
    assert 0.0 < seen.cores < 8.0
    assert seen.between(seen.at[1], seen.at[1]).counts == [2.0]


def test_the_rate_is_that_of_the_line_along_the_steps() -> None:
    at = [float(second) for second in range(100)]
    seen = Watched(at=at, counts=[1_000.0 * (second // 10) * 10 for second in at])
    assert seen.rate == pytest.approx(1_000, rel=0.01)
