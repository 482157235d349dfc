"""A server in this process, over the feeds of a small town."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.programs import MissingProgram
from tests.server import made
from tests.server.postgres import Postgres, postgres


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration of the town, its feeds built."""
    return made.configuration(tmp_path)


@pytest.fixture
def ask(config: Path) -> Iterator[TestClient]:
    """What asks a server of the town."""
    with made.client(config) as client:
        yield client


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgres]:
    """A PostgreSQL that runs; skipped, and why is said, only where its programs cannot be had."""
    try:
        with postgres() as found:
            yield found
    except MissingProgram as error:
        pytest.skip(str(error))
