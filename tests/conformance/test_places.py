"""Published places satisfy the official schema of SCDL Équipements, and published maps two readers of GeoJSON."""

import csv
import io
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random

import pytest
from frictionless import Resource, Schema
from geojson_pydantic import FeatureCollection
from pydantic import ValidationError

from pipelines.feeds import settings
from pipelines.feeds.build import build, files
from pipelines.feeds.csv import as_csv
from pipelines.feeds.feed import all_feeds
from pipelines.feeds.modules.places import COLUMNS, THEMES
from tests.conformance import node
from tests.feeds.one_feed import made, told
from tests.paths import ROOT, shared_conformance

pytestmark = pytest.mark.conformance

MANY = 5_000
LETTERS = "abcdefghijklmnopqrstuvwxyzàâçéèêëîïôûùü"


@cache
def sample() -> dict[str, bytes]:
    """Every file of the feeds of Dijon."""
    chosen = settings.load(ROOT / "data" / "dijon" / "feeds" / "feeds.toml", all_feeds())
    return files(build(chosen, datetime.fromisoformat("2026-06-20T20:30+02:00"), lambda _: None))


def maps() -> list[str]:
    return sorted(name for name in sample() if name.endswith(".geojson"))


def complaints(published: bytes, folder: Path) -> list[tuple[int, str]]:
    """Row and field of everything that the official schema refuses, rows counted from 2 as in the file."""
    (folder / "equipements.csv").write_bytes(published)
    schema = Schema.from_descriptor(json.loads((shared_conformance() / "scdl-equipements" / "schema.json").read_text()))
    resource = Resource(path="equipements.csv", basepath=str(folder), schema=schema)
    report = resource.validate(limit_errors=MANY)
    found = report.flatten(["rowNumber", "fieldName", "message"])
    assert report.tasks[0].stats["rows"] > 0
    return [(row, field) for row, field, _ in found]


def rows(number: int) -> list[dict[str, object]]:
    """Places of every theme, with every column filled or not."""
    random = Random(1)
    return [_row(at, random) for at in range(number)]


def _row(at: int, random: Random) -> dict[str, object]:
    word = "".join(random.choices(LETTERS, k=random.randint(3, 12)))
    code = f"{random.randint(0, 99_999_999):08}-{at % 1000:03}"
    row: dict[str, object] = {
        "COLL_NOM": "Ville, « Dijon »",
        "COLL_SIRET": "21210231300013",
        "EQUIP_UID": f"{random.choice(('21231', '2A004', '2B033'))}-{at:08}-{at % 1000:03}",
        "EQUIP_THEME": THEMES[at % len(THEMES)],
        "EQUIP_CODE": code,
        "EQUIP_TYPE": word.capitalize(),
        "EQUIP_NOM": f'{word} "{at}"',
        "ADR_NUMERO": random.choice(("99999", "3", "3 bis", "3/5")),
        "ADR_NOMVOIE": f"Rue de l'{word.capitalize()}",
        "ADR_CODEPOSTAL": f"{random.randint(1000, 98999):05}",
        "ADR_COMMUNE": word.capitalize(),
        "EQUIP_LAT": round(random.uniform(-90, 90), 6),
        "EQUIP_LONG": round(random.uniform(-180, 180), 6),
    }
    more: dict[str, object] = {
        "ADR_CLE_INTEROP": f"21231_{at % 10_000:04}_00003",
        "ERP_ID": f"21231-{word}-3",
        "ERP_TYPE": "W;L",
        "ERP_CATEGORIE": random.randint(1, 5),
        "EQUIP_OUVERTURE": random.choice(("Mo-Fr 08:30-12:00,13:30-17:30; Sa 08:30-12:00; PH off", "24/7")),
        "EQUIP_TEL": "+33 380000001",
        "EQUIP_EMAIL": "accueil@ville.example",
        "EQUIP_WEB": "https://ville.example/page?id=1",
    }
    return row | {name: value for name, value in more.items() if random.random() < 0.6}


