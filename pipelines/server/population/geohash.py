"""Geohashes as numbers: interleaved bits of longitude and latitude, five to a letter (G. Niemeyer, 2008).

A code is read with its precision, the number of letters. All edges are dyadic fractions of a turn, exact in doubles.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint64]
Boxes = npt.NDArray[np.float64]

LONGEST: Final = 12
CHILDREN: Final = 32
_LETTERS: Final = "0123456789bcdefghjkmnpqrstuvwxyz"
_VALUES: Final = {letter: value for value, letter in enumerate(_LETTERS)}


def parsed(texts: Sequence[str]) -> Codes:
    """uint64[n]: the codes of geohashes of at most 12 letters; raises KeyError for a letter that is none."""
    return np.array([_number(text) for text in texts], np.uint64)


def texts(codes: Codes, precision: int) -> list[str]:
    """The codes as they are written."""
    shifts = np.arange(5 * (precision - 1), -1, -5, dtype=np.uint64)
    digits = (codes[:, None] >> shifts) & np.uint64(CHILDREN - 1)
    letters = np.frombuffer(_LETTERS.encode(), np.uint8)[digits.astype(np.intp)]
    return [bytes(row).decode() for row in letters]


def boxes(codes: Codes, precision: int) -> Boxes:
    """float64[n, 4]: west, south, east and north of each cell, in degrees."""
    # Bits are taken in turn, beginning with longitude, so that it has one more where their number is odd.
    odd = 5 * precision % 2
    columns, rows = _every_second(codes >> np.uint64(1 - odd)), _every_second(codes >> np.uint64(odd))
    width, height = size(precision)
    west, south = columns * width - 180, rows * height - 90
    return np.stack([west, south, west + width, south + height], axis=1)


def size(precision: int) -> tuple[float, float]:
    """Width and height of a cell, in degrees."""
    bits = 5 * precision
    return 360 / 2 ** (bits - bits // 2), 180 / 2 ** (bits // 2)


def children(codes: Codes) -> Codes:
    """uint64[32 n]: the cells of the next precision that lie in each."""
    below: Codes = np.bitwise_or.outer(codes << np.uint64(5), np.arange(CHILDREN, dtype=np.uint64))
    return below.ravel()


def _number(text: str) -> int:
    number = 0
    for letter in text:
        number = number * CHILDREN + _VALUES[letter]
    return number


def _every_second(codes: Codes) -> npt.NDArray[np.float64]:
    """float64[n]: the number that the bits at even places make, the lowest at place 0."""
    taken = np.zeros(codes.size, np.float64)
    for place in range(0, 5 * LONGEST, 2):
        taken += ((codes >> np.uint64(place)) & np.uint64(1)).astype(np.float64) * 2.0 ** (place // 2)
    return taken
