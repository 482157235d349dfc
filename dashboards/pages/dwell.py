"""The page of dwell: how long those who came stayed, when they arrived, and who stayed for the night."""

from typing import Final

import pandas as pd
import streamlit as st

from anonymization.released import Day
from dashboards import charts, layout, queries, tables, texts
from dashboards.baseline import Figure
from dashboards.cards import Card, cards
from dashboards.exports import buttons
from dashboards.exports.taken import Picture, Sheet, Taken
from dashboards.overview.keyfigures import NO_ZERO, percents, points, span
from dashboards.page import Page
from dashboards.palette import LIGHT, Paint
from dashboards.split import arrivals, classes, stairs
from dashboards.split.shares import Share, share_of
from dashboards.states import POOLED, PUBLISHED
from dashboards.texts import Text
from dashboards.view import View
from dashboards.zones import Zone
from schemas.indicators import INDICATORS
from schemas.vocabulary import DWELL_BANDS

LONG: Final = {
    "1-2 h": Text("Stayed 1 h or more", "Restées 1 h ou plus"),
    "2-4 h": Text("Stayed 2 h or more", "Restées 2 h ou plus"),
    "4-8 h": Text("Stayed 4 h or more", "Restées 4 h ou plus"),
}
"""What is told of those in a band or a longer one."""

PEOPLE: Final = Text("{people} people", "{people} personnes")
UNCERTAIN: Final = Text(
    "a merged band lies on both sides: it cannot be told more closely",
    "une tranche réunie est des deux côtés : on ne peut pas dire plus précisément",
)
NO_SHORTER: Final = Text("no shorter stays are published", "aucune durée plus courte n’est publiée")
NO_LONGER: Final = Text("no such stays are published", "aucune durée de ce genre n’est publiée")
AT_LEAST: Final = Text("How many stayed at least so long?", "Combien sont restées au moins aussi longtemps ?")
STAIRS: Final = Text(
    "Share of those who came; the line is its {confidence} interval. Pale and dashed: as much as a merged band leaves "
    "open. Nothing is known within a band.",
    "Part des personnes venues ; le trait est son intervalle à {confidence}. Pâle et en tirets : ce qu’une tranche "
    "réunie laisse ouvert. À l’intérieur d’une tranche, rien n’est connu.",
)
STAIRS_ALT: Final = Text(
    "Share of people who stayed at least so long; the table below has the same figures",
    "Part des personnes restées au moins aussi longtemps ; le tableau ci-dessous a les mêmes chiffres",
)
COLUMNS: Final = (
    Text("At least", "Au moins"),
    Text("Share", "Part"),
    texts.OF_INTERVAL,
)
NIGHTS: Final = Text(
    "Shares of those who came in the day. The night is from 0 to 5 in the morning. Categories in which too few stayed, "
    "or left, have no row: it is not zero.",
    "Parts des personnes venues dans la journée. La nuit va de 0 h à 5 h. Les catégories où trop peu sont restées, ou "
    "reparties, n’ont pas de ligne : ce n’est pas zéro.",
)
ESTIMATED: Final = Text(
    "Time is estimated from signals, and counted from 15 minutes on: a silence of up to four hours at one place counts "
    "as time there, and a visit reaches a little beyond its first and its last signal.",
    "Le temps est estimé d’après les signaux, et compté à partir de 15 minutes : un silence de quatre heures au plus "
    "au même endroit compte comme du temps sur place, et une visite dépasse un peu son premier et son dernier signal.",
)


def render(view: View) -> None:
    """Show the page."""
    row = view.attendance()
    if row is None:
        layout.not_published(view)
        return
    layout.together(view, row["zone_id"])
    rows = view.ask(queries.BY_DWELL)
    if rows.empty:
        layout.not_split(view, row["zone_id"])
        return
    st.html(cards(_card(view, text, band, rows) for band, text in LONG.items()))
    indicator = INDICATORS["dwell"]
    st.subheader(view.question(indicator), anchor=False)
    differences = classes.differences(view, queries.BY_DWELL, rows)
    classes.show(view, indicator, rows, differences)
    sheets, pictures = [classes.sheet(view, indicator, rows, differences)], [classes.picture(view, indicator, rows)]
    for more in (_stairs(view, rows), arrivals.show(view), _nights(view, float(row["people"]))):
        sheets += more[0]
        pictures += more[1]
    layout.interval_covers(view)
    st.caption(view.say(ESTIMATED))
    buttons.offer(view, Taken(buttons.name_of_files("dwell", view), buttons.origin(view), sheets, pictures))


