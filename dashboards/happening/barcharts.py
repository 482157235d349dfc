"""Bars with intervals as charts: lying ones for classes, upright ones for hours, which may reach below nothing."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

import altair as alt
import pandas as pd

from dashboards.cards import Bar
from dashboards.charts import Chart, dressed
from dashboards.curve import hour_axis
from dashboards.palette import Paint
from dashboards.texts import Language

ROW: Final = 24
"""Height of a lying bar with the space around it."""

HEIGHT: Final = 220


def lying(bars: Sequence[Bar], language: Language, paint: Paint) -> Chart:
    """Horizontal bars in the order given, each with its interval as a thin line and what is written of it."""
    rows = pd.DataFrame([asdict(bar) for bar in bars])
    labels = alt.Axis(labelLimit=300, labelFontSize=12, ticks=False)
    y = alt.Y("name:N", title=None, sort=None, axis=labels)
    greatest = float(rows["high"].max()) or 1.0
    x = alt.X("value:Q", title=None, axis=None, scale=alt.Scale(domain=[0, greatest * 1.75], nice=False))
    base = alt.Chart(rows)
    colours = alt.Scale(domain=["plain", "merged", "apart"], range=[paint.blue, paint.light_blue, paint.grey])
    written = base.mark_text(align="left", dx=6, fontSize=12, color=paint.text)
    layers = [
        base.mark_bar(height=ROW * 0.6).encode(y=y, x=x, color=alt.Color("style:N", scale=colours, legend=None)),
        base.mark_rule(color=paint.ink, strokeWidth=2).encode(y=y, x=alt.X("low:Q"), x2="high:Q"),
        written.encode(y=y, x=alt.X("high:Q"), text="written:N"),
    ]
    return dressed(alt.layer(*layers).properties(height=ROW * len(rows)), language, paint)


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
