"""Outages: when an access point missed beats while others were heard, and when that deserves a report."""

from dataclasses import dataclass

import numpy as np

from pipelines.feeds.wifi.spans import Instants, Spans


@dataclass(frozen=True)
class Rule:
    """`missed`: beats after which an access point is out of order; `steady`: beats after which it is in order again."""

    missed: int
    steady: int


@dataclass(frozen=True)
class Outage:
    """One outage of an access point, in microseconds.

    `heard` is the last beat before it, which later beats never change: with the access point it names the outage.
    `reported`: when it had missed enough beats inside opening hours, or None. `again`: the first beat after it, or
    None; `over`: the beat at which it was steady again, or None.
    """

    heard: int
    first_missed: int
    reported: int | None
    again: int | None
    over: int | None


def outages(beats: Instants, interval: int, told: Spans, opened: Spans, rule: Rule) -> tuple[Outage, ...]:
    """The outages of an access point, the first one first.

    `opened` is when its building is open. Both outages and reports count time only while the collector was listening.
    Gaps with fewer than `steady` beats between them are one outage: what flaps is reported once.
    """
    if not beats.size:
        return ()
    end = max(int(told.stop[-1]) if told.stop.size else 0, int(beats[-1]))
    following = np.append(beats[1:], end)
    long = np.flatnonzero(told.between(beats, following) >= rule.missed * interval)
    if not long.size:
        return ()
    inside = told.both(opened)
    apart = np.flatnonzero(np.diff(long) >= rule.steady) + 1
    return tuple(_outage(beats, following, gaps, interval, inside, rule) for gaps in np.split(long, apart))


def _outage(beats: Instants, following: Instants, gaps: Instants, interval: int, inside: Spans, rule: Rule) -> Outage:
    """The outage of some gaps, each named by the beat that it follows."""
    heard, last = int(beats[gaps[0]]), int(gaps[-1])
    missing = np.cumsum(inside.between(beats[gaps], following[gaps]))
    enough = int(np.searchsorted(missing, rule.missed * interval))
    reported = None
    if enough < gaps.size:
        before = int(missing[enough - 1]) if enough else 0
        reported = inside.reached(int(beats[gaps[enough]]), rule.missed * interval - before)
    again = int(beats[last + 1]) if last + 1 < beats.size else None
    over = int(beats[last + rule.steady]) if last + rule.steady < beats.size else None
    return Outage(heard, heard + interval, reported, again, over)
