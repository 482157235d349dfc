"""The terms under which a day was published, as its entry states them."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from anonymization.checks.guarantee import guarantee_of
from anonymization.checks.outcome import Unsound
from anonymization.entries import Body, Entry, Json
from anonymization.guarantee import Guarantee
from anonymization.policy import Policy, policy_of
from schemas.errors import UsageError
from schemas.indicators import PartKind

HOUR = 3_600_000_000
"""Microseconds."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GREATEST = 1_000_000


@dataclass(frozen=True)
class Terms:
    """Policy, calendar and estimation of one privacy day; instants and `slot` in microseconds since the epoch, UTC.

    `effects`: the design effects by indicator and kind of part. `first_hour`: that of the clock in which the day
    begins. `people_per_device`: the one factor of all devices, if they have one. `dp`: the guarantee of differential
    privacy, or None without it.
    """

    day: date
    k: int
    max_share: float
    rounding: int
    slot: int
    start: int
    end: int
    zones_sha256: str
    test: bool
    confidence: float
    effects: Mapping[str, Mapping[str, float]]
    first_hour: int = 5
    people_per_device: float | None = None
    dp: Guarantee | None = None

    @property
    def printed_minimum(self) -> int:
        """The smallest count that k devices can be rounded to."""
        return self.k - self.k % self.rounding if self.rounding else self.k

    @property
    def slack(self) -> int:
        """How far a printed count can be from the exact one."""
        return max(self.rounding - 1, 0)

    def edges(self, window: str) -> npt.NDArray[np.int64]:
        """The instants at which the windows of a day begin, and the end of the last; `slot`, `hour` or `day`."""
        step = {"slot": self.slot, "hour": HOUR}.get(window, self.end - self.start)
        return np.append(np.arange(self.start, self.end, step, dtype=np.int64), np.int64(self.end))

    def slots_of_hours(self) -> npt.NDArray[np.int64]:
        """For each hour of the day, the start of the slot that holds its half hour (else of the last slot)."""
        slots = self.edges("slot")
        points = self.edges("hour")[:-1] + HOUR // 2
        holding = np.searchsorted(slots, points, "right") - 1
        return slots[np.minimum(holding, slots.size - 2)]


def terms_of(entry: Entry) -> Terms:
    """The terms of an entry of a privacy day; raises Unsound, saying which is missing or impossible."""
    policy, calendar = _policy(entry), entry.block("time")
    day = day_of(entry)
    start, end = _bounds(day, _text(calendar, "timezone"), _text(calendar, "privacy_day_starts"))
    return Terms(
        day=day,
        k=policy.k,
        max_share=policy.max_share,
        rounding=policy.rounding,
        slot=_whole(calendar, "slot_minutes", 1, 60) * (HOUR // 60),
        start=start,
        end=end,
        zones_sha256=_text(entry.body, "zones_sha256"),
        test=entry.body.get("test") is not False,
        confidence=_number(entry.block("estimation"), "confidence", 0, 1),
        effects=_effects(entry.block("estimation")),
        first_hour=int(_text(calendar, "privacy_day_starts")[:2]),
        people_per_device=_factor(entry.block("estimation")),
        dp=None if entry.body.get("dp") is None else guarantee_of(entry),
    )


def _policy(entry: Entry) -> Policy:
    """The privacy numbers of a day: all of them, and no others."""
    try:
        return policy_of(entry.block("policy"), test=entry.body.get("test") is not False)
    except UsageError as error:
        raise Unsound(error.message) from None


def day_of(entry: Entry) -> date:
    """The privacy day of an entry; raises Unsound where it is not written YYYY-MM-DD."""
    text = _text(entry.body, "privacy_day")
    with contextlib.suppress(ValueError):
        day = date.fromisoformat(text)
        if day.isoformat() == text:
            return day
    raise Unsound("privacy_day is no date")


def _bounds(day: date, timezone: str, starts: str) -> tuple[int, int]:
    try:
        zone, clock = ZoneInfo(timezone), time.fromisoformat(starts)
        if clock.tzinfo is not None:
            raise ValueError("the offset of a local time is that of its timezone")
        begin, end = (
            datetime.combine(local, clock, zone).astimezone(UTC) - _EPOCH for local in (day, day + timedelta(days=1))
        )
    except (LookupError, ValueError, OSError, OverflowError, TypeError):
        raise Unsound("timezone or privacy_day_starts is impossible") from None
    if not timedelta(hours=20) <= end - begin <= timedelta(hours=28):
        raise Unsound("the privacy day is not about a day long")
    return begin // timedelta(microseconds=1), end // timedelta(microseconds=1)


def _whole(block: Body, name: str, least: int, greatest: int) -> int:
    value: Json = block.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= greatest:
        raise Unsound(f"{name} is not a whole number of {least} to {greatest}")
    return value


def _number(block: Body, name: str, above: float, below: float) -> float:
    value = block.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not above < value < below:
        raise Unsound(f"{name} is not a number between {above:g} and {below:g}")
    return float(value)


def _effects(estimation: Body) -> dict[str, dict[str, float]]:
    stated = estimation.get("design_effects")
    if not isinstance(stated, dict) or not all(isinstance(kinds, dict) for kinds in stated.values()):
        raise Unsound("design_effects do not give a number for each indicator and kind of part")
    return {
        indicator: {kind: _number(kinds, kind, 0, _GREATEST) for kind in get_args(PartKind)}
        for indicator, kinds in stated.items()
        if isinstance(kinds, dict)
    }


def _factor(estimation: Body) -> float | None:
    stated = estimation.get("people_per_device")
    return None if stated is None else _number(estimation, "people_per_device", 0, _GREATEST)


def _text(block: Body, name: str) -> str:
    value = block.get(name)
    if not isinstance(value, str):
        raise Unsound(f"{name} is not text")
    return value
