"""The same devices, counted in other zones, or with some more visits and trips: towns that attacks need to be shown."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import pyarrow as pa

from anonymization.territory import ZoneArea
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.reproduction import Held
from pipelines.attacks.target import Target
from pipelines.inputs import Inputs
from pipelines.staging import Counted, Shards

Tables = tuple[pa.Table, pa.Table, pa.Table]
"""VISIT, TRIP and CROSSING rows of a day; devices have their pseudonyms."""


def in_zones(target: Target, areas: Sequence[ZoneArea]) -> Target:
    """A target with other zones; its published `tables` stay as they are.

    Visits, trips and crossings are made by the product's own functions, from the stays of the same devices.
    """
    source, inputs = target.reproduction, replace(target.inputs, areas=tuple(areas))
    found = [inputs.day(key.day, key).tables(_whole(each)) for key, each in zip(source.keys, source.stays, strict=True)]
    return _counting(target, inputs, [(each.visits, each.trips, each.crossings) for each in found])


def with_moves(target: Target, change: Callable[[DayDevices, Tables], Tables]) -> Target:
    """A target of which something else is counted on each day; its published `tables` stay as they are."""
    days = zip(target.days, target.reproduction.counted, strict=True)
    found = [change(day, (_whole(each.visits), _whole(each.trips), _whole(each.crossings))) for day, each in days]
    return _counting(target, target.inputs, found)


def _whole(shards: Shards) -> pa.Table:
    return pa.concat_tables(list(shards))


def _counting(target: Target, inputs: Inputs, found: Iterable[Tables]) -> Target:
    tables = tuple(found)
    days = tuple(day.counting(*each) for day, each in zip(target.days, tables, strict=True))
    counted = tuple(Counted(*(Held((table,)) for table in each)) for each in tables)
    return replace(target, reproduction=replace(target.reproduction, inputs=inputs, days=days, counted=counted))
