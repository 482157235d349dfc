"""What places published rows cover: hexagons by their cells, zones by the names that they list."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.checks.spans import spans
from anonymization.territory import Cells, ZoneArea
from pipelines.arrays import Ints
from schemas.vocabulary import SEPARATOR


def hexagons_in(rows: pa.Table, hexagons: Cells) -> tuple[Ints, Ints]:
    """int64[n] twice: places of rows and of the hexagons, uint64[m], that lie in their `cells`, each pair once."""
    cells = rows["cells"].combine_chunks()
    # Rows repeat the same few areas from window to window.
    area, areas = _distinct(cells)
    low, high = spans(pc.list_flatten(areas).to_numpy(zero_copy_only=False))
    begins = spans(hexagons)[0]
    order = np.argsort(begins)
    first, last = (np.searchsorted(begins[order], edge) for edge in (low, high))
    of_cell = np.repeat(np.arange(len(areas)), pc.list_value_length(areas).to_numpy(zero_copy_only=False))
    inside = order[ranges(first, last)]
    ends = np.searchsorted(np.repeat(of_cell, last - first), np.arange(len(areas) + 1))
    first, last = ends[area], ends[area + 1]
    return np.repeat(np.arange(area.size), last - first), inside[ranges(first, last)]


def zones_in(names: pa.ChunkedArray, zones: tuple[ZoneArea, ...]) -> tuple[Ints, Ints]:
    """int64[n] twice: places of rows and of the zones that they name."""
    place = {zone.zone_id: at for at, zone in enumerate(zones)}
    printed = names.combine_chunks().dictionary_encode()
    known = [
        [place[name] for name in text.split(SEPARATOR) if name in place] for text in printed.dictionary.to_pylist()
    ]
    ends = np.cumsum([0, *map(len, known)])
    inside = np.array([zone for each in known for zone in each], np.int64)
    row = printed.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    first, last = ends[row], ends[row + 1]
    return np.repeat(np.arange(row.size), last - first), inside[ranges(first, last)]


def _distinct(cells: pa.ListArray) -> tuple[Ints, pa.ListArray]:
    """int64[rows] and the different lists: the place of each row's list."""
    sizes = pc.list_value_length(cells).to_numpy(zero_copy_only=False).astype(np.int64)
    values = pc.list_flatten(cells).to_numpy(zero_copy_only=False)
    # A random sum of 64 bits stands for a list: that two of them meet by chance is next to impossible.
    factor = np.random.default_rng(0).integers(1, 2**63, int(sizes.max(initial=0)), np.uint64) | np.uint64(1)
    product = values * factor[ranges(np.zeros_like(sizes), sizes)]
    key = np.add.reduceat(product, np.cumsum(sizes) - sizes) if sizes.size else product
    _, first, area = np.unique(key, return_index=True, return_inverse=True)
    return area, cells.take(pa.array(first))


def ranges(first: Ints, last: Ints) -> Ints:
    """The whole numbers from each first to below its last, one range after the other."""
    sizes = last - first
    found: Ints = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes) + np.repeat(first, sizes)
    return found


def joined(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Places in both columns, int64[n] each, of all pairs of equal values."""
    order = np.argsort(right, kind="stable")
    first, last = (np.searchsorted(right[order], left, side) for side in ("left", "right"))
    return np.repeat(np.arange(left.size), last - first), order[ranges(first, last)]


def alike(group: Ints, member: Ints, factor: Ints, members: int) -> tuple[Ints, Ints]:
    """For each member the number of the set of those that are in the same groups, and how many each set has.

    By random sums of 64 bits: that two of them meet by chance is next to impossible.
    """
    random = np.random.default_rng(members).integers(0, 2**64, 1 + int(group.max(initial=0)), np.uint64)
    key = np.zeros(members, np.uint64)
    np.add.at(key, member, random[group] * factor.astype(np.uint64))
    _, number, sizes = np.unique(key, return_inverse=True, return_counts=True)
    return number, sizes
