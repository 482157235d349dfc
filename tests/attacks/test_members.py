"""Which devices are behind which rows: what every attack is measured against."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipelines.arrays import column
from pipelines.attacks.members import counts, members
from pipelines.attacks.target import Target, devices_behind
from pipelines.attacks.weakened import without_threshold
from schemas.indicators import INDICATORS


def test_the_devices_behind_every_row_round_to_what_is_printed(small_target: Target) -> None:
    found = devices_behind(small_target.published, small_target)
    assert found.keys() == small_target.tables.keys()
    for name, devices in found.items():
        printed = small_target.tables[name]["devices"].to_numpy()
        assert (np.abs(printed - devices) < small_target.policy.rounding).all(), name


def test_without_threshold_and_rounding_they_are_what_is_printed(small_target: Target) -> None:
    weak = without_threshold(small_target)
    assert weak.tables.keys() == INDICATORS.keys()
    for name, devices in devices_behind(weak, small_target).items():
        assert devices.tolist() == weak.tables[name]["devices"].to_pylist(), name
        assert devices.min() == 1, name


def test_every_device_that_counts_in_a_slot_is_behind_one_row_of_presence(small_target: Target) -> None:
    table = small_target.tables["presence"]
    for day in small_target.days:
        found = members("presence", small_target.tables, day, small_target.inputs)
        slot = pc.divide(pc.subtract(table["window_start"].cast(pa.int64()), int(day.grid.slots[0])), 900_000_000)
        slots = slot.to_numpy()[column(found, "row").astype(np.int64)]
        behind = np.unique(np.stack([column(found, "device").astype(np.int64), slots]), axis=1)
        assert behind.shape[1] == found.num_rows
        counted = np.stack([column(day.presence, name).astype(np.int64) for name in ("device", "slot")])
        published = counted[:, np.isin(counted[1], np.unique(slots))]
        assert behind.shape == published.shape
        assert set(map(tuple, behind.T.tolist())) == set(map(tuple, published.T.tolist()))


SPLITS = [
    each.name for each in INDICATORS.values() if each.splits and not each.partial and each.population == "attendance"
]


@pytest.mark.parametrize("name", SPLITS)
def test_what_splits_a_row_has_its_devices_and_no_others(small_target: Target, name: str) -> None:
    indicator = INDICATORS[name]
    outer, inner = small_target.tables[indicator.splits], small_target.tables[name]
    keys = ("zone_id", *INDICATORS[indicator.splits].attributes)
    for day in small_target.days:
        pairs = {each: _pairs(each, keys, small_target, day) for each in (name, indicator.splits)}
        split = {key for key, _ in pairs[name]}
        assert pairs[name] == {pair for pair in pairs[indicator.splits] if pair[0] in split}
    assert inner.num_rows > outer.num_rows / 2


def _pairs(name: str, keys: tuple[str, ...], target: Target, day: object) -> set[tuple[tuple[str, ...], int]]:
    """(what the outer row says, device) of all rows of a day."""
    found = members(name, target.tables, day, target.inputs)  # type: ignore[arg-type]
    rows = target.tables[name].take(found["row"])
    labels = list(zip(*(rows[key].to_pylist() for key in keys), strict=True))
    return set(zip(labels, found["device"].to_pylist(), strict=True))


def test_counts_are_zero_for_rows_of_another_day(small_target: Target) -> None:
    first = small_target.days[0]
    table = small_target.tables["attendance"]
    found = counts(members("attendance", small_target.tables, first, small_target.inputs), table.num_rows)
    of_day = np.array([day == first.day for day in table["date"].to_pylist()])
    assert (found[of_day] >= small_target.policy.k).all()
    assert not found[~of_day].any()
