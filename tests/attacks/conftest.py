"""A small simulated town, published and ready to be attacked."""

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from pipelines.attacks.sources import read_target
from pipelines.attacks.target import Target
from pipelines.configuration import load
from pipelines.embedded import run
from tests.attacks.towns import QUIET, Town, build

SMALL = Town("small", 1_200, days=2, start=date(2026, 6, 20))


@pytest.fixture(scope="session")
def small_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the town, with its release."""
    folder = tmp_path_factory.mktemp("small") / "town"
    run(load(build(folder, SMALL)), QUIET)
    return folder


@pytest.fixture(scope="session")
def read_once(small_town: Path, tmp_path_factory: pytest.TempPathFactory) -> Target:
    scratch = tmp_path_factory.mktemp("scratch")
    return read_target(small_town / "release", small_town / "truth", None, scratch, QUIET)


@pytest.fixture
def small_target(read_once: Target, tmp_path: Path) -> Target:
    """The town, and an empty folder of each test's own for what it writes."""
    return dataclasses.replace(read_once, scratch=tmp_path)
