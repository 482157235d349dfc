"""The OpenAPI document says all that is answered, and schemathesis finds nothing else."""

import contextlib
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS, load_all_checks
from starlette.testclient import TestClient

from pipelines.server.command import served
from pipelines.server.consultations.routes import SCOPE as ANSWER
from pipelines.server.guard import KEY_HEADER, Guard
from pipelines.server.population.routes import SCOPE
from pipelines.server.reports.interface import WRITE
from pipelines.server.service import all_services
from pipelines.server.settings import load
from pipelines.server.store import open_store
from pipelines.server.watched import Told
from tests.server import made, whole
from tests.server.known import GIVE, REPORT, RETRIEVE, TOKEN, key_of_all, known

REFUSES_RIGHT, TAKES_WRONG = "positive_data_acceptance", "negative_data_rejection"
NO_SCHEMA_SAYS = {
    # That dates are at most 90 days apart, and that an identifier overrides all else.
    "/open311/v2/requests.{form}": [REFUSES_RIGHT, TAKES_WRONG],
    # The check digits of a document.
    "/consultations/{consultation}/answers": [REFUSES_RIGHT],
    # That an outline does not cross itself, nor how far ahead may be asked.
    "/population-density-data/v1rc1/retrieve": [REFUSES_RIGHT],
    # That a secret is a client's.
    "/oauth2/token": [REFUSES_RIGHT],
}
"""What cannot be judged by the document alone, by operation."""
NOT_THERE = {
    "GET /consultations/{consultation}/{file}",
    "GET /open311/v2/requests/{service_request_id}.{form}",
    "GET /open311/v2/photos/{name}",
}
"""What has nothing to be found: no consultation is closed, and names of reports and photos are drawn."""


def test_every_operation_has_a_name_of_its_own_and_tells_its_refusals(ask: TestClient) -> None:
    document = ask.get("/openapi.json").json()
    operations = [each for path in document["paths"].values() for each in path.values()]
    names = [each["operationId"] for each in operations]
    assert len(set(names)) == len(names)
    for each in operations:
        assert {"400", "413", "429", "500"} <= each["responses"].keys()
        assert "422" not in each["responses"]
    for path in ("/v1/{town}", "/v1/{town}/{module}", "/v1/{town}/{module}/{file}", "/oauth2/token", "/metrics"):
        assert path in document["paths"]
    assert document["components"]["securitySchemes"].keys() == {"key", "token", "client"}


def test_every_reference_of_the_document_leads_somewhere(ask: TestClient) -> None:
    document = ask.get("/openapi.json").json()
    for reference in references(document):
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


def references(node: object) -> list[str]:
    if isinstance(node, list):
        return [found for each in node for found in references(each)]
    if not isinstance(node, dict):
        return []
    return [str(node["$ref"])] if "$ref" in node else [found for each in node.values() for found in references(each)]


def test_an_operation_that_needs_a_key_says_so_and_names_its_scope(tmp_path: Path) -> None:
    with made.client(whole.configuration(tmp_path)) as ask:
        document = ask.get("/openapi.json").json()
    paths = document["paths"].items()
    operations = {f"{method.upper()} {path}": each for path, those in paths for method, each in those.items()}
    secured = {label: each["security"] for label, each in operations.items() if "security" in each}
    assert secured == {
        # Without a key where nobody attends.
        GIVE: [{}, {"key": []}, {"token": [ANSWER]}],
        RETRIEVE: [{"key": []}, {"token": [SCOPE]}],
        REPORT: [{"key": []}, {"token": [WRITE]}],
        TOKEN: [{}, {"client": []}],
    }
    refusals = {label: {"401", "403"} & operations[label]["responses"].keys() for label in secured}
    assert refusals == {GIVE: {"401", "403"}, RETRIEVE: {"401", "403"}, REPORT: {"403"}, TOKEN: {"401"}}
    flow = document["components"]["securitySchemes"]["token"]["flows"]["clientCredentials"]
    assert flow["scopes"].keys() == {ANSWER, SCOPE, WRITE}
    form = operations[TOKEN]["requestBody"]["content"]["application/x-www-form-urlencoded"]
    assert form["example"]["scope"] in flow["scopes"]


@pytest.mark.parametrize("examples", [3, pytest.param(200, marks=pytest.mark.slow)])
def test_schemathesis_finds_no_500_and_no_breach_of_the_document(tmp_path: Path, examples: int) -> None:
    chosen = load(whole.configuration(tmp_path), all_services())
    key = key_of_all(chosen.server.clients)
    failures: list[str] = []
    seen: dict[str, set[int]] = {}
    load_all_checks()
    with contextlib.closing(open_store(chosen.server.database, tmp_path)) as store:
        app = served(chosen, store, Guard(chosen.server.clients, 1_000_000), Told(lambda line: None))
        schema = schemathesis.openapi.from_asgi("/openapi.json", app)
        for operation in (each.ok() for each in schema.get_all_operations()):
            found, seen[operation.label] = tried(operation, examples, key)
            failures += found
    assert failures == []
    assert {label for label, statuses in seen.items() if 200 not in statuses} == NOT_THERE
    assert {label for label, statuses in seen.items() if statuses & {401, 403}} <= {RETRIEVE, REPORT, TOKEN}


def tried(operation, examples: int, key: str) -> tuple[list[str], set[int]]:
    """What is wrong with the answers to generated requests, right ones, wrong ones and known ones; their statuses."""
    found: list[str] = []
    statuses: set[int] = set()
    beyond = [CHECKS.get_one(name) for name in NO_SCHEMA_SAYS.get(operation.path, [])]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answer(case: schemathesis.Case) -> None:
        statuses.add(case.call_and_validate(excluded_checks=beyond, headers={KEY_HEADER: key}).status_code)

    right, wrong = (operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode)
    for cases in (right, wrong, right.map(lambda case: known(case, key))):
        try:
            given(case=cases)(answer)()
        except Unsatisfiable:
            # An operation without parameters cannot be asked wrongly.
            continue
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001
            found.append(f"{operation.label}: {error}")
    return found, statuses
