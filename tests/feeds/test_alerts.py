"""Alerts: what is refused, when they are shown, and the feeds of both languages."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipelines.feeds.feed import Built
from pipelines.feeds.modules.alerts import FEED
from pipelines.feeds.rows import Finding
from tests.feeds.making import NOON, PARIS, errors, made

HEAD = "id,title_fr,title_en,text_fr,text_en,severity,published,modified,starts,ends,url"
RIGHT = {
    "id": "a",
    "title_fr": "Crue",
    "title_en": "Flood",
    "text_fr": "Évitez les quais.",
    "text_en": "Avoid the quays.",
    "severity": "warning",
    "published": "2026-06-19T08:00",
    "ends": "2026-06-21T08:00",
}


def alerts(
    folder: Path, *rows: dict[str, str], at: datetime = NOON, address: str = ""
) -> tuple[Built, tuple[Finding, ...]]:
    lines = [",".join(f'"{(RIGHT | row).get(name, "")}"' for name in HEAD.split(",")) for row in rows]
    return made(FEED, folder, {"source": "\n".join([HEAD, *lines]) + "\n"}, at, address)


def feed(built: Built, language: str = "fr") -> dict[str, object]:
    document: dict[str, object] = json.loads(built.files[f"alerts.{language}.json"])
    return document


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "a"}, "id"),
        ({"id": "a b"}, "id"),
        ({"title_fr": ""}, "title_fr"),
        ({"text_fr": ""}, "text_fr"),
        ({"text_en": "x" * 4001}, "text_en"),
        ({"severity": ""}, "severity"),
        ({"severity": "grave"}, "severity"),
        ({"published": "2026-06-19"}, "published"),
        ({"ends": ""}, "ends"),
        ({"ends": "2026-06-19T08:00"}, "ends"),
        ({"starts": "2026-06-21T08:00"}, "ends"),
        ({"starts": "2026-06-21T09:00"}, "ends"),
        ({"modified": "2026-06-19T07:59"}, "modified"),
        ({"url": "javascript:alert(1)"}, "url"),
    ],
)
def test_a_wrong_alert_is_left_out_with_its_line_and_field(tmp_path: Path, changes: dict[str, str], field: str) -> None:
    built, findings = alerts(tmp_path, {}, {"id": "b"} | changes)
    assert errors(findings) == [("source.csv", 3, field)]
    assert [item.id for item in built.items] == ["a"]


@pytest.mark.parametrize(("days", "right"), [(365, True), (366, True), (367, False)])
def test_an_alert_holds_at_most_a_year(tmp_path: Path, days: int, right: bool) -> None:
    ends = datetime(2026, 1, 10, 8) + timedelta(days=days)
    _, findings = alerts(tmp_path, {"published": "2026-01-10T08:00", "ends": ends.isoformat()})
    assert (errors(findings) == []) == right


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        ("2026-06-19T07:59:59", False),
        ("2026-06-19T08:00:00", True),
        ("2026-06-21T07:59:59", True),
        ("2026-06-21T08:00:00", False),
    ],
)
def test_an_alert_is_shown_from_its_publication_until_it_ends(tmp_path: Path, at: str, shown: bool) -> None:
    built, findings = alerts(
        tmp_path, {"starts": "2026-06-20T08:00"}, at=datetime.fromisoformat(at).replace(tzinfo=PARIS)
    )
    assert not findings
    assert len(built.items) == len(feed(built)["items"]) == shown  # type: ignore[arg-type]


def test_the_gravest_alert_is_the_first_and_then_the_newest(tmp_path: Path) -> None:
    old = {"published": "2026-06-18T08:00"}
    rows = (
        {"id": "c"},
        {"id": "b"},
        {"id": "d"} | old,
        {"id": "e", "severity": "danger"} | old,
        {"id": "f", "severity": "info"},
    )
    built, _ = alerts(tmp_path, *rows)
    assert [item.id for item in built.items] == ["e", "b", "c", "d", "f"]
    assert alerts(tmp_path, *reversed(rows))[0].files == built.files


def test_each_language_has_its_feed(tmp_path: Path) -> None:
    built, _ = alerts(tmp_path, {"modified": "2026-06-20T09:00", "url": "https://ville.example/crue"})
    assert feed(built, "en") == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Alerts – Dijon",
        "language": "en",
        "items": [
            {
                "id": "a.alerts@dijon.hexaflux",
                "url": "https://ville.example/crue",
                "title": "Flood",
                "content_text": "Avoid the quays.",
                "date_published": "2026-06-19T08:00:00+02:00",
                "date_modified": "2026-06-20T09:00:00+02:00",
                "tags": ["warning"],
                "_hexaflux": {
                    "severity": "warning",
                    "starts": "2026-06-19T08:00:00+02:00",
                    "ends": "2026-06-21T08:00:00+02:00",
                },
            }
        ],
    }


def test_an_alert_without_english_says_in_the_english_feed_that_it_is_french(tmp_path: Path) -> None:
    built, _ = alerts(tmp_path, {"title_en": "", "text_en": ""})
    (item,) = feed(built, "en")["items"]  # type: ignore[misc]
    assert (item["title"], item["language"]) == ("Crue", "fr")
    (item,) = feed(built, "fr")["items"]  # type: ignore[misc]
    assert "language" not in item


def test_a_feed_that_is_served_says_where(tmp_path: Path) -> None:
    built, _ = alerts(tmp_path, {}, address="https://ville.example/")
    assert feed(built)["home_page_url"] == "https://ville.example/dijon/"
    assert feed(built)["feed_url"] == "https://ville.example/dijon/alerts/alerts.fr.json"


def test_a_town_without_alerts_has_a_feed_without_items(tmp_path: Path) -> None:
    built, _ = alerts(tmp_path, {}, at=datetime(2027, 1, 1, tzinfo=PARIS))
    assert feed(built)["items"] == []


def test_an_alert_stops_to_hold_when_it_ends(tmp_path: Path) -> None:
    built, _ = alerts(tmp_path, {})
    assert built.items[0].valid_until == datetime(2026, 6, 21, 8, tzinfo=PARIS)
