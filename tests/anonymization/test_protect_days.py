from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.policy import Policy
from anonymization.protect import Estimate, Protection
from anonymization.tally import Tally
from anonymization.zone_days import ZonePart
from schemas.indicators import INDICATORS
from schemas.vocabulary import AGE_BANDS, DWELL_BANDS, FOREIGN, VISITOR_CATEGORIES
from tests.anonymization.day_doors import protect_arrivals, protect_nights, protect_zone_day
from tests.anonymization.test_protect import AREA, DAY, part, protection, weighed

Nights = Mapping[str, tuple[int, int]]
"""Of each category, who did not spend the night and who did."""
Arrivals = Mapping[tuple[str, int], int]
"""Devices by dwell band and hour of arrival."""


def nights_of(*parts: Nights) -> Tally:
    rows = [[each.get(name, (0, 0)) for name in VISITOR_CATEGORIES] for each in parts]
    return weighed(np.array(rows, np.int64).reshape(len(parts), len(VISITOR_CATEGORIES), 2))


def arrivals_of(*parts: Arrivals) -> Tally:
    counts = np.zeros((len(parts), len(DWELL_BANDS), 24), np.int64)
    for at, each in enumerate(parts):
        for (band, hour), devices in each.items():
            counts[at, DWELL_BANDS.index(band), hour] += devices
    return weighed(counts)


def sized(counts: Tally) -> list[ZonePart]:
    """The parts A and B, as large as the counts say."""
    return [part((at,), int(devices.sum())) for at, devices in enumerate(counts.devices)]


def nights(*parts: Nights, how: Protection | None = None) -> pa.Table:
    counts = nights_of(*parts)
    return protect_nights(sized(counts), DAY, counts, how or protection())


def arrivals(*parts: Arrivals, how: Protection | None = None) -> pa.Table:
    counts = arrivals_of(*parts)
    return protect_arrivals(sized(counts), DAY, counts, how or protection())


def rows(table: pa.Table, *columns: str) -> list[tuple[object, ...]]:
    return list(zip(*(table[name].to_pylist() for name in (*columns, "devices")), strict=True))


@pytest.mark.parametrize(("night", "printed"), [(0, False), (1, False), (19, False), (20, True), (21, True)])
def test_a_night_of_k_is_printed(night: int, printed: bool) -> None:
    found = rows(nights({"resident": (100, night)}), "visitor_category")
    assert found == ([("resident", night)] if printed else [])


@pytest.mark.parametrize(
    ("others", "printed"),
    [(0, True), (1, False), (19, False), (20, True), (21, True)],
    ids=["0", "1", "k-1", "k", "k+1"],
)
def test_a_night_is_printed_where_none_or_at_least_k_of_the_category_spent_it_elsewhere(
    others: int, printed: bool
) -> None:
    found = rows(nights({"tourist": (others, 100), "resident": (30, 40)}), "visitor_category")
    assert found == [("resident", 40)] + ([("tourist", 100)] if printed else [])


def test_nights_are_of_the_published_categories() -> None:
    table = nights({"resident": (5, 10), "excursionist": (60, 0), "tourist": (0, 70), "foreign tourist": (20, 20)})
    assert rows(table, "visitor_category") == [("foreign tourist", 20), ("resident|excursionist|tourist", 80)]


def test_arrivals_are_of_the_published_dwell_classes() -> None:
    table = arrivals({("<30 min", 8): 10, ("30-60 min", 8): 30, ("30-60 min", 14): 40, (">=8 h", 7): 25})
    pool = "<30 min|30-60 min"
    assert rows(table, "dwell_band", "arrival_hour") == [(pool, "08", 40), (pool, "14", 40), (">=8 h", "07", 25)]


@pytest.mark.parametrize(("devices", "alone"), [(19, False), (20, True), (21, True)], ids=["k-1", "k", "k+1"])
def test_an_hour_below_k_pools_with_its_neighbours(devices: int, alone: bool) -> None:
    found = dict(rows(arrivals({("2-4 h", 9): devices, ("2-4 h", 10): 30, ("2-4 h", 15): 50}), "arrival_hour"))
    assert found == ({"09": devices, "10": 30, "15": 50} if alone else {"09|10": devices + 30, "15": 50})


def test_rows_of_the_same_devices_are_rounded_alike() -> None:
    # A second draw for the same devices would tell whether their number is a multiple.
    for number in range(30):
        how = protection(5, bytes([number]) * 16)
        categories = {"resident": (0, 23), "tourist": (0, 42), "excursionist": (33, 0), "foreign tourist": (0, 57)}
        counts = nights_of(categories, {"foreign tourist": (0, 61)})
        day = sized(counts)
        by_category = protect_zone_day(INDICATORS["attendance_by_category"], day, DAY, counts.sum(axis=2), how)
        printed = {(zone, name): devices for zone, name, devices in rows(by_category, "zone_id", "visitor_category")}
        for zone, name, devices in rows(protect_nights(day, DAY, counts, how), "zone_id", "visitor_category"):
            assert printed[zone, name] == devices

        ages = weighed(np.zeros((2, len(AGE_BANDS) + 1), np.int64))
        ages.devices[0, [1, 5, -1]], ages.devices[1, 1] = (49, 49, 57), 61
        by_age = protect_zone_day(
            INDICATORS["attendance_by_age"], day, DAY, Tally(ages.devices, ages.devices * 1000), how
        )
        foreign = [devices for name, devices in rows(by_age, "age_band") if name == FOREIGN]
        assert foreign == [printed["A", "foreign tourist"]]

        stays = arrivals_of({("2-4 h", 9): 23, (">=8 h", 9): 41, (">=8 h", 15): 61}, {("<30 min", 20): 72})
        day = sized(stays)
        dwell = protect_zone_day(INDICATORS["dwell"], day, DAY, stays.sum(axis=2), how)
        printed = {(zone, name): devices for zone, name, devices in rows(dwell, "zone_id", "dwell_band")}
        found = rows(protect_arrivals(day, DAY, stays, how), "zone_id", "dwell_band", "arrival_hour")
        for zone, band, _, devices in found:
            assert band == ">=8 h" or printed[zone, band] == devices


