"""T1: the devices behind every row, of every indicator that is declared."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pyarrow as pa
import pytest

from anonymization.keys import PSEUDONYM
from anonymization.prf import hash_strings
from pipelines.attacks.figures.threshold import THRESHOLD
from pipelines.attacks.identities import people_behind
from pipelines.attacks.members import MEMBERS
from pipelines.attacks.target import Published, Target, devices_behind
from pipelines.attacks.weakened import without_threshold
from schemas.indicators import INDICATORS

SPLITS = [each.name for each in INDICATORS.values() if each.splits and not each.partial]


def test_a_release_has_no_row_below_k(small_target: Target) -> None:
    figures = THRESHOLD.measure(small_target.published, small_target).figures
    assert figures["rows below k"] == figures["rows of other devices"] == 0
    assert figures["fewest devices"] == small_target.policy.k


@pytest.mark.slow
def test_every_row_below_k_is_counted(small_target: Target) -> None:
    weak = without_threshold(small_target)
    exact = np.concatenate([table["devices"].to_numpy() for table in weak.tables.values()])
    figures = THRESHOLD.measure(weak, small_target).figures
    assert figures["rows below k"] == (exact < small_target.policy.k).sum() > 1_000


def test_rows_at_the_place_of_others_are_of_other_devices(small_target: Target) -> None:
    _, misplaced = THRESHOLD.weaknesses
    weak = misplaced.build(small_target)
    figures = THRESHOLD.measure(weak, small_target).figures
    assert figures["rows of other devices"] > 1_000
    for name, table in weak.tables.items():
        before = small_target.tables[name]
        assert table["devices"].equals(before["devices"])
        assert table["window_start"].equals(before["window_start"])
        moved = zip(before["window_start"].to_pylist(), table["zone_id"].to_pylist(), strict=True)
        known = zip(before["window_start"].to_pylist(), before["zone_id"].to_pylist(), strict=True)
        assert sorted(moved) == sorted(known), name


def test_the_people_behind_a_release_are_the_devices_that_it_counts(small_target: Target) -> None:
    people, devices = (count(small_target.published, small_target) for count in (people_behind, devices_behind))
    assert all((people[name] == devices[name]).all() for name in small_target.tables)


def test_two_lines_of_a_holder_are_one_person(small_target: Target) -> None:
    register, key = small_target.inputs.register, small_target.reproduction.keys[0]
    assert register is not None
    lines: dict[str, list[str]] = {}
    for line, holder in zip(register.subscriber_id.to_pylist(), register.holder.to_pylist(), strict=True):
        lines.setdefault(holder or line, []).append(line)
    two = next(each for each in lines.values() if len(each) > 1)
    one = next(each for each in lines.values() if len(each) == 1)
    # As a fold would count them that joins no lines: each under its own name.
    called = hash_strings(key.subkey(PSEUDONYM), pa.array([*two, *one]))
    day = replace(small_target.days[0], pseudonym=np.sort(called))
    members = pa.table({"row": [0] * called.size, "device": range(called.size)}, schema=MEMBERS)
    target = SimpleNamespace(
        truth=small_target.truth,
        inputs=small_target.inputs,
        days=[day],
        reproduction=SimpleNamespace(keys=[key]),
        tables={"attendance": small_target.tables["attendance"].slice(0, 1)},
        behind={day.day.isoformat(): {"attendance": members}},
    )
    published = Published(target.tables)
    assert devices_behind(published, cast(Target, target))["attendance"].tolist() == [len(two) + 1]
    assert people_behind(published, cast(Target, target))["attendance"].tolist() == [2]


def test_a_device_of_nobody_counts_as_nobody(small_target: Target) -> None:
    days = tuple(replace(day, pseudonym=day.pseudonym + np.uint64(1)) for day in small_target.days)
    strangers = replace(small_target, reproduction=replace(small_target.reproduction, days=days))
    found = people_behind(Published({"attendance": small_target.tables["attendance"]}), strangers)
    assert not found["attendance"].any()


@pytest.mark.parametrize("name", SPLITS)
@pytest.mark.slow
def test_a_new_indicator_is_attacked_as_soon_as_it_is_declared(
    small_target: Target, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(INDICATORS, "new", replace(INDICATORS[name], name="new"))
    table = small_target.tables[name]
    # The first row says that it has one device more than rounding can have added.
    devices = table["devices"].to_numpy().copy()
    devices[0] += 2 * small_target.policy.rounding
    place = table.column_names.index("devices")
    false = table.set_column(place, table.schema.field(place), pa.chunked_array([devices]))
    published = Published({**small_target.tables, "new": false})
    behind = devices_behind(published, small_target)
    assert behind["new"].tolist() == behind[name].tolist()
    assert THRESHOLD.measure(published, small_target).figures["rows of other devices"] == 1
