"""k: no printed count is below what k devices round to, and counts and people are printed in whole steps only."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from anonymization.checks.day import Day, devices
from anonymization.checks.rule import Finding, Rule, where
from anonymization.checks.terms import Terms
from anonymization.policy import SMALLEST_K
from anonymization.verdict import SINGLING_OUT

PEOPLE_STEP = 10


def examine(day: Day) -> Finding:
    """All counts of a day; the figure is the smallest."""
    problems: list[str] = []
    if day.terms.k < SMALLEST_K and not day.terms.test:
        problems.append(f"privacy day {day.terms.day}: k is {day.terms.k}, and below {SMALLEST_K} nothing is published")
    smallest = []
    for _, table, label in day.indicators():
        smallest.append(int(devices(table).min()))
        problems += _counts(table, label, day.terms)
        problems += _people(table, label)
    return Finding(tuple(problems), min(smallest, default=None))


def _counts(table: pa.Table, label: str, terms: Terms) -> Iterator[str]:
    counts = devices(table)
    yield from where(label, table, counts < terms.printed_minimum, f"counts below {terms.printed_minimum}")
    if terms.rounding:
        yield from where(label, table, counts % terms.rounding != 0, f"counts not in steps of {terms.rounding}")


def _people(table: pa.Table, label: str) -> Iterator[str]:
    low, people, high = (table[name].to_numpy() for name in ("people_low", "people", "people_high"))
    # Written so that NaN and infinities fail.
    ordered = (low >= 0) & (low <= people) & (people <= high) & (high < np.inf)
    yield from where(label, table, ~ordered, "intervals that do not hold their estimate of people")
    steps = [np.where(ordered, column, 0) % PEOPLE_STEP == 0 for column in (low, people, high)]
    whole = np.logical_and.reduce(steps)
    yield from where(label, table, ~whole, f"numbers of people not in steps of {PEOPLE_STEP}")


RULE = Rule(
    name="k",
    criterion=SINGLING_OUT,
    threshold="devices >= {terms.printed_minimum} (k = {terms.k}, rounded to {terms.rounding})",
    found="smallest count {:.0f}",
    combine=min,
    examine=examine,
)
