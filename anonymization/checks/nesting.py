"""Nesting: what splits an indicator splits its rows, all of them, and adds up to them.

Were its parts or classes others, comparing the two would give the count of a smaller area or group.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.checks.day import Day, devices
from anonymization.checks.groups import differing_groups
from anonymization.checks.nests import differences
from anonymization.checks.parts import codes, expanded, in_groups
from anonymization.checks.rule import Finding, Rule, where
from anonymization.checks.spans import Bools
from anonymization.checks.splits import Split, splits
from anonymization.checks.terms import Terms
from anonymization.verdict import SINGLING_OUT
from schemas.vocabulary import ALL, SEPARATOR


def examine(day: Day) -> Finding:
    """Every indicator of a day that splits another; the figure counts the rows that are split."""
    found = list(splits(day))
    problems = [*differences(day), *differing_groups(day, found)]
    count = 0
    for split in found:
        count += split.parts
        problems += _same_parts(split, day)
        problems += _rests(split, day.terms) if split.indicator.partial else _sums(split, day.terms)
        problems += _overlaps(split)
    return Finding(tuple(problems), count)


def _same_parts(split: Split, day: Day) -> Iterator[str]:
    """Every row is of one that is split, and none is left out but day totals of sensitive zones."""
    extra = ~np.isin(split.part, split.plain_part)
    yield from where(split.label, split.rows, extra, f"rows of a part or class that {split.indicator.splits} has not")
    missing = ~np.isin(split.plain_part, split.part)
    if split.indicator.population == "attendance":
        sensitive = _sensitive(split, day)
        missing &= ~sensitive
        secret = np.isin(split.part, split.plain_part[sensitive])
        yield from where(split.label, split.rows, secret, "rows split the day total of a sensitive zone")
        if day.zones is None:
            return
    if not split.indicator.partial:
        yield from where(split.label, split.plain, missing, "parts or classes have no row here")


def _sensitive(split: Split, day: Day) -> Bools:
    if day.zones is None:
        return np.zeros(split.plain.num_rows, np.bool_)
    sensitive = day.named.any(day.zones.sensitive[day.named.zone])
    return sensitive[day.part_of(split.indicator.splits)]


def _sums(split: Split, terms: Terms) -> Iterator[str]:
    """Rows sum to the row that they split, within what rounding each of them can do; a single one is that row."""
    sums, rows = split.per_part(devices(split.rows)), split.per_part(np.ones(split.rows.num_rows))
    off = np.abs(sums[split.plain_part] - devices(split.plain))
    count = rows[split.plain_part]
    far = (count > 0) & (off > (count + 1) * terms.slack)
    yield from where(split.label, split.plain, far, f"rows of {split.indicator.splits} that rows here do not sum to")
    twice = (count == 1) & (off > 0) & ~far
    yield from where(split.label, split.plain, twice, "counts of the same devices are rounded in two ways")


def _rests(split: Split, terms: Terms) -> Iterator[str]:
    """What a row leaves of the row that it splits is nobody or can be at least k; nobody is rounded in two ways."""
    least = np.full(split.parts, np.iinfo(np.int64).max)
    np.minimum.at(least, split.plain_part, devices(split.plain))
    known = np.isin(split.part, split.plain_part)
    gap = np.where(known, least[split.part] - devices(split.rows), 0)
    possible = (gap == 0) | (gap + 2 * terms.slack >= terms.k)
    yield from where(split.label, split.rows, ~possible, "rows that leave a few devices of what they split")


def _overlaps(split: Split) -> Iterator[str]:
    """No value is listed by two rows of a part, and `all` stands alone."""
    for name in split.attributes:
        column = split.rows[name].combine_chunks().dictionary_encode()
        value = column.indices.to_numpy()
        double = _listed_twice(split, column.dictionary, value)
        whole = pc.equal(column.dictionary, ALL).to_numpy(zero_copy_only=False)[value]
        double |= (split.per_part(whole) > 0) & (split.per_part(np.ones(value.size)) > 1)
        yield from where(
            split.label, split.rows, double[split.part], f"rows whose {name} another row of the part lists"
        )


def _listed_twice(split: Split, values: pa.Array, value: npt.NDArray[np.int32]) -> Bools:
    """bool[parts]: whether two rows of a part list the same token; `value` is the place of each row's in `values`."""
    lists = pc.split_pattern(values, SEPARATOR)
    token = codes([lists.flatten()])[0]
    sizes = pc.list_value_length(lists).to_numpy().astype(np.int64)
    first, width = np.cumsum(sizes) - sizes, 1 + token.max(initial=0)
    double = np.zeros(split.parts, np.bool_)
    for rows in in_groups(split.part, sizes[value]):
        row, place = expanded(first[value[rows]], sizes[value[rows]])
        keys = np.sort(split.part[rows][row] * width + token[place])
        double[keys[1:][keys[1:] == keys[:-1]] // width] = True
    return double


RULE = Rule(
    name="nesting",
    criterion=SINGLING_OUT,
    threshold="the rows of what is split, and sums to them within rounding (at most {terms.slack} a figure)",
    found="{:.0f} rows split by an attribute",
    combine=sum,
    examine=examine,
    dp=False,
)
