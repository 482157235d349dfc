"""Opening hours are read as opening_hours.js reads them, in everything that is accepted."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

import pytest

from pipelines.feeds.hours.dated import Span, with_dates
from pipelines.feeds.hours.grammar import HoursError, accept
from pipelines.feeds.hours.hours import PARIS, Hours
from tests.conformance import node
from tests.feeds.hours_made import PRODUCTIONS, Maker, damaged, made

pytestmark = pytest.mark.conformance

FIRST: Final = datetime(2026, 12, 1, tzinfo=PARIS)
LAST: Final = datetime(2029, 1, 8, tzinfo=PARIS)
CLOCK_CHANGES: Final = [date(2027, 3, 28), date(2027, 10, 31), date(2028, 3, 26), date(2028, 10, 29)]
MOST_TOLD: Final = 20


def instants(count: int, seed: int = 4) -> list[datetime]:
    """Instants of two years: every quarter of an hour of nights in which the clock changes and around the turn of a year,
    the leap day, days beside the ends of weeks, and others at random, half of them on quarters of an hour, when times
    begin and end, and half of them a minute before.
    """
    found = set()
    for day in CLOCK_CHANGES:
        midnight = datetime(day.year, day.month, day.day, tzinfo=PARIS).astimezone(UTC)
        found |= {midnight + timedelta(minutes=15 * step) for step in range(-8, 120)}
    for day in (date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1), date(2027, 1, 3), date(2027, 1, 4)):
        midnight = datetime(day.year, day.month, day.day, tzinfo=PARIS).astimezone(UTC)
        found |= {midnight + timedelta(minutes=59 * step) for step in range(24)}
    random = Random(seed)
    quarters = int((LAST - FIRST) / timedelta(minutes=15))
    while len(found) < count:
        before = timedelta(minutes=random.randrange(2))
        found.add(FIRST.astimezone(UTC) + timedelta(minutes=15 * random.randrange(quarters)) - before)
    return sorted(found)


def disagreements(texts: Sequence[str], at: Sequence[datetime]) -> list[str]:
    """For each text that is read differently: it, and the first instant, or what opening_hours.js says against it."""
    seconds = [int(instant.timestamp()) for instant in at]
    halves = [texts[::2], texts[1::2]]
    with ThreadPoolExecutor(2) as both:
        jobs = [both.submit(node.read, "hours", {"values": list(half), "instants": seconds}) for half in halves]
        ours = {text: [Hours.parse(text).state(instant) for instant in at] for text in texts}
        theirs = {
            text: found
            for half, job in zip(halves, jobs, strict=True)
            for text, found in zip(half, job.result(), strict=True)
        }
    found = []
    for text, states in ours.items():
        if "error" in theirs[text]:
            found.append(f"{text!r}: opening_hours.js refuses it: {theirs[text]['error'][:200]}")
            continue
        wrong = [
            instant
            for instant, state, digit in zip(at, states, theirs[text]["states"], strict=True)
            if digit != ("1" if state == "open" else "0")
        ]
        if wrong:
            found.append(f"{text!r}: {len(wrong)} instants, first {wrong[0].astimezone(PARIS)}")
    return found


def told(what: str, texts: Sequence[str], at: Sequence[datetime], found: Sequence[str]) -> None:
    print(f"\n{what}: {len(texts):,} texts x {len(at):,} instants, {len(found)} disagreements")


def test_600_texts_of_the_accepted_grammar_are_read_alike_at_2500_instants() -> None:
    texts, used = made(seed=1, count=600)
    assert used == PRODUCTIONS
    at = instants(2_500)
    found = disagreements(texts, at)
    told("accepted grammar", texts, at, found)
    assert found[:MOST_TOLD] == []


def test_damaged_texts_that_are_still_accepted_are_read_alike() -> None:
    """What a maker of texts would not think of: the grammar accepts it, so both programs have to."""
    random = Random(2)
    maker = Maker(random)
    texts: dict[str, None] = {}
    tried = 0
    while len(texts) < 300:
        text = maker.text()
        changed = damaged(random, text)
        tried += 1
        if changed != text and accepted(changed):
            texts[changed] = None
    at = instants(800)
    found = disagreements(list(texts), at)
    told(f"{tried:,} damaged texts, those accepted", list(texts), at, found)
    assert found[:MOST_TOLD] == []


def test_dated_rules_of_school_holidays_and_closures_are_read_alike() -> None:
    texts = [exceptional(Random(seed)) for seed in range(200)]
    at = instants(1_200)
    found = disagreements(texts, at)
    told("dated rules", texts, at, found)
    assert found[:MOST_TOLD] == []


def test_a_difference_would_be_found() -> None:
    at = [datetime(2027, 3, 29, 0, 30, tzinfo=PARIS)]
    seconds = [int(instant.timestamp()) for instant in at]
    (after_midnight, whole) = node.read("hours", {"values": ["Su 22:00-02:00", "Mo 00:00-02:00"], "instants": seconds})
    assert (after_midnight["states"], whole["states"]) == ("0", "1"), (
        "opening_hours.js reads the hour after midnight right when summer time begins: times over midnight could be accepted"
    )


def exceptional(random: Random) -> str:
    """Weekly hours with hours of some holidays and closures."""
    maker = Maker(random)
    week = "; ".join(f"{maker._days()} {maker.times()}" for _ in range(random.choice([1, 2, 3])))
    week += random.choice(["", "; PH off", "; PH 10:00-12:00", "; Su,PH off"])
    hours = random.choice(
        ["off", maker.times(), f"{maker._days()} {maker.times()}", "Mo-Fr 09:00-12:00; Sa 10:00-11:00"]
    )
    text = with_dates(week, [span(random) for _ in range(random.choice([1, 2, 5]))], hours)
    return with_dates(text, [span(random, 1)], random.choice(["off", "10:00-12:00"]), above_holidays=True)


def span(random: Random, longest: int = 60) -> Span:
    first = date(2026, 12, 1) + timedelta(days=random.randrange(730))
    return Span(first, first + timedelta(days=random.randrange(longest)))


def accepted(text: str) -> bool:
    try:
        accept(text)
    except HoursError:
        return False
    return True
