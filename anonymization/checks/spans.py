"""H3 cells as spans of whole numbers, so that overlap and containment are comparisons.

A cell is its base cell and one digit of 0 to 6 per resolution: read as a number in base 7 and padded to resolution
15, the descendants of a cell are one unbroken span. Source: the H3 index layout (h3geo.org, "H3 index").
"""

import numpy as np
import numpy.typing as npt

Cells = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FINEST = 15
BASE_CELLS = 122
WHOLE = BASE_CELLS * 7**FINEST
"""End of the span of the whole Earth."""

_LAST_BITS = np.uint64(sum(1 << 3 * place for place in range(FINEST)))
_BEYOND = np.array([(1 << 3 * (FINEST - resolution)) - 1 for resolution in range(FINEST + 1)], np.uint64)
"""The bits of the digits that a cell of a resolution does not use."""
_PENTAGONS = np.array([4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117])


def valid(cells: Cells) -> Bools:
    """bool[n]: whether each index is that of an H3 cell."""
    resolution, base, unused = _field(cells, 52, 15), _field(cells, 45, 127), _field(cells, 56, 255)
    beyond = _BEYOND[resolution]
    # A digit is 7 where all its bits are set; `sevens` has the last bit of each such digit.
    sevens = cells & (cells >> np.uint64(1)) & (cells >> np.uint64(2)) & _LAST_BITS
    # The byte above the resolution: one reserved bit, mode 1 (a cell), three bits of zero.
    sound: Bools = (unused == 0b0000_1000) & (base < BASE_CELLS) & (sevens == beyond & _LAST_BITS)
    pentagons = np.flatnonzero(np.isin(base, _PENTAGONS))
    sound[pentagons] &= _first_step(cells[pentagons], resolution[pentagons]) != 1
    return sound


def spans(cells: Cells) -> tuple[Ints, Ints]:
    """int64[n] twice: where the span of each valid cell begins and ends (the end is past the last)."""
    resolution = _field(cells, 52, 15)
    low = _field(cells, 45, 127)
    for place in range(1, FINEST + 1):
        low = low * 7 + np.where(place <= resolution, _digit(cells, place), 0)
    return low, low + np.power(7, FINEST - resolution)


def overlapping(group: Ints, low: Ints, high: Ints) -> Ints:
    """Places of the spans that begin inside another span of their group."""
    at_once = np.iinfo(np.int64).max // WHOLE
    groups = np.unique(group)
    found = [np.zeros(0, np.int64)]
    for first in range(0, groups.size, at_once):
        some = groups[first : first + at_once]
        rows = np.flatnonzero((group >= some[0]) & (group <= some[-1]))
        # One group after the other on one line, so that the furthest end so far never reaches into the next group.
        base = np.searchsorted(some, group[rows]) * WHOLE
        begin, end = base + low[rows], base + high[rows]
        order = np.argsort(begin, kind="stable")
        if not np.diff(begin[order]).all():
            # Of spans that begin together, the others begin inside the longest.
            order = np.lexsort((-end, begin))
        reach = np.maximum.accumulate(end[order])
        found.append(rows[order[1:][begin[order[1:]] < reach[:-1]]])
    return np.concatenate(found)


def merged(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """The same numbers in ascending spans that neither overlap nor touch."""
    order = np.argsort(low, kind="stable")
    low, reach = low[order], np.maximum.accumulate(high[order])
    begins = np.append(True, low[1:] > reach[:-1])[: low.size]
    ends = np.append(begins[1:], True)[: low.size]
    return low[begins], reach[ends]


def merged_in_groups(group: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints, Ints]:
    """The same numbers of each group in ascending spans that neither overlap nor touch: their group, low and high."""
    points = np.unique(np.concatenate([low, high]))
    # Places among the points are small, so that all groups fit on one line, with a gap after each.
    width = points.size + 1
    begin, end = (group * width + np.searchsorted(points, column) for column in (low, high))
    begin, end = merged(begin, end)
    return begin // width, points[begin % width], points[end % width]


def outside(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """The spans of the Earth between merged spans."""
    gap_low, gap_high = np.append(0, high), np.append(low, WHOLE)
    real = gap_low < gap_high
    return gap_low[real], gap_high[real]


def covered(low: Ints, high: Ints, area: tuple[Ints, Ints]) -> Bools:
    """bool[n]: whether each span lies in the merged spans of an area."""
    begin, end = np.append(-1, area[0]), np.append(-1, area[1])
    at = np.searchsorted(begin, low, "right") - 1
    return high <= end[at]


def _first_step(cells: Cells, resolution: Ints) -> Ints:
    """int64[n]: the first digit of each cell that is not 0, or 0."""
    first = np.zeros(cells.size, np.int64)
    for place in range(1, FINEST + 1):
        first = np.where((first == 0) & (place <= resolution), _digit(cells, place), first)
    return first


def _field(cells: Cells, shift: int, mask: int) -> Ints:
    return ((cells >> np.uint64(shift)) & np.uint64(mask)).astype(np.int64)


def _digit(cells: Cells, place: int) -> Ints:
    return _field(cells, 3 * (FINEST - place), 7)
