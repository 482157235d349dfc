"""The client of Open311 reads the server of reports, over the network and in both formats."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from tests.server.reports.made import BASE, FAULT, served

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("reports")
    made = served(folder)
    made.client()
    server = uvicorn.Server(uvicorn.Config(made.app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}{BASE}"
    server.should_exit = True
    thread.join()


def texts(tree: object) -> object:
    """What JSON says, with the texts that XML has in place of numbers and truth values."""
    if isinstance(tree, dict):
        return {key: texts(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [texts(each) for each in tree]
    return str(tree).lower() if isinstance(tree, bool) else None if tree is None else str(tree)


def test_the_client_of_open311_reads_services_and_requests_alike_in_both_formats(address: str) -> None:
    from georeport import GeoReport  # only `make test-conformance` installs it

    fields = FAULT | {"description": "Câble <à> terre & poteau"}
    names = [httpx.post(f"{address}/requests.json", data=fields).json()[0]["service_request_id"] for _ in range(2)]
    by_json, by_xml = (GeoReport(address, output_format=each) for each in ("json", "xml"))
    assert [each["service_code"] for each in by_json.get_service_list()] == ["mobile", "fixed", "line", "wifi"]
    assert by_xml.get_service_list() == texts(by_json.get_service_list())
    asked = by_xml.get_service_definition("mobile")["attributes"]["attribute"]
    assert [each["code"] for each in asked] == ["operator", "trouble", "since"]
    assert len(by_json.get_service_definition("mobile")["attributes"]) == 3
    assert sorted(each["service_request_id"] for each in by_json.get_service_requests(status="open")) == sorted(names)
    assert by_xml.get_service_requests() == texts(by_json.get_service_requests())
    found = by_json.get_service_request(names[0])
    assert found["service_request_id"] == names[0]
    assert by_xml.get_service_request(names[0]) == texts(found)
    assert by_json.get_service_requests(status="closed") == []
    with pytest.raises(Exception, match="404"):
        by_json.get_service_request("none")
