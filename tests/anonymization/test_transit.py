from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pytest

from anonymization.policy import Policy
from anonymization.protect import Estimate, Protection
from anonymization.tally import Tally
from anonymization.territory import Territory
from anonymization.transit import ZoneSet, label_zones, protect_transit
from schemas.indicators import INDICATORS
from tests.anonymization.territories import SEVENS, below, build, zone

HOURS = np.arange(4, dtype=np.int64) * 3_600_000_000
AREA = build(
    SEVENS,
    *(zone(f"z{i}", SEVENS[i : i + 1], size=i) for i in range(3)),
    zone("m0", [below(SEVENS[0], 0)], kind="museum", parent=0, size=0),
    zone("care", [below(SEVENS[1], 0)], kind="museum", parent=1, size=1, sensitive=True),
    zone("m2", [below(SEVENS[2], 0)], kind="museum", parent=2, size=2),
)
Crossings = Mapping[tuple[str, int], range]
"""The devices in transit through a zone in an hour."""


def published(crossed: Crossings, area: Territory = AREA, k: int = 20, weight: int = 1000) -> pa.Table:
    place = {each.zone_id: at for at, each in enumerate(area.zones)}
    rows = [(hour, place[name], device) for (name, hour), devices in crossed.items() for device in devices]
    hour, at, device = np.array(rows, np.int64).reshape(-1, 3).T
    visitors = np.zeros((len(area.zones), HOURS.size - 1), np.int64)
    np.add.at(visitors, (at, hour), 1)

    def distinct(sets: Sequence[ZoneSet]) -> Tally:
        label = label_zones(sets, hour, at)
        found = np.array([np.unique(device[label == number]).size for number in range(len(sets))], np.int64)
        return Tally(found, found * weight)

    how = Protection(area, Policy(k, 0.8, 0, test=True), Estimate(0.95), bytes(16))
    return protect_transit(HOURS, visitors, distinct, how)


def brief(table: pa.Table) -> dict[tuple[int, str], int]:
    hours = (table["window_start"].cast(pa.int64()).to_numpy() // 3_600_000_000).tolist()
    names, devices = (table[name].to_pylist() for name in ("zone_id", "devices"))
    return dict(zip(zip(hours, names, strict=True), devices, strict=True))


def test_each_hour_and_layer_has_its_own_parts() -> None:
    found = published(
        {
            ("z0", 0): range(50),
            ("z1", 0): range(100, 160),
            ("z2", 0): range(200, 270),
            ("z0", 1): range(5),
            ("z1", 1): range(100, 160),
            ("z2", 1): range(200, 270),
            ("m0", 1): range(30),
        }
    )
    # Nobody crossed m2, which looks like few.
    assert brief(found) == {
        (0, "z0"): 50,
        (0, "z1"): 60,
        (0, "z2"): 70,
        (1, "z0|z1"): 65,
        (1, "z2"): 70,
        (1, "m0|m2"): 30,
    }


@pytest.mark.parametrize(("devices", "alone"), [(19, False), (20, True), (21, True)], ids=["k-1", "k", "k+1"])
def test_a_zone_is_published_from_k_devices_on(devices: int, alone: bool) -> None:
    crossed = {("z0", 0): range(devices), ("z1", 0): range(100, 160), ("z2", 0): range(200, 260)}
    found = brief(published(crossed))
    assert found == (
        {(0, "z0"): devices, (0, "z1"): 60, (0, "z2"): 60} if alone else {(0, "z0|z1"): devices + 60, (0, "z2"): 60}
    )


@pytest.mark.parametrize(("distinct", "alone"), [(38, False), (39, True), (40, True)], ids=["2k-2", "2k-1", "2k"])
def test_a_pool_of_fewer_distinct_devices_than_the_target_takes_the_next(distinct: int, alone: bool) -> None:
    crossed = {("z0", 2): range(19), ("z1", 2): range(distinct - 30, distinct), ("z2", 2): range(100, 150)}
    found = brief(published(crossed))
    assert found == ({(2, "z0|z1"): distinct, (2, "z2"): 50} if alone else {(2, "z0|z1|z2"): distinct + 50})


def test_sensitive_zones_are_in_no_part() -> None:
    found = brief(published({("care", 0): range(500), ("m0", 0): range(40), ("m2", 0): range(100, 150)}))
    assert found == {(0, "m0"): 40, (0, "m2"): 50}
    assert brief(published({("care", 0): range(500)})) == {}


def test_few_devices_in_all_have_no_row() -> None:
    assert brief(published({("z0", 0): range(19)})) == {}
    assert brief(published({("z0", 0): range(12), ("z1", 0): range(12)})) == {}


def test_people_follow_the_weights() -> None:
    assert published({("m0", 0): range(50)}, weight=4000)["people"].to_pylist() == [200.0]


def test_no_crossing_and_no_zone_have_no_row() -> None:
    for table in (published({}), published({}, build(SEVENS))):
        assert table.num_rows == 0
        assert table.schema.equals(INDICATORS["transit"].table.schema, check_metadata=True)


def test_rows_are_hours_and_must_not_be_summed() -> None:
    [row] = published({("m2", 2): range(30)}).to_pylist()
    assert not row["additive"]
    assert (row["window_end"] - row["window_start"]).seconds == 3600


def test_labels_are_the_sets_of_zones() -> None:
    sets = [ZoneSet(0, (1, 2)), ZoneSet(1, (1,))]
    assert label_zones(sets, np.array([0, 0, 1, 1, 2]), np.array([1, 2, 1, 2, 1])).tolist() == [0, 0, 1, -1, -1]
    assert label_zones(sets, np.zeros(0, np.int64), np.zeros(0, np.int64)).size == 0
