from datetime import datetime
from pathlib import Path

import pytest

from tests.feeds.wifi.making import AT, BEATS, DOWN, PARIS, STEADY, TOWN, built, document, every_five, lines


def test_a_fault_is_reported_once_and_under_one_name_in_all_builds(tmp_path: Path) -> None:
    first = document(built(tmp_path, BEATS, AT.replace(hour=12, minute=15)), "faults.json")
    again = document(built(tmp_path, BEATS), "faults.json")

    assert again == first
    assert [(each["service_request_id"], each["status"], each["requested_datetime"]) for each in again] == [
        ("wifi-nef-20260620T100000Z", "open", "2026-06-20T12:15:00+02:00")
    ]


@pytest.mark.parametrize(("clock", "count"), [("12:14:59", 0), ("12:15:00", 1)])
def test_a_fault_is_reported_from_the_third_missed_beat_on(tmp_path: Path, clock: str, count: int) -> None:
    at = datetime.fromisoformat(f"2026-06-20T{clock}").replace(tzinfo=PARIS)
    beats = BEATS + "lac,2026-06-20T12:14:59+02:00,\n"

    assert len(document(built(tmp_path, beats, at), "faults.json")) == count


def test_a_fault_is_closed_when_the_access_point_is_steady_again(tmp_path: Path) -> None:
    back = every_five("2026-06-20T13:00+02:00", "2026-06-20T18:00+02:00")
    (report,) = document(built(tmp_path, lines({"nef": DOWN + back, "lac": STEADY})), "faults.json")

    assert (report["status"], report["updated_datetime"]) == ("closed", "2026-06-20T13:10:00+02:00")
    assert report["status_notes"].endswith("Heard again since 20\u00a0June 2026, 13:00.")


def test_an_outage_outside_opening_hours_is_no_fault_but_an_outage(tmp_path: Path) -> None:
    night = lines({"nef": every_five("2026-06-19T00:00+02:00", "2026-06-20T18:30+02:00"), "lac": STEADY})
    times = [f"{hour}:{minute:02}" for hour in (18, 19, 20) for minute in range(5, 60, 10)]
    evening = "".join(f"lac,2026-06-20T{time}:00+02:00,\n" for time in times)
    found = built(tmp_path, night + evening, AT.replace(hour=21))

    assert document(found, "faults.json") == []
    outage = document(found, "availability.json")[1]["outages"]
    assert outage == [
        {
            "last_heard": "2026-06-20T18:30:00+02:00",
            "first_missed": "2026-06-20T18:35:00+02:00",
            "heard_again": None,
            "fault": None,
        }
    ]


@pytest.mark.parametrize(("closed", "count"), [("2026-06-16", 1), ("2026-06-17", 0)])
def test_a_closure_of_the_building_is_no_opening_hour_and_stays_none_when_it_is_over(
    tmp_path: Path, closed: str, count: int
) -> None:
    (tmp_path / "exceptions.csv").write_text(
        f"place_id,when,first,last,hours,reason_fr,reason_en\nb1,dates,{closed},,off,,\n", encoding="utf-8"
    )
    town = TOWN.replace('name = "Dijon"', 'name = "Dijon"\nexceptions = "exceptions.csv"')
    day = every_five("2026-06-17T17:00+02:00", "2026-06-20T18:00+02:00")
    beats = lines({"nef": every_five("2026-06-16T00:00+02:00", "2026-06-17T12:00+02:00") + day, "lac": STEADY})

    assert len(document(built(tmp_path, beats, town=town), "faults.json")) == count
