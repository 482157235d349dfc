"""Keyed unbiased rounding of published counts."""

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]

LARGEST_BASE = 1_000
HOUR = 3_600_000_000
"""Microseconds."""


def blocks(edges: I64, hours: int) -> I64:
    """int64[n]: in which block of so many hours of a privacy day each of its n windows begins.

    `edges` int64[n + 1], in microseconds: the first one begins the day. By time and not by clock: of a day of 23 or 25
    hours the last block is short.
    """
    found: I64 = (edges[:-1] - edges[0]) // (hours * HOUR)
    return found


def round_to_base(devices: I64, uniform: npt.NDArray[np.uint32], base: int) -> I64:
    """Round each count to a multiple of `base` next to it, so that the expected value is the count itself.

    A multiple stays; any other goes up with probability (remainder / base), decided by its uniform number, to
    within 2^-32. Base 0 or 1 rounds nothing. int64[n] and uint32[n] in, int64[n] out.
    Raises ValueError for a negative count, a base outside 0 .. LARGEST_BASE, and columns of other types or
    lengths.
    """
    if not 0 <= base <= LARGEST_BASE:
        raise ValueError(f"expected a rounding base of 0 to {LARGEST_BASE}, got {base}")
    if devices.dtype != np.int64 or uniform.dtype != np.uint32 or devices.shape != uniform.shape:
        raise ValueError(
            "expected int64 counts and as many uint32 numbers, got "
            f"{devices.dtype}{devices.shape} and {uniform.dtype}{uniform.shape}"
        )
    if (devices < 0).any():
        raise ValueError("expected counts, got a negative number")
    if base <= 1:
        return devices
    remainder = devices % base
    # uniform / 2^32 < remainder / base, in whole numbers.
    up = uniform.astype(np.uint64) * base < remainder.astype(np.uint64) << 32
    return devices - remainder + base * up
