"""Differences over nested zones by dwell and arrival: who stays longer and arrives earlier in the outer zone.

A device of band b and hour h inside has a band of b or more and an hour of h or less around. The unions of such
corners are staircases: for each band the latest hour that it takes part with, later ones for longer bands. Their
differences are sums over the bands, and all sums that can be reached are worked out as the bits of one number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anonymization.nested import Bools, Ints, Limits, Pairs

BANDS, HOURS = 6, 24


@dataclass(frozen=True)
class CornerRows:
    """Rows of parts by dwell and arrival, int64[r] each.

    Bands and ranks of hours in the privacy day: the shortest band and latest hour decide what a row's image is, the
    longest band and earliest hour whether it is in an image.
    """

    part: Ints
    shortest: Ints
    longest: Ints
    earliest: Ints
    latest: Ints
    devices: Ints


def isolating_corners(pairs: Pairs, inner: CornerRows, outer: CornerRows, limits: Limits) -> Bools:
    """bool[pairs]: whether a difference of rows of the two parts is of too few devices.

    Exact counts: over all staircases. Rounded ones: over the corner of each row, since a sum of many figures has a
    slack beyond k.
    """
    within, around = _by_part(inner), _by_part(outer)
    judged = _any_staircase if limits.slack == 0 else _any_corner
    found = np.zeros(pairs.inner.size, np.bool_)
    for at, (one, other) in enumerate(zip(pairs.inner.tolist(), pairs.outer.tolist(), strict=True)):
        if one in within and other in around:
            found[at] = judged(inner, within[one], outer, around[other], limits)
    return found


def _by_part(rows: CornerRows) -> dict[int, Ints]:
    """The places of the rows of each part."""
    order = np.argsort(rows.part, kind="stable")
    parts, starts = np.unique(rows.part[order], return_index=True)
    return dict(zip(parts.tolist(), np.split(order, starts[1:]), strict=True)) if parts.size else {}


def _any_corner(inner: CornerRows, own: Ints, outer: CornerRows, others: Ints, limits: Limits) -> bool:
    shortest, latest = inner.shortest[own], inner.latest[own]
    held = (outer.longest[others] >= shortest[:, None]) & (outer.earliest[others] <= latest[:, None])
    within = (shortest >= shortest[:, None]) & (latest <= latest[:, None])
    difference = held @ outer.devices[others] - within @ inner.devices[own]
    return bool(limits.forbids(difference, held.sum(axis=1) + within.sum(axis=1)).any())


def _any_staircase(inner: CornerRows, own: Ints, outer: CornerRows, others: Ints, limits: Limits) -> bool:
    """Whether a difference of 1 to k-1 can be reached, adding bands from the longest: each takes part less far."""
    steps = np.unique(inner.latest[own])
    left = _grid(inner.shortest[own], inner.latest[own], inner.devices[own], steps)
    gain = _grid(outer.longest[others], outer.earliest[others], outer.devices[others], steps) - left
    # What the bands still to come can take away at most.
    still = left[:, -1].cumsum().tolist()
    few = (1 << limits.k) - 2
    reached: Sequence[int] = [1] * (steps.size + 1)
    for band in reversed(range(BANDS)):
        most = (1 << (limits.k + (still[band - 1] if band else 0))) - 1
        alone = [reached[0]] + [
            _shifted(sums, by) & most for sums, by in zip(reached[1:], gain[band].tolist(), strict=True)
        ]
        reached = _from_later(alone)
    return bool(reached[0] & few)


def _from_later(sums: Sequence[int]) -> list[int]:
    """At each step what was reached at it or at a later one."""
    found, met = [], 0
    for each in reversed(sums):
        met |= each
        found.append(met)
    return found[::-1]


def _shifted(sums: int, by: int) -> int:
    return sums << by if by >= 0 else sums >> -by


def _grid(band: Ints, hour: Ints, devices: Ints, steps: Ints) -> npt.NDArray[np.int64]:
    """int64[bands, steps]: the devices of each band up to each step's hour."""
    found = np.zeros((BANDS, steps.size + 1), np.int64)
    np.add.at(found, (band, np.searchsorted(steps, hour)), devices)
    return found[:, :-1].cumsum(axis=1)
