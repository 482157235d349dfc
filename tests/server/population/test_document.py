"""Our OpenAPI document, beside the official one."""

from typing import Any

import pytest

from pipelines.server.population.routes import PREFIX
from tests.server.population import official
from tests.server.population.town import Town

REQUESTS = ("PopulationDensityRequest", "Polygon", "GeohashList", "Point", "AccessTokenCredential")
ANSWERS = ("PopulationDensityResponse", "TimedPopulationDensityData", "AcceptedAsyncResponse", "ErrorInfo")
LIMITS = ("type", "format", "pattern", "minimum", "maximum", "maxLength", "minItems", "maxItems")


@pytest.fixture(scope="module")
def ours(town: Town) -> dict[str, Any]:
    found: dict[str, Any] = town.http.get("/openapi.json").json()
    return found


def flat(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with its references followed, and its parts joined."""
    if "$ref" in schema:
        return flat(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    parts = [flat(document, part) for part in schema.get("allOf", [])]
    parts += [flat(document, part) for part in schema.get("anyOf", []) if part.get("type") != "null"]
    joined: dict[str, Any] = {name: value for name, value in schema.items() if name not in ("allOf", "anyOf")}
    for part in parts:
        properties = joined.get("properties", {}) | part.get("properties", {})
        required = [*joined.get("required", []), *part.get("required", [])]
        joined = part | joined | ({"properties": properties, "required": required} if properties else {})
    return joined


def limits(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    found = flat(document, schema)
    kept = {name: found[name] for name in LIMITS if name in found}
    kept = {name: value for name, value in kept.items() if value not in ("double", "int32", "uri")}
    if "items" in found:
        kept["items"] = limits(document, found["items"])
    return kept


def test_the_operation_is_that_of_the_standard(ours: dict[str, Any]) -> None:
    theirs = official.document()
    assert theirs["servers"][0]["url"].removeprefix("{apiRoot}") == PREFIX
    operation, standard = ours["paths"][f"{PREFIX}/retrieve"]["post"], theirs["paths"]["/retrieve"]["post"]
    assert operation["operationId"] == standard["operationId"]
    assert set(operation["responses"]) >= {*standard["responses"], "503"}
    assert [(each["name"], each["in"]) for each in operation["parameters"]] == [("x-correlator", "header")]
    assert list(operation["callbacks"]["notification"]) == ["{$request.body#/sink}"]


@pytest.mark.parametrize("name", [*REQUESTS, *ANSWERS])
def test_a_schema_has_the_properties_of_the_standard(ours: dict[str, Any], name: str) -> None:
    document = official.document()
    mine, theirs = (flat(each, each["components"]["schemas"][name]) for each in (ours, document))
    assert set(mine["properties"]) == set(theirs["properties"])
    assert set(mine.get("required", [])) == set(theirs.get("required", []))
    if name == "PopulationDensityRequest":
        assert mine["additionalProperties"] is theirs["additionalProperties"] is False


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("PopulationDensityRequest", "precision"),
        ("PopulationDensityRequest", "sink"),
        ("PopulationDensityRequest", "startTime"),
        ("Polygon", "boundary"),
        ("GeohashList", "geohashes"),
        ("Point", "latitude"),
        ("Point", "longitude"),
        ("AccessTokenCredential", "accessToken"),
        ("PopulationDensityResponse", "timedPopulationDensityData"),
        ("PopulationDensityResponse", "statusInfo"),
        ("TimedPopulationDensityData", "cellPopulationDensityData"),
        ("ErrorInfo", "code"),
        ("ErrorInfo", "message"),
    ],
)
def test_a_property_has_the_limits_of_the_standard(ours: dict[str, Any], name: str, key: str) -> None:
    document = official.document()
    mine, theirs = (
        limits(each, flat(each, each["components"]["schemas"][name])["properties"][key]) for each in (ours, document)
    )
    assert mine == theirs


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("POST", f"{PREFIX}/none", b"{}", 404),
        ("GET", f"{PREFIX}/retrieve", b"", 405),
        ("POST", f"{PREFIX}/retrieve", b" " * 2**20, 413),
        ("GET", f"{PREFIX}/%00", b"", 400),
    ],
)
def test_the_correlator_comes_back_with_a_refusal_of_no_route(
    town: Town, method: str, path: str, content: bytes, status: int
) -> None:
    for given, back in (("flight-7", "flight-7"), ("two words", None)):
        found = town.http.request(method, path, content=content, headers={"x-correlator": given})
        assert (found.status_code, found.headers.get("x-correlator")) == (status, back)
    assert "x-correlator" not in town.http.request(method, path, content=content).headers


def test_another_path_gives_no_correlator_back(town: Town) -> None:
    assert "x-correlator" not in town.http.get("/health", headers={"x-correlator": "flight-7"}).headers
