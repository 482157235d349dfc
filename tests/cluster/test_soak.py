"""The soak test, in small: `make soak` kills 200 times over 10 M events."""

from pathlib import Path

import pytest

from tests.cluster.broker import Broker
from tests.cluster.soak import Plan, soak

pytestmark = pytest.mark.cluster

PLAN = Plan(kills=10, events=90_000, broker_restarts=2, days=3, seed=20260612)


def test_nothing_is_lost_or_doubled_where_followers_and_their_broker_are_killed(broker: Broker, tmp_path: Path) -> None:
    soaked = soak(tmp_path, broker, PLAN, print)
    assert soaked.wrong == []
    assert sum(soaked.killed.values()) == PLAN.kills
    assert soaked.restarts == {"SIGKILL": 1, "orderly": 1}
    assert soaked.days == PLAN.days + 1
