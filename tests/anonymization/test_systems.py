"""What the linear programmes of a day are about, and what a manifest may say of them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymization import systems
from anonymization.checks.day import Day
from anonymization.checks.inclusions import printed
from anonymization.checks.nests import nested_parts
from anonymization.checks.widths import examine, pools_of
from anonymization.nested import Limits, Pairs
from anonymization.protect_days import protect_attendance
from anonymization.systems import Pool, proof
from anonymization.tally import Tally
from anonymization.widths import widths_of_day
from anonymization.zone_days import ZonePart
from tests.anonymization.crowds import DAY, DIJON, NODE, Crowd, counted, crowd, protection, released
from tests.anonymization.test_checks_inclusions import TERMS, ZONE_MAP

NOBODY = np.zeros(0, np.int64)
NO_PAIRS = Pairs(NOBODY, NOBODY)


def day_of(people: Crowd, rounding: int) -> Day:
    return Day(replace(TERMS, rounding=rounding), ZONE_MAP, released(people, 20, rounding))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([0, 5]))
def test_who_publishes_looks_at_the_systems_of_who_verifies(seed: int, rounding: int) -> None:
    # All three zones are published: too few are missing from none.
    people = crowd(seed, 900, loyal=0.8)
    day = day_of(people, rounding)
    pairs, names = nested_parts(day)
    if len(names) == 3:
        found = proof(printed(day), names, pairs, [], Limits(20, max(rounding - 1, 0)))
        parts = counted(people)[0]
        assert widths_of_day(day.tables, parts, protection(20, rounding), 5) == found.stated()
        assert examine(day).figure == found.narrowest


def test_a_manifest_is_told_no_number_of_devices() -> None:
    stated = proof(printed(day_of(crowd(1, 900), 5)), ["venue"], NO_PAIRS, [Pool("a|b", 45, (0, 25))], Limits(20, 4))
    assert stated.stated() == {"systems": stated.systems, "narrowest_at_least_k": True}
    assert set(stated.stated()) == {"systems", "narrowest_at_least_k"}


@pytest.mark.parametrize(("inside", "sound"), [(25, True), (26, False), (44, False), (45, True)])
def test_a_pool_and_what_lies_inside_its_zones_make_a_system(inside: int, sound: bool) -> None:
    found = proof(printed(day_of(crowd(1, 900), 0)), [], NO_PAIRS, [Pool("a|b", 45, (0, inside))], Limits(20))
    assert found.systems == 1
    assert found.stated()["narrowest_at_least_k"] is sound
    assert found.told == (() if sound else ("the zones of a|b",))


def test_a_sample_is_the_same_for_all_and_chosen_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"zone {number}" for number in range(500)]
    pools = [Pool(name, 45, (0, 44 if number % 2 else 0)) for number, name in enumerate(names)]
    monkeypatch.setattr(systems, "SAMPLED", 40)
    published = printed(day_of(crowd(1, 900), 0))
    told = [proof(published, [], NO_PAIRS, listed, Limits(20)).told for listed in (pools, pools[::-1])]
    assert told[0] == told[1]
    assert 5 < len(told[0]) < 35
    assert proof(published, [], NO_PAIRS, pools, Limits(20)).systems == 40


def test_pools_know_the_largest_part_inside_each_zone() -> None:
    names = ["21231|39198", "venue"]
    pairs = Pairs(np.array([1]), np.array([0]))
    assert list(pools_of(names, np.array([60, 30]), pairs, ZONE_MAP)) == [Pool("21231|39198", 60, (30, 0))]
    nested = [ZonePart((DIJON, 3), (NODE[DIJON], NODE[3]), 60), ZonePart((4,), (NODE[4],), 30)]
    counts = Tally(np.array([60, 30]), np.array([60_000, 30_000]))
    tables = protect_attendance(nested, {"attendance": counts}, None, DAY, protection(20))
    assert widths_of_day(tables, nested, protection(20), 5) == {"systems": 1, "narrowest_at_least_k": True}
