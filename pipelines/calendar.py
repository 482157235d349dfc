"""Privacy days, hours and slots of a timezone, as instants."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from schemas.errors import UsageError

_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _MICROSECOND
_HOUR = timedelta(hours=1) // _MICROSECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()


NIGHT_ENDS = time(5)
"""A night lasts from midnight to this hour of the local clock."""


@dataclass(frozen=True)
class PrivacyDay:
    """One privacy day: its local date and its instants [start, end) in microseconds since the epoch, UTC."""

    day: date
    start: int
    end: int


@dataclass(frozen=True)
class Calendar:
    """The privacy days of a timezone; slots and hours tile each day from its start.

    A start of day that the clock skips or shows twice is the instant of the offset before the change
    (source: PEP 495, fold=0). Where a day is no whole number of slots or hours, the last one is shorter.
    Raises UsageError for an unknown timezone. Years 2 to 9998.
    """

    timezone: str
    privacy_day_starts: time
    slot: timedelta

    def __post_init__(self) -> None:
        _zone(self.timezone)

    def day_of(self, event_time: NDArray[np.int64]) -> NDArray[np.int32]:
        """Privacy day of each instant, as days since 1970-01-01 of its local date."""
        if not len(event_time):
            return np.empty(0, np.int32)
        # A local date differs from the UTC date by at most one, and the day may begin late in it.
        first = int(event_time.min()) // _DAY - 2
        last = int(event_time.max()) // _DAY + 2
        starts = np.array([self._start(day) for day in range(first, last + 1)], np.int64)
        days: NDArray[np.int32] = (first - 1 + np.searchsorted(starts, event_time, "right")).astype(np.int32)
        return days

    def privacy_day(self, day: date) -> PrivacyDay:
        """The privacy day that begins on a local date."""
        ordinal = day.toordinal() - _EPOCH_DAY
        return PrivacyDay(day, self._start(ordinal), self._start(ordinal + 1))

    def slots(self, day: date) -> NDArray[np.int64]:
        """Edges of the m slots of a day: m + 1 instants."""
        return _edges(self.privacy_day(day), self.slot // _MICROSECOND)

    def hours(self, day: date) -> NDArray[np.int64]:
        """Edges of the h hours of a day: h + 1 instants."""
        return _edges(self.privacy_day(day), _HOUR)

    def half_hour_slot(self, day: date) -> NDArray[np.int32]:
        """Slot that holds the half-hour point of each hour; the day's last slot where it ends before that."""
        slots = self.slots(day)
        points = self.hours(day)[:-1] + _HOUR // 2
        holding = np.searchsorted(slots, points, "right") - 1
        return np.minimum(holding, len(slots) - 2).astype(np.int32)

    def night(self, day: date) -> tuple[int, int]:
        """The night of a day, from local midnight after its date to 05:00, as far as the day lasts."""
        ordinal, whole = day.toordinal() - _EPOCH_DAY, self.privacy_day(day)
        start, end = (_start(self.timezone, clock, ordinal + 1) for clock in (time(0), NIGHT_ENDS))
        return min(max(start, whole.start), whole.end), min(end, whole.end)

    def clock(self, instant: int) -> str:
        """The local time of day of an instant, as `HH:MM`."""
        return datetime.fromtimestamp(instant // 1_000_000, _zone(self.timezone)).strftime("%H:%M")

    def bins(self, day: date, length: int) -> NDArray[np.int64]:
        """Edges of the m bins of a day, each of `length` microseconds: m + 1 instants."""
        return _edges(self.privacy_day(day), length)

    def places(self, instants: NDArray[np.int64], length: int) -> NDArray[np.int64]:
        """Place of each instant on the local clock, in `length` microseconds since the clock at which days start."""
        zone, starts = _zone(self.timezone), self.privacy_day_starts
        begin = timedelta(hours=starts.hour, minutes=starts.minute, seconds=starts.second)
        local = [datetime.fromtimestamp(instant // 1_000_000, zone) for instant in instants.tolist()]
        since = [timedelta(hours=at.hour, minutes=at.minute, seconds=at.second) - begin for at in local]
        return np.array([each // _MICROSECOND % _DAY // length for each in since], np.int64)

    def _start(self, ordinal: int) -> int:
        return _start(self.timezone, self.privacy_day_starts, ordinal)


@lru_cache(maxsize=4096)
def _start(timezone: str, starts: time, ordinal: int) -> int:
    local = datetime.combine(date.fromordinal(ordinal + _EPOCH_DAY), starts, _zone(timezone))
    return (local - _EPOCH) // _MICROSECOND


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (LookupError, ValueError, OSError):
        raise UsageError(
            f"[area] timezone: expected a name of the IANA time zone database, got {timezone!r}",
            'write for example timezone = "Europe/Paris"',
        ) from None


def _edges(day: PrivacyDay, step: int) -> NDArray[np.int64]:
    return np.append(np.arange(day.start, day.end, step, dtype=np.int64), np.int64(day.end))
