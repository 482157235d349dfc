"""Inclusions: no class of a zone tells of a few devices, by subtraction from the classes of a zone around it.

The rule of `collapse.py` on printed numbers: a difference is refused where no rounding could have made it of nobody, or
of at least k.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.checks.day import Day, devices
from anonymization.checks.nests import nested_parts
from anonymization.checks.rule import Finding, Rule
from anonymization.checks.terms import Terms
from anonymization.comparisons import BY_ARRIVAL, BY_CATEGORY, BY_ORIGIN, COMPARED, COMPARISONS, Published
from anonymization.figures import Figures
from anonymization.nested import MOST_ROWS, Limits, Pairs
from anonymization.verdict import INFERENCE
from schemas.indicators import INDICATORS
from schemas.vocabulary import ALL, SEPARATOR

USUAL_START = 5


def examine(day: Day) -> Finding:
    """All pairs of nested parts of attendance; the figure counts them."""
    pairs, names = nested_parts(day)
    problems = _problems(day, pairs, names) if pairs.inner.size else ()
    return Finding(tuple(problems), pairs.inner.size)


def _problems(day: Day, pairs: Pairs, names: list[str]) -> Iterator[str]:
    published = printed(day)
    limits = Limits(day.terms.k, day.terms.slack)
    for comparison in COMPARISONS:
        # Categories and nights are compared in one.
        if (comparison.inner, comparison.outer) != (BY_CATEGORY, BY_CATEGORY):
            bad = np.flatnonzero(comparison.judge(published, pairs, limits))
            if bad.size:
                inner, outer = (names[int(places[bad[0]])] for places in (pairs.inner, pairs.outer))
                yield (
                    f"{day.label(comparison.inner)}: {bad.size} zones have classes that only a few devices of "
                    f"{comparison.outer} in a zone around them are not in (first: {inner} in {outer})"
                )


def printed(day: Day) -> Published:
    """What the tables of a day print of the parts of attendance."""
    names = day.rows_of("attendance")["zone_id"].combine_chunks()
    figures = {name: _figures(day.rows_of(name), name, names) for name in COMPARED}
    return Published(figures, _origins(figures[BY_ORIGIN]), first_hour(day.terms))


def first_hour(terms: Terms) -> int:
    """The clock hour in which the privacy day begins."""
    return int(getattr(terms, "first_hour", USUAL_START))


def _figures(table: pa.Table, name: str, parts: pa.Array) -> Figures:
    """The rows of parts; one with more rows than attributes have classes is damaged, which others say."""
    part = pc.fill_null(pc.index_in(table["zone_id"].combine_chunks(), parts), -1).to_numpy().astype(np.int64)
    rows = np.bincount(part + 1, minlength=len(parts) + 1)[part + 1]
    kept = (part >= 0) & ((rows <= MOST_ROWS) | (name in (BY_ORIGIN, BY_ARRIVAL)))
    some = table.filter(pa.array(kept))
    values = tuple(some[attribute].combine_chunks() for attribute in INDICATORS[name].attributes)
    return Figures(part[kept], values, devices(some))


def _origins(figures: Figures) -> dict[str, int]:
    """A place for each origin that occurs; `all` is none."""
    tokens = pc.unique(pc.split_pattern(figures.values[0], SEPARATOR).flatten()).to_pylist()
    return {token: place for place, token in enumerate(token for token in tokens if token != ALL)}


RULE = Rule(
    name="inclusions",
    criterion=INFERENCE,
    threshold="classes of nested zones that differ by nobody or by what can be {terms.k}, within rounding",
    found="{:.0f} pairs of nested zones",
    combine=sum,
    examine=examine,
)
