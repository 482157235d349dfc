"""Implications: sets of devices of different populations that hold each other by how they are counted, as systems.

What is used, for every device:

- A trip joins activities of a quarter of an hour or more, which are visits: it is among the attendance of both ends. It
  arrived at the origin by the hour of departure, and at the destination by the longest gap after it.
- Who visits a zone visits the zones around it. Who crosses a zone visits or crosses, in that hour, a zone around it.
- Who crosses a zone does not visit it.
- Those who spent the night are some of those who came.

What is not used, for it does not hold: presence draws a device's place from other evidence than visits do, so that one
who is present for hours need not have visited, nor one who spent the night be present at 04:00.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from anonymization.bounds import System
from anonymization.nested import Bools
from pipelines.stays import MINUTE
from pipelines.visits import GAP_LIMIT

LONGEST: Final = GAP_LIMIT // (60 * MINUTE) + 1
"""Hours from one end of a trip to the other, at most: one more than the gap, for a clock that is set forward."""


class Flow(NamedTuple):
    """Devices that go from part to part; `hour` is the place in the privacy day of the hour in which they leave."""

    origin: str
    destination: str
    hour: int
    devices: int


class Arrivals(NamedTuple):
    """Devices of a part that arrived in some hours, of which `earliest` is the first in the privacy day."""

    earliest: int
    devices: int


class Some(NamedTuple):
    """A row, and how many of its devices another row gives."""

    devices: int
    given: int


@dataclass(frozen=True)
class Figures:
    """The figures of a day by `zone_id` of the parts: `visitors`, `arrivals`; `crossing` by hour and part.

    `around`: the parts that hold a part. `k`: no figure is of fewer; `slack`: how far a figure may be off.
    """

    visitors: Mapping[str, int]
    arrivals: Mapping[str, Sequence[Arrivals]]
    flows: Sequence[Flow]
    crossing: Mapping[int, Mapping[str, int]]
    some: Sequence[Some]
    around: Mapping[str, frozenset[str]]
    k: int
    slack: int


class _Known(NamedTuple):
    """A sum of atoms that is published as the sum of some figures."""

    atoms: Bools
    devices: int
    figures: int = 1


def systems(of: Figures) -> Iterator[System]:
    """What is left of one set without another, for every two that hold each other."""
    for some in of.some:
        rest = np.array([True, False])
        yield _system([_Known(~rest, some.given), _Known(rest | ~rest, some.devices)], [rest], of)
    for flow in of.flows:
        yield from _of_flow(flow, of)
    for inner, outers in of.around.items():
        for outer in sorted(outers):
            yield from _of_nest(inner, outer, of)


_EARLY, _LATE, _AWAY = range(3)
_ORIGIN, _DESTINATION, _MOVES = np.array(
    [(origin, destination, 0) for origin in range(3) for destination in range(3)] + [(_EARLY, _EARLY, 1)]
).T
"""Atoms of a flow: at its origin and its destination early enough for it, or too late, or not; and in it or not."""


def _of_flow(flow: Flow, of: Figures) -> Iterator[System]:
    """Those of both ends, and of the parts around them, who are not in a flow."""
    moves, known, asked = _MOVES == 1, [], []
    ends = ((_ORIGIN, flow.origin, flow.hour), (_DESTINATION, flow.destination, flow.hour + LONGEST))
    for end, name, latest in ends:
        if name in of.visitors:
            known.append(_Known(end != _AWAY, of.visitors[name]))
            asked.append((end != _AWAY) & ~moves)
        if rows := of.arrivals.get(name, ()):
            early = [row.devices for row in rows if row.earliest <= latest]
            late = [row.devices for row in rows if row.earliest > latest]
            known += [_Known(end == _EARLY, sum(early), len(early)), _Known(end == _LATE, sum(late), len(late))]
            asked.append((end == _EARLY) & ~moves)
    known.append(_Known(moves, flow.devices))
    outers = of.around.get(flow.origin, frozenset()) & of.around.get(flow.destination, frozenset())
    for outer in sorted(outers):
        everybody = _Known(moves | ~moves, of.visitors[outer])
        yield _system([*known, everybody], [*asked, ~moves, (_ORIGIN == _AWAY) & (_DESTINATION == _AWAY)], of)
    if asked and not outers:
        yield _system(known, asked, of)


_OUTER, _INNER = np.array([("visit", "visit"), ("visit", "cross"), ("visit", ""), ("cross", "cross"), ("cross", "")]).T
"""Atoms of a zone inside another one: what a device does in each."""


def _of_nest(inner: str, outer: str, of: Figures) -> Iterator[System]:
    """Those of the outer part who do not visit the inner one, nor cross it in an hour."""
    around, only, elsewhere = _OUTER == "visit", (_OUTER == "visit") & (_INNER != "visit"), _INNER == ""
    visits = [_Known(around, of.visitors[outer]), _Known(_INNER == "visit", of.visitors[inner])]
    yield _system(visits, [only], of)
    for crossing in of.crossing.values():
        if inner in crossing and outer in crossing:
            crosses = [_Known(_OUTER == "cross", crossing[outer]), _Known(_INNER == "cross", crossing[inner])]
            asked = [elsewhere, elsewhere & around, elsewhere & ~around, only & ~elsewhere]
            yield _system([*visits, *crosses], asked, of)


def _system(known: Sequence[_Known], asked: Sequence[Bools], of: Figures) -> System:
    """Sums within their rounding; a figure is of at least k devices, unless it is known to the unit to be smaller."""
    devices, figures = (np.array([getattr(each, name) for each in known]) for name in ("devices", "figures"))
    least = np.maximum(devices - of.slack * figures, np.minimum(of.k * figures, devices))
    sums, wanted = (np.array(each, np.float64) for each in ([one.atoms for one in known], asked))
    floats = least.astype(np.float64), (devices + of.slack * figures).astype(np.float64)
    return System(sums, *floats, wanted, rest=True, rounded=of.slack > 0)
