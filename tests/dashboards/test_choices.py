"""What the reader chose holds on all pages; what a page begins with follows the event, and does not become a choice."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboards.store import Store
from tests.dashboards.festival import EDITION, FESTIVAL, FIRST, LAST_EDITION, NAME, SECOND
from tests.dashboards.opened import Opened, open_page

PAGES = ("overview", "profiles", "dwell", "map", "flows")


@pytest.fixture(autouse=True)
def shown(festival: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))


def go(app: AppTest, path: str) -> AppTest:
    """Another page of the same session, by the bar: nothing stands in its address yet."""
    app.query_params.clear()
    app._page_hash = calc_hash(path)
    app.run()
    assert not app.exception, app.exception
    return app


def said(app: AppTest, name: str) -> str:
    """What the address says of a choice."""
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_begins_with_the_zone_and_day_of_the_event_that_the_address_names(festival: Path, page: str) -> None:
    app = open_page(festival, page, event=EDITION.name).app
    assert (said(app, "zone"), said(app, "day")) == (EDITION.zone_id, LAST_EDITION.isoformat())
    assert app.selectbox(key="zone").value == EDITION.zone_id


def test_a_page_begins_with_the_last_day_where_no_event_is_named(fair: Store, festival: Path) -> None:
    app = open_page(festival, "profiles").app
    assert said(app, "day") == max(day.date for day in fair.release.days).isoformat()
    assert said(app, "day") not in (FIRST.isoformat(), LAST_EDITION.isoformat())


def test_pages_follow_the_event_though_another_zone_and_day_were_shown_before_it(festival: Path) -> None:
    app = open_page(festival, "overview", zone="V", day=SECOND.isoformat()).app
    assert said(app, "zone") == "V"
    go(app, "event").selectbox(key="event").select(NAME).run()
    for page in PAGES:
        go(app, page)
        assert (said(app, "zone"), said(app, "day")) == (FESTIVAL.zone_id, FIRST.isoformat()), page


def test_another_zone_or_day_of_the_address_goes_before_those_of_the_event(festival: Path) -> None:
    app = open_page(festival, "profiles", event=NAME, zone="V", day=SECOND.isoformat()).app
    assert (said(app, "zone"), said(app, "day")) == ("V", SECOND.isoformat())


def test_a_page_that_cannot_compare_with_the_last_edition_leaves_that_choice_as_it_was(festival: Path) -> None:
    app = open_page(festival, event=NAME, base="edition").app
    go(app, "profiles")
    assert app.selectbox(key="base_weekday").value == "weekday"
    assert said(app, "base") == "edition"
    go(app, "event")
    assert app.selectbox(key="base").value == "edition"
    assert "at the last edition" in Opened(app).text or "à la dernière édition" in Opened(app).text


def test_what_a_page_compares_with_by_itself_is_no_choice_for_the_next(festival: Path) -> None:
    app = open_page(festival, "profiles", event=NAME).app
    assert app.selectbox(key="base_weekday").value == "weekday"
    go(app, "event").selectbox(key="event").select(NAME).run()
    assert app.selectbox(key="base_edition").value == "edition"


@pytest.mark.parametrize("first", ["", "edition"])
def test_what_the_reader_compares_with_holds_on_all_pages(festival: Path, first: str) -> None:
    app = open_page(festival, "profiles", event=NAME, **({"base": first} if first else {})).app
    app.selectbox(key="base_weekday").select("none").run()
    assert said(app, "base") == "none"
    for page in ("event", "profiles"):
        assert go(app, page).selectbox(key="base").value == "none"
    app.selectbox(key="base").select("weekday").run()
    assert go(app, "event").selectbox(key="base").value == "weekday"


def test_a_comparison_that_there_is_not_does_not_stay_in_the_address(festival: Path) -> None:
    app = open_page(festival, "profiles", event=NAME, base="'; DROP TABLE presence; --").app
    assert "base" not in app.query_params


def test_another_zone_and_day_than_those_of_an_event_stay_on_the_page_of_events(festival: Path) -> None:
    chosen = {"event": "-", "zone": "V", "day": SECOND.isoformat()}
    app = open_page(festival, "flows", **chosen).app
    for page in ("profiles", "method", "event", "overview"):
        go(app, page)
        assert {name: said(app, name) for name in chosen} == chosen, page


@pytest.mark.parametrize(("name", "picked"), [("zone", "V"), ("day", SECOND.isoformat())])
def test_who_picks_a_zone_or_day_by_hand_leaves_the_event(festival: Path, name: str, picked: str) -> None:
    app = open_page(festival, "profiles", event=NAME).app
    assert said(app, "event") == NAME
    app.selectbox(key=name).select(picked).run()
    assert said(app, "event") == "-"
    go(app, "event")
    assert (said(app, "event"), said(app, name)) == ("-", picked)


def test_only_a_mean_day_of_flows_has_nothing_to_be_compared_with(festival: Path) -> None:
    shown = [
        [box.label for box in open_page(festival, "flows", event=NAME, lang="en", **days).app.selectbox]
        for days in ({}, {"of": "saturday"})
    ]
    assert ["Compared with" in labels for labels in shown] == [True, False]
