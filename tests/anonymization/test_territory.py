import h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.hexagons import parents
from anonymization.partition import Parts, partition
from anonymization.territory import Cells, Territory
from tests.anonymization.territories import BASE, SEVENS, below, build, children, flattened, hexagons, names, zone

A, B, C, D = SEVENS[:4]
VENUE, HOSPITAL, HOUSE = below(A, 0), below(A, 1), below(B, 2, 9)
K = 20

NESTED = build(
    # Of D one hexagon only is in reach, and of C all but the first seven.
    np.sort(np.concatenate([hexagons(A, B, SEVENS[4]), hexagons(C)[7:], hexagons(D)[:1]])),
    zone("A", [A]),
    zone("B", [B]),
    zone("C", [C]),
    zone("D", [D]),
    zone("venue", [VENUE], parent=0, kind="venue"),
    zone("hospital", [HOSPITAL], parent=0, kind="care", sensitive=True),
    zone("house", [HOUSE], parent=1, kind="venue"),
    zone("far", [SEVENS[5]]),
)
"""Communes, one of them out of reach, a venue and a hospital in A, a venue of one hexagon in B, cells in no zone."""


@st.composite
def counts(draw: st.DrawFn) -> dict[int, int]:
    """Devices of a few hexagons, about k; all others are empty."""
    size = NESTED.hexagons.size
    number = st.sampled_from([1, 5, K - 1, K, K + 1, 2 * K, 200])
    return draw(st.dictionaries(st.integers(0, size - 1), number, max_size=40))


def cut(area: Territory, devices: dict[int, int]) -> Parts:
    """The parts of one window."""
    column = np.zeros((area.hexagons.size, 1), np.int64)
    for place, number in devices.items():
        column[place] = number
    return partition(area.tree, column, K, 2 * K - 1, hide_empty=True)


def looks(area: Territory, parts: Parts) -> dict[str, list[Cells]]:
    """The cells of the parts, by name."""
    found: dict[str, list[Cells]] = {}
    for part in range(parts.window.size):
        members = parts.members(part)
        found.setdefault(area.name(members), []).append(area.cells(members))
    return found


def everywhere(area: Territory, number: int) -> dict[int, int]:
    return dict.fromkeys(range(area.hexagons.size), number)


def test_the_root_holds_the_outermost_zones_in_reach_and_then_rest() -> None:
    assert NESTED.tree.parent[0] == -1
    assert NESTED.name([0]) == "territory"
    assert names(NESTED, 0) == ["A", "B", "C", "D", "rest"]


def test_a_zone_holds_the_zones_inside_it_and_then_its_own_cells() -> None:
    place = dict(zip(names(NESTED, 0), children(NESTED, 0), strict=True))
    assert names(NESTED, place["A"]) == ["hospital", "venue", "A"]
    assert names(NESTED, place["B"]) == ["house", "B"]


def test_without_zones_everything_is_named_territory() -> None:
    area = build([A, B])
    assert {area.name([node]) for node in range(area.tree.size)} == {"territory"}


def test_every_reachable_hexagon_is_one_leaf() -> None:
    assert sorted(NESTED.tree.leaf_order.tolist()) == list(range(NESTED.hexagons.size))


def test_above_a_hexagon_stand_its_h3_ancestors_and_then_its_zone_restricted_to_the_zones_own_hexagons() -> None:
    tree = NESTED.tree
    for node in np.flatnonzero(tree.leaf >= 0).tolist():
        own = NESTED.hexagons[NESTED.innermost == NESTED.innermost[tree.leaf[node]]]
        hexagon = NESTED.hexagons[tree.leaf[node]]
        for resolution in range(BASE, 4, -1):
            kin = own[parents(own, resolution) == parents(np.array([hexagon]), resolution)]
            assert sorted(NESTED.hexagons[tree.leaves_below(node)]) == sorted(kin)
            node = int(tree.parent[node])
        assert sorted(NESTED.hexagons[tree.leaves_below(node)]) == sorted(own)


@given(st.permutations(range(4)))
def test_the_public_order_is_small_first_then_by_name_and_rest_last(order: list[int]) -> None:
    zones = [zone("q", [A], size=9), zone("p", [B], size=9), zone("r", [C], size=8), zone("s", [D], size=10)]
    area = build([A, B, C, D, SEVENS[4]], *(zones[place] for place in order))
    assert names(area, 0) == ["r", "p", "q", "s", "rest"]


