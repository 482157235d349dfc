import json
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.guarantee import guarantee
from anonymization.guarantee_words import INSTEAD, NUMBERS
from anonymization.policy import (
    SMALLEST_K,
    USUAL_K,
    USUAL_MAX_SHARE,
    USUAL_ROUNDING,
    Policy,
    policy_of,
    register,
    register_json,
)
from schemas.configuration import Area, DifferentialPrivacy, PolicySettings, Test, Time
from schemas.errors import PrivacyRefusal, UsageError

USUAL = Policy.of(PolicySettings(), None)
ALLOWED = Test(allow_small_k=True)


def test_the_defaults_of_the_configuration_are_the_usual_numbers() -> None:
    assert Policy(USUAL_K, USUAL_MAX_SHARE, USUAL_ROUNDING, test=False) == USUAL


def test_k_below_eleven_is_refused_with_exit_code_three() -> None:
    with pytest.raises(PrivacyRefusal) as caught:
        Policy.of(PolicySettings(k=SMALLEST_K - 1), None)
    assert caught.value.exit_code == 3
    assert caught.value.message.startswith("[policy] k: expected at least 11, found 10")
    assert "k = 20" in caught.value.hint


@pytest.mark.parametrize("k", [SMALLEST_K, SMALLEST_K + 1])
def test_k_of_eleven_or_more_is_accepted(k: int) -> None:
    assert Policy.of(PolicySettings(k=k), None).k == k


def test_only_a_test_that_says_so_may_have_a_small_k() -> None:
    with pytest.raises(PrivacyRefusal):
        Policy.of(PolicySettings(k=3), Test())
    assert Policy.of(PolicySettings(k=3), ALLOWED).k == 3


@pytest.mark.parametrize(
    ("settings", "test", "flags"),
    [
        (PolicySettings(), None, ()),
        (PolicySettings(k=20), None, ()),
        (PolicySettings(k=19), None, ("k below 20", "smallest figure is of exactly k")),
        (PolicySettings(rounding=0), None, ("rounding off",)),
        (PolicySettings(rounding=1), None, ("rounding off",)),
        (PolicySettings(rounding=2), None, ()),
        (PolicySettings(k=24), None, ("smallest figure is of exactly k",)),
        (PolicySettings(k=23), None, ()),
        (PolicySettings(k=25), None, ()),
        (PolicySettings(rounding=20), None, ()),
        (PolicySettings(max_share=1.0), None, ("no limit on one class",)),
        (PolicySettings(max_share=0.99), None, ()),
        (PolicySettings(), Test(), ("test release",)),
        (PolicySettings(k=5, rounding=0), ALLOWED, ("k below 20", "rounding off", "test release")),
    ],
)
def test_what_is_weaker_than_usual_is_flagged(
    settings: PolicySettings, test: Test | None, flags: tuple[str, ...]
) -> None:
    assert Policy.of(settings, test).flags() == flags


@pytest.mark.parametrize(
    "settings",
    [
        PolicySettings(k=0),
        PolicySettings(k=-20),
        PolicySettings(max_share=0.5),
        PolicySettings(max_share=1.01),
        PolicySettings(max_share=float("nan")),
        PolicySettings(rounding=-1),
    ],
)
def test_a_number_without_meaning_is_never_a_policy(settings: PolicySettings) -> None:
    with pytest.raises(UsageError, match=r"\[policy\]"):
        Policy.of(settings, ALLOWED)


def test_a_pool_of_the_target_leaves_every_small_child_open() -> None:
    assert USUAL.pool_target == 39


@pytest.mark.parametrize(("base", "accepted"), [(19, True), (20, True), (21, False)])
def test_a_base_above_k_is_refused_since_it_would_print_nobody_where_there_are_k(base: int, accepted: bool) -> None:
    if accepted:
        assert Policy.of(PolicySettings(rounding=base), None).printed_minimum > 0
        return
    with pytest.raises(UsageError, match="rounding of 0 to 20"):
        Policy.of(PolicySettings(rounding=base), None)


