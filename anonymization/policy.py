"""The privacy numbers: each with its value, its meaning and its source, in one frozen object."""

import json
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import timedelta
from typing import Final

from anonymization.guarantee_words import INSTEAD, NUMBERS
from anonymization.key_log import MOST_TIME
from anonymization.people import PEOPLE_BASE
from anonymization.rounding import LARGEST_BASE
from schemas.configuration import Area, PolicySettings, Test, Time
from schemas.errors import PrivacyRefusal, UsageError
from schemas.vocabulary import DWELL_BAND_STARTS_MINUTES

USUAL_K: Final = 20
SMALLEST_K: Final = 11
LARGEST_K: Final = 1_000_000
USUAL_MAX_SHARE: Final = 0.8
USUAL_ROUNDING: Final = 5
VISIT_MINUTES: Final = DWELL_BAND_STARTS_MINUTES[0]
KEY_DAYS: Final = 1
KEY_HOURS: Final = MOST_TIME // timedelta(hours=1)
TOLD_LEAST: Final = 100
ROUNDING_HOURS: Final = 2

_OURS: Final = "a proposal of this project; no authority sets it"

Value = int | float


@dataclass(frozen=True)
class Number:
    """One line of the register: a privacy number as it holds for a day, and why."""

    name: str
    value: Value
    meaning: str
    source: str


def _number(meaning: str, source: str) -> dict[str, str]:
    """A number that configurations set."""
    return {"meaning": meaning, "source": source}


def _fixed(meaning: str, source: str) -> dict[str, str | bool]:
    """A number that no configuration changes."""
    return {"meaning": meaning, "source": source, "fixed": True}


@dataclass(frozen=True)
class Policy:
    """What every published figure has to meet.

    Raises UsageError for a number without meaning and for a fixed one that is another, however the policy is made.
    """

    k: int = field(
        metadata=_number(
            "Fewest distinct devices behind a published figure, before weighting and rounding.",
            "practice of the French operator: the smallest sample of its population density interface, even with "
            'socio-demographic criteria, "never represents a population of less than twenty people"',
        )
    )
    max_share: float = field(
        metadata=_number(
            "Largest share of one known age or socio-professional class in a part that is split: above it, being in "
            "the part tells the class of a person.",
            _OURS,
        )
    )
    rounding: int = field(
        metadata=_number(
            "Base to which `devices` are rounded, by a keyed and unbiased draw: parts protect one window, rounding "
            "hides the change of a few people between two.",
            _OURS,
        )
    )
    test: bool
    lateness_minutes: int = field(
        default=30,
        metadata=_number(
            "How long after a window its late events still count; after that they are dropped, since two versions of "
            "a figure differ by single people.",
            _OURS,
        ),
    )
    base_resolution: int = field(
        default=9,
        metadata=_number("H3 resolution of the smallest hexagons that are published.", _OURS),
    )
    coarsest_resolution: int = field(
        default=5,
        metadata=_number("H3 resolution of the largest hexagons in the tree of parts.", _OURS),
    )
    smallest_k: int = field(
        default=SMALLEST_K,
        metadata=_fixed("Below this k nothing is published.", "INSEE gridded data: at least 11 households in a square"),
    )
    largest_rounding: int = field(default=LARGEST_BASE, metadata=_fixed("Largest base of rounding.", _OURS))
    rounding_hours: int = field(
        default=ROUNDING_HOURS,
        metadata=_fixed(
            "Hours for which the draw that rounds a part of presence stays the same, from the start of the privacy "
            "day: a draw for every slot would tell a steady count by the mean of its figures.",
            "measured by this project: over four hours of a still night, draws by slot told one device that leaves "
            "with an AUC of 0.73, draws by two hours with 0.53 (decision 0022)",
        ),
    )
    people_base: int = field(
        default=PEOPLE_BASE,
        metadata=_fixed(
            "Steps in which people are printed: finer figures would let the mean weight tell who the devices are.",
            "measured by this project: 20 devices of one commune were told from unrounded weights in every case "
            "(decision 0013)",
        ),
    )
    visit_minutes: int = field(
        default=VISIT_MINUTES, metadata=_fixed("Shortest visit that counts in attendance, by estimated dwell.", _OURS)
    )
    key_days: int = field(
        default=KEY_DAYS,
        metadata=_fixed(
            "Privacy days that a pseudonym and its key live: nobody is followed from one to the next.",
            "Conseil d'État, 8 February 2017, no. 393714: data that link two records of a person are not anonymous",
        ),
    )
    key_hours: int = field(
        default=KEY_HOURS,
        metadata=_fixed(
            "Hours that a key may live after its privacy day, or its making where that is later; longer is noted.",
            _OURS,
        ),
    )
    told_least: int = field(
        default=TOLD_LEAST,
        metadata=_fixed(
            "Fewest events, devices or late events of the input that the manifest tells, in two digits.", _OURS
        ),
    )

    def __post_init__(self) -> None:
        # A base above k would print 0 where there are k.
        largest = LARGEST_BASE if self.test else min(self.k, LARGEST_BASE)
        meaningful = 1 <= self.k <= LARGEST_K and 0.5 < self.max_share <= 1 and 0 <= self.rounding <= largest
        if not meaningful:
            raise UsageError(
                f"[policy]: expected k of 1 to {LARGEST_K}, 0.5 < max_share <= 1 and rounding of 0 to {largest}, "
                f"found k = {self.k}, max_share = {self.max_share}, rounding = {self.rounding}",
                f"write k = {USUAL_K}, max_share = {USUAL_MAX_SHARE}, rounding = {USUAL_ROUNDING}",
            )
        for each in fields(self):
            if _is_fixed(each) and getattr(self, each.name) != each.default:
                raise UsageError(
                    f"policy {each.name}: expected {each.default}, found {getattr(self, each.name)}",
                    "leave it out: no configuration changes it",
                )

    @classmethod
    def of(
        cls, settings: PolicySettings, test: Test | None, time: Time | None = None, area: Area | None = None
    ) -> "Policy":
        """The policy that the settings ask for.

        Raises PrivacyRefusal when k is below 11 and no test allows it.
        """
        if settings.k < SMALLEST_K and not (test is not None and test.allow_small_k):
            raise PrivacyRefusal(
                f"[policy] k: expected at least {SMALLEST_K}, found {settings.k}: too few to hide one person",
                f"write k = {USUAL_K}; for a trial on simulated devices, [test] allow_small_k = true",
            )
        time, area = time or Time(), area or Area()
        return cls(
            settings.k,
            settings.max_share,
            settings.rounding,
            test is not None,
            lateness_minutes=time.lateness // timedelta(minutes=1),
            base_resolution=area.base_resolution,
            coarsest_resolution=area.coarsest_resolution,
        )

    @property
    def pool_target(self) -> int:
        """Devices that a pool reaches before it stops absorbing: 2k - 1."""
        return 2 * self.k - 1

    @property
    def nested_least(self) -> int:
        """Fewest devices of a zone that must have missed a zone inside it: k."""
        return self.k

    @property
    def printed_minimum(self) -> int:
        """Smallest `devices` that can be printed: k rounded down to the base, or k without rounding."""
        return self.k // self.rounding * self.rounding if self.rounding else self.k

    def flags(self) -> tuple[str, ...]:
        """What a reader of the release has to know: where it is weaker than usual."""
        stated = {
            f"k below {USUAL_K}": self.k < USUAL_K,
            "rounding off": self.rounding <= 1,
            # Of the counts from k on, only k itself rounds down to the smallest figure then.
            "smallest figure is of exactly k": self.rounding > 1 and self.k % self.rounding == self.rounding - 1,
            "no limit on one class": self.max_share >= 1,
            "test release": self.test,
        }
        return tuple(flag for flag, holds in stated.items() if holds)

    def as_json(self) -> dict[str, Value]:
        """The numbers as the manifest states them; whether it is a test stands beside them."""
        return {line.name: line.value for line in register(self)}


