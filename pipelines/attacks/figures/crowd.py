"""Crowds: what is published by age and occupation, and a town in which one class dominates a part."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from pipelines.arrays import Ints, column
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.figures.shown import PLAIN, Shown, only, shown, shown_of
from pipelines.attacks.members import counts
from pipelines.attacks.reproduction import Held
from pipelines.attacks.target import Published, Target
from pipelines.attacks.weakened import published_with
from pipelines.staging import Shards
from schemas.indicators import INDICATORS


@dataclass(frozen=True)
class Crowd:
    """What is published of classes that are declared homogeneous, and the devices of each day behind it."""

    shown: Shown
    days: Sequence[DayDevices]


def crowd(target: Target) -> Crowd:
    """That of the release."""
    return Crowd(only(shown(target), *_homogeneous(target.tables)), target.days)


def _homogeneous(names: Iterable[str]) -> list[str]:
    return [name for name in names if INDICATORS[name].homogeneous]


def one_sided(target: Target) -> Crowd:
    """Visits of a town in which all but k visitors of a part are of one class, protected without a largest share."""
    source = target.reproduction
    crowds = [_visitors(day, target) for day in target.days]
    days = tuple(
        replace(day, visits=_relabelled(day.visits, column(day.visits, "device").astype(np.int64), visitors, target))
        for day, visitors in zip(target.days, crowds, strict=True)
    )
    counted = tuple(
        replace(each, visits=Held((_of_shards(each.visits, day, visitors, target),)))
        for each, day, visitors in zip(source.counted, target.days, crowds, strict=True)
    )
    weak = replace(target, reproduction=replace(source, days=days, counted=counted))
    tables = published_with(weak, replace(target.policy, max_share=1.0)).tables
    # The crowd is made of visits: presence is as it was.
    visited = Published({name: tables[name] for name in _homogeneous(tables) if INDICATORS[name].window == "day"})
    return Crowd(shown_of(visited, weak), days)


def _of_shards(visits: Shards, day: DayDevices, visitors: Ints, target: Target) -> pa.Table:
    table = pa.concat_tables(list(visits))
    device = day.places(column(table, "device").astype(np.uint64)).astype(np.int64)
    return _relabelled(table, device, visitors, target)


def _visitors(day: DayDevices, target: Target) -> Ints:
    """The devices of the largest part in which at most half of all devices were, in an order that is drawn."""
    behind = target.behind[day.day.isoformat()][PLAIN]
    devices = counts(behind, target.tables[PLAIN].num_rows)
    part = int(np.where(2 * devices <= day.count, devices, 0).argmax())
    of_part = column(behind, "device")[column(behind, "row") == part].astype(np.int64)
    return np.random.default_rng([target.seed, 7]).permutation(of_part)


def _relabelled(visits: pa.Table, device: Ints, visitors: Ints, target: Target) -> pa.Table:
    """Visits in which the visitors of a part are domestic, and of one class but for the first k of them."""
    of_class = np.isin(device, visitors[: target.policy.k]).astype(np.int64)
    values = {INDICATORS[name].attributes[0]: of_class for name in _homogeneous(INDICATORS)}
    values["home_mcc"] = np.full(device.size, target.inputs.configuration.area.domestic_mcc[0])
    inside = np.isin(device, visitors)
    for name, value in values.items():
        place = visits.column_names.index(name)
        changed = np.where(inside, value, column(visits, name)).astype(column(visits, name).dtype)
        visits = visits.set_column(place, visits.field(name), pa.array(changed))
    return visits
