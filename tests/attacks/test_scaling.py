"""Figures of k people: which of them are of fewer than k devices."""

from types import SimpleNamespace
from typing import cast

import pyarrow as pa
import pytest

from anonymization.policy import Policy
from pipelines.attacks.figures.scaling import SCALING
from pipelines.attacks.figures.shown import Shown
from pipelines.attacks.members import MEMBERS
from pipelines.attacks.target import Target

POLICY = Policy(20, 0.8, 5, test=True)


def rows_of_few(people: float, devices: int) -> float:
    """Whether a row that prints so many people, of so many devices, is found."""
    table = pa.table({"people": [people, 500.0]})
    row = [0] * devices + [1] * 100
    behind = pa.table({"row": row, "device": range(len(row))}, schema=MEMBERS)
    target = cast(Target, SimpleNamespace(policy=POLICY))
    subject = Shown({"presence": table}, {"2026-06-10": {"presence": behind}})
    return SCALING.measure(subject, target).figures["rows of k people and fewer devices"]


@pytest.mark.parametrize(("devices", "found"), [(19, 1), (20, 0), (21, 0)])
def test_a_row_of_many_people_is_of_k_devices(devices: int, found: int) -> None:
    assert rows_of_few(100.0, devices) == found


@pytest.mark.parametrize(("people", "found"), [(19.0, 0), (20.0, 1), (21.0, 1)])
def test_a_row_of_four_devices_is_found_where_it_looks_like_k_people(people: float, found: int) -> None:
    assert rows_of_few(people, 4) == found


def test_a_release_tests_k_on_devices(small_target: Target) -> None:
    found = SCALING.measure(SCALING.subject(small_target), small_target)
    assert found.figures["rows of k people and fewer devices"] == 0
    assert found.figures["fewest devices of k people"] >= small_target.policy.k


def test_a_test_after_scaling_prints_rows_of_fewer_than_k_devices(small_target: Target) -> None:
    (weakness,) = SCALING.weaknesses
    found = SCALING.measure(weakness.build(small_target), small_target)
    assert found.figures["rows of k people and fewer devices"] > 0
    assert found.figures["fewest devices of k people"] < small_target.policy.k
