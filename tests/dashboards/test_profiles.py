from pathlib import Path

import pytest

from dashboards.classes import in_order, style_of
from dashboards.texts import value_name
from tests.anonymization.releases import draft, publish
from tests.dashboards.opened import CHANGE_OF_CLOCKS, asked, open_page, plain

DAY = CHANGE_OF_CLOCKS


@pytest.mark.parametrize(("indicator", "attribute"), [("attendance_by_age", "age_band"), ("attendance_by_spc", "spc")])
def test_the_page_states_every_class_of_a_zone_as_released(
    release: Path, monkeypatch: pytest.MonkeyPatch, indicator: str, attribute: str
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    text = open_page(release, "profiles", zone="21171", day=DAY, lang="fr").text
    rows = asked(
        release,
        f"""SELECT {attribute}, people, people_low, people_high, sum(people) OVER () FROM {{{indicator}}}
            WHERE date = '{DAY}' AND zone_id = '21171'""",
    )
    assert len(rows) > 3
    for value, people, low, high, whole in rows:
        share = f"{100 * people / whole:.0f} %"
        written = f"{plain(people)} ({plain(low)} à {plain(high)}) · {share}"
        assert f"{value_name(attribute, value, 'fr')} {written}" in text.replace("   ", " ").replace("  ", " ")


@pytest.mark.parametrize("page", ["event", "profiles", "dwell"])
def test_every_page_with_intervals_says_what_they_do_not_cover(
    release: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    english, french = (open_page(release, page, zone="21171", day=DAY, lang=language).text for language in ("en", "fr"))
    assert english.count("does not cover a wrong market share, nor a bias of the positions") == 1
    assert french.count("ne couvre ni une part de marché fausse, ni un biais des positions") == 1


def test_merged_classes_name_all_that_they_merge() -> None:
    assert value_name("age_band", "55-64|65+|unknown", "en") == "55 to 64 + 65 and over + not known"
    assert value_name("age_band", "55-64|65+", "fr") == "55 à 64 ans + 65 ans et plus"
    assert value_name("spc", "3", "fr") == "Cadres et professions intellectuelles supérieures"
    assert [style_of(value) for value in ("18-24", "55-64|65+", "unknown", "foreign")] == [
        "plain",
        "merged",
        "apart",
        "apart",
    ]


def test_classes_stand_in_their_public_order_and_what_is_apart_comes_last(release: Path) -> None:
    import pandas as pd

    rows = pd.DataFrame({"value": ["foreign", "unknown", "25-34", "<18|18-24", "65+"]})
    assert list(in_order("age_band", rows)["value"]) == ["<18|18-24", "25-34", "65+", "unknown", "foreign"]


def test_a_part_that_was_not_split_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(publish(tmp_path / "release", draft())))
    text = open_page(tmp_path, "profiles", zone="C", day="2026-06-20", lang="en").text
    assert "Not split. One class would hold almost everybody" in text.replace("**", "")


def test_a_pool_with_a_sensitive_place_is_not_split_and_says_why(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    for page in ("profiles", "dwell"):
        text = open_page(release, page, zone="stadium", day=DAY, lang="en").text
        assert "The figure counts a sensitive place too" in text
        assert "fewer than" not in text


def test_a_zone_without_a_figure_is_said_to_be_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = draft()
    for tables in content.tables.values():
        tables["attendance"] = tables["attendance"].slice(0, 2)
        del tables["attendance_by_spc"], tables["dwell"]
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(publish(tmp_path / "release", content)))
    for page in ("event", "profiles", "dwell"):
        text = open_page(tmp_path, page, zone="C", day="2026-06-20", lang="en").text
        assert "fewer than 20 holders of a line were counted here" in text
        assert "It is not zero." in text
        assert "interval" not in text or page == "event"
