"""Exports of a release whose last day is not over."""

from pathlib import Path

import pytest

from pipelines.exports.command import export
from pipelines.exports.formats import FORMATS
from tests.anonymization.releases import SUNDAY, followed_draft, publish_followed
from tests.exports.opened import of_csv, of_release


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Saturday as a whole, and two windows of Sunday."""
    return publish_followed(tmp_path_factory.mktemp("followed") / "release", followed_draft())


@pytest.mark.parametrize("format", [name for name in FORMATS if name not in ("omx", "comptage-mobilites")])
def test_the_readme_names_the_day_that_is_not_over(format: str, followed: Path, tmp_path: Path) -> None:
    export(followed, format, tmp_path / "out")
    lines = (tmp_path / "out" / "README.txt").read_text(encoding="utf-8").splitlines()
    (told,) = [line for line in lines if "not over, with presence so far" in line]
    assert told.endswith(": 2026-06-21")
    assert "privacy days / journées: 2026-06-20, 2026-06-21" in lines


def test_presence_so_far_is_exported_with_the_rest(followed: Path, tmp_path: Path) -> None:
    export(followed, "csv", tmp_path / "out")
    assert of_csv(tmp_path / "out") == of_release(followed)
    assert f"{SUNDAY}T08:45:00Z" in (tmp_path / "out" / "presence.csv").read_text(encoding="utf-8")


def test_a_flux_vision_delivery_masks_nothing_of_a_day_that_is_not_over(followed: Path, tmp_path: Path) -> None:
    export(followed, "fluxvision", tmp_path / "out")
    lines = (tmp_path / "out" / "presence30min.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    # The privacy day of Saturday ends at 05:00 on Sunday.
    assert {line[:10] for line in lines} == {"2026-06-20", "2026-06-21"}
    assert max(line[:16] for line in lines) == "2026-06-21;04:30"
    assert "Days that are not over are left out" in (tmp_path / "out" / "README.txt").read_text(encoding="utf-8")
