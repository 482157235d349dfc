from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymization.classes import CATEGORY, split_by_class
from anonymization.origins import Origins, OriginTally
from anonymization.policy import Policy
from anonymization.protect import Estimate, Protection
from anonymization.tally import Tally
from anonymization.zone_days import ZonePart
from schemas.countries import COUNTRIES, DEPARTEMENTS
from schemas.indicators import INDICATORS
from schemas.vocabulary import FOREIGN, UNKNOWN
from tests.anonymization.day_doors import protect_origins, protect_zone_day
from tests.anonymization.territories import SEVENS, below, build, zone

AREA = build(
    SEVENS,
    zone("metropole", SEVENS[:3], kind="area"),
    zone("21231", SEVENS[:1], parent=0, size=150),
    zone("21515", SEVENS[1:2], parent=0, size=10),
    zone("21105", SEVENS[2:3], parent=0, size=20),
    zone("39198", SEVENS[3:4], size=30),
    zone("venue", [below(SEVENS[0], 0)], kind="venue", parent=1),
    zone("Dole", [below(SEVENS[3], 0)], kind="venue", parent=4),
)
METROPOLE, DIJON, VENUE = 0, 1, 5
ORIGINS = Origins(AREA.zones)
NODE = {int(place): node for node, place in enumerate(AREA.zone) if place >= 0}
DAY = (0, 86_400_000_000)
POLICY = Policy(20, 0.8, 0, test=True)

Homes = Mapping[str, int]


def origins(*parts: tuple[tuple[int, ...], Homes], policy: Policy = POLICY, key: bytes = bytes(16)) -> pa.Table:
    """The released origins of parts, each given by its zones and its devices by origin."""
    day = [ZonePart(zones, tuple(NODE[zone] for zone in zones), sum(homes.values())) for zones, homes in parts]
    rows = [
        (at, ORIGINS.place[name], devices) for at, (_, homes) in enumerate(parts) for name, devices in homes.items()
    ]
    part, origin, devices = np.array(rows, np.int64).reshape(-1, 3).T
    tally = OriginTally(part, origin, Tally(devices, devices * 1000))
    return protect_origins(day, DAY, tally, Protection(AREA, policy, Estimate(0.95), key))


def brief(table: pa.Table) -> dict[str, int]:
    return dict(zip(table["origin"].to_pylist(), table["devices"].to_pylist(), strict=True))


def of(zones: tuple[int, ...], homes: Homes) -> dict[str, int]:
    return brief(origins((zones, homes)))


def test_homes_become_communes_that_are_zones_or_departements() -> None:
    homes = ["21231", "21999", "2A004", "97411", "75056", "Dole", "", "21x99"]
    found = [ORIGINS.names[place] for place in ORIGINS.of_homes(homes)]
    assert found == ["21231", "21", "2A", "974", "75", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]


def test_the_home_of_a_device_without_one_is_unknown() -> None:
    assert ORIGINS.names[ORIGINS.of_homes(["21231"])[-1]] == UNKNOWN


def test_codes_become_countries() -> None:
    found = ORIGINS.of_codes()
    assert [ORIGINS.names[found[code]] for code in (262, 228, 207, 901, 0)] == ["DE", "CH", "ZZ", "ZZ", "ZZ"]


def test_residents_live_in_the_zone_or_in_one_inside_it() -> None:
    def named(*zones: int) -> list[str]:
        return [ORIGINS.names[place] for place in ORIGINS.residents(zones)]

    assert named(DIJON) == ["21231"]
    assert named(METROPOLE) == ["21105", "21231", "21515"]
    assert named(DIJON, 4) == ["21231", "39198"]
    assert named(VENUE) == []


def test_origins_of_k_are_printed() -> None:
    homes = {"21231": 50, "39198": 20, "21": 30, "75": 25, UNKNOWN: 21, "DE": 40, "CH": 22}
    assert of((DIJON,), homes) == homes


@pytest.mark.parametrize(("devices", "alone"), [(19, False), (20, True), (21, True)], ids=["k-1", "k", "k+1"])
def test_a_commune_below_k_pools_with_the_next_larger_of_its_departement(devices: int, alone: bool) -> None:
    found = of((VENUE,), {"21515": devices, "21105": 20, "21231": 60, "21": 30})
    rest = {"21231": 60, "21": 30}
    # The next in the order of public size; "21" is what is elsewhere in the département.
    assert found == ({"21515": devices, "21105": 20, **rest} if alone else {"21105|21515": devices + 20, **rest})


def test_a_pool_lists_everything_that_it_covers() -> None:
    region = "21105|21231|21515|39198|21|25|39|58|70|71|89|90"
    assert of((VENUE,), {"25": 19, "39": 20}) == {region: 39}
    assert of((VENUE,), {"25": 19, "58": 30, "21": 50}) == {"39198|25|39|58|70|71|89|90": 49, "21": 50}
    assert of((VENUE,), {"25": 19, "DE": 20}) == {"|".join(ORIGINS.names): 39}


def test_countries_pool_within_their_region_of_the_world() -> None:
    found = of((VENUE,), {"21": 50, "DE": 19, "BE": 30, "JP": 20})
    assert found == {"21": 50, "JP": 20, "AT|BE|CH|DE|FR|LI|LU|MC|NL": 49}


