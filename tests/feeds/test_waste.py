"""Waste rounds: what is refused, when they are, and the calendars of the sectors."""

from datetime import date, datetime
from pathlib import Path

import pytest
from icalendar import Calendar

from pipelines.feeds.feed import Built
from pipelines.feeds.modules.waste import FEED
from pipelines.feeds.rows import Finding
from tests.feeds.making import NOON, PARIS, errors, made

HEAD = (
    "sector,sector_name,stream,weekdays,every_weeks,first,until,put_out,collected_from,collected_to,note_fr,note_en\n"
)
RIGHT = "a,Secteur A,household,tu|fr,,2026-06-02,2027-12-31,19:00,,,,"
SHIFT = "sector,stream,date,moved_to,reason_fr,reason_en\n"


def waste(
    folder: Path, *rounds: str, shifts: str = "", streets: str = "", at: datetime = NOON
) -> tuple[Built, tuple[Finding, ...]]:
    sources = {"source": HEAD + "\n".join(rounds or (RIGHT,)) + "\n"}
    if shifts:
        sources["shifts"] = SHIFT + shifts + "\n"
    if streets:
        sources["streets"] = "street,numbers,sector\n" + streets + "\n"
    return made(FEED, folder, sources, at)


def events(data: bytes) -> list[dict[str, str]]:
    return [
        {name: event[name].to_ical().decode() for name in event if hasattr(event[name], "to_ical")}
        for event in Calendar.from_ical(data).walk("VEVENT")
    ]


def test_a_line_break_in_a_name_begins_no_other_line_of_a_calendar(tmp_path: Path) -> None:
    built, findings = waste(tmp_path, '"a","Secteur,\r\nATTACH:https://evil.example",household,tu,,2026-06-02,,,,,,')
    assert not findings
    lines = built.files["a.ics"].split(b"\r\n")
    assert not any(line.startswith(b"ATTACH") for line in lines)
    assert "NAME;LANGUAGE=fr:Collecte des déchets – Secteur\\, ATTACH:".encode() in built.files["a.ics"]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("A b,Secteur A,household,tu,,2026-06-02,,,,,,", "sector"),
        ("all_sectors,Tous,household,tu,,2026-06-02,,,,,,", "sector"),
        ("b,,household,tu,,2026-06-02,,,,,,", "sector_name"),
        ("a,Secteur B,household,mo,,2026-06-01,,,,,,", "sector_name"),
        ("b,B,ordures,tu,,2026-06-02,,,,,,", "stream"),
        ("b,B,glass,mardi,,2026-06-02,,,,,,", "weekdays"),
        ("b,B,glass,tu|,,2026-06-02,,,,,,", "weekdays"),
        ("b,B,glass,tu,0,2026-06-02,,,,,,", "every_weeks"),
        ("b,B,glass,tu,53,2026-06-02,,,,,,", "every_weeks"),
        ("b,B,glass,tu,2,2026-06-03,,,,,,", "first"),
        ("b,B,glass,tu,,2026-02-30,,,,,,", "first"),
        ("b,B,glass,tu,,,,,,,,", "first"),
        ("a,Secteur A,household,tu,,2026-06-02,,,,,,", "first"),
        ("b,B,glass,tu,,2026-06-02,2026-06-01,,,,,", "until"),
        ("b,B,glass,tu,,2026-06-02,,24:00,,,,", "put_out"),
        ("b,B,glass,tu,,2026-06-02,,,06:00,,,", "collected_to"),
        ("b,B,glass,tu,,2026-06-02,,,,06:00,,", "collected_from"),
        ("b,B,glass,tu,,2026-06-02,,,06:00,06:00,,", "collected_to"),
    ],
)
def test_a_wrong_round_is_left_out_with_its_line_and_field(tmp_path: Path, row: str, field: str) -> None:
    built, findings = waste(tmp_path, RIGHT, row)
    assert errors(findings) == [("source.csv", 3, field)]
    assert [item.id for item in built.items] == ["a.household.20260602"]
    assert b"b.ics" not in " ".join(built.files).encode()


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("b,household,2026-06-05,2026-06-06,,", "sector"),
        ("a,glass,2026-06-05,2026-06-06,,", "date"),
        ("a,household,2026-06-04,2026-06-06,,", "date"),
        ("a,household,2026-05-29,2026-06-06,,", "date"),
        ("a,household,2028-01-04,2028-01-06,,", "date"),
        ("a,household,2026-06-05,2026-06-05,,", "moved_to"),
        ("a,household,2026-06-05,2026-06-09,,", "moved_to"),
        ("a,household,2026-06-05,2026-07-07,,", "moved_to"),
        ("*,*,2026-06-12,2026-06-13,,", "date"),
        ("*,*,2026-06-16,2026-06-13,,", "moved_to"),
        ("a,household,2026-06-05,6/6/2026,,", "moved_to"),
    ],
)
def test_a_shift_that_fits_no_round_is_left_out_with_its_line_and_field(tmp_path: Path, row: str, field: str) -> None:
    built, findings = waste(tmp_path, shifts=f"a,household,2026-06-12,2026-06-13,,\n{row}")
    assert errors(findings) == [("shifts.csv", 3, field)]
    assert [event["DTSTART"] for event in events(built.files["a.ics"])] == ["20260602", "20260613"]


