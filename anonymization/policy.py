"""The privacy numbers, each with its meaning and its source."""

from dataclasses import dataclass
from typing import Final

from schemas.configuration import PolicySettings, Test
from schemas.errors import PrivacyRefusal, UsageError

USUAL_K: Final = 20
"""Fewest distinct devices behind a published figure, before weighting and rounding.

Source: practice of the French operator. The smallest sample that its population density interface analyses,
even with socio-demographic criteria, "never represents a population of less than twenty people".
"""

SMALLEST_K: Final = 11
"""Below this k nothing is published. Source: INSEE gridded data, at least 11 households in a square."""

USUAL_MAX_SHARE: Final = 0.8
"""Largest share of one known age or socio-professional class in a part that is split.

Above it, being in the part tells the class of a person. Source: a proposal of this project; no authority sets
it.
"""

USUAL_ROUNDING: Final = 5
"""Base to which `devices` are rounded, by a keyed and unbiased draw.

Parts protect one window; rounding hides the change of a few people between two. Source: a proposal of this
project.
"""


@dataclass(frozen=True)
class Policy:
    """What every published figure has to meet.

    Raises UsageError for a number without meaning, however the policy is made.
    """

    k: int
    max_share: float
    rounding: int
    test: bool

    def __post_init__(self) -> None:
        meaningful = self.k >= 1 and 0.5 < self.max_share <= 1 and self.rounding >= 0
        if not meaningful:
            raise UsageError(
                "[policy]: expected k >= 1, 0.5 < max_share <= 1 and rounding >= 0, "
                f"found k = {self.k}, max_share = {self.max_share}, rounding = {self.rounding}",
                f"write k = {USUAL_K}, max_share = {USUAL_MAX_SHARE}, rounding = {USUAL_ROUNDING}",
            )

    @classmethod
    def of(cls, settings: PolicySettings, test: Test | None) -> "Policy":
        """The policy that the settings ask for.

        Raises PrivacyRefusal when k is below 11 and no test allows it, UsageError for differential privacy.
        """
        if settings.dp is not False:
            raise UsageError("[policy] dp: differential privacy is not offered in this version", "write dp = false")
        if settings.k < SMALLEST_K and not (test is not None and test.allow_small_k):
            raise PrivacyRefusal(
                f"[policy] k: expected at least {SMALLEST_K}, found {settings.k}: too few to hide one person",
                f"write k = {USUAL_K}; for a trial on simulated devices, [test] allow_small_k = true",
            )
        return cls(settings.k, settings.max_share, settings.rounding, test is not None)

    @property
    def pool_target(self) -> int:
        """Devices that a pool reaches before it stops absorbing: 2k - 1.

        With that many, every small child of the pool can have held anything from nobody to k - 1.
        """
        return 2 * self.k - 1

    @property
    def printed_minimum(self) -> int:
        """Smallest `devices` that can be printed: k rounded down to the base, or k without rounding."""
        return self.k // self.rounding * self.rounding if self.rounding else self.k

    def flags(self) -> tuple[str, ...]:
        """What a reader of the release has to know: where it is weaker than usual."""
        stated = {
            f"k below {USUAL_K}": self.k < USUAL_K,
            "rounding off": self.rounding <= 1,
            "no limit on one class": self.max_share >= 1,
            "test release": self.test,
        }
        return tuple(flag for flag, holds in stated.items() if holds)

    def as_json(self) -> dict[str, int | float]:
        """The numbers as the manifest states them; whether it is a test stands beside them."""
        return {"k": self.k, "max_share": self.max_share, "rounding": self.rounding}
