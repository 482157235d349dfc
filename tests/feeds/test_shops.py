from pathlib import Path

import pytest

from pipelines.feeds.modules.shops import CATEGORIES, FEED
from tests.feeds.one_feed import as_text, facts, items, made, told

BAKERY = {
    "id": "le-fournil",
    "name": "Le Fournil",
    "category": "bakery",
    "address": "12 rue Verrerie",
    "postal_code": "21000",
    "city": "Dijon",
    "latitude": "47.3231",
    "longitude": "5.0420",
    "hours": "Tu-Sa 07:00-19:30; Su 07:30-13:00",
    "phone": "+33380000001",
    "web": "https://le-fournil.example",
    "delivery": "yes",
    "accessible": "limited",
    "text_fr": "Pain au levain.",
    "text_en": "",
    "updated": "2026-05-01",
}


def test_a_shop_says_what_it_sells_where_it_is_and_that_it_is_open(tmp_path: Path) -> None:
    [shop] = items(made(tmp_path, "shops", "shops.csv", as_text([BAKERY]))).values()
    assert shop["title"] == {"en": "Le Fournil", "fr": "Le Fournil"}
    assert shop["text"] == {"en": "Pain au levain.", "fr": "Pain au levain."}
    assert shop["category"] == CATEGORIES["bakery"].as_json()
    assert shop["place"] == {"address": "12 rue Verrerie, 21000 Dijon", "latitude": 47.3231, "longitude": 5.042}
    assert (shop["opening"]["state"], shop["opening"]["until"]) == ("open", "2026-06-20T19:30:00+02:00")
    assert facts(shop) == {
        "Téléphone": "+33380000001",
        "Livre à domicile": "oui",
        "Accessible en fauteuil roulant": "avec une aide",
    }
    assert (shop["link"], shop["updated"]) == ("https://le-fournil.example", "2026-05-01")


def test_what_the_file_does_not_say_is_not_said(tmp_path: Path) -> None:
    bare = {name: BAKERY[name] for name in ("id", "name", "category", "address", "postal_code", "city")}
    point = {"latitude": "47.3", "longitude": "5"}
    [shop] = items(made(tmp_path, "shops", "shops.csv", as_text([bare | point]))).values()
    assert "facts" not in shop
    assert "link" not in shop
    assert shop["opening"]["state"] == "unknown"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("id", ""),
        ("name", ""),
        ("name", "x" * 141),
        ("category", "boulangerie"),
        ("address", ""),
        ("postal_code", "2100"),
        ("city", ""),
        ("latitude", "90.1"),
        ("latitude", "47,3"),
        ("longitude", "-180.1"),
        ("hours", "du mardi au samedi"),
        ("hours", "SH 09:00-12:00"),
        ("phone", "appeler le matin"),
        ("web", "javascript:alert(1)"),
        ("delivery", "oui"),
        ("accessible", "maybe"),
        ("text_fr", "x" * 281),
        ("updated", "01/05/2026"),
    ],
)
def test_a_value_that_is_refused_is_told_with_its_line_and_field(tmp_path: Path, field: str, text: str) -> None:
    other = BAKERY | {"id": "other"}
    build = made(tmp_path, "shops", "shops.csv", as_text([other, BAKERY | {field: text}]))
    assert told(build) == [(3, field, "error")]
    assert list(items(build)) == ["other"]


@pytest.mark.parametrize("length", [279, 280])
def test_a_sentence_has_280_characters_at_most(tmp_path: Path, length: int) -> None:
    build = made(tmp_path, "shops", "shops.csv", as_text([BAKERY | {"text_fr": "x" * length}]))
    assert told(build) == []


def test_two_shops_do_not_share_an_identifier(tmp_path: Path) -> None:
    assert told(made(tmp_path, "shops", "shops.csv", as_text([BAKERY, BAKERY]))) == [(3, "id", "error")]


def test_shops_are_in_the_order_of_a_french_dictionary(tmp_path: Path) -> None:
    named = [("c", "cafe", "Zinc"), ("b", "bakery", "Épi"), ("a", "bakery", "Fournil"), ("d", "grocery", "Bio")]
    rows = [BAKERY | {"id": key, "category": category, "name": name} for key, category, name in named]
    # Boulangeries, Cafés, Épiceries.
    assert list(items(made(tmp_path, "shops", "shops.csv", as_text(rows)))) == ["b", "a", "c", "d"]


def test_a_shop_keeps_other_hours_on_certain_days(tmp_path: Path) -> None:
    exceptions = "place_id,when,first,last,hours,reason_fr,reason_en\nle-fournil,dates,2026-06-20,,off,fête,feast\n"
    build = made(tmp_path, "shops", "shops.csv", as_text([BAKERY]), exceptions=exceptions)
    [shop] = items(build).values()
    assert shop["opening"]["state"] == "closed"
    assert shop["exceptions"][0]["reason"] == {"en": "feast", "fr": "fête"}
    assert told(build) == []


def test_every_category_has_words_in_both_languages() -> None:
    [column] = [column for column in FEED.sources[0].columns if column.name == "category"]
    assert set(column.choices) == set(CATEGORIES)
    assert all(text.en and text.fr for text in CATEGORIES.values())
