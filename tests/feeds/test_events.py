"""Events: what is refused, which one is next, and what calendars are told."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar, Event

from pipelines.feeds.feed import Built
from pipelines.feeds.modules.events import FEED
from pipelines.feeds.rows import Finding
from tests.feeds.making import NOON, PARIS, errors, made

HEAD = (
    "id,title_fr,title_en,starts,ends,place,address,latitude,longitude,category,free,price_fr,price_en,"
    "description_fr,description_en,url,organiser,rrule,exdates,status"
)
FIELDS = HEAD.split(",")
RIGHT = {
    "id": "fete",
    "title_fr": "Fête",
    "title_en": "Feast",
    "starts": "2026-06-21T18:00",
    "ends": "2026-06-21T23:00",
}
WEEKLY = {"rrule": "FREQ=WEEKLY;COUNT=4"}


def events(folder: Path, *rows: dict[str, str], at: datetime = NOON) -> tuple[Built, tuple[Finding, ...]]:
    whole = [RIGHT | row for row in rows]
    lines = ["", *(",".join(f'"{row.get(name, "")}"' for name in FIELDS) for row in whole)]
    return made(FEED, folder, {"source": HEAD + "\n".join(lines) + "\n"}, at)


def entries(built: Built, name: str = "events.ics") -> list[Event]:
    return list(Calendar.from_ical(built.files[name]).walk("VEVENT"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "fete"}, "id"),
        ({"id": "la fête"}, "id"),
        ({"title_fr": ""}, "title_fr"),
        ({"title_fr": "x" * 121}, "title_fr"),
        ({"starts": "demain"}, "starts"),
        ({"starts": "2026-06-31"}, "starts"),
        ({"starts": "2026-03-29T02:30"}, "starts"),
        ({"ends": "2026-10-25T02:30+01:00"}, "ends"),
        ({"ends": ""}, "ends"),
        ({"ends": "2026-06-21"}, "ends"),
        ({"ends": "2026-06-21T18:00"}, "ends"),
        ({"ends": "2026-06-21T17:59"}, "ends"),
        ({"starts": "2026-06-21", "ends": "2026-06-20"}, "ends"),
        ({"starts": "2026-06-21", "ends": "2026-06-21T10:00"}, "ends"),
        ({"latitude": "47.3"}, "longitude"),
        ({"longitude": "5.0"}, "latitude"),
        ({"latitude": "91", "longitude": "5.0"}, "latitude"),
        ({"category": "fête"}, "category"),
        ({"free": "oui"}, "free"),
        ({"description_fr": "x" * 4001}, "description_fr"),
        ({"url": "ville.example"}, "url"),
        ({"status": "annulé"}, "status"),
        ({"rrule": "FREQ=YEARLY"}, "rrule"),
        ({"rrule": "FREQ=WEEKLY;BYDAY=MO"}, "rrule"),
        ({"rrule": "FREQ=DAILY;UNTIL=20260620"}, "rrule"),
        ({"rrule": "FREQ=DAILY", "ends": "2026-06-22T18:00"}, "ends"),
        ({"rrule": "FREQ=DAILY", "starts": "2026-06-21", "ends": "2026-06-22"}, "ends"),
        ({"exdates": "2026-06-21"}, "exdates"),
        (WEEKLY | {"exdates": "2026-06-22"}, "exdates"),
        (WEEKLY | {"exdates": "2026-06-28|28.06.2026"}, "exdates"),
        ({"rrule": "FREQ=WEEKLY;COUNT=1", "exdates": "2026-06-21"}, "exdates"),
    ],
)
def test_a_wrong_event_is_left_out_with_its_line_and_field(tmp_path: Path, changes: dict[str, str], field: str) -> None:
    built, findings = events(tmp_path, {}, {"id": "autre"} | changes)
    assert errors(findings) == [("source.csv", 3, field)]
    assert [item.id for item in built.items] == ["fete"]
    assert len(entries(built)) == 1


@pytest.mark.parametrize(("length", "right"), [(365, True), (366, True), (367, False)])
def test_what_happens_once_lasts_at_most_a_year(tmp_path: Path, length: int, right: bool) -> None:
    last = datetime(2026, 6, 21) + timedelta(days=length - 1)
    _, findings = events(tmp_path, {"starts": "2026-06-21", "ends": f"{last:%Y-%m-%d}"})
    assert (errors(findings) == []) == right


@pytest.mark.parametrize(("ends", "right"), [("17:59", True), ("18:00", False)])
def test_what_comes_again_at_a_time_is_shorter_than_24_hours(tmp_path: Path, ends: str, right: bool) -> None:
    _, findings = events(tmp_path, WEEKLY | {"ends": f"2026-06-22T{ends}"})
    assert (errors(findings) == []) == right


def test_what_comes_again_without_end_is_accepted(tmp_path: Path) -> None:
    built, findings = events(tmp_path, {"rrule": "FREQ=WEEKLY"}, at=datetime(2040, 1, 1, tzinfo=PARIS))
    assert not findings
    assert built.items[0].starts == datetime(2040, 1, 1, 18, tzinfo=PARIS)
    assert len(built.items[0].dates) == 10


def test_an_event_over_the_spring_night_ends_by_a_stopwatch(tmp_path: Path) -> None:
    row = {"starts": "2026-03-28T22:00", "ends": "2026-03-29T04:00"}
    built, _ = events(tmp_path, row, at=datetime(2026, 3, 29, 3, 59, tzinfo=PARIS))
    assert built.items[0].ends == datetime(2026, 3, 29, 4, tzinfo=PARIS)
    assert events(tmp_path, row, at=datetime(2026, 3, 29, 4, tzinfo=PARIS))[0].items == ()


def test_a_series_that_begins_in_the_spring_night_lasts_as_long_as_in_other_nights(tmp_path: Path) -> None:
    row = {"starts": "2026-03-28T22:00", "ends": "2026-03-29T04:00", "rrule": "FREQ=WEEKLY"}
    built, _ = events(tmp_path, row, at=datetime(2026, 4, 1, tzinfo=PARIS))
    assert built.items[0].ends == datetime(2026, 4, 5, 4, tzinfo=PARIS)
    assert entries(built)[0]["DURATION"].dt == timedelta(hours=6)


def test_the_next_event_is_the_first_and_past_ones_stay_in_the_calendar(tmp_path: Path) -> None:
    built, _ = events(
        tmp_path,
        {"id": "fin", "starts": "2026-06-30", "ends": "2026-06-30"},
        {"id": "hebdo", "starts": "2026-06-05T09:00", "ends": "2026-06-05T10:00", "rrule": "FREQ=WEEKLY"},
        {"id": "passe", "starts": "2026-06-20T08:00", "ends": "2026-06-20T12:00"},
        {"id": "encours", "starts": "2026-06-20T08:00", "ends": "2026-06-20T12:01"},
    )
    assert [item.id for item in built.items] == ["encours", "hebdo", "fin"]
    assert [event["UID"] for event in entries(built)] == [
        f"{name}.events@dijon.hexaflux" for name in ("hebdo", "encours", "passe", "fin")
    ]


@pytest.mark.parametrize(
    ("status", "fr", "en", "told"),
    [
        ("", "Fête", "Feast", "CONFIRMED"),
        ("confirmed", "Fête", "Feast", "CONFIRMED"),
        ("cancelled", "Annulé\u00a0: Fête", "Cancelled: Feast", "CANCELLED"),
        ("postponed", "Reporté\u00a0: Fête", "Postponed: Feast", "CANCELLED"),
    ],
)
def test_what_does_not_happen_is_shown_as_such(tmp_path: Path, status: str, fr: str, en: str, told: str) -> None:
    built, _ = events(tmp_path, {"status": status})
    (item,) = built.items
    assert (item.title.fr, item.mark.fr) == ("Fête", fr.rpartition("\u00a0: ")[0])
    assert (item.title.en, item.mark.en) == ("Feast", en.rpartition(": ")[0])
    assert [(str(event["SUMMARY"]), event["STATUS"]) for event in entries(built)] == [(fr, told)]
    assert [str(event["SUMMARY"]) for event in entries(built, "events.en.ics")] == [en]


def test_a_calendar_tells_where_it_is_what_it_costs_and_who_organises_it(tmp_path: Path) -> None:
    row = {
        "place": "Lac Kir",
        "address": "Avenue du Lac; Dijon",
        "latitude": "47.331",
        "longitude": "5.004",
        "free": "no",
        "price_fr": "12 €",
        "description_fr": "Scènes,\nbuvette",
        "organiser": "Comité",
        "url": "https://ville.example/a",
    }
    built, _ = events(tmp_path, row)
    event = entries(built)[0]
    assert str(event["LOCATION"]) == "Lac Kir, Avenue du Lac; Dijon"
    assert (event["GEO"].latitude, event["GEO"].longitude) == (47.331, 5.004)
    assert str(event["DESCRIPTION"]) == "Scènes,\nbuvette\nTarif\u00a0: Payant, 12 €"
    assert (str(event["CONTACT"]), str(event["URL"])) == ("Comité", "https://ville.example/a")
    assert "Comité" in [value.fr for _, value in built.items[0].facts]


@pytest.mark.parametrize(
    ("place", "address", "where"),
    [
        ("Place Wilson", "Place Wilson, 21000 Dijon", "Place Wilson, 21000 Dijon"),
        ("Place Wilson", "Place Wilson", "Place Wilson"),
        ("Place", "Place Wilson", "Place, Place Wilson"),
        ("Lac Kir", "Avenue du Lac", "Lac Kir, Avenue du Lac"),
        ("Lac Kir", "", "Lac Kir"),
        ("", "Avenue du Lac", "Avenue du Lac"),
        ("", "", ""),
    ],
)
def test_a_place_that_its_address_begins_with_is_told_once(
    tmp_path: Path, place: str, address: str, where: str
) -> None:
    built, _ = events(tmp_path, {"place": place, "address": address})
    assert str(entries(built)[0].get("location", "")) == where


def test_without_an_english_text_the_french_one_is_told(tmp_path: Path) -> None:
    built, _ = events(tmp_path, {"title_en": "", "description_fr": "Venez"})
    assert (built.items[0].title.en, built.items[0].text.en) == ("Fête", "Venez")


def test_without_a_french_text_the_english_one_is_told(tmp_path: Path) -> None:
    built, _ = events(tmp_path, {"price_en": "€12", "description_en": "Come"})
    (item,) = built.items
    assert (item.text.fr, [value.fr for _, value in item.facts]) == ("Come", ["€12"])
    assert str(entries(built, "events.en.ics")[0]["DESCRIPTION"]) == "Come\nPrice: €12"


def test_an_instant_with_an_offset_is_written_in_local_time(tmp_path: Path) -> None:
    built, _ = events(tmp_path, {"starts": "2026-06-21T16:00Z", "ends": "2026-06-21T21:00Z"})
    assert b"DTSTART;TZID=Europe/Paris:20260621T180000" in built.files["events.ics"]


def test_the_same_events_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    rows = [{}, {"id": "b", **WEEKLY, "exdates": "2026-07-05|2026-06-28"}, {"id": "c", "starts": "2026-06-21T17:00"}]
    one, _ = events(tmp_path, *rows)
    other, _ = events(tmp_path, *reversed(rows))
    assert (one.files, one.items) == (other.files, other.items)
    assert all(len(line) <= 75 for line in one.files["events.ics"].split(b"\r\n"))


def test_each_day_can_be_a_whole_day_of_a_series(tmp_path: Path) -> None:
    row = {"starts": "2026-06-20", "ends": "2026-06-20", "rrule": "FREQ=DAILY"}
    built, findings = events(tmp_path, row)
    assert not findings
    assert [str(day) for day in built.items[0].dates][:2] == ["2026-06-20", "2026-06-21"]


def test_what_happens_once_holds_until_it_ends_and_a_series_as_long_as_the_feed(tmp_path: Path) -> None:
    once, series = events(tmp_path, {}, {"id": "z", **WEEKLY})[0].items
    assert once.valid_until == datetime(2026, 6, 21, 23, tzinfo=PARIS)
    assert series.valid_until is None
