"""Pages about figures during which a mast was silent."""

import shutil
from pathlib import Path

import pytest

from anonymization.degraded import Degraded, stated
from tests.anonymization import releases as r
from tests.anonymization.releases import followed_draft, publish_followed, rewrite
from tests.anonymization.test_degraded import FIRST, QUARTER_TO, A
from tests.dashboards.opened import open_page

SILENT = {
    "en": "A cell was silent or out between 10:30 and 11:00: people may be missing",
    "fr": "Une cellule est restée muette ou en panne entre 10 h 30 et 11 h : des personnes peuvent manquer",
}
OF_DAY = {
    "en": "A cell was silent or out for a part of this day: people may be missing",
    "fr": "Une cellule est restée muette ou en panne une partie de ce jour : des personnes peuvent manquer",
}
SUNDAY = "2026-06-21"


@pytest.fixture(scope="module")
def flagged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Presence of A is flagged on Saturday from 10:30 on, that of B in its first slot; attendance of A for the day."""
    folder = tmp_path_factory.mktemp("flagged")
    whole = publish_followed(folder / "whole", followed_draft())
    attended = Degraded("attendance", r._instant(r.SATURDAY, "05:00"), (A,))
    flags = stated([FIRST, Degraded("presence", QUARTER_TO, (A,)), attended])
    release = shutil.copytree(whole, folder / "release")
    rewrite(
        release, lambda bodies: [{**body, "degraded": flags} if at == 2 else body for at, body in enumerate(bodies)]
    )
    return release


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("page", ["event", "dwell", "profiles"])
def test_a_page_warns_of_figures_during_which_a_cell_was_silent(
    page: str, language: str, flagged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(flagged))
    text = open_page(flagged, page, zone="A", day="2026-06-20", lang=language).text
    assert SILENT[language] in text
    assert OF_DAY[language] in text


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "A cell was silent or out (20 June 2026, 10:30 to 11:00): trips that begin or end then may be missing"),
        (
            "fr",
            "Une cellule est restée muette ou en panne (20 juin 2026, de 10 h 30 à 11 h)",
        ),
    ],
)
def test_flows_warn_of_trips_and_not_of_presence(
    language: str, told: str, flagged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(flagged))
    text = open_page(flagged, "flows", zone="A", day="2026-06-20", lang=language).text
    assert told in text
    assert SILENT[language] not in text
    assert OF_DAY[language] not in text


def test_a_mean_day_warns_of_the_days_that_it_is_the_mean_of(flagged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(flagged))
    for of, warned in (("saturday", True), ("day", False)):
        text = open_page(flagged, "flows", zone="A", day=SUNDAY, lang="en", of=of).text
        assert ("20 June 2026, 10:30 to 11:00" in text) == warned


@pytest.mark.parametrize(
    ("zone", "day", "told"),
    [("B", "2026-06-20", "between 10:30 and 10:45"), ("C", "2026-06-20", None), ("A", SUNDAY, None)],
)
def test_it_warns_of_the_slots_and_zones_that_are_flagged_and_of_no_other(
    zone: str, day: str, told: str | None, flagged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(flagged))
    text = open_page(flagged, zone=zone, day=day, lang="en").text
    assert ("A cell was silent or out" in text) == (told is not None)
    assert told is None or told in text
    assert "for a part of this day" not in text
