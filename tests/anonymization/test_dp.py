import math
from dataclasses import replace

import h3
import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import beta, chi2

from anonymization.dp import BoundedCounts, Printing, noised, noises, protect_lattice
from anonymization.guarantee import HORIZONS, INDICATORS, Guarantee, guarantee
from anonymization.guarantee_words import WITHDRAWN, promise
from anonymization.lattice import lattice_of
from anonymization.noisy import Noise, interval_dp, people_dp, printed
from anonymization.zcdp import epsilon_of
from schemas.configuration import DifferentialPrivacy
from schemas.errors import UsageError
from schemas.vocabulary import TERRITORY
from tests.anonymization.territories import SEVENS, below, build, hexagons, zone

SETTINGS = DifferentialPrivacy(epsilon=2.0, budget_epsilon=80.0)
SLOTS = 4
SURE = 1e-10
"""Probability of a false alarm of each statistical test below, or less: the noise of OpenDP has no seed."""

AREA = build(SEVENS[:2], zone("A", SEVENS[:1]), zone("V", [below(SEVENS[0], 0)], parent=0), zone("B", SEVENS[1:2]))
LATTICE = lattice_of(AREA, 8)
EDGES = np.arange(SLOTS + 1, dtype=np.int64) * 900_000_000
PROMISE = guarantee(SETTINGS, SLOTS, 3)
PRINTING = Printing(k=20, rounding=5, people_per_device=3.0, confidence=0.95)


def counts(presence: int, attendance: int) -> BoundedCounts:
    shape = (LATTICE.cells.size, SLOTS)
    return BoundedCounts(np.full(shape, presence), np.full(len(LATTICE.zone_ids), attendance))


def quiet(sigma: float = 0.05) -> Guarantee:
    """A guarantee of hardly any noise, to see what else is printed: a figure is off by one in 1e80 draws."""
    return replace(PROMISE, sigma=sigma)


# The noise


def pmf(sigma: float, reach: int) -> np.ndarray:
    """The discrete Gaussian on -reach .. reach."""
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    return weights / weights.sum()


@pytest.mark.parametrize("sigma", [1.5, 3.0])
def test_noise_is_a_discrete_gaussian(sigma: float) -> None:
    draws = noised(np.full(60_000, 1000), replace(PROMISE, sigma=sigma)) - 1000
    reach = int(3 * sigma)
    expected = pmf(sigma, 20)[20 - reach : 20 + reach + 1] * draws.size
    observed = np.bincount(np.clip(draws, -reach, reach) + reach, minlength=2 * reach + 1)
    inner = slice(1, -1)
    ends = (draws.size - expected[inner].sum()) / 2
    expected[[0, -1]] = ends
    statistic = ((observed - expected) ** 2 / expected).sum()
    assert statistic < chi2.isf(SURE, expected.size - 1)


def test_noise_has_the_scale_of_the_guarantee_and_no_bias() -> None:
    n = 60_000
    draws = noised(np.arange(n, dtype=np.int64), PROMISE) - np.arange(n)
    assert abs(draws.mean()) < 6.5 * PROMISE.sigma / math.sqrt(n)
    assert draws.var() == pytest.approx(PROMISE.sigma**2, rel=6.5 * math.sqrt(2 / n))
    assert abs(np.corrcoef(draws[1:], draws[:-1])[0, 1]) < 6.5 / math.sqrt(n)


def test_noise_is_new_at_every_call() -> None:
    once, again = (noised(np.zeros(1000, np.int64), PROMISE) for _ in range(2))
    assert (once != again).any()


def test_noise_of_no_figures_is_none_and_of_many_is_drawn_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anonymization.dp._AT_ONCE", 7)
    assert noised(np.zeros(0, np.int64), PROMISE).size == 0
    assert (noised(np.arange(30, dtype=np.int64), quiet()) == np.arange(30)).all()


def test_noise_whose_account_differs_from_the_guarantee_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Guarantee, "rho", 0.99 * PROMISE.rho)
    with pytest.raises(ValueError, match="does not hold rho"):
        noised(np.zeros(1, np.int64), PROMISE)


def attacked(contributions: int, sigma: float, runs: int) -> float:
    """The epsilon that a likelihood attack on the presence of one device proves, at delta 1e-8, with confidence."""
    promise = replace(PROMISE, contributions=contributions, sigma=sigma)
    without = noised(np.zeros(runs * contributions, np.int64), promise).reshape(runs, -1).sum(axis=1)
    device = noised(np.ones(runs * contributions, np.int64), promise).reshape(runs, -1).sum(axis=1)
    found = 0.0
    for threshold in sigma * math.sqrt(contributions) * np.array([0.0, 0.8, 1.6, 2.3]):
        hits, alarms = int((device > threshold).sum()), int((without > threshold).sum())
        least = beta.ppf(SURE, hits, runs - hits + 1) if hits else 0.0
        most = beta.isf(SURE, alarms + 1, runs - alarms)
        found = max(found, math.log(max(least - 1e-8, 1e-12) / most))
    return found


