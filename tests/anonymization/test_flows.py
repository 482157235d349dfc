from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymization.flow_ends import early_visitors
from anonymization.flows import FlowCounts, flow_layers, label_pairs, protect_flows
from anonymization.nested_flows import FlowSet
from anonymization.policy import Policy
from anonymization.protect import Estimate, Protection
from anonymization.tally import Tally
from anonymization.territory import Territory
from anonymization.zone_days import ZonePart
from schemas.indicators import INDICATORS
from tests.anonymization.territories import SEVENS, below, build, zone

HOURS = np.arange(25, dtype=np.int64) * 3_600_000_000
AREA = build(SEVENS, *(zone(f"z{i}", SEVENS[i : i + 1], size=i) for i in range(5)))
POLICY = Policy(20, 0.8, 0, test=True)
Trip = tuple[int, int, str, str]
"""Device, hour, origin and destination."""


def parts_of(area: Territory = AREA, *groups: tuple[int, ...]) -> list[ZonePart]:
    """A part for each zone, or for each group of zones, of far more visitors than there are trips."""
    node = {int(place): at for at, place in enumerate(area.zone) if place >= 0}
    sets = groups or tuple((place,) for place in range(len(area.zones)))
    return [ZonePart(zones, tuple(node[place] for place in zones), 1000) for zones in sets]


def trips(first: int, count: int, origin: str, destination: str, hour: int = 8) -> list[Trip]:
    """A trip of each of some devices."""
    return [(device, hour, origin, destination) for device in range(first, first + count)]


def published(
    moves: Sequence[Trip],
    policy: Policy = POLICY,
    area: Territory = AREA,
    parts: Sequence[ZonePart] | None = None,
    weight: int = 1000,
) -> pa.Table:
    """The flows of trips, counted as a pipeline does."""
    parts = parts_of(area) if parts is None else parts
    place = {area.zones[zone_place].zone_id: at for at, part in enumerate(parts) for zone_place in part.zones}
    rows = sorted({(hour, place[origin], place[end], device) for device, hour, origin, end in moves})
    columns = np.array(rows, np.int64).reshape(-1, 4)
    hour, origin, destination, device = columns.T
    triples, devices = np.unique(columns[:, :3], axis=0, return_counts=True)
    tally = Tally(devices.astype(np.int64), devices.astype(np.int64) * weight)
    pairs = FlowCounts(triples[:, 0], triples[:, 1], triples[:, 2], tally)

    def distinct(sets: Sequence[FlowSet]) -> Tally:
        label = label_pairs(sets, hour, origin, destination)
        found = np.array([np.unique(device[label == at]).size for at in range(len(sets))], np.int64)
        return Tally(found, found * weight)

    early = early_visitors(parts, None, np.arange(24), 5)
    how = Protection(area, policy, Estimate(0.95), bytes(16))
    return protect_flows(parts, HOURS, pairs, distinct, early, how)


def brief(table: pa.Table) -> dict[tuple[str, str], int]:
    """Devices by origin and destination of a table of one hour."""
    columns = (table[name].to_pylist() for name in ("origin_zone_id", "destination_zone_id", "devices"))
    found = {(origin, destination): devices for origin, destination, devices in zip(*columns, strict=True)}
    assert len(found) == table.num_rows
    return found


def test_pairs_of_k_are_published_and_an_empty_pair_is_no_class() -> None:
    moves = trips(0, 30, "z0", "z1") + trips(100, 25, "z0", "z2") + trips(200, 40, "z3", "z0")
    assert brief(published(moves)) == {("z0", "z1"): 30, ("z0", "z2"): 25, ("z3", "z0"): 40}


@pytest.mark.parametrize(("devices", "alone"), [(19, False), (20, True), (21, True)], ids=["k-1", "k", "k+1"])
def test_a_destination_below_k_pools_with_others_of_its_origin(devices: int, alone: bool) -> None:
    moves = trips(0, devices, "z0", "z1") + trips(100, 60, "z0", "z2") + trips(200, 60, "z0", "z3")
    found = brief(published(moves))
    if alone:
        assert found == {("z0", "z1"): devices, ("z0", "z2"): 60, ("z0", "z3"): 60}
    else:
        # The pool lists the destination that nobody went to, as it covers it.
        assert found == {("z0", "z1|z2|z4"): devices + 60, ("z0", "z3"): 60}


