"""Differences over nested zones: what is left of classes of an outer zone without those of a zone inside it.

One question for every attribute: let S be some rows of the inner zone, and O the rows of the outer one that hold a
class in which a device of S can be. S is within O, so that O - S is a number of devices which anybody can work out. It
has to be nobody, or at least k. All S are tried. Rows of O without any device of S add at least k each, so that no
other union has to be.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anonymization.images import Image

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOST_ROWS = 12
"""Of a part: all sets of its rows are tried."""

_AT_ONCE = 2_000_000
"""Differences that are looked at in one go, which bounds the memory."""


@dataclass(frozen=True)
class Pairs:
    """Parts of which one holds the other: places of parts, int64[n] each."""

    inner: Ints
    outer: Ints

    def where(self, kept: Bools) -> "Pairs":
        """Some of the pairs."""
        return Pairs(self.inner[kept], self.outer[kept])


@dataclass(frozen=True)
class Rows:
    """Rows of parts over a short list of classes, int64[r] each.

    `classes`: those of a row as bits; `figures`: how many printed numbers its devices are the sum of.
    """

    part: Ints
    classes: Ints
    devices: Ints
    figures: Ints

    def where(self, kept: Bools) -> "Rows":
        """Some of the rows."""
        return Rows(self.part[kept], self.classes[kept], self.devices[kept], self.figures[kept])


@dataclass(frozen=True)
class Limits:
    """Fewest devices of a group, and how far a printed figure can be from the exact one: 0 for exact counts."""

    k: int
    slack: int = 0

    def forbids(self, difference: Ints, figures: Ints) -> Bools:
        """Whether the exact difference can neither be nobody nor at least k."""
        least, most = difference - figures * self.slack, difference + figures * self.slack
        forbidden: Bools = ((least > 0) | (most < 0)) & (most < self.k)
        return forbidden


def distinct(values: Ints) -> Ints:
    """The different values, ascending: by sorting, which is several times as fast as np.unique on millions."""
    ordered = np.sort(values)
    found: Ints = ordered[np.append(True, ordered[1:] != ordered[:-1])[: ordered.size]]
    return found


def rows_of(part: Ints, classes: Ints, devices: Ints) -> Rows:
    """Rows of one printed number each."""
    return Rows(part, classes, devices, np.ones_like(part))


def merged(rows: Rows) -> Rows:
    """Rows of a part that have the same classes as one."""
    width = 1 + int(rows.classes.max(initial=0))
    key, place = np.unique(rows.part * width + rows.classes, return_inverse=True)
    devices, figures = np.zeros_like(key), np.zeros_like(key)
    np.add.at(devices, place, rows.devices)
    np.add.at(figures, place, rows.figures)
    return Rows(key // width, key % width, devices, figures)


def isolating(pairs: Pairs, inner: Rows, outer: Rows, image: Image, limits: Limits) -> Bools:
    """bool[pairs]: whether a difference of rows of the two parts is of too few devices.

    A part without rows is in no difference. Raises ValueError for a part with too many rows.
    """
    found = np.zeros(pairs.inner.size, np.bool_)
    if not (pairs.inner.size and inner.part.size and outer.part.size):
        return found
    parts = 1 + max(int(each.max()) for each in (pairs.inner, pairs.outer, inner.part, outer.part))
    within, around = _padded(inner, parts), _padded(outer, parts)
    images = image.of_sets()
    for at, width in _slices(within.rows[pairs.inner], around.rows[pairs.outer]):
        found[at] = _isolating(within.of(pairs.inner[at], width), around.of(pairs.outer[at]), images, limits)
    return found


@dataclass(frozen=True)
class _Padded:
    """Rows by part and place, int64[parts, most rows]; `rows` int64[parts]."""

    classes: Ints
    devices: Ints
    figures: Ints
    rows: Ints

    def of(self, parts: Ints, width: int | None = None) -> "_Padded":
        """Those of some parts, as wide as the widest of them."""
        width = int(self.rows[parts].max()) if width is None else width
        columns = (self.classes[parts, :width], self.devices[parts, :width], self.figures[parts, :width])
        return _Padded(*columns, self.rows[parts])


def _padded(rows: Rows, parts: int) -> _Padded:
    order = np.argsort(rows.part, kind="stable")
    part = rows.part[order]
    count = np.bincount(part, minlength=parts)
    if count.max() > MOST_ROWS:
        raise ValueError(f"expected at most {MOST_ROWS} rows of a part, got {count.max()}")
    place = np.arange(part.size) - (np.cumsum(count) - count)[part]
    classes, devices, figures = (np.zeros((parts, count.max()), np.int64) for _ in range(3))
    for column, values in ((classes, rows.classes), (devices, rows.devices), (figures, rows.figures)):
        column[part, place] = values[order]
    return _Padded(classes, devices, figures, count)


def _slices(inner: Ints, outer: Ints) -> Iterator[tuple[Ints, int]]:
    """Places of pairs that have as many inner rows, few at a time, and this number."""
    for width in np.unique(inner[inner > 0]).tolist():
        places = np.flatnonzero((inner == width) & (outer > 0))
        step = max(1, _AT_ONCE >> width)
        for at in range(0, places.size, step):
            yield places[at : at + step], width


def _isolating(inner: _Padded, outer: _Padded, images: Ints, limits: Limits) -> Bools:
    """bool[n]: over all sets of the inner rows, by doubling: those without a row, then those with it."""
    bits = np.left_shift(1, np.arange(outer.classes.shape[1], dtype=np.int64))
    held = np.zeros((inner.rows.size, 1), np.int64)
    devices, figures = np.zeros_like(held), np.zeros_like(held)
    for row in range(inner.classes.shape[1]):
        meets = (outer.classes & images[inner.classes[:, row]][:, None]) != 0
        own = (meets * bits).sum(axis=1)[:, None]
        held = np.concatenate([held, held | own], axis=1)
        devices = np.concatenate([devices, devices - inner.devices[:, row : row + 1]], axis=1)
        figures = np.concatenate([figures, figures + inner.figures[:, row : row + 1]], axis=1)
    for row in range(bits.size):
        inside = (held >> row) & 1
        devices += inside * outer.devices[:, row : row + 1]
        figures += inside * outer.figures[:, row : row + 1]
    forbidden: Bools = np.any(limits.forbids(devices[:, 1:], figures[:, 1:]), axis=1)
    return forbidden
