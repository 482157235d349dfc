from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.guarantee import guarantee
from pipelines.bounded import Sampling, kept_slots
from pipelines.presence import Spans, Winners, winners
from schemas.configuration import DifferentialPrivacy
from schemas.tables import VISIT
from tests.pipelines.made import filled

KEY = bytes(range(16))
DAY = Sampling(KEY, slots=96, kept=18, zones_kept=6)
SAMPLINGS = st.builds(
    lambda slots, kept, zones: Sampling(KEY, slots, min(kept, slots), zones),
    st.sampled_from([24, 92, 96, 100]),
    st.integers(1, 100),
    st.integers(1, 8),
)
DEVICES = st.integers(0, 2**64 - 1)


def visits(*pairs: tuple[int, int]) -> pa.Table:
    """VISIT rows of devices in zones."""
    device, zone = zip(*pairs, strict=True) if pairs else ((), ())
    columns = {"device": pa.array(device, pa.uint64()), "zone": pa.array(zone, pa.int32())}
    return filled(VISIT, pa.table(columns))


@st.composite
def days(draw: Any, slots: int = 96) -> tuple[Spans, np.ndarray, np.ndarray]:
    """The stays of some devices on a day of slots of ten minutes, their devices, and the edges of the slots."""
    device, begin, end, hexagon = [], [], [], []
    for number in range(draw(st.integers(1, 3))):
        cuts = draw(st.lists(st.integers(0, slots * 10), min_size=2, max_size=12, unique=True).map(sorted))
        device += [number] * (len(cuts) - 1)
        begin += cuts[:-1]
        end += cuts[1:]
        hexagon += draw(st.lists(st.integers(0, 4), min_size=len(cuts) - 1, max_size=len(cuts) - 1))
    columns = (np.array(values, np.int64) for values in (device, hexagon, begin, end, [1000] * len(device)))
    names = np.array(draw(st.lists(DEVICES, min_size=3, max_size=3, unique=True)), np.uint64)[device]
    return Spans(*columns, 5), names, np.arange(slots + 1, dtype=np.int64) * 10


def counted(won: Winners) -> set[tuple[int, int]]:
    """(span, slot) of each entry, one for each slot."""
    slots = zip(won.span, won.first, won.last, strict=True)
    return {(int(span), slot) for span, first, last in slots for slot in range(first, last)}


@given(days(), st.sampled_from([1, 2, 17, 18, 95, 96]))
def test_winners_are_those_of_the_slots_that_count(day: tuple[Spans, np.ndarray, np.ndarray], kept: int) -> None:
    spans, device, edges = day
    sampling = Sampling(KEY, 96, kept, 6)
    won = winners(spans, edges)
    bounded = sampling.winners(won, device, range(96))
    everything = sorted(counted(won))
    span, slot = np.array(everything, np.int64).reshape(-1, 2).T
    mask = kept_slots(device[span], slot, sampling)
    assert (bounded.last == bounded.first + 1).all()
    assert bounded.span.size == len(counted(bounded))
    assert counted(bounded) == {pair for pair, keep in zip(everything, mask, strict=True) if keep}


@given(days(), st.integers(1, 95))
def test_where_steps_are_cut_does_not_change_what_counts(day: tuple[Spans, np.ndarray, np.ndarray], cut: int) -> None:
    spans, device, edges = day
    whole = counted(DAY.winners(winners(spans, edges), device, range(96)))
    early = counted(DAY.winners(winners(spans, edges[: cut + 1]), device, range(cut)))
    late = counted(DAY.winners(winners(spans, edges[cut:]), device, range(cut, 96)))
    assert whole == early | {(span, slot + cut) for span, slot in late}


@given(days(), st.integers(2, 60), st.lists(st.integers(0, 11), min_size=1, unique=True), st.integers(0, 12))
def test_no_device_day_adds_to_more_figures_than_its_contributions(
    day: tuple[Spans, np.ndarray, np.ndarray], contributions: int, visited: list[int], zones: int
) -> None:
    spans, device, edges = day
    promise = guarantee(DifferentialPrivacy(2.0, 80.0, contributions=contributions), 96, zones)
    sampling = Sampling(KEY, promise.slots, promise.slots_kept, promise.zones_kept)
    bounded = sampling.winners(winners(spans, edges), device, range(96))
    for one in np.unique(device):
        mine = bounded.first[device[bounded.span] == one]
        assert mine.size == np.unique(mine).size
        rows = sampling.visits(visits(*((int(one), zone) for zone in visited if zone < zones)))
        assert mine.size + rows.num_rows <= contributions


