"""The outline of a part, from the H3 cells that cover it."""

from collections.abc import Iterable
from typing import Final

import h3
import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from anonymization.hexagons import Cells, resolutions
from anonymization.released import Release

DECIMALS: Final = 6
"""Of a degree, about 0.1 m."""


def outline(cells: Cells, resolution: int) -> shapely.Geometry | None:
    """The cells as one Polygon or MultiPolygon, longitude first, outer rings counterclockwise; None without cells.

    It is drawn at `resolution`, at least that of the finest cell: cells of mixed ones do not tile exactly. At one
    resolution three cells meet in each corner, so that rings never touch, and the geometry is valid.
    """
    if cells.size == 0:
        return None
    finest = h3.uncompact_cells([h3.int_to_str(cell) for cell in cells.tolist()], resolution)
    polygons = [
        Polygon(_ring(polygon.outer), [_ring(hole) for hole in polygon.holes])
        for polygon in h3.cells_to_h3shape(finest, tight=False)
    ]
    shape = polygons[0] if len(polygons) == 1 else MultiPolygon(sorted(polygons, key=lambda polygon: polygon.bounds))
    return shapely.orient_polygons(shape)


def finest_resolution(release: Release, indicators: Iterable[str]) -> int:
    """The resolution of the finest cell of these indicators: drawn at one, neighbours share their border."""
    finest = 0
    for indicator in indicators:
        for _, table in release.tables(indicator):
            cells = table["cells"].combine_chunks().values.to_numpy()
            finest = max(finest, int(resolutions(np.unique(cells)).max(initial=0)))
    return finest


def _ring(corners: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(round(longitude, DECIMALS), round(latitude, DECIMALS)) for latitude, longitude in corners]
