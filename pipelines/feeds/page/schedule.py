"""What a page says of opening hours, from when they are open as minutes; `page.js` says the same for another moment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypedDict, cast

from pipelines.feeds.documents import opening
from pipelines.feeds.feed import Context
from pipelines.feeds.page import dates
from pipelines.feeds.page.reader import Reader

State = Literal["open", "closed", "unknown"]
Rows = tuple[tuple[str, str], ...]
"""A week: days, and the hours on them."""


class Opening(TypedDict, total=False):
    """`opening` of an item in index.json."""

    hours: str
    state: State
    until: str
    intervals: list[list[str]]


@dataclass(frozen=True)
class Schedule:
    """When something is open, as minutes [from, to); `later` is its first change beyond the horizon, or None."""

    spans: tuple[tuple[int, int], ...]
    later: int | None


@dataclass(frozen=True)
class Mark:
    """A state with its word, and what is said beside it."""

    state: State
    word: str
    detail: str


@dataclass(frozen=True)
class Told:
    """What hours say: the number of their schedule, the state, and the week."""

    number: int
    mark: Mark
    week: Rows


@dataclass
class Schedules:
    """The schedules of a page, each of them once: many places keep the same hours."""

    reader: Reader
    all: dict[Schedule, int] = field(default_factory=dict)
    told: dict[tuple[str, datetime | None], Told] = field(default_factory=dict)

    def add(self, hours: str, valid_until: datetime | None, context: Context) -> Told:
        """What hours say until an instant, or without an end."""
        found = self.told.get((hours, valid_until))
        if found is None:
            valid = None if valid_until is None else self.reader.minute(valid_until)
            schedule = _schedule(cast(Opening, opening(hours, valid_until, context)), self.reader)
            number = self.all.setdefault(schedule, len(self.all))
            found = Told(number, mark(schedule, valid, self.reader), week(schedule, valid, self.reader))
            self.told[hours, valid_until] = found
        return found

    def as_json(self) -> list[list[int]]:
        """For the script: the bounds of each one, and a last number where a change beyond the horizon is known."""
        return [
            [*(bound for span in each.spans for bound in span), *([] if each.later is None else [each.later])]
            for each in self.all
        ]


def mark(schedule: Schedule, valid: int | None, reader: Reader) -> Mark:
    """The state at the reader's moment: unknown from `valid` on, and from the horizon on."""
    words, now = reader.words, reader.now
    if valid is not None and now >= valid:
        return Mark("unknown", words["unknown"], words["since"].format(reader.since(valid)))
    for start, end in schedule.spans:
        if now < start:
            return Mark("closed", words["closed"], words["opens"].format(reader.when(start, closing=False)))
        if now < end:
            closes = schedule.later if end >= reader.horizon else None if end == valid else end
            detail = "" if closes is None else words["closes"].format(reader.when(closes, closing=True))
            return Mark("open", words["open"], detail)
    opens = schedule.later
    detail = "" if opens is None else words["opens"].format(reader.when(opens, closing=False))
    return Mark("closed", words["closed"], detail)


def week(schedule: Schedule, valid: int | None, reader: Reader) -> Rows:
    """The hours of today and of the six days after it; days with the same hours one after the other are one row."""
    found: list[tuple[int, int, str]] = []
    for day in range(len(reader.midnights) - 1):
        times = _times(schedule.spans, day, valid, reader)
        if day > 1 and found[-1][2] == times:
            found[-1] = (found[-1][0], day, times)
        else:
            found.append((day, day, times))
    return tuple((_days(first, last, reader), times) for first, last, times in found)


def _times(spans: Sequence[tuple[int, int]], day: int, valid: int | None, reader: Reader) -> str:
    words, (begins, ends) = reader.words, reader.midnights[day : day + 2]
    if valid is not None and ends > valid:
        return words["not_known"]
    inside = [(max(start, begins), min(end, ends)) for start, end in spans if start < ends and end > begins]
    if inside == [(begins, ends)]:
        return words["all_day"]
    told = (
        f"{reader.clock(start)}{dates.DASH}{words['midnight'] if end == ends else reader.clock(end)}"
        for start, end in inside
    )
    return ", ".join(told) or words["not_open"]


def _days(first: int, last: int, reader: Reader) -> str:
    if first == 0:
        return reader.words["today"]
    ends = [dates.short(reader.local(reader.midnights[day]), reader.language) for day in (first, last)]
    return ends[0] if first == last else f"{ends[0]}{dates.DASH}{ends[1]}"


def _schedule(known: Opening, reader: Reader) -> Schedule:
    spans = tuple((_minute(start, reader), _minute(end, reader)) for start, end in known["intervals"])
    until = _minute(known["until"], reader) if "until" in known else None
    return Schedule(spans, until if until is not None and until > reader.horizon else None)


def _minute(text: str, reader: Reader) -> int:
    return reader.minute(datetime.fromisoformat(text))