@pytest.mark.parametrize(
    ("k", "rounding", "minimum"), [(20, 5, 20), (19, 5, 15), (11, 5, 10), (20, 0, 20), (20, 1, 20)]
)
def test_the_smallest_printed_figure_is_k_rounded_down(k: int, rounding: int, minimum: int) -> None:
    assert Policy(k, 0.8, rounding, test=False).printed_minimum == minimum


@given(st.integers(1, 10_000), st.integers(0, 1_000))
def test_the_smallest_printed_figure_is_within_one_base_of_k(k: int, rounding: int) -> None:
    rounding = min(k, rounding)
    minimum = Policy(k, 0.8, rounding, test=True).printed_minimum
    assert k - max(rounding - 1, 0) <= minimum <= k
    assert not rounding or minimum % rounding == 0


def test_the_manifest_states_every_number_with_its_meaning_and_source() -> None:
    lines = register(USUAL)
    assert {line.name: line.value for line in lines} == USUAL.as_json()
    assert {"k": 20, "max_share": 0.8, "rounding": 5, "pool_target": 39, "people_base": 10}.items() <= (
        USUAL.as_json().items()
    )
    assert all(line.meaning.endswith(".") and len(line.source) > 10 for line in lines)
    assert [line["name"] for line in json.loads(register_json(USUAL))] == [line.name for line in lines]


def test_every_field_of_a_policy_but_whether_it_is_a_test_is_in_the_register() -> None:
    assert {each.name for each in fields(Policy)} - {line.name for line in register(USUAL)} == {"test"}


def test_a_policy_is_read_back_from_what_it_states() -> None:
    changed = replace(USUAL, k=33, max_share=0.7, lateness_minutes=5)
    assert policy_of(changed.as_json(), test=False) == changed


@pytest.mark.parametrize("name", list(USUAL.as_json()))
def test_a_number_that_is_missing_or_of_another_type_is_no_policy(name: str) -> None:
    stated: dict[str, object] = {**USUAL.as_json()}
    with pytest.raises(UsageError, match=f"missing or unknown: {name}"):
        policy_of({key: value for key, value in stated.items() if key != name}, test=False)
    with pytest.raises(UsageError, match="policy"):
        policy_of(stated | {name: str(stated[name])}, test=False)


def test_an_unknown_number_is_no_policy() -> None:
    with pytest.raises(UsageError, match="missing or unknown: k_max"):
        policy_of({**USUAL.as_json(), "k_max": 40}, test=False)


@pytest.mark.parametrize(
    "name",
    [
        "smallest_k",
        "people_base",
        "largest_rounding",
        "rounding_hours",
        "visit_minutes",
        "key_days",
        "key_hours",
        "told_least",
    ],
)
def test_a_fixed_number_cannot_be_another(name: str) -> None:
    with pytest.raises(UsageError, match=f"policy {name}: expected"):
        replace(USUAL, **{name: 1 + getattr(USUAL, name)})


@pytest.mark.parametrize("name", ["pool_target", "nested_least"])
def test_a_number_that_follows_from_others_cannot_be_stated_otherwise(name: str) -> None:
    with pytest.raises(UsageError, match=f"policy {name}: expected"):
        policy_of({**USUAL.as_json(), name: 19}, test=False)


def test_lateness_and_resolutions_are_those_of_the_configuration() -> None:
    policy = Policy.of(PolicySettings(), None, Time(lateness=timedelta(minutes=7)), Area(base_resolution=8))
    assert (policy.lateness_minutes, policy.base_resolution, policy.coarsest_resolution) == (7, 8, 5)


def test_under_differential_privacy_the_register_has_its_numbers_and_claims_nothing_of_the_other_mode() -> None:
    block = guarantee(DifferentialPrivacy(epsilon=2.0, budget_epsilon=80.0), 96, 30).stated(3.0)
    lines = {line["name"]: line for line in json.loads(register_json(USUAL, block))}
    assert {name for name, value in block.items() if isinstance(value, float) and name in NUMBERS} <= lines.keys()
    assert lines["epsilon"]["value"] == 2.0
    assert lines["sigma"]["value"] == block["sigma"]
    assert "distinct devices" not in lines["k"]["meaning"]
    assert "keyed" not in lines["rounding"]["meaning"]
    assert all(line["meaning"] and line["source"] for line in lines.values())
    assert INSTEAD.keys() <= {line.name for line in register(USUAL)}