def _card(view: View, title: Text, band: str, rows: pd.DataFrame) -> Card:
    """A share that the published bands fix, or leave between two, with its difference."""
    least, most, whole = classes.from_band_on(rows, band)
    share = _share(rows, band)
    between = view.say(texts.BETWEEN, low=view.percent(share.low), high=view.percent(share.high))
    interval = view.say(texts.INTERVAL, between=between)
    if share.one_sided:
        return Card(view.say(title), view.say(NO_SHORTER if share.least else NO_LONGER), (view.say(NO_ZERO),))
    if share.figure is None:
        low, high = view.percent(least / whole), view.percent(most / whole)
        people = view.say(texts.BETWEEN, low=view.number(least), high=view.number(most))
        told = (view.say(PEOPLE, people=people), interval, view.say(UNCERTAIN))
        return Card(view.say(title), view.say(texts.BETWEEN, low=low, high=high), told)

    def then(zone: Zone, day: Day) -> Figure | None:
        others = view.store.ask(queries.BY_DWELL, zone=zone.zone_id, day=day.date.isoformat())
        return _share(others, band).figure if set(others["zone_id"]) == set(rows["zone_id"]) else None

    difference = view.compared(share.figure, then)
    compared = () if difference is None else (view.difference(difference, points(view, difference), percents(view)),)
    lines = (view.say(PEOPLE, people=view.number(least)), interval)
    return Card(view.say(title), view.percent(share.least), lines, compared)


def _share(rows: pd.DataFrame, band: str) -> Share:
    found = share_of(rows, DWELL_BANDS[DWELL_BANDS.index(band) :])
    return Share(0.0, 1.0, 0.0, 1.0) if found is None else found


def _stairs(view: View, rows: pd.DataFrame) -> tuple[list[Sheet], list[Picture]]:
    """Show the staircase; what can be taken away of it."""
    title = view.say(AT_LEAST)
    found = stairs.steps(rows)
    names = [span(view, place, len(DWELL_BANDS) - 1) for place in found["place"]]
    between = [_between(view, low, high) for low, high in zip(found["low"], found["high"], strict=True)]
    shares = [_between(view, least, most) for least, most in zip(found["least"], found["most"], strict=True)]
    named = found.assign(
        name=names, tip=[f"{name} · {share} ({ends})" for name, share, ends in zip(names, shares, between, strict=True)]
    )

    def drawn(paint: Paint) -> charts.Chart:
        return stairs.chart(named, view.language, paint)

    st.subheader(title, anchor=False)
    st.caption(view.say(STAIRS))
    st.altair_chart(drawn(view.paint), width="stretch", alt=view.say(STAIRS_ALT))
    with st.expander(view.say(texts.AS_TABLE), icon=":material/table:"):
        at_least, share, interval = (view.say(column) for column in COLUMNS)
        tables.show(pd.DataFrame({at_least: names, share: shares, interval: between}).set_index(at_least))
    status = found["open"].map({True: POOLED.code, False: PUBLISHED.code})
    sheet = Sheet("at_least", title, named.drop(columns=["tip", "open"]).assign(status=status))
    return [sheet], [Picture("at_least", title, lambda: charts.svg(drawn(LIGHT), 640, stairs.HEIGHT))]


def _nights(view: View, came: float) -> tuple[list[Sheet], list[Picture]]:
    """Show who stayed for the night; what can be taken away of it."""
    indicator = INDICATORS["nights"]
    rows = view.ask(queries.NIGHTS)
    if rows.empty:
        return [], []
    st.subheader(view.question(indicator), anchor=False)
    differences = classes.differences(view, queries.NIGHTS, rows)
    classes.show(view, indicator, rows, differences, came)
    st.caption(view.say(NIGHTS))
    return [classes.sheet(view, indicator, rows, differences)], [classes.picture(view, indicator, rows)]


def _between(view: View, low: float, high: float) -> str:
    """A share, or two where it lies between them."""
    if low == high:
        return view.percent(low)
    return view.say(texts.BETWEEN, low=view.percent(low), high=view.percent(high))


PAGE = Page(
    "dwell",
    Text("Dwell time", "Durée"),
    ":material/timer:",
    4,
    render,
    asks=frozenset({"zone", "day", "baseline"}),
)