def test_hexagons_merge_by_how_many_are_in_reach_and_then_by_index() -> None:
    # Of three cells of resolution 8: three hexagons in reach, one, and three.
    cells = [hexagons(below(A, place)) for place in range(3)]
    area = build(np.sort(np.concatenate([cells[0][:3], cells[1][:1], cells[2][:3]])), coarsest=8)
    assert [area.hexagons[area.tree.leaves_below(node)].size for node in children(area, 0)] == [1, 3, 3]
    first = [int(area.hexagons[area.tree.leaves_below(node)[0]]) for node in children(area, 0)]
    assert first == [int(cells[place][0]) for place in (1, 0, 2)]


def test_a_part_is_named_by_its_zone_or_by_all_zones_that_it_pools() -> None:
    area = build([A, B, C], zone("A", [A], size=1), zone("B", [B], size=2), zone("C", [C], size=3))
    devices = everywhere(area, 0) | {0: 5, 60: 300, 100: 300}
    assert [len(hexagons(each)) for each in (A, B, C)] == [49] * 3
    assert list(looks(area, cut(area, devices))) == ["A|B", "C"]


def test_a_pool_of_all_is_the_territory() -> None:
    assert list(looks(NESTED, cut(NESTED, {0: K}))) == ["territory"]


def test_a_window_below_k_has_no_part() -> None:
    assert cut(NESTED, {0: K - 1}).window.size == 0


@given(counts())
def test_the_cells_of_the_parts_are_disjoint_and_cover_what_is_in_reach(devices: dict[int, int]) -> None:
    parts = cut(NESTED, devices)
    found = [cells for each in looks(NESTED, parts).values() for cells in each]
    if sum(devices.values()) < K:
        assert found == []
        return
    covered = flattened(np.concatenate(found).tolist())
    assert np.unique(covered).size == covered.size
    assert np.isin(NESTED.hexagons, covered).all()
    zones = np.concatenate([area.cells for area in NESTED.zones])
    assert np.isin(np.setdiff1d(covered, NESTED.hexagons), zones).all()


@given(counts())
def test_the_devices_of_a_part_are_those_of_its_cells(devices: dict[int, int]) -> None:
    parts = cut(NESTED, devices)
    of = {int(NESTED.hexagons[place]): number for place, number in devices.items()}
    for part in range(parts.window.size):
        cells = flattened(NESTED.cells(parts.members(part)).tolist())
        assert parts.devices[part] == sum(of.get(int(cell), 0) for cell in cells)


@given(counts())
def test_a_part_lies_in_the_zones_that_it_names(devices: dict[int, int]) -> None:
    by_name = {area.zone_id: area.cells for area in NESTED.zones}
    for name, areas in looks(NESTED, cut(NESTED, devices)).items():
        if not {"rest", "territory"} & set(name.split("|")):
            zones = np.concatenate([by_name[each] for each in name.split("|")])
            assert all(np.isin(flattened(cells.tolist()), zones).all() for cells in areas)


@given(counts())
def test_a_sensitive_zone_is_never_a_part_of_its_own(devices: dict[int, int]) -> None:
    secret = set(hexagons(HOSPITAL).tolist())
    for name, areas in looks(NESTED, cut(NESTED, devices)).items():
        assert name != "hospital"
        assert not any(set(flattened(cells.tolist()).tolist()) <= secret for cells in areas)


def test_a_sensitive_zone_is_not_cut_inside_however_many_are_there() -> None:
    found = looks(NESTED, cut(NESTED, everywhere(NESTED, 1000)))
    assert "hospital" not in found
    [cells] = found["hospital|venue"]
    assert np.isin(hexagons(HOSPITAL), flattened(cells.tolist())).all()


def test_zones_inside_a_sensitive_zone_are_not_published_either() -> None:
    area = build([A, B], zone("care", [A], sensitive=True), zone("chapel", [VENUE], parent=0), zone("B", [B]))
    assert list(looks(area, cut(area, everywhere(area, 1000)))) == ["territory"]


def test_a_zone_that_is_all_of_a_sensitive_one_is_always_pooled_too() -> None:
    area = build(
        [A, B, C], zone("A", [A], size=1), zone("care", [A], parent=0, sensitive=True), zone("B", [B]), zone("C", [C])
    )
    assert sorted(set(looks(area, cut(area, everywhere(area, 1000))))) == ["A|B", "C"]


def test_a_whole_zone_brings_its_cells_out_of_reach() -> None:
    found = looks(NESTED, cut(NESTED, everywhere(NESTED, 1) | {0: 500}))
    covered = {
        name: {int(cell) for cells in areas for cell in flattened(cells.tolist())} for name, areas in found.items()
    }
    everything = set().union(*covered.values())
    assert set(hexagons(D).tolist()) <= everything


