"""The independent readers accept what is right and refuse what is wrong: their verdicts on the feeds mean something."""

import base64
import csv
import json

import pytest
from google.transit import gtfs_realtime_pb2

from tests.conformance import node
from tests.paths import shared_conformance

pytestmark = pytest.mark.conformance

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Town//Waste//FR
BEGIN:VEVENT
UID:round-1@town.example
DTSTAMP:20261001T000000Z
DTSTART;VALUE=DATE:20261006
RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4
EXDATE;VALUE=DATE:20261020
SUMMARY:Déchets ménagers
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Alerts",
    "items": [{"id": "1", "content_text": "Snow"}],
}
POINT = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [5.04, 47.32]}, "properties": {}}


def test_a_calendar_is_read_with_its_occurrences() -> None:
    read = node.read("ical", CALENDAR)
    (event,) = read["events"]
    assert (event["uid"], event["summary"], event["all_day"]) == ("round-1@town.example", "Déchets ménagers", True)
    assert [each["local"] for each in event["occurrences"]] == ["2026-10-06", "2026-11-03", "2026-11-17"]


def test_half_a_calendar_is_refused() -> None:
    assert "error" in node.read("ical", CALENDAR[: len(CALENDAR) // 2])


def test_a_json_feed_is_valid() -> None:
    assert node.read("jsonfeed", json.dumps(FEED)) == {"valid": True, "errors": [], "items": 1}


@pytest.mark.parametrize(
    "change", [{"title": None}, {"items": [{"id": "1"}]}, {"_expires": "2027-01-01"}, {"version": "1.1"}]
)
def test_a_wrong_json_feed_is_refused(change: dict[str, object]) -> None:
    assert not node.read("jsonfeed", json.dumps(FEED | change))["valid"]


def alert() -> gtfs_realtime_pb2.FeedMessage:
    message = gtfs_realtime_pb2.FeedMessage()
    message.header.gtfs_realtime_version = "2.0"
    message.header.timestamp = 1_790_000_000
    entity = message.entity.add(id="works")
    entity.alert.cause = gtfs_realtime_pb2.Alert.CONSTRUCTION
    entity.alert.informed_entity.add(route_id="T1")
    return message


def test_an_alert_of_a_transport_line_is_decoded() -> None:
    read = node.read("gtfs", alert().SerializeToString())
    assert read["header"]["timestamp"] == 1_790_000_000
    (entity,) = read["entity"]
    assert (entity["id"], entity["alert"]["cause"]) == ("works", "CONSTRUCTION")
    assert entity["alert"]["informedEntity"] == [{"routeId": "T1"}]


def test_bytes_that_are_no_message_are_refused() -> None:
    assert "error" in node.read("gtfs", base64.b64decode("/////w=="))


def test_geojson_is_valid() -> None:
    assert node.read("geojson", json.dumps(POINT))["valid"]


def test_a_ring_that_is_not_closed_is_refused() -> None:
    ring = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}
    found = node.read("geojson", json.dumps(POINT | {"geometry": ring}))
    assert not found["valid"]
    assert found["errors"]


def places() -> list[dict[str, str]]:
    path = shared_conformance() / "mediation-numerique" / "exemple-valide.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_official_example_of_digital_inclusion_is_read() -> None:
    (read,) = node.read("mediation", places())
    assert read["place"]["nom"] == places()[0]["nom"]


@pytest.mark.parametrize(
    ("column", "text"), [("nom", ""), ("code_postal", ""), ("adresse", ""), ("telephone", "1"), ("services", "Piscine")]
)
def test_a_wrong_row_of_digital_inclusion_is_refused(column: str, text: str) -> None:
    (read,) = node.read("mediation", [places()[0] | {column: text}])
    assert "error" in read


def test_the_list_of_packages_names_no_registry_and_has_a_hash_for_each() -> None:
    text = node.LOCK.read_text(encoding="utf-8")
    assert "://" not in text
    packages = {name: package for name, package in json.loads(text)["packages"].items() if name}
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())
