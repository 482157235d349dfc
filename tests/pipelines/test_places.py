"""Places and the posterior draw, against loops that say the same one stay and one hexagon at a time."""

import math
from itertools import groupby

import h3.api.numpy_int as h3
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from anonymization.territory import ZoneArea
from pipelines.census import census
from pipelines.footprint import EARTH_RADIUS_M, Footprint, footprint
from pipelines.network import network
from pipelines.places import Centres, Evidence, Locator, centres, evidence, places

LATITUDE, LONGITUDE = 47.32, 5.04
RESOLUTION = 8


def near(a: float, b: float) -> bool:
    """Too near to tell which is greater when sums are rounded in another order."""
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1e-300)


def located(cells: list[tuple[float, float, float]], people: dict[str, float] | None = None) -> Footprint:
    """The footprint of omnidirectional cells (metres north, metres east, range), over three zones of one ring each."""
    table = pa.table(
        {
            "cell_id": [f"{i:03d}" for i in range(len(cells))],
            "latitude": [LATITUDE + north / 111_000 for north, _, _ in cells],
            "longitude": [LONGITUDE + east / 75_000 for _, east, _ in cells],
            "range_m": [range_m for _, _, range_m in cells],
        }
    )
    rings = {
        name: np.sort(h3.grid_disk(h3.latlng_to_cell(LATITUDE + north, LONGITUDE, RESOLUTION), 1))
        for name, north in (("south", -0.02), ("middle", 0.0), ("north", 0.02))
    }
    zones = [ZoneArea(name, "commune", -1, ring.astype(np.uint64), 1.0, False) for name, ring in rings.items()]
    return footprint(network(table), RESOLUTION, census(zones, people or {}))


# The loops


def places_of(cells: list[int], known: Centres) -> list[int]:
    """The place of each stay of one device."""
    members: list[list[int]] = []
    found: list[int] = []

    def apart(place: int, cell: int) -> float:
        middle = sum(known.middle[each] for each in members[place]) / len(members[place])
        spread = sum(known.spread[each] for each in members[place]) / len(members[place])
        square = sum(float(x) ** 2 for x in middle - known.middle[cell])
        distance = math.sqrt(square / (spread + known.spread[cell]))
        assume(not near(distance, 2))
        return distance

    for cell in cells:
        distances = [apart(place, cell) for place in range(len(members))]
        nearest = min(range(len(members)), key=distances.__getitem__, default=0)
        assume(not any(near(each, distances[nearest]) for at, each in enumerate(distances) if at != nearest))
        if found and distances[found[-1]] <= 2:
            chosen = found[-1]
        elif members and (distances[nearest] <= 2 or len(members) == 6):
            chosen = nearest
        else:
            chosen = len(members)
            members.append([])
        members[chosen].append(cell)
        found.append(chosen)
    return found


