from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from anonymization.checks.evidence import Evidence
from anonymization.checks.inventory import Inventory
from anonymization.checks.ledger import check
from anonymization.entries import Body, Entry, Json, canonical_json
from anonymization.guarantee import guarantee
from anonymization.policy import Policy
from anonymization.verdict import Check
from anonymization.zcdp import epsilon_of
from schemas.configuration import DifferentialPrivacy
from schemas.indicators import stated_effects

DAY = date(2026, 6, 13)
PROMISE = guarantee(DifferentialPrivacy(epsilon=2.0, budget_epsilon=80.0), 96, 30)
BLOCK = PROMISE.stated(3.0)


def entry(number: int, dp: Body | None, files: tuple[str, ...] = ("presence", "attendance"), **changes: Json) -> Entry:
    """A day entry, as far as this check reads it."""
    day = (DAY + timedelta(number)).isoformat()
    effects: Body = {name: {**kinds} for name, kinds in stated_effects().items()}
    body: Body = {
        "kind": "day",
        "test": False,
        "privacy_day": day,
        "policy": {**Policy(20, 0.8, 5, False).as_json()},
        "time": {"timezone": "Europe/Paris", "slot_minutes": 15, "privacy_day_starts": "05:00"},
        "estimation": {"confidence": 0.95, "design_effects": effects},
        "zones_sha256": "",
        "files": {f"{name}/date={day}/part-0.parquet": {} for name in files},
        "dp": dp,
        **changes,
    }
    return Entry(f"{number + 1:06d}.json", canonical_json(body), body)


def checked(*entries: Entry) -> Check:
    return check(Evidence(Inventory(Path("release"), {}, ()), entries, ()))


def changed(**numbers: Json) -> Check:
    """The check of one day that states some numbers otherwise."""
    return checked(entry(0, {**BLOCK, **numbers}))


def test_days_whose_numbers_follow_from_their_noise_pass() -> None:
    found = checked(*(entry(number, BLOCK) for number in range(30)))
    assert found.passed, found.message
    assert found.found == "30 days; epsilon at delta 1e-08 of days in a row: 2.00 over 1, 13.06 over 30, 13.06 over 365"


def test_a_release_without_differential_privacy_passes() -> None:
    found = checked(entry(0, None), entry(1, None))
    assert (found.passed, found.found) == (True, "no differential privacy")


def test_a_day_without_any_figure_passes() -> None:
    assert checked(entry(0, BLOCK, ())).passed


@pytest.mark.parametrize(
    "numbers",
    [
        {"sigma": 13.6},
        {"sigma": 14.0},
        {"rho": 0.99 * PROMISE.rho},
        {"epsilon_1": 1.9},
        {"epsilon_30": 13.0},
        {"epsilon_365": 63.0},
        {"contributions": 25},
        {"slots_kept": 19},
        {"slots": 95},
        {"slots": 92},
        {"zones_kept": 7},
        {"delta": 1e-9},
        {"withdrawn": []},
        {"mechanism": "Laplace"},
        {"unit": "one device"},
        {"more": 1},
        {"people_per_device": None},
        {"sigma": 0.0},
        {"sigma": 1e-300},
        {"sigma": "13.7"},
        {"slots_kept": 0},
        {"contributions": True},
    ],
)
def test_a_number_that_does_not_follow_fails(numbers: Mapping[str, Json]) -> None:
    found = changed(**numbers)
    assert not found.passed
    assert "000001.json" in found.message


def test_a_lacking_number_fails() -> None:
    for name in BLOCK:
        rest = {key: value for key, value in BLOCK.items() if key != name}
        assert not checked(entry(0, rest)).passed, name


def test_too_little_noise_for_the_stated_epsilon_fails() -> None:
    loud = replace(PROMISE, sigma=10.0).stated(3.0)
    found = checked(entry(0, loud))
    assert "has too little noise for its epsilon of 2" in found.message


@pytest.mark.parametrize("name", ["attendance_by_age", "dwell", "flows"])
def test_an_indicator_that_nobody_counted_fails(name: str) -> None:
    found = checked(entry(0, BLOCK, ("presence", name)))
    assert f"publishes {name}" in found.message


@pytest.mark.parametrize(("days", "passes"), [(9, True), (10, True), (11, False)])
def test_days_beyond_the_budget_fail(days: int, passes: bool) -> None:
    budget = epsilon_of(10 * PROMISE.rho, PROMISE.delta)
    block = replace(PROMISE, budget_epsilon=budget).stated(3.0)
    found = checked(*(entry(number, block) for number in range(days)))
    assert found.passed is passes
    assert ("000011.json brings the epsilon of 365 days to" in found.message) is not passes


def test_days_that_are_a_year_apart_do_not_add_up() -> None:
    block = replace(PROMISE, budget_epsilon=2.0).stated(3.0)
    assert checked(entry(0, block), entry(365, block)).passed
    assert not checked(entry(0, block), entry(364, block)).passed


def test_a_release_of_both_modes_fails() -> None:
    assert "some days are under differential privacy" in checked(entry(0, BLOCK), entry(1, None)).message


def test_a_day_of_fewer_slots_states_them() -> None:
    # The clock goes forward on 29 March 2026: the privacy day of the 28th has 23 hours.
    spring = guarantee(DifferentialPrivacy(epsilon=2.0, budget_epsilon=80.0), 92, 30).stated(3.0)
    assert checked(entry(0, spring, privacy_day="2026-03-28")).passed
    assert not checked(entry(0, BLOCK, privacy_day="2026-03-28")).passed


@pytest.mark.parametrize("dp", [[], "yes", 1, {}, True])
def test_a_block_of_another_form_fails(dp: Json) -> None:
    body = {**entry(0, None).body, "dp": dp}
    assert not checked(Entry("000001.json", canonical_json(body), body)).passed


def test_terms_that_cannot_be_read_fail() -> None:
    assert not checked(entry(0, BLOCK, time={})).passed
    assert not checked(entry(0, BLOCK, privacy_day="tomorrow")).passed
