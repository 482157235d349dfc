"""The page of dwell: how long those who came stayed."""

from typing import Final

import streamlit as st

from dashboards import classes, layout, queries
from dashboards.cards import Card, cards
from dashboards.page import Page
from dashboards.texts import Text
from dashboards.view import View
from schemas.indicators import INDICATORS

LONG: Final = {
    "1-2 h": Text("Stayed 1 h or more", "Restées 1 h ou plus"),
    "2-4 h": Text("Stayed 2 h or more", "Restées 2 h ou plus"),
    "4-8 h": Text("Stayed 4 h or more", "Restées 4 h ou plus"),
}
"""What is told of those in a band or a longer one."""

PEOPLE: Final = Text("{people} people", "{people} personnes")
BETWEEN: Final = Text("{low} to {high}", "{low} à {high}")
UNCERTAIN: Final = Text(
    "a merged band lies on both sides: it cannot be told more closely",
    "une tranche réunie est des deux côtés : on ne peut pas dire plus précisément",
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
    st.html(cards(_card(view, text, *classes.from_band_on(rows, band)) for band, text in LONG.items()))
    st.subheader(view.question(INDICATORS["dwell"]), anchor=False)
    classes.show(view, INDICATORS["dwell"], rows)
    layout.interval_covers(view)
    st.caption(view.say(ESTIMATED))


def _card(view: View, title: Text, least: float, most: float, whole: float) -> Card:
    """A share that the published bands fix, or leave between two."""
    if least == most:
        return Card(view.say(title), view.percent(least / whole), (view.say(PEOPLE, people=view.number(least)),))
    low, high = view.percent(least / whole), view.percent(most / whole)
    people = view.say(BETWEEN, low=view.number(least), high=view.number(most))
    return Card(
        view.say(title), view.say(BETWEEN, low=low, high=high), (view.say(PEOPLE, people=people), view.say(UNCERTAIN))
    )


PAGE = Page("dwell", Text("Dwell time", "Durée"), ":material/timer:", 4, render)
