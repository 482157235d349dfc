from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.compute as pc
import pytest

from pipelines.feeds import settings
from pipelines.feeds.build import build
from pipelines.feeds.feed import all_feeds
from pipelines.simulator.heartbeats import Beating, as_csv, heartbeats
from tests.feeds.wifi.making import document
from tests.paths import ROOT

AT = datetime(2026, 6, 20, 18, 0, tzinfo=ZoneInfo("Europe/Paris"))
BUSIEST = {
    "lac-plage": 140,
    "lac-club": 60,
    "nef-rdc": 35,
    "nef-etage": 9,
    "mairie-hall": 25,
    "mairie-cour": 12,
    "halles-nord": 30,
    "halles-sud": 20,
}
POINTS = [Beating(name, 300, busiest) for name, busiest in BUSIEST.items()]
TOWN = """[feeds.town]
id = "dijon"
name = "Dijon"
[feeds.wifi]
heartbeats = "heartbeats.csv"
source = """


def test_the_same_seed_makes_the_same_beats_and_another_one_others() -> None:
    assert heartbeats(POINTS, AT, 1).equals(heartbeats(POINTS, AT, 1))
    assert not heartbeats(POINTS, AT, 1).equals(heartbeats(POINTS, AT, 2))


def test_beats_are_those_of_a_month_and_more_until_the_instant() -> None:
    times = heartbeats(POINTS, AT, 1)["time"]

    assert pc.max(times).as_py() <= AT
    assert pc.min(times).as_py() < datetime(2026, 5, 2, tzinfo=UTC)


def test_on_one_evening_the_collector_hears_nobody_for_three_hours() -> None:
    times = pc.unique(heartbeats(POINTS, AT, 1)["time"]).sort().to_pylist()
    gaps = [later - earlier for earlier, later in pairwise(times)]

    assert [gap > timedelta(minutes=15) for gap in gaps].count(True) == 1
    assert timedelta(hours=3) <= max(gaps) < timedelta(hours=3, minutes=5)


@pytest.mark.parametrize("count", [1, 2])
def test_a_town_of_few_access_points_hears_them_all(count: int) -> None:
    assert len(pc.unique(heartbeats(POINTS[:count], AT, 1)["access_point_id"])) == count


def test_the_feed_of_the_sample_shows_every_state_a_closed_fault_and_an_open_one(tmp_path: Path) -> None:
    source = ROOT / "data/dijon/feeds/wifi.csv"
    (tmp_path / "town.toml").write_text(f'{TOWN}"{source}"\n', encoding="utf-8")
    (tmp_path / "heartbeats.csv").write_bytes(as_csv(heartbeats(POINTS, AT, 1)))
    built = build(settings.load(tmp_path / "town.toml", all_feeds()), AT, lambda _: None)

    assert built.findings == ()
    states = {each["id"]: each["state"] for each in document(built, "availability.json")}
    assert states == dict.fromkeys(BUSIEST, "up") | {"lac-plage": "down", "halles-sud": "unknown"}
    faults = document(built, "faults.json")
    assert [(each["service_request_id"].rpartition("-")[0], each["status"]) for each in faults] == [
        ("wifi-lac-club", "closed"),
        ("wifi-lac-plage", "open"),
    ]
    coverage = [month["all_hours"]["coverage"] for month in document(built, "availability.json")[0]["months"]]
    assert all(0.9 < share < 1 for share in coverage)
    assert all(part["clients_at_least"] >= 20 for part in document(built, "clients.json")["parts"])
