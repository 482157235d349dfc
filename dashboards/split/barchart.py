"""Classes as horizontal bars with their intervals: the picture of them to take away."""

from typing import Final

import altair as alt
import pandas as pd

from dashboards.charts import Chart, dressed, svg
from dashboards.palette import LIGHT
from dashboards.texts import Language

WIDTH: Final = 640
ROW: Final = 26


def drawn(rows: pd.DataFrame, language: Language) -> str:
    """The SVG of rows with `name`, `style`, `people`, `people_low` and `people_high`, in their order."""
    return svg(chart(rows, language), WIDTH, ROW * max(len(rows), 1))


def chart(rows: pd.DataFrame, language: Language) -> Chart:
    """The chart of the same rows; merged classes are lighter and outlined, what is apart is grey."""
    named = rows[["name", "style", "people", "people_low", "people_high"]]
    base = alt.Chart(named).encode(y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=320)))
    colour = alt.Color(
        "style:N",
        legend=None,
        scale=alt.Scale(domain=["plain", "merged", "apart"], range=[LIGHT.blue, LIGHT.light_blue, LIGHT.grey]),
    )
    layers = (
        base.mark_bar().encode(x=alt.X("people:Q", title=None), color=colour),
        base.transform_filter(alt.datum.style == "merged")
        .mark_bar(fill=None, stroke=LIGHT.blue, strokeDash=[5, 3])
        .encode(x="people:Q"),
        base.mark_rule(color=LIGHT.ink, strokeWidth=1.6).encode(x="people_low:Q", x2="people_high:Q"),
    )
    return dressed(alt.layer(*layers), language, LIGHT)