def test_an_attack_that_knows_all_but_one_device_learns_less_than_epsilon() -> None:
    promise = guarantee(replace(SETTINGS, epsilon=1.0, contributions=4), 4, 1)
    proved = attacked(4, promise.sigma, 12_000)
    # It is a real attack: with a fifth of the noise, it proves more than the epsilon that is stated.
    assert proved <= 1.0 < attacked(4, promise.sigma / 5, 12_000)


# The lattice


def test_the_lattice_is_every_reachable_cell_and_every_zone() -> None:
    assert {h3.int_to_str(int(cell)) for cell in LATTICE.cells} == {
        cell for seven in SEVENS[:2] for cell in h3.cell_to_children(seven, 8)
    }
    assert LATTICE.zone_ids == ("A", "V", "B")
    assert [[h3.int_to_str(int(c)) for c in cells] for cells in LATTICE.zone_cells] == [
        [SEVENS[0]],
        [below(SEVENS[0], 0)],
        [SEVENS[1]],
    ]


def test_a_cell_that_is_reached_in_part_is_on_the_lattice() -> None:
    assert lattice_of(build(hexagons(SEVENS[0])[:1]), 8).cells.size == 1


@pytest.mark.parametrize("resolution", [0, 7, 8, 9])
def test_counts_of_a_cell_are_those_of_its_hexagons(resolution: int) -> None:
    lattice = lattice_of(AREA, resolution)
    base = np.random.default_rng(1).integers(0, 9, (AREA.hexagons.size, 3))
    found = lattice.coarsened(base)
    for place, cell in enumerate(lattice.cells.tolist()):
        inside = [h3.cell_to_parent(h3.int_to_str(each), resolution) for each in AREA.hexagons.tolist()]
        mine = np.array([each == h3.int_to_str(cell) for each in inside])
        assert (found[place] == base[mine].sum(axis=0)).all()


@pytest.mark.parametrize("resolution", [-1, 10])
def test_a_lattice_finer_than_the_hexagons_is_refused(resolution: int) -> None:
    with pytest.raises(UsageError, match="resolution: expected one from 0 to 9"):
        lattice_of(AREA, resolution)


def places(table: pa.Table) -> list[tuple[int, str, tuple[int, ...]]]:
    columns = table["window_start"].cast(pa.int64()), table["zone_id"], table["cells"]
    starts, zones, cells = (column.to_pylist() for column in columns)
    return sorted((start, name, tuple(each)) for start, name, each in zip(starts, zones, cells, strict=True))


def test_every_figure_of_the_lattice_is_printed_where_it_is_large_and_no_other() -> None:
    tables = protect_lattice(counts(10_000, 10_000), EDGES, LATTICE, PROMISE, PRINTING)
    assert tuple(tables) == INDICATORS
    assert places(tables["presence"]) == sorted(
        (int(start), TERRITORY, (cell,)) for start in EDGES[:-1] for cell in LATTICE.cells.tolist()
    )
    assert places(tables["attendance"]) == sorted(
        (0, name, tuple(cells.tolist())) for name, cells in zip(LATTICE.zone_ids, LATTICE.zone_cells, strict=True)
    )


def test_whether_a_figure_of_nobody_is_printed_is_decided_by_its_noise() -> None:
    # A bold reader who takes every figure above its noise: some of 56 are there by chance, most are not.
    bold = replace(PRINTING, k=1, confidence=1e-6)
    found = [protect_lattice(counts(0, 0), EDGES, LATTICE, PROMISE, bold)["presence"].num_rows for _ in range(5)]
    assert 0 < sum(found) < 5 * LATTICE.cells.size * SLOTS


# What is printed


