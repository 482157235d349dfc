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
OBSERVED: Final = Text(
    "Time is counted between signals, from 15 minutes on: the time before the first and after the last one is not in "
    "it. Read it as a lower bound.",
    "Le temps est compté entre deux signaux, à partir de 15 minutes : celui d’avant le premier et d’après le dernier "
    "n’y est pas. Lire ces durées comme un minimum.",
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
    st.caption(view.say(OBSERVED))


def _card(view: View, title: Text, least: float, most: float, whole: float) -> Card:
    """A share that the published bands fix, or leave between two."""
    if least == most:
        return Card(view.say(title), view.percent(least / whole), (view.say(PEOPLE, people=view.number(least)),))
    low, high = view.percent(least / whole), view.percent(most / whole)
    people = view.say(BETWEEN, low=view.number(least), high=view.number(most))
    return Card(
        view.say(title), view.say(BETWEEN, low=low, high=high), (view.say(PEOPLE, people=people), view.say(UNCERTAIN))
    )


PAGE = Page("dwell", Text("Dwell time", "Durée"), ":material/timer:", 3, render)
