"""Spans of time: disjoint, in order, and measured without a loop."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

Instants = npt.NDArray[np.int64]
"""Microseconds since 1970 in UTC: no clock changes among them."""

SECOND: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def micros(instant: datetime) -> int:
    """An instant as a number."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def instant(number: int) -> datetime:
    """The instant of a number, in UTC."""
    return _EPOCH + timedelta(microseconds=int(number))


@dataclass(frozen=True)
class Spans:
    """Spans [start, stop), int64[n] each: in order, none empty, none touches the next."""

    start: Instants
    stop: Instants

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> "Spans":
        """Spans of pairs that are in order and do not overlap; empty ones are left out."""
        edges = np.array([pair for pair in pairs if pair[0] < pair[1]], np.int64).reshape(-1, 2)
        return _joined(edges[:, 0], edges[:, 1])

    @property
    def length(self) -> int:
        """How long they are together."""
        return int((self.stop - self.start).sum())

    @cached_property
    def _before(self) -> Instants:
        sizes = self.stop - self.start
        return np.append(0, np.cumsum(sizes))[:-1]

    def until(self, instants: Instants) -> Instants:
        """How much of them lies before each instant."""
        if not self.start.size:
            return np.zeros(instants.shape, np.int64)
        span = np.searchsorted(self.start, instants, "right") - 1
        inside = np.minimum(instants, self.stop[span]) - self.start[span] + self._before[span]
        return np.where(span < 0, 0, inside)

    def between(self, start: Instants, stop: Instants) -> Instants:
        """How much of them lies in each [start, stop); nothing where that is empty."""
        return np.where(start < stop, self.until(stop) - self.until(start), 0)

    def amount(self, start: int, stop: int) -> int:
        """How much of them lies in one [start, stop)."""
        return int(self.between(np.array([start]), np.array([stop]))[0])

    def reached(self, start: int, amount: int) -> int | None:
        """The first instant at which so much of them, more than nothing, has passed since `start`."""
        wanted = int(self.until(np.array([start]))[0]) + amount
        span = int(np.searchsorted(self._before, wanted, "left")) - 1
        if span < 0:
            return None
        found = int(self.start[span] + wanted - self._before[span])
        return found if found <= self.stop[span] else None

    def both(self, other: "Spans") -> "Spans":
        """What lies in both."""
        return self._where(other, inside=True)

    def without(self, other: "Spans") -> "Spans":
        """What lies in these, and not in the others."""
        return self._where(other, inside=False)

    def _where(self, other: "Spans", *, inside: bool) -> "Spans":
        edges = np.unique(np.concatenate([self.start, self.stop, other.start, other.stop]))
        low, high = edges[:-1], edges[1:]
        kept = (self.between(low, high) > 0) & ((other.between(low, high) > 0) == inside)
        return _joined(low[kept], high[kept])


def _joined(start: Instants, stop: Instants) -> Spans:
    """Spans in order, of which those that touch become one."""
    fresh = np.append(True, start[1:] != stop[:-1])[: start.size]
    return Spans(start[fresh], stop[np.append(fresh[1:], True)[: start.size]])
