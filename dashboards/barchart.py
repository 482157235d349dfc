"""Classes as horizontal bars with their intervals: the picture of them to take away."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

import altair as alt
import pandas as pd

from dashboards.cards import Bar
from dashboards.charts import Chart, dressed, svg
from dashboards.palette import LIGHT, Paint
from dashboards.texts import Language

WIDTH: Final = 860
ROW: Final = 26
"""Height of a bar with the space around it."""


def drawn(bars: Sequence[Bar], language: Language) -> str:
    """The bars as SVG."""
    return svg(chart(bars, language, LIGHT), WIDTH, ROW * max(len(bars), 1))


def chart(bars: Sequence[Bar], language: Language, paint: Paint) -> Chart:
    """Bars in the order given, each with its interval as a thin line and what is written of it.

    Merged classes are lighter and outlined, what is apart is grey.
    """
    rows = pd.DataFrame([asdict(bar) for bar in bars], columns=list(Bar.__annotations__))
    y = alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=300, labelFontSize=12, ticks=False))
    greatest = float(rows["high"].max()) or 1.0
    x = alt.X("value:Q", title=None, axis=None, scale=alt.Scale(domain=[0, greatest * 1.75], nice=False))
    colours = alt.Scale(domain=["plain", "merged", "apart"], range=[paint.blue, paint.light_blue, paint.grey])
    base = alt.Chart(rows).encode(y=y)
    layers = [
        base.mark_bar(height=ROW * 0.6).encode(x=x, color=alt.Color("style:N", scale=colours, legend=None)),
        base.transform_filter(alt.datum.style == "merged")
        .mark_bar(height=ROW * 0.6, fill=None, stroke=paint.blue, strokeDash=[5, 3])
        .encode(x=x),
        base.mark_rule(color=paint.ink, strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q"),
        base.mark_text(align="left", dx=6, fontSize=12, color=paint.text).encode(x=alt.X("high:Q"), text="written:N"),
    ]
    return dressed(alt.layer(*layers).properties(height=ROW * len(rows)), language, paint)
