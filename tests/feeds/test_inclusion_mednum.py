"""The list of MedNum BFC: codes, communes, and the 122 real places."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from pipelines.feeds.checking import check
from pipelines.feeds.feed import Built
from pipelines.feeds.groups import grouped
from pipelines.feeds.inclusion import communes
from pipelines.feeds.inclusion import mednum as mednum_list
from pipelines.feeds.inclusion.communes import Communes
from pipelines.feeds.modules.inclusion import FEED
from pipelines.feeds.rows import Finding
from tests.feeds.centres import CENTRE, MEDNUM, PARIS, built, context, errors, warnings, written
from tests.paths import ROOT, shared_data

SQUARE = [[[5.0, 47.3], [5.1, 47.3], [5.1, 47.4], [5.0, 47.4], [5.0, 47.3]]]
DIJON = {
    "insee_com": "21231",
    "nom": "Dijon",
    "geometry": json.dumps({"type": "Polygon", "coordinates": SQUARE}),
}


def mednum(**changed: str):
    """The feed of one row of MedNum BFC beside the commune of Dijon."""
    return built(context(format="mednum-bfc"), source=[MEDNUM | changed], communes=[DIJON])


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"bfc_id": ""}, "bfc_id"),
        ({"nom_structure": ""}, "nom_structure"),
        ({"ville": ""}, "ville"),
        ({"adresse": ""}, "adresse"),
        ({"adresse": "1 place *"}, "adresse"),
        ({"code_postal": "2100"}, "code_postal"),
        ({"lon": "est"}, "lon"),
        ({"lon": ""}, "lon"),
        ({"lat": "91"}, "lat"),
        ({"url_lieu": "voir facebook"}, "url_lieu"),
        ({"mise_a_jour": "2021-03-05"}, "mise_a_jour"),
        ({"mise_a_jour": "31/02/2021"}, "mise_a_jour"),
        ({"mise_a_jour": ""}, "mise_a_jour"),
        ({"lundi matin": "matin"}, "lundi matin"),
        ({"lundi matin": "25h-26h"}, "lundi matin"),
        ({"lundi matin": "12h-9h"}, "lundi matin"),
        ({"lundi matin": "9h-9h"}, "lundi matin"),
        ({"lundi matin": "9h-24h30"}, "lundi matin"),
        ({"lundi matin": "9h-14h", "lundi après-midi": "13h59-17h"}, "lundi après-midi"),
    ],
)
def test_a_seeded_error_is_refused_with_line_and_field_of_the_list(changed: dict[str, str], field: str) -> None:
    made, findings = mednum(**changed)

    assert errors(findings) == [(2, field)]
    assert made.items == ()


def test_a_row_is_told_in_the_columns_of_the_standard() -> None:
    made, findings = mednum(code_typo="M-TL", code_label="MFS-DM", code_accomp="A-RDV-L-R")

    (row,) = written(made)
    assert {name: text for name, text in row.items() if text} == {
        "id": "bfc_1",
        "pivot": "00000000000000",
        "nom": "Espace numérique",
        "commune": "Dijon",
        "code_postal": "21000",
        "code_insee": "21231",
        "adresse": "1 place de la Libération",
        "latitude": "47.3215",
        "longitude": "5.0416",
        "typologie": "TIERS_LIEUX",
        "horaires": "Mo 09:00-12:00",
        "presentation_resume": "Lieu de médiation publique. Tiers-lieu. Atelier de réparation informatique.",
        "source": "MedNum Bourgogne-Franche-Comté",
        "date_maj": "2026-03-05",
        "dispositif_programmes_nationaux": "France Services",
        "autres_formations_labels": "Réseau Dijon métropole",
        "modalites_accompagnement": "En autonomie|Accompagnement individuel",
    }
    assert errors(findings) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"ville": "DIJON-"}, "ville"),
        ({"ville": "DIJONS"}, "ville"),
        ({"ville": "Paris"}, "ville"),
        ({"adresse": "1  place Darcy"}, "adresse"),
        ({"url_lieu": "town.example"}, "url_lieu"),
        ({"code_typo": "m"}, "code_typo"),
        ({"code_label": "APTIC-XYZ"}, "code_label"),
        ({"code_accomp": "Z"}, "code_accomp"),
        ({"lundi matin": "14h-16h"}, "lundi matin"),
        ({"lundi après-midi": "11h-13h", "lundi matin": ""}, "lundi après-midi"),
        ({"lundi matin": ""}, "horaires"),
        ({"lat": "47.41"}, "lat"),
    ],
)
def test_what_can_be_published_is_published_and_told(changed: dict[str, str], field: str) -> None:
    made, findings = mednum(**changed)

    assert len(warnings(findings, field)) == 1
    assert (errors(findings), len(made.items)) == ([], 1)


@pytest.mark.parametrize(("latitude", "told"), [("47.4017", 0), ("47.4019", 1)])
def test_a_point_may_be_200_metres_outside_of_its_commune(latitude: str, told: int) -> None:
    _, findings = mednum(lat=latitude)

    assert len(warnings(findings, "lat")) == told


def test_a_code_in_a_small_letter_is_read_all_the_same() -> None:
    made, _ = mednum(code_typo="tl-m")

    assert written(made)[0]["presentation_resume"] == "Tiers-lieu. Lieu de médiation publique."


def test_the_date_of_the_list_stands_for_one_that_is_missing() -> None:
    made, findings = built(
        context(format="mednum-bfc", updated=date(2026, 5, 17)), source=[MEDNUM | {"mise_a_jour": ""}]
    )

    assert written(made)[0]["date_maj"] == "2026-05-17"
    assert warnings(findings, "mise_a_jour") == ["a date; that of the whole list was taken"]


@pytest.mark.parametrize("name", ["DIJON", "dijon", "Dĳon".replace("ĳ", "ij"), "  Dijon "])
def test_a_commune_is_found_however_it_is_spelled(name: str) -> None:
    rows, _ = check([(1, DIJON)], communes.SOURCE, "communes.geojson", PARIS)

    known, _ = Communes.of(rows, "communes.geojson")

    assert known.named(name) is known.by_code["21231"]


@pytest.mark.parametrize(
    ("name", "commune"), [("DIJONS", "Dijon"), ("DIXON", "DIXON"), ("Paris", "Paris")], ids=["0.91", "0.80", "0.20"]
)
def test_only_a_name_that_is_nearly_that_of_the_commune_of_the_point_is_corrected(name: str, commune: str) -> None:
    made, _ = mednum(ville=name)

    assert written(made)[0]["commune"] == commune


def test_saint_may_be_short() -> None:
    assert communes.spelling("ST-Apollinaire l'Œuf") == communes.spelling("SAINT APOLLINAIRE L’OEUF")


@pytest.mark.parametrize(
    "outline", ['{"type": "Point", "coordinates": [5, 47]}', '{"type": "Polygon", "coordinates": []}', "{}", "north"]
)
def test_an_outline_that_is_none_is_refused_with_its_row(outline: str) -> None:
    _, findings = built(context(), source=[CENTRE], communes=[DIJON | {"geometry": outline}])

    assert errors(findings) == [(2, "geometry")]


@pytest.fixture(scope="module")
def real() -> tuple[Built, tuple[Finding, ...]]:
    """The feed of the list of MedNum BFC of Côte-d'Or, and what was found in it."""
    made_with = context(format="mednum-bfc", updated=date(2022, 5, 17))
    settings = replace(
        made_with.settings,
        source=shared_data() / "mednum_bfc_cote_d_or.csv",
        communes=shared_data() / "communes_21_2026.geojson",
    )
    sources = {"source": mednum_list.SOURCE, "communes": communes.SOURCE}
    rows = {
        key: [texts for _, texts in FEED.read(getattr(settings, key), source, settings)]
        for key, source in sources.items()
    }
    return built(replace(made_with, settings=settings), **rows)