def published(folder: Path, given: list[dict[str, object]]) -> tuple[bytes, list[tuple[int, str, str]]]:
    """What the feed makes of rows, and what it says of them."""
    built = made(folder, "places", "places.csv", as_csv(COLUMNS, given).decode())
    return files(built)["dijon/places/equipements.csv"], told(built)


def test_the_sample_satisfies_the_official_schema(tmp_path: Path) -> None:
    assert complaints(sample()["dijon/places/equipements.csv"], tmp_path) == []


def test_thousands_of_places_satisfy_the_official_schema(tmp_path: Path) -> None:
    written, findings = published(tmp_path, rows(MANY))
    assert findings == []
    assert len(list(csv.DictReader(io.StringIO(written.decode())))) == MANY
    assert complaints(written, tmp_path) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *((column.name, "") for column in COLUMNS if column.required),
        ("COLL_SIRET", "2121023130001"),
        ("EQUIP_UID", "21231-1-001"),
        ("EQUIP_THEME", "Sport"),
        ("EQUIP_CODE", "01010401-0001"),
        ("ADR_NOMVOIE", "Ru"),
        ("ADR_NOMVOIE", "Rue n° 3"),
        ("ADR_CODEPOSTAL", "210000"),
        ("ADR_COMMUNE", "Dijon 1"),
        ("ADR_CLE_INTEROP", "21231_0040"),
        ("ERP_TYPE", "W;L;M;N;O;P"),
        ("ERP_CATEGORIE", "0"),
        ("ERP_CATEGORIE", "6"),
        ("EQUIP_LAT", "47,3"),
        ("EQUIP_LONG", "est"),
        ("EQUIP_TEL", "+33 3800000011"),
        ("EQUIP_EMAIL", "accueil"),
    ],
)
def test_what_the_official_schema_refuses_the_feed_refuses_too(tmp_path: Path, field: str, value: str) -> None:
    good, bad = rows(2)
    given = [good, bad | {field: value}]
    assert (3, field) in complaints(as_csv(COLUMNS, given), tmp_path)
    written, findings = published(tmp_path, given)
    assert (3, field, "error") in findings
    assert complaints(written, tmp_path) == []


@pytest.mark.parametrize(
    ("field", "value"), [("COLL_SIRET", "21210231300014"), ("EQUIP_OUVERTURE", "lundi matin"), ("EQUIP_LAT", "91")]
)
def test_the_feed_refuses_what_the_schema_has_no_rule_for(tmp_path: Path, field: str, value: str) -> None:
    good, bad = rows(2)
    given = [good, bad | {field: value}]
    assert complaints(as_csv(COLUMNS, given), tmp_path) == []
    assert published(tmp_path, given)[1] == [(3, field, "error")]


def test_every_feed_with_positions_has_a_map() -> None:
    feeds = ("events", "heritage", "inclusion", "offices", "places", "shops", "transport", "wifi")
    assert maps() == sorted(["dijon/transport/stops.geojson", *(f"dijon/{name}/map.geojson" for name in feeds)])


def test_two_readers_accept_every_geojson_file() -> None:
    for name in maps():
        text = sample()[name].decode()
        read = FeatureCollection.model_validate_json(text)
        assert node.read("geojson", text) == {"valid": True, "errors": [], "features": len(read.features)}, name
        # Around Dijon, with the longitude first.
        places = [feature.geometry.coordinates for feature in read.features]
        assert all(4.8 < place.longitude < 5.3 and 47.1 < place.latitude < 47.5 for place in places), name


def test_both_readers_refuse_a_ring_that_is_not_closed() -> None:
    ring = [[5.0, 47.0], [5.1, 47.0], [5.1, 47.1], [5.0, 47.1], [5.0, 47.0]]

    def area(corners: list[list[float]]) -> str:
        geometry = {"type": "Polygon", "coordinates": [corners]}
        feature = {"type": "Feature", "geometry": geometry, "properties": {}}
        return json.dumps({"type": "FeatureCollection", "features": [feature]})

    assert node.read("geojson", area(ring))["valid"]
    FeatureCollection.model_validate_json(area(ring))
    assert not node.read("geojson", area(ring[:-1]))["valid"]
    with pytest.raises(ValidationError):
        FeatureCollection.model_validate_json(area(ring[:-1]))
