"""The rule for the ends of flows: a row that leaves only a few visitors of a part at one of its ends is not printed.

A trip joins activities of at least the shortest visit. So whoever is in a flow is among the visitors of both ends, came
to the origin by the hour of departure, and to the destination by the longest gap after it. Those who came by then and
are not in the flow are a number that anybody can work out. Flows have no totals, so that a row that is left out tells
nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from anonymization.figures import Figures, corner_rows
from anonymization.images import hour_ranks
from anonymization.nested import Pairs
from anonymization.nested_flows import FlowSet, around_of
from anonymization.zone_days import Members, ZonePart

Ints = npt.NDArray[np.int64]

LONGEST_GAP: Final = 4
"""Hours that lie between the two activities of a trip at most."""


def early_visitors(parts: Sequence[ZonePart], arrivals: Figures | None, clock: Ints, first_hour: int) -> Ints:
    """int64[parts, hours]: the visitors of each part, exact, less those who are known to come after each hour.

    `arrivals`: the rows of `dwell_by_arrival`, exact; a part without rows has all its visitors in every hour. `clock`
    int64[hours]: what the local clock shows as each hour begins; `first_hour`: the one in which the privacy day begins.
    """
    visitors = np.array([part.devices for part in parts], np.int64)
    ranks = hour_ranks(first_hour)
    earliest = np.zeros((len(parts), ranks.size), np.int64)
    if arrivals is not None:
        rows = corner_rows(arrivals, ranks)
        np.add.at(earliest, (rows.part, rows.earliest), rows.devices)
    told = earliest.any(axis=1)
    earliest[~told, 0] = visitors[~told]
    early: Ints = np.cumsum(earliest, axis=1)[:, ranks[clock]]
    return early


def without_isolating_ends(
    sets: Sequence[FlowSet], devices: Sequence[int], early: Ints, turns: Sequence[Pairs], k: int
) -> list[FlowSet]:
    """The sets but those that leave 1 to k - 1 of the early visitors of a part that all of their devices visited.

    `devices`: those of each set; `early`: see `early_visitors`; `turns`: pairs of parts of which one holds the other.
    Visitors who came later still are at least k, or none, so that the whole of a part is left enough as well.
    """
    around = around_of(turns)
    kept = []
    for each, moving in zip(sets, devices, strict=True):
        left = [int(early[part, hour]) - moving for part, hour in _visited(each, around, early.shape[1])]
        if all(few == 0 or few >= k for few in left):
            kept.append(each)
    return kept


def _visited(each: FlowSet, around: Mapping[int, Sequence[int]], hours: int) -> Iterator[tuple[int, int]]:
    """The parts that all devices of a set visited, each with the hour by which they came."""
    for part in _holding(each.origins, around):
        yield part, each.hour
    for part in _holding(each.destinations or (), around):
        yield part, min(each.hour + LONGEST_GAP, hours - 1)


def _holding(ends: Members, around: Mapping[int, Sequence[int]]) -> set[int]:
    """The parts that are, or hold, every one of some parts: who visited one of these visited them."""
    found: set[int] = set()
    for at, end in enumerate(ends):
        own = {end, *around.get(end, ())}
        found = found & own if at else own
        if not found:
            break
    return found
