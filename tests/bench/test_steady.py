"""What a steady stream came to."""

import pytest

from tests.bench.steady import Load, Steady
from tests.bench.watched import Watched


def test_memory_is_compared_between_the_halves_by_mean_and_by_peak() -> None:
    seen = Watched(
        at=[0.0, 1.0, 2.0, 3.0, 4.0], counts=[0.0] * 5, resident=[90, 110, 100, 100, 121], processor=[0.0] * 5
    )
    found = Steady(1, 1, 0, 1.0, seen, (), 0.1, 0.1, 1.0)
    assert found.halves == ((90, 110), (100, 100, 121))
    assert found.moved == pytest.approx((107 / 100 - 1, 121 / 110 - 1))


def test_six_hours_of_events_are_sent_in_the_minutes_asked_for() -> None:
    load = Load(rate=200_000, minutes=10, devices=300_000)
    assert load.scale.per_device == 1_600
    assert load.scale.events * 6 // 24 == 200_000 * 600
