"""What a privacy day of differential privacy promises: how far each device is held back, how much noise there is."""

from dataclasses import dataclass
from typing import Final

from anonymization.entries import Body
from anonymization.guarantee_words import WITHDRAWN
from anonymization.zcdp import epsilon_of, rho_of, sigma_for
from schemas.configuration import DifferentialPrivacy

HORIZONS: Final = (1, 30, 365)
"""Days in a row for which the epsilon of one device is stated: without a number of days no promise means anything."""

ZONE_SHARE: Final = 4
"""One contribution in this many is for `attendance`; the others are for `presence`."""

INDICATORS: Final = ("presence", "attendance")
"""What is published on a lattice; anything else would need a share of the contributions."""


@dataclass(frozen=True)
class Guarantee:
    """The numbers of one privacy day; all follow from the configuration, the calendar and the number of zones.

    A device counts in at most `slots_kept` of the day's `slots`, in one hexagon of each, and in at most `zones_kept`
    zones: together at most `contributions` figures, each by at most one, before noise of scale `sigma` on each.
    """

    epsilon: float
    delta: float
    budget_epsilon: float
    contributions: int
    resolution: int
    slots: int
    slots_kept: int
    zones_kept: int
    sigma: float

    @property
    def rho(self) -> float:
        """What the day costs a device, in the measure that adds up over days."""
        return rho_of(self.sigma, self.contributions)

    @property
    def scale(self) -> float:
        """What a count of `presence` is multiplied by, as devices count in some of the slots only."""
        return self.slots / self.slots_kept

    def stated(self, people_per_device: float) -> Body:
        """The `dp` block of the day's manifest entry, from which the audit works everything out again."""
        horizons = {f"epsilon_{days}": epsilon_of(days * self.rho, self.delta) for days in HORIZONS}
        return {
            "mechanism": "discrete Gaussian",
            "unit": "one device on one privacy day",
            "epsilon": self.epsilon,
            "delta": self.delta,
            "budget_epsilon": self.budget_epsilon,
            "contributions": self.contributions,
            "resolution": self.resolution,
            "slots": self.slots,
            "slots_kept": self.slots_kept,
            "zones_kept": self.zones_kept,
            "sigma": self.sigma,
            "rho": self.rho,
            **horizons,
            "people_per_device": people_per_device,
            "withdrawn": list(WITHDRAWN),
        }


def guarantee(settings: DifferentialPrivacy, slots: int, zones: int) -> Guarantee:
    """The guarantee of a day of `slots` slots with so many zones.

    The noise is for all `contributions`, also where a day has fewer slots or zones than their shares.
    """
    zones_kept = min(max(settings.contributions // ZONE_SHARE, 1), zones)
    return Guarantee(
        epsilon=settings.epsilon,
        delta=settings.delta,
        budget_epsilon=settings.budget_epsilon,
        contributions=settings.contributions,
        resolution=settings.resolution,
        slots=slots,
        slots_kept=min(settings.contributions - zones_kept, slots),
        zones_kept=zones_kept,
        sigma=sigma_for(settings.epsilon, settings.delta, settings.contributions),
    )
