from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.population.town import Town, release, serve


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release(tmp_path_factory.mktemp("population") / "release")


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Town]:
    served = serve(tmp_path_factory.mktemp("served"), root)
    yield served
    served.store.close()
