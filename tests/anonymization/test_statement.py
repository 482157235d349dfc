from dataclasses import replace
from typing import Any, Literal

import pytest

from anonymization.entries import PARTIAL_DAY, Body, Json
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


def test_the_facts_of_several_days_are_the_last_policy_and_all_that_was_published() -> None:
    def body(k: int, indicator: str, steps: list[Json], flags: list[Json]) -> Body:
        return {
            "policy": policy(k=k),
            "time": {"timezone": "Europe/Paris", "slot_minutes": 15, "privacy_day_starts": "05:00"},
            "estimation": {"confidence": 0.9, "people_per_device": None},
            "unit": "SIMs",
            "files": {f"{indicator}/date=2026-06-20/part-0.parquet": {}},
            "steps": steps,
            "register": False,
            "dp": None,
            "flags": flags,
            "test": False,
        }

    facts = facts_of([body(20, "dwell", ["final", "splits"], [PARTIAL_DAY]), body(30, "presence", ["threshold"], [])])
    assert (facts.k, facts.indicators, facts.steps) == (30, ("presence", "dwell"), ("threshold", "splits", "final"))
    assert (facts.partial, facts.register, facts.people_per_device, facts.unit) == (True, False, None, "SIMs")


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
