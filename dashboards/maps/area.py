"""An area with one figure, as a map shows it: its shape, its colour, its state and what is said of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import h3

from dashboards.states import DEGRADED, NO_DATA, OUTSIDE, POOLED, PUBLISHED, State
from dashboards.texts import Text
from dashboards.zones import Ring, outline_parts

MOST_AREAS: Final = 5_000
"""Areas that a map draws at most: it is slow beyond."""

Polygons = list[list[Ring]]
"""For each piece its outer ring, then its holes."""

POOLED_HERE: Final = Text(
    "Hatched: one figure for several hexagons or zones. The people may be anywhere in them.",
    "Hachuré : un seul chiffre pour plusieurs hexagones ou zones. Les personnes peuvent être partout dedans.",
)
DEGRADED_HERE: Final = Text(
    "Striped in red: a cell was silent or out, people may be missing.",
    "Rayé de rouge : une cellule était muette ou en panne, des personnes peuvent manquer.",
)
OUTSIDE_HERE: Final = Text(
    "Grey, outlined: no cell of the network reaches there.",
    "Gris, cerné : aucune cellule du réseau n’y arrive.",
)
NO_DATA_HERE: Final = Text(
    "Dotted: nothing was published. It is not zero.", "Pointillé : rien n’a été publié. Ce n’est pas zéro."
)
SAID: Final = {POOLED: POOLED_HERE, DEGRADED: DEGRADED_HERE, OUTSIDE: OUTSIDE_HERE, NO_DATA: NO_DATA_HERE}
"""How a key explains the look of each state on a map."""


@dataclass(frozen=True)
class Area:
    """An area of H3 cells; `key` names it in the address, `fill` is a colour or empty, `lines` what is said of it.

    `pooled`: whether its one figure is of several hexagons or zones, whatever its state; `sign`: what stands beside the
    name of its zone, if anything; `figure`: its figure alone, as it is written large.
    """

    key: str
    name: str
    cells: tuple[int, ...]
    fill: str
    state: State
    pooled: bool
    lines: tuple[str, ...]
    sign: str = ""
    figure: str = ""

    @property
    def tip(self) -> str:
        """All that is said of it."""
        return "\n".join(self.lines)

    @property
    def readable(self) -> bool:
        """Whether it has a figure."""
        return self.state in (PUBLISHED, POOLED, DEGRADED)

    def holds(self, key: str) -> bool:
        """Whether it is the area of a key, or has the hexagon of that name."""
        if self.key == key:
            return True
        if not h3.is_valid_cell(key):
            return False
        finest = h3.get_resolution(key)
        return any(h3.str_to_int(h3.cell_to_parent(key, level)) in self.cells for level in range(finest + 1))

    def polygons(self, finest: int) -> Polygons:
        """Its outline, drawn with hexagons of a resolution."""
        return _polygons(self.cells, finest)


def pooled(cells: Iterable[int], finest: int) -> bool:
    """Whether a part is more than one hexagon of the finest resolution."""
    return hexagons(cells, finest) > 1


def hexagons(cells: Iterable[int], finest: int) -> int:
    """How many hexagons of the finest resolution a part covers."""
    return sum(h3.cell_to_children_size(h3.int_to_str(cell), finest) for cell in cells)


@lru_cache(maxsize=20_000)
def _polygons(cells: tuple[int, ...], finest: int) -> Polygons:
    return outline_parts([h3.int_to_str(cell) for cell in cells], finest)
