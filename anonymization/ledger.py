"""The ledger of the privacy budget: what every published day has cost a device, beside the publication register.

What a day costs is its rho, which adds up; the budget is an epsilon over 365 days.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from anonymization.day_lines import DayLines
from anonymization.zcdp import epsilon_of, worst_rho
from schemas.errors import PrivacyRefusal

YEAR: Final = 365
"""Days in a row that the budget is for."""

_SLACK: Final = 1e-9


@dataclass(frozen=True)
class Spending:
    """What one privacy day of some sources costs a device, as one release publishes it; sources as in `Publication`.

    Raises ValueError without a source or without a cost.
    """

    day: date
    sources: tuple[str, ...]
    rho: float
    delta: float
    release_id: str

    def __post_init__(self) -> None:
        if not self.sources or not self.rho > 0 or not 0 < self.delta < 1:
            raise ValueError(f"the spending of {self.day} names no source, no rho above 0 or no delta")


@dataclass(frozen=True)
class Budget:
    """Most epsilon at `delta` that the privacy days of any 365 in a row may cost a device."""

    epsilon: float
    delta: float


def ledger_path(register: Path) -> Path:
    """Where the ledger of a publication register stands: `publications.jsonl` to `publications.budget.jsonl`."""
    return register.with_suffix(".budget.jsonl")


def refuse_overspending(path: Path, spendings: Iterable[Spending], budget: Budget) -> None:
    """Raise PrivacyRefusal where days not yet entered would pass the budget, or were entered otherwise.

    A ledger that is not there is an empty one; a damaged one raises PrivacyRefusal too.
    """
    try:
        entries = read_ledger(path)
    except FileNotFoundError:
        entries = []
    _missing(path, entries, spendings, budget)


def enter_spending(path: Path, spendings: Iterable[Spending], budget: Budget) -> None:
    """Check the days and append those not yet entered: all of them or, if one is refused, none.

    A day that is entered already, by the same release and at the same cost, is left as it is: it is paid for.
    Raises PrivacyRefusal as `refuse_overspending` does, OSError as the disk does.
    """
    _ledger(path).append(lambda entries: _missing(path, entries, spendings, budget))


def read_ledger(path: Path) -> list[Spending]:
    """The entries of a ledger, in order; raises PrivacyRefusal for a damaged one, OSError as the disk does."""
    return _ledger(path).read()


def spent(entries: Sequence[Spending], sources: Iterable[str], delta: float, horizon: int) -> float:
    """The epsilon at `delta` that the days of any `horizon` in a row cost a device of some sources, at worst."""
    wanted = set(sources)
    costs = [(entry.day, entry.rho) for entry in entries if not wanted.isdisjoint(entry.sources)]
    return epsilon_of(worst_rho(costs, horizon), delta)


def _ledger(path: Path) -> DayLines[Spending]:
    hint = "restore the ledger from a copy: it alone tells what is already spent"
    return DayLines(path, Spending, "what a privacy day cost, in a line", hint)


def _missing(path: Path, entries: Sequence[Spending], spendings: Iterable[Spending], budget: Budget) -> list[Spending]:
    """The spendings that the ledger does not hold, each checked against it and those before."""
    known = list(entries)
    for new in spendings:
        if new in known:
            continue
        shared = [old for old in known if not set(old.sources).isdisjoint(new.sources)]
        if any(old.day == new.day for old in shared):
            raise PrivacyRefusal(
                f"{path}: privacy day {new.day} of this source is paid for, by another release or at another cost",
                "a day of one source is published once: continue the first release, or use a new day",
            )
        known.append(new)
        _refuse_beyond(path, new, shared, budget)
    return known[len(entries) :]


def _refuse_beyond(path: Path, new: Spending, shared: Sequence[Spending], budget: Budget) -> None:
    """Raise PrivacyRefusal where a day, with the others of its sources, passes the budget of some 365 days."""
    others = [(each.day, each.rho) for each in shared]
    after = epsilon_of(worst_rho([*others, (new.day, new.rho)], YEAR, new.day), budget.delta)
    if after > budget.epsilon * (1 + _SLACK):
        before = epsilon_of(worst_rho([*others, (new.day, 0.0)], YEAR, new.day), budget.delta)
        raise PrivacyRefusal(
            f"{path}: privacy day {new.day} would bring the epsilon of {YEAR} days to {after:.2f}, above the "
            f"budget_epsilon of {budget.epsilon:g}; the other days come to {before:.2f}",
            f"publish the day when older ones are {YEAR} days past, or lower [policy.dp] epsilon for the days to come",
        )
