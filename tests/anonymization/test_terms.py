from datetime import UTC, datetime

import pytest

from anonymization.checks.outcome import Unsound
from anonymization.checks.terms import Terms, terms_of
from anonymization.entries import Entry, Json
from schemas.indicators import stated_effects
from tests.anonymization import releases as r


def entry(day: str = "2026-06-20", **changes: Json) -> Entry:
    policy = r.policy()
    calendar: dict[str, Json] = {"timezone": "Europe/Paris", "slot_minutes": 15, "privacy_day_starts": "05:00"}
    effects: Json = {name: dict(kinds) for name, kinds in stated_effects().items()}
    estimation: dict[str, Json] = {"confidence": 0.95, "design_effects": effects}
    body: dict[str, Json] = {
        "privacy_day": day,
        "policy": r.policy(**{name: value for name, value in changes.items() if name in policy}),
        "time": calendar | {name: value for name, value in changes.items() if name in calendar},
        "estimation": estimation | {name: value for name, value in changes.items() if name in estimation},
        "zones_sha256": "ab",
        "test": False,
    }
    return Entry("000001.json", b"", body)


def terms(day: str = "2026-06-20", **changes: Json) -> Terms:
    return terms_of(entry(day, **changes))


@pytest.mark.parametrize(
    ("day", "start", "hours"),
    [
        ("2026-06-20", "2026-06-20T03:00", 24),
        ("2026-03-28", "2026-03-28T04:00", 23),
        ("2026-10-24", "2026-10-24T03:00", 25),
    ],
)
def test_slots_and_hours_tile_days_of_any_length(day: str, start: str, hours: int) -> None:
    found = terms(day)
    assert datetime.fromtimestamp(found.start / 1e6, UTC) == datetime.fromisoformat(f"{start}+00:00")
    assert len(found.edges("hour")) == hours + 1
    assert len(found.edges("slot")) == 4 * hours + 1
    assert found.edges("day").tolist() == [found.start, found.end]
    assert found.edges("slot")[-1] == found.end


@pytest.mark.parametrize(("slot_minutes", "minute"), [(5, 30), (15, 30), (20, 20), (30, 30), (60, 0)])
def test_the_slot_of_an_hour_holds_its_half_hour(slot_minutes: int, minute: int) -> None:
    found = terms(slot_minutes=slot_minutes)
    assert ((found.slots_of_hours() - found.edges("hour")[:-1]) // 60_000_000 == minute).all()


@pytest.mark.parametrize(
    ("k", "rounding", "minimum", "slack"), [(20, 5, 20, 4), (22, 5, 20, 4), (22, 0, 22, 0), (22, 1, 22, 0)]
)
def test_the_smallest_printed_count_is_what_k_rounds_down_to(k: int, rounding: int, minimum: int, slack: int) -> None:
    found = terms(k=k, rounding=rounding)
    assert (found.printed_minimum, found.slack) == (minimum, slack)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("k", 0),
        ("k", 20.0),
        ("k", True),
        ("k", None),
        ("k", 10**30),
        ("rounding", -1),
        ("max_share", 0),
        ("max_share", 1.01),
        ("max_share", "0.8"),
        ("slot_minutes", 0),
        ("slot_minutes", 61),
        ("timezone", "Europe/Dijon"),
        ("timezone", "Europe"),
        ("timezone", "../etc/passwd"),
        ("timezone", ""),
        ("privacy_day_starts", "25:00"),
        ("privacy_day_starts", "05:00+02:00"),
        ("privacy_day_starts", 5),
        ("confidence", 0),
        ("confidence", 1),
        ("confidence", True),
        ("confidence", "0.95"),
        ("confidence", None),
        ("design_effects", None),
        ("design_effects", {"presence": 1.0}),
    ],
)
def test_impossible_terms_are_unsound(name: str, value: Json) -> None:
    with pytest.raises(Unsound, match=name):
        terms(**{name: value})


@pytest.mark.parametrize("name", list(r.policy()))
def test_a_privacy_number_that_is_missing_is_unsound(name: str) -> None:
    stated = entry()
    del stated.block("policy")[name]
    with pytest.raises(Unsound, match=f"missing or unknown: {name}"):
        terms_of(stated)


def test_an_unknown_privacy_number_is_unsound() -> None:
    stated = entry()
    stated.block("policy")["epsilon"] = 1
    with pytest.raises(Unsound, match="missing or unknown: epsilon"):
        terms_of(stated)


@pytest.mark.parametrize("kinds", [{}, {"zone": 1.0}, {"zone": 1.0, "hexagons": 0}, {"zone": 1.0, "hexagons": "2"}])
def test_design_effects_give_a_number_for_each_kind_of_part(kinds: Json) -> None:
    with pytest.raises(Unsound, match=r"zone|hexagons"):
        terms(design_effects={"presence": kinds})


def test_stated_design_effects_and_confidence_are_those_of_the_entry() -> None:
    found = terms(confidence=0.9, design_effects={"presence": {"zone": 2, "hexagons": 3.5}})
    assert (found.confidence, found.effects) == (0.9, {"presence": {"zone": 2.0, "hexagons": 3.5}})


@pytest.mark.parametrize("day", ["20260620", "2026-W25-6", "2026-06-31", "9999-12-31", ""])
def test_impossible_days_are_unsound(day: str) -> None:
    with pytest.raises(Unsound, match="privacy_day"):
        terms(day)
