"""Each database that the server may have, empty."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from pipelines.server.consultations.answers import Answers
from pipelines.server.consultations.tables import TABLES
from pipelines.server.store import open_store
from tests.server.postgres import Postgres

Database = Callable[[Path], str]
_NUMBERS = count()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What `[server] database` says."""
    if request.param == "sqlite":
        return str(tmp_path / "server.db")
    found: Postgres = request.getfixturevalue("postgresql")
    return found.database(f"consultations{next(_NUMBERS)}")


@pytest.fixture
def answers(database: str, tmp_path: Path) -> Iterator[Answers]:
    """The consultations of an empty database."""
    store = open_store(database, tmp_path)
    store.create(TABLES)
    yield Answers(store)
    store.close()
