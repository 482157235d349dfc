"""How often intervals hold the truth: many small towns by the kernels' own model, in which nothing is misjudged.

What varies is what the design effects have to cover: who is a subscriber, where in the posterior of its cell a device
is drawn and a person was, which visits give a signal, and the rounding. What they do not cover is not simulated: a
wrong market share, a wrong propagation model, families that move together.
"""

from dataclasses import dataclass

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.people import people
from anonymization.rounding import round_to_base
from anonymization.tally import Tally, gathered
from anonymization.territory import ZoneArea
from pipelines.census import census
from pipelines.day_counts import detected
from pipelines.footprint import Footprint, footprint
from pipelines.location import draw
from pipelines.network import network
from pipelines.weights import weights
from schemas.indicators import INDICATORS, PartKind, design_effect
from schemas.vocabulary import AGE_BANDS

Ints = npt.NDArray[np.int64]

PEOPLE = 30_000
CONFIDENCE, BASE, K = 0.95, 5, 20
REPLICATES = 1_000
LEAST, MOST = 0.93, 0.97
"""Between these shares of the intervals of 95 % have to hold the truth."""
OWNERSHIP = np.array([0.2, 0.34, 0.33, 0.33, 0.32, 0.31, 0.27])
"""Share of each age band that is a subscriber."""
MOST_SIGNALS = 12.0
"""The greatest mean number of signals of a visit; the density of the mean rises from 0, as `detected` has it."""
AWAY = 0.5
"""Share of the people who are not in the commune of their home."""

CROSSING = 0.3
"""Share of the people who cross a commune."""

FAMILIES: dict[str, tuple[str, PartKind]] = {
    "presence, zones": ("presence", "zone"),
    "presence, hexagons": ("presence", "hexagons"),
    "presence by age, zones": ("presence_by_age", "zone"),
    "presence by age, hexagons": ("presence_by_age", "hexagons"),
    "attendance": ("attendance", "zone"),
    "attendance by age": ("attendance_by_age", "zone"),
    "dwell": ("dwell", "zone"),
    "flows": ("flows", "zone"),
    "transit": ("transit", "zone"),
}
"""What is counted, by name: the indicator whose design effect it has, and what its parts are made of."""


@dataclass(frozen=True)
class Town:
    """Six communes around Dijon with 24 masts of three sectors, and how many people live in each at each age."""

    footprint: Footprint
    commune: Ints
    group: Ints
    homes: Ints
    ages: Ints

    @property
    def communes(self) -> int:
        """How many there are."""
        return int(self.commune.max()) + 1


def town(random: np.random.Generator) -> Town:
    """The town; the same generator gives the same one."""
    centre = h3.latlng_to_cell(47.32, 5.04, 6)
    communes = sorted(int(cell) for cell in h3.grid_disk(centre, 1).tolist())[:6]
    zones = [np.sort(h3.cell_to_children(cell, 9)).astype(np.uint64) for cell in communes]
    sizes = (0.5, 0.2, 0.1, 0.1, 0.06, 0.04)
    areas = [ZoneArea(str(i), "commune", -1, cells, 1.0, False) for i, cells in enumerate(zones)]
    inhabitants = {str(i): PEOPLE * share for i, share in enumerate(sizes)}
    sites = [h3.cell_to_latlng(int(cells[random.integers(cells.size)])) for cells in zones for _ in range(8)]
    cells = pa.table(
        {
            "cell_id": [f"{i:03d}" for i in range(3 * len(sites))],
            "latitude": np.repeat([site[0] for site in sites], 3),
            "longitude": np.repeat([site[1] for site in sites], 3),
            "azimuth_deg": np.tile([0.0, 120.0, 240.0], len(sites)),
            "beamwidth_deg": np.full(3 * len(sites), 65.0),
            "range_m": np.full(3 * len(sites), 3_000.0),
            "technology": ["4G"] * (3 * len(sites)),
        }
    )
    reach = footprint(network(cells), 9, census(areas, inhabitants), homes_known=True)
    commune = np.full(reach.hexagons.size, -1)
    for i, members in enumerate(zones):
        commune[np.isin(reach.hexagons, members)] = i
    above = [h3.cell_to_parent(int(cell), 8) for cell in reach.hexagons.tolist()]
    group = np.unique(np.array(above, np.uint64), return_inverse=True)[1]
    homes = np.repeat(np.arange(6), np.round(np.array(sizes) * PEOPLE).astype(int))
    return Town(reach, commune, group, homes, random.integers(0, OWNERSHIP.size, homes.size))


