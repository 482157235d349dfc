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

_PENTAGONS = np.array([4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117])


def valid(cells: Cells) -> Bools:
    """bool[n]: whether each index is that of an H3 cell."""
    resolution, base, unused = _field(cells, 52, 15), _field(cells, 45, 127), _field(cells, 56, 255)
    # The byte above the resolution: one reserved bit, mode 1 (a cell), three bits of zero.
    sound: Bools = (unused == 0b0000_1000) & (base < BASE_CELLS)
    first_step = np.zeros(cells.size, np.int64)
    for place in range(1, FINEST + 1):
        digit = _digit(cells, place)
        sound &= np.where(place <= resolution, digit < 7, digit == 7)
        first_step = np.where((first_step == 0) & (place <= resolution), digit, first_step)
    # A pentagon has six children: the first digit that is not 0 is never 1 below it.
    sound &= ~((first_step == 1) & np.isin(base, _PENTAGONS))
    return sound


def spans(cells: Cells) -> tuple[Ints, Ints]:
    """int64[n] twice: where the span of each valid cell begins and ends (the end is past the last)."""
    resolution = _field(cells, 52, 15)
    low = _field(cells, 45, 127)
    for place in range(1, FINEST + 1):
        low = low * 7 + np.where(place <= resolution, _digit(cells, place), 0)
    return low, low + np.power(7, FINEST - resolution)


def overlapping(group: Ints, low: Ints, high: Ints) -> Ints:
    """Places of the spans that begin inside another span of their group; groups are small numbers from 0."""
    order = np.lexsort((-high, low, group))
    # One group after the other on one line, so that the furthest end so far never reaches into the next group.
    base = group[order] * WHOLE
    reach = np.maximum.accumulate(base + high[order])
    inside: Ints = order[1:][(base + low[order])[1:] < reach[:-1]]
    return inside


def merged(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """The same numbers in ascending spans that neither overlap nor touch."""
    order = np.argsort(low, kind="stable")
    low, reach = low[order], np.maximum.accumulate(high[order])
    begins = np.append(True, low[1:] > reach[:-1])[: low.size]
    ends = np.append(begins[1:], True)[: low.size]
    return low[begins], reach[ends]


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


def _field(cells: Cells, shift: int, mask: int) -> Ints:
    return ((cells >> np.uint64(shift)) & np.uint64(mask)).astype(np.int64)


def _digit(cells: Cells, place: int) -> Ints:
    return _field(cells, 3 * (FINEST - place), 7)
