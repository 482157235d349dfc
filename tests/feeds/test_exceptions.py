from datetime import date

from pipelines.feeds.exceptions import Exceptions

CLOSED = {"line": 2, "place_id": "nef", "when": "dates", "first": date(2026, 12, 24), "last": None, "hours": "off"}


def test_only_exceptions_of_places_that_nobody_asked_about_are_without_effect() -> None:
    exceptions = Exceptions((CLOSED, CLOSED | {"line": 3, "place_id": "nfe"}))

    hours = exceptions.hours("nef", "Mo-Fr 09:00-12:00", date(2026, 12, 1))

    assert hours == "Mo-Fr 09:00-12:00; 2026 Dec 24 off"
    assert [row["line"] for row in exceptions.unasked()] == [3]