def category_rows(zones: tuple[int, ...], homes: Homes) -> dict[str, int]:
    """The groups of the published categories, where nobody is a tourist."""
    own = {ORIGINS.names[place] for place in ORIGINS.residents(zones)}
    foreign = sum(devices for name, devices in homes.items() if name in COUNTRIES)
    resident = sum(devices for name, devices in homes.items() if name in own)
    counts = np.array([[resident, sum(homes.values()) - foreign - resident, 0, foreign, 0]], np.int64)
    found = split_by_class(CATEGORY, Tally(counts, counts), POLICY)
    return dict(zip(found.value.tolist(), found.tally.devices.tolist(), strict=True))


GROUP = {"resident": "resident", "excursionist": "other", "tourist": "other", "foreign": FOREIGN}


@settings(max_examples=200)
@given(
    st.sampled_from([(DIJON,), (METROPOLE,), (VENUE,), (DIJON, 4)]),
    st.dictionaries(
        st.sampled_from(["21231", "21515", "39198", "21", "75", UNKNOWN, "DE", "CH", "JP"]),
        st.integers(1, 45),
        min_size=1,
    ),
)
def test_the_first_cut_of_origins_is_that_of_categories(zones: tuple[int, ...], homes: Homes) -> None:
    if sum(homes.values()) < POLICY.k:
        return
    own = {ORIGINS.names[place] for place in ORIGINS.residents(zones)}

    def group(name: str) -> str:
        return FOREIGN if name in COUNTRIES else "resident" if name in own else "other"

    sums: dict[frozenset[str], int] = {}
    for value, devices in of(zones, homes).items():
        # A pool at the first level lists all of its groups; `resident` is no origin where a part has none.
        key = frozenset(group(name) for name in value.split("|")) | (set() if own else {"resident"})
        sums[key] = sums.get(key, 0) + devices
    by_category: dict[frozenset[str], int] = {}
    for value, devices in category_rows(zones, homes).items():
        key = frozenset(GROUP[name.split()[0]] for name in value.split("|")) | (set() if own else {"resident"})
        by_category[key] = by_category.get(key, 0) + devices
    assert sums == by_category


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from(ORIGINS.names), st.integers(1, 30), min_size=1, max_size=30), st.integers(1, 20))
def test_origins_sum_to_the_part_and_hold_k(homes: Homes, k: int) -> None:
    if sum(homes.values()) < k:
        return
    found = brief(origins(((DIJON,), homes), policy=Policy(k, 0.8, 0, test=True)))
    assert sum(found.values()) == sum(homes.values())
    assert min(found.values()) >= k
    listed = [name for value in found for name in value.split("|")]
    assert len(listed) == len(set(listed))
    for value, devices in found.items():
        names = value.split("|")
        assert devices == sum(homes.get(name, 0) for name in names)
        assert names == sorted(names, key=ORIGINS.names.index)


def test_foreign_devices_are_rounded_as_those_of_the_category() -> None:
    homes = {"21231": 40, "75": 60, "DE": 15, "CH": 8}
    for number in range(20):
        key, policy = bytes([number]) * 16, Policy(20, 0.8, 5, test=True)
        by_origin = brief(origins(((DIJON,), homes), policy=policy, key=key))
        how = Protection(AREA, policy, Estimate(0.95), key)
        counts = np.array([[40, 35, 25, 15, 8]], np.int64)
        day = [ZonePart((DIJON,), (NODE[DIJON],), 123)]
        table = protect_zone_day(INDICATORS["attendance_by_category"], day, DAY, Tally(counts, counts * 1000), how)
        by_category = dict(zip(table["visitor_category"].to_pylist(), table["devices"].to_pylist(), strict=True))
        assert by_category["foreign excursionist|foreign tourist"] == by_origin["AT|BE|CH|DE|FR|LI|LU|MC|NL"]
        assert by_category["resident"] == by_origin["21231"]


def test_every_origin_has_its_leaf_whatever_the_residents() -> None:
    for zones in ((DIJON,), (METROPOLE,), (VENUE,), (DIJON, 4)):
        classes = ORIGINS.classes(ORIGINS.residents(zones))
        assert sorted(classes.tree.leaf_order.tolist()) == list(range(len(ORIGINS.names)))
        assert len(classes.groups) == len(ORIGINS.names)


def test_without_communes_among_the_zones_origins_are_departements_and_countries() -> None:
    assert Origins(()).names == (*DEPARTEMENTS, UNKNOWN, *COUNTRIES)
    assert [Origins(()).names[place] for place in Origins(()).of_homes(["21231"])] == ["21", UNKNOWN]


def test_no_part_and_sensitive_parts_have_no_row() -> None:
    assert origins().num_rows == 0
    area = build(SEVENS, zone("care", SEVENS[:1], sensitive=True))
    node = int(np.flatnonzero(area.zone == 0)[0])
    tally = OriginTally(np.array([0]), np.array([0]), Tally(np.array([50]), np.array([50_000])))
    how = Protection(area, POLICY, Estimate(0.95), bytes(16))
    assert protect_origins([ZonePart((0,), (node,), 50)], DAY, tally, how).num_rows == 0


def test_counts_that_are_not_those_of_the_parts_are_refused() -> None:
    tally = OriginTally(np.array([0]), np.array([0]), Tally(np.array([49]), np.array([50_000])))
    how = Protection(AREA, POLICY, Estimate(0.95), bytes(16))
    with pytest.raises(ValueError, match="attendance_by_origin: expected"):
        protect_origins([ZonePart((DIJON,), (NODE[DIJON],), 50)], DAY, tally, how)
