import json
from pathlib import Path

import pytest

from pipelines.feeds import files as sources
from schemas.errors import InputError
from tests.feeds.one_feed import facts, items, made, told
from tests.feeds.test_week import stated

ONLY_DIJON = 'insee = ["21231"]\n'


def address(kind: str = "Adresse", street: str = "1 rue du Lac", **changed: object) -> dict[str, object]:
    return {
        "type_adresse": kind,
        "complement1": "",
        "complement2": "",
        "numero_voie": street,
        "code_postal": "21000",
        "nom_commune": "Dijon",
        "longitude": "5.0416",
        "latitude": "47.3217",
    } | changed


def desk(number: int = 1, **changed: object) -> dict[str, object]:
    """A desk as the dump has it: lists are lists."""
    return {
        "id": f"desk-{number}",
        "nom": "Caisse d’allocations familiales",
        "pivot": [{"type_service_local": "caf", "code_insee_commune": ["21231"]}],
        "adresse": [address("Adresse postale", "BP 1", longitude="", latitude=""), address()],
        "plage_ouverture": [stated("Lundi", "Samedi", "09:00", "12:00", "14:00", "19:00", remark="Sur rendez-vous.")],
        "telephone": [{"valeur": "+33380000001", "description": ""}],
        "adresse_courriel": ["accueil@caf.example"],
        "site_internet": [{"libelle": "", "valeur": "https://caf.example"}],
        "url_service_public": "https://annuaire.example/caf",
        "date_modification": "22/12/2025 10:38:56",
        "statut_de_diffusion": True,
    } | changed


def dumped(*desks: dict[str, object]) -> str:
    return json.dumps({"service": desks})


def answered(*desks: dict[str, object]) -> str:
    """The same as the interface gives them: lists are JSON in a text, and all values are texts."""
    return json.dumps({"total_count": len(desks), "results": [flat(each) for each in desks]})


def exported(*desks: dict[str, object]) -> str:
    return json.dumps([flat(each) for each in desks])


def flat(desk: dict[str, object]) -> dict[str, object]:
    found = {key: json.dumps(value) if isinstance(value, list) else value for key, value in desk.items()}
    first = desk["adresse_courriel"]
    return found | {
        "adresse_courriel": first[0] if isinstance(first, list) and first else None,
        "statut_de_diffusion": str(desk["statut_de_diffusion"]).lower(),
        "code_insee_commune": "21231",
    }


def offices(tmp_path: Path, text: str, keys: str = ONLY_DIJON) -> object:
    return made(tmp_path, "offices", "offices.json", text, keys)


@pytest.mark.parametrize("form", [dumped, answered])
@pytest.mark.parametrize("sign", ["\ud800", "\0", "\x1b"])
def test_an_address_with_half_a_letter_or_a_control_character_is_refused(
    tmp_path: Path, form: object, sign: str
) -> None:
    built = offices(tmp_path, form(desk(1, adresse=[address(street=f"1{sign} rue")]), desk(2)))
    assert told(built) == [(1, "adresse", "error")]
    assert list(items(built)) == ["desk-2"]


@pytest.mark.parametrize("form", [dumped, answered, exported])
def test_a_desk_is_the_same_in_every_form_of_the_directory(tmp_path: Path, form: object) -> None:
    [office] = items(offices(tmp_path, form(desk()))).values()
    assert office["title"]["fr"] == "Caisse d’allocations familiales"
    assert office["category"] == {"en": "Social security and family", "fr": "Sécurité sociale et famille"}
    assert office["place"] == {"address": "1 rue du Lac, 21000 Dijon", "latitude": 47.3217, "longitude": 5.0416}
    assert office["opening"]["hours"] == "Mo-Sa 09:00-12:00,14:00-19:00; PH off"
    assert (office["opening"]["state"], office["opening"]["until"]) == ("open", "2026-06-20T19:00:00+02:00")
    assert facts(office) == {
        "Précision sur les horaires": "lundi à samedi\u00a0: Sur rendez-vous.",
        "Téléphone": "+33380000001",
        "Courriel": "accueil@caf.example",
    }
    assert (office["link"], office["updated"]) == ("https://caf.example", "2025-12-22")


