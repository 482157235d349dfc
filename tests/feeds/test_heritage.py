from pathlib import Path

import pytest

from tests.feeds.one_feed import as_text, facts, items, made, told

TOWER = {
    "id": "tour",
    "name_fr": "Tour Philippe le Bon",
    "name_en": "Tower of Philip the Good",
    "kind": "civil",
    "period_fr": "XVe siècle",
    "period_en": "15th century",
    "text_fr": "Une tour de 46 mètres.",
    "text_en": "A tower of 46 metres.",
    "address": "Place de la Libération",
    "postal_code": "21000",
    "city": "Dijon",
    "latitude": "47.3219",
    "longitude": "5.0413",
    "hours": "Tu-Su 10:00-18:30",
    "protection": "listed",
    "merimee": "PA00000001",
    "phone": "",
    "web": "",
    "updated": "2026-05-01",
}


def one(tmp_path: Path, **changed: str) -> dict:
    [found] = items(made(tmp_path, "heritage", "heritage.csv", as_text([TOWER | changed]))).values()
    return found


def test_a_monument_tells_its_story_in_both_languages(tmp_path: Path) -> None:
    tower = one(tmp_path)
    assert tower["title"] == {"en": "Tower of Philip the Good", "fr": "Tour Philippe le Bon"}
    assert tower["text"] == {"en": "A tower of 46 metres.", "fr": "Une tour de 46 mètres."}
    assert tower["category"]["fr"] == "Palais et demeures"
    assert facts(tower) == {"Époque": "XVe siècle", "Protection": "Monument historique classé"}
    assert tower["opening"]["state"] == "open"


def test_what_stands_in_one_language_is_shown_in_both(tmp_path: Path) -> None:
    tower = one(tmp_path, name_en="", text_en="", period_fr="")
    assert tower["title"]["en"] == "Tour Philippe le Bon"
    assert tower["text"]["en"] == "Une tour de 46 mètres."
    assert facts(tower)["Époque"] == "15th century"


def test_what_has_no_hours_is_neither_open_nor_closed(tmp_path: Path) -> None:
    assert "opening" not in one(tmp_path, hours="")


def test_a_number_in_merimee_leads_to_the_notice_unless_the_monument_has_a_page(tmp_path: Path) -> None:
    assert one(tmp_path)["link"] == "https://pop.culture.gouv.fr/notice/merimee/PA00000001"
    assert one(tmp_path, web="https://tour.example")["link"] == "https://tour.example"
    assert "link" not in one(tmp_path, merimee="")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("id", ""),
        ("name_fr", ""),
        ("kind", "castle"),
        ("text_fr", ""),
        ("text_fr", "x" * 601),
        ("latitude", "-91"),
        ("longitude", "east"),
        ("hours", "sunrise-sunset"),
        ("protection", "classé"),
        ("merimee", "PA0000001"),
        ("merimee", "PA000000012"),
        ("merimee", "IA00000001"),
        ("web", "www.dijon.example"),
        ("updated", "2026-02-30"),
    ],
)
def test_a_value_that_is_refused_is_told_with_its_line_and_field(tmp_path: Path, field: str, text: str) -> None:
    other = TOWER | {"id": "other", "merimee": ""}
    build = made(tmp_path, "heritage", "heritage.csv", as_text([other, TOWER | {field: text}]))
    assert told(build) == [(3, field, "error")]
    assert list(items(build)) == ["other"]


def test_a_number_in_merimee_stands_once(tmp_path: Path) -> None:
    build = made(tmp_path, "heritage", "heritage.csv", as_text([TOWER, TOWER | {"id": "other"}]))
    assert told(build) == [(3, "merimee", "error")]


def test_monuments_without_a_number_do_not_share_one(tmp_path: Path) -> None:
    bare = TOWER | {"merimee": ""}
    assert told(made(tmp_path, "heritage", "heritage.csv", as_text([bare, bare | {"id": "other"}]))) == []
