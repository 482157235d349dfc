"""The lattice: figures under differential privacy stand at fixed places only, and follow from what is printed."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.checks.day import Day, devices
from anonymization.checks.rule import Finding, Rule, where
from anonymization.checks.spans import Bools
from anonymization.checks.tables import cell_counts, cell_values
from anonymization.checks.terms import Terms
from anonymization.guarantee import INDICATORS, Guarantee
from anonymization.hexagons import resolutions
from anonymization.noisy import Noise, interval_dp, people_dp
from anonymization.verdict import SINGLING_OUT
from schemas.indicators import Indicator
from schemas.vocabulary import REST, SEPARATOR, TERRITORY


def examine(day: Day) -> Finding:
    """All rows of a day of differential privacy; the figure counts them."""
    guarantee, factor = day.terms.dp, day.terms.people_per_device
    if guarantee is None or factor is None:
        return Finding(
            (f"privacy day {day.terms.day}: no guarantee, or no one factor from devices to people, is stated",)
        )
    found: list[str] = []
    count = 0
    for indicator, table, label in day.indicators():
        count += table.num_rows
        if indicator.name in INDICATORS:
            found += problems(indicator, table, label, guarantee, factor, day.terms)
    return Finding(tuple(found), count)


def problems(
    indicator: Indicator, table: pa.Table, label: str, found: Guarantee, people_per_device: float, terms: Terms
) -> Iterator[str]:
    """A sentence for each way in which rows of `presence` or `attendance` are not as the guarantee makes them."""
    noise = _noise(indicator, found, terms)
    counts = devices(table)
    on_lattice = _one_hexagon(table, found.resolution) if indicator.name == "presence" else _one_zone(table)
    yield from where(label, table, ~on_lattice, "rows that are no place of the lattice")
    least = noise.least(terms.k, terms.confidence) - max(terms.rounding, 1) / 2
    yield from where(label, table, counts < least, f"figures below {least:.1f}, which noise alone could be")
    expected = people_dp(counts, people_per_device)
    yield from where(label, table, table["people"].to_numpy() != expected, "people that are not devices by the factor")
    low, high = interval_dp(counts, people_per_device, noise, terms.confidence, terms.rounding)
    agrees = (table["people_low"].to_numpy() == low) & (table["people_high"].to_numpy() == high)
    yield from where(label, table, ~agrees, "intervals that do not follow from what is printed")


def _noise(indicator: Indicator, found: Guarantee, terms: Terms) -> Noise:
    """The noise of an indicator, with the design effect that the day states."""
    effects = terms.effects.get(indicator.name, {"zone": 1.0, "hexagons": 1.0})
    if indicator.name == "presence":
        return Noise(found.sigma, found.scale, effects["hexagons"])
    return Noise(found.sigma, 1.0, effects["zone"])


def _one_hexagon(table: pa.Table, resolution: int) -> Bools:
    """bool[rows]: whether a row is one hexagon of the resolution, named `territory`."""
    values, counts = cell_values(table), cell_counts(table)
    first = values[np.cumsum(counts) - counts]
    named = pc.equal(table["zone_id"], TERRITORY).to_numpy()
    found: Bools = (counts == 1) & (resolutions(first) == resolution) & named
    return found


def _one_zone(table: pa.Table) -> Bools:
    """bool[rows]: whether a row names one zone; that its cells are the zone's is for the rule of places."""
    names = table["zone_id"]
    several = pc.match_substring(names, SEPARATOR).to_numpy()
    found: Bools = ~(several | pc.is_in(names, pa.array([TERRITORY, REST])).to_numpy())
    return found


RULE = Rule(
    name="lattice",
    criterion=SINGLING_OUT,
    threshold="under differential privacy: places of the fixed lattice only, nothing that noise alone could be, people "
    "and intervals made of printed values",
    found="{:.0f} noisy figures",
    combine=sum,
    examine=examine,
    dp=True,
)
