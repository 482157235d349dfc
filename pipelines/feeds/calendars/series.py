"""Series: what happens once or comes again, by the clock on the wall."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, weekday

from pipelines.feeds.calendars.rule import Rule

_FREQUENCIES = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY}


@dataclass(frozen=True)
class Occurrence:
    """Once of a series: its instants, in the zone of the town, and the day that it begins on."""

    start: datetime
    end: datetime

    @property
    def day(self) -> date:
        """The local day that it begins on."""
        return self.start.date()


@dataclass(frozen=True)
class Series:
    """What begins at `start` on the wall's clock, lasts, and comes again by a rule.

    It comes again at the same local time on both sides of a change to summer time, and lasts as long as the clock of a
    stopwatch says (RFC 5545, 3.8.5.3); whole days last from midnight to midnight. `without` are starts by the rule at
    which it does not happen, `moved` those at which it begins at another moment instead.
    """

    start: datetime
    lasts: timedelta
    whole_days: bool = False
    rule: Rule | None = None
    without: frozenset[datetime] = frozenset()
    moved: Mapping[datetime, datetime] = field(default_factory=dict)

    def planned(self, zone: ZoneInfo) -> Iterator[datetime]:
        """Every start by the rule, on the wall's clock, in order; without end where the rule has none."""
        if self.rule is None:
            return iter((self.start,))
        return _expanded(self.rule, self.start, self.rule.last(zone))

    def follows(self, zone: ZoneInfo) -> bool:
        """Whether its first start is one by its rule, as RFC 5545 demands."""
        if self.rule is None:
            return True
        # A rule may never be met, such as every 7 days on a Monday from a Tuesday on: it is not followed further.
        once = _expanded(replace(self.rule, count=None), self.start, self.start)
        last = self.rule.last(zone)
        return next(once, None) == self.start and (last is None or last >= self.start)

    def plans(self, moments: frozenset[datetime], zone: ZoneInfo) -> frozenset[datetime]:
        """Those of some starts that are starts by the rule."""
        found = set()
        for start in self.planned(zone) if moments else ():
            if start > max(moments):
                break
            found.add(start)
        return moments & found

    def happening(self, zone: ZoneInfo) -> Iterator[Occurrence]:
        """Every time that it happens, in order."""
        return self._since(datetime.min, zone)

    def next(self, at: datetime, zone: ZoneInfo, most: int) -> tuple[Occurrence, ...]:
        """The next times, at most so many, that are not over at an instant."""
        # Years that are over are left out by the clock on the wall, which needs no zone; two days make up for that.
        over = at.astimezone(zone).replace(tzinfo=None) - self.lasts - timedelta(days=2)
        return tuple(islice((each for each in self._since(over, zone) if each.end > at), most))

    def _since(self, moment: datetime, zone: ZoneInfo) -> Iterator[Occurrence]:
        left_out = self.without | self.moved.keys()
        kept = (start for start in self.planned(zone) if start not in left_out)
        for start in heapq.merge(kept, sorted(self.moved.values())):
            if start >= moment:
                yield self._occurrence(start, zone)

    def _occurrence(self, start: datetime, zone: ZoneInfo) -> Occurrence:
        begins = local(start, zone)
        if self.whole_days:
            return Occurrence(begins, local(start + self.lasts, zone))
        return Occurrence(begins, (begins.astimezone(UTC) + self.lasts).astimezone(zone))


def _expanded(rule: Rule, start: datetime, until: datetime | None) -> Iterator[datetime]:
    found: Iterator[datetime] = iter(
        rrule(
            _FREQUENCIES[rule.frequency],
            dtstart=start,
            interval=rule.interval,
            byweekday=[weekday(day, number or None) for number, day in rule.days] or None,
            until=until,
            count=rule.count,
        )
    )
    return found


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a moment on the wall's clock.

    The first one of a moment that comes twice; what the clock leaves out lies as long after the change as it would.
    """
    return moment.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)


def on_the_wall(instant: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment that the wall's clock shows at an instant, or None where that moment does not name this instant.

    It names none while the clock is set forward, and the first of two while it is set back.
    """
    there = instant.astimezone(UTC).astimezone(zone)
    moment = there.replace(tzinfo=None, fold=0)
    written = instant.replace(tzinfo=None, fold=0) if instant.tzinfo is zone else moment
    return moment if moment == written and local(moment, zone).astimezone(UTC) == there.astimezone(UTC) else None
