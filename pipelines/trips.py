"""Movements: trips from one zone to another, and zones that a device crosses without a visit."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.arrays import Bools, Ints, column, rows, starts_of_runs
from pipelines.stays import PERSON
from pipelines.visits import GAP_LIMIT, SHORTEST_VISIT, DayHours, Located, Nests, visited_enough
from schemas.tables import CROSSING, TRIP

Zones = npt.NDArray[np.int32]


def zones_of_layers(nests: Nests, layers: Sequence[Sequence[int]]) -> list[Zones]:
    """For each layer, int32[m]: its zone around each hexagon, or -1; zones of a layer do not hold one another."""
    found = []
    for layer in layers:
        held = np.where(np.isin(nests.chain, np.array(layer, np.int32)), nests.chain, np.int32(-1))
        found.append(held.max(axis=1).astype(np.int32))
    return found


def trips(stays: Located, layers: Sequence[Zones], hours: DayHours) -> pa.Table:
    """TRIP rows: from one activity to the next in another zone of the same layer, by hour of departure, each once.

    An activity is a device's unbroken time at one place, of at least the shortest visit; what is shorter is on the way.
    Between the events of the two lie four hours at most.
    """
    if stays.device.size == 0:
        return TRIP.empty()
    first = np.flatnonzero(starts_of_runs(stays.device, stays.place) | _broken(stays))
    final = np.append(first[1:], stays.device.size) - 1
    long = stays.end[final] - stays.begin[first] >= SHORTEST_VISIT
    first, final = first[long], final[long]
    follows = (stays.device[first[1:]] == stays.device[first[:-1]]) & (
        stays.start[first[1:]] - stays.last[final[:-1]] <= GAP_LIMIT
    )
    found = [_trips(stays, first, final, np.flatnonzero(follows), zone, hours) for zone in layers]
    return pa.concat_tables([TRIP.empty(), *found])


def _broken(stays: Located) -> Bools:
    """bool[n]: where a silence lies before a stay that was not filled."""
    broken = np.zeros(stays.device.size, np.bool_)
    broken[1:] = stays.begin[1:] > stays.end[:-1]
    return broken


def _trips(stays: Located, first: Ints, final: Ints, at: Ints, zone_of: Zones, hours: DayHours) -> pa.Table:
    """The trips of one layer: `at` are activities with a next one."""
    zone = zone_of[stays.hexagon[first]]
    left, reached = zone[at], zone[at + 1]
    moves = (left >= 0) & (reached >= 0) & (left != reached)
    row, left, reached = final[at[moves]], left[moves], reached[moves]
    hour = hours.of(stays.end[row])
    order = np.lexsort((reached, left, hour, stays.device[row]))
    row, hour, left, reached = row[order], hour[order], left[order], reached[order]
    once = np.flatnonzero(starts_of_runs(stays.device[row], hour, left, reached))
    return rows(TRIP, _of(stays, row[once]) | {"hour": hour[once], "from_zone": left[once], "to_zone": reached[once]})


def crossings(stays: Located, nests: Nests, hours: DayHours) -> pa.Table:
    """CROSSING rows: a device in a zone that it does not visit on the day, by the hours of its first events there."""
    if stays.device.size == 0:
        return CROSSING.empty()
    chain = nests.chain[stays.hexagon]
    row, depth = np.nonzero(chain >= 0)
    zone = chain[row, depth]
    pair, visit = visited_enough(stays, nests)
    passing = ~visit[np.searchsorted(pair, stays.device[row] * nests.zones + zone)]
    row, zone = row[passing], zone[passing]
    hour = hours.of(stays.start[row])
    order = np.lexsort((zone, hour, stays.device[row]))
    row, hour, zone = row[order], hour[order], zone[order]
    once = np.flatnonzero(starts_of_runs(stays.device[row], hour, zone))
    return rows(CROSSING, _of(stays, row[once]) | {"hour": hour[once], "zone": zone[once]})


def _of(stays: Located, row: Ints) -> dict[str, npt.NDArray[np.generic]]:
    """Who the devices of some stays are; the home network is that of the device's last stay."""
    ends = np.append(np.flatnonzero(starts_of_runs(stays.device))[1:], stays.device.size) - 1
    final = ends[stays.device[row]]
    return {name: column(stays.table, name)[final] for name in ("device", *PERSON)}
