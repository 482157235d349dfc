"""Releases to export: one by hand with every indicator, one through the real pipeline."""

from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from anonymization.released import Release, open_release
from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.progress import Progress
from tests.anonymization.releases import publish, whole_draft
from tests.exports.handmade import release
from tests.oracle.generate import generate


@pytest.fixture(scope="session")
def handmade(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Rows of nearly every indicator; it would not pass an audit."""
    return release(tmp_path_factory.mktemp("exports") / "handmade")


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release with every indicator, verified: it passes its audit."""
    return open_release(publish(tmp_path_factory.mktemp("exports") / "whole", whole_draft()))


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A test release of two days, the first of 25 hours."""
    folder = tmp_path_factory.mktemp("exports") / "input"
    lot = generate(folder, 1500, 40_000, 2, date(2026, 10, 24), 4, "dense", cells=60)
    run(load(lot.config), Progress(Console(stderr=True), quiet=True))
    return folder / "release"