def test_the_122_places_of_cote_d_or_go_through_with_a_report(real: tuple[Built, tuple[Finding, ...]]) -> None:
    made, findings = real

    told = Counter((finding.level, finding.field) for finding in findings)
    assert len(made.items) == 122
    assert told == {
        ("warning", "pivot"): 122,
        ("warning", "services"): 122,
        ("warning", "mise_a_jour"): 122 + 99,
        ("warning", "horaires"): 76,
        ("warning", "adresse"): 42 + 18,
        ("warning", "code_label"): 33,
        ("warning", "ville"): 17,
        ("warning", "url_lieu"): 3,
        ("warning", "lat"): 1,
        ("warning", "code_typo"): 1,
    }
    assert Counter(bool(row["horaires"]) for row in written(made)) == {
        True: 46,
        False: 76,
    }


@pytest.mark.parametrize("guide", ["inclusion.md", "inclusion.fr.md"])
def test_the_guides_state_what_was_found_in_them(guide: str, real: tuple[Built, tuple[Finding, ...]]) -> None:
    text = re.split("## (?:The|Les) 122", (ROOT / "docs" / guide).read_text(encoding="utf-8"))[1]
    _, findings = real
    groups = grouped(findings)

    stated = [int(rows) for rows in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)]
    numbers = [int(number) for number in re.findall(r"\d+", text.partition("**")[2].partition("(")[0])]
    assert sorted(stated) == sorted(len(group.lines) for group in groups)
    assert numbers == [122, 122, len(findings), len(groups), 122]
