"""Disruptions of transport: the JavaScript bindings of GTFS-Realtime decode what the Python ones wrote."""

from datetime import datetime
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError, EncodeError
from google.transit.gtfs_realtime_pb2 import FeedMessage

from pipelines.feeds.feed import Built
from pipelines.feeds.modules.transport import FEED, TransportSettings
from tests.conformance import node
from tests.feeds.making import PARIS, built
from tests.paths import ROOT

pytestmark = pytest.mark.conformance


def sample() -> Built:
    folder = ROOT / "data" / "dijon" / "feeds"
    settings = TransportSettings(source=folder / "transport.csv", gtfs=folder / "gtfs")
    found, findings = built(FEED, settings, datetime(2026, 6, 1, tzinfo=PARIS))
    assert not findings
    return found


def plain(value: Any) -> Any:
    """Whole numbers as numbers: protobuf's own JSON writes long ones as texts."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def test_both_bindings_decode_the_same_alerts() -> None:
    data = sample().files["alerts.pb"]
    ours = FeedMessage()
    ours.ParseFromString(data)
    theirs = node.read("gtfs", data)
    assert plain(theirs) == plain(MessageToDict(ours))
    assert len(theirs["entity"]) == 8
    assert theirs["header"] == {
        "gtfsRealtimeVersion": "2.0",
        "incrementality": "FULL_DATASET",
        "timestamp": 1_780_264_800,
    }


def test_the_javascript_bindings_read_the_alert_of_the_festival() -> None:
    theirs = node.read("gtfs", sample().files["alerts.pb"])
    (alert,) = [entity["alert"] for entity in theirs["entity"] if entity["id"] == "festival-lac-arrets"]
    assert alert["activePeriod"] == [{"start": 1_781_942_400, "end": 1_782_093_600}]
    assert alert["informedEntity"] == [
        {"routeId": "L6", "stopId": "avenue-du-lac"},
        {"routeId": "L6", "stopId": "lac-kir"},
    ]
    assert (alert["cause"], alert["effect"]) == ("OTHER_CAUSE", "STOP_MOVED")
    assert alert["headerText"]["translation"] == [
        {"text": "Arrêts du lac déplacés", "language": "fr"},
        {"text": "Stops at the lake moved", "language": "en"},
    ]


def test_a_message_without_its_header_is_refused_by_both() -> None:
    whole = FeedMessage()
    whole.ParseFromString(sample().files["alerts.pb"])
    whole.ClearField("header")
    with pytest.raises(EncodeError, match="header"):
        whole.SerializeToString()
    assert "error" in node.read("gtfs", whole.SerializePartialToString())


def test_a_message_cut_off_is_refused_by_both() -> None:
    spoilt = sample().files["alerts.pb"][:-3]
    with pytest.raises(DecodeError):
        FeedMessage().ParseFromString(spoilt)
    assert "error" in node.read("gtfs", spoilt)
