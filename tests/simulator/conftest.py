"""A simulated weekend and what a run makes of it, made once for all tests."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from pipelines.configuration import load
from pipelines.embedded import Outcome, run
from pipelines.progress import Progress
from pipelines.simulator.settings import Settings
from pipelines.simulator.write import simulate

QUIET = Progress(Console(stderr=True), quiet=True)
SETTINGS = Settings(devices=2_500, seed=7)


@dataclass(frozen=True)
class Weekend:
    """A simulation, and SQL over its files: `{d}` stands for its folder."""

    directory: Path
    settings: Settings

    def __call__(self, sql: str) -> list[tuple]:
        return duckdb.sql(sql.replace("{d}", str(self.directory))).fetchall()


@pytest.fixture(scope="session")
def weekend(tmp_path_factory: pytest.TempPathFactory) -> Weekend:
    """Two days with a festival."""
    directory = tmp_path_factory.mktemp("simulator") / "weekend"
    simulate(directory, SETTINGS, QUIET)
    return Weekend(directory, SETTINGS)


@pytest.fixture(scope="session")
def outcome(weekend: Weekend) -> Outcome:
    """What a run publishes of the weekend; its release is `{d}/release`."""
    return run(load(weekend.directory / "hexaflux.toml"), QUIET)
