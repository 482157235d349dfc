"""The page of the public: who came, from where, of which age and socio-professional group."""

from typing import Final

import pandas as pd
import streamlit as st

from dashboards import layout, queries
from dashboards.cards import GREY, key, stack
from dashboards.exports import buttons
from dashboards.exports.taken import Picture, Sheet, Taken
from dashboards.page import Page
from dashboards.queries import Query
from dashboards.split import classes, hourly
from dashboards.states import POOLED
from dashboards.texts import Text
from dashboards.view import View
from schemas.indicators import INDICATORS, Indicator

NOT_SPLIT: Final = Text(
    "**Not split.** One class would hold almost everybody, or fewer than two known classes reach {k} {unit}: the split "
    "would tell something about those who were there.",
    "**Non ventilé.** Une classe réunirait presque tout le monde, ou moins de deux classes connues atteignent {k} "
    "{unit} : la ventilation en dirait trop sur ceux qui étaient là.",
)
SOURCE: Final = Text(
    "Age and group are those that the operator’s register states of the holder of the line. Groups: INSEE, PCS 2020, "
    "level 1.",
    "L’âge et la catégorie sont ceux du titulaire de la ligne dans le fichier de l’opérateur. Catégories : INSEE, PCS "
    "2020, niveau 1.",
)
PIECE: Final = Text("{name}: {share}", "{name} : {share}")
SPLITS: Final[dict[str, Query]] = {
    "attendance_by_category": queries.BY_CATEGORY,
    "attendance_by_origin": queries.BY_ORIGIN,
    "attendance_by_age": queries.BY_AGE,
    "attendance_by_spc": queries.BY_SPC,
}
COLOURS: Final = {
    "resident": "var(--hx-blue)",
    "excursionist": "var(--hx-orange)",
    "tourist": "var(--hx-green)",
    "foreign excursionist": "var(--hx-purple)",
    "foreign tourist": "var(--hx-vermillion)",
}


def render(view: View) -> None:
    """Show the page."""
    row = view.attendance()
    if row is None:
        layout.not_published(view)
        return
    layout.together(view, row["zone_id"])
    found = {name: view.ask(query) for name, query in SPLITS.items()}
    if all(rows.empty for rows in found.values()):
        layout.not_split(view, row["zone_id"])
        return
    taken: list[tuple[Sheet, Picture]] = []
    for name, rows in found.items():
        taken += _split(view, INDICATORS[name], SPLITS[name], rows)
    sheets, pictures = hourly.show(view)
    sheets = [sheet for sheet, _ in taken] + sheets
    pictures = [picture for _, picture in taken] + pictures
    layout.interval_covers(view)
    st.caption(view.say(SOURCE))
    files = buttons.name_of_files("profiles", view)
    buttons.offer(view, Taken(files, buttons.origin(view), sheets, pictures))


def _split(view: View, indicator: Indicator, query: Query, rows: pd.DataFrame) -> list[tuple[Sheet, Picture]]:
    """Show one split; what can be taken away of it."""
    if rows.empty and indicator.name not in view.store.release.indicators:
        return []
    st.subheader(view.question(indicator), anchor=False)
    if rows.empty:
        layout.not_published(view)
        return []
    if classes.is_whole(rows):
        st.info(view.say(NOT_SPLIT), icon=":material/join:")
        return []
    if indicator.name == "attendance_by_category":
        _stack(view, indicator, rows)
    differences = classes.differences(view, query, rows)
    classes.show(view, indicator, rows, differences)
    sheet = classes.sheet(view, indicator, rows, differences)
    return [(sheet, classes.picture(view, indicator, rows))]


def _stack(view: View, indicator: Indicator, rows: pd.DataFrame) -> None:
    """The categories as one bar of 100 %."""
    ordered = classes.in_order("visitor_category", rows)
    whole = float(ordered["people"].sum()) or 1.0
    pieces = []
    for value, people in zip(ordered["value"], ordered["people"], strict=True):
        name = classes.name_of(view, "visitor_category", value)
        said = view.say(PIECE, name=name, share=view.percent(people / whole))
        pieces.append((said, people / whole, POOLED.look if classes.merged(value) else COLOURS.get(value, GREY)))
    st.html(stack(pieces, view.question(indicator)) + key([(look, said) for said, _, look in pieces]))


PAGE = Page(
    "profiles",
    Text("Profiles", "Publics"),
    ":material/group:",
    3,
    render,
    asks=frozenset({"zone", "day", "baseline"}),
)
