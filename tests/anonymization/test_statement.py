from dataclasses import replace
from typing import Any, Literal

import pytest

from anonymization.entries import PARTIAL_DAY, Body
from anonymization.guarantee import guarantee
from anonymization.guarantee_words import WITHDRAWN, promise
from anonymization.statement import Facts, facts_of, statement, steps_taken
from anonymization.statement_texts import STEPS
from schemas.configuration import DifferentialPrivacy
from schemas.indicators import INDICATORS
from tests.anonymization.releases import policy

FACTS = Facts(
    k=20,
    max_share=0.8,
    rounding=5,
    lateness_minutes=45,
    unit="holders",
    timezone="Europe/Paris",
    privacy_day_starts="05:00",
    slot_minutes=15,
    indicators=("presence", "dwell"),
    steps=steps_taken(("presence_by_age", "dwell"), rounding=5, objections=True, nested=True, sensitive=True),
    people_per_device=10 / 3,
    factor_changes=False,
    confidence=0.95,
    register=True,
    dp=None,
    partial=False,
    test=False,
)
Languages = pytest.mark.parametrize("language", ["en", "fr"])


@Languages
def test_a_statement_gives_every_number_of_the_policy(language: Literal["en", "fr"]) -> None:
    facts = replace(FACTS, k=33, max_share=0.7, rounding=7, slot_minutes=30, privacy_day_starts="04:00", confidence=0.9)
    text = statement(language, facts)
    for number in ("33", "70", "7.", "30", "45", "04:00", "Europe/Paris", "3.333", "90"):
        assert number in text
    assert "{" not in text


@Languages
def test_a_statement_says_whether_devices_weigh_the_same(language: Literal["en", "fr"]) -> None:
    weighted = statement(language, replace(FACTS, people_per_device=None))
    assert "3.333" not in weighted
    assert {"en": "given a weight", "fr": "a un poids"}[language] in weighted
    assert "{" not in weighted


@Languages
def test_a_statement_lists_the_published_indicators_only(language: Literal["en", "fr"]) -> None:
    text = statement(language, FACTS)
    assert [name for name in INDICATORS if f"`{name}`" in text] == ["presence", "dwell"]


def test_a_statement_says_where_the_release_is_weak() -> None:
    steps = steps_taken(("presence_by_age", "dwell"), rounding=1, objections=True, nested=True, sensitive=True)
    weak = replace(FACTS, rounding=1, unit="SIMs", test=True, steps=steps, partial=True)
    assert "TEST RELEASE" in statement("en", weak)
    assert "Counts are exact" in statement("en", weak)
    assert "SIM cards" in statement("en", weak)
    assert "PUBLICATION D'ESSAI" in statement("fr", weak)
    assert "Les effectifs sont exacts" in statement("fr", weak)
    assert "cartes SIM" in statement("fr", weak)
    assert "do not cover it" in statement("en", weak)
    assert "ne le couvrent pas" in statement("fr", weak)
    for word in ("TEST", "SIM", "exact", "do not cover it"):
        assert word not in statement("en", FACTS)


@pytest.mark.parametrize(
    ("step", "changes"),
    [
        ("objections", {"objections": False}),
        ("nested", {"nested": False}),
        ("sensitive", {"sensitive": False}),
        ("rounded", {"rounding": 0}),
        ("rounded", {"rounding": 1}),
        ("classes", {"indicators": ("presence", "attendance", "dwell")}),
        ("splits", {"indicators": ("presence", "attendance")}),
        ("nested", {"indicators": ("presence", "presence_by_age")}),
    ],
)
def test_a_step_that_was_not_taken_is_not_told(step: str, changes: dict[str, Any]) -> None:
    everything: dict[str, Any] = {"rounding": 5, "objections": True, "nested": True, "sensitive": True}
    indicators = tuple(INDICATORS)
    assert step in steps_taken(indicators, **everything)
    given = everything | changes
    steps = steps_taken(given.pop("indicators", indicators), **given)
    assert step not in steps
    facts = replace(FACTS, steps=steps)
    for language in ("en", "fr"):
        first_words = STEPS[step][language].split("**")[1]
        assert first_words not in statement(language, facts)
        assert first_words in statement(language, replace(FACTS, steps=tuple(STEPS)))