def evidence_of(stays: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The three cells of most signals of a place, and one to three signals of each."""
    cells = sorted({cell for cell, _ in stays})
    total = {cell: sum(signals for each, signals in stays if each == cell) for cell in cells}
    first = sorted(cells, key=lambda cell: (-total[cell], cell))[:3]
    return [(cell, min(max(total[cell], 1), 3)) for cell in first]


def posterior(found: Footprint, seen: list[tuple[int, int]], home: int, at_home: float) -> dict[int, float]:
    """How likely each hexagon of the first cell's footprint is, in the order in which hexagons are drawn."""
    likelihood = [pairs(found, cell) for cell, _ in seen]
    first = likelihood[0]
    size = int((found.area == home).sum())
    weights = {}
    for hexagon in first:
        weight = float(found.prior[hexagon])
        if home >= 0:
            weight = (1 - at_home) * float(found.elsewhere[hexagon])
            weight += at_home / size if found.area[hexagon] == home else 0.0
        for of_cell, (_, signals) in zip(likelihood, seen, strict=True):
            weight *= max(of_cell.get(hexagon, 0.0), 0.0 if of_cell is first else 0.001) ** signals
        weights[hexagon] = weight
    total = sum(weights.values())
    return {hexagon: weight / total for hexagon, weight in weights.items()}


def pairs(found: Footprint, cell: int) -> dict[int, float]:
    """The likelihood of a cell by hexagon."""
    part = slice(found.first[cell], found.first[cell + 1])
    return dict(zip(found.hexagon[part].tolist(), found.likelihood[part].tolist(), strict=True))


def drawn(shares: dict[int, float], uniform: int) -> int:
    """The hexagon at a uniform number."""
    target, below = (uniform + 0.5) / 2**32, 0.0
    for hexagon, share in shares.items():
        below += share
        assume(abs(below - target) > 1e-9)
        if below > target:
            return hexagon
    raise AssertionError("shares add up to 1")


# Strategies

METRES = st.integers(-4_000, 4_000).map(float)
CELLS = st.lists(
    st.tuples(METRES, METRES, st.sampled_from([300.0, 700.0, 1_500.0, 2_500.0])), min_size=1, max_size=5, unique=True
)
PEOPLE = st.dictionaries(st.sampled_from(["south", "middle", "north"]), st.integers(1, 10_000).map(float))


@st.composite
def known_centres(draw: st.DrawFn) -> Centres:
    """Up to a dozen cells on a plane, with spreads of 200 m to 1.5 km."""
    count = draw(st.integers(1, 12))
    middle = draw(st.lists(st.tuples(*[st.integers(0, 12_000)] * 3), min_size=count, max_size=count))
    spread = draw(st.lists(st.integers(200, 1_500), min_size=count, max_size=count))
    return Centres(np.array(middle, np.float64), np.array(spread, np.float64) ** 2)


# Places


@given(known=known_centres(), data=st.data())
def test_the_places_of_several_devices_are_those_that_a_loop_over_each_finds(
    known: Centres, data: st.DataObject
) -> None:
    cells = st.integers(0, len(known.spread) - 1)
    devices = data.draw(st.lists(st.lists(cells, min_size=1, max_size=25), max_size=4))
    device = np.repeat(np.arange(len(devices)), [len(each) for each in devices]).astype(np.int64)
    cell = np.array([cell for each in devices for cell in each], np.int32)
    expected = [place for each in devices for place in places_of(each, known)]
    assert places(device, cell, known).tolist() == expected


def on_a_line(*metres: float) -> Centres:
    """Cells on a line, with a spread of 200 m: two are apart by 2 where 2 x 200 x sqrt(2) = 565.685 m lie between."""
    middle = np.zeros((len(metres), 3))
    middle[:, 0] = metres
    return Centres(middle, np.full(len(metres), 200.0**2))


def visited(known: Centres, *cells: int) -> list[int]:
    return places(np.zeros(len(cells), np.int64), np.array(cells, np.int32), known).tolist()


@pytest.mark.parametrize(("metres", "place"), [(565.68, 0), (565.69, 1)])
def test_a_cell_is_at_the_place_up_to_two_joint_spreads_from_its_middle(metres: float, place: int) -> None:
    assert visited(on_a_line(0, metres), 0, 1) == [0, place]


def test_a_place_is_in_the_middle_of_its_stays_and_may_drift() -> None:
    # After 0 and 400 the middle is 200, from which 700 is near enough, as it is not from 0.
    known = on_a_line(0, 400, 700)
    assert visited(known, 0, 2) == [0, 1]
    assert visited(known, 0, 1, 2) == [0, 0, 0]


def test_the_place_of_the_stay_before_comes_before_a_nearer_one() -> None:
    # 500 is near enough to the places at 0 and at 800, and nearer to the latter.
    known = on_a_line(0, 800, 500)
    assert visited(known, 0, 1, 0, 2) == [0, 1, 0, 0]
    assert visited(known, 0, 1, 2) == [0, 1, 1]


def test_a_device_has_six_places_at_most_and_is_then_at_the_nearest() -> None:
    known = on_a_line(*(10_000.0 * at for at in range(7)), 24_000.0)
    assert visited(known, *range(6), 6, 7, 0) == [0, 1, 2, 3, 4, 5, 5, 2, 0]


@settings(max_examples=20)
@given(cells=CELLS, people=PEOPLE)
def test_the_middle_of_a_cell_is_the_mean_of_where_people_of_unknown_home_are(
    cells: list[tuple[float, float, float]], people: dict[str, float]
) -> None:
    found = located(cells, people)
    known = centres(found)
    for cell in range(len(cells)):
        points, weights = [], []
        for hexagon, likelihood in pairs(found, cell).items():
            latitude, longitude = np.radians(h3.cell_to_latlng(int(found.hexagons[hexagon])))
            flat = np.cos(latitude)
            points.append(np.array([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)]))
            weights.append(likelihood * found.prior[hexagon])
        at = EARTH_RADIUS_M * np.array(points)
        middle = np.average(at, axis=0, weights=weights)
        assert known.middle[cell] == pytest.approx(middle, abs=0.01)
        spread = np.average(((at - middle) ** 2).sum(axis=1), weights=weights)
        assert known.spread[cell] == pytest.approx(max(spread, 200.0**2), rel=1e-6)


