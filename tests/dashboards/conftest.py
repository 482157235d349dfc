"""One release through the real pipeline, and pages over it."""

from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from dashboards.store import Store, open_store
from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.progress import Progress
from tests.dashboards.opened import CHANGE_OF_CLOCKS
from tests.oracle.generate import generate


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days, the first of 25 hours: communes, pooled venues, one of them sensitive, merged classes."""
    folder = tmp_path_factory.mktemp("dashboards") / "input"
    lot = generate(folder, 1500, 40_000, 2, date.fromisoformat(CHANGE_OF_CLOCKS), 4, "dense", cells=60)
    run(load(lot.config), Progress(Console(stderr=True), quiet=True))
    return folder / "release"


@pytest.fixture(scope="session")
def store(release: Path) -> Store:
    """The release, verified and loaded."""
    return open_store(release, None)


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "hexaflux" / "dashboard"
