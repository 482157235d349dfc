"""The guarantee of differential privacy that a day states, read from its entry."""

from typing import Final

from anonymization.checks.outcome import Unsound
from anonymization.entries import Body, Entry
from anonymization.guarantee import Guarantee

_LEAST_SIGMA: Final = 1e-3
_GREATEST: Final = 1e6
_WHOLE: Final = ("contributions", "resolution", "slots", "slots_kept", "zones_kept")
_NUMBERS: Final = ("epsilon", "delta", "budget_epsilon", "sigma")


def guarantee_of(entry: Entry) -> Guarantee:
    """The guarantee that the `dp` block of an entry states; raises Unsound where a number is missing or impossible."""
    block = entry.block("dp")
    epsilon, delta, budget, sigma = (number(block, name) for name in _NUMBERS)
    contributions, resolution, slots, slots_kept, zones_kept = (_whole(block, name) for name in _WHOLE)
    found = Guarantee(epsilon, delta, budget, contributions, resolution, slots, slots_kept, zones_kept, sigma)
    if not (0 < delta < 1 and _LEAST_SIGMA <= sigma <= _GREATEST and epsilon > 0 and contributions <= _GREATEST):
        raise Unsound("states an impossible epsilon, delta, sigma or number of contributions")
    if not (0 < slots_kept <= slots and 0 <= zones_kept <= contributions - slots_kept):
        raise Unsound("lets a device count in more figures than its contributions")
    return found


def number(block: Body, name: str) -> float:
    """A number of the block; raises Unsound where there is none."""
    value = block.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Unsound(f"states no number for {name}")
    return float(value)


def _whole(block: Body, name: str) -> int:
    value = block.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unsound(f"states no whole number for {name}")
    return value
