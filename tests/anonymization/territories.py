"""A small territory near Dijon: seven cells of resolution 7, of 49 hexagons each, and zones made of them."""

from collections.abc import Iterable, Sequence

import h3
import numpy as np

from anonymization.territory import Cells, Territory, ZoneArea, territory

BASE, COARSEST = 9, 5
SEVENS: list[str] = sorted(h3.cell_to_children(h3.latlng_to_cell(47.32, 5.04, 6), 7))


def hexagons(*cells: str) -> Cells:
    """The sorted base hexagons of H3 cells."""
    base = {h3.str_to_int(each) for cell in cells for each in h3.cell_to_children(cell, BASE)}
    return np.array(sorted(base), np.uint64)


def below(cell: str, place: int, resolution: int = 8) -> str:
    """A descendant of an H3 cell."""
    found: str = sorted(h3.cell_to_children(cell, resolution))[place]
    return found


def zone(
    zone_id: str,
    cells: Cells | Sequence[str],
    *,
    parent: int = -1,
    kind: str = "commune",
    size: float | None = None,
    sensitive: bool = False,
) -> ZoneArea:
    """A zone of hexagons, or of all hexagons of H3 cells; its public size is its number of hexagons unless stated."""
    base = cells if isinstance(cells, np.ndarray) else hexagons(*cells)
    return ZoneArea(zone_id, kind, parent, base, float(base.size if size is None else size), sensitive)


def build(reachable: Cells | Sequence[str], *zones: ZoneArea, coarsest: int = COARSEST) -> Territory:
    """The territory of reachable hexagons, or of all hexagons of H3 cells."""
    base = reachable if isinstance(reachable, np.ndarray) else hexagons(*reachable)
    return territory(base, zones, BASE, coarsest)


def flattened(cells: Iterable[int]) -> Cells:
    """The base hexagons of cells of any resolution, sorted, each as often as it is covered."""
    base = [h3.str_to_int(each) for cell in cells for each in h3.cell_to_children(h3.int_to_str(int(cell)), BASE)]
    return np.array(sorted(base), np.uint64)


def children(area: Territory, node: int) -> list[int]:
    """The children of a node, in the public order."""
    return [int(child) for child in np.flatnonzero(area.tree.parent == node)]


def names(area: Territory, node: int) -> list[str]:
    """The names of the children of a node, in the public order."""
    return [area.name([child]) for child in children(area, node)]
