"""The edges of a privacy day, of its slots and of its hours, one by one from the local calendar."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Day:
    """A privacy day. `slots` (slot int32, starts, ends) and `hours` (hour int32, starts, ends, clock) tile it.

    `clock` int32 is the hour that a local clock shows when the hour starts; `night` are the first and the last instant
    of local time from midnight to five that the day has.
    """

    starts: datetime
    ends: datetime
    slots: pa.Table
    hours: pa.Table
    night: tuple[datetime, datetime]


def privacy_day(
    day: date,
    slot: timedelta = timedelta(minutes=15),
    timezone: str = "Europe/Paris",
    starts_at: time = time(5),
) -> Day:
    """The privacy day that starts on `day` at `starts_at` on the local clock."""
    zone = ZoneInfo(timezone)
    next_day = day + timedelta(days=1)
    starts = datetime.combine(day, starts_at, zone).astimezone(UTC)
    ends = datetime.combine(next_day, starts_at, zone).astimezone(UTC)
    midnight, five = (datetime.combine(next_day, time(hour), zone).astimezone(UTC) for hour in (0, 5))
    hours = _tiles("hour", starts, ends, timedelta(hours=1))
    clock = [start.astimezone(zone).hour for start in hours["starts"].to_pylist()]
    hours = hours.append_column("clock", pa.array(clock, pa.int32()))
    return Day(starts, ends, _tiles("slot", starts, ends, slot), hours, (min(midnight, ends), min(five, ends)))


def _tiles(name: str, starts: datetime, ends: datetime, width: timedelta) -> pa.Table:
    edges = [starts]
    while edges[-1] < ends:
        edges.append(min(edges[-1] + width, ends))
    return pa.table(
        {
            name: pa.array(range(len(edges) - 1), pa.int32()),
            "starts": pa.array(edges[:-1], INSTANT),
            "ends": pa.array(edges[1:], INSTANT),
        }
    )


def microseconds(instant: datetime) -> int:
    """Microseconds since the epoch, exactly."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
