"""Flows as the product publishes them but for one rule, between the parts of towns that need it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.flows import flow_layers
from anonymization.protect import Protection
from anonymization.zone_days import ZonePart
from pipelines.arrays import Ints
from pipelines.attacks.figures.leaving import all_but_a_few, halves
from pipelines.attacks.figures.shown import Shown, shown_of
from pipelines.attacks.reproduction import Held
from pipelines.attacks.target import Published, Target
from pipelines.attacks.weakened import of_day
from pipelines.day_counts import Weighing
from pipelines.staging import Shards, Staging
from schemas.fields import ARRIVAL_HOUR
from schemas.indicators import INDICATORS, Indicator

_EVERYBODY: Final = 2**40
"""Visitors of a place of whom no flow leaves only a few."""


class WithoutEnds(Staging):
    """Flows are not compared with the visitors of their ends."""

    def _flows(
        self, trips: Shards, parts: Sequence[ZonePart], early: Ints, protection: Protection, weighing: Weighing
    ) -> pa.Table:
        return super()._flows(trips, parts, np.full_like(early, _EVERYBODY), protection, weighing)


class EachLayerAlone(Staging):
    """Flows are not compared with those of other layers: those of each one are protected as if there were no other."""

    def _flows(
        self, trips: Shards, parts: Sequence[ZonePart], early: Ints, protection: Protection, weighing: Weighing
    ) -> pa.Table:
        found = []
        for layer in flow_layers(self.inputs.territory, parts):
            zones = pa.array([zone for place in layer for zone in parts[place].zones], pa.int32())
            own = Held(tuple(each.filter(pc.is_in(each["from_zone"], zones)) for each in trips))
            found.append(super()._flows(own, parts, early, protection, weighing))
        return pa.concat_tables(found)


def flows_by(rule: type[Staging], target: Target) -> Shown:
    """The movements of all days, and the visitors of the places that they join, as one rule publishes them.

    Of the visitors there are the plain figures and those by hour of arrival, which are all that movements tell of.
    """
    source, found = target.reproduction, []
    for key, measures, counted in zip(source.keys, source.measures, source.counted, strict=True):
        tables = rule(target.inputs, key).staged(measures.slice(0, 0), counted).tables
        some = {name: each for name, each in tables.items() if _is_compared(INDICATORS[name])}
        found.append({name: of_day(table, key.day) for name, table in some.items()})
    published = Published({name: pa.concat_tables([each[name] for each in found]) for name in found[0]})
    return replace(shown_of(published, target), zones=target.inputs.territory.zones)


def _is_compared(indicator: Indicator) -> bool:
    plain = not indicator.attributes or ARRIVAL_HOUR.name in indicator.attributes
    return indicator.population == "flows" or (indicator.population == "attendance" and plain)


def leaving_a_few(target: Target) -> Shown:
    """All but a few visitors of a place leave by one flow, and it is printed."""
    return flows_by(WithoutEnds, all_but_a_few(target))


def inside_others(target: Target) -> Shown:
    """All but a few devices of a flow are in one inside it, and both are printed."""
    return flows_by(EachLayerAlone, halves(target))
