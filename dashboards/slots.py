"""The slots of a privacy day, as they are named on a clock and in an address, and what was published for each."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd

from anonymization.released import Day

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MEASURES: Final = ("parts", "devices", "people", "people_low", "people_high")


def starts(day: Day) -> list[datetime]:
    """The local instants at which the slots of a day begin."""
    zone = ZoneInfo(day.timezone)
    return [_local(edge, zone) for edge in day.terms.edges("slot")[:-1].tolist()]


def end(day: Day) -> datetime:
    """The local instant at which a day ends."""
    return _local(day.terms.end, ZoneInfo(day.timezone))


def names(moments: list[datetime]) -> list[str]:
    """What each slot is called in an address: its local time, with `b` where the clock shows it a second time."""
    seen: set[str] = set()
    found = []
    for moment in moments:
        clock = f"{moment:%H:%M}"
        found.append(f"{clock}b" if clock in seen else clock)
        seen.add(clock)
    return found


def by_slot(day: Day, rows: pd.DataFrame) -> pd.DataFrame:
    """One row per slot of the day, from the answer to PRESENCE: `start` (local), `name`, and those of `measured`."""
    moments = starts(day)
    frame = pd.DataFrame({"start": pd.Series(moments, dtype=object), "name": names(moments)})
    instants = pd.DatetimeIndex([moment.astimezone(UTC) for moment in moments]).as_unit("us")
    return pd.concat([frame, measured(instants, rows).reset_index(drop=True)], axis=1)


def measured(instants: pd.DatetimeIndex, rows: pd.DataFrame) -> pd.DataFrame:
    """What was published for each instant (UTC) at which a slot begins, from the answer to PRESENCE.

    MEASURES of the parts that lie in the zone, and the same with `shared_` before them of those that reach beyond it;
    null where there are none.
    """
    frame = pd.DataFrame(index=instants)
    for inside, prefix in ((True, ""), (False, "shared_")):
        part = rows[rows["inside"] == inside].set_index("window_start")
        part.index = pd.DatetimeIndex(part.index).tz_convert("UTC").as_unit("us")
        for measure in MEASURES:
            frame[prefix + measure] = part[measure].reindex(instants).astype("float64")
    return frame


def peak(slots: pd.DataFrame) -> int | None:
    """The slot with the most people in parts that lie in the zone, the earliest of several; None if there is none."""
    people = slots["people"]
    return None if people.isna().all() else int(people.idxmax())


def busiest(slots: pd.DataFrame) -> int:
    """The slot to begin with: the peak, or the one with the most people in shared parts; the first where none is."""
    at, shared = peak(slots), slots["shared_people"]
    if at is not None:
        return at
    return 0 if shared.isna().all() else int(shared.idxmax())


def _local(edge: int, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(microseconds=edge)).astimezone(zone)
