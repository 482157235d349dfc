"""The calendar of a zone on a page: the chart, what its cells say, and the same as a table."""

from datetime import date
from typing import Final

import pandas as pd
import streamlit as st

from dashboards import cards, charts, formats, queries, tables, texts
from dashboards.choices import by_hand
from dashboards.exports.taken import Picture, Sheet
from dashboards.maps.mapframe import RAMP
from dashboards.overview import calendar
from dashboards.overview.calendar import PICK, chart, hours, window
from dashboards.palette import LIGHT, Paint
from dashboards.states import NO_DATA, POOLED, PUBLISHED
from dashboards.texts import Text
from dashboards.view import View

TITLE: Final = Text("The last weeks, hour by hour", "Les dernières semaines, heure par heure")
EXPLAINED: Final = Text(
    "The most people at once in each hour, in the zone’s own areas; the colours are the same for all days. The framed "
    "day is the one shown above; another can be clicked, or chosen at the top of the page.",
    "Le plus de personnes en même temps dans chaque heure, dans les secteurs propres de la zone ; les couleurs valent "
    "pour tous les jours. Le jour encadré est celui montré ci-dessus ; un autre peut être cliqué, ou choisi en haut de "
    "la page.",
)
ALT: Final = Text(
    "Calendar of the people present in {zone} by day and hour; the table below has the same figures",
    "Calendrier des personnes présentes dans {zone} par jour et par heure ; le tableau ci-dessous a les mêmes chiffres",
)
TIP: Final = Text("{name}, {hour} h: {said}", "{name}, {hour} h : {said}")
SIGN: Final = Text("{sign} {name}: {meaning}", "{sign} {name} : {meaning}")
SIGNS: Final = {POOLED: "×", NO_DATA: "·"}
KEY: Final = "calendar"
WIDTH: Final = 900
UNIT: Final = Text("people at once", "personnes en même temps")
STEPS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""What is written below the colours, as shares of the top."""


def show(view: View) -> tuple[list[Sheet], list[Picture]]:
    """Show the calendar; what can be taken away of it. A place that is sensitive has none."""
    if view.zone.sensitive:
        return [], []
    days = view.store.release.days
    first, last = window(days, view.day)
    named = {"zone": view.zone.zone_id, "first_day": first.isoformat(), "last_day": last.isoformat()}
    cells = hours(days, first, last, view.store.ask(queries.PRESENCE_BY_HOUR_OF_DAYS, **named))
    peaks = view.store.ask(queries.DAILY_PEAK, zone=view.zone.zone_id)["people"]
    greatest = calendar.top(float(peaks.max()) if len(peaks) else 0.0)
    names = _names(view, cells)
    drawn = _told(view, cells, names)

    def paint(colours: Paint, *, key: bool) -> charts.Chart:
        return chart(drawn, greatest, view.day.date, names, view.language, colours, key=key)

    st.subheader(view.say(TITLE), anchor=False)
    st.caption(view.say(EXPLAINED))
    st.altair_chart(
        paint(view.paint, key=False),
        width="stretch",
        key=KEY,
        on_select=_choose,
        selection_mode=PICK,
        alt=view.say(ALT, zone=view.zone.name),
    )
    missing = [
        view.say(SIGN, sign=sign, name=state.name.say(view.language), meaning=state.meaning.say(view.language))
        for state, sign in SIGNS.items()
        if (cells["status"] == state.code).any()
    ]
    st.html(cards.ramp(RAMP, [view.number(share * greatest) for share in STEPS], view.say(UNIT)))
    st.html(cards.key([("none;display:none", each) for each in missing]))
    with st.expander(view.say(texts.AS_TABLE), icon=":material/table:"):
        tables.show(_table(view, cells, names))
    height = calendar.ROW * len(names)
    picture = Picture("weeks", view.say(TITLE), lambda: charts.svg(paint(LIGHT, key=True), WIDTH, height))
    return [Sheet("weeks", view.say(TITLE), cells.drop(columns="place", errors="ignore"))], [picture]


def _choose() -> None:
    """Take the day that was clicked."""
    picked = st.session_state[KEY]["selection"].get(PICK, [])
    if picked:
        st.session_state["day"] = picked[0]["day"]
        by_hand()


def _names(view: View, cells: pd.DataFrame) -> dict[str, str]:
    days = dict.fromkeys(cells["day"])
    return {day: formats.column_date(date.fromisoformat(day), view.language) for day in days}


def _told(view: View, cells: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """The cells with what is said of each that is pointed at, and the place of its hour in a day."""
    tips = [
        view.say(TIP, name=names[row["day"]], hour=row["hour"].lstrip("0") or "0", said=_said(view, row))
        for row in cells.to_dict("records")
    ]
    return cells.assign(tip=tips, place=_places(view, cells))


def _places(view: View, cells: pd.DataFrame) -> list[float]:
    """Hours in the order of a privacy day; one that the clock shows a second time follows the first."""
    first = view.day.terms.first_hour
    return [(int(hour[:2]) - first) % 24 + (0.5 if hour.endswith("b") else 0.0) for hour in cells["hour"]]


def _said(view: View, row: dict[str, object]) -> str:
    if row["status"] == PUBLISHED.code:
        return view.say(
            texts.PEOPLE_BETWEEN, people=view.number(float(str(row["people"]))), between=view.between(pd.Series(row))
        )
    state = POOLED if row["status"] == POOLED.code else NO_DATA
    return state.name.say(view.language)


def _table(view: View, cells: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """A day a row, an hour a column, as texts."""
    signs = {state.code: sign for state, sign in SIGNS.items()}
    said = [
        view.number(people) if status == PUBLISHED.code else signs[status]
        for people, status in zip(cells["people"], cells["status"], strict=True)
    ]
    placed = cells.assign(said=said, place=_places(view, cells))
    order = placed.sort_values("place")["hour"].drop_duplicates()
    wide = placed.pivot(index="day", columns="hour", values="said").reindex(columns=order).fillna("")
    wide.index = pd.Index([names[day] for day in wide.index], name=view.say(texts.DAY))
    wide.columns.name = None
    return wide
