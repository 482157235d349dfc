"""When and in which cells devices are seen: one function for each style of lot."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tests.oracle import territory
from tests.oracle.definitions import EVENT_TYPES
from tests.oracle.edges import Day, microseconds

MINUTE = 60_000_000
HOUR = 60 * MINUTE
MCC_STATED = np.array([208, 262, 228, 0, 199, 200, 799, 800, 999])

Lot = dict[str, np.ndarray]
"""Columns of events, each with one value per row: device, time (us), cell, type (-1 none), mcc (-1 none)."""


@dataclass(frozen=True)
class World:
    """Where and when devices can be: `neighbours` is int64[cells, n], the rows of the nearest cells."""

    devices: int
    days: tuple[Day, ...]
    neighbours: np.ndarray

    @property
    def starts(self) -> int:
        return microseconds(self.days[0].starts)

    @property
    def ends(self) -> int:
        return microseconds(self.days[-1].ends)


def _dense(world: World, events: int, rng: np.random.Generator) -> Lot:
    """Many events per device, each device active for some hours of each day."""
    device = rng.integers(0, world.devices, events)
    length = rng.uniform(0.1, 1, world.devices)[device]
    where = (rng.random(world.devices)[device] + length * rng.random(events)) % 1
    time = _in_days(world, rng.integers(0, len(world.days), events), where)
    return _about(world, device, time, rng)


def _sparse(world: World, events: int, rng: np.random.Generator) -> Lot:
    """One to three events per device and day."""
    pairs = np.arange(world.devices * len(world.days))
    pair = np.repeat(pairs, rng.integers(1, 4, len(pairs)))
    pair = np.sort(rng.permutation(pair)[:events])
    time = _in_days(world, pair // world.devices, rng.random(len(pair)))
    return _about(world, pair % world.devices, time, rng)


GAPS = np.array([0, 0, 0, 1, 5 * MINUTE, 5 * MINUTE + 1, 15 * MINUTE, 15 * MINUTE - 1, 30 * MINUTE, HOUR])
HOLD, LONGEST = 110 * MINUTE, 240 * MINUTE
LONG_GAPS = np.array(
    [
        *[HOLD, HOLD + 1, 2 * HOLD - 1, 2 * HOLD, 2 * HOLD + 1],
        *[LONGEST, LONGEST + 1, 2 * HOLD + 180 * MINUTE, 2 * HOLD + LONGEST, 2 * HOLD + LONGEST + 1],
    ]
)


def _ties(world: World, events: int, rng: np.random.Generator) -> Lot:
    """Round gaps: equal times in several cells and types, gaps of exactly every limit and by 1 us not."""
    each = -(-events // world.devices)
    gaps = rng.choice(np.concatenate([np.tile(GAPS, 2), LONG_GAPS]), (world.devices, each))
    gaps[:, 0] = rng.integers(0, 4 * 24, world.devices) * 15 * MINUTE
    time = world.starts + np.cumsum(gaps, axis=1) % (world.ends - world.starts)
    device = np.repeat(np.arange(world.devices), each)
    return _repeated(_about(world, device[:events], time.ravel()[:events], rng), 0.1, rng)


def _edges(world: World, events: int, rng: np.random.Generator) -> Lot:
    """Instants on the edges of days, nights, slots and half hours, or a limit from these, give or take 1 us."""
    days = np.array([microseconds(day.starts) for day in world.days] + [world.ends])
    slots = np.concatenate([day.slots["starts"].to_numpy().astype(np.int64) for day in world.days])
    hours = np.concatenate([day.hours["starts"].to_numpy().astype(np.int64) for day in world.days])
    nights = np.array([microseconds(instant) for day in world.days for instant in day.night])
    around = np.concatenate([days, days - HOLD, days + HOLD, nights, nights - LONGEST, nights - HOLD])
    pick = rng.random(events)
    edge = np.where(pick < 0.3, rng.choice(around, events), rng.choice(slots, events))
    edge = np.where(pick < 0.6, edge, edge + rng.choice([-HOLD, HOLD], events))
    edge = np.where(pick > 0.9, rng.choice(hours, events) + 30 * MINUTE, edge)
    time = np.clip(edge + rng.integers(-1, 2, events), world.starts, world.ends - 1)
    return _about(world, rng.integers(0, world.devices, events), time, rng)


def _foreigners(world: World, events: int, rng: np.random.Generator) -> Lot:
    """Home countries stated on most events, changing from one to the next and between equal rows, some no country."""
    lot = _repeated(_dense(world, events, rng), 0.2, rng)
    stated = rng.random(events) < 0.7
    return lot | {"mcc": np.where(stated, rng.choice(MCC_STATED, events), -1)}


def _dirty(world: World, events: int, rng: np.random.Generator) -> Lot:
    """As dense with many rows given twice or more; the faults are put in when the table is made."""
    return _repeated(_dense(world, events, rng), 0.2, rng)


def _holders(world: World, events: int, rng: np.random.Generator) -> Lot:
    """As ties, for people with two SIMs that move together: one time, cell and type on both lines at once."""
    lot = _ties(World(-(-world.devices // 2), world.days, world.neighbours), events, rng)
    sim = np.minimum(2 * lot["device"] + rng.integers(0, 2, events), world.devices - 1)
    return lot | {"device": sim}


STYLES: dict[str, Callable[[World, int, np.random.Generator], Lot]] = {
    "dense": _dense,
    "sparse": _sparse,
    "ties": _ties,
    "edges": _edges,
    "foreigners": _foreigners,
    "dirty": _dirty,
    "holders": _holders,
}


def draw(style: str, world: World, events: int, rng: np.random.Generator) -> Lot:
    """A lot of `events` rows (of style `sparse`, at most so many) in a style or, for `mixed`, in all."""
    return _mixed(world, events, rng) if style == "mixed" else STYLES[style](world, events, rng)


def _mixed(world: World, events: int, rng: np.random.Generator) -> Lot:
    bounds = np.linspace(0, world.devices, len(STYLES) + 1).astype(int)
    shares = np.diff(np.linspace(0, events, len(STYLES) + 1).astype(int))
    lots = []
    for style, first, last, share in zip(STYLES.values(), bounds[:-1], bounds[1:], shares, strict=True):
        lot = style(World(int(last - first), world.days, world.neighbours), int(share), rng)
        lots.append(lot | {"device": lot["device"] + first})
    return {name: np.concatenate([lot[name] for lot in lots]) for name in lots[0]}


def _in_days(world: World, day: np.ndarray, where: np.ndarray) -> np.ndarray:
    starts = np.array([microseconds(d.starts) for d in world.days])
    widths = np.array([microseconds(d.ends) for d in world.days]) - starts
    time: np.ndarray = starts[day] + (where * widths[day]).astype(np.int64)
    return time


def _about(world: World, device: np.ndarray, time: np.ndarray, rng: np.random.Generator) -> Lot:
    """Events of devices that keep to the cells around one of two places, change place now and then, and pass others."""
    order = np.lexsort((time, device))
    device, time, count = device[order], time[order], len(order)
    places = rng.integers(0, len(world.neighbours), (world.devices, 2))
    period = time // (rng.integers(20, 300, world.devices)[device] * MINUTE)
    place = places[device, (period % 2)]
    bounce = np.where(rng.random(count) < 0.6, 0, rng.integers(0, territory.NEIGHBOURS, count))
    passed = rng.integers(0, len(world.neighbours), count)
    return {
        "device": device,
        "time": time,
        "cell": np.where(rng.random(count) < 0.1, passed, world.neighbours[place, bounce]),
        "type": np.where(rng.random(count) < 0.3, -1, rng.integers(0, len(EVENT_TYPES), count)),
        "mcc": np.full(count, -1),
    }


def _repeated(lot: Lot, share: float, rng: np.random.Generator) -> Lot:
    """Overwrite a share of the rows by exact copies of others, so that the number of rows stays."""
    count = len(lot["time"])
    source = np.where(rng.random(count) < share, rng.integers(0, max(count, 1), count), np.arange(count))
    return {name: column[source] for name, column in lot.items()}
