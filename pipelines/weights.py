"""What a device stands for: people of the census over devices of the register, and visitors over roamers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.arrays import Bools, Ints, column
from pipelines.fold import is_foreign
from schemas.countries import COUNTRIES, country_of
from schemas.errors import InputError
from schemas.tables import POPULATION, ROAMING_SHARE
from schemas.vocabulary import AGE_BANDS, UNKNOWN

THIN: Final = 30
"""Fewest devices of a stratum with a weight of its own.

A count of 30 is uncertain by 18 % (one standard deviation of a Poisson count); below, weights would mostly tell who
happens to be a customer, and there would be more of them than the figures bear: weights should be few and smooth.
"""

COVERS: Final = 0.9
"""Least ratio of the people of a total to those of the home zones: two censuses of one place may differ that much."""

PRIOR: Final = 1.0
"""Devices that raking adds to each zone, spread like the age totals: nobody seen of an age is not nobody of that age.

Without them a zone that has no device of some age could not get any people of it, and margins could contradict.
"""

CLOSE: Final = 1e-6
"""Share of the people that may be off the age totals when raking ends: far below the rounding of any figure."""

ROUNDS: Final = 1_000
"""Rounds of raking at most; tables that are no puzzle need less than a hundred."""

UNIT: Final = 1_000
"""Weights are in thousandths of people, as integers: sums do not depend on their order."""

_CODES: Final = 1_000
_KNOWN_AGES: Final = AGE_BANDS.index(UNKNOWN)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """`domestic` int64[homes + 1, ages]: thousandths of people that a device stands for, at least 1.

    Rows are home zone codes, the last one is the unknown home, which code -1 finds there; columns are age band codes.
    `foreign` int64[1000]: the same by mobile country code.
    """

    domestic: Ints
    foreign: Ints

    def of(self, table: pa.Table, domestic_mcc: tuple[int, ...]) -> Ints:
        """int64[n]: what each row's device stands for; `table` has home_mcc, home_zone and age_band without nulls."""
        own = self.domestic[column(table, "home_zone"), column(table, "age_band")]
        abroad = self.foreign[column(table, "home_mcc")]
        weight: Ints = np.where(is_foreign(table, domestic_mcc), abroad, own)
        return weight


def weights(
    counts: Ints,
    home_zones: Sequence[str],
    population: pa.Table | None,
    roaming_share: pa.Table | None,
    people_per_device: float | None,
) -> tuple[Weights, tuple[str, ...]]:
    """The weights of a year, and warnings that name nobody.

    `counts` int64[homes + 1, ages]: devices of the whole register, seen or not, by home zone (last: unknown) and age
    band (last: unknown). A stratum weighs its people over its devices; devices of unknown age or home count like those
    whose age or home is known. Age bands of a zone with fewer than THIN devices join the next ones; zones with fewer
    are one zone together, which takes the area mean where that is not enough. A device of unknown age takes its zone's
    mean, one whose home is unknown or not in the census the area mean: people over devices of all zones that have
    both. Where none has both, all domestic devices weigh `people_per_device`, or 1. Roamers weigh 1 / share of their
    country, else the mean of that over the countries, else the area mean. Raises InputError for impossible people,
    age bands and shares.
    """
    checked = None if population is None else checked_population(POPULATION.conform(population))
    shares = {} if roaming_share is None else checked_shares(ROAMING_SHARE.conform(roaming_share))
    people: Floats = np.zeros((len(home_zones), _KNOWN_AGES))
    notes: list[str] = []
    if checked is not None and counts[:-1].any():
        people, notes = _people(counts, home_zones, checked)
    represented = (people.sum(1) > 0) & (counts[:-1].sum(1) > 0)
    if represented.any():
        domestic = _domestic(counts, people, represented)
    else:
        factor = people_per_device or 1.0
        domestic = np.full(counts.shape, factor)
        notes.append(f"people follow one stated factor: {factor:g} per device")
    notes += _unlisted(shares)
    return Weights(_thousandths(domestic), _thousandths(_foreign(shares, domestic[-1, -1]))), tuple(notes)


def raked(seed: Floats, zones: Floats, ages: Floats) -> tuple[Floats, float]:
    """float64[zones, ages] with the margins `zones` and `ages`, which have one sum, and else the proportions of `seed`.

    Iterative proportional fitting, which ends with the zones: their margin always holds. Also the share of the people
    that is off the ages: at most CLOSE, unless ROUNDS rounds did not do.
    """
    found, total, off = seed, max(float(zones.sum()), 1.0), 1.0
    for _ in range(ROUNDS):
        found = found * _ratio(ages, found.sum(0))
        found = found * _ratio(zones, found.sum(1))[:, None]
        off = float(np.abs(found.sum(0) - ages).sum()) / total
        if off <= CLOSE:
            break
    return found, off


