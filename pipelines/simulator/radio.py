"""Which cell serves a phone: the strongest where it is, in a landscape of shadows, give or take some fading."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.simulator.network import HIGH, Masts
from pipelines.simulator.plane import Floats, Ints

NO_CELL = -1

PIXEL_M = 150.0
_NEAREST_SITES = 10
_CANDIDATES = 5
_WEAKEST_DBM = -113.0
_INDOORS_DB = 14.0
_SHADOW_DB, _PLACE_DB, _FADING_DB = 7.0, 3.5, 2.5
_BEHIND_DB = 26.0
_STRIDE = np.int64(1) << 20
_PIXELS_AT_ONCE = 20_000

_I32 = npt.NDArray[np.int32]
_F32 = npt.NDArray[np.float32]
_U64 = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Coverage:
    """The strongest cells at n places: `pixel` int64[n] ascending; `cell`, `power_dbm` [n, 5], NO_CELL to fill up."""

    pixel: Ints
    cell: _I32
    power_dbm: _F32


class Radio:
    """What phones receive of a network; it keeps what it has worked out, which changes no answer."""

    def __init__(self, masts: Masts) -> None:
        self.masts = masts
        self._known = coverage(masts, np.empty(0, np.int64))

    def serve(self, device: Ints, pixel: Ints, moment: Ints) -> Ints:
        """The cell that serves each device in a pixel, or NO_CELL where none is strong enough.

        A device keeps its own preferences in a pixel (where in it, at which window). Fading comes on top, anew at each
        moment, so that a phone at rest changes to a neighbour now and then.
        """
        wanted = np.unique(pixel)
        missing = wanted[~np.isin(wanted, self._known.pixel)]
        if len(missing):
            self._known = _united(self._known, coverage(self.masts, missing))
        row = np.searchsorted(self._known.pixel, pixel)
        cell = self._known.cell[row]
        own = _normal(_mixed(device, pixel)[:, None], cell) * np.float32(_PLACE_DB)
        fading = _normal(_mixed(device, moment)[:, None], cell) * np.float32(_FADING_DB)
        power = self._known.power_dbm[row] + own + fading
        best = power.argmax(1)
        rows = np.arange(len(cell))
        return np.where(power[rows, best] >= _WEAKEST_DBM, cell[rows, best], NO_CELL).astype(np.int64)


def pixels(east: Floats, north: Floats) -> Ints:
    """The pixel of 150 m that holds each point."""
    return np.floor(east / PIXEL_M).astype(np.int64) * _STRIDE + np.floor(north / PIXEL_M).astype(np.int64)


def coverage(masts: Masts, pixel: Ints) -> Coverage:
    """What is received in distinct pixels, ascending.

    Path loss 128.1 + 37.6 log10(km) dB (source: 3GPP TR 36.942, 4.5.2, macro cell in an urban area), 9 dB less in the
    low band; 14 dB less indoors; shadows of 7 dB for each mast and pixel; an antenna whose attenuation grows with the
    squared sine of half the angle, to 26 dB behind. All but the first are the project's own assumptions.
    """
    starts = range(0, max(len(pixel), 1), _PIXELS_AT_ONCE)
    cells, powers = zip(*(_received(masts, pixel[at : at + _PIXELS_AT_ONCE]) for at in starts), strict=True)
    return Coverage(pixel, np.concatenate(cells), np.concatenate(powers))


def _united(first: Coverage, second: Coverage) -> Coverage:
    pixel = np.append(first.pixel, second.pixel)
    order = np.argsort(pixel, kind="stable")
    cell = np.concatenate([first.cell, second.cell])[order]
    return Coverage(pixel[order], cell, np.concatenate([first.power_dbm, second.power_dbm])[order])


def _received(masts: Masts, pixel: Ints) -> tuple[_I32, _F32]:
    """The strongest cells of the nearest masts, strongest first, and their power."""
    row = (pixel + _STRIDE // 2) // _STRIDE
    east, north = (row + 0.5) * PIXEL_M, (pixel - row * _STRIDE + 0.5) * PIXEL_M
    away = np.hypot(east[:, None] - masts.east, north[:, None] - masts.north)
    sites = min(_NEAREST_SITES, away.shape[1])
    nearest = np.argpartition(away, sites - 1, 1)[:, :sites]
    table = _cells_of(masts)
    cells = table[nearest].reshape(len(pixel), sites * table.shape[1])
    site = masts.site[cells]
    dx, dy = east[:, None] - masts.east[site], north[:, None] - masts.north[site]
    power = masts.power_dbm[cells] - _loss(np.hypot(dx, dy), masts.layer[cells])
    power -= _antenna(np.arctan2(dx, dy) - np.radians(masts.azimuth_deg[cells]))
    power += _SHADOW_DB * _normal(_mixed(pixel[:, None], np.int64(0)), site)
    power = np.where(cells == NO_CELL, -np.inf, power)
    # Equally strong cells stand in their own order, in whatever order the masts were found.
    best = np.lexsort((cells, -power), axis=1)[:, :_CANDIDATES]
    return np.take_along_axis(cells, best, 1).astype(np.int32), np.take_along_axis(power, best, 1).astype(np.float32)


def _cells_of(masts: Masts) -> Ints:
    """The cells of each site, filled up with NO_CELL."""
    within = np.arange(len(masts)) - np.searchsorted(masts.site, masts.site)
    cells = np.full((len(masts.east), max(int(within.max()) + 1, _CANDIDATES)), NO_CELL, np.int64)
    cells[masts.site, within] = np.arange(len(masts))
    return cells


def _loss(metres: Floats, layer: Ints) -> Floats:
    kilometres = np.maximum(metres, 35.0) / 1_000
    loss: Floats = 128.1 + 37.6 * np.log10(kilometres) - np.where(layer == HIGH, 0.0, 9.0) + _INDOORS_DB
    return loss


def _antenna(angle: Floats) -> Floats:
    """Attenuation in a direction, in radians from the main one; none where there is no main one (nan)."""
    attenuation = _BEHIND_DB * np.sin(angle / 2) ** 2
    return np.where(np.isnan(angle), 0.0, attenuation)


def _mixed(first: npt.NDArray[np.integer | np.unsignedinteger], second: npt.NDArray[np.integer] | np.int64) -> _U64:
    """A hash of two numbers (source: the finaliser of SplitMix64)."""
    mixed = first.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = mixed ^ (second.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F))
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _normal(first: _U64, second: npt.NDArray[np.integer]) -> _F32:
    """About normal numbers, of mean 0 and standard deviation 1: the sum of four quarters of a hash of two numbers."""
    mixed = _mixed(first, second)
    halves = np.uint64(0x0000FFFF0000FFFF)
    pairs = (mixed & halves) + ((mixed >> np.uint64(16)) & halves)
    total = (pairs + (pairs >> np.uint64(32))) & np.uint64(0xFFFFFFFF)
    # Four uniform numbers on [0, 65536) have a mean of 2 * 65536 and a variance of 65536 ** 2 / 3.
    normal: _F32 = total.astype(np.float32)
    normal -= np.float32(131_072)
    normal *= np.float32(np.sqrt(3.0) / 65_536)
    return normal