@pytest.mark.parametrize("reach", [1, 2, 7, 8])
def test_a_zone_that_is_one_part_brings_its_cells_out_of_reach_however_few_are_in_reach(reach: int) -> None:
    # Between the zone and its first fork stand H3 cells that hold all of it.
    area = build(np.sort(np.concatenate([hexagons(A)[:reach], hexagons(B)])), zone("A", [A]), zone("B", [B]))
    devices = everywhere(area, 0) | {int(np.searchsorted(area.hexagons, hexagons(A)[0])): 500}
    devices |= {int(np.searchsorted(area.hexagons, cell)): 500 for cell in hexagons(B)}
    [cells] = looks(area, cut(area, devices))["A"]
    assert cells.tolist() == [h3.str_to_int(A)]


def test_a_zone_that_is_split_lists_no_cell_out_of_reach() -> None:
    area = build(hexagons(A)[:14], zone("A", [A]))
    covered = flattened(np.concatenate(looks(area, cut(area, everywhere(area, 500)))["A"]).tolist())
    assert covered.tolist() == hexagons(A)[:14].tolist()


def test_a_zone_out_of_reach_is_in_no_part_but_the_territory() -> None:
    assert "far" not in {NESTED.name([node]) for node in range(NESTED.tree.size)}
    far = hexagons(SEVENS[5])
    assert np.isin(far, flattened(looks(NESTED, cut(NESTED, {0: K}))["territory"][0].tolist())).all()
    split = [cells for each in looks(NESTED, cut(NESTED, everywhere(NESTED, 50))).values() for cells in each]
    assert not np.isin(far, flattened(np.concatenate(split).tolist())).any()


def test_the_cells_of_a_part_are_compacted_and_ascending() -> None:
    area = build([A, B], zone("A", [A]), zone("B", [B]))
    assert looks(area, cut(area, {0: 500, 60: 500}))["A"][0].tolist() == [h3.str_to_int(A)]
    for cells in (cells for each in looks(NESTED, cut(NESTED, everywhere(NESTED, 3))).values() for cells in each):
        assert (np.diff(cells.astype(np.int64)) > 0).all()


def test_the_innermost_zone_of_a_hexagon_is_the_smallest_around_it() -> None:
    zones = [*(area.zone_id for area in NESTED.zones), ""]
    innermost = {int(cell): zones[zone] for cell, zone in zip(NESTED.hexagons, NESTED.innermost, strict=True)}
    assert innermost[int(hexagons(VENUE)[0])] == "venue"
    assert innermost[int(hexagons(below(A, 2))[0])] == "A"
    assert innermost[int(hexagons(HOUSE)[0])] == "house"
    assert innermost[int(hexagons(SEVENS[4])[0])] == ""


def test_the_territory_does_not_depend_on_the_order_of_the_zones() -> None:
    reverse = len(NESTED.zones) - 1
    zones = [
        zone(
            area.zone_id,
            area.cells,
            parent=reverse - area.parent if area.parent >= 0 else -1,
            kind=area.kind,
            sensitive=area.sensitive,
        )
        for area in reversed(NESTED.zones)
    ]
    other = build(NESTED.hexagons, *zones)
    assert other.tree.parent.tolist() == NESTED.tree.parent.tolist()
    assert other.tree.leaf.tolist() == NESTED.tree.leaf.tolist()
    assert [other.name([node]) for node in range(other.tree.size)] == [
        NESTED.name([node]) for node in range(other.tree.size)
    ]


def test_a_part_is_of_whole_zones_where_it_covers_every_zone_that_it_names() -> None:
    for node in range(NESTED.tree.size):
        named = NESTED.name([node])
        covered = set(NESTED.cells([node]).tolist())
        zones = [area for area in NESTED.zones if named in (area.zone_id, "territory")]
        compacted = set(flattened(covered).tolist())
        whole = bool(zones) and all(set(area.cells.tolist()) <= compacted for area in zones)
        assert NESTED.is_whole_zones([node]) == whole, named
    assert not build([A]).is_whole_zones([0])
    both = [node for node in range(NESTED.tree.size) if NESTED.zone[node] in (0, 1)]
    assert NESTED.is_whole_zones(both)
    inside = next(node for node in range(NESTED.tree.size) if NESTED.zone[node] < 0 and node > 0)
    assert not NESTED.is_whole_zones([*both, inside])