@pytest.mark.parametrize("form", [dumped, answered, exported])
@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("plage_ouverture", [stated("Lundi", "Lundi", "09:00", "25:00")], "valeur_heure_fin_1: a time"),
        ("plage_ouverture", [stated("Monday", "Lundi", "09:00", "12:00")], "nom_jour_debut: a day"),
        ("plage_ouverture", ["09:00"], "a list of objects"),
        ("adresse", [], "at least one address"),
        ("adresse", [address(latitude="nord")], "latitude: degrees"),
        ("adresse", [address(latitude="90.1")], "latitude: degrees"),
        ("adresse", [address(longitude="180.1")], "longitude: degrees"),
        ("adresse", [address(longitude="nan")], "longitude: degrees"),
        ("telephone", ["+33380000001"], "a list of objects"),
        ("site_internet", ["https://caf.example"], "a list of objects"),
        ("date_modification", "hier", "a date such as"),
        ("date_modification", "31/02/2026 00:00:00", "a date such as"),
        ("id", "", "a value"),
        ("nom", None, "a value"),
        ("url_service_public", "ftp://annuaire.example", "an address"),
    ],
)
def test_a_field_that_cannot_be_read_is_told_with_the_number_of_its_desk(
    tmp_path: Path, form: object, field: str, value: object, expected: str
) -> None:
    build = offices(tmp_path, form(desk(1), desk(2, **{field: value}), desk(3)))
    assert told(build) == [(2, field, "error")]
    assert build.findings[0].expected.en.startswith(expected)
    assert list(items(build)) == ["desk-1", "desk-3"]
    assert build.modules[0].refused == 1


def test_two_desks_do_not_share_an_identifier(tmp_path: Path) -> None:
    assert told(offices(tmp_path, dumped(desk(1), desk(1)))) == [(2, "id", "error")]


@pytest.mark.parametrize(
    ("keys", "kept"),
    [(ONLY_DIJON, ["desk-1"]), ('insee = ["21617", "21231"]\n', ["desk-1", "desk-2"]), ("", ["desk-1", "desk-2"])],
)
def test_desks_of_other_communes_are_left_out(tmp_path: Path, keys: str, kept: list[str]) -> None:
    other = desk(2, pivot=[{"type_service_local": "caf", "code_insee_commune": ["21617"]}])
    assert list(items(offices(tmp_path, dumped(desk(1), other), keys))) == kept


def test_a_desk_elsewhere_is_not_even_judged_but_one_that_may_be_here_is(tmp_path: Path) -> None:
    elsewhere = desk(2, code_insee_commune="21617", pivot="mairie", adresse=[])
    unclear = desk(3, pivot="mairie")
    build = offices(tmp_path, dumped(desk(1), elsewhere, unclear))
    assert told(build) == [(3, "pivot", "error")]
    assert build.modules[0].rows == 2


@pytest.mark.parametrize("said", [False, "false"])
def test_a_desk_that_is_not_to_be_shown_is_left_out(tmp_path: Path, said: object) -> None:
    build = offices(tmp_path, dumped(desk(1), desk(2, statut_de_diffusion=said)))
    assert (list(items(build)), told(build)) == (["desk-1"], [])


def test_a_desk_with_little_to_say_is_shown_as_unknown(tmp_path: Path) -> None:
    bare = {"id": "bare", "nom": "Guichet", "adresse": [{"nom_commune": "Dijon"}]}
    [office] = items(offices(tmp_path, dumped(bare), "")).values()
    assert office["category"]["fr"] == "Autres services"
    assert office["place"] == {"address": "Dijon"}
    assert office["opening"]["state"] == "unknown"
    assert not {"facts", "link", "updated"} & office.keys()


def test_a_link_is_one_of_the_web_or_the_page_in_the_directory(tmp_path: Path) -> None:
    sites = [{"valeur": "javascript:alert(1)"}, {"valeur": "www.caf.example"}]
    [office] = items(offices(tmp_path, dumped(desk(site_internet=sites)))).values()
    assert office["link"] == "https://annuaire.example/caf"


def test_hours_on_public_holidays_are_kept_where_the_town_says_so(tmp_path: Path) -> None:
    [office] = items(offices(tmp_path, dumped(desk()), "closed_on_public_holidays = false\n")).values()
    assert office["opening"]["hours"] == "Mo-Sa 09:00-12:00,14:00-19:00"


@pytest.mark.parametrize("text", ["{}", '{"service": 1}', "[1]", '"service"', '{"service": ["desk"]}'])
def test_a_file_of_another_form_is_bad_input(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="expected desks of the directory"):
        offices(tmp_path, text)


def test_a_directory_without_desks_is_an_empty_feed(tmp_path: Path) -> None:
    assert items(offices(tmp_path, dumped())) == {}


def test_names_of_persons_in_the_directory_are_never_read(tmp_path: Path) -> None:
    person = [{"fonction": "Directrice", "personne": {"nom": "INVENTÉE"}}]
    build = offices(tmp_path, dumped(desk(affectation_personne=person)))
    assert "INVENTÉE" not in json.dumps(items(build), ensure_ascii=False)


def test_the_whole_directory_is_too_large_and_the_hint_says_what_to_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "LARGEST", 10)
    with pytest.raises(InputError, match="at most 10 bytes") as refused:
        offices(tmp_path, dumped(desk()))
    assert "département" in refused.value.hint
