"""From a noisy figure to what is printed of it, by public numbers only: anybody can work it out again."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from anonymization.people import PEOPLE_BASE

Counts = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Noise:
    """The noise of one indicator: a count carries noise of scale `sigma`, and is multiplied by `scale` (at least 1).

    `scale` is one over the probability that a device counts; `effect` the public design effect of the indicator.
    """

    sigma: float
    scale: float
    effect: float

    def least(self, k: int, confidence: float) -> float:
        """The smallest figure that is printed: k, or more where noise alone is that large too often."""
        return max(float(k), _quantile(confidence) * self.scale * self.sigma)


def printed(figures: Numbers, base: int) -> Counts:
    """int64[n]: figures of devices, at least 0, to the nearest multiple of `base`; to whole numbers for base 0."""
    step = max(base, 1)
    return (np.rint(figures / step) * step).astype(np.int64)


def people_dp(devices: Counts, people_per_device: float) -> Numbers:
    """double[n]: the people behind printed `devices`, in tens; no device weighs more than another."""
    return np.rint(devices * people_per_device / PEOPLE_BASE) * PEOPLE_BASE


def interval_dp(
    devices: Counts, people_per_device: float, noise: Noise, confidence: float, base: int
) -> tuple[Numbers, Numbers]:
    """`people_low` and `people_high`, double[n], from printed `devices` and public numbers.

    Variance in devices: the scaled noise, (scale sigma)^2; the draw of slots, devices (scale - 1), that of a binomial
    number of them over its probability; the rounding, at most base^2 / 4; and that of a Poisson number of devices times
    the design effect, as in `people.interval`. It does not cover a wrong factor, a place, or visits that do not count.
    """
    variance = (noise.scale * noise.sigma) ** 2 + max(base, 1) ** 2 / 4 + devices * (noise.scale - 1 + noise.effect)
    half = _quantile(confidence) * people_per_device * np.sqrt(variance)
    people = people_dp(devices, people_per_device)
    low = np.maximum(np.floor((people - half) / PEOPLE_BASE), 0) * PEOPLE_BASE
    high = np.ceil((people + half) / PEOPLE_BASE) * PEOPLE_BASE
    return low, high


def _quantile(confidence: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence / 2)
