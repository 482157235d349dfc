"""The curve of presence over a day: people by slot with their interval, and when they are not told from neighbours."""

import json
from collections.abc import Sequence
from typing import Final

import altair as alt
import pandas as pd

from dashboards.charts import Chart, dressed
from dashboards.palette import Paint
from dashboards.texts import Language

HEIGHT: Final = 280


def curve(
    slots: pd.DataFrame,
    hours: Sequence[tuple[int, str]],
    now: int,
    peak: int | None,
    language: Language,
    paint: Paint,
) -> Chart:
    """The chart of slots numbered in `place`, with `tip` said of each.

    `hours`: the slots that are named on the axis; `now`: the slot that the map shows. Slots without a figure are
    gaps. The axis counts slots, so that days of 23 and 25 hours are right.
    """
    base = alt.Chart(slots)
    x = alt.X("middle:Q", title=None, axis=_axis(hours), scale=alt.Scale(domain=[0, len(slots)], nice=False))
    layers = [
        base.mark_area(color=paint.blue, opacity=0.22).encode(x=x, y=_people("people_low"), y2="people_high:Q"),
        base.mark_line(color=paint.blue, strokeWidth=2.5).encode(x=x, y=_people("people")),
        base.transform_filter(alt.datum.place == now)
        .mark_rule(color=paint.vermillion, strokeWidth=2, strokeDash=[5, 3])
        .encode(x=x),
        base.transform_filter(alt.datum.place == peak)
        .mark_point(color=paint.blue, filled=True, size=90, opacity=1, stroke=paint.ground)
        .encode(x=x, y=_people("people")),
        base.mark_rect(opacity=0).encode(
            x="place:Q", x2="after:Q", tooltip=alt.Tooltip("tip:N", title=" "), y=alt.value(0), y2=alt.value("height")
        ),
    ]
    if slots["shared"].any():
        shared = base.transform_filter(alt.datum.shared).mark_rect(color=paint.shared, opacity=1)
        layers.insert(
            0, shared.encode(x=alt.X("place:Q", title=None), x2="after:Q", y=alt.value(0), y2=alt.value("height"))
        )
    return dressed(alt.layer(*layers).properties(height=HEIGHT), language, paint)


def placed(slots: pd.DataFrame) -> pd.DataFrame:
    """The slots with where each is drawn, `place` to `after`, and whether a part of the zone is `shared`."""
    place = pd.Series(range(len(slots)), dtype="int64")
    return slots[["people", "people_low", "people_high"]].assign(
        place=place, middle=place + 0.5, after=place + 1, shared=slots["shared_people"].notna()
    )


def _axis(hours: Sequence[tuple[int, str]]) -> alt.Axis:
    names = {str(place): name for place, name in hours}
    return alt.Axis(
        values=[place for place, _ in hours],
        labelExpr=f"{json.dumps(names)}[datum.value]",
        grid=True,
        labelOverlap=True,
    )


def _people(column: str) -> alt.Y:
    return alt.Y(f"{column}:Q", title=None, scale=alt.Scale(zero=True, nice=True))
