"""Nesting: what splits an indicator splits its rows, all of them, and adds up to them.

Were its parts or classes others, comparing the two would give the count of a smaller area or group.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.checks.day import Day, devices
from anonymization.checks.groups import differing_groups
from anonymization.checks.nests import differences
from anonymization.checks.rule import Finding, Rule, where
from anonymization.checks.splits import Split, splits, tokens
from anonymization.checks.terms import Terms
from anonymization.verdict import SINGLING_OUT
from schemas.vocabulary import ALL, SEPARATOR

Bools = npt.NDArray[np.bool_]


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
    names = split.plain["zone_id"].to_pylist()
    zones = day.zones
    if zones is None:
        return np.zeros(len(names), np.bool_)
    return np.array([any(map(zones.is_sensitive, name.split(SEPARATOR))) for name in names], np.bool_)


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
        values = column.dictionary.to_pylist()
        place = column.indices.to_numpy()
        double = _listed_twice(split, values, place)
        whole = np.array([value == ALL for value in values], np.bool_)[place]
        double |= (split.per_part(whole) > 0) & (split.per_part(np.ones(place.size)) > 1)
        yield from where(
            split.label, split.rows, double[split.part], f"rows whose {name} another row of the part lists"
        )


def _listed_twice(split: Split, values: list[str], place: npt.NDArray[np.int32]) -> Bools:
    """bool[parts]: whether two rows of a part list the same token."""
    listed = [pa.array(tokens(value)) for value in values]
    sizes = np.array([len(each) for each in listed], np.int64)
    number = pa.concat_arrays(listed).dictionary_encode().indices.to_numpy().astype(np.int64)
    before = np.cumsum(sizes) - sizes
    row = np.repeat(np.arange(place.size), sizes[place])
    within = np.arange(row.size) - np.repeat(np.cumsum(sizes[place]) - sizes[place], sizes[place])
    token = number[before[place[row]] + within]
    keys, counts = np.unique(split.part[row] * (1 + number.max()) + token, return_counts=True)
    double = np.zeros(split.parts, np.bool_)
    double[keys[counts > 1] // (1 + number.max())] = True
    return double


RULE = Rule(
    name="nesting",
    criterion=SINGLING_OUT,
    threshold="the rows of what is split, and sums to them within rounding (at most {terms.slack} a figure)",
    found="{:.0f} rows split by an attribute",
    combine=sum,
    examine=examine,
)
