"""An indicator beside the one whose rows it splits: which rows belong to which of these."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.checks.day import Day, Ints, starts
from anonymization.checks.parts import codes, joined_codes, sums
from schemas.indicators import INDICATORS, Indicator
from schemas.vocabulary import SEPARATOR

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """Rows of an indicator and of the one that it splits, brought together by window, part and shared attributes.

    `part` int64[rows], `plain_part` int64[plain.num_rows]: numbers below `parts`; the same number is the same row of
    what is split. `place` int64[rows]: the part of each row in the day.
    """

    indicator: Indicator
    label: str
    rows: pa.Table
    plain: pa.Table
    part: Ints
    plain_part: Ints
    place: Ints

    @property
    def attributes(self) -> tuple[str, ...]:
        """What the rows are split by."""
        shared = INDICATORS[self.indicator.splits].attributes
        return tuple(name for name in self.indicator.attributes if name not in shared)

    @property
    def parts(self) -> int:
        """How many numbers there are."""
        return 1 + max(int(self.part.max(initial=-1)), int(self.plain_part.max(initial=-1)))

    def per_part(self, values: npt.NDArray[np.generic]) -> Ints:
        """int64[parts]: the sum over the rows of each part."""
        return sums(self.part, values, self.parts)


def splits(day: Day) -> Iterator[Split]:
    """Each published indicator of a day that splits another, with the rows that it must split."""
    for indicator, rows, label in day.indicators():
        if indicator.splits:
            yield _split(day, indicator, rows, label)


def _split(day: Day, indicator: Indicator, rows: pa.Table, label: str) -> Split:
    above = INDICATORS[indicator.splits]
    plain = day.rows_of(above.name)
    part, plain_part = day.part_of(indicator.name), day.part_of(above.name)
    window, plain_window = starts(rows), starts(plain)
    if (indicator.window, above.window) == ("hour", "slot"):
        hours, slots = day.terms.edges("hour"), day.terms.slots_of_hours()
        window = slots[np.clip(np.searchsorted(hours, window, "right") - 1, 0, slots.size - 1)]
        kept = np.isin(plain_window, slots)
        plain, plain_window, plain_part = plain.filter(pa.array(kept)), plain_window[kept], plain_part[kept]
    keys = [codes([pa.array(window), pa.array(plain_window)]), (part, plain_part)]
    keys += [codes([rows[name], plain[name]]) for name in above.attributes]
    joined = joined_codes(*(np.concatenate(key) for key in keys))
    return Split(indicator, label, rows, plain, joined[: rows.num_rows], joined[rows.num_rows :], part)


def tokens(printed: str) -> list[str]:
    """The values that a printed value lists."""
    return printed.split(SEPARATOR)
