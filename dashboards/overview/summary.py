"""The few figures that stand for a zone on a day, as the overview has them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pandas as pd

from anonymization.released import Day
from dashboards import queries
from dashboards.baseline import Figure, figure_of
from dashboards.split.shares import Middle, Share, middle_of, share_of
from dashboards.store import Store
from dashboards.zones import Zone
from schemas.vocabulary import DWELL_BANDS, VISITOR_CATEGORIES

AWAY: Final = frozenset(VISITOR_CATEGORIES) - {"resident"}
"""The categories of those who do not live in the zone."""


@dataclass(frozen=True)
class Peak:
    """The most people at once: how many, in the slot that starts at an instant, of how many slots with a figure."""

    people: Figure
    devices: int
    start: datetime
    slots: int


@dataclass(frozen=True)
class Summary:
    """What is published of a zone on a day; None is what is not.

    `part`: the zones that those who came are counted in, joined; `pooled`: the share of presence, over the day, in
    parts of several hexagons or that reach beyond the zone.
    """

    part: str
    came: Figure | None
    devices: int
    peak: Peak | None
    dwell: Middle | None
    away: Share | None
    pooled: float | None


def summary_of(store: Store, zone: Zone, day: Day) -> Summary:
    """The figures of a zone on a day."""
    named = {"zone": zone.zone_id, "day": day.date.isoformat()}
    came = store.ask(queries.ATTENDANCE, **named)
    first = came.iloc[0] if len(came) else None
    return Summary(
        part="" if first is None else str(first["zone_id"]),
        came=None if first is None else figure_of(first),
        devices=0 if first is None else int(first["devices"]),
        peak=_peak(store.ask(queries.DAILY_PEAK, zone=zone.zone_id), day),
        dwell=middle_of(store.ask(queries.BY_DWELL, **named), DWELL_BANDS),
        away=share_of(store.ask(queries.BY_CATEGORY, **named), AWAY),
        pooled=_pooled(store.ask(queries.POOLED_SHARE, **named)),
    )


def _peak(rows: pd.DataFrame, day: Day) -> Peak | None:
    """The peak of one day out of those of all days."""
    own = rows[rows["day"] == day.date.isoformat()]
    people = figure_of(own.iloc[0]) if len(own) else None
    if people is None:
        return None
    row = own.iloc[0]
    return Peak(people, int(row["devices"]), row["window_start"].to_pydatetime(), int(row["slots"]))


def _pooled(rows: pd.DataFrame) -> float | None:
    whole = float(rows["people"].sum())
    return 1 - float(rows["single_people"].sum()) / whole if whole else None
