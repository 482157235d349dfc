"""An attribute indicator beside the plain figure that it splits: which rows belong to which part of a window."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.checks.day import Day, Ints, part_codes, starts
from schemas.indicators import Indicator
from schemas.vocabulary import SEPARATOR

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """Rows of an attribute indicator and of its plain figure, brought together by window and part.

    `part` int64[rows], `plain_part` int64[plain.num_rows]: numbers below `parts`; the same number is the same part
    of the same window of the plain figure.
    """

    indicator: Indicator
    label: str
    rows: pa.Table
    plain: pa.Table
    part: Ints
    plain_part: Ints

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
    """Each published attribute indicator of a day, with the rows of its plain figure that it must split."""
    for indicator, rows, label in day.indicators():
        if indicator.attributes:
            yield _split(day, indicator, rows, label)


def _split(day: Day, indicator: Indicator, rows: pa.Table, label: str) -> Split:
    plain = day.rows_of(indicator.population)
    window, plain_window = starts(rows), starts(plain)
    if indicator.window == "hour":
        hours, slots = day.terms.edges("hour"), day.terms.slots_of_hours()
        window = slots[np.clip(np.searchsorted(hours, window, "right") - 1, 0, slots.size - 1)]
        kept = np.isin(plain_window, slots)
        plain, plain_window = plain.filter(pa.array(kept)), plain_window[kept]
    part, plain_part = part_codes(rows, plain)
    # Codes are below rows * rows, so windows and codes are numbered before they are joined.
    windows = np.unique(np.concatenate([window, plain_window]), return_inverse=True)[1]
    codes = np.unique(np.concatenate([part, plain_part]), return_inverse=True)[1]
    joined = np.unique(windows * (1 + codes.max(initial=0)) + codes, return_inverse=True)[1].astype(np.int64)
    return Split(indicator, label, rows, plain, joined[: len(part)], joined[len(part) :])


def tokens(printed: str) -> list[str]:
    """The values that a printed value lists."""
    return printed.split(SEPARATOR)
