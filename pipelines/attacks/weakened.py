"""Releases that are weak on purpose, of the same devices: what an attack has to break to count.

Each lacks one rule. They are made by the product's own functions where one of its numbers is all that is changed, and
by a few lines here where the rule itself is.
"""

from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa

from anonymization.policy import Policy
from anonymization.tally import Tally
from pipelines.arrays import column
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.finding import Words
from pipelines.attacks.target import Published, Target
from pipelines.staging import Staging

EXACT: Final = Words("no threshold and no rounding: k = 1", "sans seuil ni arrondi : k = 1")


def exact(policy: Policy) -> Policy:
    """A policy by which every count is published as it is, see EXACT."""
    return replace(policy, k=1, rounding=0, max_share=1.0)


def without_threshold(target: Target) -> Published:
    """Every count of a release is published."""
    return published_with(target, exact(target.policy))


def published_with(target: Target, policy: Policy) -> Published:
    """The release as it would be with other privacy numbers, all days of it."""
    source = target.reproduction
    inputs = replace(target.inputs, policy=policy)
    days = [
        Staging(inputs, key).staged(measures, counted).tables
        for key, measures, counted in zip(source.keys, source.measures, source.counted, strict=True)
    ]
    dated = [
        {name: of_day(table, key.day) for name, table in day.items()}
        for key, day in zip(source.keys, days, strict=True)
    ]
    return Published({name: pa.concat_tables([day[name] for day in dated]) for name in dated[0]})


def of_day(table: pa.Table, day: date) -> pa.Table:
    """A table with the privacy day in `date`, as a release is read."""
    return table.append_column("date", pa.array([day] * table.num_rows, pa.date32()))


def presence_counts(day: DayDevices, hexagons: int) -> Tally:
    """[hexagons, slots]: the devices in each hexagon and slot and what they stand for, before any rule."""
    hexagon, slot = (column(day.presence, name).astype(np.int64) for name in ("hexagon", "slot"))
    at = hexagon * day.slots + slot
    size = hexagons * day.slots
    devices = np.bincount(at, minlength=size)
    weight = np.rint(np.bincount(at, column(day.presence, "weight").astype(np.float64), size)).astype(np.int64)
    return Tally(devices.reshape(hexagons, day.slots), weight.reshape(hexagons, day.slots))
