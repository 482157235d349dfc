"""Reports within the whole server: its document, its keys and its limits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS, load_all_checks
from starlette.testclient import TestClient

from pipelines.server.guard import KEY_HEADER
from tests.server import made
from tests.server.known import REPORT, key_of_all, known
from tests.server.reports.made import BASE

TEXT = '[server]\nrequests_per_minute = 1000000\n[server.reports]\ncontact = "x@town.example"\npublic = true\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("town")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with made.client(made.configuration(folder, TEXT)) as found:
        yield found


def answered(operation, cases, key: str) -> set[int]:
    """The statuses of generated requests, whose answers are as the document says."""
    statuses: set[int] = set()
    # That two dates are at most 90 days apart is nothing that a schema can say.
    spans = [CHECKS.get_one("positive_data_acceptance")] if operation.path == f"{BASE}/requests.{{form}}" else []

    @settings(
        max_examples=4,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answer(case: schemathesis.Case) -> None:
        statuses.add(case.call_and_validate(excluded_checks=spans, headers={KEY_HEADER: key}).status_code)

    given(case=cases)(answer)()
    return statuses


def test_schemathesis_finds_no_500_and_no_breach_of_the_document(client: TestClient, folder: Path) -> None:
    key = key_of_all(folder / "clients.json")
    load_all_checks()
    schema = schemathesis.openapi.from_asgi("/openapi.json", client.app)
    operations = [each.ok() for each in schema.get_all_operations()]
    ours = [each for each in operations if each.path.startswith(BASE)]
    assert len(ours) == 7
    for operation in ours:
        right, wrong = (operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode)
        answered(operation, right, key)
        answered(operation, wrong, key)
        found = answered(operation, right.map(lambda case: known(case, key)), key)
        assert 200 in found or operation.label != REPORT


def test_a_key_that_nobody_has_and_a_body_too_large_are_errors_of_open311(client: TestClient) -> None:
    refused = client.post(f"{BASE}/requests.json", data={"api_key": "x"})
    assert (refused.status_code, refused.json()[0]["code"]) == (403, 403)
    form = {"content-type": "application/x-www-form-urlencoded"}
    large = client.post(f"{BASE}/requests.xml", content=b"x" * 11_000_000, headers=form)
    assert large.status_code == 413
    assert large.text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<errors><error><code>413</code>')
    assert client.post(f"{BASE}/requests.json", content=b"x" * 11_000_000, headers=form).json()[0]["code"] == 413


def test_a_resident_whose_photo_is_too_large_reads_it_in_two_languages(client: TestClient) -> None:
    large = client.post("/open311/report", content=b"x" * 11_000_000, headers={"content-type": "text/plain"})
    assert (large.status_code, large.headers["content-type"]) == (413, "text/plain; charset=utf-8")
    assert "trop grand" in large.text
    assert "too large" in large.text


def test_the_page_keeps_its_style_under_the_headers_of_the_server(client: TestClient) -> None:
    page = client.get("/open311/")
    assert "style-src 'self'" in page.headers["content-security-policy"]
    assert client.get("/open311/page.css").headers["content-type"] == "text/css; charset=utf-8"
    assert client.get("/open311/report").status_code == 200
