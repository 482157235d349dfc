"""When those arrived who stayed so long: dwell bands by hour of arrival, on a page."""

from typing import Final

import altair as alt
import pandas as pd
import streamlit as st

from dashboards import charts, queries, tables, texts
from dashboards.exports.taken import Picture, Sheet
from dashboards.maps.mapframe import RAMP
from dashboards.palette import LIGHT, Paint
from dashboards.split.classes import merged
from dashboards.states import POOLED, PUBLISHED
from dashboards.texts import Text, value_name
from dashboards.view import View
from schemas.indicators import INDICATORS
from schemas.vocabulary import ALL, ARRIVAL_HOURS, DWELL_BANDS, SEPARATOR

EXPLAINED: Final = Text(
    "People who arrived, per hour. Hatched, without a colour of the scale: several hours were published as one "
    "figure; its people may all have come in any of them. It is one row of the table, and several boxes where its "
    "hours are apart. Rows of merged bands stand at the first of them.",
    "Personnes arrivées, par heure. Hachuré, sans couleur de l’échelle : plusieurs heures ont été publiées en un seul "
    "chiffre ; ses personnes peuvent toutes être venues dans n’importe laquelle. Il a une seule ligne dans le "
    "tableau, et plusieurs cases si ses heures ne se suivent pas. Les lignes de tranches réunies sont à la place de "
    "la première.",
)
ALT: Final = Text(
    "People by dwell band and hour of arrival; the table below has the same figures",
    "Personnes par tranche de durée et heure d’arrivée ; le tableau ci-dessous a les mêmes chiffres",
)
KEY: Final = Text("People who arrived, per hour", "Personnes arrivées, par heure")
TIP: Final = Text("{band}, {hours}: {people} people ({between})", "{band}, {hours} : {people} personnes ({between})")
SPREAD: Final = Text("{start} to {end} h", "de {start} à {end} h")
ANY_HOUR: Final = Text("any hour", "toute heure")
COLUMNS: Final = (
    Text("Stay", "Durée"),
    Text("Arrival", "Arrivée"),
    texts.OF_PEOPLE,
    texts.OF_INTERVAL,
    texts.OF_DEVICES,
)
HATCHES: Final = 2
"""Strokes of the hatching of a pool in an hour."""
ROW: Final = 28
AROUND: Final = 110
WIDTH: Final = 860


def show(view: View) -> tuple[list[Sheet], list[Picture]]:
    """Show the heatmap and its table; what can be taken away of them."""
    indicator = INDICATORS["dwell_by_arrival"]
    rows = view.ask(queries.DWELL_BY_ARRIVAL)
    if rows.empty:
        return [], []
    first = view.day.terms.first_hour
    title = view.question(indicator)
    ordered = in_order(rows, first)
    names = {value: value_name("dwell_band", value, view.language) for value in ordered["value"]}
    told = ordered.assign(tip=[_tip(view, row, first) for _, row in ordered.iterrows()])
    boxes = runs(told, first).assign(name=lambda frame: frame["value"].map(names))

    def drawn(paint: Paint) -> charts.Chart:
        return _chart(boxes, list(dict.fromkeys(names.values())), first, view, paint)

    st.subheader(title, anchor=False)
    st.caption(view.say(EXPLAINED))
    st.altair_chart(drawn(view.paint), width="stretch", alt=view.say(ALT))
    with st.expander(view.say(texts.AS_TABLE), icon=":material/table:"):
        tables.show(_table(view, ordered, first))
    status = [POOLED.code if merged(hours) or merged(value) else PUBLISHED.code for value, hours in _pairs(ordered)]
    sheet = Sheet(indicator.name, title, ordered.rename(columns={"value": "dwell_band"}).assign(status=status))
    height = ROW * len(names)
    return [sheet], [Picture(indicator.name, title, lambda: charts.svg(drawn(LIGHT), WIDTH, height))]


def in_order(rows: pd.DataFrame, first: int) -> pd.DataFrame:
    """The rows by band and by hour of a privacy day that begins at an hour."""
    bands = [_place(value, DWELL_BANDS) for value in rows["value"]]
    hours = [min(_hours(each, first), key=lambda hour: (int(hour) - first) % 24) for each in rows["arrival_hour"]]
    keyed = rows.assign(band=bands, hour=[(int(hour) - first) % 24 for hour in hours])
    ordered = keyed.sort_values(["band", "value", "hour", "arrival_hour"])
    return ordered.drop(columns=["band", "hour"]).reset_index(drop=True)


