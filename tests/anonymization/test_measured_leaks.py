"""The leaks that were measured, each as an attack: it succeeds on a weak variant, and fails on what is done here."""

from collections.abc import Iterator, Sequence
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymization.classes import AGE, DWELL
from anonymization.origins import Origins, OriginTally
from anonymization.people import people
from anonymization.protect import protect_presence
from anonymization.protect_days import protect_attendance
from anonymization.rounding import round_to_base
from anonymization.tally import Tally
from anonymization.zone_days import layer_pools, layers
from pipelines.release import write_public
from schemas.indicators import INDICATORS
from schemas.vocabulary import AGE_BANDS, ARRIVAL_HOURS, FOREIGN, SEPARATOR, UNKNOWN, VISITOR_CATEGORIES
from tests.anonymization import releases as r
from tests.anonymization.test_classes import rows as rows_of_classes
from tests.anonymization.test_feasibility import all_counts
from tests.anonymization.test_protect import AREA, DAY, SLOTS, of_classes, part, protection, slots
from tests.anonymization.test_protect_days import arrivals
from tests.anonymization.test_protect_days import rows as rows_of_table
from tests.anonymization.test_zone_days import POLICY, museums, published
from tests.anonymization.test_zone_days import people as visitors_from
from tests.anonymization.trees import Cut, areas, build, cut_windows, family

K = 20
Ints = npt.NDArray[np.int64]


# The failure of peers: a threshold after scaling.


@pytest.mark.parametrize(("k", "devices"), [(5, 1), (20, 4)])
def test_one_device_that_stands_for_5_3_people_passes_a_threshold_after_scaling_and_not_ours(
    k: int, devices: int
) -> None:
    counts = slots(("A", 0, devices), ("B", 0, 100), ("D", 0, 90), weight=5.3)
    scaled = np.rint(counts.weight / 1000).astype(np.int64)
    # What is printed where rows below k are deleted after scaling, and how many devices are behind it.
    weak = list(zip(scaled[scaled >= k].tolist(), counts.devices[scaled >= k].tolist(), strict=True))
    assert (round(5.3 * devices), devices) in weak
    for weight in (1.0, 5.3, 53.0):
        counts = slots(("A", 0, devices), ("B", 0, 100), ("D", 0, 90), weight=weight)
        table, ours = protect_presence(counts, SLOTS, protection(5, k=k))
        assert ours.devices.min() >= k
        assert "A" not in table["zone_id"].to_pylist()


# Independent orders of absorption.

ZONES = 7
PRODUCTS = 7


def products(counts: Ints, orders: Sequence[Ints]) -> Iterator[tuple[frozenset[int], int]]:
    """The zones and devices of the parts of several products of the same devices, each absorbing in its own order."""
    tree = build(family(ZONES))
    for order in orders:
        cut = cut_windows(tree, [counts[order].tolist()], Cut(K, 2 * K - 1))
        yield from ((frozenset(order[list(area)].tolist()), devices) for area, devices in areas(tree, cut, 0))


def solved(parts: Sequence[tuple[frozenset[int], int]]) -> dict[int, int]:
    """The zones whose counts follow from the parts, by linear algebra, and these counts."""
    system = np.array([[zone in area for zone in range(ZONES)] for area, _ in parts], np.float64)
    devices = np.array([count for _, count in parts], np.float64)
    found = {}
    for zone in range(ZONES):
        weights = np.linalg.lstsq(system.T, np.eye(ZONES)[zone], rcond=None)[0]
        if np.allclose(weights @ system, np.eye(ZONES)[zone]):
            found[zone] = round(float(weights @ devices))
    return found


def test_two_products_that_absorb_in_other_orders_tell_a_small_zone_and_two_in_one_order_do_not() -> None:
    counts = np.array([3, 60, 70, 80, 90, 100, 110])
    ordered = np.arange(ZONES)
    other = np.array([0, 2, 1, 3, 4, 5, 6])
    told = list(products(counts, [ordered, other]))
    # The pool with the second zone is 63, and the second zone alone is 60 in the other product.
    assert (frozenset({0, 1}), 63) in told
    assert (frozenset({1}), 60) in told
    assert solved(told)[0] == 3
    ours = list(products(counts, [ordered, ordered]))
    assert 0 not in solved(ours)
    assert {area for area, _ in ours if 0 in area} == {frozenset({0, 1})}


