"""Claims: what published rows say, as sums of devices over the finest places and classes.

What a row says of a place and a class follows from the row alone, with the public territory and calendar.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa

from anonymization.nested import distinct
from pipelines.arrays import Ints, column, instants
from pipelines.attacks.covers import alike
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.members import Tables
from pipelines.attacks.solving.kinds import Kinds, families_of, kinds_of, listed_in
from pipelines.attacks.solving.places import NO_PAIRS, places_of, rows_inside
from pipelines.inputs import Inputs
from pipelines.stays import MINUTE
from schemas.indicators import INDICATORS, Indicator

ROWS: Final = 12_000
"""Rows of a population that are looked at."""


@dataclass(frozen=True)
class Claims:
    """What rows of one population say, each of at least `k` devices.

    `covers` int64[2, ...]: pairs of a row and a place; `times` int64[places]: how many finest places one stands for.
    `lists` int64[2, ...]: pairs of a row and a kind that it counts. `exact`, `printed` int64[rows]: devices. `splits`
    int64[rows]: the number of an indicator whose rows list every class of a place that has somebody; -1 for other rows.
    `additive`: a device is in one place, so that a row is the sum of its places; else it is at most their sum, and at
    least each of them. `inside` int64[2, ...]: pairs of a row of all kinds and a place that has all its devices.
    """

    kinds: Kinds
    covers: Ints
    times: Ints
    lists: Ints
    exact: Ints
    printed: Ints
    splits: Ints
    k: int
    additive: bool
    inside: Ints = field(default_factory=lambda: NO_PAIRS)


def claims_of(
    tables: Tables, exact: Mapping[str, Ints], days: Sequence[DayDevices], inputs: Inputs, rng: np.random.Generator
) -> Iterator[Claims]:
    """The claims of each population that is published, of some of its hours where there are many rows.

    `exact`: the devices behind the rows of each table; of `days` only the calendar is used.
    """
    populations: dict[str, list[Indicator]] = {}
    for name, table in tables.items():
        if table.num_rows:
            populations.setdefault(INDICATORS[name].population, []).append(INDICATORS[name])
    for indicators in populations.values():
        kept = _sample(tables, indicators, rng)
        rows = {name: tables[name].take(pa.array(place)) for name, place in kept.items()}
        devices = np.concatenate([exact[name][place] for name, place in kept.items()])
        yield _claims(indicators, rows, devices, days, inputs)


def _sample(tables: Tables, indicators: Sequence[Indicator], rng: np.random.Generator) -> dict[str, Ints]:
    """The places of the rows of some hours, together no more than `ROWS` if one hour has no more; all of days."""
    hours = {
        each.name: instants(tables[each.name], "window_start") // (60 * MINUTE) * (each.window != "day")
        for each in indicators
    }
    known, rows = np.unique(np.concatenate(list(hours.values())), return_counts=True)
    order = rng.permutation(known.size)
    few = order[: max(1, int(np.searchsorted(np.cumsum(rows[order]), ROWS, "right")))]
    return {name: np.flatnonzero(np.isin(hour, known[few])) for name, hour in hours.items()}


def _claims(
    indicators: Sequence[Indicator], tables: Tables, exact: Ints, days: Sequence[DayDevices], inputs: Inputs
) -> Claims:
    families = families_of(indicators, tables)
    kinds = kinds_of(families)
    rows = [tables[each.name].num_rows for each in indicators]
    covers, lists = [NO_PAIRS], [NO_PAIRS]
    for each, before in zip(indicators, np.cumsum([0, *rows]).tolist(), strict=False):
        shift = np.array([[before], [0]])
        covers.append(places_of(each, tables[each.name], days, inputs) + shift)
        lists.append(listed_in(each, tables[each.name], families, kinds.family.size) + shift)
    places = np.concatenate(covers, axis=1)
    plain = np.flatnonzero(np.repeat([not each.splits for each in indicators], rows))
    inside = rows_inside(indicators[0].population, places[:, np.isin(places[0], plain)], inputs)
    places, times, inside = placed(places, inside)
    return Claims(
        kinds,
        places,
        times,
        np.concatenate(lists, axis=1),
        exact,
        np.concatenate([column(tables[each.name], "devices").astype(np.int64) for each in indicators]),
        np.repeat([at if each.splits and not each.partial else -1 for at, each in enumerate(indicators)], rows),
        inputs.policy.k,
        all(each.additive for each in indicators),
        inside,
    )


def placed(covers: Ints, inside: Ints = NO_PAIRS) -> tuple[Ints, Ints, Ints]:
    """`covers`, `times` and `inside` of `Claims` from pairs with any numbers for places.

    Places that are in the same rows, and around the same ones, are one.
    """
    known, place = np.unique(covers[1], return_inverse=True)
    around = np.searchsorted(known, inside[1])
    # A place around a row differs from those that are not: as if it were in one more row.
    group = np.concatenate([covers[0], inside[0] + covers[0].max(initial=0) + 1])
    merged, times = alike(group, np.concatenate([place, around]), np.ones_like(group), known.size)
    pairs = distinct(covers[0] * times.size + merged[place])
    return np.stack([pairs // times.size, pairs % times.size]), times, np.stack([inside[0], merged[around]])