def test_a_day_is_printed_scaled_rounded_and_in_people() -> None:
    promise = replace(quiet(), slots_kept=2)
    tables = protect_lattice(counts(51, 52), EDGES, LATTICE, promise, PRINTING)
    presence, attendance = tables["presence"], tables["attendance"]
    assert promise.scale == 2.0
    assert set(presence["devices"].to_pylist()) == {100}
    assert set(presence["people"].to_pylist()) == {300.0}
    assert set(attendance["devices"].to_pylist()) == {50}
    lasts = {
        table: set((tables[table]["window_end"].cast("int64").to_numpy() // 900_000_000).tolist()) for table in tables
    }
    assert lasts == {"presence": {1, 2, 3, 4}, "attendance": {4}}
    assert presence["additive"].to_pylist() == [True] * presence.num_rows
    assert attendance["additive"].to_pylist() == [False] * attendance.num_rows
    noise = noises(promise)["presence"]
    low, high = interval_dp(presence["devices"].to_numpy(), 3.0, noise, 0.95, 5)
    assert presence["people_low"].to_pylist() == low.tolist()
    assert presence["people_high"].to_pylist() == high.tolist()


@pytest.mark.parametrize(("count", "rows"), [(19, 0), (20, 3), (21, 3)])
def test_a_noisy_figure_below_k_is_left_out(count: int, rows: int) -> None:
    tables = protect_lattice(counts(0, count), EDGES, LATTICE, quiet(), PRINTING)
    assert tables["attendance"].num_rows == rows


@pytest.mark.parametrize(
    ("sigma", "scale", "least"), [(1.0, 1.0, 20.0), (10.2, 1.0, 20.0), (10.3, 1.0, 20.19), (13.7, 16 / 3, 143.2)]
)
def test_a_figure_that_noise_alone_could_be_is_left_out(sigma: float, scale: float, least: float) -> None:
    assert Noise(sigma, scale, 1.0).least(20, 0.95) == pytest.approx(least, rel=1e-3)


@pytest.mark.parametrize(
    ("base", "expected"), [(0, [0, 20, 23]), (1, [0, 20, 23]), (5, [0, 20, 25]), (10, [0, 20, 20])]
)
def test_figures_go_to_the_nearest_multiple(base: int, expected: list[int]) -> None:
    found = printed(np.array([0.4, 20.2, 22.7]), base)
    assert found.dtype == np.int64
    assert found.tolist() == expected


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    # Deterministic: a keyed generator stands for the town, the sampling and the noise.
    rng = np.random.default_rng(7)
    noise, rows = Noise(13.7, 16 / 3, 1.0), 40_000
    for mean in (200, 2000):
        devices = rng.poisson(mean, rows)
        figures = (rng.binomial(devices, 3 / 16) + np.rint(rng.normal(0, 13.7, rows))) * 16 / 3
        low, high = interval_dp(printed(np.maximum(figures, 0), 5), 3.0, noise, 0.95, 5)
        held = ((low <= 3.0 * mean) & (3.0 * mean <= high)).mean()
        assert 0.94 < held < 0.975


def test_people_are_printed_devices_times_the_factor_in_tens() -> None:
    assert people_dp(np.array([0, 20, 25]), 3.3).tolist() == [0.0, 70.0, 80.0]
    low, high = interval_dp(np.array([0, 20]), 3.3, Noise(13.7, 1.0, 1.0), 0.95, 5)
    assert (low >= 0).all()
    assert (low % 10 == 0).all()
    assert (high % 10 == 0).all()


def test_counts_of_another_lattice_are_an_error() -> None:
    with pytest.raises(ValueError, match="expected counts of 14 cells, 4 slots and 3 zones"):
        protect_lattice(counts(1, 1), EDGES[:-1], LATTICE, PROMISE, PRINTING)


# What is stated


@pytest.mark.parametrize(
    ("contributions", "slots", "zones", "kept"),
    [(24, 96, 30, (18, 6)), (24, 96, 4, (20, 4)), (24, 24, 0, (24, 0)), (2, 96, 9, (1, 1)), (200, 92, 99, (92, 50))],
)
def test_contributions_are_split_by_public_numbers(
    contributions: int, slots: int, zones: int, kept: tuple[int, int]
) -> None:
    found = guarantee(replace(SETTINGS, contributions=contributions), slots, zones)
    assert (found.slots_kept, found.zones_kept) == kept
    assert sum(kept) <= contributions
    assert found.scale == slots / kept[0]


def test_the_noise_is_that_of_all_contributions() -> None:
    found = guarantee(SETTINGS, 96, 30)
    assert found.sigma == guarantee(SETTINGS, 92, 0).sigma == 13.7
    assert epsilon_of(found.rho, found.delta) <= 2.0


def test_what_is_stated_tells_epsilon_of_each_horizon() -> None:
    found = guarantee(SETTINGS, 96, 30)
    stated = found.stated(3.0)
    for days in HORIZONS:
        assert stated[f"epsilon_{days}"] == epsilon_of(days * found.rho, found.delta)
    assert stated["withdrawn"] == list(WITHDRAWN)
    assert stated["people_per_device"] == 3.0


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_promise_and_what_is_withdrawn_are_told_in_both_languages(language: str) -> None:
    found = guarantee(SETTINGS, 96, 30)
    text = promise(language, found.stated(3.0))
    assert all(number in text for number in ("e^2 ", "1e-08", "13.06", "63.33", "18", "96", "13.7", "5.333", "80"))
    assert "{" not in text
    assert all(words[language].endswith(".") for words in WITHDRAWN.values())


def test_a_cell_that_is_all_of_sensitive_zones_has_no_presence_and_one_that_is_in_part_has() -> None:
    area = build(SEVENS[:2], zone("H", SEVENS[:1], sensitive=True), zone("W", [below(SEVENS[1], 0)], sensitive=True))
    lattice = lattice_of(area, 7)
    found = guarantee(SETTINGS, SLOTS, 2)
    some = BoundedCounts(np.full((lattice.cells.size, SLOTS), 5_000), np.full(2, 5_000))
    tables = protect_lattice(some, EDGES, lattice, replace(found, sigma=0.05), PRINTING)
    assert lattice.cells.size == 2
    assert {h3.int_to_str(cells[0]) for cells in tables["presence"]["cells"].to_pylist()} == {SEVENS[1]}
    assert sorted(tables["attendance"]["zone_id"].to_pylist()) == ["H", "W"]
