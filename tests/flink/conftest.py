"""What tests of the cluster driver share."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.flink import driver, follower, share, steps
from pipelines.follow import command
from tests.flink.following import PARTITIONS, Scene
from tests.flink.played import PlayedCluster
from tests.flink.shelf import Shelf, in_messages
from tests.follow import delivered
from tests.follow.delivered import QUIET, Place, deliver
from tests.oracle.generate import Generated, generate


@pytest.fixture(scope="session")
def given(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """Two days of a small town."""
    return generate(tmp_path_factory.mktemp("flink") / "town", 300, 6_000, 2, date(2026, 6, 12), 5, "mixed")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> PlayedCluster:
    """A cluster in this process, which nobody waits for."""
    return played(monkeypatch)


def played(where: pytest.MonkeyPatch) -> PlayedCluster:
    found = PlayedCluster()
    where.setattr(steps, "Cluster", lambda address: found)
    where.setattr(driver, "POLL_SECONDS", 0.0)
    where.setattr(follower, "LOOK_SECONDS", 0.0)
    # What comes of a day does not depend on it; the fewer strides, the faster.
    where.setattr(follower, "STRIDE", 60)
    return found


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A topic in this process, whose readers are woken by the test, as often as it wakes them."""
    return shelved(monkeypatch)


def shelved(where: pytest.MonkeyPatch) -> Shelf:
    found = Shelf()
    where.setattr(share, "Topic", found.topic)
    where.setattr(command, "Topic", found.topic)
    where.setattr(share, "AGAIN_SECONDS", 0.0)
    where.setattr(share, "EVERY_SECONDS", 0.0)
    return found


@pytest.fixture(scope="session")
def messages(given: Generated) -> dict[int, list[bytes]]:
    """The events of the town, up to twenty minutes late, in messages of three partitions."""
    return in_messages(given.events, PARTITIONS)


@pytest.fixture(scope="session")
def whole(given: Generated, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A run over all events."""
    found = delivered.place(tmp_path_factory.mktemp("whole") / "place", given, "[engine]\nshards = 2\n")
    deliver(found, given.events, "all")
    run(load(found.config), QUIET)
    return found


@pytest.fixture
def scene(
    given: Generated,
    messages: dict[int, list[bytes]],
    whole: Place,
    shelf: Shelf,
    cluster: PlayedCluster,
    tmp_path: Path,
) -> Scene:
    """All of these."""
    return Scene(given, messages, whole, shelf, cluster, tmp_path)
