"""Alerts: the schema of JSON Feed 1.1 accepts what is published, and refuses what is not."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from pipelines.feeds.modules.alerts import FEED
from tests.conformance import node
from tests.feeds.making import PARIS, built
from tests.paths import ROOT

pytestmark = pytest.mark.conformance


def sample(language: str, at: datetime, address: str = "https://ville.example") -> dict[str, Any]:
    settings = FEED.settings(source=ROOT / "data" / "dijon" / "feeds" / "alerts.csv")
    found, findings = built(FEED, settings, at, address)
    assert not findings
    feed: dict[str, Any] = json.loads(found.files[f"alerts.{language}.json"])
    return feed


FESTIVAL = datetime(2026, 6, 20, 12, tzinfo=PARIS)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("address", ["", "https://ville.example"])
@pytest.mark.parametrize(("at", "items"), [(FESTIVAL, 4), (datetime(2030, 1, 1, tzinfo=PARIS), 0)])
def test_the_feeds_of_the_sample_are_valid(language: str, address: str, at: datetime, items: int) -> None:
    verdict = node.read("jsonfeed", json.dumps(sample(language, at, address)))
    assert verdict == {"valid": True, "errors": [], "items": items}


def without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda feed: feed["items"][0].pop(name)


@pytest.mark.parametrize(
    "spoil",
    [
        without("id"),
        without("content_text"),
        lambda feed: feed.pop("version"),
        lambda feed: feed.pop("items"),
        lambda feed: feed["items"][0].update(_expires="2027-01-01"),
        lambda feed: feed["items"][0].update(_hexaflux="danger"),
        lambda feed: feed["items"][0].update(date_published="19/06/2026"),
        lambda feed: feed["items"][0].update(tags="danger"),
    ],
    ids=["id", "content_text", "version", "items", "_expires", "_hexaflux", "date_published", "tags"],
)
def test_a_spoilt_feed_is_refused(spoil: Callable[[dict[str, Any]], object]) -> None:
    feed = sample("fr", FESTIVAL)
    spoil(feed)
    assert not node.read("jsonfeed", json.dumps(feed))["valid"]
