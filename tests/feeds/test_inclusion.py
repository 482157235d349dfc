"""The standard of lieux de médiation numérique, in and out."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from pipelines.feeds import build, settings
from pipelines.feeds.exceptions import Exceptions
from pipelines.feeds.feed import all_feeds
from pipelines.feeds.inclusion.columns import COLUMNS, STANDARD
from pipelines.feeds.reading import read_table
from tests.feeds.centres import AT, CENTRE, built, context, errors, warnings, written
from tests.paths import ROOT, shared_conformance

SEEDED = [
    ("id", ""),
    ("pivot", ""),
    ("pivot", "43493312300028"),
    ("pivot", "434933123"),
    ("pivot", "4349331230002"),
    ("pivot", "W21200000"),
    ("pivot", "434 933 123 00029"),
    ("nom", ""),
    ("commune", ""),
    ("commune", "Dijon (21)"),
    ("code_postal", ""),
    ("code_postal", "2100"),
    ("code_insee", "2123"),
    ("adresse", ""),
    ("adresse", "1 place *"),
    ("latitude", "47,32"),
    ("latitude", "90.1"),
    ("latitude", ""),
    ("longitude", "180.1"),
    ("longitude", ""),
    ("typologie", "MAIRIE"),
    ("telephone", "03 80 00 00 00"),
    ("telephone", "+33080000000"),
    ("courriels", "accueil@town.example|accueil"),
    ("site_web", "town.example"),
    ("horaires", "lundi matin"),
    ("horaires", "Mo-Fr 9h-12h"),
    ("presentation_resume", "x" * 281),
    ("itinerance", "Mobile"),
    ("date_maj", ""),
    ("date_maj", "20/06/2026"),
    ("date_maj", "2026-02-29"),
    ("services", "Comprehension du monde numérique"),
    ("services", "Aide aux démarches administratives|"),
    ("publics_specifiquement_adresses", "Tous"),
    ("prise_en_charge_specifique", "Illetrisme"),
    ("frais_a_charge", "gratuit"),
    ("dispositif_programmes_nationaux", "France services"),
    ("formations_labels", "ORDI"),
    ("modalites_acces", "Venir"),
    ("modalites_accompagnement", "Individuel"),
    ("fiche_acces_libre", "acceslibre"),
    ("prise_rdv", "mailto:accueil@town.example"),
]
FREE = {"complement_adresse", "presentation_detail", "source", "structure_parente", "autres_formations_labels"}


def test_the_official_example_goes_in_and_comes_out_as_it_was(tmp_path: Path) -> None:
    example = shared_conformance() / "mediation-numerique" / "exemple-valide.csv"

    made, findings = built(context(), source=[texts for _, texts in read_table(example, STANDARD)])

    with example.open(encoding="utf-8", newline="") as file:
        assert written(made) == list(csv.DictReader(file))
    assert errors(findings) == []


def test_the_columns_are_those_of_the_official_schema() -> None:
    schema = json.loads((shared_conformance() / "mediation-numerique" / "schema.json").read_text(encoding="utf-8"))

    required = [field["name"] for field in schema["fields"] if field.get("constraints", {}).get("required")]
    assert [column.name for column in COLUMNS] == [field["name"] for field in schema["fields"]]
    assert [column.name for column in COLUMNS if column.required] == required


@pytest.mark.parametrize(("field", "text"), SEEDED)
def test_a_seeded_error_is_refused_with_line_and_field_and_the_rest_is_published(field: str, text: str) -> None:
    wrong = CENTRE | {"id": "two", field: text}

    made, findings = built(context(), source=[CENTRE, wrong])

    assert errors(findings) == [(3, field)]
    assert [row["id"] for row in written(made)] == ["one"]


def test_every_column_with_a_rule_has_a_seeded_error() -> None:
    assert {field for field, _ in SEEDED} == {column.name for column in COLUMNS} - FREE


def test_the_second_centre_with_an_id_is_refused() -> None:
    _, findings = built(context(), source=[CENTRE, CENTRE])

    assert errors(findings) == [(3, "id")]


@pytest.mark.parametrize(("length", "refused"), [(279, 0), (280, 0), (281, 1)])
def test_a_summary_has_at_most_280_characters(length: int, refused: int) -> None:
    _, findings = built(context(), source=[CENTRE | {"presentation_resume": "é" * length}])

    assert len(errors(findings)) == refused


def test_spaces_around_separators_are_taken_away_since_the_schema_has_none() -> None:
    made, _ = built(context(), source=[CENTRE | {"frais_a_charge": "Gratuit | Payant"}])

    assert written(made)[0]["frais_a_charge"] == "Gratuit|Payant"


def test_hours_of_certain_days_stand_in_the_file() -> None:
    closure = {"place_id": "one", "when": "dates", "first": date(2026, 7, 1), "last": None, "hours": "off"}

    made, _ = built(context(exceptions=Exceptions((closure,), ())), source=[CENTRE])

    assert written(made)[0]["horaires"] == made.items[0].hours == "Mo-Sa 09:00-18:00; 2026 Jul 01 off"


def test_an_address_that_the_national_map_cannot_read_is_left_out_of_the_file_alone() -> None:
    page = "https://rdv.example:8443/dijon"

    made, findings = built(context(), source=[CENTRE | {"prise_rdv": page}])

    assert (written(made)[0]["prise_rdv"], made.items[0].link) == ("", page)
    assert len(warnings(findings, "prise_rdv")) == 1


def test_a_centre_that_receives_nobody_is_neither_open_nor_closed() -> None:
    made, _ = built(context(), source=[CENTRE | {"modalites_acces": "Ce lieu n'accueille pas de public"}])

    assert made.items[0].hours is None


def test_services_are_tags_in_both_languages() -> None:
    made, _ = built(context(), source=[CENTRE])

    assert [(tag.en, tag.fr) for tag in made.items[0].tags] == [
        ("Help with administrative procedures", "Aide aux démarches administratives")
    ]


def test_two_rows_at_one_address_are_told() -> None:
    other = CENTRE | {"id": "two", "nom": "Médiathèque", "adresse": "1, Place de la Liberation", "latitude": "47.4"}

    _, findings = built(context(), source=[CENTRE, other])

    assert [finding.found for finding in findings] == ["the same in row 2, Espace numérique"]


def test_the_centres_of_the_sample_are_published_without_an_error() -> None:
    chosen = settings.load(ROOT / "data" / "dijon" / "feeds" / "feeds.toml", all_feeds())

    made = build.build(chosen, AT, lambda _: None)

    (module,) = [each for each in made.modules if each.feed.name == "inclusion"]
    assert (module.rows, module.refused, len(module.findings)) == (18, 0, 1)
    assert {"lieux.csv", "tournees.ics", "index.json", "map.geojson"} == set(module.files)
