import json
import re
from datetime import datetime
from pathlib import Path

import pytest

from pipelines.feeds.build import files
from schemas.errors import UsageError
from tests.feeds.wifi.making import (
    AT,
    BEATS,
    HALL,
    HEAD,
    LAC,
    NEF,
    PARIS,
    STEADY,
    TOWN,
    built,
    document,
    lines,
)


def entities(folder: Path, beats: str = BEATS, at: datetime = AT, **changed: str) -> dict[str, dict]:
    return {each["name"]: each for each in document(built(folder, beats, at, **changed), "access-points.json")}


def test_states_are_up_down_and_left_out_where_they_are_unknown(tmp_path: Path) -> None:
    assert {name: each.get("apState") for name, each in entities(tmp_path).items()} == {
        "La Nef": "down",
        "Lac Kir": "up",
        "Accueil": None,
    }


def test_an_access_point_has_the_members_of_the_model_and_no_address_of_the_network(tmp_path: Path) -> None:
    assert entities(tmp_path)["La Nef"] == {
        "id": "urn:ngsi-ld:AccessPoint:dijon:nef",
        "type": "AccessPoint",
        "name": "La Nef",
        "apState": "down",
        "ssid": ["Dijon-Public", "Nef"],
        "dateLastValueReported": "2026-06-20T12:00:00+02:00",
        "refPointOfInterest": "urn:ngsi-ld:PointOfInterest:dijon:b1",
        "address": {"streetAddress": "1 Place du Théâtre, Dijon"},
        "location": {"type": "Point", "coordinates": [5.0436, 47.3212]},
    }


def test_only_an_access_point_that_is_a_part_by_itself_and_up_tells_its_clients(tmp_path: Path) -> None:
    assert {name: each.get("clientsConnected") for name, each in entities(tmp_path).items()} == {
        "La Nef": None,
        "Lac Kir": 40,
        "Accueil": None,
    }


@pytest.mark.parametrize(("count", "told"), [(19, False), (20, True), (21, True)])
def test_no_file_tells_a_count_below_k(tmp_path: Path, count: int, told: bool) -> None:
    found = built(tmp_path, lines({"lac": STEADY}, count))

    assert any(b"clientsConnected" in data for data in files(found).values()) == told
    assert document(found, "clients.json")["parts"] == (
        [{"access_points": ["lac"], "clients_at_least": 20}] if told else []
    )
    assert ("Devices connected" in str(found.modules[0].items)) == told


def test_an_access_point_in_a_pool_tells_no_clients_of_its_own(tmp_path: Path) -> None:
    beats = lines({"nef": STEADY}, 19) + lines({"lac": STEADY}, 42).partition("\n")[2]
    found = built(tmp_path, beats)

    assert document(found, "clients.json")["parts"] == [{"access_points": ["lac", "nef"], "clients_at_least": 60}]
    assert all("clientsConnected" not in each for each in document(found, "access-points.json"))
    assert "Devices connected" not in str(found.modules[0].items)


def test_building_again_within_the_hour_tells_the_same_of_clients(tmp_path: Path) -> None:
    early = lines({"lac": STEADY}, 42)
    later = early + "lac,2026-06-20T18:20:00+02:00,90\nlac,2026-06-20T17:00:00+02:00,55\n"
    first = document(built(tmp_path, early), "clients.json")

    assert document(built(tmp_path, later, AT.replace(minute=29)), "clients.json") == first


@pytest.mark.parametrize(("day", "state"), [("2026-06-20", "up"), ("2026-06-19", None)])
def test_past_its_last_day_the_feed_says_nothing(tmp_path: Path, day: str, state: str | None) -> None:
    found = built(tmp_path, BEATS, town=TOWN + f"valid_until = {day}\n")

    assert document(found, "access-points.json")[0].get("apState") == state
    assert bool(document(found, "clients.json")["parts"]) == (state is not None)
    assert document(found, "faults.json") == [] or state is not None


def test_without_heartbeats_every_state_is_unknown(tmp_path: Path) -> None:
    found = entities(tmp_path, town=TOWN.replace('heartbeats = "heartbeats.csv"\n', ""))

    assert {each.get("apState") for each in found.values()} == {None}


