"""Where the figures of a release are: one polygon around all of its published parts."""

import h3
import numpy as np
import shapely

from anonymization.hexagons import Cells
from anonymization.released import Release
from pipelines.exports.polygons import DECIMALS
from pipelines.progress import Advance


def territory(release: Release, advance: Advance) -> shapely.Polygon:
    """The convex hull of all cells, longitude first; empty for a release without any."""
    found = [np.empty(0, np.uint64)]
    for indicator in release.indicators:
        for _, table in release.tables(indicator):
            found.append(np.unique(table["cells"].combine_chunks().values.to_numpy()))
            advance(table.num_rows)
    return _hull(np.unique(np.concatenate(found)))


def _hull(cells: Cells) -> shapely.Polygon:
    corners = [corner for cell in cells.tolist() for corner in h3.cell_to_boundary(h3.int_to_str(cell))]
    points = [(round(longitude, DECIMALS), round(latitude, DECIMALS)) for latitude, longitude in corners]
    hull = shapely.MultiPoint(points).convex_hull
    return shapely.orient_polygons(hull) if isinstance(hull, shapely.Polygon) else shapely.Polygon()
