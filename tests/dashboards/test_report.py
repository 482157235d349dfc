"""The two pages that are handed over: what stands in them, and what never may."""

import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dashboards import choices
from dashboards.exports.taken import Origin
from dashboards.happening import summary
from dashboards.happening.course import course_of
from dashboards.report import document
from dashboards.report.inline import inline
from dashboards.store import Store
from dashboards.texts import Language
from dashboards.view import View
from tests.dashboards.festival import FESTIVAL, FIRST, NAME, SECOND
from tests.dashboards.opened import asked, open_page

ADDRESS = "http://localhost:8501/event?event=F%C3%AAte&lang=fr&x=<b>"


def report(store: Store, language: Language = "en", name: str = NAME, zone: str = "") -> str:
    event = None if zone else next(each for each in store.events if each.name == name)
    day = store.day_of(FESTIVAL.start if event is None else event.start)
    chosen = store.zones[zone or event.zone_id]
    kinds = choices.baselines(store, chosen, day, event)
    view = View(store, language, chosen, day, event, next(iter(kinds.values()), None))
    course = course_of(view)
    origin = Origin(
        store.release.release_id, store.release.head, ADDRESS, "a period", 20, "holders", store.release.test
    )
    return document.write(view, course, summary.days(view, course), origin).decode()


@pytest.fixture(scope="module")
def english(fair: Store) -> str:
    return report(fair)


def words(page: str) -> str:
    text = re.sub(r"<style>.*?</style>|<svg.*?</svg>|<[^>]*>", " ", page, flags=re.DOTALL)
    return re.sub(r"[ \u00a0\u202f\n]+", " ", unescape(text))


def test_a_report_is_two_sheets_without_script_or_outside_address(english: str) -> None:
    assert english.count('<main class="sheet">') == 2
    assert "<script" not in english
    assert "default-src 'none'" in english
    outside = re.findall(r'(?:src|href|action)="([^"]*)"|url\(([^)]*)\)|@import', english)
    assert all("".join(found).startswith("#") for found in outside)


def test_names_and_the_address_are_text_and_never_html(english: str) -> None:
    assert NAME in unescape(english)
    assert "<script>alert" not in english
    assert "Dijon <b>&" not in english
    assert "x=<b>" not in english
    assert "x=&lt;b&gt;" in english


def test_a_report_states_the_figures_of_the_release_with_their_intervals(festival: Path, english: str) -> None:
    text = words(english)
    ((people, low, high),) = asked(
        festival,
        f"""SELECT people, people_low, people_high FROM {{presence}}
            WHERE zone_id = '21231' AND window_start >= '{FESTIVAL.start.isoformat()}'
                AND window_start < '{FESTIVAL.end.isoformat()}'
            ORDER BY people DESC, window_start LIMIT 1""",
    )
    assert f"At most {people:,.0f} people ({low:,.0f} to {high:,.0f}) were there at once" in text
    days = asked(
        festival,
        f"""SELECT people, people_low, people_high FROM {{attendance}}
            WHERE zone_id = '21231' AND date IN ('{FIRST}', '{SECOND}') ORDER BY date""",
    )
    for people, low, high in days:
        assert f"{people:,.0f} different people ({low:,.0f} to {high:,.0f}) came for at least 15 minutes" in text
    people, low, high = (sum(column) for column in zip(*days, strict=True))
    assert f"{people:,.0f} person-days ({low:,.0f} to {high:,.0f}) over 2 days" in text
    assert f"{people:,.0f} people" not in text


def test_a_report_states_the_classes_and_origins_of_the_day_on_which_the_most_came(
    festival: Path, english: str
) -> None:
    text = words(english)
    found = asked(
        festival,
        f"""SELECT people, people_low, people_high FROM {{dwell}} WHERE zone_id = '21231' AND date = '{FIRST}'
            UNION ALL
            SELECT people, people_low, people_high FROM {{attendance_by_spc}}
            WHERE zone_id = '21231' AND date = '{FIRST}'""",
    )
    assert len(found) == 5
    assert all(f"{people:,.0f} ({low:,.0f} to {high:,.0f})" in text for people, low, high in found)
    origins = asked(
        festival, f"SELECT people FROM {{attendance_by_origin}} WHERE zone_id = '21231' AND date = '{FIRST}'"
    )
    assert all(f" {people:,.0f} " in text for (people,) in origins)


def test_a_report_says_what_is_hidden_how_it_is_verified_and_where_it_is_from(fair: Store, english: str) -> None:
    text = words(english)
    assert "100% are in such joint areas" in text
    assert "In 2 of 132 slots the zone has no figure of its own" in text
    assert "hexaflux audit release" in text
    assert fair.release.head in text
    assert f"release {fair.release.release_id}" in text
    assert "Test release" not in text


@pytest.mark.parametrize(("language", "title"), [("en", "Event report"), ("fr", "Rapport de l’événement")])
def test_a_report_speaks_one_language(language: Language, title: str, fair: Store) -> None:
    page = report(fair, language)
    assert f'<html lang="{language}">' in page
    assert title in page
    other = {"en": ("Chiffres", "personnes", "Intervalle"), "fr": ("Key figures", " people", " interval ")}[language]
    text = words(page)
    assert not [word for word in other if word in text]


def test_every_picture_is_sound_and_no_two_share_a_name(english: str) -> None:
    pictures = re.findall(r"<svg\b.*?</svg>", english, flags=re.DOTALL)
    assert len(pictures) > 4
    for picture in pictures:
        ElementTree.fromstring(picture)  # noqa: S314
    names = re.findall(r'\bid="([^"]+)"', english)
    assert len(names) == len(set(names))
    used = re.findall(r"url\(#([^)]+)\)", english)
    assert used
    assert set(used) <= set(names)


def test_names_inside_a_picture_are_changed_where_they_are_used() -> None:
    drawn = inline(
        '<svg><clipPath id="a"/><g clip-path="url(#a)"/><use href="#a"/></svg>', "map", 'of "here" & <there>'
    )
    assert '<clipPath id="map-a"/><g clip-path="url(#map-a)"/><use href="#map-a"/>' in drawn
    assert 'aria-label="of &quot;here&quot; &amp; &lt;there&gt;"' in drawn


@pytest.mark.parametrize("name", ["Few", "Care"], ids=["pooled", "sensitive"])
def test_a_report_of_a_zone_without_presence_says_so_and_has_no_zero(name: str, fair: Store) -> None:
    page = report(fair, "en", name)
    text = words(page)
    assert page.count('<main class="sheet">') == 2
    assert "Presence is not published here" in text
    assert " 0 people" not in text


def test_a_zone_and_day_without_an_event_has_a_report(fair: Store) -> None:
    text = words(report(fair, "fr", zone="B"))
    assert "Rapport de la journée" in text
    assert "3 h avant" not in text


def test_the_page_offers_the_report(festival: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    labels = [each.proto.label for each in open_page(festival, event=NAME, lang="fr").app.get("download_button")]
    assert "Rapport de l’événement" in labels


def test_many_days_are_not_all_listed(fair: Store) -> None:
    event = next(each for each in fair.events if each.name == NAME)
    view = View(fair, "en", fair.zones["21231"], fair.day_of(event.start), event, None)
    course = course_of(view)
    days = summary.days(view, course)
    lines = document.key_figures(view, course, days * 3)
    assert sum("different people" in line and line.startswith("On ") for line in lines) == 4
    assert any("2 other days" in line for line in lines)