def _domestic(counts: Ints, people: Floats, represented: Bools) -> Floats:
    """float64[homes + 1, ages]: people of the strata over their devices; the area mean for zones not represented."""
    # Devices of unknown home live anywhere, in proportion to those whose home is known.
    scale = counts.sum() / counts[:-1].sum()
    mean = people[represented].sum() / (counts[:-1][represented].sum() * scale)
    row = _rows(counts[:-1].sum(1), represented)
    rows = int(row.max()) + 1
    devices, inhabitants = np.zeros((rows, counts.shape[1]), np.int64), np.zeros((rows, people.shape[1]))
    np.add.at(devices, row[represented], counts[:-1][represented])
    np.add.at(inhabitants, row[represented], people[represented])
    found = _by_age(devices, inhabitants) / scale
    found[devices.sum(1) < THIN] = mean
    domestic = np.full(counts.shape, mean)
    domestic[:-1][represented] = found[row[represented]]
    return domestic


def _rows(devices: Ints, represented: Bools) -> Ints:
    """int64[homes]: the row in which a zone is weighed, its own or, for all that are thin alone, the last; else -1."""
    alone = represented & (devices >= THIN)
    row = np.where(represented, int(alone.sum()), -1)
    row[alone] = np.arange(int(alone.sum()))
    return row


def _by_age(devices: Ints, people: Floats) -> Floats:
    """float64[rows, ages]: people over devices of each group of ages; over all of the row for the unknown age, last."""
    known, every = devices[:, :-1], devices.sum(1)
    group = _collapsed(known)
    at = (np.arange(len(known))[:, None], group)
    grouped, inhabitants = np.zeros(known.shape), np.zeros(known.shape)
    # Devices of unknown age have the ages of the row's others, in proportion.
    np.add.at(grouped, at, known * _ratio(every, known.sum(1))[:, None])
    np.add.at(inhabitants, at, people)
    found = _ratio(inhabitants, grouped)[at]
    mean = _ratio(people.sum(1), every)[:, None]
    return np.hstack([np.where(known.any(axis=1, keepdims=True), found, mean), mean])


def _collapsed(devices: Ints) -> Ints:
    """int64[rows, ages]: the group of each age band of a row, from 0.

    Bands join the next ones until THIN devices are reached; what is left at the end joins the group before.
    """
    group = np.zeros(devices.shape, np.int64)
    current, held = np.zeros(len(devices), np.int64), np.zeros(len(devices), np.int64)
    for age in range(devices.shape[1]):
        group[:, age] = current
        held += devices[:, age]
        full = held >= THIN
        current += full
        held[full] = 0
    return np.minimum(group, np.maximum(current - 1, 0)[:, None])


def _people(counts: Ints, home_zones: Sequence[str], population: pa.Table) -> tuple[Floats, list[str]]:
    """float64[homes, known ages]: the people of each home zone, and warnings.

    Another zone of the table with about as many people as the home zones or more is a total over them.
    """
    listed = _matrix(population, home_zones)
    homes, others = listed[: len(home_zones)], listed[len(home_zones) :]
    size, inside = others.sum(1), homes.sum()
    total = (size >= COVERS * inside) & (inside > 0)
    people, notes = _with_ages(homes, counts[:-1, :-1], _age_totals(others[total]))
    sizes = np.append(homes.sum(1), size[~total])
    nowhere = (sizes > 0) & np.append(counts[:-1].sum(1) == 0, np.ones(int((~total).sum()), np.bool_))
    if nowhere.any():
        lost = f"{nowhere.sum()} of {(sizes > 0).sum()} zones are the home of no device"
        notes.append(f"table population: {lost}: nobody stands for their {round(float(sizes[nowhere].sum())):,} people")
    return people, notes


def _matrix(population: pa.Table, home_zones: Sequence[str]) -> Floats:
    """float64[zones, ages]: people of the home zones, and below them of the table's other zones in their order."""
    others = sorted(set(pc.unique(population["zone_id"]).to_pylist()) - set(home_zones))
    names = pa.array([*home_zones, *others], pa.string())
    zone = pc.index_in(population["zone_id"], names).to_numpy().astype(np.int64)
    age = pc.index_in(population["age_band"], pa.array(AGE_BANDS)).to_numpy().astype(np.int64)
    people: Floats = np.zeros((len(names), len(AGE_BANDS)))
    np.add.at(people, (zone, age), column(population, "people"))
    return people


