"""The released flows and transit made again: by the product's partition, of what the oracle counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from anonymization.flows import FlowCounts, flow_layers, protect_flows
from anonymization.keys import ROUNDING, KeyStore
from anonymization.nested_flows import FlowSet
from anonymization.protect import Estimate, Protection
from anonymization.tally import Tally
from anonymization.transit import ZoneSet, protect_transit
from anonymization.zone_days import ZonePart, zone_nodes, zone_parts
from pipelines.inputs import Inputs
from tests.oracle.chain import Chain
from tests.oracle.edges import microseconds
from tests.oracle.oracle import Answers


@dataclass(frozen=True)
class _Movements:
    """Who moves and who crosses: devices by hour and places of parts, or of zones; `weight` of each device."""

    trips: dict[tuple[int, int, int], set[int]]
    crossings: dict[tuple[int, int], set[int]]
    weight: dict[int, int]

    def tally(self, devices: Sequence[set[int]]) -> Tally:
        """The numbers and weights of sets of devices."""
        weights = [sum(self.weight[device] for device in each) for each in devices]
        return Tally(np.array([len(each) for each in devices], np.int64), np.array(weights, np.int64))

    def movers(self, sets: Sequence[FlowSet]) -> Tally:
        """The devices of each set of pairs."""
        return self.tally([set().union(*(d for pair, d in self.trips.items() if _is_in(each, pair))) for each in sets])

    def crossers(self, sets: Sequence[ZoneSet]) -> Tally:
        """The devices of each set of zones."""
        none: set[int] = set()
        return self.tally([none.union(*(self.crossings.get((s.hour, z), none) for z in s.zones)) for s in sets])


def _is_in(each: FlowSet, pair: tuple[int, int, int]) -> bool:
    hour, origin, destination = pair
    anywhere = each.destinations is None
    return hour == each.hour and origin in each.origins and (anywhere or destination in (each.destinations or ()))


def recounted(chain: Chain, day: date, answers: Answers, arrivals: pa.Table) -> dict[str, pa.Table]:
    """`flows` and `transit` of a day; parts are cut from the oracle's visits, pairs and crossings from its own.

    `arrivals`: the released `dwell_by_arrival`, unrounded.
    """
    inputs = chain.inputs
    zone = {name: place for place, name in enumerate(chain.zones)}
    hours = chain.day(day).hours
    edges = np.array([microseconds(start) for start in [*hours["starts"].to_pylist(), chain.day(day).ends]], np.int64)
    protection = _protection(chain, day)
    parts = _parts(inputs, zone, answers)
    part_of = {z: at for layer in flow_layers(inputs.territory, parts) for at in layer for z in parts[at].zones}
    found = _movements(zone, part_of, answers)
    pairs = sorted(found.trips)
    columns = np.array(pairs, np.int64).reshape(-1, 3).T
    counts = FlowCounts(*columns, found.tally([found.trips[pair] for pair in pairs]))
    early = _early(inputs, parts, arrivals, hours["clock"].to_pylist())
    visitors = np.zeros((len(zone), hours.num_rows), np.int64)
    for (hour, place), devices in found.crossings.items():
        visitors[place, hour] = len(devices)
    return {
        "flows": protect_flows(parts, edges, counts, found.movers, early, protection),
        "transit": protect_transit(edges, visitors, found.crossers, protection),
    }


def _protection(chain: Chain, day: date) -> Protection:
    """Rounding is off, so that any key does."""
    configuration = chain.configuration
    keys = KeyStore(configuration.release.directory.parent / "keys of the movements", "0" * 64)
    estimate = Estimate(configuration.estimation.confidence)
    rounding = keys.create_or_open(day).subkey(ROUNDING)
    return Protection(chain.inputs.territory, chain.inputs.policy, estimate, rounding)


def _early(inputs: Inputs, parts: Sequence[ZonePart], arrivals: pa.Table, clock: Sequence[int]) -> np.ndarray:
    """[parts, hours]: the devices of the rows of a part in which somebody can have come by an hour."""
    names = {inputs.territory.name(part.nodes): at for at, part in enumerate(parts)}
    told = set(arrivals["zone_id"].to_pylist())
    whole = [[0 if name in told else part.devices] * len(clock) for name, part in zip(names, parts, strict=True)]
    early = np.array(whole, np.int64).reshape(len(parts), len(clock))
    for row in arrivals.to_pylist():
        listed = [int(hour) for hour in row["arrival_hour"].split("|")]
        came = [any(hour in clock[: at + 1] for hour in listed) for at in range(len(clock))]
        early[names[row["zone_id"]]] += row["devices"] * np.array(came)
    return early


def _parts(inputs: Inputs, zone: dict[str, int], answers: Answers) -> list[ZonePart]:
    """The parts of the day."""
    devices: list[set[int]] = [set() for _ in zone]
    visits = answers["visits"]
    for name, device in zip(visits["zone_id"].to_pylist(), visits["device"].to_pylist(), strict=True):
        devices[zone[name]].add(device)
    # A zone out of reach has no node and takes no part.
    assert all(place in zone_nodes(inputs.territory) or not devices[place] for place in zone.values())

    def distinct(sets: Sequence[tuple[int, ...]]) -> np.ndarray:
        return np.array([len(set().union(*(devices[place] for place in each))) for each in sets], np.int64)

    counts = np.array([len(each) for each in devices], np.int64)
    return zone_parts(inputs.territory, counts, distinct, inputs.policy)


def _movements(zone: dict[str, int], part_of: dict[int, int], answers: Answers) -> _Movements:
    trips: dict[tuple[int, int, int], set[int]] = {}
    crossings: dict[tuple[int, int], set[int]] = {}
    for row in answers["trips"].to_pylist():
        origin, destination = (part_of.get(zone[row[name]]) for name in ("from_zone", "to_zone"))
        if origin is not None and destination is not None and origin != destination:
            trips.setdefault((row["hour"], origin, destination), set()).add(row["device"])
    for row in answers["crossings"].to_pylist():
        crossings.setdefault((row["hour"], zone[row["zone_id"]]), set()).add(row["device"])
    known = answers["devices"]
    weight = dict(zip(known["device"].to_pylist(), known["weight"].to_pylist(), strict=True))
    return _Movements(trips, crossings, weight)
