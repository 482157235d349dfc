"""The territory as the map has it: its hexagons, and how much of each a geohash cell shares.

Areas are those of Lambert's cylindrical projection (x = longitude, y = sin latitude), which keeps areas on the sphere
(Snyder 1987, Map Projections: A Working Manual, p. 76). Edges are straight in it: at the size of a hexagon that is less
than a millionth.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import h3
import numpy as np
import numpy.typing as npt
import shapely

from anonymization.hexagons import Cells
from pipelines.server.population.geohash import Boxes

Places = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.float64]
_KEPT: Final = 16
"""Areas; one of 10,000 boxes has about a megabyte."""


@dataclass(frozen=True)
class Shares:
    """Which hexagon shares how much of a box: rows in order of `box`, then of `hexagon`.

    `share` float64[m] is of the area of the box; a box without any hexagon has no row.
    """

    box: Places
    hexagon: Places
    share: Numbers


class Grid:
    """The hexagons `cells` (sorted, of one resolution) of a territory."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        rings = [h3.cell_to_boundary(h3.int_to_str(cell)) for cell in cells.tolist()]
        self._middle = rings[0][0][1] if rings else 0.0
        ring = np.repeat(np.arange(len(rings)), [len(each) for each in rings])
        corners = np.array([corner for each in rings for corner in each]).reshape(-1, 2)[:, ::-1]
        self._shapes = shapely.polygons(shapely.linearrings(self._projected(corners), indices=ring))
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)
        self._kept: OrderedDict[bytes, Shares] = OrderedDict()
        self._lock = threading.Lock()

    def shares(self, boxes: Boxes) -> Shares:
        """How much of each box (degrees) each hexagon shares; of the areas that were asked last it is remembered."""
        key = boxes.tobytes()
        with self._lock:
            known = self._kept.get(key)
        # Beside the lock: a large area does not hold up who asks about another one.
        found = known or self._shares(boxes)
        with self._lock:
            self._kept[key] = found
            self._kept.move_to_end(key)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def _shares(self, boxes: Boxes) -> Shares:
        low, high = self._projected(boxes[:, :2]), self._projected(boxes[:, 2:])
        # A box of which the corners are on two sides of the seam is beyond the territory.
        shapes = shapely.box(low[:, 0], low[:, 1], np.maximum(low[:, 0], high[:, 0]), high[:, 1])
        box, hexagon = self._tree.query(shapes, predicate="intersects")
        common = np.ones(box.size)
        cut = ~shapely.contains(self._shapes[hexagon], shapes[box])
        pieces = shapely.intersection(shapes[box[cut]], self._shapes[hexagon[cut]])
        common[cut] = shapely.area(pieces) / shapely.area(shapes[box[cut]])
        order = np.lexsort((hexagon, box))
        order = order[common[order] > 0]
        return Shares(box[order], hexagon[order], common[order])

    def _projected(self, degrees: Numbers) -> Numbers:
        """float64[n, 2]: longitude from the middle of the territory in radians, and the sine of latitude."""
        east = (degrees[:, 0] - self._middle + 180) % 360 - 180
        return np.column_stack([np.radians(east), np.sin(np.radians(degrees[:, 1]))])
