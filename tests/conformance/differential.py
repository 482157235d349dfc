"""Where this project and opening_hours.js read opening hours differently."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

from pipelines.feeds.hours.hours import PARIS, Hours
from tests.conformance import node

FIRST: Final = datetime(2026, 12, 1, tzinfo=PARIS)
LAST: Final = datetime(2029, 1, 8, tzinfo=PARIS)
QUARTER: Final = timedelta(minutes=15)
CLOCK_CHANGES: Final = (date(2027, 3, 28), date(2027, 10, 31), date(2028, 3, 26), date(2028, 10, 29))
SINGLE_DAYS: Final = (date(2027, 1, 3), date(2027, 1, 4), date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1))
"""The last day of a week 53 and the next one, and the days around a leap day."""


def instants(count: int, seed: int = 4) -> list[datetime]:
    """Instants of two years: every quarter of an hour while the clock changes, hours of single days, others at random.

    Those at random are on a quarter of an hour, when times begin and end, or the minute before.
    """
    found = {midnight(day) + QUARTER * step for day in CLOCK_CHANGES for step in range(-8, 120)}
    found |= {midnight(day) + timedelta(minutes=59 * step) for day in SINGLE_DAYS for step in range(24)}
    random = Random(seed)
    quarters = (LAST - FIRST) // QUARTER
    while len(found) < count:
        before = timedelta(minutes=random.randrange(2))
        found.add(FIRST.astimezone(UTC) + QUARTER * random.randrange(quarters) - before)
    return sorted(found)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=PARIS).astimezone(UTC)


def disagreements(texts: Sequence[str], at: Sequence[datetime]) -> list[str]:
    """For each text that is read differently: it and the first such instant, or why opening_hours.js refuses it."""
    seconds = [int(instant.timestamp()) for instant in at]
    halves = [list(texts[::2]), list(texts[1::2])]
    with ThreadPoolExecutor(2) as both:
        jobs = [both.submit(node.read, "hours", {"values": half, "instants": seconds}) for half in halves]
        ours = {text: [Hours.parse(text).state(instant) for instant in at] for text in texts}
        answers = [answer for job in jobs for answer in job.result()]
    found = []
    for text, answer in zip([*halves[0], *halves[1]], answers, strict=True):
        if "error" in answer:
            found.append(f"{text!r}: opening_hours.js refuses it: {answer['error'][:200]}")
            continue
        theirs = [{"1": "open", "0": "closed"}.get(digit, "unknown") for digit in answer["states"]]
        wrong = [when for when, our, their in zip(at, ours[text], theirs, strict=True) if our != their]
        if wrong:
            found.append(f"{text!r}: {len(wrong)} instants, first {wrong[0].astimezone(PARIS)}")
    return found
