"""The arithmetic of differential privacy: noise to rho, rho to epsilon and back.

Rho adds up over days; epsilon does not, and is what a reader is told. A discrete Gaussian of scale sigma on figures of
which one person changes at most L0, each by at most one, is (L0 / 2 sigma^2)-zCDP.
Source: Bun and Steinke, "Concentrated differential privacy", 2016; Canonne, Kamath and Steinke, "The discrete Gaussian
for differential privacy", 2020, theorem 4 for several figures.
"""

import math
from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

_ORDERS: Final = 1 + np.geomspace(1e-4, 1e7, 30_001)
"""Renyi orders that are tried: any order gives a true bound, and the best of these is within 1e-6 of the least."""

_STEPS: Final = 100
_DECIMALS: Final = 3


def epsilon_of(rho: float, delta: float) -> float:
    """The epsilon of (epsilon, delta)-differential privacy that rho-zCDP gives; 0 for no rho.

    Source: Canonne, Kamath and Steinke, 2020, proposition 12, at the best of many orders.
    """
    if rho <= 0:
        return 0.0
    order = _ORDERS
    bounds = order * rho + np.log1p(-1 / order) - (math.log(delta) + np.log(order)) / (order - 1)
    return max(float(bounds.min()), 0.0)


def rho_within(epsilon: float, delta: float) -> float:
    """The greatest rho, within one part in 1e9, whose epsilon at `delta` is not above `epsilon`.

    Raises ValueError unless epsilon is positive and delta lies between 0 and 1e-2.
    """
    if not (0 < epsilon < math.inf and 0 < delta <= 1e-2):
        raise ValueError(f"expected epsilon above 0 and delta of at most 0.01, got {epsilon} and {delta}")
    # With so small a delta, rho-zCDP never gives an epsilon below rho.
    low, high = 0.0, epsilon
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if epsilon_of(middle, delta) <= epsilon else (low, middle)
    return low


def rho_of(sigma: float, contributions: int) -> float:
    """The rho of a release with noise `sigma` on each figure, of which a person changes `contributions` by one."""
    return contributions / (2 * sigma**2)


def sigma_for(epsilon: float, delta: float, contributions: int) -> float:
    """The noise that a release within (epsilon, delta) needs: the scale of each figure, rounded up to 0.001."""
    exact = math.sqrt(contributions / (2 * rho_within(epsilon, delta)))
    return math.ceil(exact * 10**_DECIMALS) / 10**_DECIMALS


def worst_rho(costs: Sequence[tuple[date, float]], horizon: int, around: date | None = None) -> float:
    """The most that the days of any `horizon` in a row cost, of those that hold `around` if it is given; 0 for none.

    `costs`: days, in any order, each with its rho; `around`: one of these days.
    """
    ordered = sorted(costs)
    day = np.array([each.toordinal() for each, _ in ordered], np.int64)
    total = np.append(0.0, np.cumsum(np.array([rho for _, rho in ordered], np.float64)))
    cost = total[np.searchsorted(day, day, "right")] - total[np.searchsorted(day, day - horizon, "right")]
    if around is not None:
        cost = cost[(day >= around.toordinal()) & (day < around.toordinal() + horizon)]
    return float(cost.max(initial=0.0))
