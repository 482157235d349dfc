"""Reports within the whole server: its keys and its limits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.server import made
from tests.server.reports.made import BASE

TEXT = '[server]\nrequests_per_minute = 1000000\n[server.reports]\ncontact = "x@town.example"\npublic = true\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("town")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with made.client(made.configuration(folder, TEXT)) as found:
        yield found


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
