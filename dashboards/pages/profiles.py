"""The page of the public: of which age and socio-professional group were those who came."""

from typing import Final

import pandas as pd
import streamlit as st

from dashboards import classes, layout, queries
from dashboards.page import Page
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


def render(view: View) -> None:
    """Show the page."""
    row = view.attendance()
    if row is None:
        layout.not_published(view)
        return
    layout.together(view, row["zone_id"])
    found = {"attendance_by_age": view.ask(queries.BY_AGE), "attendance_by_spc": view.ask(queries.BY_SPC)}
    if all(rows.empty for rows in found.values()):
        layout.not_split(view, row["zone_id"])
        return
    for name, rows in found.items():
        _split(view, INDICATORS[name], rows)
    layout.interval_covers(view)
    st.caption(view.say(SOURCE))


def _split(view: View, indicator: Indicator, rows: pd.DataFrame) -> None:
    st.subheader(view.question(indicator), anchor=False)
    if rows.empty:
        layout.not_published(view)
    elif classes.is_whole(rows):
        st.info(view.say(NOT_SPLIT), icon=":material/join:")
    else:
        classes.show(view, indicator, rows)


PAGE = Page("profiles", Text("Profiles", "Publics"), ":material/group:", 3, render)
