"""The slots of a period and of the hours around it: what was published for each, and what kind of figure that is."""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from dashboards import degraded, queries, slots
from dashboards.happening.period import Period, days_of, microseconds
from dashboards.states import DEGRADED, NO_DATA, POOLED, PUBLISHED
from dashboards.store import Store

BEFORE, DURING, AFTER = "before", "during", "after"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def timeline(store: Store, period: Period) -> pd.DataFrame:
    """One row per slot from the period's margin before to its margin after, in order; all of them, published or not.

    `start` and `end` (local), `step` (slots from the one in which the period begins), `phase` (before, during, after),
    `day` (privacy day), `name` (in an address), `number` (days after the first), the columns of `slots.measured`, and
    the code of a `status`. `day` and `name` are null on days that the release does not hold.
    """
    slot = period.day.terms.slot
    edges = _edges(period)
    frame = pd.DataFrame(
        {"start": pd.Series(_local(edges[:-1], period), dtype=object), "end": _local(edges[1:], period)}
    )
    first = (microseconds(period.start) - period.day.terms.start) // slot
    frame["step"] = (edges[:-1] - period.day.terms.start) // slot - first
    frame["phase"] = np.select(
        [edges[1:] <= microseconds(period.start), edges[:-1] >= microseconds(period.end)], [BEFORE, AFTER], DURING
    )
    shown = Period(period.zone, period.day, frame["start"].iloc[0], frame["end"].iloc[-1])
    instants = pd.to_datetime(edges[:-1], unit="us", utc=True).as_unit("us")
    frame = pd.concat([frame, _named(store, shown, instants)], axis=1)
    frame = pd.concat([frame, slots.measured(instants, _presence(store, shown)).reset_index(drop=True)], axis=1)
    return frame.assign(status=_status(frame, instants.isin(_degraded(store, shown))))


def _edges(period: Period) -> np.ndarray:
    """The edges of the slots that a period and its margins have time of; int64 microseconds."""
    slot, origin = period.day.terms.slot, period.day.terms.start
    low = (microseconds(period.start - period.margin) - origin) // slot
    high = -((origin - microseconds(period.end + period.margin)) // slot)
    return origin + np.arange(low, high + 1, dtype=np.int64) * slot


def _local(edges: np.ndarray, period: Period) -> list[datetime]:
    return [(_EPOCH + timedelta(microseconds=edge)).astimezone(period.start.tzinfo) for edge in edges.tolist()]


def _named(store: Store, shown: Period, instants: pd.DatetimeIndex) -> pd.DataFrame:
    """For each instant its day and its name: the clock, and from the second day on which day it is."""
    named: dict[int, tuple[str, str, int]] = {}
    for day in days_of(store, shown):
        number = (day.date - shown.day.date).days
        moments = slots.starts(day)
        for moment, clock in zip(moments, slots.names(moments), strict=True):
            name = clock if number == 0 else f"{clock}d{number + 1}"
            named[microseconds(moment)] = (day.date.isoformat(), name, number)
    found = [named.get(instant, (None, None, None)) for instant in instants.as_unit("us").asi8.tolist()]
    return pd.DataFrame(found, columns=["day", "name", "number"])


def _presence(store: Store, shown: Period) -> pd.DataFrame:
    days = days_of(store, shown)
    return store.ask(
        queries.PRESENCE_BY_HOUR_OF_DAYS,
        zone=shown.zone.zone_id,
        first_day=days[0].date.isoformat(),
        last_day=days[-1].date.isoformat(),
    )


def _degraded(store: Store, shown: Period) -> list[datetime]:
    return [moment for day in days_of(store, shown) for moment in degraded.slots_of(store, shown.zone, day)]


def _status(frame: pd.DataFrame, silent: np.ndarray) -> np.ndarray:
    own, shared = frame["people"].notna(), frame["shared_people"].notna()
    some = own | shared
    codes = [NO_DATA.code, DEGRADED.code, POOLED.code]
    return np.select([~some, silent & some, ~own], codes, PUBLISHED.code)
