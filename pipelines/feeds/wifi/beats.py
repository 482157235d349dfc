"""Beats by access point, and when the collector that receives them was listening at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median_low
from typing import Final

import numpy as np
import pyarrow as pa

from pipelines.feeds.wifi.spans import Instants, Spans

NEVER: Final = np.zeros(0, np.int64)
UNKNOWN_COUNT: Final = -1
ENOUGH: Final = 50
"""Beats from which on the usual time between two is looked at."""


@dataclass(frozen=True)
class Beats:
    """All beats until an instant, ordered by access point and time.

    `bounds`: where those of each access point stand; `time` int64[n], microseconds; `clients` int64[n], or -1.
    """

    bounds: Mapping[str, tuple[int, int]]
    time: Instants
    clients: Instants

    @classmethod
    def of(cls, table: pa.Table, end: int) -> "Beats":
        """The beats of a table with `access_point_id`, `time` and `clients` that come before `end` or at it."""
        ids = table["access_point_id"].combine_chunks().dictionary_encode()
        names = ids.dictionary.to_pylist()
        code = ids.indices.to_numpy(zero_copy_only=False)
        time = table["time"].cast(pa.int64()).to_numpy()
        clients = table["clients"].fill_null(UNKNOWN_COUNT).to_numpy()
        order = np.lexsort((time, code))
        order = order[time[order] <= end]
        edges = np.searchsorted(code[order], np.arange(len(names) + 1)).tolist()
        bounds = {name: (edges[at], edges[at + 1]) for at, name in enumerate(names)}
        return cls(bounds, time[order], clients[order])

    @classmethod
    def none(cls) -> "Beats":
        """No beat of anybody."""
        return cls({}, NEVER, NEVER)

    def times(self, access_point: str) -> Instants:
        """When an access point was heard, in order."""
        low, high = self.bounds.get(access_point, (0, 0))
        return self.time[low:high]

    def counts(self, access_point: str) -> Instants:
        """What it said of its clients at each of these times, or -1."""
        low, high = self.bounds.get(access_point, (0, 0))
        return self.clients[low:high]

    def usual_gap(self, access_point: str) -> int | None:
        """The median time from one beat to the next; None where there are too few to tell."""
        times = self.times(access_point)
        return int(np.median(np.diff(times))) if times.size >= ENOUGH else None

    @cached_property
    def anybodys(self) -> Instants:
        """When any access point was heard, in order."""
        return np.unique(self.time)


@dataclass(frozen=True)
class Listening:
    """When the collector was listening: from the first beat to the last one of anybody, but for its silences.

    Outside `told` nothing can be told of any access point. `silence`: how long nobody is heard until that is taken for
    a silence of the collector, and no longer for one of access points. `last`: the last beat of anybody, if any.
    """

    told: Spans
    silence: int
    last: int | None

    def silent(self, at: int) -> bool:
        """Whether the collector has been silent up to an instant, or was never heard."""
        return self.last is None or at - self.last >= self.silence


def listening(beats: Beats, intervals: Sequence[int], missed: int) -> Listening:
    """When the collector was listening, given how often each access point beats, in microseconds.

    It is silent where nobody is heard for `missed` beats of the usual access point: the median one, so that neither a
    slow nor a hasty one among the others decides alone.
    """
    silence = missed * median_low(intervals)
    heard = beats.anybodys
    if not heard.size:
        return Listening(Spans.of(()), silence, None)
    start, stop = heard[:-1], heard[1:]
    whole = stop - start < silence
    return Listening(Spans.of(zip(*_runs(start[whole], stop[whole]), strict=True)), silence, int(heard[-1]))


def _runs(start: Instants, stop: Instants) -> tuple[list[int], list[int]]:
    """Successive spans as few long ones."""
    begins = np.append(True, start[1:] != stop[:-1])[: start.size]
    ends = np.append(begins[1:], True)[: start.size]
    return start[begins].tolist(), stop[ends].tolist()
