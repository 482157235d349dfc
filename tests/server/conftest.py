"""A server in this process, over the feeds of a small town."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.server import made


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration of the town, its feeds built."""
    return made.configuration(tmp_path)


@pytest.fixture
def ask(config: Path) -> Iterator[TestClient]:
    """What asks a server of the town."""
    with made.client(config) as client:
        yield client
