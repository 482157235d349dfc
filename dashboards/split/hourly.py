"""Who was there at each hour: shares of the people present by class, and how many of them no class is told of."""

import json
from textwrap import wrap
from typing import Final

import altair as alt
import pandas as pd
import streamlit as st

from dashboards import cards, charts, formats, queries, tables, texts
from dashboards.charts import Chart
from dashboards.exports.taken import Picture, Sheet
from dashboards.maps.mapframe import RAMP
from dashboards.palette import LIGHT, Paint
from dashboards.queries import Query
from dashboards.states import POOLED, PUBLISHED
from dashboards.texts import Text, value_name
from dashboards.view import View
from schemas.fields import ATTRIBUTES
from schemas.indicators import INDICATORS
from schemas.vocabulary import ALL, SEPARATOR

TOGETHER: Final = "together"
"""Stands for all classes that were published with others."""

NAMES: Final = {
    TOGETHER: Text("classes counted together", "classes comptées ensemble"),
    ALL: Text("not split", "non ventilé"),
}
EXPLAINED: Final = Text(
    "Shares of the people present in the zone’s own areas. In most areas a split by the hour would tell too much: "
    "{share} of the presence of the day is not split, and that share stands in its own row. Read a class as a "
    "minimum. Intervals ({confidence}) are of people; bounds of classes that are counted together are added up.",
    "Parts des personnes présentes dans les secteurs propres de la zone. Dans la plupart des secteurs, une ventilation "
    "par heure en dirait trop : {share} de la présence du jour n’est pas ventilée, et cette part a sa propre ligne. "
    "Lire une classe comme un minimum. Les intervalles (à {confidence}) portent sur les personnes ; les bornes des "
    "classes comptées ensemble sont additionnées.",
)
ALT: Final = Text(
    "Shares of classes by hour of the day; the table below has the same figures",
    "Parts des classes par heure de la journée ; le tableau ci-dessous a les mêmes chiffres",
)
TIP: Final = Text(
    "{hour}, {name}: {share} · {people} people ({between})", "{hour}, {name} : {share} · {people} personnes ({between})"
)
CELL: Final = Text("{share} · {people} ({between})", "{share} · {people} ({between})")
CLASS: Final = Text("Class", "Classe")
SPLITS: Final[dict[str, Query]] = {
    "presence_by_age": queries.PRESENCE_BY_AGE,
    "presence_by_spc": queries.PRESENCE_BY_SPC,
}
MEASURES: Final = ["devices", "people", "people_low", "people_high"]
HOUR: Final = "slice(datum.label, 0, 2)"
"""How Vega labels an hour of the clock."""
ROW: Final = 24
TALL: Final = 32
"""A row, and one of a chart of which some name needs two lines; in pixels."""
LINE: Final = 26
"""Letters of a name of a row."""
AROUND: Final = 40
WIDTH: Final = 860
STEPS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""What is written below the colours."""


def show(view: View) -> tuple[list[Sheet], list[Picture]]:
    """Show the splits that the zone has; what can be taken away of them."""
    sheets, pictures = [], []
    for name, query in SPLITS.items():
        (attribute,) = INDICATORS[name].attributes
        rows = view.ask(query)
        found = by_hour(rows[rows["inside"]], attribute)
        if found.empty or (found["value"] == ALL).all():
            continue
        pictures.append(_show(view, name, attribute, found))
        sheets.append(Sheet(name, view.question(INDICATORS[name]), found))
    return sheets, pictures


def by_hour(rows: pd.DataFrame, attribute: str) -> pd.DataFrame:
    """One row per hour and class: its people with their interval, their share of the hour, and the status.

    Bounds of classes that become one are summed: their errors are not taken to be independent. Classes
    that are published together with others are one, `together`; areas that are not split are `all`.
    """
    named = rows.assign(value=[TOGETHER if SEPARATOR in value else value for value in rows["value"]])
    summed = named.groupby(["window_start", "clock", "value"], as_index=False)[MEASURES].sum()
    share = summed["people"] / summed.groupby("window_start")["people"].transform("sum")
    status = summed["value"].isin([TOGETHER, ALL]).map({True: POOLED.code, False: PUBLISHED.code})
    places = {value: place for place, value in enumerate((*ATTRIBUTES[attribute].values, TOGETHER, ALL))}
    order = summed["value"].map(places).fillna(len(ATTRIBUTES[attribute].values) - 0.5)
    ordered = summed.assign(share=share, status=status, order=order).sort_values(["window_start", "order"])
    return ordered.drop(columns="order").reset_index(drop=True)


def _show(view: View, name: str, attribute: str, found: pd.DataFrame) -> Picture:
    title = view.question(INDICATORS[name])
    st.subheader(title, anchor=False)
    unsplit = float(found["people"][found["value"] == ALL].sum()) / float(found["people"].sum())
    st.caption(view.say(EXPLAINED, share=formats.unmarked(view.percent(unsplit))))
    names = {value: _name(view, attribute, value) for value in dict.fromkeys(_in_order(attribute, found))}
    drawn = found.assign(name=found["value"].map(names))
    drawn = drawn.assign(tip=[_said(view, TIP, row) for _, row in drawn.iterrows()])
    rows = list(names.values())
    st.altair_chart(_chart(drawn, rows, view, view.paint, key=False), width="stretch", alt=view.say(ALT))
    st.html(cards.ramp(RAMP, [view.percent(share) for share in STEPS], ""))
    with st.expander(view.say(texts.AS_TABLE), icon=":material/table:"):
        tables.show(_table(view, drawn, rows))
    return Picture(name, title, lambda: charts.svg(_chart(drawn, rows, view, LIGHT, key=True), WIDTH, height(rows)))


def height(names: list[str]) -> int:
    """Of all rows: names on two lines stay apart from those above and below."""
    return len(names) * (TALL if any(len(wrap(name, LINE)) > 1 for name in names) else ROW)


def _in_order(attribute: str, found: pd.DataFrame) -> list[str]:
    """The classes that there are; those without a class of their own come last."""
    there = set(found["value"])
    known = [each for each in ATTRIBUTES[attribute].values if each in there and each != ALL]
    others = sorted(there - {*known, TOGETHER, ALL})
    return [*known, *others, *(each for each in (TOGETHER, ALL) if each in there)]


def _chart(drawn: pd.DataFrame, names: list[str], view: View, paint: Paint, *, key: bool) -> Chart:
    """`key`: whether the colours are explained in the chart itself."""
    order = list(dict.fromkeys(drawn["clock"]))
    colour = alt.Color(
        "share:Q",
        title=None,
        scale=alt.Scale(range=list(RAMP), domain=[0, 1]),
        legend=alt.Legend(
            orient="bottom", labelExpr=charts.percent_axis(view.language), gradientLength=220, tickCount=4
        )
        if key
        else None,
    )
    chart = (
        alt.Chart(drawn[["clock", "name", "share", "tip"]])
        .mark_rect(stroke=paint.ground, strokeWidth=0.5)
        .encode(
            x=alt.X("clock:N", sort=order, title=None, axis=alt.Axis(labelAngle=0, orient="top", labelExpr=HOUR)),
            y=alt.Y("name:N", sort=names, title=None, axis=_rows_axis(names)),
            color=colour,
            tooltip=alt.Tooltip("tip:N", title=" "),
        )
        .properties(height=height(names) + AROUND)
    )
    return charts.dressed(chart, view.language, paint)


def _rows_axis(names: list[str]) -> alt.Axis:
    """Long names stand on two lines, so that a phone has room for the hours."""
    broken = {name: wrap(name, LINE) for name in names}
    label = f"{json.dumps(broken)}[datum.label]"
    return alt.Axis(labelExpr=label, labelLineHeight=11, labelLimit=260, labelOverlap=False)


def _name(view: View, attribute: str, value: str) -> str:
    return view.say(NAMES[value]) if value in NAMES else value_name(attribute, value, view.language)


def _said(view: View, text: Text, row: pd.Series) -> str:
    share, people = view.percent(row["share"]), view.number(row["people"])
    return view.say(text, hour=row["clock"], name=row["name"], share=share, people=people, between=view.between(row))


def _table(view: View, drawn: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """A class a row, an hour a column; nothing where no area has the class."""
    wide = drawn.assign(said=[_said(view, CELL, row) for _, row in drawn.iterrows()])
    wide = wide.pivot(index="name", columns="clock", values="said")
    wide = wide.reindex(index=names, columns=list(dict.fromkeys(drawn["clock"]))).fillna("")
    wide.index.name, wide.columns.name = view.say(CLASS), None
    return wide
