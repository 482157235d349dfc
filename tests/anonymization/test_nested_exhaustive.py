"""All counts of a zone inside another up to a sum, k = 3: how many numbers are known exactly, as decision 0018 says."""

from typing import Literal

import numpy as np
import pytest

from anonymization.classes import Classes, ClassRows, split_by_class
from anonymization.images import Image
from anonymization.nested import Ints, Limits, Pairs, Rows, isolating, rows_of
from tests.anonymization.test_feasibility import all_counts
from tests.anonymization.test_feasibility_nested import POLICY, K, classes, tally

Variant = Literal["without the rule", "a name of its own", "the usual pool"]

TWO = classes(("a", "b"), "ab")
LEVELS = classes((("a", "b"), "c"), "abc")
FLAT = classes(("a", "b", "c"), "abc")


def nested_counts(names: int, largest_sum: int) -> tuple[Ints, Ints]:
    """int64[cases, names] twice: devices of the inner zone by class, and those of the outer one that missed it."""
    counts = all_counts(2 * names, largest_sum)
    inner, missed = counts[:, :names], counts[:, names:]
    left = missed.sum(axis=1)
    # Where fewer missed it, the rule for plain figures keeps the inner zone back.
    shown = (inner.sum(axis=1) >= K) & ((left == 0) | (left >= K))
    return inner[shown], missed[shown]


def as_bits(split: ClassRows, names: tuple[str, ...]) -> Rows:
    bits = [sum(1 << names.index(name) for name in value.split("|")) for value in split.value]
    return rows_of(split.part, np.array(bits, np.int64), split.tally.devices)


def by_case(split: ClassRows, cases: int) -> list[list[tuple[str, int]]]:
    found: list[list[tuple[str, int]]] = [[] for _ in range(cases)]
    for case, value, devices in zip(split.part.tolist(), split.value, split.tally.devices.tolist(), strict=True):
        found[case].append((value, devices))
    return found


def known_exactly(what: Classes, largest_sum: int, variant: Variant) -> tuple[int, int, int]:
    """Cases, and numbers of 1 to k - 1 that printed figures leave one value of: of the inner zone, of who missed it."""
    inner, missed = nested_counts(len(what.names), largest_sum)
    cases = len(inner)
    outside, inside = (split_by_class(what, tally(counts), POLICY) for counts in (inner + missed, inner))
    pairs = Pairs(np.arange(cases), np.arange(cases))
    image = Image(what.names, 1 << np.arange(len(what.names)))
    bad = isolating(pairs, as_bits(inside, what.names), as_bits(outside, what.names), image, Limits(K))
    name = "all" if variant == "a name of its own" else "|".join(what.names)
    groups: dict[object, int] = {}
    group = []
    for case, (rows, around) in enumerate(zip(by_case(inside, cases), by_case(outside, cases), strict=True)):
        whole = int(inner[case].sum())
        shown = [(name, whole)] if bad[case] and variant != "without the rule" else rows
        group.append(groups.setdefault((tuple(around), tuple(shown), whole), len(groups)))
    return cases, *(_exact(np.array(group), values) for values in (inner, missed))


def _exact(group: Ints, values: Ints) -> int:
    """How many values of 1 to k - 1 all cases that print the same have in common."""
    found = 0
    for column in values.T:
        low, high = np.full(group.max() + 1, np.iinfo(np.int64).max), np.full(group.max() + 1, -1)
        np.minimum.at(low, group, column)
        np.maximum.at(high, group, column)
        found += int(((low == high)[group] & (column >= 1) & (column < K)).sum())
    return found


@pytest.mark.parametrize(
    ("what", "largest_sum", "variant", "expected"),
    [
        (TWO, 20, "without the rule", (8_445, 60, 1_848)),
        (TWO, 20, "a name of its own", (8_445, 60, 400)),
        (TWO, 20, "the usual pool", (8_445, 0, 0)),
        (LEVELS, 12, "without the rule", (12_583, 39, 1_326)),
        (LEVELS, 12, "a name of its own", (12_583, 23, 448)),
        (LEVELS, 12, "the usual pool", (12_583, 4, 72)),
        (FLAT, 12, "without the rule", (12_583, 31, 1_190)),
        (FLAT, 12, "a name of its own", (12_583, 22, 466)),
        (FLAT, 12, "the usual pool", (12_583, 4, 42)),
    ],
)
def test_numbers_that_are_known_exactly_are_as_many_as_decision_0018_says(
    what: Classes, largest_sum: int, variant: Variant, expected: tuple[int, int, int]
) -> None:
    assert known_exactly(what, largest_sum, variant) == expected
