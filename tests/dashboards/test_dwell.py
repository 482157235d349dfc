from pathlib import Path

import pandas as pd
import pytest

from dashboards.classes import from_band_on
from dashboards.texts import value_name
from tests.dashboards.opened import CHANGE_OF_CLOCKS, asked, open_page, plain

DAY = CHANGE_OF_CLOCKS


def shares(release: Path, zone: str, *bands: str) -> tuple[float, float, float]:
    """People in classes that hold only these bands, in those that hold any of them, and in all."""
    listed = ", ".join(f"'{band}'" for band in bands)
    (row,) = asked(
        release,
        f"""SELECT sum(people) FILTER (list_has_all([{listed}], string_split(dwell_band, '|'))),
                sum(people) FILTER (list_has_any([{listed}], string_split(dwell_band, '|'))),
                sum(people)
            FROM {{dwell}} WHERE date = '{DAY}' AND zone_id = '{zone}'""",
    )
    return row[0] or 0, row[1] or 0, row[2]


def test_the_page_states_every_band_as_released(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    text = open_page(release, "dwell", zone="21617", day=DAY, lang="fr").text
    rows = asked(
        release,
        f"SELECT dwell_band, people, people_low, people_high FROM {{dwell}} WHERE date = '{DAY}' AND zone_id = '21617'",
    )
    assert len(rows) > 3
    for band, people, low, high in rows:
        assert f"{value_name('dwell_band', band, 'fr')} {plain(people)} ({plain(low)} à {plain(high)})" in text


def test_the_share_above_two_hours_is_the_sum_of_published_bands(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    least, most, whole = shares(release, "21617", "2-4 h", "4-8 h", ">=8 h")
    assert least == most
    text = open_page(release, "dwell", zone="21617", day=DAY, lang="en").text
    assert f"Stayed 2 h or more {100 * least / whole:.0f}% {least:,.0f} people" in text


def test_a_merged_band_on_both_sides_leaves_the_share_open(thin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(thin))
    least, most, whole = shares(thin, "242100410", "2-4 h", "4-8 h", ">=8 h")
    assert least < most
    text = open_page(thin, "dwell", zone="242100410", day=DAY, lang="en").text
    assert f"Stayed 2 h or more {100 * least / whole:.0f}% to {100 * most / whole:.0f}%" in text
    assert "a merged band lies on both sides" in text


@pytest.mark.parametrize(
    ("band", "found"), [("1-2 h", (30.0, 30.0, 60.0)), ("2-4 h", (20.0, 30.0, 60.0)), (">=8 h", (0.0, 20.0, 60.0))]
)
def test_people_from_a_band_on_are_counted_at_least_and_at_most(band: str, found: tuple[float, float, float]) -> None:
    rows = pd.DataFrame({"value": ["<30 min|30-60 min", "1-2 h|2-4 h", "4-8 h|>=8 h"], "people": [30.0, 10.0, 20.0]})
    assert from_band_on(rows, band) == found
