"""What phones signal, and which cell hears it."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.simulator.movement import Paths, paths
from pipelines.simulator.network import Masts, sectors
from pipelines.simulator.phones import ATTACH, DETACH, LOCATION_UPDATE, Events, Phones, events, switched_off
from pipelines.simulator.plane import chance
from pipelines.simulator.radio import NO_CELL, PIXEL_M, Radio, coverage, pixels
from pipelines.simulator.signals import merged, signals

DAY = 86_400.0


def phones(count: int, use: int = 1, *, night_off: bool = False, fixed: bool = False) -> Phones:
    row, zero = np.arange(count), np.zeros(count)
    return Phones(
        row, row, np.full(count, use), np.ones(count), np.full(count, night_off), np.full(count, fixed), zero, zero
    )


def at_rest(count: int, east: float = 0.0) -> Paths:
    place = np.full((count, 2), east)
    leave = np.full((count, 2), np.inf)
    return paths(place, np.zeros((count, 2)), np.zeros((count, 2), np.int64), leave, DAY)


def network(places: Sequence[tuple[float, float]] = ((-900, 0), (900, 0), (0, 900))) -> Masts:
    east, north = np.array(places, np.float64).T
    return sectors(east, north, (np.empty(0), np.empty(0)), chance(1, "masts"))


def heard(found: Phones, ways: Paths) -> Events:
    return events(found, ways, Radio(network()), chance(1, "phones"))


@pytest.mark.parametrize(("use", "least", "most"), [(0, 0.7, 1.3), (1, 1.5, 2.5), (2, 5, 7), (3, 13, 17)])
def test_each_class_signals_as_often_as_it_should_by_day(use: int, least: float, most: float) -> None:
    found = heard(phones(1_500, use), at_rest(1_500))
    day = (found.time > 4 * 3_600) & (found.time < 16 * 3_600)
    assert least < day.sum() / 12 / 1_500 < most


def test_an_idle_phone_reports_every_54_minutes_but_for_reports_that_are_lost() -> None:
    found = phones(400, 0)
    quiet = Phones(**{name: getattr(found, name) for name in found.__dataclass_fields__} | {"vigour": np.zeros(400)})
    seen = heard(quiet, at_rest(400))
    periodic = seen.kind == LOCATION_UPDATE
    gap = np.diff(seen.time[periodic])[np.diff(seen.line[periodic]) == 0]
    gap = gap[gap < 4 * 3_240 + 8]
    assert np.isclose(gap, 3_240 * np.rint(gap / 3_240), atol=8).mean() > 0.9
    assert (seen.kind[~periodic] <= DETACH).all()
    per_day = periodic.sum() / 400
    assert 13 < per_day < 19


def test_a_phone_that_is_off_is_silent_and_says_when_it_goes_and_comes() -> None:
    found = phones(300, 3, night_off=True)
    off = switched_off(found, DAY, chance(5, "phones"))
    seen = events(found, at_rest(300), Radio(network()), chance(5, "phones"))
    inside = (seen.time[:, None] > off[seen.line, :, 0]) & (seen.time[:, None] < off[seen.line, :, 1] - 0.001)
    assert not inside.any()
    assert (np.bincount(seen.line[seen.kind == ATTACH], minlength=300) >= 1).mean() > 0.9
    assert (seen.kind == DETACH).sum() > 250


def test_a_machine_stays_where_it_is_and_is_never_off() -> None:
    seen = heard(phones(50, 1, night_off=True, fixed=True), at_rest(50, east=500_000.0))
    assert set(seen.line.tolist()) == set(range(50))
    assert not np.isin(seen.kind, (ATTACH, DETACH)).any()


def test_who_moves_updates_the_location_on_the_way() -> None:
    count = 300
    east = np.tile([-4_000.0, 4_000.0, -4_000.0], (count, 1))
    leave = np.tile([7_200.0, 14_400.0, np.inf], (count, 1))
    ways = paths(east, np.zeros((count, 3)), np.zeros((count, 3), np.int64), leave, DAY)
    moving, still = heard(phones(count, 0), ways), heard(phones(count, 0), at_rest(count))
    updates = [(found.kind == LOCATION_UPDATE).sum() / count for found in (moving, still)]
    assert updates[0] - updates[1] == pytest.approx(2 * 8_000 / 2_500, rel=0.25)


def test_nobody_hears_a_phone_far_from_every_mast() -> None:
    assert len(heard(phones(20, 3), at_rest(20, east=60_000.0)).line) == 0


def test_a_phone_at_rest_is_mostly_in_one_cell_and_now_and_then_in_a_neighbour() -> None:
    seen = heard(phones(300, 3), at_rest(300))
    lines = np.unique(seen.line).tolist()
    top = [np.bincount(seen.cell[seen.line == line]).max() / (seen.line == line).sum() for line in lines]
    assert 0.6 < np.mean(top) < 0.98
    assert min(top) < 0.9


def test_what_is_known_of_the_coverage_changes_no_answer() -> None:
    random = chance(1, "places")
    pixel = pixels(random.uniform(-3_000, 3_000, 500), random.uniform(-3_000, 3_000, 500))
    device, moment = np.arange(500), np.zeros(500, np.int64)
    fresh, used = Radio(network()), Radio(network())
    used.serve(device[:100], pixel[::-5], moment[:100])
    np.testing.assert_array_equal(fresh.serve(device, pixel, moment), used.serve(device, pixel, moment))


def test_the_nearest_mast_is_mostly_the_strongest() -> None:
    places = [(east * 2_000.0, north * 2_000.0) for east in range(4) for north in range(4)]
    masts = network(places)
    random = chance(1, "places")
    at = np.stack([random.uniform(0, 6_000, 2_000), random.uniform(0, 6_000, 2_000)])
    pixel = np.unique(pixels(*at))
    found = coverage(masts, pixel)
    east = np.floor_divide(pixel + (1 << 19), 1 << 20) * PIXEL_M + PIXEL_M / 2
    north = (pixel - np.floor_divide(pixel + (1 << 19), 1 << 20) * (1 << 20)) * PIXEL_M + PIXEL_M / 2
    nearest = np.hypot(east[:, None] - masts.east, north[:, None] - masts.north).argmin(1)
    assert 0.4 < (masts.site[found.cell[:, 0]] == nearest).mean() < 0.95
    assert (np.diff(found.power_dbm) <= 0).all()


def test_a_network_of_one_small_cell_serves_those_near_it() -> None:
    masts = sectors(np.zeros(1), np.zeros(1), (np.empty(0), np.empty(0)), chance(1, "masts"))
    far = pixels(np.array([100.0, 90_000.0]), np.zeros(2))
    near, away = Radio(masts).serve(np.zeros(2, np.int64), far, np.zeros(2, np.int64))
    assert near != NO_CELL == away


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(-10, 86_400_010), st.integers(0, 6))))
def test_signals_are_sorted_by_phone_then_by_time_and_lose_nothing(rows: list[tuple[int, int, int]]) -> None:
    phone, time, kind = (np.array([row[at] for row in rows], np.int64) for at in range(3))
    found = merged(signals(phone, time / 1_000, kind, DAY))
    # A thousandth of a second is not exact in binary: it is cut to whole ones.
    wanted = sorted((at, int(ms / 1_000 * 1_000), kind_of) for at, ms, kind_of in rows if 0 <= ms < 86_400_000)
    assert list(zip(found.phone, np.rint(found.time * 1_000), found.kind, strict=True)) == wanted
