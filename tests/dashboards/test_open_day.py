"""Pages about a day that is not over."""

from pathlib import Path

import pytest

from tests.anonymization.releases import followed_draft, publish_followed
from tests.dashboards.opened import open_page


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Saturday as a whole, and two windows of Sunday."""
    return publish_followed(tmp_path_factory.mktemp("followed") / "release", followed_draft())


@pytest.mark.parametrize("page", ["event", "dwell", "profiles", "audit"])
@pytest.mark.parametrize(
    ("language", "told"), [("en", "This day is not over."), ("fr", "Ce jour n’est pas terminé.")], ids=["en", "fr"]
)
def test_what_is_still_to_come_is_not_said_to_be_held_back(
    page: str, language: str, told: str, followed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(followed))
    text = open_page(followed, page, zone="A", day="2026-06-21", lang=language).text
    assert told in text
    assert "Not published" not in text
    assert "Non publié" not in text
    assert told not in open_page(followed, page, zone="A", day="2026-06-20", lang=language).text


def test_presence_of_an_open_day_is_shown_as_far_as_it_is_published(
    followed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(followed))
    text = open_page(followed, zone="A", day="2026-06-21", lang="en").text
    assert "Most at once 130 95% interval" in text
    assert "Came in the day" not in text
    assert "slots the zone has no figure" not in text