@Languages
def test_a_statement_says_whether_there_was_a_register(language: Literal["en", "fr"]) -> None:
    assert "`unknown`" in statement(language, replace(FACTS, register=False))
    assert "`unknown`" not in statement(language, FACTS)


def body(indicator: str = "presence", **changes: Any) -> Body:
    stated: dict[str, Any] = {
        "policy": policy(),
        "time": {"timezone": "Europe/Paris", "slot_minutes": 15, "privacy_day_starts": "05:00"},
        "estimation": {"confidence": 0.95, "people_per_device": 2.0},
        "unit": "holders",
        "files": {f"{indicator}/date=2026-06-20/part-0.parquet": {}},
        "steps": ["pseudonyms", "objections", "threshold", "rounded", "final"],
        "register": True,
        "dp": None,
        "flags": [],
        "test": False,
    }
    return stated | changes


def test_the_facts_of_several_days_are_all_that_was_published() -> None:
    facts = facts_of([body("dwell", flags=[PARTIAL_DAY]), body("presence")])
    assert (facts.indicators, facts.partial, facts.people_per_device) == (("presence", "dwell"), True, 2.0)


@pytest.mark.parametrize(
    ("name", "weak", "told"),
    [
        ("k", {"policy": policy(k=11)}, 11),
        ("max_share", {"policy": policy(max_share=0.9)}, 0.9),
        ("rounding", {"policy": policy(rounding=0)}, 0),
        ("lateness_minutes", {"policy": policy(lateness_minutes=90)}, 90),
        ("unit", {"unit": "SIMs"}, "SIMs"),
        ("confidence", {"estimation": {"confidence": 0.8, "people_per_device": 2.0}}, 0.8),
        ("register", {"register": False}, False),
        ("test", {"test": True}, True),
        ("factor_changes", {"estimation": {"confidence": 0.95, "people_per_device": None}}, True),
        (
            "steps",
            {"steps": ["pseudonyms", "threshold", "rounded", "final"]},
            ("pseudonyms", "threshold", "rounded", "final"),
        ),
        (
            "steps",
            {"steps": ["pseudonyms", "objections", "threshold", "unrounded", "final"]},
            ("pseudonyms", "objections", "threshold", "unrounded", "final"),
        ),
        (
            "steps",
            {"steps": ["pseudonyms", "objections", "threshold", "rounded", "splits", "final"]},
            ("pseudonyms", "objections", "threshold", "rounded", "splits", "final"),
        ),
    ],
)
def test_what_differs_from_day_to_day_is_told_as_it_is_weakest_whichever_day_that_was(
    name: str, weak: dict[str, Any], told: object
) -> None:
    for days in ([body(), body(**weak)], [body(**weak), body()]):
        assert getattr(facts_of(days), name) == told


def test_of_several_promises_of_differential_privacy_the_weakest_is_told() -> None:
    blocks = [guarantee(DifferentialPrivacy(epsilon=e, budget_epsilon=80.0), 96, 30).stated(3.0) for e in (9.0, 1.0)]
    for order in (blocks, blocks[::-1]):
        found = facts_of([body(dp=block) for block in order]).dp
        assert found is not None
        assert found["epsilon"] == 9.0


@Languages
def test_a_statement_says_that_what_a_device_stands_for_changed(language: Literal["en", "fr"]) -> None:
    text = statement(language, replace(FACTS, people_per_device=None, factor_changes=True))
    assert {"en": "changed from\n  day to day", "fr": "a\n  changé d'un jour à l'autre"}[language] in text


@Languages
def test_a_statement_of_differential_privacy_tells_its_promise_and_what_it_withdraws(
    language: Literal["en", "fr"],
) -> None:
    block = guarantee(DifferentialPrivacy(epsilon=2.0, budget_epsilon=80.0), 96, 30).stated(3.0)
    steps = steps_taken(("presence", "attendance"), rounding=5, objections=True, nested=True, sensitive=True, dp=True)
    text = statement(language, replace(FACTS, dp=block, steps=steps, indicators=("presence", "attendance")))
    assert promise(language, block) in text
    assert all(words[language] in text for words in WITHDRAWN.values())
    for step in ("threshold", "nested"):
        assert STEPS[step][language].split("**")[1] not in text
    assert {"en": "not differential privacy", "fr": "pas de la confidentialité"}[language] not in text
    assert "{" not in text
