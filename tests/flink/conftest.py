"""What tests of the cluster driver share."""

from datetime import date

import pytest
from hypothesis import settings

from pipelines.flink import driver, follower, steps
from tests.flink.played import PlayedCluster
from tests.oracle.generate import Generated, generate

# A machine that is shared is slow now and then: no example fails for taking long.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")


@pytest.fixture(scope="session")
def given(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """Two days of a small town."""
    return generate(tmp_path_factory.mktemp("flink") / "town", 300, 6_000, 2, date(2026, 6, 12), 5, "mixed")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> PlayedCluster:
    """A cluster in this process, which nobody waits for."""
    found = PlayedCluster()
    monkeypatch.setattr(steps, "Cluster", lambda address: found)
    monkeypatch.setattr(driver, "POLL_SECONDS", 0.0)
    monkeypatch.setattr(follower, "LOOK_SECONDS", 0.0)
    # What comes of a day does not depend on it; the fewer strides, the faster.
    monkeypatch.setattr(follower, "STRIDE", 60)
    return found
