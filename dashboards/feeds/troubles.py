"""What is wrong in the sources of the feeds: where, and what is expected there."""

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from dashboards import tables
from dashboards.feeds import wording
from dashboards.feeds.listing import FIRST, MOST_ROWS
from dashboards.feeds.published import Finding
from dashboards.texts import Text
from dashboards.view import View

TITLE: Final = Text("What is wrong in the sources?", "Qu’est-ce qui ne va pas dans les sources ?")
SOUND: Final = Text("Nothing was found wrong here.", "Rien d’anormal n’a été trouvé ici.")
FOUND: Final = Text(
    "Errors: {errors} (their rows are left out) · warnings: {warnings} (their rows are published). What stands there "
    "instead is told by the command that builds the feeds, and not published.",
    "Erreurs : {errors} (leurs lignes sont écartées) · avertissements : {warnings} (leurs lignes sont publiées). Ce "
    "qui s’y trouve est dit par la commande qui construit les flux, et n’est pas publié.",
)
LEVELS: Final = {"error": Text("error", "erreur"), "warning": Text("warning", "avertissement")}
SHARED: Final = Text("all feeds", "tous les flux")
COLUMNS: Final = (
    Text("File", "Fichier"),
    Text("Line", "Ligne"),
    Text("Field", "Champ"),
    Text("Expected", "Attendu"),
    Text("Level", "Niveau"),
)
AS_TABLE: Final = Text("What to correct", "Ce qu’il faut corriger")


def of_feed(findings: Sequence[Finding], feed: str) -> list[Finding]:
    """The findings of a feed and of what all share, or all of them for ""; errors first."""
    found = [each for each in findings if not feed or each.feed in ("", feed)]
    return sorted(found, key=lambda each: (each.level != "error", each.file, each.line, each.field))


def show(view: View, found: Sequence[Finding]) -> None:
    """Show them."""
    st.subheader(view.say(TITLE), anchor=False)
    if not found:
        st.success(view.say(SOUND), icon=":material/check_circle:")
        return
    errors = sum(each.level == "error" for each in found)
    said = view.say(FOUND, errors=view.number(errors), warnings=view.number(len(found) - errors))
    st.html(f'<div class="hx-said">{said}</div>')
    with st.expander(view.say(AS_TABLE), icon=":material/table:"):
        tables.show(table(view, found[:MOST_ROWS]))
        if len(found) > MOST_ROWS:
            st.caption(view.say(FIRST, shown=MOST_ROWS, count=view.number(len(found))))


def table(view: View, found: Sequence[Finding]) -> pd.DataFrame:
    """A row for each, as texts."""
    rows = [
        (
            each.file,
            view.number(each.line),
            each.field,
            wording.named(each.expected, view),
            view.say(LEVELS[each.level]),
        )
        for each in found
    ]
    first, *others = (view.say(column) for column in COLUMNS)
    return pd.DataFrame(rows, columns=[first, *others]).set_index(first)


def sheet(view: View, found: Sequence[Finding]) -> pd.DataFrame:
    """A row for each, as plain values."""
    columns = ("feed", "file", "line", "field", "level", "expected")
    rows = [
        (each.feed, each.file, each.line, each.field, each.level, wording.named(each.expected, view)) for each in found
    ]
    return pd.DataFrame(rows, columns=list(columns))
