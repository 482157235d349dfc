"""Strata: what single devices stand for, who can be in a row by what it says, and which strata really are."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.arrays import Bools, Ints, column
from pipelines.attacks.devices import DayDevices
from pipelines.day_counts import Weighing
from pipelines.inputs import Inputs
from pipelines.presence import UNKNOWN as NOWHERE
from pipelines.presence import Lattice
from schemas.indicators import Indicator
from schemas.vocabulary import AGE_BANDS, ALL, FOREIGN, SEPARATOR, UNKNOWN, VISITOR_CATEGORIES

_PERSON: Final = ("device", "home_mcc", "age_band", "home_zone")
_BREAK: Final = "\n"
"""Between the values of a row: in none of them."""

_GROUPS: Final = tuple(map(frozenset, (VISITOR_CATEGORIES[:1], VISITOR_CATEGORIES[1:3], VISITOR_CATEGORIES[3:])))
"""Categories of residents, other domestic and foreign devices."""


@dataclass(frozen=True)
class Strata:
    """The different weights of a day, and every kind of person by home and age, or by foreign network.

    Names of a kind are those that rows print; those from abroad have the age `foreign`.
    """

    inputs: Inputs
    weighing: Weighing

    @cached_property
    def weights(self) -> Ints:
        """int64[strata]: thousandths of people, ascending."""
        return np.unique(self._weight)

    @cached_property
    def _weight(self) -> Ints:
        """int64[kinds]: homes by ages, then foreign networks."""
        weights = self.weighing.weights
        return np.concatenate([weights.domestic.ravel(), weights.foreign])

    @cached_property
    def _abroad(self) -> Bools:
        return np.arange(self._weight.size) >= self.weighing.weights.domestic.size

    @cached_property
    def _origin(self) -> Ints:
        homes = np.repeat(self.weighing.origin_of_home, len(AGE_BANDS))
        return np.concatenate([homes, self.weighing.origin_of_code])

    @cached_property
    def _age(self) -> npt.NDArray[np.str_]:
        homes = np.tile(np.array(AGE_BANDS), len(self.weighing.origin_of_home))
        return np.concatenate([homes, np.full(self.weighing.origin_of_code.size, FOREIGN)])

    def of_devices(self, day: DayDevices) -> Ints:
        """int64[devices]: the stratum of each device."""
        found = np.full(day.count, -1, np.int64)
        for table in (day.presence, day.visits, day.trips, day.crossings):
            device = column(table, "device").astype(np.int64)
            found[device] = np.searchsorted(self.weights, self.weighing.of(table.select(_PERSON)))
        return found

    def possible(self, indicator: Indicator, rows: pa.Table) -> Bools:
        """bool[rows, strata]: which strata can be in each row, by its classes and, for residents, its zones."""
        names = [*indicator.attributes, *("zone_id" for name in indicator.attributes if name == "visitor_category")]
        if not names or not rows.num_rows:
            return np.ones((rows.num_rows, self.weights.size), np.bool_)
        texts = pc.binary_join_element_wise(*(rows[name].cast(pa.string()) for name in names), _BREAK)
        known = texts.combine_chunks().dictionary_encode()
        printed = (dict(zip(names, text.split(_BREAK), strict=True)) for text in known.dictionary.to_pylist())
        found: Bools = np.stack([self._of_values(values) for values in printed])[known.indices.to_numpy()]
        return found

    def _of_values(self, values: dict[str, str]) -> Bools:
        """bool[strata]: those of the people who can be in a row of these values."""
        kinds = np.ones(self._weight.size, np.bool_)
        for name, value in values.items():
            if value != ALL:
                kinds &= self._of_class(name, value.split(SEPARATOR), values.get("zone_id", ""))
        found = np.zeros(self.weights.size, np.bool_)
        found[np.searchsorted(self.weights, self._weight[kinds])] = True
        return found

    def _of_class(self, name: str, tokens: list[str], zones: str) -> Bools:
        """bool[kinds]: who can be in one of the classes; an attribute that says nothing of weights leaves everybody."""
        # Foreign devices are among the unknown ones where they have no class of their own.
        known = [*tokens, FOREIGN] if UNKNOWN in tokens else tokens
        if name == "age_band":
            aged: Bools = np.isin(self._age, known)
            return aged
        if name == "spc":
            classed: Bools = np.where(self._abroad, FOREIGN in known, set(tokens) != {FOREIGN})
            return classed
        if name == "origin":
            at_home: Bools = np.isin(np.array(self.inputs.origins.names)[self._origin], tokens)
            return at_home
        if name == "visitor_category":
            listed: Bools = np.array([not group.isdisjoint(tokens) for group in _GROUPS])[self._group(zones)]
            return listed
        return np.ones(self._weight.size, np.bool_)

    def _group(self, zones: str) -> Ints:
        """int64[kinds]: the place among the groups of categories, in a part of these zones."""
        place = {zone.zone_id: at for at, zone in enumerate(self.inputs.territory.zones)}
        own = self.inputs.origins.residents([place[name] for name in zones.split(SEPARATOR) if name in place])
        return np.where(self._abroad, 2, np.where(np.isin(self._origin, own), 0, 1))


def raised(day: DayDevices, measures: pa.Table, hexagons: int) -> npt.NDArray[np.float64]:
    """float64[slots]: what weights in a slot are raised by for devices that are known nowhere, from PRESENCE_COUNT."""
    group, _, slot = Lattice(hexagons, day.slots).unkey(column(measures, "place").astype(np.int64))
    steps = column(measures, "devices").astype(np.float64)
    missing, known = (np.cumsum(np.bincount(slot, steps * (group == of), day.slots + 1)) for of in (NOWHERE, 0))
    return (1 + missing / np.maximum(known, 1))[: day.slots]
