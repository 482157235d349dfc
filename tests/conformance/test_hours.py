"""Opening hours are read as opening_hours.js reads them, in everything that is accepted."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

import pytest

from pipelines.feeds.hours.features import FEATURES
from pipelines.feeds.hours.hours import PARIS
from tests.conformance import node
from tests.conformance.differential import disagreements, instants
from tests.feeds.hours_changed import accepted, damaged, exceptional
from tests.feeds.hours_made import PRODUCTIONS, Maker, made

pytestmark = pytest.mark.conformance

MOST_TOLD = 20


def told(what: str, texts: Sequence[str], at: Sequence[datetime], found: Sequence[str]) -> None:
    print(f"\n{what}: {len(texts):,} texts x {len(at):,} instants, {len(found)} texts read differently")


def test_600_texts_of_the_accepted_grammar_are_read_alike_at_2500_instants() -> None:
    texts, used = made(seed=1, count=600)
    assert used == PRODUCTIONS
    at = instants(2_500)
    found = disagreements(texts, at)
    told("of every production", texts, at, found)
    assert found[:MOST_TOLD] == []


def test_damaged_texts_that_are_still_accepted_are_read_alike() -> None:
    """What a maker of texts does not think of: where the grammar accepts it, both programs have to."""
    random = Random(2)
    maker = Maker(random)
    texts: dict[str, None] = {}
    while len(texts) < 300:
        text = maker.text()
        changed = damaged(random, text)
        if changed != text and accepted(changed):
            texts[changed] = None
    at = instants(800)
    found = disagreements(list(texts), at)
    told("damaged, and accepted", list(texts), at, found)
    assert found[:MOST_TOLD] == []


def test_dated_rules_of_holidays_and_closures_are_read_alike() -> None:
    texts = [exceptional(Random(seed))[0] for seed in range(200)]
    at = instants(1_200)
    found = disagreements(texts, at)
    told("with dated rules", texts, at, found)
    assert found[:MOST_TOLD] == []


def test_ranges_of_dates_are_read_alike_at_every_end_of_a_month() -> None:
    ends = [date(2027, month, 1) - timedelta(days=back) for month in range(1, 13) for back in (0, 1)]
    days = [f"{day:%b %d}" for day in ends]
    texts = [f"{first}-{last} 00:00-24:00" for first in days for last in days]
    texts += [f"{day:%Y %b} 01-{day:%d} 00:00-24:00" for day in ends]
    texts = [text for text in dict.fromkeys(texts) if accepted(text)]
    at = [datetime(2026, 12, 1, 12, tzinfo=PARIS) + timedelta(days=day) for day in range(800)]
    found = disagreements(texts, at)
    told("ranges of dates", texts, at, found)
    assert found[:MOST_TOLD] == []


def test_public_holidays_are_the_same_ones_until_2040() -> None:
    at = [datetime(2024, 1, 1, 12, tzinfo=PARIS) + timedelta(days=day) for day in range(17 * 366)]
    assert disagreements(["PH 00:00-24:00"], at) == []


def test_every_example_of_what_is_refused_is_refused() -> None:
    assert not [feature.example for feature in FEATURES if accepted(feature.example)]


@pytest.mark.parametrize(
    ("text", "alike", "at"),
    [
        ("Su 22:00-02:00", "Su 22:00-24:00; Mo 00:00-02:00", datetime(2027, 3, 29, 0, 30)),
        ("2027 Feb 01-28 10:00-12:00", "2027 Feb 01-2027 Feb 28 10:00-12:00", datetime(2027, 2, 3, 11)),
        ("Mar 02-Mar 01 10:00-12:00", "Jan-Dec 10:00-12:00", datetime(2027, 2, 3, 11)),
    ],
)
def test_what_opening_hours_js_misreads_is_refused_until_it_does_not(text: str, alike: str, at: datetime) -> None:
    """Fails when a newer version reads it as it is meant: then the grammar may accept it."""
    assert not accepted(text)
    seconds = [int(at.replace(tzinfo=PARIS).timestamp())]
    misread, read = node.read("hours", {"values": [text, alike], "instants": seconds})
    assert (misread["states"], read["states"]) == ("0", "1")
    assert accepted(alike)
