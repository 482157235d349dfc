"""Leaving together: towns in which most visitors of a place go to another one in the last hour of the day.

Few places empty so in simulated towns. The rules for flows are about those that do: a coach that takes all but a few
from a venue, a match for which half of a town leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.territory import ZoneArea
from anonymization.zone_days import territory_layers
from pipelines.arrays import column, rows
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.elsewhere import Tables, in_zones, with_moves
from pipelines.attacks.figures.shown import PLAIN
from pipelines.attacks.members import counts
from pipelines.attacks.target import Target
from pipelines.stays import PERSON
from pipelines.visits import SHORTEST_VISIT
from schemas.tables import TRIP, VISIT, Table

U64 = npt.NDArray[np.uint64]

_QUARTER: Final = "quarter"
"""The kind of zones that are half of another one."""


@dataclass(frozen=True)
class Move:
    """Devices that go from one zone to another, places among those of the territory."""

    devices: U64
    origin: int
    destination: int


def all_but_a_few(target: Target) -> Target:
    """A town in which each day half of k visitors of a place stay behind, and all others leave for the greatest one."""

    def change(day: DayDevices, tables: Tables) -> Tables:
        ends = _alone(target, day)
        if len(ends) < 2:
            return tables
        large = [zone for zone, devices in ends if devices >= 2 * target.policy.k]
        origin, destination = (large or [zone for zone, _ in ends])[-1], ends[0][0]
        if origin == destination:
            origin = ends[1][0]
        leaving = _drawn(_visitors(tables, origin), target)[target.policy.k // 2 :]
        return _moved(day, tables, [Move(leaving, origin, destination)], target)

    return with_moves(target, change)


def halves(target: Target) -> Target:
    """A town with a quarter in its two greatest places, half of the hexagons of each: many go from one to the other.

    Half of k of those who leave the first place were not in its quarter; at least k visitors of each one stay.
    """
    first = _alone(target, target.days[0])[:2]
    quarters = {zone: len(target.inputs.areas) + at for at, (zone, _) in enumerate(first)}
    divided = in_zones(target, [*target.inputs.areas, *(_half(target, zone) for zone in quarters)])

    def change(day: DayDevices, tables: Tables) -> Tables:
        if len(quarters) < 2:
            return tables
        (origin, near), (destination, far) = quarters.items()
        around, inside = _visitors(tables, origin), _visitors(tables, near)
        going = _drawn(inside, target)[: inside.size // 2]
        others = _drawn(np.setdiff1d(around, inside), target)[: target.policy.k // 2]
        everybody = np.concatenate([going, others])
        return _moved(day, tables, [Move(going, near, far), Move(everybody, origin, destination)], divided)

    return with_moves(divided, change)


def _alone(target: Target, day: DayDevices) -> list[tuple[int, int]]:
    """The zones of the layer of most visitors that are published alone on a day, with their devices: most first."""
    table, territory = target.tables[PLAIN], target.inputs.territory
    devices = counts(target.behind[day.day.isoformat()][PLAIN], table.num_rows)
    own = pc.equal(table["date"], day.day).to_numpy()
    known = dict(zip(table["zone_id"].filter(pa.array(own)).to_pylist(), devices[own].tolist(), strict=True))
    layers = [
        [
            (zone, known[area.zone_id])
            for zone in layer
            if (area := territory.zones[zone]).zone_id in known and not area.sensitive
        ]
        for layer in territory_layers(territory)
    ]
    found = max(layers, key=lambda layer: (len(layer) > 1, sum(visitors for _, visitors in layer)), default=[])
    return sorted(found, key=lambda each: (-each[1], each[0]))


def _half(target: Target, zone: int) -> ZoneArea:
    """Every second hexagon of a zone that is in none inside it."""
    territory, area = target.inputs.territory, target.inputs.areas[zone]
    own = territory.hexagons[territory.innermost == zone][::2]
    return ZoneArea(f"{area.zone_id}-{_QUARTER}", _QUARTER, zone, own, float(own.size), sensitive=False)


def _visitors(tables: Tables, zone: int) -> U64:
    """uint64[n], ascending."""
    visits = tables[0]
    found: U64 = np.unique(column(visits, "device").astype(np.uint64)[column(visits, "zone") == zone])
    return found


def _drawn(devices: U64, target: Target) -> U64:
    """The devices in an order that is drawn."""
    return np.random.default_rng([target.seed, 23]).permutation(devices)


def _moved(day: DayDevices, tables: Tables, moves: Sequence[Move], target: Target) -> Tables:
    """A day in whose last hour nobody moves but those who do so together; they stay for the shortest visit."""
    visits, trips, crossings = tables
    hour = int(day.grid.hours.size) - 2
    trips = trips.filter(pc.not_equal(trips["hour"], hour))
    arriving = {"dwell": SHORTEST_VISIT, "arrival": target.inputs.day_hours(day.day).clock[hour], "night": False}
    came = []
    for move in moves:
        who = visits.filter(pc.and_(_is_of(visits, move.devices), pc.equal(visits["zone"], move.origin)))
        ends = {"hour": hour, "from_zone": move.origin, "to_zone": move.destination}
        trips = pa.concat_tables([trips, _with(who, TRIP, ends)])
        for zone in _with_those_around(move.destination, target):
            came.append(_with(who, VISIT, {"zone": zone, "signals": 1, **arriving}))
            crossings = crossings.filter(
                pc.invert(pc.and_(_is_of(crossings, move.devices), pc.equal(crossings["zone"], zone)))
            )
    return _each_once(visits, came), trips, crossings


def _is_of(table: pa.Table, devices: U64) -> pa.ChunkedArray:
    return pc.is_in(table["device"], pa.array(devices, table.schema.field("device").type))


def _with(who: pa.Table, table: Table, values: Mapping[str, object]) -> pa.Table:
    """Rows about the same devices, with one value of each other column."""
    columns = {name: np.full(who.num_rows, value) for name, value in values.items()}
    return rows(table, {name: column(who, name) for name in ("device", *PERSON)} | columns)


def _with_those_around(zone: int, target: Target) -> list[int]:
    """A zone and those that hold it."""
    found = []
    while zone >= 0:
        found.append(zone)
        zone = target.inputs.areas[zone].parent
    return found


def _each_once(visits: pa.Table, came: Sequence[pa.Table]) -> pa.Table:
    """Visits with those of who came, as far as a device has none there."""
    table = pa.concat_tables([visits, *came])
    key = [column(table, name).astype(np.uint64) for name in ("device", "zone")]
    _, first = np.unique(np.stack(key), axis=1, return_index=True)
    return table.take(pa.array(np.sort(first)))
