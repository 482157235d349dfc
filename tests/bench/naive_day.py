"""One device's day in plain Python: what a first version would do, event by event."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pipelines.stays import HOLD

Place: TypeAlias = tuple[str, tuple[int, ...]]
"""An indicator, and where a device counts in it."""


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
    slots: list[int]
    half_hours: frozenset[int]


@dataclass
class Stay:
    """A run of events in a cell, from `start` to `last`; the device is known in the hexagon from `begin` to `end`."""

    cell: int
    hexagon: int
    start: int
    last: int
    begin: int
    end: int


Sighting: TypeAlias = tuple[int, int, str]
"""Time, cell and type of an event."""


def places(sightings: Sequence[Sighting], person: Person, world: World) -> Iterator[Place]:
    """Everywhere that a device counts."""
    for slot, hexagon in presence(stays(sightings, person, world), world.slots):
        yield "presence", (slot, hexagon)
        if slot in world.half_hours:
            yield "presence_by_age", (slot, hexagon, person.age_band)
            yield "presence_by_spc", (slot, hexagon, person.spc)


def stays(sightings: Sequence[Sighting], person: Person, world: World) -> list[Stay]:
    """The stays of a device, in order; sightings are in order."""
    found: list[Stay] = []
    for time, cell, _ in sightings:
        before = found[-1] if found else None
        if before and before.cell == cell and time - before.last <= 2 * HOLD:
            before.last = time
            continue
        uppers, hexagons = world.footprints[cell]
        hexagon = hexagons[bisect_left(uppers, person.uniform)]
        begin = max(time - HOLD, world.slots[0])
        if before:
            middle = (before.last + time) // 2
            before.end, begin = min(before.last + HOLD, middle), max(begin, middle)
        found.append(Stay(cell, hexagon, time, time, begin, time))
    found[-1].end = min(found[-1].last + HOLD, world.slots[-1])
    return found


def presence(found: Sequence[Stay], slots: list[int]) -> Iterator[tuple[int, int]]:
    """The slots that a device touches, each with the hexagon where it was longest; of equals, the latest."""
    overlaps: dict[int, dict[int, tuple[int, int]]] = {}
    for sequence, stay in enumerate(found):
        slot = bisect_right(slots, stay.begin) - 1
        while True:
            overlap = min(stay.end, slots[slot + 1]) - max(stay.begin, slots[slot])
            before = overlaps.setdefault(slot, {}).get(stay.hexagon, (0, 0))[0]
            overlaps[slot][stay.hexagon] = (before + overlap, sequence)
            slot += 1
            if slots[slot] >= stay.end:
                break
    for slot, by_hexagon in overlaps.items():
        yield slot, max(by_hexagon, key=lambda hexagon: by_hexagon[hexagon])