def _age_totals(totals: Floats) -> Floats | None:
    """float64[known ages]: the people by age of the smallest total that has ages, the first of equal ones."""
    aged = totals[totals[:, :-1].any(1)]
    return aged[aged.sum(1).argmin(), :-1] if len(aged) else None


def _with_ages(homes: Floats, devices: Ints, totals: Floats | None) -> tuple[Floats, list[str]]:
    """float64[homes, known ages]: people whose age is not stated have those of their zone's others, else as raked.

    Without totals they have the ages of the zone's devices: then one weight fits all of the zone.
    """
    aged, size = homes[:, :-1], homes.sum(1)
    people: Floats = aged * _ratio(size, aged.sum(1))[:, None]
    bare = ~aged.any(1) & (size > 0)
    if not bare.any():
        return people, []
    if totals is None:
        alike = np.where(devices.any(axis=1, keepdims=True), devices, 1).astype(np.float64)
        people[bare] = (alike * (size / alike.sum(1))[:, None])[bare]
        return people, []
    ages = _left(totals * size.sum() / totals.sum(), people.sum(0), float(size[bare].sum()))
    people[bare], off = raked(devices[bare] + PRIOR * ages / ages.sum(), size[bare], ages)
    notes = [f"table population: ages of zones could not be fitted to the totals: {off:.2%} of the people are off"]
    return people, notes if off > CLOSE else []


def _left(totals: Floats, stated: Floats, people: float) -> Floats:
    """float64[ages]: what the age totals leave to the zones whose ages are not stated, who are so many people."""
    left = np.maximum(totals - stated, 0)
    ages = left if left.any() else totals
    fitted: Floats = ages * (people / ages.sum())
    return fitted


def _foreign(shares: Mapping[str, float], mean: float) -> Floats:
    """float64[1000]: visitors for each roamer by mobile country code: the countries' mean where one is not listed."""
    by_country = {country: 1 / share for country, share in shares.items()}
    other = sum(by_country.values()) / len(by_country) if by_country else mean
    return np.array([by_country.get(country_of(code), other) for code in range(_CODES)])


def _unlisted(shares: Mapping[str, float]) -> list[str]:
    strange = len(set(shares) - set(COUNTRIES))
    return [f"table roaming_share: {strange} of {len(shares)} rows of no known country"] if strange else []


def checked_population(table: pa.Table) -> pa.Table:
    """The table itself; raises InputError for people who are no count and for age bands outside the closed list."""
    people = column(table, "people").astype(np.float64)
    wrong = np.flatnonzero(~(np.isfinite(people) & (people >= 0)))
    if wrong.size:
        row = table.slice(int(wrong[0]), 1).to_pylist()[0]
        where = f"table population, zone {row['zone_id']}, age band {row['age_band']}"
        hint = "correct the people of the row, or leave it out"
        raise InputError(f"{where}: expected people from 0, got {row['people']:g}", hint)
    strange = pc.index_in(table["age_band"], pa.array(AGE_BANDS)).is_null().to_numpy()
    if strange.any():
        row = table.slice(int(strange.argmax()), 1).to_pylist()[0]
        where = f"table population, zone {row['zone_id']}"
        hint = f"people whose age is not stated have the age band {UNKNOWN}"
        expected = f"an age band out of {', '.join(AGE_BANDS)}"
        raise InputError(f"{where}: expected {expected}, got {row['age_band']}", hint)
    return table


def checked_shares(table: pa.Table) -> dict[str, float]:
    """Country to share; raises InputError for a share outside (0, 1] and a country that is there twice."""
    shares: dict[str, float] = {}
    for row in table.to_pylist():
        country, share = row["country"], row["share"]
        where = f"table roaming_share, country {country}"
        if not 0 < share <= 1:
            hint = "give the share of the country's visitors who roam on this network: 0.25 for a quarter"
            raise InputError(f"{where}: expected a share above 0 and at most 1, got {share:g}", hint)
        if country in shares:
            raise InputError(f"{where}: expected one row, got two", "keep the one that is right")
        shares[country] = share
    return shares


def _thousandths(people: Floats) -> Ints:
    """int64, at least 1: a row whose devices stand for nobody could not be published."""
    return np.maximum(np.rint(people * UNIT), 1).astype(np.int64)


def _ratio(above: npt.NDArray[np.generic], below: npt.NDArray[np.generic]) -> Floats:
    """float64: the ratio, and 0 where there is nothing below."""
    over = below.astype(np.float64)
    ratio: Floats = np.divide(above.astype(np.float64), over, out=np.zeros(over.shape), where=over > 0)
    return ratio