def test_items_say_in_both_languages_how_it_stands(tmp_path: Path) -> None:
    items = {item.title.en: item for item in built(tmp_path, BEATS).modules[0].items}

    assert items["La Nef"].text.en == "Out of order: last heard 20\u00a0June 2026, 12:00."
    assert items["La Nef"].text.fr == "En panne\u00a0: dernier signe de vie le 20\u00a0juin 2026 à 12\u00a0h."
    assert {name: item.mark.en for name, item in items.items() if item.mark.en} == {"La Nef": "Out of order"}
    assert items["Lac Kir"].text.fr == "En service."
    assert items["Accueil"].text.en.startswith("Not known: never heard")
    facts = {label.fr: value.fr for label, value in items["La Nef"].facts}
    assert facts["Disponibilité de juin 2026"] == "98,7\u00a0%"
    assert facts["Disponibilité de juin 2026, aux heures d’ouverture"] == "95,3\u00a0%"
    assert facts["Disponibilité de mai 2026"] == "inconnue"


def test_the_same_sources_and_instant_make_the_same_bytes(tmp_path: Path) -> None:
    head, *rows = BEATS.splitlines(keepends=True)

    assert files(built(tmp_path, BEATS)) == files(built(tmp_path, head + "".join(reversed(rows))))


@pytest.mark.parametrize(
    ("good", "bad", "field"),
    [
        ("lac,Lac", ",Lac", "id"),
        ("lac,Lac", "nef,Lac", "id"),
        ("lac,Lac", "lac kir,Lac", "id"),
        (",b2,", ",b 2,", "building_id"),
        (",,300", ",,9", "beat_seconds"),
        (",,300", ",,86401", "beat_seconds"),
        (",,300", ",always,300", "hours"),
        (",,,,300", ",91,5,,300", "latitude"),
        (",,,,300", ",47,181,,300", "longitude"),
    ],
)
def test_a_wrong_access_point_is_told_with_line_and_field(tmp_path: Path, good: str, bad: str, field: str) -> None:
    found = built(tmp_path, BEATS, source=HEAD + NEF + LAC.replace(good, bad, 1)).findings

    assert ("wifi.csv", 3, field, "error") in [(each.file, each.line, each.field, each.level) for each in found]


def test_two_hours_of_one_building_are_told(tmp_path: Path) -> None:
    twin = HALL.replace("hall,", "twin,").replace("18:00", "19:00")

    assert [
        (each.line, each.field, each.level)
        for each in built(tmp_path, BEATS, source=HEAD + NEF + LAC + HALL + twin).findings
    ] == [(5, "hours", "warning")]


@pytest.mark.parametrize(("seconds", "told"), [(199, 1), (200, 0), (300, 0), (600, 0), (601, 1)])
def test_an_access_point_that_beats_in_another_rhythm_than_stated_is_told(
    tmp_path: Path, seconds: int, told: int
) -> None:
    findings = built(tmp_path, BEATS, source=HEAD + NEF + LAC.replace(",300", f",{seconds}")).findings

    assert [(each.line, each.field, each.level) for each in findings] == [(3, "beat_seconds", "warning")] * told


@pytest.mark.parametrize(("night", "hours"), [("2026-10-25", 5), ("2026-03-29", 3), ("2026-06-20", 4)])
def test_opening_hours_are_as_long_as_the_night_on_which_clocks_change(tmp_path: Path, night: str, hours: int) -> None:
    nef = NEF.replace("Tu-Sa 10:00-18:30", "Mo-Su 00:00-04:00")
    at = datetime.fromisoformat(f"{night}T12:00").replace(tzinfo=PARIS)
    midnight = int(at.replace(hour=0).timestamp())
    beats = [datetime.fromtimestamp(second, PARIS) for second in range(midnight, int(at.timestamp()) + 1, 300)]
    found = built(tmp_path, lines({"nef": beats[12:], "lac": beats}), at, source=HEAD + nef + LAC)
    (share,) = [
        each["months"][1]["opening_hours"] for each in document(found, "availability.json") if each["id"] == "nef"
    ]

    # Four hours on each day before, of which nothing is told, and one of this night: the first beat comes at one.
    assert share["available"] == 1
    assert share["coverage"] == int((hours - 1) / (4 * (at.day - 1) + hours) * 10_000) / 10_000


@pytest.mark.parametrize("key", ["missed = 0", "steady = 1001"])
def test_an_impossible_number_of_beats_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(UsageError, match=re.escape(key.split()[0])):
        built(tmp_path, BEATS, town=TOWN + key + "\n")


def test_no_file_has_an_address_of_the_network_or_a_line_of_heartbeats(tmp_path: Path) -> None:
    source = (
        (HEAD + NEF + LAC + HALL)
        .replace("\n", ",10.0.0.7\n")
        .replace("beat_seconds,10.0.0.7", "beat_seconds,ipAddress", 1)
    )
    written = files(built(tmp_path, BEATS, source=source))

    assert not any(b"10.0.0.7" in data or b"ipAddress" in data for data in written.values())
    assert json.loads(written["dijon/wifi/index.json"])["items"]
