"""Upright bars with intervals over hours, which may reach below nothing."""

from collections.abc import Sequence
from typing import Final

import altair as alt
import pandas as pd

from dashboards.charts import Chart, dressed
from dashboards.curve import hour_axis
from dashboards.palette import Paint
from dashboards.texts import Language

HEIGHT: Final = 220


def upright(
    rows: pd.DataFrame, length: int, hours: Sequence[tuple[int, str]], language: Language, paint: Paint
) -> Chart:
    """Bars over the hours of a curve of some length in slots: `place`, `after`, `value`, `low`, `high`, `style`, `tip`.

    Of style `less` are those that reach below nothing; where `value` is null there is no bar.
    """
    axis = hour_axis(hours)
    x = alt.X("left:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, length], nice=False))
    apart = (rows["after"] - rows["place"]) * 0.12
    frame = rows.assign(
        left=rows["place"] + apart, right=rows["after"] - apart, middle=(rows["place"] + rows["after"]) / 2
    )
    base = alt.Chart(frame[frame["value"].notna()])
    colours = alt.Scale(domain=["more", "less"], range=[paint.blue, paint.orange])
    y = alt.Y("value:Q", title=None)
    layers = [
        base.mark_bar().encode(
            x=x,
            x2="right:Q",
            y=y,
            y2=alt.datum(0),
            color=alt.Color("style:N", scale=colours, legend=None),
            tooltip=alt.Tooltip("tip:N", title=" "),
        ),
        base.mark_rule(color=paint.ink, strokeWidth=1.5).encode(x=alt.X("middle:Q"), y=alt.Y("low:Q"), y2="high:Q"),
        alt.Chart(pd.DataFrame({"value": [0]})).mark_rule(color=paint.muted).encode(y="value:Q"),
    ]
    return dressed(alt.layer(*layers).properties(height=HEIGHT), language, paint)
