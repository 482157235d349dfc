"""Fixtures of the command-line tests."""

import shutil
from pathlib import Path

import pytest

from tests.cli.command import Call, Ran, call, good_input


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
