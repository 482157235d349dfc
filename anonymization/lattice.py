"""The fixed public lattice of differential privacy: which places have figures, whoever is there."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from anonymization.hexagons import compact, parents, resolutions
from anonymization.territory import Territory
from schemas.errors import UsageError

Cells = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lattice:
    """Every H3 cell of one resolution that a footprint reaches, and every zone; no event has a part in it.

    `cells` uint64[c], sorted; `cell_of` int64[hexagons]: the cell around each reachable hexagon. `sensitive` bool[c]:
    where all of these are of sensitive zones, which have day totals only. `zone_cells`: the H3 cells of each zone,
    compacted.
    """

    cells: Cells
    cell_of: Counts
    sensitive: npt.NDArray[np.bool_]
    zone_ids: tuple[str, ...]
    zone_cells: tuple[Cells, ...]

    def coarsened(self, counts: Counts) -> Counts:
        """int64[hexagons, slots] to int64[cells, slots]: a device is in one hexagon of a slot, so in one cell."""
        order = np.argsort(self.cell_of, kind="stable")
        return np.add.reduceat(counts[order], self._starts, axis=0)

    @cached_property
    def _starts(self) -> Counts:
        return np.searchsorted(np.sort(self.cell_of), np.arange(self.cells.size))


def lattice_of(territory: Territory, resolution: int) -> Lattice:
    """The lattice of a territory; raises UsageError for a resolution finer than that of its hexagons."""
    base = int(resolutions(territory.hexagons[:1])[0])
    if not 0 <= resolution <= base:
        raise UsageError(
            f"[policy.dp] resolution: expected one from 0 to {base}, found {resolution}",
            f"write resolution = {base}, or a smaller one for larger hexagons",
        )
    cells, cell_of = np.unique(parents(territory.hexagons, resolution), return_inverse=True)
    apart = [zone.cells for zone in territory.zones if zone.sensitive]
    usual = ~np.isin(territory.hexagons, np.concatenate([np.zeros(0, np.uint64), *apart]))
    return Lattice(
        cells,
        cell_of.astype(np.int64),
        np.bincount(cell_of, weights=usual, minlength=cells.size) == 0,
        tuple(zone.zone_id for zone in territory.zones),
        tuple(compact(zone.cells, territory.coarsest) for zone in territory.zones),
    )
