"""The share of people who stayed at least so long, as a staircase; merged bands leave a step open."""

from typing import Final

import altair as alt
import pandas as pd

from dashboards.charts import Chart, dressed, percent_axis
from dashboards.palette import Paint
from dashboards.split.shares import share_of
from dashboards.texts import Language
from schemas.vocabulary import DWELL_BANDS

HEIGHT: Final = 260


def steps(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per band: the share of people in it or a longer one, `least` and `most`, and their interval.

    The two differ where a merged class has bands on both sides. No row where there are no classes, nor
    where only one side of a step is published: the other is no published zero. The first step is all people.
    """
    found = [(place, share_of(rows, DWELL_BANDS[place:])) for place in range(len(DWELL_BANDS))]
    told = [
        (place, each.least, each.most, each.low, each.high)
        for place, each in found
        if each is not None and not (place and each.one_sided)
    ]
    frame = pd.DataFrame(told, columns=["place", "least", "most", "low", "high"])
    return frame.assign(open=frame["least"] != frame["most"])


def chart(stairs: pd.DataFrame, language: Language, paint: Paint) -> Chart:
    """The chart of `steps`, with `name` of where each begins and `tip` said of it."""
    base = alt.Chart(stairs)
    x = alt.X("name:N", sort=list(stairs["name"]), title=None, axis=alt.Axis(labelAngle=0))
    y = alt.Y("most:Q", title=None, axis=alt.Axis(labelExpr=percent_axis(language)), scale=alt.Scale(domain=[0, 1]))
    tip = alt.Tooltip("tip:N", title=" ")
    layers = (
        base.mark_bar(color=paint.blue, opacity=0.25).encode(x=x, y=y, tooltip=tip),
        base.mark_bar(color=paint.blue).encode(x=x, y=alt.Y("least:Q"), tooltip=tip),
        base.transform_filter(alt.datum.open)
        .mark_bar(fill=None, stroke=paint.text, strokeDash=[4, 3])
        .encode(x=x, y=alt.Y("least:Q"), y2="most:Q"),
        base.mark_rule(color=paint.ground, strokeWidth=4).encode(x=x, y=alt.Y("low:Q"), y2="high:Q"),
        base.mark_rule(color=paint.text, strokeWidth=2).encode(x=x, y=alt.Y("low:Q"), y2="high:Q"),
    )
    return dressed(alt.layer(*layers).properties(height=HEIGHT), language, paint)
