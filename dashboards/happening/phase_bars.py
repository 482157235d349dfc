"""Before, during and after an event in words: bars with their intervals, and the same as a table."""

from typing import Final

import pandas as pd
import streamlit as st

from dashboards import cards, tables, texts
from dashboards.baseline import Difference, Figure
from dashboards.cards import Bar, bars
from dashboards.happening import said
from dashboards.happening.phases import Phase
from dashboards.happening.timeline import AFTER, BEFORE, DURING
from dashboards.texts import Text
from dashboards.view import View

TITLE: Final = Text("Before, during, after", "Avant, pendant, après")
NAMES: Final = {
    BEFORE: Text("3 h before", "3 h avant"),
    DURING: Text("During", "Pendant"),
    AFTER: Text("3 h after", "3 h après"),
}
AVERAGE: Final = Text("People present on average", "Personnes présentes en moyenne")
MOST: Final = Text("Most people at once", "Le plus de personnes à la fois")
WRITTEN: Final = Text("{people} ({between})", "{people} ({between})")
NAMED: Final = Text("{name}: {told}", "{name} : {told}")
MEANS: Final = Text(
    "An average is that of the slots with a figure of the zone’s own. Its interval is the average of their bounds: the "
    "same people are in several slots, and their errors do not cancel out.",
    "Une moyenne est celle des créneaux où la zone a son propre chiffre. Son intervalle est la moyenne de leurs "
    "bornes : les mêmes personnes sont dans plusieurs créneaux, et leurs erreurs ne se compensent pas.",
)
COLUMNS: Final = (
    Text("Hours", "Heures"),
    Text("On average", "En moyenne"),
    texts.OF_INTERVAL,
    Text("Compared", "Comparaison"),
    texts.MOST_AT_ONCE,
    Text("Interval of the most", "Intervalle du plus fort"),
    Text("Comparison of the most", "Comparaison du plus fort"),
    Text("Slots with a figure", "Créneaux avec un chiffre"),
)
SLOTS: Final = Text("{published} of {all}", "{published} sur {all}")


def show(view: View, found: list[Phase]) -> None:
    """Show the bars and the table."""
    st.subheader(view.say(TITLE), anchor=False)
    for title, drawn in ((AVERAGE, averages(view, found)), (MOST, greatest(view, found))):
        st.markdown(f"**{view.say(title)}**")
        st.html(bars(drawn, view.say(title)))
    compared = [line for phase in found if (line := _compared(view, phase))]
    if compared:
        st.html(cards.lines(compared))
    with st.expander(view.say(texts.AS_TABLE), icon=":material/table:"):
        tables.show(table(view, found))
    st.caption(view.say(MEANS))


def averages(view: View, found: list[Phase]) -> list[Bar]:
    """The bars of the averages; those without a figure say so."""
    return [_bar(view, phase.code, phase.average) for phase in found]


def greatest(view: View, found: list[Phase]) -> list[Bar]:
    """The bars of the most people at once."""
    return [_bar(view, phase.code, phase.most) for phase in found]


def table(view: View, found: list[Phase]) -> pd.DataFrame:
    """The phases as text."""
    rows = [
        (
            view.say(NAMES[phase.code]),
            *_written(view, phase.average, phase.average_change),
            *_written(view, phase.most, phase.most_change),
            view.say(SLOTS, published=phase.told.published, all=phase.told.all),
        )
        for phase in found
    ]
    columns = [view.say(column) for column in COLUMNS]
    return pd.DataFrame(rows, columns=columns).set_index(columns[0])


def _compared(view: View, phase: Phase) -> str:
    """The difference of the average in words."""
    if phase.average_change is None:
        return ""
    return view.say(NAMED, name=view.say(NAMES[phase.code]), told=view.difference(phase.average_change))


def _bar(view: View, code: str, figure: Figure | None) -> Bar:
    name = view.say(NAMES[code])
    if figure is None:
        return Bar(name, 0, 0, 0, view.say(texts.NOTHING), "plain")
    written = view.say(WRITTEN, people=view.number(figure.value), between=said.between(view, figure))
    return Bar(name, figure.value, figure.low, figure.high, written, "plain")


def _written(view: View, figure: Figure | None, change: Difference | None) -> tuple[str, str, str]:
    if figure is None:
        return view.say(texts.NOTHING), "", ""
    return view.number(figure.value), said.between(view, figure), "" if change is None else view.difference(change)