@pytest.mark.parametrize(("days", "right"), [(30, True), (31, True), (32, False)])
def test_a_round_is_moved_by_at_most_31_days(tmp_path: Path, days: int, right: bool) -> None:
    to = date.fromordinal(date(2026, 6, 1).toordinal() + days)
    _, findings = waste(tmp_path, "a,A,glass,mo,,2026-06-01,2026-06-01,,,,,", shifts=f"a,glass,2026-06-01,{to},,")
    assert (errors(findings) == []) == right


def test_rounds_every_two_weeks_keep_their_weeks_and_their_days(tmp_path: Path) -> None:
    built, findings = waste(tmp_path, "a,A,glass,tu|fr,2,2026-06-05,,,,,,")
    assert not findings
    assert [day.isoformat() for day in built.items[0].dates][:4] == [
        "2026-06-30",
        "2026-07-03",
        "2026-07-14",
        "2026-07-17",
    ]


def test_a_shift_moves_a_round_or_takes_it_away_in_the_dates_and_in_the_calendar(tmp_path: Path) -> None:
    shifts = "*,*,2026-06-23,2026-06-24,Fête,Feast\na,household,2026-06-26,,,"
    built, findings = waste(tmp_path, shifts=shifts)
    assert not findings
    assert [str(day) for day in built.items[0].dates][:3] == ["2026-06-24", "2026-06-30", "2026-07-03"]
    assert built.items[0].facts[-2][1].fr == "mercredi 24\u00a0juin 2026 (Fête)"
    assert built.items[0].facts[-1][1].en == "no collection"
    series, moved = events(built.files["a.ics"])
    assert series["EXDATE"] == "20260626"
    assert series["RRULE"] == "FREQ=WEEKLY;UNTIL=20271231;BYDAY=TU,FR"
    assert (moved["RECURRENCE-ID"], moved["DTSTART"], moved["UID"]) == ("20260623", "20260624", series["UID"])


def test_a_collection_with_times_is_at_the_same_local_time_in_summer_and_winter(tmp_path: Path) -> None:
    row = "a,A,glass,su,,2026-10-18,2026-11-01,,05:30,07:00,,"
    built, _ = waste(tmp_path, row, at=datetime(2026, 10, 1, tzinfo=PARIS))
    assert [each.isoformat() for each in built.items[0].dates] == [
        "2026-10-18T05:30:00+02:00",
        "2026-10-25T05:30:00+01:00",
        "2026-11-01T05:30:00+01:00",
    ]
    text = built.files["a.ics"].decode()
    assert "DTSTART;TZID=Europe/Paris:20261018T053000" in text
    assert "BEGIN:VTIMEZONE" in text
    assert "UNTIL=20261101T225959Z" in text


def test_a_night_round_ends_on_the_next_day(tmp_path: Path) -> None:
    row = "a,A,glass,sa,,2026-06-20,,,22:00,02:00,,"
    built, _ = waste(tmp_path, row, at=datetime(2026, 6, 21, 1, 59, tzinfo=PARIS))
    assert events(built.files["a.ics"])[0]["DURATION"] == "PT4H"
    assert built.items[0].dates[0] == datetime(2026, 6, 20, 22, tzinfo=PARIS)


def test_a_calendar_of_whole_days_has_no_zone(tmp_path: Path) -> None:
    built, _ = waste(tmp_path)
    assert b"VTIMEZONE" not in built.files["a.ics"]
    assert b"DTSTART;VALUE=DATE:20260602" in built.files["a.ics"]


def test_each_sector_has_its_calendar_and_one_holds_all_of_them(tmp_path: Path) -> None:
    built, _ = waste(tmp_path, RIGHT, "b,B,glass,we,,2026-06-03,,,,,,")
    assert sorted(built.files) == ["a.en.ics", "a.ics", "all_sectors.en.ics", "all_sectors.ics", "b.en.ics", "b.ics"]
    assert {event["UID"] for event in events(built.files["all_sectors.ics"])} == {
        "a.household.20260602.waste@dijon.hexaflux",
        "b.glass.20260603.waste@dijon.hexaflux",
    }
    assert len(events(built.files["b.ics"])) == 1


def test_rounds_that_are_over_are_no_items(tmp_path: Path) -> None:
    row = "a,A,glass,we,,2026-06-03,2026-06-17,,,,,"
    last = datetime(2026, 6, 18, tzinfo=PARIS)
    assert waste(tmp_path, row, at=last)[0].items == ()
    assert len(waste(tmp_path, row, at=last.replace(day=17, hour=23))[0].items) == 1


def test_streets_lead_to_their_sectors(tmp_path: Path) -> None:
    built, findings = waste(tmp_path, streets="Rue Z,,a\nRue B,1 à 9,a\nrue b,1 à 9,a\nRue C,,x")
    assert errors(findings) == [("streets.csv", 4, "street"), ("streets.csv", 5, "sector")]
    text = built.files["streets.json"].decode()
    assert text.index("Rue B") < text.index("Rue Z")
    assert '"calendar": "a.ics"' in text


def test_the_same_rounds_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    rows = [RIGHT, "b,B,glass,we,,2026-06-03,,,06:00,08:00,,", "a,Secteur A,glass,th,,2026-06-04,,,,,,"]
    shifts = ["a,*,2026-06-23,2026-06-24,,", "a,*,2026-07-03,,,"]
    one, _ = waste(tmp_path, *rows, shifts="\n".join(shifts))
    other, _ = waste(tmp_path, *reversed(rows), shifts="\n".join(reversed(shifts)))
    assert one.files == other.files
    assert one.items == other.items
