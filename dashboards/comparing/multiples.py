"""Curves of presence side by side, one a subject, on the same axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import altair as alt
import pandas as pd

from dashboards.arithmetic import MEASURES
from dashboards.charts import Chart, dressed
from dashboards.palette import Paint
from dashboards.texts import Language

HEIGHT: Final = 220
PER_HOUR: Final = 60


@dataclass(frozen=True)
class Axes:
    """What all curves share: hours and people, from and to; how hours are written; the line at 100 of an index."""

    hours: tuple[float, float]
    people: tuple[float, float]
    labels: str
    level: float | None = None


def by_clock(day: pd.DataFrame) -> pd.DataFrame:
    """The rows of `slots.by_slot` with `hour`: that of the local clock, from the first midnight on."""
    first = day["start"].iloc[0].replace(hour=0, minute=0, tzinfo=None)
    return day.assign(hour=[(start.replace(tzinfo=None) - first).total_seconds() / 3600 for start in day["start"]])


def from_start(day: pd.DataFrame, start: datetime) -> pd.DataFrame:
    """The same with `hour` from an instant on, below zero before it."""
    # Instants of one time zone are subtracted by their clocks.
    zero = start.astimezone(UTC)
    return day.assign(hour=[(each.astimezone(UTC) - zero).total_seconds() / 3600 for each in day["start"]])


def as_index(day: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """People of each slot where those of the same hour of the base are 100, as `arithmetic.index` has it.

    Null where either has no figure, or where the base may be nothing.
    """
    minute = (day["hour"] * PER_HOUR).round().astype(int)
    own = base.assign(minute=(base["hour"] * PER_HOUR).round().astype(int)).drop_duplicates("minute")
    other = own.set_index("minute")[list(MEASURES)].reindex(minute).reset_index(drop=True)
    known = (day["people"] > 0) & (other["people_low"] > 0)
    of, by = (rows[list(MEASURES)].where(known) for rows in (day, other))
    return day.assign(
        people=100 * of["people"] / by["people"],
        people_low=100 * of["people_low"] / by["people_high"],
        people_high=100 * of["people_high"] / by["people_low"],
    )


def axes(days: Sequence[pd.DataFrame], labels: str, level: float | None = None) -> Axes:
    """Axes on which all curves have room."""
    hours = pd.concat([day["hour"] for day in days])
    # The interval of an index may be far beyond what can be read.
    tops = [day["people" if level else "people_high"].max() for day in days]
    top = max((float(each) for each in tops if pd.notna(each)), default=1.0)
    return Axes((float(hours.min()), float(hours.max()) + 0.25), (0.0, top * (1.15 if level else 1.0)), labels, level)


def curve(day: pd.DataFrame, tips: Sequence[str], shared: Axes, language: Language, paint: Paint) -> Chart:
    """The curve of one; where it has no figure there is a gap, shaded where it is counted with neighbours."""
    told = day[["hour", *MEASURES]].assign(
        tip=list(tips), after=day["hour"] + 0.25, shared=day["shared_people"].notna() & day["people"].isna()
    )
    base = alt.Chart(told)
    x = alt.X(
        "hour:Q",
        title=None,
        scale=alt.Scale(domain=list(shared.hours), nice=False),
        axis=alt.Axis(labelExpr=shared.labels, tickCount=8, labelOverlap=True),
    )
    scale = alt.Scale(domain=list(shared.people), nice=False)
    layers = [
        base.mark_area(color=paint.blue, opacity=0.22, clip=True).encode(
            x=x, y=alt.Y("people_low:Q", title=None, scale=scale), y2="people_high:Q"
        ),
        base.mark_line(color=paint.blue, strokeWidth=2.2, clip=True).encode(
            x=x, y=alt.Y("people:Q", title=None, scale=scale)
        ),
        base.mark_rect(opacity=0).encode(
            x=alt.X("hour:Q", title=None),
            x2="after:Q",
            y=alt.value(0),
            y2=alt.value("height"),
            tooltip=alt.Tooltip("tip:N", title=" "),
        ),
    ]
    if told["shared"].any():
        gap = base.transform_filter(alt.datum.shared).mark_rect(color=paint.shared)
        layers.insert(0, gap.encode(x=x, x2="after:Q", y=alt.value(0), y2=alt.value("height")))
    if shared.level is not None:
        line = alt.Chart(pd.DataFrame({"level": [shared.level]})).mark_rule(color=paint.text, strokeDash=[4, 3])
        layers.append(line.encode(y=alt.Y("level:Q", scale=scale)))
    return dressed(alt.layer(*layers).properties(height=HEIGHT), language, paint)
