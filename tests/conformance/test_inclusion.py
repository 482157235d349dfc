"""What the feed of centres publishes, read by the official schema and by programs that are not ours."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import frictionless
import pytest
from geojson_pydantic import FeatureCollection

from pipelines.feeds import build, settings
from pipelines.feeds.feed import all_feeds
from pipelines.feeds.inclusion.columns import COLUMNS
from tests.conformance import node
from tests.feeds.centres import AT, CENTRE, PARIS, STOP, built, context, written
from tests.paths import ROOT, shared_conformance, shared_data

pytestmark = pytest.mark.conformance

SAMPLE = ROOT / "data" / "dijon" / "feeds" / "feeds.toml"
REAL = """[feeds.town]
id = "cote-d-or"
name = "Côte-d’Or"
[feeds.inclusion]
format = "mednum-bfc"
source = "{data}/mednum_bfc_cote_d_or.csv"
communes = "{data}/communes_21_2026.geojson"
updated = 2022-05-17
"""
# The schema writes this label without a space, the reference library with one: no text is right for both.
DISPUTED = "Étapes numériques(La Poste)"


def published(config: Path) -> dict[str, bytes]:
    """The files of the feed by name."""
    made = build.build(settings.load(config, all_feeds()), AT, lambda _: None)
    (module,) = [each for each in made.modules if each.feed.name == "inclusion"]
    return dict(module.files)


@pytest.fixture(params=["sample", "real"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, bytes]:
    if request.param == "sample":
        return published(SAMPLE)
    (tmp_path / "real.toml").write_text(REAL.format(data=shared_data()), encoding="utf-8")
    return published(tmp_path / "real.toml")


def wrong(data: bytes, folder: Path) -> list[tuple[int | None, str | None]]:
    """Row and field of what the official schema refuses."""
    (folder / "lieux.csv").write_bytes(data)
    schema = json.loads((shared_conformance() / "mediation-numerique" / "schema.json").read_text(encoding="utf-8"))
    with frictionless.system.use_context(trusted=True):
        resource = frictionless.Resource(path=str(folder / "lieux.csv"), schema=frictionless.Schema(schema))
        report = resource.validate()
    assert report.stats["errors"] == len(report.flatten())
    return [tuple(each) for each in report.flatten(["rowNumber", "fieldName"])]


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_every_row_is_valid_by_the_official_schema(files: dict[str, bytes], tmp_path: Path) -> None:
    assert wrong(files["lieux.csv"], tmp_path) == []
    assert len(rows(files["lieux.csv"])) in (10, 122)


def test_the_official_schema_would_find_what_is_wrong(tmp_path: Path) -> None:
    data = published(SAMPLE)["lieux.csv"].replace(b"21300", b"2130").replace(b"+33380000001", b"0380000001")

    assert {field for _, field in wrong(data, tmp_path)} == {"code_postal", "telephone"}


def test_the_library_of_the_national_map_reads_every_row(files: dict[str, bytes]) -> None:
    texts = rows(files["lieux.csv"])

    told = node.read("mediation", texts)

    assert [each for each in told if "error" in each] == []
    assert [each["place"]["id"] for each in told] == [row["id"] for row in texts]
    assert [each["place"].get("horaires", "") for each in told] == [row["horaires"] for row in texts]


@pytest.mark.parametrize("column", [column for column in COLUMNS if column.choices], ids=lambda column: column.name)
def test_each_value_of_a_closed_list_is_one_of_the_schema_and_of_the_library(column, tmp_path: Path) -> None:
    texts = [CENTRE | {"id": f"{number}", column.name: text} for number, text in enumerate(column.choices)]
    made, _ = built(context(), source=texts)

    refused = [
        row[column.name]
        for row, told in zip(written(made), node.read("mediation", written(made)), strict=True)
        if "error" in told
    ]

    assert wrong(made.files["lieux.csv"], tmp_path) == []
    assert refused == [choice for choice in column.choices if choice == DISPUTED]


def test_the_library_reads_what_we_accept_at_the_edges(tmp_path: Path) -> None:
    edges = [
        {"pivot": "W212000000"},
        {"pivot": "00000000000000"},
        {"telephone": "+687123456"},
        {"courriels": "a.b+c@town.example|accueil@town.example"},
        {"prise_rdv": "https://rdv.example:8443/a(b)"},
        {"prise_rdv": "https://rdv.example/a/b.html?c=d&e=%20#f/g"},
        {"fiche_acces_libre": "http://a-b.example"},
        {"adresse": "12 bis, rue de l’Œuvre (bât. A) – n° 3; à l'angle/nord + 1|2 & fils: x"},
        {"commune": "L’Haÿ-les-Roses"},
        {"frais_a_charge": "Gratuit | Payant"},
        {"latitude": "", "longitude": ""},
    ]
    made, _ = built(context(), source=[CENTRE | {"id": f"{n}"} | edge for n, edge in enumerate(edges)])

    assert len(written(made)) == len(edges)
    assert [each for each in node.read("mediation", written(made)) if "error" in each] == []
    assert wrong(made.files["lieux.csv"], tmp_path) == []


def test_the_map_is_geojson_for_two_readers(files: dict[str, bytes]) -> None:
    text = files["map.geojson"].decode()

    read = FeatureCollection.model_validate_json(text)

    assert node.read("geojson", text) == {"valid": True, "errors": [], "features": len(read.features)}
    assert len(read.features) in (18, 122)


def test_another_program_reads_the_calendar_with_the_times_that_residents_read() -> None:
    files = published(SAMPLE)
    items = {item["id"]: item for item in json.loads(files["index.json"])["items"]}

    read = node.read("ical", files["tournees.ics"].decode(), zone="UTC")

    assert len(read["events"]) == 8
    for event in read["events"]:
        id = event["uid"].removeprefix("inclusion-").partition("@")[0]
        starts = [datetime.fromisoformat(each["utc"]) for each in event["occurrences"]]
        told = [datetime.fromisoformat(text).astimezone(UTC) for text in items[id]["dates"]]
        assert event["tzid"] == "Europe/Paris"
        assert [start for start in starts if start >= told[0]][: len(told)] == told


def test_another_program_reads_the_same_local_time_across_the_change_of_the_clock() -> None:
    made, _ = built(context(datetime(2026, 10, 14, 12, tzinfo=PARIS)), source=[CENTRE], tours=[STOP])

    (event,) = node.read("ical", made.files["tournees.ics"].decode(), zone="America/New_York")["events"]

    by_day = {each["local"][:10]: each["utc"] for each in event["occurrences"]}
    assert (by_day["2026-10-20"], by_day["2026-10-27"]) == ("2026-10-20T12:00:00.000Z", "2026-10-27T13:00:00.000Z")