def runs(rows: pd.DataFrame, first: int) -> pd.DataFrame:
    """One row per row and unbroken run of hours that it counts: from `start` to `end`, in hours of the privacy day.

    `people` are those of the whole row, and null where it counts several hours: nothing is known of one of them.
    """
    listed = rows.assign(run=[_runs(each, first) for each in rows["arrival_hour"]])
    listed = listed.assign(people=listed["people"].where([not merged(each) for each in rows["arrival_hour"]]))
    found = listed.explode("run").reset_index(drop=True)
    ends = pd.DataFrame(found["run"].tolist(), columns=["start", "end"], index=found.index)
    return found.drop(columns="run").join(ends)


def hours_said(view: View, value: str, first: int) -> str:
    """The hours of a value in words: each unbroken run of the privacy day from its first to the end of its last."""
    found = _runs(value, first)
    if found == [(0, 24)]:
        return view.say(ANY_HOUR)
    said = [view.say(SPREAD, start=(start + first) % 24, end=(end + first) % 24) for start, end in found]
    return " + ".join(said)


def _runs(value: str, first: int) -> list[tuple[int, int]]:
    """The unbroken runs of the hours that a value lists, each from its start to its end in hours of the privacy day."""
    places = [(int(hour) - first) % 24 for hour in _hours(value, first)]
    starts = [place for place in places if place - 1 not in places]
    ends = [place + 1 for place in places if place + 1 not in places]
    return list(zip(starts, ends, strict=True))


def _hours(value: str, first: int) -> list[str]:
    """The hours that a value lists, in the order of the privacy day."""
    listed = ARRIVAL_HOURS if value == ALL else value.split(SEPARATOR)
    return sorted(listed, key=lambda hour: (int(hour) - first) % 24)


def _place(value: str, bands: tuple[str, ...]) -> int:
    first = value.split(SEPARATOR)[0]
    return bands.index(first) if first in bands else len(bands)


def _pairs(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(rows["value"], rows["arrival_hour"], strict=True))


def _chart(boxes: pd.DataFrame, names: list[str], first: int, view: View, paint: Paint) -> charts.Chart:
    hour = f"pad((datum.value + {first}) % 24, 2, '0', 'left')"
    axis = alt.Axis(labelAngle=0, values=list(range(24)), labelExpr=hour, grid=False)
    base = alt.Chart(boxes[["name", "start", "end", "people", "tip"]]).encode(
        x=alt.X("start:Q", title=None, scale=alt.Scale(domain=[0, 24], nice=False), axis=axis),
        x2="end:Q",
        y=alt.Y("name:N", sort=names, title=None, axis=alt.Axis(labelLimit=240)),
        tooltip=alt.Tooltip("tip:N", title=" "),
    )
    colour = alt.Color(
        "people:Q",
        title=view.say(KEY),
        scale=alt.Scale(type="sqrt", range=list(RAMP)),
        legend=alt.Legend(orient="bottom", gradientLength=150, tickCount=4, titleLimit=300),
    )
    pools = base.transform_filter("!isValid(datum.people)")
    layers = (
        base.transform_filter("isValid(datum.people)")
        .mark_rect(stroke=paint.ground, strokeWidth=0.5)
        .encode(color=colour),
        pools.mark_rect(fill=paint.shared, stroke=paint.text, strokeWidth=1),
        # A chart has no patterns: the strokes of the hatching are lines, from the foot of the box to its head.
        pools.transform_calculate(hatch=f"sequence({HATCHES} * (datum.end - datum.start))")
        .transform_flatten(["hatch"])
        .transform_calculate(left=f"datum.start + datum.hatch / {HATCHES}", right=f"datum.left + 1 / {HATCHES}")
        .mark_rule(color=paint.text, strokeWidth=0.7)
        .encode(
            x=alt.X("left:Q"),
            x2="right:Q",
            y=alt.Y("name:N", sort=names, bandPosition=1),
            y2=alt.Y2("name:N", bandPosition=0),
        ),
    )
    return charts.dressed(alt.layer(*layers).properties(height=ROW * len(names) + AROUND), view.language, paint)


def _tip(view: View, row: pd.Series, first: int) -> str:
    band = value_name("dwell_band", row["value"], view.language)
    people = view.number(row["people"])
    return view.say(
        TIP, band=band, hours=hours_said(view, row["arrival_hour"], first), people=people, between=view.between(row)
    )


def _table(view: View, rows: pd.DataFrame, first: int) -> pd.DataFrame:
    lines = [
        (
            value_name("dwell_band", row["value"], view.language),
            hours_said(view, row["arrival_hour"], first),
            view.number(row["people"]),
            view.between(row),
            view.number(row["devices"]),
        )
        for _, row in rows.iterrows()
    ]
    stay, *others = (view.say(column) for column in COLUMNS)
    return pd.DataFrame(lines, columns=[stay, *others]).set_index(stay)
