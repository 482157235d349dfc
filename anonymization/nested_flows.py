"""The rule for flows of nested layers: a row inside another one that would leave only a few devices is not printed.

A trip between two zones is one between the zones around them, where these differ. A row of the inner layer of which
every pair is so held by one row of the outer layer can be subtracted from that. Flows have no totals, so that a row
that is left out tells nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from anonymization.nested import Pairs
from anonymization.zone_days import Members


@dataclass(frozen=True)
class FlowSet:
    """The pairs of some origins and some destinations (None: all) in one hour; all are places of parts."""

    hour: int
    origins: Members
    destinations: Members | None


def around_of(turns: Sequence[Pairs]) -> dict[int, list[int]]:
    """By part, the parts that hold it."""
    around: dict[int, list[int]] = {}
    for pairs in turns:
        for inner, outer in zip(pairs.inner.tolist(), pairs.outer.tolist(), strict=True):
            around.setdefault(inner, []).append(outer)
    return around


def without_isolating_flows(
    sets: Sequence[FlowSet], devices: Sequence[int], turns: Sequence[Pairs], k: int
) -> list[FlowSet]:
    """The sets but those that 1 to k - 1 devices of a set around them are not in.

    `devices`: those of each set; `turns`: pairs of parts of which one holds the other.
    """
    around = around_of(turns)
    rows: dict[tuple[int, int], list[int]] = {}
    for at, each in enumerate(sets):
        for origin in each.origins:
            rows.setdefault((each.hour, origin), []).append(at)
    kept = []
    for at, each in enumerate(sets):
        left = (devices[outer] - devices[at] for outer in _holding(each, sets, around, rows))
        if all(few == 0 or few >= k for few in left):
            kept.append(each)
    return kept


def _holding(
    inner: FlowSet, sets: Sequence[FlowSet], around: dict[int, list[int]], rows: dict[tuple[int, int], list[int]]
) -> Iterator[int]:
    """The places of the sets that hold every pair of a set; where it goes is not known of one that goes to all."""
    if inner.destinations is None:
        return
    pairs = [(origin, end) for origin in inner.origins for end in inner.destinations]
    first = {at for outer in around.get(pairs[0][0], ()) for at in rows.get((inner.hour, outer), ())}
    for at in sorted(first):
        if all(_holds(sets[at], around.get(origin, ()), around.get(end, ())) for origin, end in pairs):
            yield at


def _holds(outer: FlowSet, origins: Sequence[int], ends: Sequence[int]) -> bool:
    """Whether a set has a pair of different parts around the two ends of a trip."""
    return any(
        origin in outer.origins and (end in outer.destinations if outer.destinations is not None else True)
        for origin in origins
        for end in ends
        if origin != end
    )
