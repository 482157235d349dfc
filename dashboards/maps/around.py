"""The day of a chosen area: the smallest published part around its hexagon in each slot, as a curve and a table."""

from typing import Final

import altair as alt
import pandas as pd
import streamlit as st

from dashboards import cards, queries, slots, tables, texts
from dashboards.charts import Chart, dressed
from dashboards.maps import parts
from dashboards.maps.area import Area
from dashboards.palette import Paint
from dashboards.texts import Text
from dashboards.view import View

OVER_THE_DAY: Final = Text("Here over the day", "Ici au fil de la journée")
ALT: Final = Text(
    "Curve of the people per km² around the chosen hexagon by slot; the table below has the same figures",
    "Courbe des personnes par km² autour de l’hexagone choisi par créneau ; le tableau ci-dessous a les mêmes chiffres",
)
SAME: Final = Text("people per km² in this very area", "personnes par km² dans ce même secteur")
OTHER: Final = Text(
    "in another published area around the same hexagon", "dans un autre secteur publié autour du même hexagone"
)
NOW: Final = Text("the moment of the map", "le moment de la carte")
NOT_SAME: Final = Text("another area", "autre secteur")
COLUMNS: Final = (
    texts.TIME,
    texts.OF_PEOPLE,
    texts.OF_INTERVAL,
    Text("Size", "Taille"),
    texts.OF_DENSITY,
    Text("Area", "Secteur"),
)


def show(view: View, area: Area, now: int) -> None:
    """Show the day around the first hexagon of an area that is a part, beside the slot of the map."""
    rows = around(view, area.key, now)
    if rows.empty:
        return
    st.html(f'<div class="hx-title">{view.say(OVER_THE_DAY)}</div>')
    st.altair_chart(_chart(view, rows, now), width="stretch", alt=view.say(ALT))
    keys = [(cards.BLUE, SAME), (cards.GREY, OTHER), (cards.VERMILLION, NOW)]
    st.html(cards.key([(colour, view.say(text)) for colour, text in keys]))
    with st.expander(view.say(texts.AS_TABLE), icon=":material/table:"):
        tables.show(_table(view, rows))


def around(view: View, hexagon: str, now: int) -> pd.DataFrame:
    """The answer to AROUND with its `place` among the slots, densities, and whether it is the `same` part as now.

    `run` numbers what stands together without a gap or a change of part.
    """
    rows = view.store.ask(queries.AROUND, day=view.day.date.isoformat(), hexagon=hexagon)
    places = {name: place for place, name in enumerate(slots.names(slots.starts(view.day)))}
    rows["place"] = rows["clock"].map(places)
    chosen = rows["part"][rows["place"] == now]
    rows["same"] = rows["part"] == (chosen.iloc[0] if len(chosen) else -1)
    rows["run"] = ((rows["part"] != rows["part"].shift()) | (rows["place"].diff() != 1)).cumsum()
    for name in ("people", "people_low", "people_high"):
        rows[name.replace("people", "density")] = rows[name] / rows["km2"]
    return rows


def _chart(view: View, rows: pd.DataFrame, now: int) -> Chart:
    paint: Paint = view.paint
    starts = slots.starts(view.day)
    tips = [_tip(view, row) for _, row in rows.iterrows()]
    columns = ["place", "run", "same", "density", "density_low", "density_high"]
    data = rows[columns].assign(tip=tips, middle=rows["place"] + 0.5)
    names = {str(place): view.clock(start) for place, start in enumerate(starts) if start.minute == 0}
    ticks = [place for place, start in enumerate(starts) if start.minute == 0 and start.hour % 6 == 5]
    axis = alt.Axis(values=ticks, labelExpr=f"{names}[datum.value]".replace("'", '"'), labelOverlap=True)
    x = alt.X("middle:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, len(starts)], nice=False))
    colour = alt.condition("datum.same", alt.value(paint.blue), alt.value(paint.grey))
    base = alt.Chart(data)
    y = alt.Y("density:Q", title=None, scale=alt.Scale(zero=True))
    layers = [
        base.mark_area(opacity=0.22).encode(x=x, y="density_low:Q", y2="density_high:Q", detail="run:N", color=colour),
        base.mark_line(strokeWidth=2).encode(x=x, y=y, detail="run:N", color=colour),
        base.mark_point(filled=True, size=14, opacity=1).encode(
            x=x, y=y, color=colour, tooltip=alt.Tooltip("tip:N", title=" ")
        ),
        alt.Chart(pd.DataFrame({"middle": [now + 0.5]}))
        .mark_rule(color=paint.vermillion, strokeWidth=2, strokeDash=[5, 3])
        .encode(x=x),
    ]
    return dressed(alt.layer(*layers).properties(height=170), view.language, paint)


def _tip(view: View, row: pd.Series) -> str:
    people = view.say(texts.PEOPLE_BETWEEN, people=view.number(row["people"]), between=view.between(row))
    time = view.clock(slots.starts(view.day)[int(row["place"])])
    size = parts.size(view, int(row["hexagons"]))
    return " · ".join([time, people, size])


def _table(view: View, rows: pd.DataFrame) -> pd.DataFrame:
    starts = slots.starts(view.day)
    lines = [
        (
            view.clock(starts[int(row["place"])]),
            view.number(row["people"]),
            view.between(row),
            parts.size(view, int(row["hexagons"])),
            parts.density(view, row),
            "" if row["same"] else view.say(NOT_SAME),
        )
        for _, row in rows.iterrows()
    ]
    time, *others = (view.say(column) for column in COLUMNS)
    return pd.DataFrame(lines, columns=[time, *others]).set_index(time)
