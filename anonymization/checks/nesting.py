"""Nesting: attribute indicators split the parts of the plain figure, all of them, and add up to it.

Were their parts others, comparing the two would give the count of a smaller area or group.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from anonymization.checks.day import Day, devices
from anonymization.checks.nests import differences
from anonymization.checks.rule import Finding, Rule, where
from anonymization.checks.splits import Split, splits, tokens
from anonymization.checks.terms import Terms
from anonymization.verdict import SINGLING_OUT
from schemas.fields import ATTRIBUTES
from schemas.vocabulary import ALL, SEPARATOR

Bools = npt.NDArray[np.bool_]


def examine(day: Day) -> Finding:
    """All attribute indicators of a day; the figure counts the parts that they split."""
    problems = list(differences(day))
    count = 0
    for split in splits(day):
        count += split.parts
        problems += _same_parts(split, day)
        problems += _sums(split, day.terms)
        problems += _overlaps(split)
    return Finding(tuple(problems), count)


def _same_parts(split: Split, day: Day) -> Iterator[str]:
    """Every part is one of the plain figure, and none is left out but day totals of sensitive zones."""
    extra = ~np.isin(split.part, split.plain_part)
    yield from where(split.label, split.rows, extra, f"rows of a part that {split.indicator.population} has not")
    missing = ~np.isin(split.plain_part, split.part)
    if split.indicator.population == "attendance":
        sensitive = _sensitive(split, day)
        missing &= ~sensitive
        secret = np.isin(split.part, split.plain_part[sensitive])
        yield from where(split.label, split.rows, secret, "rows split the day total of a sensitive zone")
        if day.zones is None:
            return
    yield from where(split.label, split.plain, missing, "parts have no row here")


def _sensitive(split: Split, day: Day) -> Bools:
    names = split.plain["zone_id"].to_pylist()
    zones = day.zones
    if zones is None:
        return np.zeros(len(names), np.bool_)
    return np.array([any(map(zones.is_sensitive, name.split(SEPARATOR))) for name in names], np.bool_)


def _sums(split: Split, terms: Terms) -> Iterator[str]:
    """The rows of a part sum to its plain count, within what rounding each of them can do."""
    sums, rows = split.per_part(devices(split.rows)), split.per_part(np.ones(split.rows.num_rows))
    off = np.abs(sums[split.plain_part] - devices(split.plain))
    count = rows[split.plain_part]
    far = (count > 0) & (off > (count + 1) * terms.slack)
    yield from where(split.label, split.plain, far, "parts whose rows do not sum to the plain count")


def _overlaps(split: Split) -> Iterator[str]:
    """No value is listed by two rows of a part, and `all` stands alone."""
    for name in split.indicator.attributes:
        known = [value for value in ATTRIBUTES[name].values if value != ALL]
        column = split.rows[name].combine_chunks().dictionary_encode()
        masks = np.array([_mask(value, known) for value in column.dictionary.to_pylist()], np.int64)
        mask = masks[column.indices.to_numpy()]
        joined = np.zeros(split.parts, np.int64)
        np.bitwise_or.at(joined, split.part, mask)
        # Sets of bits are disjoint exactly where their sum is their union.
        double = split.per_part(mask) != joined
        yield from where(
            split.label, split.rows, double[split.part], f"rows whose {name} another row of the part lists"
        )


def _mask(printed: str, known: list[str]) -> int:
    if printed == ALL:
        return (1 << len(known)) - 1
    return sum(1 << known.index(token) for token in set(tokens(printed)) & set(known))


RULE = Rule(
    name="nesting",
    criterion=SINGLING_OUT,
    threshold="the parts of the plain figure, whose rows sum to it within rounding (at most {terms.slack} a figure)",
    found="{:.0f} parts split by an attribute",
    combine=sum,
    examine=examine,
)
