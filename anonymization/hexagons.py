"""Arithmetic on H3 indexes, vectorised: parents, compaction, and the interval of base cells that a cell covers."""

import numpy as np
import numpy.typing as npt

Cells = npt.NDArray[np.uint64]

FINEST = 15
CHILDREN = 7


def resolutions(cells: Cells) -> npt.NDArray[np.int64]:
    """int64[n]: the resolution that is written in each index (bits 52 to 55)."""
    return ((cells >> np.uint64(52)) & np.uint64(15)).astype(np.int64)


def parents(cells: Cells, resolution: int) -> Cells:
    """uint64[n]: the ancestors of finer cells: unused digits are all ones in an H3 index."""
    unused = np.uint64((1 << 3 * (FINEST - resolution)) - 1)
    digits = cells & ~np.uint64(15 << 52) | np.uint64(resolution << 52)
    return digits | unused


def compact(cells: Cells, coarsest: int) -> Cells:
    """The same area with every complete family of seven replaced by its parent, not beyond `coarsest`; sorted.

    `cells` are sorted, distinct, of one resolution. Families of pentagons (six) are left as they are.
    """
    if cells.size <= 1:
        return cells
    kept: list[Cells] = []
    current = cells
    for resolution in range(int(resolutions(cells[:1])[0]) - 1, coarsest - 1, -1):
        above, sizes = np.unique(parents(current, resolution), return_counts=True)
        full = sizes == CHILDREN
        kept.append(current[np.repeat(~full, sizes)])
        current = above[full]
        if current.size == 0:
            break
    return np.sort(np.concatenate([*kept, current]))
