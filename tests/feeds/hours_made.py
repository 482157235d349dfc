"""Opening hours made at random from every production of the accepted grammar."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from pipelines.feeds.hours.grammar import DAYS, MONTHS

LONGEST_MONTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PRODUCTIONS: Final = """
24/7, times, times off, off, bare times, bare off, season, season weekdays, weekdays, month, months,
months over the year, date, days of a month, dates, dates over the year, dated, dated days, dated range, Feb 29,
list of months, list of dates, list of dated, week, weeks, every second week, list of weeks, PH, PH first, PH last,
day, days, days over the week, list of days, times in any order, to midnight, from midnight, one digit, several rules,
spaces
"""
PRODUCTIONS: Final = frozenset(_PRODUCTIONS.replace("\n", " ").strip().split(", "))
"""The names of what a text can hold; a generator that has made all of them has covered the grammar."""


class Maker:
    """Makes texts from a source of chance, and remembers which productions it has used."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.used: set[str] = set()

    def text(self) -> str:
        """Opening hours of one to four rules."""
        count = self.random.choice([1, 2, 2, 3, 4])
        if count > 1:
            self.used.add("several rules")
        separator = self.random.choice(["; ", "; ", "; ", ";", " ; "])
        if count > 1 and separator != "; ":
            self.used.add("spaces")
        return separator.join(self.rule(first=not place) for place in range(count))

    def rule(self, first: bool) -> str:
        if first and self._one_in(30):
            return self._used("24/7", "24/7")
        days = "" if first and self._one_in(12) else self.days()
        kind = self.random.choice(["times", "times", "times", "off", "times off"])
        if not days:
            self.used.add("bare off" if kind == "off" else "bare times")
        said = self._used(kind, "off" if kind == "off" else self.times() + (" off" if kind == "times off" else ""))
        return f"{days} {said}".strip()

    def days(self) -> str:
        kind = self._used(self.random.choice(["weekdays", "weekdays", "season", "season weekdays"]))
        parts = {"weekdays": [self.weekdays], "season": [self.season], "season weekdays": [self.season, self.weekdays]}
        return " ".join(part() for part in parts[kind])

    def weekdays(self) -> str:
        chance = self.random.random()
        if chance < 0.12:
            return self._used("PH", "PH")
        items = self._listed(self.week_days, "list of days")
        if chance < 0.2:
            return self._used("PH first", f"PH,{items}")
        return self._used("PH last", f"{items},PH") if chance < 0.3 else items

    def season(self) -> str:
        kind = self.random.choice(["months", "dates", "dated", "weeks"])
        if kind == "weeks":
            return "week " + self._listed(self._weeks, "list of weeks")
        made = {"months": self._months, "dates": self._dates, "dated": self._dated}
        return self._listed(made[kind], f"list of {kind}")

    def times(self) -> str:
        count = self.random.choice([1, 1, 2, 3])
        if self._one_in(6):
            self.used.add("times in any order")
            pairs = [sorted(self.random.sample(range(97), 2)) for _ in range(count)]
        else:
            bounds = sorted(self.random.sample(range(97), 2 * count))
            pairs = [bounds[place : place + 2] for place in range(0, 2 * count, 2)]
        self.used |= {"to midnight"} if any(end == 96 for _, end in pairs) else set()
        self.used |= {"from midnight"} if any(start == 0 for start, _ in pairs) else set()
        return ",".join(f"{self._clock(start)}-{self._clock(end)}" for start, end in pairs)

    def _clock(self, quarters: int) -> str:
        hour, minute = divmod(quarters * 15, 60)
        if hour < 10 and self._one_in(10):
            return self._used("one digit", f"{hour}:{minute:02d}")
        return f"{hour:02d}:{minute:02d}"

    def week_days(self) -> str:
        first, last = self.random.choices(range(7), k=2)
        if self._one_in(2):
            return self._used("day", DAYS[first])
        self._used("days" if first <= last else "days over the week")
        return f"{DAYS[first]}-{DAYS[last]}"

    def _months(self) -> str:
        first, last = self.random.choices(range(12), k=2)
        if self._one_in(2):
            return self._used("month", MONTHS[first])
        self._used("months" if first <= last else "months over the year")
        return f"{MONTHS[first]}-{MONTHS[last]}"

    def _dates(self) -> str:
        kind = self.random.choice(["date", "days of a month", "dates"])
        (first, day), (last, end) = self._day_of_year(), self._day_of_year()
        if kind == "date":
            return self._used(kind, f"{MONTHS[first]} {self._two(day)}")
        if kind == "days of a month":
            longest = 27 if first == 1 else LONGEST_MONTHS[first]
            low, high = sorted((min(day, longest), self.random.randint(1, longest)))
            return self._used(kind, f"{MONTHS[first]} {self._two(low)}-{self._two(high)}")
        begins, ends = date(2001, first + 1, day), date(2001, last + 1, end)
        if begins - ends == timedelta(days=1):
            return self._dates()
        self._used("dates" if begins <= ends else "dates over the year")
        return f"{MONTHS[first]} {self._two(day)}-{MONTHS[last]} {self._two(end)}"

    def _dated(self) -> str:
        kind = self.random.choice(["dated", "dated days", "dated range", "dated range"])
        first, last = sorted(date(2026, 11, 1) + timedelta(days=self.random.randrange(820)) for _ in range(2))
        if self._one_in(8):
            last = self._used("Feb 29", date(2028, 2, 29))
            first = min(first, last)
        if kind == "dated":
            return self._used(kind, written(last))
        if kind == "dated range":
            return self._used(kind, f"{written(first)}-{written(last)}")
        longest = 27 if first.month == 2 else LONGEST_MONTHS[first.month - 1]
        if first.day > longest:
            return self._used("dated", written(first))
        return self._used(kind, f"{written(first)}-{self._two(self.random.randint(first.day, longest))}")

    def _weeks(self) -> str:
        kind = self.random.choice(["week", "weeks", "every second week"])
        first, last = sorted(self.random.choices(range(1, 54), k=2))
        if kind == "week":
            return self._used(kind, self._two(first))
        if kind == "every second week" and last >= first + 2:
            return self._used(kind, f"{self._two(first)}-{self._two(last)}/2")
        return self._used("weeks", f"{self._two(first)}-{self._two(last)}")

    def _day_of_year(self) -> tuple[int, int]:
        month = self.random.randrange(12)
        return month, self.random.randint(1, LONGEST_MONTHS[month])

    def _two(self, number: int) -> str:
        if number < 10 and self._one_in(10):
            return self._used("one digit", f"{number}")
        return f"{number:02d}"

    def _listed(self, item: Callable[[], str], name: str) -> str:
        count = self.random.choice([1, 1, 1, 2, 3])
        if count > 1:
            self.used.add(name)
        return ",".join(item() for _ in range(count))

    def _used(self, production: str, made: Any = None) -> Any:
        self.used.add(production)
        return production if made is None else made

    def _one_in(self, count: int) -> bool:
        return self.random.randrange(count) == 0


def written(day: date) -> str:
    """A date as the grammar has it."""
    return f"{day.year} {MONTHS[day.month - 1]} {day.day:02d}"


def made(seed: int, count: int) -> tuple[list[str], set[str]]:
    """Different texts, and the productions that they use."""
    maker = Maker(Random(seed))
    found: dict[str, None] = {}
    while len(found) < count:
        found[maker.text()] = None
    return list(found), maker.used