# Evidence


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5), st.integers(0, 4)), min_size=1, max_size=30))
def test_evidence_is_the_three_cells_of_most_signals(stays: list[tuple[int, int, int]]) -> None:
    names = sorted({place for place, _, _ in stays})
    place, cell, signals = (np.array(column) for column in zip(*stays, strict=True))
    seen = evidence(np.searchsorted(names, place), cell.astype(np.int32), signals.astype(np.int32))
    for at, name in enumerate(names):
        expected = evidence_of([(cell, signals) for place, cell, signals in stays if place == name])
        filled = [*expected, *[(-1, 0)] * (3 - len(expected))]
        assert list(zip(seen.cells[at].tolist(), seen.signals[at].tolist(), strict=True)) == filled


# The draw


@settings(max_examples=60, deadline=None)
@given(cells=CELLS, people=PEOPLE, data=st.data())
def test_a_draw_is_the_hexagon_at_the_number_in_the_posterior(
    cells: list[tuple[float, float, float]], people: dict[str, float], data: st.DataObject
) -> None:
    found = located(cells, people)
    stay = st.tuples(st.integers(0, len(cells) - 1), st.integers(0, 4))
    areas = [-1, *sorted(set(found.area.tolist()) - {-1})]
    one = st.tuples(
        st.lists(stay, min_size=1, max_size=6),
        st.sampled_from(areas),
        st.sampled_from([0.65, 0.95]),
        st.integers(0, 2**32 - 1),
    )
    rows = data.draw(st.lists(one, min_size=1, max_size=5))
    place = np.repeat(np.arange(len(rows)), [len(stays) for stays, _, _, _ in rows])
    cell, signals = (np.array(column, np.int32) for column in zip(*(s for row in rows for s in row[0]), strict=True))
    home, at_home, uniform = (list(column) for column in list(zip(*rows, strict=True))[1:])
    hexagon = Locator(found).draw(
        evidence(place, cell, signals), np.array(home, np.int32), np.array(at_home), np.array(uniform, np.uint32)
    )
    for at, (stays, home_area, share, number) in enumerate(rows):
        shares = posterior(found, evidence_of(stays), home_area, share)
        assert hexagon[at] == drawn(shares, number)


TOWN = [(0.0, 0.0, 1_500.0), (800.0, 300.0, 700.0), (-600.0, 900.0, 2_500.0)]


def test_even_numbers_reproduce_the_posterior() -> None:
    found = located(TOWN, {"middle": 5_000.0, "north": 900.0})
    seen = Evidence(np.array([[0, 1, -1]], np.int32), np.array([[2, 1, 0]], np.int32))
    count = 20_000
    uniform = ((np.arange(count) + 0.5) / count * 2**32).astype(np.uint32)
    many = Evidence(np.repeat(seen.cells, count, axis=0), np.repeat(seen.signals, count, axis=0))
    hexagon = Locator(found).draw(many, np.full(count, 1, np.int32), np.full(count, 0.65), uniform)
    shares = posterior(found, [(0, 2), (1, 1)], 1, 0.65)
    counted = {each: len(list(group)) / count for each, group in groupby(sorted(hexagon.tolist()))}
    assert set(counted) <= set(shares)
    assert all(abs(counted.get(each, 0.0) - share) <= 1 / count for each, share in shares.items())


def test_a_draw_does_not_depend_on_what_else_is_drawn() -> None:
    # Numbers on both sides of every end of a hexagon's interval, alone, and behind a hundred thousand others.
    found, locator = located(TOWN), Locator(located(TOWN))
    ends = np.cumsum(list(posterior(found, [(2, 1)], -1, 0.65).values()))[:-1]
    uniform = (np.floor(ends * 2**32).astype(np.int64)[:, None] + np.arange(-2, 3)).ravel().astype(np.uint32)

    def draw(numbers: np.ndarray) -> np.ndarray:
        cells = np.tile(np.array([[2, -1, -1]], np.int32), (numbers.size, 1))
        signals = np.tile(np.array([[1, 0, 0]], np.int32), (numbers.size, 1))
        return locator.draw(
            Evidence(cells, signals), np.full(numbers.size, -1, np.int32), np.full(numbers.size, 0.65), numbers
        )

    alone = np.concatenate([draw(uniform[at : at + 1]) for at in range(uniform.size)])
    others = np.random.default_rng(1).integers(0, 2**32, 100_000).astype(np.uint32)
    assert draw(np.concatenate([others, uniform]))[others.size :].tolist() == alone.tolist()


def test_nothing_drawn_is_nothing() -> None:
    none = np.zeros(0, np.int32)
    seen = evidence(np.zeros(0, np.int64), none, none)
    assert places(none, none, centres(located(TOWN))).size == 0
    assert Locator(located(TOWN)).draw(seen, none, np.zeros(0), np.zeros(0, np.uint32)).size == 0
