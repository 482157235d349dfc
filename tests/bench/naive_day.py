"""One device's day in plain Python: what a first version would do, event by event."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pipelines.inputs import HOLD
from pipelines.visits import SHORTEST_VISIT
from schemas.vocabulary import DWELL_BAND_STARTS_MINUTES

Place: TypeAlias = tuple[str, tuple[int, ...]]
"""An indicator, and where a device counts in it."""

BANDS = [60_000_000 * minutes for minutes in DWELL_BAND_STARTS_MINUTES]


@dataclass(frozen=True)
class Person:
    """What is known of a device; `uniform` is the number of its draw."""

    uniform: int
    age_band: int
    spc: int


@dataclass(frozen=True)
class World:
    """The small inputs as plain lists: of each cell the upper ends and the hexagons of its footprint."""

    people: Mapping[str, Person]
    cells: Mapping[str, int]
    footprints: Sequence[tuple[list[int], list[int]]]
    zones: Sequence[list[int]]
    slots: list[int]
    half_hours: frozenset[int]


@dataclass
class Stay:
    """A stay in a hexagon: it counts in the place until `held`, in its zones until `left`."""

    hexagon: int
    start: int
    left: int
    held: int


Sighting: TypeAlias = tuple[int, int, str]
"""Time, cell and type of an event."""


def places(sightings: Sequence[Sighting], person: Person, world: World) -> Iterator[Place]:
    """Everywhere that a device counts."""
    found = stays(sightings, person, world)
    for slot, hexagon in presence(found, world.slots):
        yield "presence", (slot, hexagon)
        if slot in world.half_hours:
            yield "presence_by_age", (slot, hexagon, person.age_band)
            yield "presence_by_spc", (slot, hexagon, person.spc)
    for zone, dwell in visits(found, world).items():
        if dwell >= SHORTEST_VISIT:
            yield "attendance", (zone,)
            yield "attendance_by_age", (zone, person.age_band)
            yield "attendance_by_spc", (zone, person.spc)
            yield "dwell", (zone, bisect_right(BANDS, dwell) - 1)


def stays(sightings: Sequence[Sighting], person: Person, world: World) -> list[Stay]:
    """The stays of a device, in order; sightings are in order."""
    found: list[Stay] = []
    for time, cell, _ in sightings:
        uppers, hexagons = world.footprints[cell]
        hexagon = hexagons[bisect_left(uppers, person.uniform)]
        if found and time - found[-1].left <= HOLD:
            found[-1].left = found[-1].held = time
            if found[-1].hexagon == hexagon:
                continue
        elif found:
            found[-1].held = found[-1].left + HOLD
        found.append(Stay(hexagon, time, time, time))
    found[-1].held = min(found[-1].left + HOLD, world.slots[-1])
    return found


def presence(found: Sequence[Stay], slots: list[int]) -> Iterator[tuple[int, int]]:
    """The slots that a device touches, each with the hexagon where it was longest; of equals, the latest."""
    overlaps: dict[int, dict[int, tuple[int, int]]] = {}
    for sequence, stay in enumerate(found):
        slot = bisect_right(slots, stay.start) - 1
        while True:
            overlap = min(stay.held, slots[slot + 1]) - max(stay.start, slots[slot])
            before = overlaps.setdefault(slot, {}).get(stay.hexagon, (0, 0))[0]
            overlaps[slot][stay.hexagon] = (before + overlap, sequence)
            slot += 1
            if slots[slot] >= stay.held:
                break
    for slot, by_hexagon in overlaps.items():
        yield slot, max(by_hexagon, key=lambda hexagon: by_hexagon[hexagon])


def visits(found: Sequence[Stay], world: World) -> dict[int, int]:
    """The time of a device in each zone."""
    dwell: dict[int, int] = {}
    for stay in found:
        for zone in world.zones[stay.hexagon]:
            dwell[zone] = dwell.get(zone, 0) + stay.left - stay.start
    return dwell