def test_other_rows_are_rounded_apart() -> None:
    def up(number: int) -> tuple[bool, ...]:
        how = protection(5, bytes([number]) * 16)
        counts = nights_of({"resident": (23, 23), "tourist": (23, 23)})
        stays = arrivals_of({("2-4 h", 9): 23, ("2-4 h", 15): 23, (">=8 h", 9): 23, (">=8 h", 15): 23})
        tables = (protect_nights(sized(counts), DAY, counts, how), protect_arrivals(sized(stays), DAY, stays, how))
        return tuple(devices == 25 for table in tables for devices in table["devices"].to_pylist())

    columns = np.array([up(number) for number in range(60)]).T
    assert len({tuple(column) for column in columns.tolist()}) == len(columns) == 6


@given(st.data())
def test_arrivals_sum_to_the_dwell_class_and_nights_stay_within_the_category(data: st.DataObject) -> None:
    k = data.draw(st.integers(1, 4))
    how = Protection(AREA, Policy(k, 0.8, 0, test=True), Estimate(0.95), bytes(16))
    key = st.tuples(st.sampled_from(DWELL_BANDS), st.integers(0, 23))
    stays = arrivals_of(data.draw(st.dictionaries(key, st.integers(1, 3 * k), min_size=1, max_size=12)))
    if stays.devices.sum() >= k:
        dwell = protect_zone_day(INDICATORS["dwell"], sized(stays), DAY, stays.sum(axis=2), how)
        sums: dict[object, int] = {}
        for band, _, devices in rows(protect_arrivals(sized(stays), DAY, stays, how), "dwell_band", "arrival_hour"):
            sums[band] = sums.get(band, 0) + int(str(devices))
        assert sums == dict(rows(dwell, "dwell_band"))
    side = st.integers(0, 3 * k)
    counts = nights_of(data.draw(st.dictionaries(st.sampled_from(VISITOR_CATEGORIES), st.tuples(side, side))))
    if counts.devices.sum() >= k:
        whole = protect_zone_day(INDICATORS["attendance_by_category"], sized(counts), DAY, counts.sum(axis=2), how)
        printed = dict(rows(whole, "visitor_category"))
        for name, devices in rows(protect_nights(sized(counts), DAY, counts, how), "visitor_category"):
            missed = printed[name] - int(str(devices))
            assert missed == 0 or missed >= k


def test_a_sensitive_zone_has_neither_nights_nor_arrivals() -> None:
    day = [part((2,), 100), part((1, 2), 100)]
    assert (
        protect_nights(day, DAY, nights_of({"resident": (50, 50)}, {"resident": (50, 50)}), protection()).num_rows == 0
    )
    stays = arrivals_of({("2-4 h", 9): 100}, {("2-4 h", 9): 100})
    assert protect_arrivals(day, DAY, stays, protection()).num_rows == 0


@pytest.mark.parametrize("devices", [99, 101, 0])
def test_counts_that_are_not_those_of_the_parts_are_refused(devices: int) -> None:
    # k was tested on the devices of the parts.
    day, counts = [part((0,), 100)], weighed(np.array([devices], np.int64))
    categories = weighed(np.array([[devices, 0, 0, 0, 0]], np.int64))
    with pytest.raises(ValueError, match="attendance: expected"):
        protect_zone_day(INDICATORS["attendance"], day, DAY, counts, protection())
    with pytest.raises(ValueError, match="attendance_by_category: expected"):
        protect_zone_day(INDICATORS["attendance_by_category"], day, DAY, categories, protection())
    with pytest.raises(ValueError, match="nights: expected"):
        protect_nights(day, DAY, nights_of({"resident": (devices, 0)}), protection())
    with pytest.raises(ValueError, match="dwell_by_arrival: expected"):
        protect_arrivals(day, DAY, arrivals_of({("2-4 h", 9): devices}), protection())


def test_people_of_a_row_follow_the_weights_of_its_own_devices() -> None:
    counts = nights_of({"resident": (50, 50), "tourist": (0, 50)})
    weights = counts.weight.copy()
    weights[0, 0, 1], weights[0, 2, 1] = 50 * 2000, 50 * 4000
    table = protect_nights(sized(counts), DAY, Tally(counts.devices, weights), protection())
    assert table["people"].to_pylist() == [100.0, 200.0]
