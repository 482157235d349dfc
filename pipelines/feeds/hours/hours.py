"""The opening hours of a place: what a text of the accepted grammar says of an instant in the town's zone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State

from pipelines.feeds.hours import expected as wanted
from pipelines.feeds.hours.grammar import HoursError, rules

Reading = Literal["open", "closed"]

PARIS: Final = ZoneInfo("Europe/Paris")
FRANCE: Final = "FR"
"""The country whose public holidays are read alike everywhere: those of all its regions."""
HORIZON: Final = timedelta(days=400)
"""How far ahead the next change is looked for."""


@dataclass(frozen=True)
class Hours:
    """Opening hours as written; a place is open whenever the clock of its town shows an open time.

    So the hour that a clock shows twice is open twice, and the one that it leaves out is not there. Instants are given
    in any zone, and returned in that of the town.
    """

    text: str
    zone: ZoneInfo = PARIS
    country: str = FRANCE
    _read: OpeningHours = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_read", _evaluated(self.text, self.country))

    @staticmethod
    def parse(text: str, zone: ZoneInfo = PARIS, country: str = FRANCE) -> "Hours":
        """The hours of a text; raises HoursError, also for public holidays of another country than France."""
        return Hours(text, zone, country)

    def state(self, at: datetime) -> Reading:
        """Whether the place is open at an instant."""
        return self._reading(self._wall(at))

    def next_change(self, at: datetime) -> datetime | None:
        """The first instant after `at` with another state; None where there is none within 400 days."""
        now = self.state(at)
        for start, end, offset in _spells(self.zone, at, at + HORIZON):
            # OpeningHours.next_change would look until the year 9999, which takes minutes.
            for begins, _, state, _ in self._read.intervals(start + offset, end + offset):
                if (state == State.OPEN) != (now == "open"):
                    return self._instant(begins - offset)
        return None

    def intervals(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """When the place is open from `start` until before `end`, cut at both; in order, none touches the next."""
        found: list[tuple[datetime, datetime]] = []
        for first, last, offset in _spells(self.zone, start, end):
            for opens, closes, state, _ in self._read.intervals(first + offset, last + offset):
                if state != State.OPEN:
                    continue
                opening, closing = opens - offset, closes - offset
                if found and found[-1][1] == opening:
                    opening = found.pop()[0]
                found.append((opening, closing))
        return [(self._instant(opening), self._instant(closing)) for opening, closing in found]

    def _wall(self, at: datetime) -> datetime:
        """What the town's clock shows, without a zone."""
        if at.utcoffset() is None:
            raise ValueError(f"{at} has no zone, without which it is no instant")
        return at.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def _reading(self, wall: datetime) -> Reading:
        return "open" if self._read.is_open(wall) else "closed"

    def _instant(self, utc: datetime) -> datetime:
        return utc.replace(tzinfo=UTC).astimezone(self.zone)


@lru_cache(maxsize=8192)
def _evaluated(text: str, country: str) -> OpeningHours:
    """The evaluator of a text, without a zone: it is asked about what the clock shows."""
    for rule in rules(text):
        if rule.holidays and country != FRANCE:
            raise HoursError(text, rule.position + 1, wanted.NO_HOLIDAYS)
    return OpeningHours(text, country=country, auto_country=False, auto_timezone=False)


def _spells(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The spells of one offset from UTC between two instants: their ends in UTC, without a zone, and the offset."""
    first, last = (each.astimezone(UTC).replace(tzinfo=None) for each in (start, end))
    jumps = [jump for year in range(first.year, last.year + 1) for jump in _jumps(zone, year) if first < jump < last]
    bounds = [first, *jumps, last] if first < last else []
    for spell in pairwise(bounds):
        yield *spell, _offset(zone, spell[0])


@lru_cache(maxsize=256)
def _jumps(zone: ZoneInfo, year: int) -> tuple[datetime, ...]:
    """The instants of a year in UTC from which on the clock has another offset, to the minute."""
    found = []
    day = timedelta(days=1)
    low = datetime(year, 1, 1) - timedelta(minutes=1)
    while low.year <= year:
        high = low + day
        if _offset(zone, low) != _offset(zone, high):
            found.append(_jump(zone, low, high))
        low = high
    return tuple(each for each in found if each.year == year)


def _jump(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The minute after `low`, and until `high`, from which on the offset is that of `high`."""
    while high - low > timedelta(minutes=1):
        middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
        if _offset(zone, middle) == _offset(zone, low):
            low = middle
        else:
            high = middle
    return high


def _offset(zone: ZoneInfo, utc: datetime) -> timedelta:
    offset = utc.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    return offset or timedelta()
