"""Bounded counts in, tables under differential privacy out: discrete Gaussian noise on every figure of a fixed lattice.

The only door from counted to public in this mode. The counts that come here must be bounded already: a device adds at
most one to a figure, and to at most `contributions` figures of both indicators together.
"""

import math
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.guarantee import Guarantee
from anonymization.lattice import Cells, Counts, Lattice
from anonymization.noisy import Noise, interval_dp, people_dp, printed
from anonymization.protect import in_public_order
from schemas.errors import SystemFailure
from schemas.indicators import INDICATORS, Indicator, design_effect
from schemas.vocabulary import TERRITORY

if TYPE_CHECKING:
    from opendp.mod import Measurement

_AT_ONCE: Final = 100_000
_SLACK: Final = 1e-9


@dataclass(frozen=True)
class BoundedCounts:
    """Exact counts of a day after the bound: `presence` int64[cells, slots], `attendance` int64[zones]."""

    presence: Counts
    attendance: Counts


@dataclass(frozen=True)
class Printing:
    """How noisy figures are printed: the threshold and base of the policy, one factor to people, the confidence."""

    k: int
    rounding: int
    people_per_device: float
    confidence: float


def noises(guarantee: Guarantee) -> dict[str, Noise]:
    """The noise of each indicator of a lattice, by name."""
    presence, attendance = INDICATORS["presence"], INDICATORS["attendance"]
    return {
        presence.name: Noise(guarantee.sigma, guarantee.scale, design_effect(presence, "hexagons")),
        attendance.name: Noise(guarantee.sigma, 1.0, design_effect(attendance, "zone")),
    }


def protect_lattice(
    counts: BoundedCounts, edges: Counts, lattice: Lattice, guarantee: Guarantee, printing: Printing
) -> dict[str, pa.Table]:
    """The released tables of a day by indicator; `edges` int64[slots + 1].

    Every call draws new noise: what it returns must be kept, and never be drawn for the same day again. Raises
    ValueError where the counts are not of this lattice and day.
    """
    cells, slots, zones = lattice.cells.size, guarantee.slots, len(lattice.zone_ids)
    if (counts.presence.shape, counts.attendance.shape, edges.shape) != ((cells, slots), (zones,), (slots + 1,)):
        raise ValueError(f"expected counts of {cells} cells, {slots} slots and {zones} zones, got others")
    noise = noises(guarantee)
    cell, slot = (place.ravel() for place in np.indices((cells, slots)))
    noisy = noised(counts.presence.ravel(), guarantee).astype(np.float64)
    presence = _Figures(
        edges[slot],
        edges[slot + 1],
        pa.array(np.full(cell.size, TERRITORY, object), pa.string()),
        pa.ListArray.from_arrays(pa.array(np.arange(cell.size + 1, dtype=np.int32)), pa.array(lattice.cells[cell])),
        np.where(lattice.sensitive[cell], -np.inf, noisy * noise["presence"].scale),
    )
    attendance = _Figures(
        np.full(zones, edges[0]),
        np.full(zones, edges[-1]),
        pa.array(lattice.zone_ids, pa.string()),
        _lists(lattice.zone_cells),
        noised(counts.attendance, guarantee).astype(np.float64),
    )
    return {
        name: _table(INDICATORS[name], figures, noise[name], printing)
        for name, figures in (("presence", presence), ("attendance", attendance))
    }


def noised(counts: Counts, guarantee: Guarantee) -> Counts:
    """int64[n]: each count with discrete Gaussian noise of its own, from the randomness of the system (OpenDP).

    Raises ValueError where OpenDP's own account of the noise is above that of the guarantee.
    """
    mechanism = _mechanism(guarantee.sigma)
    rho: float = mechanism.map(math.sqrt(guarantee.contributions))  # type: ignore[no-untyped-call]
    if rho > guarantee.rho * (1 + _SLACK):
        raise ValueError(f"noise of {guarantee.sigma} does not hold rho = {guarantee.rho}")
    # The noise of one figure does not depend on the others, so that it can be drawn for some of them at a time.
    pieces = [mechanism(counts[at : at + _AT_ONCE]) for at in range(0, counts.size, _AT_ONCE)]
    return np.concatenate([np.zeros(0, np.int64), *(np.array(piece, np.int64) for piece in pieces)])


@dataclass(frozen=True)
class _Figures:
    """Noisy figures: window [start, end), `zone_id`, `cells` and the estimated number of devices."""

    start: Counts
    end: Counts
    zone_id: pa.Array
    cells: pa.Array
    devices: npt.NDArray[np.float64]


def _table(indicator: Indicator, figures: _Figures, noise: Noise, printing: Printing) -> pa.Table:
    """The public table: figures that are large enough, rounded, with people and an interval, in canonical order."""
    kept = np.flatnonzero(figures.devices >= noise.least(printing.k, printing.confidence))
    places = pa.array(kept)
    devices = printed(figures.devices[kept], printing.rounding)
    low, high = interval_dp(devices, printing.people_per_device, noise, printing.confidence, printing.rounding)
    columns = {
        "window_start": pa.array(figures.start[kept], pa.timestamp("us", "UTC")),
        "window_end": pa.array(figures.end[kept], pa.timestamp("us", "UTC")),
        "zone_id": figures.zone_id.take(places),
        "cells": figures.cells.take(places),
        "devices": pa.array(devices),
        "people": pa.array(people_dp(devices, printing.people_per_device)),
        "people_low": pa.array(low),
        "people_high": pa.array(high),
        "additive": pa.array(np.full(devices.size, indicator.additive)),
    }
    return in_public_order(indicator, indicator.table.conform(pa.table(columns)))


def refuse_without_opendp() -> None:
    """Raise SystemFailure where OpenDP is not installed: better before hours of work than after."""
    if find_spec("opendp") is None:
        raise SystemFailure(
            "[policy.dp]: expected OpenDP, which draws the noise, got an installation without it",
            "pip install 'hexaflux[dp]'",
        )


@cache
def _mechanism(sigma: float) -> "Measurement":
    """The discrete Gaussian on vectors of whole numbers, measured by L2 distance."""
    # A library of a quarter of a gigabyte that only this mode needs.
    import opendp.prelude as opendp

    opendp.enable_features("contrib")
    space = opendp.vector_domain(opendp.atom_domain(T="i64")), opendp.l2_distance(T="f64")
    return opendp.m.make_gaussian(*space, scale=sigma)


def _lists(cells: tuple[Cells, ...]) -> pa.Array:
    """list<uint64> from arrays."""
    offsets = np.append(0, np.cumsum([piece.size for piece in cells], dtype=np.int64)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.concatenate([np.zeros(0, np.uint64), *cells])))
