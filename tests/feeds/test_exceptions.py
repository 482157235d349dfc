from datetime import date

from pipelines.feeds.exceptions import Exceptions

CLOSED = {"line": 2, "place_id": "nef", "when": "dates", "first": date(2026, 12, 24), "last": None, "hours": "off"}


def test_exceptions_are_of_the_place_that_they_name_alone() -> None:
    exceptions = Exceptions((CLOSED, CLOSED | {"line": 3, "place_id": "nfe"}))

    assert exceptions.hours("nef", "Mo-Fr 09:00-12:00", date(2026, 12, 1)) == "Mo-Fr 09:00-12:00; 2026 Dec 24 off"
    assert [row["line"] for row in exceptions.of_others({"nef"})] == [3]
