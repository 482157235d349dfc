"""Every scenario of the official feature file, under its tag."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import shapely
from httpx import Response

from pipelines.server.population import geohash, routes
from pipelines.server.tokens import SECONDS
from schemas.errors import CheckFailed
from tests.anonymization.releases import A, B
from tests.server.population import official
from tests.server.population.sink import Sink, listening
from tests.server.population.town import NEXT, NOW, PAST, REST, Town, around, asking, geohash_at, listed, serve

OWN = "POPULATION_DENSITY_DATA."
AWAY = "u09tvw0"
"""A geohash in Paris."""
DATA = ("LOW_DENSITY", "DENSITY_ESTIMATION")
CORRELATED = "b4333c46-49c0"

Scenario = Callable[[Town, Path], None]
SCENARIOS: dict[str, Scenario] = {}


def scenario(tag: str) -> Callable[[Scenario], Scenario]:
    def entered(test: Scenario) -> Scenario:
        SCENARIOS[tag] = test
        return test

    return entered


def succeeded(response: Response, status: str) -> list[dict[str, Any]]:
    """The intervals of an answer that is as scenarios of success say, over two hours."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-correlator"] == CORRELATED
    body = response.json()
    official.complies(body, "PopulationDensityResponse")
    assert body["status"] == status
    intervals: list[dict[str, Any]] = body["timedPopulationDensityData"]
    return intervals


def covers(intervals: list[dict[str, Any]], period: tuple[str, str]) -> None:
    bounds = [(each["startTime"], each["endTime"]) for each in intervals]
    assert bounds[0][0] <= period[0]
    assert bounds[-1][1] >= period[1]
    assert all(end == start for (_, end), (start, _) in pairwise(bounds))


