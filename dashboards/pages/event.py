"""The page of an event: how many came, when the most people were there, and where."""

from typing import Final

import pandas as pd
import streamlit as st

from dashboards import layout, queries, slots, texts
from dashboards.cards import Card, cards
from dashboards.moment import show_day
from dashboards.page import Page
from dashboards.texts import Text
from dashboards.view import View

CAME: Final = Text("Came in the day", "Venues dans la journée")
AT_LEAST: Final = Text("for at least 15 minutes", "au moins 15 minutes")
FROM_DEVICES: Final = Text("from {devices} devices counted", "d’après {devices} appareils comptés")
INTERVAL: Final = Text("{confidence} interval: {between}", "intervalle à {confidence} : {between}")
PEAK: Final = Text("Most at once", "Au plus fort")
NOT_APART: Final = Text(
    "in {count} of {all} slots the zone has no figure of its own",
    "la zone n’a pas de chiffre propre dans {count} créneaux sur {all}",
)
PEAK_AT: Final = Text("from {start} to {end}", "de {start} à {end}")


def render(view: View) -> None:
    """Show the page."""
    row = view.attendance()
    day = slots.by_slot(view.day, view.ask(queries.PRESENCE))
    if row is not None:
        layout.together(view, row["zone_id"])
    figures = [card for card in (_came(view, row), _peak(view, day)) if card]
    if row is None:
        layout.not_published(view)
    if figures:
        st.html(cards(figures))
    if not view.zone.sensitive:
        show_day(view, day)
    if figures or not (view.zone.sensitive or day["shared_people"].isna().all()):
        layout.interval_covers(view)


def _came(view: View, row: pd.Series | None) -> Card | None:
    if row is None:
        return None
    lines = (
        view.say(INTERVAL, between=view.between(row)),
        f"{view.say(AT_LEAST)}, {view.say(FROM_DEVICES, devices=view.number(row['devices']))}",
    )
    return Card(view.say(CAME), f"{view.number(row['people'])} {view.say(texts.PEOPLE)}", lines)


def _peak(view: View, day: pd.DataFrame) -> Card | None:
    at = slots.peak(day)
    if at is None:
        return None
    row = day.loc[at]
    until = day.loc[at + 1, "start"] if at + 1 < len(day) else slots.end(view.day)
    lines: tuple[str, ...] = (
        view.say(INTERVAL, between=view.between(row)),
        f"{view.say(PEAK_AT, start=view.clock(row['start']), end=view.clock(until))}, "
        f"{view.say(FROM_DEVICES, devices=view.number(row['devices']))}",
    )
    missing = int(day["people"].isna().sum())
    if missing and view.day.over:
        lines += (view.say(NOT_APART, count=missing, all=len(day)),)
    return Card(view.say(PEAK), f"{view.number(row['people'])} {view.say(texts.PEOPLE)}", lines)


PAGE = Page("event", Text("Event", "Événement"), ":material/event:", 1, render)