@pytest.mark.parametrize(("mean", "least"), [(60, 0.05), (200, 0.3)])
def test_independent_orders_tell_small_zones_often_and_one_order_never(mean: int, least: float) -> None:
    rng = np.random.default_rng(7)
    told = small = 0
    for _ in range(150):
        counts = rng.geometric(1 / mean, ZONES) - 1
        wanted = set(np.flatnonzero((counts > 0) & (counts < K)).tolist())
        weak = solved(list(products(counts, [rng.permutation(ZONES) for _ in range(PRODUCTS)])))
        ours = solved(list(products(counts, [np.arange(ZONES)] * PRODUCTS)))
        assert all(weak[zone] == counts[zone] for zone in weak)
        assert wanted.isdisjoint(ours)
        told, small = told + len(wanted & weak.keys()), small + len(wanted)
    assert told > least * small > 0


# Indicators that do not nest.

Atom = tuple[str, str]
Told = list[tuple[frozenset[Atom], int]]
"""Printed rows: the kinds of devices that each holds, and how many."""


def unions(rows: Told) -> Iterator[tuple[frozenset[Atom], int]]:
    chosen = chain.from_iterable(combinations(rows, size) for size in range(1, len(rows) + 1))
    for some in chosen:
        yield frozenset().union(*(atoms for atoms, _ in some)), sum(devices for _, devices in some)


def isolated(one: Told, other: Told) -> set[int]:
    """Numbers of 1 to k-1 devices that follow by subtraction: a union of rows of one within a union of the other."""
    return {
        abs(devices - held)
        for atoms, devices in unions(one)
        for around, held in unions(other)
        if (atoms < around or around < atoms) and 0 < abs(devices - held) < K
    }


def listed(values: str, others: Sequence[str], *, first: bool = True) -> frozenset[Atom]:
    """The kinds of devices of a row that lists these values of one attribute, and says nothing of the other."""
    pairs = ((value, other) for value in values.split(SEPARATOR) for other in others)
    return frozenset(pair if first else pair[::-1] for pair in pairs)


def test_arrivals_beside_dwell_tell_3_people_and_arrivals_below_dwell_do_not() -> None:
    stays = {(">=8 h", 18): 22, (">=8 h", 20): 3, ("1-2 h", 9): 60}
    by_dwell = {band: sum(n for (other, _), n in stays.items() if other == band) for band in (">=8 h", "1-2 h")}
    dwell = [(listed(band, ARRIVAL_HOURS), n) for band, n in rows_of_classes(DWELL, by_dwell).items()]
    weak = [(frozenset({(band, f"{hour:02d}")}), n) for (band, hour), n in stays.items() if n >= K]
    assert isolated(weak, dwell) == {3}
    below = rows_of_table(arrivals(stays), "dwell_band", "arrival_hour")
    ours = [
        (frozenset((b, h) for b in str(bands).split(SEPARATOR) for h in str(hours).split(SEPARATOR)), int(str(n)))
        for bands, hours, n in below
    ]
    assert sum(n for _, n in ours) == 85
    assert isolated(ours, dwell) == set()


def test_origins_cut_otherwise_than_categories_tell_15_tourists_and_those_cut_alike_do_not() -> None:
    categories = {"excursionist": 100, "tourist": 15, "foreign tourist": 35}
    places = Origins(AREA.zones)
    homes = ("75", "DE")
    kinds = [("excursionist", "75"), ("tourist", "75"), ("foreign excursionist", "DE"), ("foreign tourist", "DE")]

    def holding(values: str, place: int) -> frozenset[Atom]:
        return frozenset(kind for kind in kinds if kind[place] in values.split(SEPARATOR))

    # Small categories pool by their neighbours, whoever is foreign; origins tell who is.
    weak = [(holding("excursionist", 0), 100), (holding("tourist|foreign excursionist|foreign tourist", 0), 50)]
    assert isolated(weak, [(holding("DE", 1), 35)]) == {15}
    tally = of_classes(VISITOR_CATEGORIES, categories)
    origin = np.array([places.place[home] for home in homes], np.int64)
    counted = OriginTally(np.zeros(2, np.int64), origin, Tally(np.array([115, 35]), np.array([115_000, 35_000])))
    tables = protect_attendance([part((0,), 150)], {"attendance_by_category": tally}, counted, DAY, protection())
    by_category = rows_of_table(tables["attendance_by_category"], "visitor_category")
    by_origin = rows_of_table(tables["attendance_by_origin"], "origin")
    told = [
        [(holding(str(v), place), int(str(n))) for v, n in rows] for place, rows in enumerate((by_category, by_origin))
    ]
    assert len(told[0]) == len(told[1]) == 2
    assert isolated(told[0], told[1]) == set()


