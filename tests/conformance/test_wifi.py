"""Official schemas judge the files of the Wi-Fi feed: FIWARE AccessPoint, and requests of Open311 GeoReport v2."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from pipelines.feeds import settings
from pipelines.feeds.build import build
from pipelines.feeds.feed import all_feeds
from pipelines.simulator.heartbeats import as_csv, heartbeats
from tests.feeds.wifi.making import document
from tests.paths import ROOT, shared_conformance
from tests.simulator.test_heartbeats import AT, POINTS, TOWN

pytestmark = pytest.mark.conformance


def schema(path: str) -> dict:
    return json.loads((shared_conformance() / path).read_text(encoding="utf-8"))


def access_point() -> Draft202012Validator:
    models = "smart-data-models"
    parts = [schema(f"{models}/{name}-schema.json") for name in ("common", "device")]
    registry = Registry().with_resources([(part["$id"], Resource.from_contents(part)) for part in parts])
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(schema(f"{models}/AccessPoint/schema.json"), registry=registry, format_checker=checker)


def request() -> Draft202012Validator:
    found = schema("open311-georeport-v2/request.json")
    return Draft202012Validator(found, format_checker=Draft202012Validator.FORMAT_CHECKER)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict]]:
    folder: Path = tmp_path_factory.mktemp("wifi")
    (folder / "town.toml").write_text(f'{TOWN}"{ROOT / "data/dijon/feeds/wifi.csv"}"\n', encoding="utf-8")
    (folder / "heartbeats.csv").write_bytes(as_csv(heartbeats(POINTS, AT, 1)))
    built = build(settings.load(folder / "town.toml", all_feeds()), AT, lambda _: None)
    return {name: document(built, name) for name in ("access-points.json", "faults.json")}


def test_every_access_point_is_one_of_the_official_model(written: dict[str, list[dict]]) -> None:
    assert len(written["access-points.json"]) == len(POINTS)
    assert [error.message for each in written["access-points.json"] for error in access_point().iter_errors(each)] == []


def test_the_official_example_is_an_access_point() -> None:
    example = schema("smart-data-models/AccessPoint/examples/example.json")

    assert list(access_point().iter_errors(example)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"apState": "unknown"},
        {"clientsConnected": -1},
        {"clientsConnected": "20 or more"},
        {"ssid": "Dijon-Public"},
        {"dateLastValueReported": "20/06/2026"},
        {"name": None},
        {"type": "Accesspoint"},
        {"id": ""},
        {"location": {"type": "Point", "coordinates": [5.04]}},
    ],
)
def test_the_official_model_refuses_what_is_wrong(written: dict[str, list[dict]], change: dict[str, object]) -> None:
    entity = {key: value for key, value in (written["access-points.json"][0] | change).items() if value is not None}

    assert list(access_point().iter_errors(entity))


def test_every_fault_is_a_request_of_open311(written: dict[str, list[dict]]) -> None:
    assert {each["status"] for each in written["faults.json"]} == {"open", "closed"}
    assert [error.message for each in written["faults.json"] for error in request().iter_errors(each)] == []


@contextmanager
def served(content: bytes) -> Iterator[str]:
    """The address of a server on loopback that answers every question with a content."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    asked: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/open311/v2"
        finally:
            server.shutdown()
            thread.join()
    assert asked == ["/open311/v2/requests.json"]


def test_the_client_of_open311_reads_every_fault(written: dict[str, list[dict]]) -> None:
    from georeport import GeoReport  # only `make test-conformance` installs it

    faults = json.dumps(written["faults.json"], ensure_ascii=False).encode()
    with served(faults) as address:
        found = GeoReport(address).get_service_requests()

    assert found
    assert found == written["faults.json"]
    with served(faults[:-2]) as address, pytest.raises(ValueError):  # noqa: PT011
        GeoReport(address).get_service_requests()


@pytest.mark.parametrize(
    "change",
    [{"status": "in_progress"}, {"requested_datetime": "20/06/2026"}, {"service_code": None}, {"lat": "47.3"}],
)
def test_open311_refuses_what_is_wrong(written: dict[str, list[dict]], change: dict[str, object]) -> None:
    report = {key: value for key, value in (written["faults.json"][0] | change).items() if value is not None}

    assert list(request().iter_errors(report))
