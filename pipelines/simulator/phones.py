"""What phones signal: bursts of use, updates when they move or stay idle, and silence when they are off."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.simulator.habits import HOUR
from pipelines.simulator.movement import Legs, Paths, legs
from pipelines.simulator.plane import Bools, Floats, Ints, cumulated
from pipelines.simulator.radio import NO_CELL, Radio, pixels
from pipelines.simulator.signals import Signals, merged, signals
from schemas.vocabulary import EVENT_TYPES

ATTACH, DETACH, LOCATION_UPDATE, HANDOVER, CALL, SMS, DATA = range(len(EVENT_TYPES))

CLASSES = (0.25, 0.35, 0.28, 0.12)
"""Shares of the classes of use."""

EVENTS_AN_HOUR = (0.25, 1.2, 5.2, 14.0)
"""Mean events of use in an hour of the day, by class; with the updates, about 1, 2, 6 and 15."""

PERIODIC_S = 54 * 60.0
"""After so long without a signal a phone reports (source: the default of timer T3412, 3GPP TS 24.301, 10.2)."""

OFF_AT_NIGHT, OFF_FOR_A_WHILE, OFF_ALL_DAY = 0.12, 0.06, 0.02
"""Shares of the phones that are switched off; the project's own assumptions, like all numbers below."""

_BURST = 2.5
_BURST_GAP_S = 45.0
_KINDS, _KIND_SHARES = (DATA, CALL, SMS), (0.76, 0.12, 0.12)
_METRES_AN_UPDATE = 2_500.0
_REPORTED = 0.65
_FADES_S = 300.0
_HANDOVER_S = 120.0
# From 05:00 on; 1 is the level of the day.
_MORNING = (0.12, 0.35, 0.7, 0.9, 1, 1, 1, 1.05)
_AFTERNOON = (1.05, 1, 1, 1, 1.05, 1.1, 1.1, 1.1)
_NIGHT = (1, 0.85, 0.55, 0.3, 0.17, 0.1, 0.07, 0.07)
_BY_HOUR = np.array([*_MORNING, *_AFTERNOON, *_NIGHT])


@dataclass(frozen=True)
class Phones:
    """n lines, each in somebody's pocket: `person` is a row of the paths, ascending.

    `use`: class of use; `vigour`: how much more than the mean of the class. A `fixed` line stands at a place of its own
    (`east`, `north`) and is never off.
    """

    line: Ints
    person: Ints
    use: Ints
    vigour: Floats
    night_off: Bools
    fixed: Bools
    east: Floats
    north: Floats

    def __len__(self) -> int:
        return len(self.line)

    def of(self, people: slice) -> "Phones":
        """The lines of some of the people, who are then counted from 0."""
        rows = slice(*np.searchsorted(self.person, [people.start, people.stop]).tolist())
        columns = {name: getattr(self, name)[rows] for name in self.__dataclass_fields__}
        return Phones(**columns | {"person": columns["person"] - people.start})


@dataclass(frozen=True)
class Events:
    """Signals that the network noted, by line, then by time (seconds of the day): cells, places in EVENT_TYPES."""

    line: Ints
    time: Floats
    cell: Ints
    kind: npt.NDArray[np.int8]


def events(phones: Phones, paths: Paths, radio: Radio, random: np.random.Generator) -> Events:
    """Everything that the phones signal in a day along the paths of their holders and that a cell receives."""
    length = paths.length
    off = switched_off(phones, length, random)
    wanted = merged(_use(phones, length, random), _on_the_way(phones, legs(paths), length, random))
    on = _while_on(wanted, off)
    sent = merged(_while_on(merged(on, _periodic(on, len(phones), length, random)), off), _switching(off, length))
    phone, time = sent.phone, sent.time
    east, north = paths.at(phones.person[phone], time)
    fixed = phones.fixed[phone]
    pixel = pixels(np.where(fixed, phones.east[phone], east), np.where(fixed, phones.north[phone], north))
    # Fading is drawn anew every five minutes, and differs from day to day.
    moment = (time / _FADES_S).astype(np.int64) + int(random.integers(2**40))
    cell = radio.serve(phones.line[phone], pixel, moment)
    served = cell != NO_CELL
    phone, time, cell = phone[served], time[served], cell[served]
    return Events(phones.line[phone], time, cell, _handovers(phone, time, cell, sent.kind[served]))


