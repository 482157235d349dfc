"""Disjointness: within a window no two parts overlap, so that no part can be subtracted from another."""

import numpy as np

from anonymization.checks.day import Day, Ints, starts
from anonymization.checks.parts import joined_codes
from anonymization.checks.rule import Finding, Rule, where
from anonymization.checks.spans import Bools, overlapping
from anonymization.verdict import SINGLING_OUT


def examine(day: Day) -> Finding:
    """Figures without attributes: the parts of a window, by kind of zone but in presence; the figure counts rows."""
    problems: list[str] = []
    count = 0
    for indicator, table, label in day.indicators():
        if indicator.attributes:
            continue
        code, window = day.part_of(indicator.name), _numbers(starts(table))
        if indicator.population == "presence":
            bad = _overlaps(day, code, window)
            problems += where(label, table, bad, "parts overlap another of their window")
            count += int(bad.sum())
        elif day.zones is not None:
            layer = day.zones.layer_of(day.named)[code]
            group = joined_codes(window, layer + 1)
            bad, mixed = _overlaps(day, code, group) | _repeats(day, code, group), layer < 0
            problems += where(label, table, mixed, "parts are not of one kind of zone")
            problems += where(label, table, bad & ~mixed, "parts overlap another of their kind of zone")
            count += int((bad | mixed).sum())
    return Finding(tuple(problems), count)


def _numbers(values: Ints) -> Ints:
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _overlaps(day: Day, code: Ints, group: Ints) -> Bools:
    """bool[rows]: whether a cell of the row lies in another cell of its group; `code` is the part of each row."""
    row, place = day.parts.places(code)
    low, high = day.parts.spans
    bad = np.zeros(code.size, np.bool_)
    bad[row[overlapping(group[row], low[place], high[place])]] = True
    return bad


def _repeats(day: Day, code: Ints, group: Ints) -> Bools:
    """bool[rows]: whether a zone of the part is named by another row of its group as well, or twice."""
    row, zone = day.named.of(code)
    key = joined_codes(group[row], zone + 1)
    repeats = np.zeros(code.size, np.bool_)
    repeats[row[np.bincount(key)[key] > 1]] = True
    return repeats


RULE = Rule(
    name="disjointness",
    criterion=SINGLING_OUT,
    threshold="no overlap between the parts of a window (attendance, transit: of a kind of zone)",
    found="{:.0f} overlapping parts",
    combine=sum,
    examine=examine,
)
