"""NGSI-LD: what entities hold is what the release holds, and the official models accept them."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from anonymization.degraded import Degraded
from anonymization.released import Day, Release
from pipelines.exports.ngsi_entities import CONTEXT, Entities
from pipelines.exports.ngsi_ld import write
from pipelines.exports.publisher import Publisher
from schemas.errors import UsageError
from tests.anonymization.releases import EIGHTS
from tests.exports.handmade import DAY, TABLES, release
from tests.exports.schemas import complaints
from tests.paths import shared_conformance

DIJON = Publisher("Dijon métropole", "https://data.ville.example/flux")
CROWD, FLOW = "CrowdFlowObserved", "OriginDestinationFlow"

Entity = dict[str, Any]


def entities(folder: Path, model: str) -> list[Entity]:
    return [each for path in sorted(folder.glob(f"{model}_*.jsonld")) for each in json.loads(path.read_text("utf-8"))]


@pytest.fixture(scope="module")
def written(handmade: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ngsi")
    write(handmade, folder, lambda _: None, DIJON)
    return folder


@pytest.fixture(scope="module")
def audited(whole: Release, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A release that passes its audit, and what is made of it."""
    folder = tmp_path_factory.mktemp("ngsi")
    write(whole, folder, lambda _: None, DIJON)
    return whole.root, folder


def test_a_part_in_a_slot_is_one_crowd(written: Path) -> None:
    [crowd] = [each for each in entities(written, CROWD) if each["zoneId"] == "21515|rest"]
    assert crowd.pop("location")["type"] in ("Polygon", "MultiPolygon")
    assert crowd == {
        "id": f"urn:ngsi-ld:CrowdFlowObserved:dijon:20261024T083000Z:{min(EIGHTS[1], EIGHTS[2])}",
        "type": CROWD,
        "source": "https://data.ville.example/flux/presence/date=2026-10-24/",
        "dataProvider": "Dijon métropole",
        "dateObserved": "2026-10-24T08:30:00Z/2026-10-24T08:45:00Z",
        "dateObservedFrom": "2026-10-24T08:30:00Z",
        "dateObservedTo": "2026-10-24T08:45:00Z",
        "peopleCount": 150,
        "peopleCountLow": 100,
        "peopleCountHigh": 200,
        "zoneId": "21515|rest",
        "zoneName": "Quetigny, outside the zones / hors des zones",
        "@context": [*CONTEXT],
    }


def test_a_flow_names_both_its_ends_and_its_local_hour(written: Path) -> None:
    flow = entities(written, FLOW)[0]
    expected = {
        "dateObserved": "2026-10-24T06:00:00Z",
        "aggregationDateType": "hourly",
        "hour": 8,
        "originLocationCode": "21231",
        "originLocationName": "Dijon",
        "destinationLocationCode": "21515",
        "destinationLocationName": "Quetigny",
        "flowCount": 120,
        "flowType": "mixed",
        "distanceClass": "2-5 km",
    }
    assert {name: flow[name] for name in expected} == expected
    assert "description" not in flow
    assert flow["originLocation"] != flow["destinationLocation"]


def test_a_merged_end_is_said_to_be_merged_and_keeps_the_codes_of_all_that_it_merges(written: Path) -> None:
    merged = [each for each in entities(written, FLOW) if "description" in each]
    assert [(each["originLocationCode"], each["destinationLocationCode"]) for each in merged] == [
        ("21231", "21515|lac"),
        ("21515|lac", "all"),
    ]
    assert [each["description"].partition(":")[0] for each in merged] == [
        "Several places as destination",
        "Several places as origin and destination",
    ]
    # What stands for all places is at none.
    assert ["destinationLocation" in each for each in merged] == [True, False]


def test_the_hour_that_comes_twice_is_told_apart_by_its_instant(written: Path) -> None:
    twice = [each["dateObserved"] for each in entities(written, FLOW) if each["hour"] == 2]
    assert twice == ["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"]


