"""From printed devices to people: one stated factor, with an interval that only uses printed values."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

PEOPLE_BASE = 10
"""People are printed in tens: finer figures would let a factor be divided out (measured on small parts)."""


@dataclass(frozen=True)
class People:
    """`people`, `low`, `high`: double[n], multiples of ten, low <= people <= high."""

    people: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]


def people(devices: npt.NDArray[np.int64], factor: float, confidence: float, design_effect: float, base: int) -> People:
    """People behind printed `devices`, each standing for `factor` people.

    Variance: a share 1/factor of the people is observed (binomial thinning, n f (f - 1), times the design effect), plus
    what the keyed rounding to `base` adds, at most f^2 base^2 / 4. The interval does not cover a wrong factor.
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    estimate = devices * factor
    variance = design_effect * estimate * (factor - 1) + (factor * base / 2) ** 2
    half = z * np.sqrt(variance)
    middle = np.rint(estimate / PEOPLE_BASE) * PEOPLE_BASE
    low = np.maximum(np.floor((estimate - half) / PEOPLE_BASE), 0) * PEOPLE_BASE
    high = np.ceil((estimate + half) / PEOPLE_BASE) * PEOPLE_BASE
    return People(middle, low, high)