_FIELDS: Final = tuple(each for each in fields(Policy) if "meaning" in each.metadata)
_DERIVED: Final = {
    "pool_target": (
        "Devices that a pool reaches before it stops absorbing, 2k - 1: every small member of it can then have held "
        "anything from nobody to k - 1.",
        "proof in the audit guide, checked by enumeration",
    ),
    "nested_least": (
        "Fewest devices of a published zone or class that must be outside of one that is published inside it (or "
        "none are): subtraction would show fewer.",
        _OURS,
    ),
}
"""Numbers that follow from others: properties of the policy, with their meaning and source."""


def register(policy: Policy) -> tuple[Number, ...]:
    """Every privacy number of a policy with its meaning and source, in the order of the declaration."""
    set_or_fixed = [(each.name, each.metadata["meaning"], each.metadata["source"]) for each in _FIELDS]
    derived = [(name, *about) for name, about in _DERIVED.items()]
    return tuple(Number(name, getattr(policy, name), *about) for name, *about in (*set_or_fixed, *derived))


def register_of(policy: Policy, dp: Mapping[str, object] | None) -> tuple[Number, ...]:
    """The register of a day: under differential privacy with its numbers, and with what the others mean there.

    Raises KeyError or ValueError for what is no `dp` block.
    """
    lines = register(policy)
    if dp is None:
        return lines
    noise = "differential privacy, decision 0019"
    usual = tuple(
        Number(line.name, line.value, INSTEAD[line.name], noise) if line.name in INSTEAD else line for line in lines
    )
    return (*usual, *(Number(name, float(str(dp[name])), *about) for name, about in NUMBERS.items()))


def register_json(policy: Policy, dp: Mapping[str, object] | None = None) -> bytes:
    """The register as the file that a release carries; the same policy gives the same bytes."""
    lines = [vars(line) for line in register_of(policy, dp)]
    return (json.dumps(lines, indent=1, ensure_ascii=False) + "\n").encode()


def policy_of(stated: Mapping[str, object], *, test: bool) -> Policy:
    """The policy that an entry of the manifest states.

    Raises UsageError where a number is missing, unknown, of another type, or another than it must be.
    """
    expected = {each.name for each in _FIELDS} | _DERIVED.keys()
    if unlike := sorted(stated.keys() ^ expected):
        raise UsageError(
            f"policy: expected {', '.join(sorted(expected))}; missing or unknown: {', '.join(unlike)}",
            "state every privacy number, and no other",
        )
    if wrong := [each.name for each in _FIELDS if type(stated[each.name]) is not each.type]:
        raise UsageError(f"policy: expected numbers of the declared types, found {wrong[0]} of another", "state it so")
    policy = Policy(**{each.name: stated[each.name] for each in _FIELDS}, test=test)  # type: ignore[arg-type]
    if changed := [name for name in _DERIVED if stated[name] != getattr(policy, name)]:
        raise UsageError(
            f"policy {changed[0]}: expected {getattr(policy, changed[0])}, found {stated[changed[0]]}",
            "state what follows from the other numbers",
        )
    return policy


def _is_fixed(each: Field[object]) -> bool:
    return bool(each.metadata.get("fixed"))
