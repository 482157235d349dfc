"""Clients: how many devices are connected at the last full hour, as far as the gate lets it be told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np

from anonymization.crowd import Crowd, crowds
from anonymization.policy import Policy
from pipelines.feeds.documents import as_bytes
from pipelines.feeds.wifi.access_point import AccessPoint
from pipelines.feeds.wifi.beats import UNKNOWN_COUNT, Beats
from pipelines.feeds.wifi.spans import SECOND, instant, micros

_MINUTE: Final = 60 * SECOND
_HOUR: Final = 60 * _MINUTE


def hour_of(at: datetime, policy: Policy) -> datetime:
    """The full hour whose counts are told at an instant: the last one that lies back the lateness of the policy.

    So a figure is told once, when its beats are there: building again before the next hour's turn tells the same.
    """
    settled = micros(at) - policy.lateness_minutes * _MINUTE
    return instant(settled // _HOUR * _HOUR).astimezone(at.tzinfo)


def connected(access_points: Sequence[AccessPoint], beats: Beats, hour: datetime, policy: Policy) -> tuple[Crowd, ...]:
    """The crowds at a full hour, from the beat of each access point that was current then.

    One instant for all, and neither the largest nor the mean count of an hour: a device that goes from one access point
    to another in an hour would be in both largest ones, so that their sum could reach k with fewer devices.
    """
    counts = {each.id: count for each in access_points if (count := _count(each, beats, micros(hour))) is not None}
    groups = {each.id: each.building_id for each in access_points}
    return crowds(counts, groups, policy)


def document(found: Sequence[Crowd], hour: datetime, policy: Policy) -> bytes:
    """clients.json: each crowd with its access points and what may be printed of it."""
    return as_bytes(
        {
            "at": hour.isoformat(timespec="seconds"),
            "fewest_devices": policy.k,
            "rounded_down_to": policy.rounding,
            "parts": [{"access_points": list(crowd.places), "clients_at_least": crowd.at_least} for crowd in found],
        }
    )


def alone(found: Sequence[Crowd]) -> dict[str, int]:
    """What may be printed of access points that are a part by themselves."""
    return {crowd.places[0]: crowd.at_least for crowd in found if len(crowd.places) == 1}


def _count(access_point: AccessPoint, beats: Beats, hour: int) -> int | None:
    """The count of the last beat within an interval before an instant, or at it; None where there is none."""
    times = beats.times(access_point.id)
    last = int(np.searchsorted(times, hour, "right")) - 1
    if last < 0 or times[last] <= hour - access_point.interval:
        return None
    count = int(beats.counts(access_point.id)[last])
    return None if count == UNKNOWN_COUNT else count
