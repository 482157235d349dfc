"""Pairs of a published figure and the truth behind it, and what they say of errors and intervals.

A table of pairs has `kind` (string), and `people`, `people_low`, `people_high`, `truth` (double). Sizes are those of
the truth, in people.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.score.figure import Figure

SIZES: Final[Mapping[str, tuple[float, float]]] = {
    "0-300": (0, 300),
    "300-1000": (300, 1000),
    "1000-2000": (1000, 2000),
    "2000-5000": (2000, 5000),
    "5000+": (5000, math.inf),
    "2000+": (2000, math.inf),
    "all": (0, math.inf),
}
"""Classes of size, lower bound included; the last two hold others."""

COLUMNS: Final = ("kind", "people", "people_low", "people_high", "truth")

Doubles = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def errors(name: str, pairs: pa.Table) -> Iterator[Figure]:
    """Median and 90th percentile of the absolute relative error, and the mean signed one, by kind and size.

    A truth of 0 has no relative error, and is left out.
    """
    truth, people = _column(pairs, "truth"), _column(pairs, "people")
    kinds = pairs["kind"].to_numpy(zero_copy_only=False)
    relative = (people - truth) / np.where(truth > 0, truth, np.nan)
    for kind in sorted(set(kinds)):
        for size, chosen in _by_size(truth):
            found = relative[chosen & (kinds == kind) & (truth > 0)]
            if found.size:
                key = f"{name}.{kind}.{size}"
                yield Figure(f"{key}.median", float(np.median(np.abs(found))), found.size)
                yield Figure(f"{key}.p90", float(np.quantile(np.abs(found), 0.9)), found.size)
                yield Figure(f"{key}.bias", float(found.mean()), found.size)


def coverage(name: str, pairs: pa.Table) -> Iterator[Figure]:
    """The share of pairs whose truth lies in the published interval, ends included, by size."""
    truth = _column(pairs, "truth")
    inside = (_column(pairs, "people_low") <= truth) & (truth <= _column(pairs, "people_high"))
    for size, chosen in _by_size(truth):
        if chosen.any():
            yield Figure(f"{name}.coverage.{size}", float(inside[chosen].mean()), int(chosen.sum()))


def pairs_of(rows: list[dict[str, Any]]) -> pa.Table:
    """A table of pairs from its rows."""
    schema = pa.schema([("kind", pa.string()), *((name, pa.float64()) for name in COLUMNS[1:])])
    return pa.Table.from_pylist(rows, schema)


def _by_size(truth: Doubles) -> Iterator[tuple[str, Bools]]:
    for size, (least, end) in SIZES.items():
        yield size, (truth >= least) & (truth < end)


def _column(pairs: pa.Table, name: str) -> Doubles:
    values: Doubles = pairs[name].to_numpy().astype(np.float64)
    return values
