"""One release through the real pipeline, and pages over it."""

from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from dashboards.store import Store, open_store
from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.progress import Progress
from tests.dashboards.festival import publish_festival
from tests.dashboards.opened import CHANGE_OF_CLOCKS
from tests.oracle.generate import generate


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days, the first of 25 hours: communes, pooled venues, one of them sensitive."""
    return published(tmp_path_factory.mktemp("dashboards") / "input", 4000, 80_000, 2)


@pytest.fixture(scope="session")
def thin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day of few devices: merged classes, and communes that are pooled in many slots."""
    return published(tmp_path_factory.mktemp("thin") / "input", 250, 5000, 1)


def published(folder: Path, devices: int, events: int, days: int) -> Path:
    """A release of some days from the change of clocks on."""
    lot = generate(folder, devices, events, days, date.fromisoformat(CHANGE_OF_CLOCKS), 4, "dense", cells=60)
    run(load(lot.config), Progress(Console(stderr=True), quiet=True))
    return folder / "release"


@pytest.fixture(scope="session")
def festival(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Events by hand: a festival of two days, its last edition and usual days."""
    return publish_festival(tmp_path_factory.mktemp("festival") / "release")


@pytest.fixture(scope="session")
def store(release: Path) -> Store:
    """The release, verified and loaded."""
    return open_store(release, None)


@pytest.fixture(scope="session")
def fair(festival: Path) -> Store:
    """The festival, verified and loaded."""
    return open_store(festival, None)


@pytest.fixture(scope="session")
def thin_store(thin: Path) -> Store:
    """The thin day, verified and loaded."""
    return open_store(thin, None)


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "hexaflux" / "dashboard"
