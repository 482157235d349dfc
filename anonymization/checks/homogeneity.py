"""Homogeneity: no part tells the class of those who are in it, by holding (almost) one class only."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.checks.day import Day, devices
from anonymization.checks.rule import Finding, Rule, where
from anonymization.checks.spans import Bools
from anonymization.checks.splits import Split, splits
from anonymization.checks.terms import Terms
from anonymization.verdict import INFERENCE
from schemas.vocabulary import ALL, FOREIGN, UNKNOWN


def examine(day: Day) -> Finding:
    """All homogeneous splits of a day; the figure is the largest printed share."""
    problems: list[str] = []
    largest = []
    for split in splits(day):
        if split.indicator.homogeneous:
            values = split.rows[split.indicator.attributes[0]]
            counts = devices(split.rows)
            total = split.per_part(counts)[split.part]
            known = ~_is_in(values, ALL, UNKNOWN, FOREIGN)
            largest.append(float(np.max(counts / np.maximum(total, 1), where=known, initial=0)))
            problems += _shares(split, known, day.terms)
            problems += _classes(split, known, _is_in(values, ALL))
    return Finding(tuple(problems), max(largest, default=None))


def _is_in(values: pa.ChunkedArray, *listed: str) -> Bools:
    """bool[rows]: whether each value is one of those listed."""
    found: Bools = pc.is_in(values, pa.array(listed, pa.string())).to_numpy()
    return found


def _shares(split: Split, known: Bools, terms: Terms) -> Iterator[str]:
    """No known class holds more than the share, even where rounding raised it and lowered all others."""
    counts = devices(split.rows)
    others = split.per_part(counts)[split.part] - counts
    rows = split.per_part(np.ones(counts.size))[split.part]
    least = np.maximum(counts - terms.slack, 0)
    share = least / np.maximum(least + others + (rows - 1) * terms.slack, 1)
    yield from where(
        split.label,
        split.rows,
        known & (share > terms.max_share),
        f"classes hold more than {terms.max_share:.0%} of their part",
    )


def _classes(split: Split, known: Bools, whole: Bools) -> Iterator[str]:
    """A part has one row `all`, or at least two classes that are known."""
    rows = split.per_part(np.ones(whole.size))
    wholes, knowns = split.per_part(whole), split.per_part(known)
    wrong = np.where(wholes > 0, rows != 1, (rows > 0) & (knowns < 2))
    sentence = "rows of a part with fewer than two known classes, or with `all` beside others"
    yield from where(split.label, split.rows, wrong[split.part], sentence)


RULE = Rule(
    name="homogeneity",
    criterion=INFERENCE,
    threshold="no age or socio-professional class above {terms.max_share:.0%} of its part; two known classes, or `all`",
    found="largest printed share {:.0%}",
    combine=max,
    examine=examine,
    dp=False,
)
