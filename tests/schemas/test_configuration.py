from dataclasses import MISSING, FrozenInstanceError, fields
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

import pytest

from schemas.configuration import (
    DECLARED_ELSEWHERE,
    SECTIONS,
    Configuration,
    Input,
    PolicySettings,
    ReleaseSettings,
    Test,
)

KEYS = [(section, key) for section, kind in SECTIONS.items() for key in fields(kind)]
MANDATORY = {("input", "cells"), ("input", "zones"), ("release", "directory")}
OPTIONAL_TABLES = {"event", "input.kafka", "policy.dp"}


def test_every_key_says_what_it_means_in_one_sentence() -> None:
    assert [(s, k.name) for s, k in KEYS if not k.metadata["meaning"].endswith(".")] == []


def test_only_inputs_and_the_release_have_no_default() -> None:
    without = {(s, k.name) for s, k in KEYS if k.default is MISSING and k.default_factory is MISSING}
    assert {key for key in without if key[0] not in OPTIONAL_TABLES} == MANDATORY


def test_every_key_without_default_has_an_example_of_its_type() -> None:
    for section, key in KEYS:
        if key.default is None or (key.default is MISSING and key.default_factory is MISSING):
            hint = get_type_hints(SECTIONS[section])[key.name]
            kinds = tuple(str if kind is Path else get_origin(kind) or kind for kind in get_args(hint) or (hint,))
            assert isinstance(key.metadata["example"], kinds), (section, key.name)


def test_sections_are_those_of_the_configuration() -> None:
    sections = {name for name in SECTIONS if "." not in name}
    assert {key.name for key in fields(Configuration)} == {"path", *DECLARED_ELSEWHERE, *sections}
    assert {name for name in SECTIONS if name not in sections} == {"input.kafka", "policy.dp", "engine.flink"}


def test_a_configuration_is_made_of_inputs_and_a_release() -> None:
    inputs = Input(events=Path("e"), cells=Path("c"), zones=Path("z"))
    made = Configuration(path=Path("c.toml"), input=inputs, release=ReleaseSettings(directory=Path("r")))
    assert made.policy == PolicySettings(k=20, max_share=0.8, rounding=5, dp=False)
    assert made.event == ()
    assert made.test is None


def test_a_configuration_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        PolicySettings().k = 1  # type: ignore[misc]


def test_a_day_key_is_not_shown() -> None:
    assert "0aF" not in repr(Test(day_key="0aF" * 21 + "1"))