@pytest.mark.parametrize(("devices", "alone"), [(19, False), (20, True), (21, True)], ids=["k-1", "k", "k+1"])
def test_an_origin_below_k_pools_with_others_and_goes_to_all(devices: int, alone: bool) -> None:
    moves = trips(0, devices, "z0", "z1") + trips(100, 60, "z1", "z2") + trips(200, 60, "z2", "z3")
    found = brief(published(moves))
    if alone:
        assert found == {("z0", "z1"): devices, ("z1", "z2"): 60, ("z2", "z3"): 60}
    else:
        assert found == {("z0|z1|z3|z4", "all"): devices + 60, ("z2", "z3"): 60}


def test_a_device_counts_once_in_a_pair_and_hour() -> None:
    moves = trips(0, 25, "z0", "z1") + trips(0, 25, "z0", "z1") + trips(0, 25, "z0", "z1", hour=9)
    table = published(moves)
    assert table["devices"].to_pylist() == [25, 25]
    assert table["window_start"].cast(pa.int64()).to_pylist() == HOURS[[8, 9]].tolist()
    assert table["window_end"].cast(pa.int64()).to_pylist() == HOURS[[9, 10]].tolist()


def test_origins_are_cut_on_distinct_devices() -> None:
    # Two pairs of the same 12 devices are 24 movements, and fewer than k devices.
    twelve = trips(0, 12, "z0", "z1") + trips(0, 12, "z0", "z2")
    assert brief(published(twelve)) == {}
    assert brief(published(twelve + trips(100, 60, "z3", "z1"))) == {("z0|z1|z2|z3|z4", "all"): 72}


@pytest.mark.parametrize(("distinct", "alone"), [(38, False), (39, True), (40, True)], ids=["2k-2", "2k-1", "2k"])
def test_a_pool_of_fewer_distinct_devices_than_the_target_takes_the_next(distinct: int, alone: bool) -> None:
    # z1 and z2 pool for 19 + 30 movements, of which some are of the same devices.
    moves = trips(0, 19, "z0", "z1") + trips(distinct - 30, 30, "z0", "z2") + trips(100, 50, "z0", "z3")
    found = brief(published(moves))
    if alone:
        assert found == {("z0", "z1|z2|z4"): distinct, ("z0", "z3"): 50}
    else:
        assert found == {("z0", "z1|z2|z3|z4"): distinct + 50}


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 15), st.integers(0, 1), st.sampled_from("01234"), st.sampled_from("01234")).filter(
            lambda trip: trip[2] != trip[3]
        ),
        max_size=60,
    ),
    st.integers(1, 4),
)
def test_every_row_holds_k_distinct_devices_and_no_pair_is_in_two(
    moves: list[tuple[int, int, str, str]], k: int
) -> None:
    named = [(device, hour, f"z{origin}", f"z{end}") for device, hour, origin, end in moves]
    table = published(named, Policy(k, 0.8, 0, test=True))
    for hour in (0, 1):
        covered: list[tuple[str, str]] = []
        start = int(HOURS[hour])
        rows = [row for row in table.to_pylist() if round(row["window_start"].timestamp() * 1e6) == start]
        for row in rows:
            origins = row["origin_zone_id"].split("|")
            ends = (
                [f"z{i}" for i in range(5)]
                if row["destination_zone_id"] == "all"
                else row["destination_zone_id"].split("|")
            )
            pairs = {(origin, end) for origin in origins for end in ends if origin != end}
            covered += pairs
            devices = {device for device, at, origin, end in named if at == hour and (origin, end) in pairs}
            assert row["devices"] == len(devices) >= k
            assert len(origins) == 1 or row["destination_zone_id"] == "all"
        assert len(covered) == len(set(covered))
        # Nobody is lost, unless the whole is below k.
        moved = {(origin, end) for _, at, origin, end in named if at == hour}
        whole = {device for device, at, _, _ in named if at == hour}
        assert moved <= set(covered) if len(whole) >= k else not covered


def test_zone_and_cells_are_those_of_the_origin() -> None:
    moves = trips(0, 40, "z1", "z2") + trips(100, 5, "z3", "z0") + trips(200, 40, "z4", "z0")
    table = published(moves)
    assert table["zone_id"].to_pylist() == ["z0|z1|z2|z3", "z4"]
    for row in table.to_pylist():
        nodes = [node for node, place in enumerate(AREA.zone) if place >= 0]
        named = [node for node in nodes if AREA.zones[int(AREA.zone[node])].zone_id in row["zone_id"].split("|")]
        assert row["cells"] == AREA.cells(named).tolist()
        assert row["zone_id"] == row["origin_zone_id"]
        assert not row["additive"]