@given(st.lists(DEVICES, min_size=1, max_size=20), SAMPLINGS)
def test_every_device_counts_in_as_many_slots(devices: list[int], sampling: Sampling) -> None:
    for device in devices:
        each = np.full(sampling.slots, device, np.uint64)
        assert kept_slots(each, np.arange(sampling.slots), sampling).sum() == sampling.kept


@pytest.mark.parametrize("sampling", [DAY, Sampling(KEY, 92, 18, 6), Sampling(KEY, 100, 7, 6)])
def test_every_slot_counts_for_the_same_share_of_devices_whatever_they_do(sampling: Sampling) -> None:
    # The key is fixed: this is one draw. Of 60,000 devices the share has a deviation of at most 0.002.
    devices = np.arange(60_000, dtype=np.uint64)
    for slot in range(0, sampling.slots, 7):
        share = kept_slots(devices, np.full(devices.size, slot), sampling).mean()
        assert share == pytest.approx(sampling.kept / sampling.slots, abs=0.01)


def test_scaled_counts_are_unbiased() -> None:
    # Half of the devices are in hexagon 1 all day, half go to hexagon 2 at the 40th slot.
    devices = np.arange(40_000, dtype=np.uint64)
    stays = [(d, 1, 0, 960) if d % 2 else (d, 2, 400, 960) for d in range(devices.size)]
    columns = (np.array(values, np.int64) for values in zip(*stays, strict=True))
    spans = Spans(*columns, np.full(devices.size, 1000), 3)
    bounded = DAY.winners(winners(spans, np.arange(97) * 10), devices, range(96))
    hexagon = spans.hexagon[bounded.span]
    counts = np.bincount(hexagon * 96 + bounded.first, minlength=3 * 96).reshape(3, 96) * 96 / 18
    # One slot has a deviation of 294 devices, the mean of a day much less.
    assert np.abs(counts[1] - 20_000).max() < 1500
    assert np.abs(counts[2, 40:] - 20_000).max() < 1500
    assert counts[1].mean() == pytest.approx(20_000, rel=0.001)
    assert counts[2, :40].max() == 0


def test_slots_that_all_count_change_nothing() -> None:
    spans = Spans(*(np.array(v) for v in ([0, 0], [1, 2], [0, 400], [400, 955], [1, 1])), 3)
    won = winners(spans, np.arange(97) * 10)
    whole = Sampling(KEY, 96, 96, 6).winners(won, np.array([7, 7], np.uint64), range(96))
    assert counted(whole) == counted(won)


def test_nobody_has_no_winners_and_no_visits() -> None:
    none = np.zeros(0, np.int64)
    assert DAY.winners(Winners(none, none, none), none.astype(np.uint64), range(96)).span.size == 0
    assert DAY.visits(visits()).num_rows == 0


@given(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 11))), st.integers(1, 12))
def test_a_device_keeps_its_visits_up_to_the_bound(pairs: set[tuple[int, int]], bound: int) -> None:
    table = visits(*pairs)
    kept = Sampling(KEY, 96, 18, bound).visits(table)
    found = list(zip(kept["device"].to_pylist(), kept["zone"].to_pylist(), strict=True))
    assert set(found) <= pairs
    for device in range(4):
        mine = sum(who == device for who, _ in pairs)
        assert sum(who == device for who, _ in found) == min(mine, bound)


def test_visits_do_not_depend_on_the_order_or_on_other_devices() -> None:
    pairs = [(device, zone) for device in (5, 9) for zone in range(10)]
    together = DAY.visits(visits(*pairs)).sort_by([("device", "ascending"), ("zone", "ascending")])
    mixed = DAY.visits(visits(*pairs[::-1])).sort_by([("device", "ascending"), ("zone", "ascending")])
    alone = DAY.visits(visits(*pairs[:10])).sort_by([("device", "ascending"), ("zone", "ascending")])
    assert together.equals(mixed)
    assert together.slice(0, 6).equals(alone)


def test_each_zone_of_many_is_kept_as_often() -> None:
    pairs = [(device, zone) for device in range(6000) for zone in range(12)]
    kept = np.bincount(DAY.visits(visits(*pairs))["zone"].to_numpy(), minlength=12)
    assert kept.sum() == 6 * 6000
    assert np.abs(kept - 3000).max() < 250


def test_another_key_draws_other_slots_and_zones() -> None:
    other = Sampling(bytes(16), 96, 18, 6)
    devices = np.arange(1000, dtype=np.uint64)
    slots = np.zeros(1000, np.int64)
    assert (kept_slots(devices, slots, DAY) != kept_slots(devices, slots, other)).any()
    table = visits(*((1, zone) for zone in range(12)))
    assert not DAY.visits(table).equals(other.visits(table))


def test_a_key_is_not_shown() -> None:
    assert str(KEY) not in repr(DAY)
