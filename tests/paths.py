"""Where things stand that are not part of the repository."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def shared_data() -> Path:
    """The folder of reference data beside the repository; without it the test is skipped."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the reference data is not here: it is expected in ../shared/data, beside the repository")
    return folder


def shared_conformance() -> Path:
    """The folder of official schemas and examples beside the repository; without it the test is skipped."""
    folder = ROOT.parent / "shared" / "conformance"
    if not folder.is_dir():
        pytest.skip("the official schemas are not here: beside the repository they are in ../shared/conformance")
    return folder
