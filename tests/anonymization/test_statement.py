from dataclasses import replace
from typing import Literal

import pytest

from anonymization.statement import Facts, statement
from schemas.indicators import INDICATORS

FACTS = Facts(
    k=20,
    max_share=0.8,
    rounding=5,
    unit="holders",
    timezone="Europe/Paris",
    privacy_day_starts="05:00",
    slot_minutes=15,
    indicators=("presence", "dwell"),
    people_per_device=10 / 3,
    confidence=0.95,
    test=False,
)
Languages = pytest.mark.parametrize("language", ["en", "fr"])


@Languages
def test_a_statement_gives_every_number_of_the_policy(language: Literal["en", "fr"]) -> None:
    facts = replace(FACTS, k=33, max_share=0.7, rounding=7, slot_minutes=30, privacy_day_starts="04:00", confidence=0.9)
    text = statement(language, facts)
    for number in ("33", "70", "7.", "30", "04:00", "Europe/Paris", "3.333", "90"):
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
    weak = replace(FACTS, rounding=1, unit="SIMs", test=True)
    assert statement("en", weak) == statement("en", replace(weak, rounding=0))
    assert "TEST RELEASE" in statement("en", weak)
    assert "Counts are exact" in statement("en", weak)
    assert "SIM cards" in statement("en", weak)
    assert "PUBLICATION D'ESSAI" in statement("fr", weak)
    assert "Les effectifs sont exacts" in statement("fr", weak)
    assert "cartes SIM" in statement("fr", weak)
    for word in ("TEST", "SIM", "exact"):
        assert word not in statement("en", FACTS)
