"""Whom a page is made for: the language, and the town's clock from the midnight before the build on."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from pipelines.feeds.documents import midnight
from pipelines.feeds.feed import midnight_after
from pipelines.feeds.page import dates
from pipelines.feeds.page.words import words
from schemas.dates import DAYS, Language
from schemas.feeds import AHEAD, Text

_MINUTE = timedelta(minutes=1)
_NIGHT_ENDS = 6
"""Who closes before this hour closes in the night of the day before."""
_WEEK = 7


@dataclass(frozen=True)
class Reader:
    """Turns instants into minutes since the local midnight before the build, and minutes into words."""

    language: Language
    zone: ZoneInfo
    at: datetime

    @cached_property
    def words(self) -> dict[str, str]:
        """What the page says."""
        return words(self.language)

    @cached_property
    def base(self) -> datetime:
        """The local midnight before the build, in UTC: the difference of two local times knows no summer time."""
        return midnight(self.at.astimezone(self.zone)).astimezone(UTC)

    @cached_property
    def now(self) -> int:
        """The minute of the build."""
        return self.minute(self.at)

    @cached_property
    def horizon(self) -> int:
        """The minute from which on no hours are spelled out."""
        return self.minute(self.at.astimezone(self.zone) + AHEAD)

    @cached_property
    def midnights(self) -> tuple[int, ...]:
        """The minutes at which today and the six days after it begin, and at which they end."""
        first = self.local(0).date()
        return (0, *(self.end_of(first + timedelta(days=ahead)) for ahead in range(_WEEK)))

    def pick(self, text: Text) -> str:
        """The text in the reader's language."""
        return text.en if self.language == "en" else text.fr

    def foreign(self, text: Text) -> bool:
        """Whether a text is there in the language of the town alone, and the reader's is another one."""
        return self.language == "en" and bool(text.en) and text.en == text.fr

    def minute(self, instant: datetime) -> int:
        """The minute that holds an instant."""
        return (instant.astimezone(UTC) - self.base) // _MINUTE

    def end_of(self, day: date) -> int:
        """The minute at which a local day ends."""
        return self.minute(midnight_after(day, self.zone))

    def local(self, minute: int) -> datetime:
        """What the town's clock shows."""
        return (self.base + minute * _MINUTE).astimezone(self.zone)

    def clock(self, minute: int) -> str:
        """The time of day."""
        return dates.clock(self.local(minute), self.language)

    def since(self, minute: int) -> str:
        """A day from its beginning on, or a moment in it."""
        local = self.local(minute)
        day = dates.full(local, self.language)
        return self.words["moment"].format(day, self.clock(minute)) if local.hour or local.minute else day

    def moment(self, instant: datetime, *, year: bool = False) -> str:
        """A day with its weekday and a time of day; the year of the build is left out, unless it is asked for."""
        local = instant.astimezone(self.zone)
        day = dates.long(local, self.language) if year else self.day(local)
        return self.words["moment"].format(day, dates.clock(local, self.language))

    def day(self, day: date) -> str:
        """A day with its weekday, and its year where it is not that of the build."""
        return dates.near(day, self.local(self.now).year, self.language)

    def opened(self, count: int) -> str:
        """How many are open."""
        special = {0: self.words["none_open"], 1: self.words["one_open"]}
        return special.get(count) or self.words["count_open"].format(count)

    def when(self, minute: int, closing: bool) -> str:
        """When something opens or closes, as one says it now: at 18:00, tomorrow at 9:00, Monday at 9:00."""
        local, today = self.local(minute), self.local(self.now).date()
        ahead = (local.date() - today).days
        if closing and ahead == 1 and local.hour < _NIGHT_ENDS:
            ahead = 0
        clock = self.clock(minute)
        if ahead <= 0:
            at_midnight = closing and not local.hour and not local.minute
            return self.words["at_midnight"] if at_midnight else self.words["at"].format(clock)
        if ahead == 1:
            return self.words["tomorrow"].format(clock)
        if ahead < _WEEK:
            return self.words["on_weekday"].format(DAYS[self.language][local.weekday()], clock)
        return self.words["on_date"].format(dates.day_month(local, self.language), clock)
