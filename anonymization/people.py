"""From printed devices to people: the mean weight of a row's devices, and an interval from printed values only."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from anonymization.partition import Counts
from anonymization.tally import Tally

Numbers = npt.NDArray[np.float64]

PEOPLE_BASE = 10
"""People are printed in tens: finer figures would let the mean weight tell who the devices are (decision 0013)."""

_THOUSANDTHS = 1000


@dataclass(frozen=True)
class People:
    """`people`, `low`, `high`: double[n], multiples of ten, low <= people <= high."""

    people: Numbers
    low: Numbers
    high: Numbers


def people(printed: Counts, exact: Tally, confidence: float, design_effect: Numbers, base: int) -> People:
    """People behind `printed` int64[n] devices, each standing for the mean weight of the row's `exact` ones.

    Not the sum of the weights: where all weigh the same it would tell the count that rounding to `base` hides. Raises
    ValueError for a row whose devices weigh nothing.
    """
    if (exact.devices <= 0).any() or (exact.weight <= 0).any():
        raise ValueError("expected rows of devices that stand for people, got one without devices or without weight")
    mean = exact.weight / exact.devices / _THOUSANDTHS
    middle = np.rint(printed * mean / PEOPLE_BASE) * PEOPLE_BASE
    return People(middle, *interval(printed, middle, confidence, design_effect, base))


def interval(
    devices: Counts, people: Numbers, confidence: float, design_effect: Numbers, base: int
) -> tuple[Numbers, Numbers]:
    """`people_low` and `people_high`, double[n], from what is printed or public.

    Variance: that of a Poisson number of devices which each stand for people / devices, times the design effect, plus
    what the keyed rounding to `base` adds, at most base^2 / 4 devices. It does not cover a wrong weight or place.
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    # No device is printed only where k is below the base; it stands for one person there.
    each = np.where(devices > 0, people / np.maximum(devices, 1), 1.0)
    half = z * np.sqrt(design_effect * people * each + (each * base / 2) ** 2)
    low = np.maximum(np.floor((people - half) / PEOPLE_BASE), 0) * PEOPLE_BASE
    high = np.ceil((people + half) / PEOPLE_BASE) * PEOPLE_BASE
    return low, high
