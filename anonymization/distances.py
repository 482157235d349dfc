"""Distances between parts: from centroid to centroid, in public classes."""

from collections.abc import Iterable

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt

from anonymization.hexagons import Cells, resolutions
from schemas.vocabulary import DISTANCE_CLASS_STARTS_KM, DISTANCE_CLASSES, SEPARATOR

Points = npt.NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (source: IUGG)."""


def centroid(cells: Cells) -> Points:
    """double[3]: the direction of the centroid of H3 cells of any resolution, as a vector of length one.

    A cell counts for as many cells of the finest resolution as it holds.
    """
    angles = np.radians([h3.cell_to_latlng(int(cell)) for cell in cells.tolist()])
    latitude, longitude = angles[:, 0], angles[:, 1]
    points = np.column_stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)]
    )
    middle: Points = (7.0 ** -resolutions(cells).astype(np.float64)) @ points
    return middle / np.linalg.norm(middle)


def distance_class(origin: Points, destinations: Iterable[Points]) -> str:
    """The classes of the distances from an origin to destinations, in the order of the vocabulary and joined."""
    chords = np.linalg.norm(np.stack(list(destinations)) - origin, axis=1)
    kilometres = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(chords / 2, 1))
    places = np.searchsorted(np.array(DISTANCE_CLASS_STARTS_KM), kilometres, "right") - 1
    return SEPARATOR.join(DISTANCE_CLASSES[place] for place in np.unique(places).tolist())
