"""Fixtures of the command-line tests."""

import shutil
from pathlib import Path

import pytest
from rich.console import Console

from pipelines import demo
from pipelines.progress import Progress
from pipelines.simulator.settings import Settings
from schemas.configuration import Configuration
from tests.cli.command import Call, Ran, call, good_input

Town = tuple[Configuration, demo.Told]


@pytest.fixture(scope="session")
def input_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One good input folder, made once."""
    return good_input(tmp_path_factory.mktemp("input") / "good").directory


@pytest.fixture
def folder(input_template: Path, tmp_path: Path) -> Path:
    """A good input folder of the test's own."""
    return Path(shutil.copytree(input_template, tmp_path / "input"))


@pytest.fixture
def hexaflux(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """`hexaflux ...` in this process."""

    def run(*arguments: object) -> Ran:
        return call(monkeypatch, capfd, *arguments)

    return run


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A small town that the demo simulated and published, and what it tells of it."""
    quiet = Progress(Console(stderr=True), quiet=True)
    configuration = demo.prepare(tmp_path_factory.mktemp("town") / "demo", Settings(3000, 1), quiet)
    return configuration, demo.publish(configuration, quiet)


@pytest.fixture
def release(town: Town) -> Path:
    """The release of that town, for looking at only."""
    return town[0].release.directory
