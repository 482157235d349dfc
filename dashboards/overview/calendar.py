"""Seven weeks of a zone at a glance: a day a row, an hour a column, in colours that stay the same."""

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil, floor, log10
from typing import Final

import altair as alt
import pandas as pd

from anonymization.released import Day
from dashboards import slots
from dashboards.charts import Chart, dressed
from dashboards.maps.mapframe import RAMP
from dashboards.palette import Paint
from dashboards.states import NO_DATA, POOLED, PUBLISHED
from dashboards.texts import Language

MOST_DAYS: Final = 49
ROW: Final = 22
"""Pixels of a day."""
ABOVE: Final = 30
"""Pixels of the hours."""
PICK: Final = "pick"
"""The name of what is chosen in the chart."""


def top(greatest: float) -> float:
    """The number at the end of the colours: not below the greatest one, and its quarters are round and whole tens."""
    quarter = max(greatest / 4, 10.0)
    step = max(10.0 ** floor(log10(quarter)) / 2, 10.0)
    return 4 * step * ceil(quarter / step)


def window(days: Sequence[Day], chosen: Day) -> tuple[date, date]:
    """The first and last date of the weeks that end the release, or with the chosen day where it is earlier."""
    last = max(day.date for day in days)
    if (last - chosen.date).days >= MOST_DAYS:
        last = chosen.date
    return max(min(day.date for day in days), last - timedelta(days=MOST_DAYS - 1)), last


def hours(days: Sequence[Day], first: date, last: date, rows: pd.DataFrame) -> pd.DataFrame:
    """One row per date and hour of the clock, from the answer to PRESENCE_BY_HOUR_OF_DAYS.

    `people` with its interval is that of the slot of the hour with the most people in parts that lie in the zone; where
    there is none, `status` says whether something was published together with neighbours, or nothing.
    """
    keys = ["day", "hour"]
    found = rows.assign(hour=[_hour(clock) for clock in rows["clock"]])
    own = found[found["inside"]].sort_values(["people", "window_start"], ascending=[False, True])
    own = own.drop_duplicates(keys)[[*keys, "devices", "people", "people_low", "people_high"]]
    shared = found[~found["inside"]][keys].drop_duplicates().assign(shared=True)
    grid = pd.DataFrame(_grid(days, first, last), columns=keys)
    placed = grid.merge(own, how="left", on=keys).merge(shared, how="left", on=keys)
    status = placed["people"].notna().map({True: PUBLISHED.code, False: NO_DATA.code})
    pooled = placed["people"].isna() & placed["shared"].notna()
    return placed.drop(columns="shared").assign(status=status.mask(pooled, POOLED.code))


def chart(
    cells: pd.DataFrame,
    greatest: float,
    chosen: date,
    names: dict[str, str],
    language: Language,
    paint: Paint,
    *,
    key: bool,
) -> Chart:
    """The chart of `hours`, with `tip` said of each; `greatest` ends the scale, `names` name the dates.

    `key`: whether the colours are explained in the chart itself.
    """
    order = list(dict.fromkeys(cells.sort_values("place")["hour"]))
    x = alt.X("hour:N", sort=order, title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True, orient="top"))
    y = alt.Y("name:N", sort=list(names.values()), title=None, axis=alt.Axis(labelOverlap=False))
    colour = alt.Color(
        "people:Q",
        title=None,
        scale=alt.Scale(range=list(RAMP), domain=[0, greatest], clamp=True),
        legend=alt.Legend(orient="bottom", gradientLength=220, tickCount=4) if key else None,
    )
    named = cells.assign(name=cells["day"].map(names))
    base = alt.Chart(named).encode(x=x, y=y)
    tip = alt.Tooltip("tip:N", title=" ")
    published = base.transform_filter(alt.datum.status == PUBLISHED.code)
    nothing = base.transform_filter(alt.datum.status != PUBLISHED.code)
    layers = [
        published.mark_rect(stroke=paint.ground, strokeWidth=0.5).encode(color=colour),
        nothing.mark_rect(fill=paint.ground, stroke=paint.grey, strokeWidth=0.6).encode(
            opacity=alt.condition(alt.datum.status == POOLED.code, alt.value(1), alt.value(0.35))
        ),
        nothing.mark_text(color=paint.text, fontSize=11, baseline="middle").encode(
            text=alt.condition(alt.datum.status == POOLED.code, alt.value("×"), alt.value("·"))
        ),
        alt.Chart(named[named["day"] == chosen.isoformat()].head(1))
        .mark_rect(fill=None, stroke=paint.vermillion, strokeWidth=2)
        .encode(x=alt.value(0), x2=alt.value("width"), y=y),
        base.mark_rect(opacity=0).encode(tooltip=tip).add_params(alt.selection_point(name=PICK, fields=["day"])),
    ]
    return dressed(alt.layer(*layers).properties(height=ROW * len(names) + ABOVE), language, paint)


def _grid(days: Sequence[Day], first: date, last: date) -> list[tuple[str, str]]:
    """The hours of every date; those of a date without a day in the release are the hours of a usual day."""
    known = {day.date: [_hour(name) for name in slots.names(slots.starts(day))] for day in days}
    usual = [f"{hour % 24:02}" for hour in range(days[0].terms.first_hour, days[0].terms.first_hour + 24)]
    dates = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    return [(each.isoformat(), hour) for each in dates for hour in dict.fromkeys(known.get(each, usual))]


def _hour(clock: str) -> str:
    """The hour of a slot's name; one that the clock shows a second time stays apart."""
    return clock[:2] + clock[5:]
