"""The values of the reference suite of OSM's opening hours are each refused, or read as they are meant."""

import json
from collections import Counter
from datetime import datetime
from typing import Any, Final

import pytest

from pipelines.feeds.hours.hours import PARIS, Hours
from tests.feeds.hours_changed import accepted
from tests.paths import shared_conformance

pytestmark = pytest.mark.conformance

WRONGLY_CALLED: Final = {
    "Mo 12:00-14:00": "opening_hours.js is in the wrong mode.",
    "Mo-Fr 10:00-20:00; PH off": "PH with non-existing address.",
    "Mo-Fr 08:00-16:00": "Wrong constructor call should throw an error: nominatim_data: string",
}
"""Values that are right, in groups of the suite in which the call of opening_hours.js is what fails."""


def groups(kind: str) -> list[dict[str, Any]]:
    path = shared_conformance() / "opening-hours" / "cases.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))[kind]
    return found


def test_every_value_that_must_be_read_is_refused_or_read_as_it_is_meant() -> None:
    counts: Counter[str] = Counter()
    wrong = []
    for group in groups("T"):
        for value in group["values"]:
            country = (group["cc"] or "fr").upper()
            if not accepted(value, country):
                counts["refused"] += 1
                continue
            counts["accepted"] += 1
            read = Hours.parse(value, country=country).intervals(wall(group["from"]), wall(group["to"]))
            if read != [(wall(each[0]), wall(each[1])) for each in group["exp"]] or group["unk"]:
                wrong.append(f"{group['name']}: {value}")
    total, read_well = counts.total(), counts["accepted"] - len(wrong)
    print(f"\nof {total} values, {read_well} are read as meant ({read_well / total:.0%}), {counts['refused']} refused")
    assert wrong == []
    assert counts == {"accepted": 78, "refused": 638}


def test_every_value_that_must_fail_is_refused() -> None:
    values = [(group["name"], value) for group in groups("F") for value in group["values"] if isinstance(value, str)]
    found = {value: name for name, value in values if accepted(value)}
    print(f"\nof {len(values)} values that must fail, {len(values) - len(found)} are refused")
    assert found == WRONGLY_CALLED
    assert len(values) == 180


def wall(text: str) -> datetime:
    """A time of the clock, or an instant, of the suite."""
    if "T" in text:
        return datetime.fromisoformat(text).astimezone(PARIS)
    day, _, clock = text.partition(" ")
    hour, minute = clock.split(":")[:2]
    return datetime.fromisoformat(day).replace(hour=int(hour), minute=int(minute), tzinfo=PARIS)