def test_foreign_devices_of_unknown_age_tell_8_people_and_those_apart_do_not() -> None:
    ages = {"18-24": 70, "45-54": 70, "65+": 40}
    foreign: Told = [(frozenset({("foreign", UNKNOWN)}), 52)]
    weak: Told = [(frozenset({("domestic", UNKNOWN), ("foreign", UNKNOWN)}), 60)]
    assert isolated(weak, foreign) == {8}
    found = rows_of_classes(AGE, {**ages, UNKNOWN: 8, FOREIGN: 52})
    ours = [
        (frozenset({("foreign", UNKNOWN)}) if value == FOREIGN else listed(value, ["domestic"], first=False), n)
        for value, n in found.items()
    ]
    assert sum(found.values()) == 240
    assert {value for values in found for value in values.split(SEPARATOR)} <= {*AGE_BANDS, FOREIGN}
    assert isolated(ours, foreign) == set()


# Visits are no devices.


def test_24_pairs_of_12_devices_pass_a_threshold_on_visits_and_not_ours() -> None:
    area = museums(2)
    twelve = visitors_from(0, 12)
    visits = {"m0": twelve, "m1": twelve}
    pairs = np.array([[len(visits[zone.zone_id])] for zone in area.zones], np.int64)
    layer = layers(area.zones, {place: place for place in range(len(area.zones))})[0]
    weak = layer_pools(area.zones, layer, pairs, POLICY)[0]
    assert [(zones, int(pairs[list(zones)].sum())) for zones in weak] == [((0, 1), 24)]
    assert len(set().union(*visits.values())) == 12 < POLICY.k
    assert published(area, visits) == {}


# What a file keeps.


def test_a_filtered_table_keeps_in_its_dictionary_what_was_filtered_out_unless_written_as_releases_are(
    tmp_path: Path,
) -> None:
    declared = INDICATORS["attendance"].table
    rows = r.table("attendance", [*r.ATTENDANCE[:3], ("05:00", "alone", [r.HOSPITAL], "", 1)])
    place = rows.schema.get_field_index("zone_id")
    encoded = rows.set_column(place, "zone_id", rows["zone_id"].dictionary_encode())
    large = encoded.filter(pa.array([devices >= K for devices in rows["devices"].to_pylist()]))
    pq.write_table(large, tmp_path / "weak.parquet")
    write_public(tmp_path / "ours.parquet", declared, large)
    assert kept(tmp_path / "weak.parquet") == {"A", "B", "C", "alone"}
    assert kept(tmp_path / "ours.parquet") == {"A", "B", "C"}
    group = pq.read_metadata(tmp_path / "ours.parquet").row_group(0)
    assert not any(group.column(place).has_dictionary_page for place in range(group.num_columns))


def kept(path: Path) -> set[str]:
    """All values that the file holds for its zones, whether or not a row refers to them."""
    column = pq.read_table(path, read_dictionary=["zone_id"])["zone_id"]
    return {value for chunk in column.chunks for value in chunk.dictionary.to_pylist()}


# Weights that tell who they are of.

WEIGHTS = np.sqrt(np.array([6.0, 10.0, 13.0, 21.0]))
"""Of the devices of one commune, by age: who knows the census and the market share knows them."""


def test_unrounded_weights_tell_the_ages_of_20_devices_and_people_as_printed_leave_12_compositions() -> None:
    rng = np.random.default_rng(5)
    every = all_counts(WEIGHTS.size, K + 4)
    every = every[every.sum(axis=1) >= K]
    exact = np.rint(every @ WEIGHTS * 1000).astype(np.int64)
    devices = every.sum(axis=1)
    twenty = np.flatnonzero(devices == K)
    left = []
    for truth in rng.choice(twenty, 40, replace=False).tolist():
        alike = np.flatnonzero(np.abs(every[twenty] @ WEIGHTS - every[truth] @ WEIGHTS) < 1e-9)
        assert twenty[alike].tolist() == [truth]
        printed = int(round_to_base(devices[truth : truth + 1], np.array([0], np.uint32), 5)[0])
        middle = people_of(np.full(devices.size, printed), devices, exact)
        # Of 20 to 24 devices, all may have been printed as 20.
        explains = middle == middle[truth]
        assert len({tuple(ages) for ages in every[explains].tolist()}) == explains.sum()
        left.append(int(explains.sum()))
    assert min(left) >= 12


def people_of(printed: Ints, devices: Ints, weight: Ints) -> npt.NDArray[np.float64]:
    """The people that rows print."""
    return people(printed, Tally(devices, weight), 0.95, np.ones(devices.size), 5).people
