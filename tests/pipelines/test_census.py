"""The census: where people live, which is what is known of a device before it signals."""

import numpy as np
import pytest

from anonymization.territory import ZoneArea
from pipelines.census import AT_HOME, AT_HOME_AT_NIGHT, NOWHERE, UNMAPPED, Census, census


def zone(name: str, *cells: int) -> ZoneArea:
    return ZoneArea(name, "commune", -1, np.array(sorted(cells), np.uint64), 1.0, False)


def hexagons(*cells: int) -> np.ndarray:
    return np.array(cells, np.uint64)


def prior(found: Census, *cells: int) -> tuple[dict[int, float], dict[int, int]]:
    """Share and area of each hexagon."""
    share, area = found.prior(hexagons(*cells))
    return dict(zip(cells, share.tolist(), strict=True)), dict(zip(cells, area.tolist(), strict=True))


TOWN = zone("town", 1, 2, 3, 4)
VILLAGE = zone("village", 7, 8)


def test_the_shares_of_time_at_home_are_those_that_the_method_states() -> None:
    assert (UNMAPPED, AT_HOME, AT_HOME_AT_NIGHT) == (0.02, 0.65, 0.95)


def test_the_people_of_a_zone_are_even_over_its_hexagons_and_the_unmapped_over_all() -> None:
    shares, areas = prior(census([TOWN, VILLAGE], {"town": 300.0, "village": 100.0}), 1, 2, 3, 4, 7, 8, 9)
    even = UNMAPPED / 7
    assert {cell: shares[cell] for cell in (1, 4)} == pytest.approx(dict.fromkeys((1, 4), 0.98 * 75 / 400 + even))
    assert {cell: shares[cell] for cell in (7, 8)} == pytest.approx(dict.fromkeys((7, 8), 0.98 * 50 / 400 + even))
    assert shares[9] == pytest.approx(even)
    assert sum(shares.values()) == pytest.approx(1, abs=1e-12)
    assert areas == {1: 0, 2: 0, 3: 0, 4: 0, 7: 1, 8: 1, 9: NOWHERE}


def test_people_out_of_reach_are_nowhere_to_be_found() -> None:
    found = census([TOWN, VILLAGE], {"town": 300.0, "village": 100.0})
    shares, areas = prior(found, 1, 8, 99)
    assert shares == pytest.approx({1: 0.98 * 75 / 125 + 0.02 / 3, 8: 0.98 * 50 / 125 + 0.02 / 3, 99: 0.02 / 3})
    assert areas == {1: 0, 8: 1, 99: NOWHERE}


def test_a_hexagon_takes_the_smallest_counted_zone_around_it() -> None:
    district = zone("district", *range(10))
    found = census([VILLAGE, district, TOWN], {"district": 100.0, "town": 40.0, "village": 1.0})
    assert found.homes == ("district", "town", "village")
    assert found.area.tolist() == [0, 1, 1, 1, 1, 0, 0, 2, 2, 0]
    assert found.density.tolist() == [10, 10, 10, 10, 10, 10, 10, 0.5, 0.5, 10]


@pytest.mark.parametrize("people", [{"district": 100.0}, {"district": 100.0, "town": 0.0}])
def test_a_zone_without_inhabitants_is_not_counted(people: dict[str, float]) -> None:
    found = census([zone("district", *range(10)), TOWN], people)
    assert found.homes == ("district",)
    assert set(found.area.tolist()) == {0}


def test_of_zones_with_the_same_hexagons_the_last_by_name_counts_whatever_their_order() -> None:
    same = [zone("b", 1, 2), zone("a", 1, 2)]
    for zones in (same, same[::-1]):
        found = census(zones, {"a": 10.0, "b": 30.0})
        assert (found.homes, found.area.tolist(), found.density.tolist()) == (("a", "b"), [1, 1], [15.0, 15.0])


def test_without_a_census_every_hexagon_is_alike() -> None:
    shares, areas = prior(census([TOWN], {}), 1, 2, 5, 6)
    assert shares == dict.fromkeys((1, 2, 5, 6), 0.25)
    assert set(areas.values()) == {NOWHERE}


def test_a_census_of_other_places_leaves_every_hexagon_alike() -> None:
    shares, areas = prior(census([TOWN], {"town": 300.0}), 0, 5, 6, 7)
    assert shares == dict.fromkeys((0, 5, 6, 7), 0.25)
    assert set(areas.values()) == {NOWHERE}


def test_no_hexagons_have_no_prior() -> None:
    for found in (census([], {}), census([TOWN], {"town": 1.0})):
        assert [values.size for values in found.prior(hexagons())] == [0, 0]


def test_home_zones_are_areas_of_the_census_and_the_unknown_comes_last() -> None:
    found = census([TOWN, VILLAGE], {"town": 300.0, "village": 100.0})
    assert found.areas_of(["village", "elsewhere", "town"]).tolist() == [1, NOWHERE, 0, NOWHERE]
    assert found.areas_of([]).tolist() == [NOWHERE]
    assert found.areas_of(["town"])[-1] == NOWHERE