def cells(intervals: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (cell for each in intervals for cell in each["cellPopulationDensityData"])


def kinds(intervals: list[dict[str, Any]]) -> set[str]:
    return {cell["dataType"] for cell in cells(intervals)}


def inside(intervals: list[dict[str, Any]], polygon: Any) -> None:
    shape = shapely.Polygon([(each["longitude"], each["latitude"]) for each in polygon["boundary"]])
    found = {cell["geohash"] for cell in cells(intervals)}
    for text in found:
        box = shapely.box(*geohash.boxes(geohash.parsed([text]), len(text))[0])
        assert shape.intersection(box).area > 0


def refused(response: Response, status: int, *codes: str, correlated: bool = True) -> None:
    """A refusal as scenarios of errors say."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    official.complies(body, "ErrorInfo")
    assert body["status"] == status
    assert body["code"] in codes, body
    assert body["message"].endswith(".") or status in (401, 403, 429)
    assert response.headers.get("x-correlator") == (CORRELATED if correlated else None)


def crossing(**changes: object) -> dict[str, Any]:
    return asking(("2026-07-16T10:00:00Z", "2026-07-16T14:00:00Z"), **changes)


def credential(**changes: object) -> dict[str, Any]:
    return {
        "credentialType": "ACCESSTOKEN",
        "accessToken": "secret-of-the-sink",
        "accessTokenExpiresUtc": (NOW + timedelta(hours=1)).isoformat(),
        "accessTokenType": "bearer",
    } | changes


@scenario("01_polygon_supported_area_success_scenario")
def _polygon(town: Town, folder: Path) -> None:
    request = asking()
    found = succeeded(town.ask(request), "SUPPORTED_AREA")
    covers(found, NEXT)
    inside(found, request["area"])
    assert kinds(found) <= set(DATA)


@scenario("02_polygon_partial_area_success_scenario")
def _partial(town: Town, folder: Path) -> None:
    found = succeeded(town.ask(asking(area=around(REST, 0.02), precision=6)), "PART_OF_AREA_NOT_SUPPORTED")
    covers(found, NEXT)
    assert "NO_DATA" in kinds(found)
    assert kinds(found) & set(DATA)


@scenario("03_polygon_not_supported_area_success_scenario")
def _outside(town: Town, folder: Path) -> None:
    assert succeeded(town.ask(asking(area=around(A, of=2.0))), "AREA_NOT_SUPPORTED") == []


@scenario("04_geohashlist_supported_area_success_scenario")
def _list(town: Town, folder: Path) -> None:
    asked = [geohash_at(A, 7), geohash_at(B, 7), geohash_at(A, 6)]
    found = succeeded(town.ask(listed(*asked)), "SUPPORTED_AREA")
    covers(found, NEXT)
    assert all([cell["geohash"] for cell in each["cellPopulationDensityData"]] == asked for each in found)
    assert kinds(found) <= set(DATA)


@scenario("05_geohashlist_partial_area_success_scenario")
def _partial_list(town: Town, folder: Path) -> None:
    found = succeeded(town.ask(listed(geohash_at(A, 7), AWAY)), "PART_OF_AREA_NOT_SUPPORTED")
    covers(found, NEXT)
    assert [cell["dataType"] for cell in cells(found)] == ["DENSITY_ESTIMATION", "NO_DATA"] * 2


@scenario("06_geohashlist_not_supported_area_success_scenario")
def _list_outside(town: Town, folder: Path) -> None:
    assert succeeded(town.ask(listed(AWAY)), "AREA_NOT_SUPPORTED") == []


def sent(town: Town, sink: Sink) -> dict[str, Any]:
    """The body that a sink gets for a request."""
    with mock.patch.dict("os.environ", {"SSL_CERT_FILE": str(sink.certificate)}):
        response = town.ask(asking(sink=f"{sink.origin}/answers?of=7", sinkCredential=credential()))
        assert response.status_code == 202
        assert response.headers["content-type"] == "application/json"
        assert response.headers["x-correlator"] == CORRELATED
        official.complies(response.json(), "AcceptedAsyncResponse")
        headers, body = sink.next()
    assert headers["authorization"] == "Bearer secret-of-the-sink"
    assert headers["x-correlator"] == CORRELATED
    official.complies(body, "PopulationDensityAsyncResponse")
    assert body["operationId"] == response.json()["operationId"]
    found: dict[str, Any] = body
    return found


@scenario("07_async_success_scenario")
def _callback(town: Town, folder: Path) -> None:
    with listening(folder) as sink:
        allowing = serve(folder, folder.parent / "release", sinks=(sink.origin,))
        body = sent(allowing, sink)
        at_once = allowing.ask(asking()).json()
        allowing.store.close()
    assert {name: value for name, value in body.items() if name != "operationId"} == at_once


@scenario("08_async_operation_not_completed_scenario")
def _failing(town: Town, folder: Path) -> None:
    broken = mock.patch.object(routes, "answer", side_effect=CheckFailed("damaged", "restore it"))
    with listening(folder) as sink, broken:
        allowing = serve(folder, folder.parent / "release", sinks=(sink.origin,))
        body = sent(allowing, sink)
        allowing.store.close()
    assert [each["why"] for each in allowing.told] == ["not completed (CheckFailed)"]
    assert body["status"] == "OPERATION_NOT_COMPLETED"
    assert body["statusInfo"]


@scenario("09_custom_precision_success_scenario")
def _precision(town: Town, folder: Path) -> None:
    found = succeeded(town.ask(asking(precision=6)), "SUPPORTED_AREA")
    assert {len(cell["geohash"]) for cell in cells(found)} == {6}


@scenario("10_supported_area_past_success_scenario")
def _past(town: Town, folder: Path) -> None:
    request = asking(PAST)
    found = succeeded(town.ask(request), "SUPPORTED_AREA")
    covers(found, PAST)
    inside(found, request["area"])
    assert kinds(found) == {"DENSITY_ESTIMATION"}


@scenario("400.01_missing_required_property")
def _missing(town: Town, folder: Path) -> None:
    for name in ("area", "startTime", "endTime"):
        refused(town.ask(asking(**{name: None})), 400, "INVALID_ARGUMENT")
    untyped = {name: value for name, value in around(A).items() if name != "areaType"}
    refused(town.ask(asking(area=untyped)), 400, "INVALID_ARGUMENT")


@scenario("400.02_invalid_date_format")
def _date(town: Town, folder: Path) -> None:
    wrong = ("2026-07-18", "2026-07-18T08:00:00", "18/07/2026 08:00", "2026-07-18T25:00:00Z", "1784361600", 1784361600)
    for name in ("startTime", "endTime"):
        for value in (*wrong, "2026-07-18T08:00:60Z", "2026-07-18T08:00:00Z" + " " * 60):
            refused(town.ask(asking(**{name: value})), 400, "INVALID_ARGUMENT")


@scenario("400.03_invalid_precision")
def _no_precision(town: Town, folder: Path) -> None:
    for value in (0, 13, -1, "7", 6.5, True, [7]):
        refused(town.ask(asking(precision=value)), 400, "INVALID_ARGUMENT")


@scenario("400.04_invalid_sink_credential")
def _credential(town: Town, folder: Path) -> None:
    for kind in ("PLAIN", "REFRESHTOKEN"):
        body = asking(sink="https://sink.example/", sinkCredential=credential(credentialType=kind))
        refused(town.ask(body), 400, "INVALID_CREDENTIAL")
    key = {"credentialType": "PRIVATE_KEY_JWT", "clientId": "me", "tokenUri": "https://sink.example/token"}
    refused(town.ask(asking(sink="https://sink.example/", sinkCredential=key)), 400, "INVALID_CREDENTIAL")


@scenario("400.05_sink_credential_invalid_token")
def _token(town: Town, folder: Path) -> None:
    gone = (NOW - timedelta(seconds=1)).isoformat()
    for change in ({"accessTokenType": "basic"}, {"accessTokenExpiresUtc": gone}, {"accessToken": "two\r\nlines"}):
        body = asking(sink="https://sink.example/", sinkCredential=credential(**change))
        refused(town.ask(body), 400, "INVALID_TOKEN")


@scenario("400.06_invalid_url")
def _sink(town: Town, folder: Path) -> None:
    for sink in ("sink", "http://sink.example/", "https://", "ftp://sink.example/", "https://127.0.0.1/", 7):
        refused(town.ask(asking(sink=sink)), 400, "INVALID_SINK")


def shape(*points: tuple[float, float]) -> dict[str, object]:
    return {"areaType": "POLYGON", "boundary": [{"longitude": x, "latitude": y} for x, y in points]}


@scenario("400.07_non_polygonal_area")
def _line(town: Town, folder: Path) -> None:
    refused(town.ask(asking(area=shape((5, 47), (5.1, 47.1), (5.2, 47.2)))), 400, f"{OWN}INVALID_AREA")
    refused(town.ask(asking(area=shape(*[(5, 47)] * 4))), 400, f"{OWN}INVALID_AREA")


@scenario("400.08_too_complex_area")
def _complex(town: Town, folder: Path) -> None:
    refused(town.ask(asking(area=shape((5, 47), (5.1, 47.1), (5.1, 47), (5, 47.1)))), 400, f"{OWN}INVALID_AREA")
    comb = [(5 + 0.001 * (i // 2), 47 + 0.001 * (i % 2)) for i in range(15)]
    refused(town.ask(asking(area=shape(*comb, (5.005, 46.9)))), 400, f"{OWN}INVALID_AREA")


@scenario("400.09_min_start_time_exceeded")
def _early(town: Town, folder: Path) -> None:
    refused(town.ask(asking(startTime="2026-04-15T00:00:00Z")), 400, f"{OWN}MIN_STARTTIME_EXCEEDED")


@scenario("400.10_max_start_time_exceeded")
def _late(town: Town, folder: Path) -> None:
    refused(town.ask(asking(startTime="2026-10-17T00:00:00Z")), 400, f"{OWN}MAX_STARTTIME_EXCEEDED")


@scenario("400.11_invalid_end_time")
def _backwards(town: Town, folder: Path) -> None:
    refused(town.ask(asking(endTime="2026-07-18T07:59:59Z")), 400, f"{OWN}INVALID_END_TIME")
    refused(town.ask(asking(endTime="2026-07-11T08:00:00Z")), 400, f"{OWN}INVALID_END_TIME")


@scenario("400.12_max_time_period_exceeded")
def _long(town: Town, folder: Path) -> None:
    refused(town.ask(asking(endTime="2026-07-25T08:00:01Z")), 400, f"{OWN}MAX_TIME_PERIOD_EXCEEDED")


@scenario("400.13_timeframe_crosses_request_time")
def _crossing(town: Town, folder: Path) -> None:
    refused(town.ask(crossing()), 400, f"{OWN}INVALID_TIME_PERIOD")


@scenario("400.14_precision_with_geohashlist")
def _both(town: Town, folder: Path) -> None:
    refused(town.ask(listed(geohash_at(A, 7)) | {"precision": 7}), 400, "INVALID_ARGUMENT")


@scenario("400.15_invalid_geohash_format")
def _no_geohash(town: Town, folder: Path) -> None:
    for text in ("u07t4za", "U07T4Z4", "", "u07t4z4u07t4z", "u07t4z\n"):
        refused(town.ask(listed(geohash_at(A, 7), text)), 400, "INVALID_ARGUMENT")


@scenario("400.16_unexpected_property")
def _unexpected(town: Town, folder: Path) -> None:
    told = town.ask(asking(colour="red"))
    refused(told, 400, "INVALID_ARGUMENT")
    assert "colour" not in told.text
    refused(town.ask(asking(area=around(A) | {"geohashes": ["u07t4z4"]})), 400, "INVALID_ARGUMENT")
    refused(town.ask(asking(sinkCredential=credential(refreshToken="x"))), 400, "INVALID_ARGUMENT")


@scenario("400.17_schema_not_compliant")
def _no_schema(town: Town, folder: Path) -> None:
    misplaced = town.ask(asking(area=shape((5, 47), (5.1, 91), (5, 47.1)))).json()
    assert misplaced["message"].endswith("See: area.boundary.1.latitude.")
    for body in (
        [],
        "text",
        7,
        asking(area=shape((5, 47), (5.1, 47.1))),
        asking(area=shape((5, 91), (6, 47), (5, 46))),
    ):
        refused(town.ask(body), 400, "INVALID_ARGUMENT")
    headers = {
        "authorization": f"Bearer {town.token()}",
        "x-correlator": CORRELATED,
        "content-type": "application/json",
    }
    for content in (b"{", b"\xff", b'{"area": NaN}'):
        sent = town.http.post(f"{routes.PREFIX}/retrieve", content=content, headers=headers)
        refused(sent, 400, "INVALID_ARGUMENT")


@scenario("400.18_no_request_body")
def _nothing(town: Town, folder: Path) -> None:
    headers = {"authorization": f"Bearer {town.token()}", "x-correlator": CORRELATED}
    refused(town.http.post(f"{routes.PREFIX}/retrieve", headers=headers), 400, "INVALID_ARGUMENT")


@scenario("400.19_empty_request_body")
def _empty(town: Town, folder: Path) -> None:
    refused(town.ask({}), 400, "INVALID_ARGUMENT")


@scenario("400.20_empty_area_property")
def _empty_area(town: Town, folder: Path) -> None:
    refused(town.ask(asking(area={})), 400, "INVALID_ARGUMENT")


@scenario("400.21_invalid_x_correlator")
def _correlator(town: Town, folder: Path) -> None:
    for value in ("two words", "x" * 257, "a,b", "\t"):
        refused(town.ask(asking(), {"x-correlator": value}), 400, "INVALID_ARGUMENT", correlated=False)


@scenario("401.01_expired_access_token")
def _expired(town: Town, folder: Path) -> None:
    token = town.token()
    assert town.ask(asking(), {"authorization": f"Bearer {token}"}).status_code == 200
    town.clock.seconds += SECONDS
    refused(town.ask(asking(), {"authorization": f"Bearer {token}"}), 401, "UNAUTHENTICATED")


@scenario("401.02_invalid_access_token")
def _wrong(town: Town, folder: Path) -> None:
    refused(town.ask(asking(), {"authorization": "Bearer drones.x"}), 401, "UNAUTHENTICATED")


@scenario("401.03_missing_authorization_header")
def _unproven(town: Town, folder: Path) -> None:
    refused(town.ask(asking(), {"authorization": ""}), 401, "UNAUTHENTICATED")
    refused(town.ask({}, {"authorization": ""}), 401, "UNAUTHENTICATED")


@scenario("403.01_invalid_token_permissions")
def _scope(town: Town, folder: Path) -> None:
    refused(town.ask(asking(), {"authorization": f"Bearer {town.token('other')}"}), 403, "PERMISSION_DENIED")


@scenario("422.01_unsupported_precision")
def _unsupported(town: Town, folder: Path) -> None:
    for precision in (1, 4, 8, 12):
        refused(town.ask(asking(precision=precision)), 422, f"{OWN}UNSUPPORTED_PRECISION")


@scenario("422.02_too_big_synchronous_response")
def _large(town: Town, folder: Path) -> None:
    week = (NEXT[0], "2026-07-25T08:00:00Z")
    refused(town.ask(asking(week, area=around(A, 0.03))), 422, f"{OWN}UNSUPPORTED_SYNC_RESPONSE")


@scenario("422.03_too_big_request")
def _too_large(town: Town, folder: Path) -> None:
    refused(town.ask(asking(area=around(A, 1.0))), 422, f"{OWN}UNSUPPORTED_REQUEST")
    refused(town.ask(asking(area=around(A, 1.0), sink="https://sink.example/")), 422, f"{OWN}UNSUPPORTED_REQUEST")


@scenario("422.04_unsupported_area_type")
def _no_lists(town: Town, folder: Path) -> None:
    without = serve(folder, folder.parent / "release", geohash_lists=False)
    refused(without.ask(listed(geohash_at(A, 7))), 422, f"{OWN}UNSUPPORTED_AREA_TYPE")
    without.store.close()


@scenario("422.05_unsupported_geohash_precision")
def _long_geohash(town: Town, folder: Path) -> None:
    for precision in (4, 8):
        refused(town.ask(listed(geohash_at(A, 7), geohash_at(A, precision))), 422, f"{OWN}UNSUPPORTED_PRECISION")


@scenario("429.01_too_many_requests")
def _often(town: Town, folder: Path) -> None:
    busy = serve(folder, folder.parent / "release", per_minute=6)
    assert busy.ask(asking()).status_code == 200
    refused(busy.ask(asking()), 429, "TOO_MANY_REQUESTS")
    busy.clock.seconds += 10
    assert busy.ask(asking()).status_code == 200
    busy.store.close()


@pytest.mark.parametrize("tag", list(SCENARIOS))
def test_the_scenario_passes(tag: str, town: Town, root: Path, tmp_path: Path) -> None:
    official.document()
    (tmp_path / "release").symlink_to(root)
    (tmp_path / "served").mkdir()
    SCENARIOS[tag](town, tmp_path / "served")


def test_no_scenario_of_the_feature_file_is_missing() -> None:
    assert sorted(SCENARIOS) == sorted(official.tags())
    assert len(SCENARIOS) == 41


def test_now_is_after_the_last_published_day() -> None:
    assert datetime.fromisoformat(PAST[1]) < NOW.astimezone(UTC) < datetime.fromisoformat(NEXT[0])
