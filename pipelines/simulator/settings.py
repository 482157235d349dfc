"""What is simulated: how many subscribers, on which privacy days, with which share of the market."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from pipelines.calendar import Calendar, PrivacyDay
from pipelines.simulator.habits import DayKind
from schemas.errors import UsageError

TIMEZONE = "Europe/Paris"
CALENDAR = Calendar(TIMEZONE, time(5), timedelta(minutes=15))

FESTIVAL = "Festival du lac"
MOST_PEOPLE = 20_000_000
_SATURDAY, _SUNDAY = 5, 6
_FIRST, _LAST = date(2000, 1, 2), date(2099, 12, 31)


@dataclass(frozen=True)
class Edition:
    """One day of the festival; `crowd`: how many come, as a share of a usual edition."""

    name: str
    day: date
    crowd: float = 1.0


@dataclass(frozen=True)
class Settings:
    """n subscribers on some privacy days, of a population of n / market_share; raises UsageError for the impossible.

    `editions` of the festival in the order of their days, each compared with the one before; where there is none, a
    usual one on the first Saturday, or the first day without one. `visits_every`: after so many days, more than the
    nights of a stay, the same visitors come again; None where each comes once, and fewer a day the more days there are.
    """

    devices: int = 20_000
    days: int = 2
    start: date = date(2026, 6, 20)
    seed: int = 1
    market_share: float = 0.3
    editions: tuple[Edition, ...] = ()
    visits_every: int | None = None

    def __post_init__(self) -> None:
        if not 0.01 <= self.market_share <= 1:
            raise _impossible("--market-share", "a share from 0.01 to 1", str(self.market_share), "write 0.3")
        if not 1 <= self.population <= MOST_PEOPLE:
            expected = f"at least one subscriber, and a population of at most {MOST_PEOPLE:,}"
            raise _impossible("--devices", expected, f"a population of {self.population:,}", "write 20000")
        if self.days < 1 or not _FIRST <= self.start <= self.calendar[-1] <= _LAST:
            expected = f"days from {_FIRST} to {_LAST}"
            raise _impossible("--start", expected, f"{self.days} days from {self.start}", "write 2026-06-20")

    @property
    def population(self) -> int:
        """How many people there are."""
        return round(self.devices / self.market_share)

    @property
    def calendar(self) -> list[date]:
        """The privacy days."""
        return [self.start + timedelta(days=day) for day in range(self.days)]

    @property
    def festival(self) -> Sequence[Edition]:
        """The editions of the festival."""
        saturday = next((day for day in self.calendar if day.weekday() == _SATURDAY), self.start)
        return self.editions or (Edition(FESTIVAL, saturday),)

    def crowd(self, number: int) -> float:
        """How many come to the festival on a privacy day, as a share of a usual edition."""
        return next((edition.crowd for edition in self.festival if edition.day == self.calendar[number]), 0.0)

    def bounds(self, number: int) -> PrivacyDay:
        """A privacy day by its number, from 0."""
        return CALENDAR.privacy_day(self.calendar[number])


def length(day: PrivacyDay) -> float:
    """Seconds of a privacy day."""
    return (day.end - day.start) / 1e6


def _impossible(option: str, expected: str, found: str, hint: str) -> UsageError:
    return UsageError(f"{option}: expected {expected}, found {found}", f"{hint}, for example")


_KINDS = {_SATURDAY: DayKind.SATURDAY, _SUNDAY: DayKind.SUNDAY}


def day_kind(day: date) -> DayKind:
    """What kind of day it is."""
    return _KINDS.get(day.weekday(), DayKind.WEEKDAY)
