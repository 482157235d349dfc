"""Availability: for which share of the time that can be told an access point was heard."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from pipelines.feeds.wifi.spans import Instants, Spans, micros


@dataclass(frozen=True)
class Share:
    """Of a period, in microseconds: its length, how much of it can be told, and in how much of that it was heard."""

    period: int
    told: int
    heard: int

    @property
    def available(self) -> float | None:
        """The share of what can be told, 0 to 1; None where nothing can."""
        return self.heard / self.told if self.told else None

    @property
    def coverage(self) -> float | None:
        """The share of the period that can be told, 0 to 1; None of a period without length."""
        return self.told / self.period if self.period else None


def share(beats: Instants, interval: int, told: Spans, period: Spans) -> Share:
    """The availability of an access point in a period.

    A beat vouches for one interval. A gap of less than one and a half is a late beat, and no lack; of a longer one all
    but the first interval is lacking, which is one interval for each missed beat. Told is what lies after the first
    beat while the collector was listening.
    """
    if not beats.size:
        return Share(period.length, 0, 0)
    here = told.both(period)
    end = int(told.stop[-1]) if told.stop.size else int(beats[-1])
    following = np.append(beats[1:], max(end, int(beats[-1])))
    late = 2 * told.between(beats, following) >= 3 * interval
    lacking = int(here.between(beats[late] + interval, following[late]).sum())
    seen = here.amount(int(beats[0]), max(end, int(beats[0])))
    return Share(period.length, seen, seen - lacking)


def months(at: datetime) -> tuple[tuple[datetime, datetime], tuple[datetime, datetime]]:
    """The month before and the month so far, by the calendar of the zone of `at`."""
    this = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    last = (this - timedelta(days=1)).replace(day=1)
    return (last, this), (this, at)


def as_spans(period: tuple[datetime, datetime]) -> Spans:
    """A period as spans."""
    return Spans.of([(micros(period[0]), micros(period[1]))])
