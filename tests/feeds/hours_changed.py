"""Opening hours that are made and then changed: damaged, or with other hours on certain days."""

from datetime import date, timedelta
from random import Random
from typing import Final

from pipelines.feeds.hours.dated import Span, with_dates
from pipelines.feeds.hours.grammar import HoursError
from pipelines.feeds.hours.hours import Hours
from tests.feeds.hours_made import Maker

PIECES: Final = (
    "Mo",
    "Su",
    "PH",
    "Jan",
    "Feb 29",
    "2027",
    "week ",
    "off",
    "24:00",
    "00",
    "1",
    "-",
    ",",
    ";",
    " ",
    "/2",
)


def damaged(random: Random, text: str) -> str:
    """A text with a piece put in, taken out or exchanged."""
    start = random.randrange(len(text))
    end = start + random.choice([0, 0, 1, 2, 3])
    return text[:start] + random.choice(["", *PIECES]) + text[end:]


def exceptional(random: Random) -> tuple[str, str, str, list[Span], list[Span]]:
    """Weekly hours with other ones in holidays and closures; the week, these hours, and both kinds of days."""
    maker = Maker(random)
    rules = [f"{maker.week_days()} {maker.times()}" for _ in range(random.choice([1, 2, 3]))]
    week = "; ".join(rules) + random.choice(["", "; PH off", "; PH 10:00-12:00", "; Su,PH off"])
    hours = random.choice(
        ["off", maker.times(), f"{maker.week_days()} {maker.times()}", "Mo-Fr 09:00-12:00; Sa 10:00-11:00"]
    )
    holidays = [span(random, 60) for _ in range(random.choice([1, 2, 5]))]
    closures = [span(random, 3) for _ in range(random.choice([0, 1, 2]))]
    text = with_dates(with_dates(week, holidays, hours), closures, "off", above_holidays=True)
    return text, week, hours, holidays, closures


def span(random: Random, longest: int) -> Span:
    """Days between the end of 2026 and that of 2028."""
    first = date(2026, 12, 1) + timedelta(days=random.randrange(730))
    return Span(first, first + timedelta(days=random.randrange(longest)))


def accepted(text: str, country: str = "FR") -> bool:
    """Whether opening hours are accepted."""
    try:
        Hours.parse(text, country=country)
    except HoursError:
        return False
    return True
