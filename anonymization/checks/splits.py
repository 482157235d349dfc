"""An indicator beside the one whose rows it splits: which rows belong to which of these."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.checks.day import Day, Ints, codes, part_codes, starts
from schemas.indicators import INDICATORS, Indicator
from schemas.vocabulary import SEPARATOR

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """Rows of an indicator and of the one that it splits, brought together by window, part and shared attributes.

    `part` int64[rows], `plain_part` int64[plain.num_rows]: numbers below `parts`; the same number is the same row of
    what is split. `attributes`: those that it does not share.
    """

    indicator: Indicator
    label: str
    rows: pa.Table
    plain: pa.Table
    part: Ints
    plain_part: Ints

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
        sums = np.zeros(self.parts, np.int64)
        np.add.at(sums, self.part, values.astype(np.int64))
        return sums


def splits(day: Day) -> Iterator[Split]:
    """Each published indicator of a day that splits another, with the rows that it must split."""
    for indicator, rows, label in day.indicators():
        if indicator.splits:
            yield _split(day, indicator, rows, label)


def _split(day: Day, indicator: Indicator, rows: pa.Table, label: str) -> Split:
    above = INDICATORS[indicator.splits]
    plain = day.rows_of(above.name)
    window, plain_window = starts(rows), starts(plain)
    if (indicator.window, above.window) == ("hour", "slot"):
        hours, slots = day.terms.edges("hour"), day.terms.slots_of_hours()
        window = slots[np.clip(np.searchsorted(hours, window, "right") - 1, 0, slots.size - 1)]
        kept = np.isin(plain_window, slots)
        plain, plain_window = plain.filter(pa.array(kept)), plain_window[kept]
    keys = [(window, plain_window), part_codes(rows, plain)]
    keys += [codes([rows[name], plain[name]]) for name in above.attributes]
    joined = np.zeros(rows.num_rows + plain.num_rows, np.int64)
    for key in keys:
        # Codes are below rows * rows, so they are numbered before they are joined.
        numbers = np.unique(np.concatenate(key), return_inverse=True)[1]
        joined = np.unique(joined * (1 + numbers.max(initial=0)) + numbers, return_inverse=True)[1].astype(np.int64)
    return Split(indicator, label, rows, plain, joined[: rows.num_rows], joined[rows.num_rows :])


def tokens(printed: str) -> list[str]:
    """The values that a printed value lists."""
    return printed.split(SEPARATOR)
