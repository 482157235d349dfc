"""What tests of the cluster tier share."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipelines.configuration import load
from pipelines.embedded import run
from tests.cluster.broker import Broker
from tests.follow.delivered import QUIET, Place, place, times, town
from tests.oracle.generate import Generated


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that runs; a test that ends it starts it again."""
    with Broker(tmp_path_factory.mktemp("broker")) as started:
        yield started


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """Two days of a town."""
    return town(tmp_path_factory.mktemp("given") / "town", events=40_000)


@pytest.fixture(scope="module")
def events(given: Generated, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The events whose time can be read, since a feed sends events in the order of their time."""
    folder = tmp_path_factory.mktemp("events")
    known = given.events.filter(pa.array(times(given.events) > 0))
    pq.write_table(known.take(pc.sort_indices(known["event_time"])), folder / "all.parquet")
    return folder


@pytest.fixture(scope="module")
def whole(given: Generated, events: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A run of the embedded driver over the same events."""
    found = place(tmp_path_factory.mktemp("whole") / "place", given)
    (found.inbox / "all.parquet").write_bytes((events / "all.parquet").read_bytes())
    run(load(found.config), QUIET)
    return found
