"""Hours to come, from published hours of the same weekday and hour of the clock.

The method of the standard ("Algorithm initial proposal", step 6): the mean of the last four. It knows neither public
holidays nor events.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from pipelines.server.population.grid import Numbers

DAYS: Final = 4
"""On so many published days a forecast stands, the most recent ones."""
FEWEST_DAYS: Final = 2
"""With fewer, there is none: one day says nothing about how days differ."""
OLDEST: Final = timedelta(weeks=26)
"""Days that lie further before the hour say nothing about it."""
_WEEK: Final = timedelta(days=7)
_SECONDS: Final = 3600


def earlier_hours(hour: int, zone: ZoneInfo, known: Callable[[int], bool]) -> list[int]:
    """The hours that a forecast of an hour stands on, the latest first: at most 4, none where they are fewer than 2.

    Hours are counted from 1970 in UTC; `known` tells which are published.
    """
    local = datetime.fromtimestamp(hour * _SECONDS, zone).replace(tzinfo=None)
    found: list[int] = []
    for weeks in range(1, OLDEST // _WEEK + 1):
        earlier = (local - weeks * _WEEK).replace(tzinfo=zone)
        utc = earlier.astimezone(UTC)
        # An hour that the change to summer time left out.
        exists = utc.astimezone(zone).replace(tzinfo=None) == earlier.replace(tzinfo=None)
        if exists and known(candidate := int(utc.timestamp()) // _SECONDS):
            found.append(candidate)
        if len(found) == DAYS:
            break
    return found if len(found) >= FEWEST_DAYS else []


def forecast(earlier: Numbers) -> Numbers:
    """float64[n, 3]: the forecast from the densities float64[d, n, 3] of earlier hours.

    The mean; from the lowest of the lows to the highest of the highs. NaN where an earlier hour gives no density.
    """
    return np.stack([earlier[..., 0].mean(axis=0), earlier[..., 1].min(axis=0), earlier[..., 2].max(axis=0)], axis=1)