def test_a_pool_of_destinations_gives_every_distance_class_that_it_covers() -> None:
    near, far = [below(SEVENS[0], place, 9) for place in (0, 1)], below(SEVENS[6], 3, 9)
    area = build(SEVENS, zone("a", near[:1], size=1), zone("b", near[1:], size=2), zone("c", [far], size=3))
    table = published(trips(0, 19, "a", "b") + trips(50, 30, "a", "c"), area=area)
    [row] = table.to_pylist()
    assert (row["destination_zone_id"], row["distance_class"]) == ("b|c", "<2 km|2-5 km")
    table = published(trips(0, 30, "a", "b") + trips(50, 30, "a", "c"), area=area)
    assert table["distance_class"].to_pylist() == ["<2 km", "2-5 km"]
    table = published(trips(0, 19, "a", "b") + trips(50, 30, "b", "c"), area=area)
    assert table["distance_class"].to_pylist() == ["all"]


def test_flows_join_parts_of_one_layer_without_sensitive_zones() -> None:
    area = build(
        SEVENS,
        *(zone(f"z{i}", SEVENS[i : i + 1], size=3 - i) for i in range(3)),
        zone("care", SEVENS[3:4], size=9, sensitive=True),
        zone("m0", [below(SEVENS[0], 0)], kind="museum", parent=0, size=1),
        zone("m1", [below(SEVENS[1], 0)], kind="museum", parent=1, size=2),
        zone("alone", [below(SEVENS[2], 0)], kind="park", parent=2),
    )
    parts = parts_of(area)
    named = [[area.name(parts[place].nodes) for place in layer] for layer in flow_layers(area, parts)]
    assert sorted(named) == [["m0", "m1"], ["z2", "z1", "z0"]]
    # A part that pools a sensitive zone is left out too.
    parts = parts_of(area, (0, 3), (1,), (2,))
    named = [[area.name(parts[place].nodes) for place in layer] for layer in flow_layers(area, parts)]
    assert named == [["z2", "z1"]]
    for origin, destination in (("z1", "care"), ("z1", "m0"), ("z1", "z1")):
        with pytest.raises(ValueError, match="one layer"):
            published(trips(0, 30, origin, destination), area=area)


def test_parts_that_pool_zones_are_named_as_in_attendance() -> None:
    parts = parts_of(AREA, (0, 1), (2,), (3, 4))
    found = brief(published(trips(0, 30, "z0", "z2") + trips(100, 30, "z2", "z4"), parts=parts))
    assert found == {("z0|z1", "z2"): 30, ("z2", "z3|z4"): 30}


def test_people_follow_the_weights_of_the_distinct_devices() -> None:
    moves = trips(0, 19, "z0", "z1") + trips(0, 30, "z0", "z2") + trips(100, 50, "z0", "z3")
    assert published(moves, weight=3000)["people"].to_pylist() == [240.0]


def test_no_trip_and_no_part_have_no_row() -> None:
    for table in (published([]), published([], parts=[])):
        assert table.num_rows == 0
        assert table.schema.equals(INDICATORS["flows"].table.schema, check_metadata=True)


def test_a_pair_that_stands_twice_is_refused() -> None:
    pairs = FlowCounts(*(np.array([each, each]) for each in (8, 0, 1)), Tally(np.array([30, 30]), np.array([9, 9])))
    how = Protection(AREA, Policy(20, 0.8, 0, test=True), Estimate(0.95), bytes(16))
    with pytest.raises(ValueError, match="once"):
        protect_flows(parts_of(), HOURS, pairs, lambda sets: pairs.tally[: len(sets)], np.full((5, 24), 1000), how)


def test_labels_are_the_sets_of_pairs() -> None:
    sets = [FlowSet(8, (0, 1), None), FlowSet(8, (2,), (0, 3)), FlowSet(9, (2,), (0,))]
    hour, origin, destination = np.array([[8, 0, 4], [8, 1, 0], [8, 2, 3], [8, 2, 1], [9, 2, 0], [9, 0, 4]]).T
    assert label_pairs(sets, hour, origin, destination).tolist() == [0, 0, 1, -1, 2, -1]
    none = np.zeros(0, np.int64)
    assert label_pairs(sets, none, none, none).size == 0


def test_smaller_origins_give_up_their_detail_first() -> None:
    moves = [trip for i in (1, 2, 3) for trip in trips(100 * i, 50, f"z{i}", "z4")] + trips(0, 5, "z4", "z1")
    origins = [origin for origin, _ in brief(published(moves))]
    assert origins == ["z0|z1|z4", "z2", "z3"]
    assert all(a.public_size < b.public_size for a, b in pairwise(AREA.zones))