def replicate(where: Town, random: np.random.Generator) -> dict[str, npt.NDArray[np.bool_]]:
    """For each family, whether the interval of each published part holds the truth, in one drawn town."""
    count = where.homes.size
    subscriber = random.random(count) < OWNERSHIP[where.ages]
    register = np.zeros((where.communes + 1, len(AGE_BANDS)), np.int64)
    np.add.at(register, (where.homes[subscriber], where.ages[subscriber]), 1)
    weight = _weights(where, register)[where.homes, where.ages]
    first, second = (_stay(where, random) for _ in range(2))
    long = np.exp(random.normal(np.log(90), 0.8, count))
    signals = random.poisson(MOST_SIGNALS * np.sqrt(random.random(count)))
    visit, seen = long >= 15, subscriber & (long >= 15) & (signals > 0)
    noticed = detected(weight, signals)
    band = np.searchsorted([30, 60, 120, 240, 480], long, "right")
    ages, bands = OWNERSHIP.size, 6
    pairs = [a * where.communes + b for a, b in zip(first.communes, second.communes, strict=True)]
    moves = first.communes[0] != second.communes[0]
    drawn_moves = subscriber & (first.communes[1] != second.communes[1])
    zone, groups = first.communes, first.groups
    by_age = [value * ages + where.ages for value in (*zone, *groups)]
    everyone = np.ones(count, np.bool_)
    crosses = random.random(count) < CROSSING
    found = {
        "presence, zones": (zone, everyone, subscriber, weight),
        "presence, hexagons": (groups, everyone, subscriber, weight),
        "presence by age, zones": (by_age[:2], everyone, subscriber, weight),
        "presence by age, hexagons": (by_age[2:], everyone, subscriber, weight),
        "attendance": (zone, visit, seen, noticed),
        "attendance by age": (by_age[:2], visit, seen, noticed),
        "dwell": ([value * bands + band for value in zone], visit, seen, noticed),
        "flows": (pairs, moves, drawn_moves, weight),
        "transit": (second.communes, crosses, subscriber & crosses, weight),
    }
    return {name: _covered(name, *counted, random) for name, counted in found.items()}


@dataclass(frozen=True)
class _Stay:
    """Where people are and where their devices are drawn, both from the posterior of the same cell."""

    communes: list[Ints]
    groups: list[Ints]


def _stay(where: Town, random: np.random.Generator) -> _Stay:
    """One stay of everybody: at home or elsewhere, in a hexagon, in a cell that serves it, and back."""
    reach, count = where.footprint, where.homes.size
    home = where.homes.astype(np.int32)
    own = reach.areas * np.arange(reach.first.size - 1)[:, None] + np.arange(where.communes) + 1
    at = np.minimum(np.searchsorted(reach.homes, own), reach.homes.size - 1)
    reached = reach.homes[at] == own
    cell = np.empty(count, np.int32)
    for commune in range(where.communes):
        people_of = np.flatnonzero(home == commune)
        near = np.flatnonzero(reached[:, commune])
        anywhere = random.integers(0, own.shape[0], people_of.size)
        stays = random.random(people_of.size) >= AWAY
        cell[people_of] = np.where(stays, near[random.integers(0, near.size, people_of.size)], anywhere)
    numbers = [random.integers(0, 1 << 32, count, dtype=np.uint64).astype(np.uint32) for _ in range(2)]
    hexagons = [draw(reach, cell, home, uniform) for uniform in numbers]
    communes = [where.commune[hexagon] for hexagon in hexagons]
    outside = where.communes - 1
    return _Stay([np.where(c < 0, outside, c) for c in communes], [where.group[hexagon] for hexagon in hexagons])


def _weights(where: Town, register: Ints) -> Ints:
    """The weights of a register, from the true census."""
    zones = [str(commune) for commune in range(where.communes)]
    living = np.zeros((where.communes, OWNERSHIP.size))
    np.add.at(living, (where.homes, where.ages), 1)
    table = pa.table(
        {
            "zone_id": np.repeat(zones, OWNERSHIP.size),
            "age_band": np.tile(AGE_BANDS[: OWNERSHIP.size], where.communes),
            "spc": ["unknown"] * living.size,
            "people": living.ravel(),
        }
    )
    return weights(register, zones, table, None, None)[0].domestic


def _covered(
    name: str,
    places: list[Ints],
    counted: npt.NDArray[np.bool_],
    seen: npt.NDArray[np.bool_],
    weight: Ints,
    random: np.random.Generator,
) -> npt.NDArray[np.bool_]:
    """Whether each part of at least k devices holds the truth; `places`: of people, then of their devices."""
    real, drawn = places
    size = int(max(real.max(), drawn.max())) + 1
    truth = np.bincount(real[counted], minlength=size)
    exact = gathered(drawn[seen], Tally(np.ones(int(seen.sum()), np.int64), weight[seen]), size)
    kept = np.flatnonzero(exact.devices >= K)
    exact = exact[kept]
    uniform = random.integers(0, 1 << 32, kept.size, dtype=np.uint64).astype(np.uint32)
    printed = round_to_base(exact.devices, uniform, BASE)
    indicator, kind = FAMILIES[name]
    effect = np.full(kept.size, design_effect(INDICATORS[indicator], kind))
    found = people(printed, exact, CONFIDENCE, effect, BASE)
    covered: npt.NDArray[np.bool_] = (found.low <= truth[kept]) & (truth[kept] <= found.high)
    return covered


def coverage(replicates: int, seed: int) -> dict[str, float]:
    """The share of intervals that hold the truth, by family, over independent replicates of one town."""
    random = np.random.default_rng(seed)
    where = town(random)
    found: dict[str, list[npt.NDArray[np.bool_]]] = {name: [] for name in FAMILIES}
    for _ in range(replicates):
        for name, covered in replicate(where, random).items():
            found[name].append(covered)
    return {name: float(np.concatenate(pieces).mean()) for name, pieces in found.items()}


def outside(found: dict[str, float]) -> list[str]:
    """The families of which too few or too many intervals hold the truth."""
    return [name for name, share in found.items() if not LEAST <= share <= MOST]
