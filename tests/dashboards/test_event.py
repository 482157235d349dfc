from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dashboards import queries, slots
from dashboards.store import Store
from tests.dashboards.opened import CHANGE_OF_CLOCKS, asked, open_page, plain, within, zone_features

DAY = CHANGE_OF_CLOCKS
PARIS = ZoneInfo("Europe/Paris")


def presence(release: Path, zone_id: str, day: str) -> list[tuple]:
    """By slot: people and devices in parts that name only the zone and those inside it."""
    names = ", ".join(f"'{each}'" for each in within(release, zone_id))
    return asked(
        release,
        f"""SELECT window_start, sum(people), sum(devices) FROM {{presence}}
            WHERE date = '{day}' AND list_has_all([{names}], string_split(zone_id, '|'))
            GROUP BY window_start ORDER BY window_start""",
    )


def test_presence_of_every_zone_and_day_is_that_of_the_released_files(release: Path, store: Store) -> None:
    compared = 0
    for zone in store.zones:
        for day in store.release.days:
            rows = store.ask(queries.PRESENCE, zone=zone, day=day.date.isoformat())
            rows = rows[rows["inside"]]
            expected = presence(release, zone, day.date.isoformat())
            assert list(rows["window_start"]) == [pd.Timestamp(row[0]) for row in expected]
            assert list(rows["people"]) == [row[1] for row in expected]
            assert list(rows["devices"]) == [row[2] for row in expected]
            compared += len(expected)
    assert compared > 1000


def test_the_page_states_attendance_and_its_interval_as_released(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    ((people, low, high),) = asked(
        release,
        f"""SELECT people, people_low, people_high FROM {{attendance}}
            WHERE date = '{DAY}' AND zone_id = '21231'""",
    )
    text = open_page(release, zone="21231", day=DAY, lang="fr").text
    assert f"Venues dans la journée {plain(people)} intervalle à 95 % : {plain(low)} à {plain(high)}" in text
    assert "Chaque chiffre porte sur au moins 20 cartes SIM" in text


def test_the_page_states_the_peak_as_released(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    start, people, _ = max(presence(release, "21231", DAY), key=lambda row: (row[1], -row[0].timestamp()))
    local = start.astimezone(PARIS)
    text = open_page(release, zone="21231", day=DAY, lang="en").text
    assert f"Most at once {people:,.0f} " in text
    assert f"from {local:%H:%M} to" in text


def test_zones_that_were_pooled_are_said_to_be_counted_together(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    text = open_page(release, zone="stadium", day=DAY, lang="en").text
    assert "Counted together:" in text
    assert "Presence is published here only together with neighbours" in text
    assert " 0 people" not in text


def test_a_sensitive_place_has_a_day_total_and_nothing_finer(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    opened = open_page(release, zone="hospital", day=DAY, lang="en")
    assert "Sensitive place." in opened.text
    assert "Came in the day" in opened.text
    assert not opened.pictures
    assert not opened.app.select_slider


def test_slots_without_a_figure_are_gaps_and_never_zero(thin_store: Store) -> None:
    day = thin_store.release.days[0]
    found = slots.by_slot(day, thin_store.ask(queries.PRESENCE, zone="21617", day=DAY))
    missing = found["people"].isna()
    assert 0 < missing.sum() < len(found)
    assert (found["people"].dropna() > 0).all()
    assert found["shared_people"][missing].notna().all()


def test_a_day_of_25_hours_has_100_slots_with_names_of_their_own(store: Store) -> None:
    moments = slots.starts(store.release.days[0])
    names = slots.names(moments)
    assert len(names) == len(set(names)) == 100
    assert [name for name in names if name.startswith("02:00")] == ["02:00", "02:00b"]
    assert moments[0] == datetime(2026, 10, 24, 5, tzinfo=PARIS)


def test_the_address_holds_every_choice_and_what_is_no_choice_is_replaced(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    opened = open_page(release, zone="'; DROP TABLE presence; --", day="1999-01-01", t="99:99", lang="xx")
    app = opened.app
    chosen = {name: app.query_params[name] for name in ("zone", "day", "t", "lang")}
    assert chosen["zone"] in {zone["zone_id"] for zone in zone_features(release)}
    assert chosen["day"] == "2026-10-25"
    app.selectbox(key="zone").select("21166").run()
    app.selectbox(key="lang").select("en").run()
    app.select_slider(key="t").set_value("18:30").run()
    assert not app.exception
    again = open_page(release, **{name: str(app.query_params[name]) for name in chosen})
    assert again.app.query_params["zone"] == "21166"
    assert again.text == type(opened)(app).text
    assert "Where were they at 18:30?" in again.text


def test_a_test_release_has_a_banner(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    assert "Publication d’essai." in open_page(release, lang="fr").text
