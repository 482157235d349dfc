"""Signals of phones, packed into one number each: to sort the numbers is to sort by phone, then by time."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.simulator.plane import Bools, Floats, Ints

_KIND_BITS, _TIME_BITS = 3, 27
_KINDS, _TIMES = (1 << _KIND_BITS) - 1, (1 << _TIME_BITS) - 1
_MILLISECONDS = 1_000.0


@dataclass(frozen=True)
class Signals:
    """n signals: row of the phone, milliseconds since the day began (below 37 hours), place in EVENT_TYPES."""

    packed: Ints

    @property
    def phone(self) -> Ints:
        """Rows of the phones."""
        return self.packed >> (_TIME_BITS + _KIND_BITS)

    @property
    def time(self) -> Floats:
        """Seconds since the day began."""
        return ((self.packed >> _KIND_BITS) & _TIMES) / _MILLISECONDS

    @property
    def kind(self) -> npt.NDArray[np.int8]:
        """Places in EVENT_TYPES."""
        return (self.packed & _KINDS).astype(np.int8)

    def select(self, mask: Bools) -> "Signals":
        """The signals where the mask is true."""
        return Signals(self.packed[mask])


def signals(phone: Ints, time: Floats, kind: npt.ArrayLike, length: float) -> Signals:
    """Signals from their parts, unordered; those before the day or at its end and later are dropped."""
    packed = (phone << (_TIME_BITS + _KIND_BITS)) | np.asarray(kind, np.int64)
    inside = (time >= 0) & (time < length)
    milliseconds = (time[inside] * _MILLISECONDS).astype(np.int64)
    return Signals(packed[inside] | (milliseconds << _KIND_BITS))


def merged(*lots: Signals) -> Signals:
    """All signals in order."""
    return Signals(np.sort(np.concatenate([lot.packed for lot in lots])))
