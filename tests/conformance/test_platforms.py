"""Readers from npm open what an export writes for platforms: NGSI-LD, and the catalogue in its three syntaxes."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from rdflib import Graph, Literal

from pipelines.exports.dcat import write as write_catalogue
from pipelines.exports.ngsi_entities import CONTEXT
from pipelines.exports.ngsi_ld import write as write_entities
from pipelines.exports.publisher import Publisher
from tests.conformance import node
from tests.exports.handmade import release
from tests.paths import shared_conformance

pytestmark = pytest.mark.conformance

DIJON = Publisher("Dijon métropole", "https://data.ville.example/flux")
MODELS = ("CrowdFlowObserved", "OriginDestinationFlow")
VOCABULARY = "https://smartdatamodels.org/dataModel.Transportation/"
DEFAULT = "https://uri.etsi.org/ngsi-ld/default-context/"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("platforms")
    made = release(folder / "release")
    (folder / "out").mkdir()
    for write in (write_entities, write_catalogue):
        write(made, folder / "out", lambda _: None, DIJON)
    return folder / "out"


@cache
def contexts() -> dict[str, Any]:
    """What the two contexts say of what the official models name: the terms of the models, and the core of NGSI-LD."""
    models = [
        json.loads((shared_conformance() / "smart-data-models" / name / "schema.json").read_text("utf-8"))
        for name in MODELS
    ]
    named = {term for model in models for part in model["allOf"] for term in part.get("properties", ())} - {"type"}
    geo = "https://purl.org/geojson/vocab#"
    core = {
        "@version": 1.1,
        "id": "@id",
        "type": "@type",
        "location": "https://uri.etsi.org/ngsi-ld/location",
        **{shape: geo + shape for shape in ("Point", "Polygon", "MultiPolygon")},
        "coordinates": {"@container": "@list", "@id": f"{geo}coordinates"},
        "@vocab": DEFAULT,
    }
    terms = {term: VOCABULARY + term for term in (*named, *MODELS)}
    return {CONTEXT[0]: {"@context": terms}, CONTEXT[1]: {"@context": core}}


def expanded(text: str) -> Any:
    return node.read("jsonld", {"document": json.loads(text), "contexts": contexts()})


@pytest.mark.parametrize("model", MODELS)
def test_every_entity_expands_to_a_node_that_loses_no_attribute(written: Path, model: str) -> None:
    for path in written.glob(f"{model}_*.jsonld"):
        text = path.read_text(encoding="utf-8")
        entities = json.loads(text)
        nodes = expanded(text)["nodes"]
        assert [each["@id"] for each in nodes] == [each["id"] for each in entities]
        assert {kind for each in nodes for kind in each["@type"]} == {VOCABULARY + model}
        assert [len(each) for each in nodes] == [len(each) - 1 for each in entities]


def test_counts_and_places_are_read_as_they_were_written(written: Path) -> None:
    [path] = written.glob("CrowdFlowObserved_2026-10-24.jsonld")
    text = path.read_text(encoding="utf-8")
    for told, entity in zip(expanded(text)["nodes"], json.loads(text), strict=True):
        assert told[f"{VOCABULARY}peopleCount"] == [{"@value": entity["peopleCount"]}]
        assert told[f"{DEFAULT}peopleCountHigh"] == [{"@value": entity["peopleCountHigh"]}]
        [place] = told["https://uri.etsi.org/ngsi-ld/location"]
        assert place["@type"] == [f"https://purl.org/geojson/vocab#{entity['location']['type']}"]
        assert flat(place["https://purl.org/geojson/vocab#coordinates"]) == flat(entity["location"]["coordinates"])


def flat(value: Any) -> list[float]:
    """The numbers of nested lists, as JSON has them or as JSON-LD does."""
    if isinstance(value, dict):
        return flat(value["@list"]) if "@list" in value else [value["@value"]]
    return [number for each in value for number in flat(each)] if isinstance(value, list) else [value]


@pytest.mark.parametrize(
    "change", [{"id": 5}, {"@context": ["https://nowhere.example/"]}, {"type": {"is": "a"}}, {"@id": "urn:another"}]
)
def test_an_entity_that_is_no_json_ld_is_refused(written: Path, change: dict[str, object]) -> None:
    [path] = written.glob("CrowdFlowObserved_2026-10-24.jsonld")
    entity = json.loads(path.read_text(encoding="utf-8"))[0]
    assert "error" not in expanded(json.dumps(entity))
    assert "error" in expanded(json.dumps(entity | change))


def ours(folder: Path) -> list[list[object]]:
    """The statements of the catalogue as rdflib reads them."""
    graph = Graph().parse(folder / "catalogue.ttl")
    return [[str(subject), str(said), _told(value)] for subject, said, value in graph]


def _told(value: object) -> object:
    if not isinstance(value, Literal):
        return str(value)
    string = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString" if value.language else None
    kind = value.datatype or string or "http://www.w3.org/2001/XMLSchema#string"
    return {"value": str(value), "type": str(kind), "language": value.language or ""}


def read(syntax: str, text: str) -> Any:
    return node.read("rdf", {"syntax": syntax, "text": text})


def ordered(statements: list[list[object]]) -> list[str]:
    return sorted(json.dumps(each, sort_keys=True) for each in statements)


@pytest.mark.parametrize(("syntax", "ending"), [("turtle", "ttl"), ("xml", "rdf")])
def test_other_readers_find_the_statements_of_the_catalogue(written: Path, syntax: str, ending: str) -> None:
    text = (written / f"catalogue.{ending}").read_text(encoding="utf-8")
    assert ordered(read(syntax, text)["statements"]) == ordered(ours(written))


def test_the_catalogue_in_json_ld_has_as_many_statements(written: Path) -> None:
    assert expanded((written / "catalogue.jsonld").read_text("utf-8"))["quads"] == len(ours(written))


@pytest.mark.parametrize(("syntax", "ending", "end"), [("turtle", "ttl", " ;\n"), ("xml", "rdf", "</rdf:Description>")])
def test_a_catalogue_that_lacks_the_end_of_a_node_is_refused(written: Path, syntax: str, ending: str, end: str) -> None:
    text = (written / f"catalogue.{ending}").read_text(encoding="utf-8")
    assert end in text
    assert "error" in read(syntax, text.replace(end, "", 1))