def switched_off(phones: Phones, length: float, random: np.random.Generator) -> Floats:
    """When each phone is off: [n, 3, 2] beginnings and ends in seconds; equal where it is not."""
    count, moves = len(phones), ~phones.fixed
    night = phones.night_off & moves
    off = np.zeros((count, 3, 2))
    off[:, 0, 1] = np.where(night, random.uniform(0.8, 3.2, count) * HOUR, 0)
    off[:, 1, 0] = random.uniform(4, 14, count) * HOUR
    lasts = np.where(random.random(count) < OFF_FOR_A_WHILE, random.uniform(0.5, 3, count) * HOUR, 0)
    off[:, 1, 1] = off[:, 1, 0] + moves * lasts
    off[:, 2, 0] = np.where(night, random.uniform(17.3, 19.3, count) * HOUR, length)
    off[:, 2, 1] = length
    all_day = (random.random(count) < OFF_ALL_DAY) & moves
    off[all_day], off[all_day, 1] = 0, (0, length)
    return off


def _use(phones: Phones, length: float, random: np.random.Generator) -> Signals:
    """Bursts of calls, messages and data through the day."""
    mean = np.array(EVENTS_AN_HOUR)[phones.use] * phones.vigour * _BY_HOUR.sum() / _BURST
    bursts = random.poisson(mean)
    number = int(bursts.sum())
    edges = np.append(0.0, cumulated(_BY_HOUR))
    start = np.interp(random.random(number), edges, np.arange(len(edges)) * length / len(_BY_HOUR))
    kind = np.array(_KINDS)[np.searchsorted(cumulated(_KIND_SHARES), random.random(number), "right")]
    sizes = random.geometric(1 / _BURST, number)
    gaps = random.exponential(_BURST_GAP_S, int(sizes.sum()))
    first = np.cumsum(sizes) - sizes
    gaps[first] = 0
    since = np.cumsum(gaps)
    time = np.repeat(start - since[first], sizes) + since
    phone = np.repeat(np.repeat(np.arange(len(phones)), bursts), sizes)
    return signals(phone, time, np.repeat(kind, sizes), length)


def _on_the_way(phones: Phones, ways: Legs, length: float, random: np.random.Generator) -> Signals:
    """Location updates at the borders of tracking areas, about every 2.5 km of a way."""
    first = np.searchsorted(ways.person, phones.person)
    number = np.where(phones.fixed, 0, np.searchsorted(ways.person, phones.person, "right") - first)
    phone = np.repeat(np.arange(len(phones)), number)
    way = np.arange(len(phone)) + np.repeat(first - np.cumsum(number) + number, number)
    updates = random.poisson(ways.distance[way] / _METRES_AN_UPDATE)
    phone, way = np.repeat(phone, updates), np.repeat(way, updates)
    time = ways.start[way] + random.random(len(way)) * (ways.end - ways.start)[way]
    return signals(phone, time, LOCATION_UPDATE, length)


def _periodic(others: Signals, count: int, length: float, random: np.random.Generator) -> Signals:
    """The reports of idle phones between their other signals; some of them reach no probe."""
    own = np.bincount(others.phone, minlength=count)
    starts = np.cumsum(own) - own
    # The timer already runs when the day begins.
    time = np.insert(others.time, starts, -random.random(count) * PERIODIC_S)
    phone = np.repeat(np.arange(count), own + 1)
    following = np.append(time[1:], length)
    following[starts + own + np.arange(count)] = length
    reports = np.maximum(np.ceil((following - time) / PERIODIC_S).astype(np.int64) - 1, 0)
    number = np.arange(int(reports.sum())) - np.repeat(np.cumsum(reports) - reports, reports) + 1
    late = random.random(len(number)) * 2
    reported = random.random(len(number)) < _REPORTED
    at = np.repeat(time, reports) + number * PERIODIC_S + late
    return signals(np.repeat(phone, reports)[reported], at[reported], LOCATION_UPDATE, length)


def _while_on(sent: Signals, off: Floats) -> Signals:
    phone, time = sent.phone, sent.time
    silent = np.zeros(len(time), np.bool_)
    for which in range(off.shape[1]):
        silent |= (time >= off[phone, which, 0]) & (time < off[phone, which, 1])
    return sent.select(~silent)


def _switching(off: Floats, length: float) -> Signals:
    """Phones detach when they are switched off and attach when they are switched on."""
    phone, which = np.nonzero(off[..., 1] > off[..., 0])
    down = signals(phone, off[phone, which, 0] - 0.001, DETACH, length)
    return merged(down, signals(phone, off[phone, which, 1], ATTACH, length))


def _handovers(phone: Ints, time: Floats, cell: Ints, kind: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """Kinds of the signals; one of a call or of data that goes on in another cell is a handover."""
    used = np.isin(kind, (CALL, DATA))
    goes_on = np.zeros(len(cell), np.bool_)
    goes_on[1:] = (phone[1:] == phone[:-1]) & (np.diff(time) < _HANDOVER_S) & (cell[1:] != cell[:-1])
    goes_on[1:] &= used[:-1] & used[1:]
    return np.where(goes_on, np.int8(HANDOVER), kind)
