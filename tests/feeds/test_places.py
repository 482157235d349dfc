from pathlib import Path

import pytest

from tests.feeds.one_feed import as_text, facts, items, made, told

LIBRARY = {
    "COLL_NOM": "Ville de Dijon",
    "COLL_SIRET": "21210231300013",
    "EQUIP_UID": "21231-08010101-001",
    "EQUIP_THEME": "Equipement social et d'animation",
    "EQUIP_CODE": "08010101-001",
    "EQUIP_TYPE": "Bibliothèque",
    "EQUIP_NOM": "Bibliothèque",
    "ADR_NUMERO": "3 bis",
    "ADR_NOMVOIE": "Rue de l'École de Droit",
    "ADR_CODEPOSTAL": "21000",
    "ADR_COMMUNE": "Dijon",
    "ADR_CLE_INTEROP": "21231_0040_00003",
    "EQUIP_LAT": "47.3211",
    "EQUIP_LONG": "5.0428",
    "EQUIP_OUVERTURE": "Tu-Sa 10:00-18:30",
    "EQUIP_TEL": "+33380000001",
    "EQUIP_EMAIL": "accueil@ville.example",
    "EQUIP_WEB": "https://ville.example",
}


def place(tmp_path: Path, **changed: str) -> dict:
    [found] = items(made(tmp_path, "places", "places.csv", as_text([LIBRARY | changed]))).values()
    return found


def test_a_place_is_shown_with_its_address_and_how_to_reach_it(tmp_path: Path) -> None:
    found = place(tmp_path)
    assert found["place"]["address"] == "3 bis Rue de l'École de Droit, 21000 Dijon"
    assert found["category"] == {"en": "Social life", "fr": "Équipement social et d’animation"}
    assert facts(found) == {"Téléphone": "+33380000001", "Courriel": "accueil@ville.example"}
    assert found["link"] == "https://ville.example"


def test_a_place_without_a_number_in_its_street_has_none_in_its_address(tmp_path: Path) -> None:
    assert place(tmp_path, ADR_NUMERO="99999")["place"]["address"] == "Rue de l'École de Droit, 21000 Dijon"


def test_places_are_in_the_order_of_a_french_dictionary(tmp_path: Path) -> None:
    named = [("001", "Zénith"), ("002", "Écoles"), ("003", "Piscine"), ("004", "Piscine")]
    rows = [LIBRARY | {"EQUIP_UID": f"21231-08010101-{number}", "EQUIP_NOM": name} for number, name in reversed(named)]
    found = items(made(tmp_path, "places", "places.csv", as_text(rows)))
    assert [uid[-3:] for uid in found] == ["002", "003", "004", "001"]


@pytest.mark.parametrize(
    ("field", "text", "right"),
    [
        ("EQUIP_UID", "2123-08010101-001", False),
        ("EQUIP_UID", "2A231-08010101-001", True),
        ("EQUIP_UID", "212310-08010101-001", False),
        ("EQUIP_CODE", "x" * 11, True),
        ("EQUIP_CODE", "x" * 12, True),
        ("EQUIP_CODE", "x" * 13, False),
        ("ADR_NOMVOIE", "Ru", False),
        ("ADR_NOMVOIE", "Rue", True),
        ("ADR_CODEPOSTAL", "2100", False),
        ("ADR_CODEPOSTAL", "210000", False),
        ("ADR_CLE_INTEROP", "x" * 15, False),
        ("ADR_CLE_INTEROP", "x" * 16, True),
        ("EQUIP_LAT", "90", True),
        ("EQUIP_LAT", "90.01", False),
        ("EQUIP_LONG", "-180", True),
        ("EQUIP_LONG", "-180.01", False),
        ("EQUIP_TEL", "+33 380000001", True),
        ("EQUIP_TEL", "+33 3800000012", False),
        ("EQUIP_THEME", "Equipement social", False),
        ("COLL_SIRET", "21210231300014", False),
    ],
)
def test_a_value_is_judged_by_the_standard(tmp_path: Path, field: str, text: str, right: bool) -> None:
    rows = [LIBRARY | {"EQUIP_UID": "21231-08010101-002"}, LIBRARY | {field: text}]
    build = made(tmp_path, "places", "places.csv", as_text(rows))
    assert told(build) == ([] if right else [(3, field, "error")])
