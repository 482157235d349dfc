"""Disruptions of transport: what is refused of them, and the message that is made of them."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from google.transit.gtfs_realtime_pb2 import Alert, FeedMessage

from pipelines.feeds.feed import Built
from pipelines.feeds.transport.words import CAUSES, EFFECTS
from tests.feeds.making import NOON, PARIS, errors
from tests.feeds.network_made import AGENCY, ROUTES, transport


def message(built: Built) -> FeedMessage:
    found = FeedMessage()
    found.ParseFromString(built.files["alerts.pb"])
    return found


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "a"}, "id"),
        ({"routes": "T9"}, "routes"),
        ({"routes": "T1|"}, "routes"),
        ({"stops": "T1"}, "stops"),
        ({"stops": "lac|gare"}, "stops"),
        ({"starts": ""}, "starts"),
        ({"starts": "2026-06-20"}, "starts"),
        ({"ends": "2026-06-20T10:00"}, "ends"),
        ({"ends": "2026-06-20T09:59"}, "ends"),
        ({"cause": "grève"}, "cause"),
        ({"effect": "delay"}, "effect"),
        ({"header_fr": ""}, "header_fr"),
        ({"url": "reseau.example"}, "url"),
    ],
)
def test_a_wrong_disruption_is_left_out_with_its_line_and_field(
    tmp_path: Path, changes: dict[str, str], field: str
) -> None:
    built, findings = transport(tmp_path, {}, {"id": "b"} | changes)
    assert errors(findings) == [("source.csv", 3, field)]
    assert [entity.id for entity in message(built).entity] == [item.id for item in built.items] == ["a"]


def test_the_message_says_when_what_where_and_in_both_languages(tmp_path: Path) -> None:
    row = {"description_fr": "Aucun tram.", "url": "https://reseau.example/greve", "effect": "NO_SERVICE"}
    built, _ = transport(tmp_path, row)
    found = message(built)
    header = found.header
    assert (header.gtfs_realtime_version, header.incrementality) == ("2.0", header.FULL_DATASET)
    assert header.timestamp == int(NOON.timestamp())
    alert = found.entity[0].alert
    begin, end = (int(datetime(2026, 6, day, 10, tzinfo=PARIS).timestamp()) for day in (20, 21))
    assert [(period.start, period.end) for period in alert.active_period] == [(begin, end)]
    assert (alert.cause, alert.effect) == (Alert.STRIKE, Alert.NO_SERVICE)
    assert [(each.language, each.text) for each in alert.header_text.translation] == [("fr", "Grève"), ("en", "Strike")]
    assert [(each.language, each.text) for each in alert.description_text.translation] == [("fr", "Aucun tram.")]
    assert alert.url.translation[0].text == "https://reseau.example/greve"


@pytest.mark.parametrize(
    ("routes", "stops", "found"),
    [
        ("T1|L3", "", [("", "T1", ""), ("", "L3", "")]),
        ("", "lac|g1", [("", "", "lac"), ("", "", "g1")]),
        ("T1|L3", "lac", [("", "T1", "lac"), ("", "L3", "lac")]),
        ("T1|T1", "", [("", "T1", "")]),
        ("", "", [("r", "", "")]),
    ],
)
def test_a_disruption_names_routes_stops_both_or_the_whole_network(
    tmp_path: Path, routes: str, stops: str, found: list[tuple[str, str, str]]
) -> None:
    built, _ = transport(tmp_path, {"routes": routes, "stops": stops})
    entities = message(built).entity[0].alert.informed_entity
    assert [(each.agency_id, each.route_id, each.stop_id) for each in entities] == found


def test_the_whole_network_cannot_be_named_without_an_agency_id(tmp_path: Path) -> None:
    agency, routes = AGENCY.replace("\nr,", "\n,"), ROUTES.replace(",r,", ",,")
    _, findings = transport(tmp_path, {"routes": ""}, agency=agency, routes=routes)
    assert errors(findings) == [("source.csv", 2, "routes")]


@pytest.mark.parametrize(("second", "shown"), [(-1, 1), (0, 0)])
def test_a_disruption_is_told_until_it_ends(tmp_path: Path, second: int, shown: int) -> None:
    at = datetime.fromtimestamp(datetime(2026, 6, 21, 10, tzinfo=PARIS).timestamp() + second, PARIS)
    built, _ = transport(tmp_path, {}, at=at)
    assert len(built.items) == len(message(built).entity) == shown


def test_without_an_end_a_disruption_ends_with_the_feed(tmp_path: Path) -> None:
    later = {"id": "b", "starts": "2026-07-01T00:00", "ends": ""}
    built, _ = transport(tmp_path, {"ends": ""}, later, valid_until=date(2026, 6, 30))
    (entity,) = message(built).entity
    assert entity.alert.active_period[0].end == int(datetime(2026, 7, 1, tzinfo=PARIS).timestamp())
    assert not message(transport(tmp_path, {"ends": ""})[0]).entity[0].alert.active_period[0].HasField("end")


def test_residents_read_lines_stops_and_why(tmp_path: Path) -> None:
    built, _ = transport(tmp_path, {"routes": "T1|L3", "stops": "g1|lac"})
    facts = {name.fr: value.fr for name, value in built.items[0].facts}
    assert facts == {
        "Conséquence": "Service interrompu",
        "Cause": "Grève",
        "Lignes": "T1 et Ligne 3",
        "Arrêts": "Gare et Lac",
    }
    assert built.items[0].place is not None
    assert (built.items[0].place.latitude, built.items[0].place.address) == (47.321, "Gare")
    stops = json.loads(built.files["stops.geojson"])["features"]
    assert [(each["id"], each["properties"]["disruptions"]) for each in stops] == [
        ("g", []),
        ("g1", ["a"]),
        ("lac", ["a"]),
    ]


def test_every_word_is_one_of_the_enumerations() -> None:
    assert {word.upper() for word in EFFECTS} == set(Alert.Effect.keys())
    assert {word.upper() for word in CAUSES} <= set(Alert.Cause.keys())
    assert set(Alert.Cause.keys()) - {word.upper() for word in CAUSES} <= {"SPECIAL_EVENT"}


def test_the_same_disruptions_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    rows = [{}, {"id": "b"}, {"id": "c", "starts": "2026-06-20T09:00"}]
    one, other = transport(tmp_path, *rows)[0], transport(tmp_path, *reversed(rows))[0]
    assert (one.files, one.items) == (other.files, other.items)
    assert [entity.id for entity in message(one).entity] == ["c", "a", "b"]


def test_what_began_before_1970_began_then(tmp_path: Path) -> None:
    built, _ = transport(tmp_path, {"starts": "1969-01-01T00:00"})
    assert message(built).entity[0].alert.active_period[0].start == 0