def test_every_line_but_the_brackets_is_an_entity(written: Path) -> None:
    for path in written.glob("*.jsonld"):
        first, *lines, last = path.read_text(encoding="utf-8").splitlines()
        assert (first, last) == ("[", "]")
        assert [json.loads(line.removesuffix(",")) for line in lines] == json.loads(path.read_text("utf-8"))


def test_identifiers_are_unique_short_and_the_same_again(written: Path, handmade: Release, tmp_path: Path) -> None:
    write(handmade, tmp_path, lambda _: None, Publisher())
    for model in (CROWD, FLOW):
        names = [each["id"] for each in entities(written, model)]
        assert len(set(names)) == len(names) > 0
        assert max(map(len, names)) <= 256
        assert names == [each["id"] for each in entities(tmp_path, model)]


def test_a_degraded_part_says_so_and_no_other_does(handmade: Release) -> None:
    day = handmade.days[0]
    table = handmade.table("presence", day)
    start = table["window_start"].cast("int64")[0].as_py()
    flagged = Day(
        day.terms, day.timezone, day.unit, day.files, True, (Degraded("presence", start, (("21231", EIGHTS[0]),)),)
    )
    told = [json.loads(each).get("degraded") for each in Entities(handmade, DIJON).crowds(flagged, table)]
    assert told == [True, *[None] * (table.num_rows - 1)]


@pytest.mark.parametrize(("model", "indicator", "count"), [(CROWD, "presence", "people"), (FLOW, "flows", "flow")])
def test_the_counts_of_an_audited_export_are_those_of_the_release(
    audited: tuple[Path, Path], model: str, indicator: str, count: str
) -> None:
    root, out = audited
    released = duckdb.sql(
        "SELECT strftime(window_start AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ'), zone_id, people::BIGINT, "
        f"people_low::BIGINT, people_high::BIGINT FROM read_parquet('{root}/{indicator}/*/*.parquet') ORDER BY ALL"
    ).fetchall()
    start, place = ("dateObservedFrom", "zoneId") if model == CROWD else ("dateObserved", "originLocationCode")
    names = (start, place, *(f"{count}Count{end}" for end in ("", "Low", "High")))
    assert released
    assert sorted(tuple(each[name] for name in names) for each in entities(out, model)) == released


@pytest.mark.parametrize("model", [CROWD, FLOW])
def test_the_official_model_accepts_every_entity(audited: tuple[Path, Path], written: Path, model: str) -> None:
    found = entities(audited[1], model) + entities(written, model)
    assert found
    assert [said for each in found for said in complaints(model, each)] == []


@pytest.mark.parametrize("name", ["example.json", "example.jsonld"])
@pytest.mark.parametrize("model", [CROWD, FLOW])
def test_the_official_model_accepts_its_own_example(model: str, name: str) -> None:
    path = shared_conformance() / "smart-data-models" / model / "examples" / name
    example = json.loads(path.read_text(encoding="utf-8"))
    assert example["type"] == model
    assert complaints(model, example) == []


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (CROWD, {"peopleCount": 12.5}),
        (CROWD, {"peopleCount": None}),
        (CROWD, {"peopleCount": "<20"}),
        (CROWD, {"peopleCount": -10}),
        (CROWD, {"type": FLOW}),
        (CROWD, {"dateObservedTo": "24/10/2026"}),
        (CROWD, {"location": {"type": "Polygon", "coordinates": [[[5.0, 47.0]]]}}),
        (FLOW, {"flowCount": 12.5}),
        (FLOW, {"hour": 24}),
        (FLOW, {"dateObserved": "2026-10-24"}),
        (FLOW, {"flowType": "unknown"}),
        (FLOW, {"originLocationCode": 21231}),
    ],
)
def test_the_official_model_refuses_what_is_wrong(written: Path, model: str, change: Entity) -> None:
    right = entities(written, model)[0]
    assert complaints(model, right) == []
    assert complaints(model, right | change)


def test_a_release_with_neither_presence_nor_flows_is_refused(tmp_path: Path) -> None:
    made = release(tmp_path / "release", {DAY: {"transit": TABLES["transit"]}})
    with pytest.raises(UsageError, match="expected a release with presence or flows"):
        write(made, tmp_path, lambda _: None, DIJON)
