"""Where a map has no figure: out of reach of the network, or within it and nothing was published."""

from collections.abc import Iterable, Sequence

import h3.api.numpy_int as h3_numbers
import numpy as np

from dashboards import queries
from dashboards.maps.area import Area
from dashboards.maps.mapframe import Frame
from dashboards.states import EXPLAINED, NO_DATA, OUTSIDE, State
from dashboards.view import View


def missing(view: View, frame: Frame, areas: Iterable[Area], finest: int) -> list[Area]:
    """The hexagons of the zones in a frame that no area has a figure of, as one area for each reason."""
    covered, uncovered = _hexagons(view, frame)
    figures = [np.asarray(area.cells, np.uint64) for area in areas]
    known = np.concatenate([np.zeros(0, np.uint64), *figures])
    shown = np.asarray(h3_numbers.uncompact_cells(known, finest), np.uint64) if known.size else known
    return [
        *_area(view, NO_DATA, _seen(np.setdiff1d(covered, shown), frame)),
        *_area(view, OUTSIDE, _seen(np.setdiff1d(uncovered, shown), frame)),
    ]


def _hexagons(view: View, frame: Frame) -> tuple[np.ndarray, np.ndarray]:
    """The hexagons of the zones in a frame that the network reaches, and those that it does not."""
    outermost = [zone for zone in view.store.zones.values() if zone.parent is None and frame.meets(zone.bounds)]
    found = [view.store.ask(queries.COVERAGE, zone=zone.zone_id) for zone in outermost]
    sides = []
    for side in (True, False):
        cells = [rows["cell"][rows["covered"] == side].to_numpy(np.uint64) for rows in found]
        sides.append(np.unique(np.concatenate([np.zeros(0, np.uint64), *cells])))
    return sides[0], sides[1]


def _seen(cells: np.ndarray, frame: Frame) -> np.ndarray:
    """The cells whose centre is in a frame."""
    centres = np.array([h3_numbers.cell_to_latlng(cell) for cell in cells], np.float64).reshape(-1, 2)
    across = (centres[:, 1] > frame.west) & (centres[:, 1] < frame.east)
    return cells[across & (centres[:, 0] > frame.south) & (centres[:, 0] < frame.north)]


def _area(view: View, state: State, cells: np.ndarray) -> Sequence[Area]:
    if not cells.size:
        return []
    name, meaning = view.say(state.name), view.say(state.meaning)
    listed = tuple(int(cell) for cell in np.sort(cells))
    return [Area("", name, listed, "", state, False, (view.say(EXPLAINED, name=name, meaning=meaning),))]
