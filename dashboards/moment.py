"""Presence over the day and at one instant of it: the curve, the slider and the map, which move together."""

from datetime import datetime
from typing import Final

import pandas as pd
import streamlit as st

from dashboards import cards, slots, texts
from dashboards.choices import choice, chosen
from dashboards.curve import curve, placed
from dashboards.place import show_map
from dashboards.texts import Text
from dashboards.view import View

OVER_THE_DAY: Final = Text("How many people were here, and when?", "Combien de personnes étaient là, et quand ?")
CURVE_ALT: Final = Text(
    "Curve of the people present in {zone} by slot; the table below has the same figures",
    "Courbe des personnes présentes dans {zone} par créneau ; le tableau ci-dessous a les mêmes chiffres",
)
KEY_LINE: Final = Text("people here, with the {confidence} interval", "personnes ici, avec l’intervalle à {confidence}")
KEY_SHARED: Final = Text(
    "the zone, or a piece of it, is counted together with neighbours",
    "la zone, ou un morceau, est comptée avec des voisines",
)
KEY_NOW: Final = Text("the moment of the map", "le moment de la carte")
EDGES: Final = Text(
    "A phone is taken to be at its place for up to 110 minutes before and after a signal, and nothing links two days. "
    "Read the first two hours and the small hours as a lower bound. Where the curve stops, nothing was published: it "
    "is not zero.",
    "Un téléphone est supposé à sa place jusqu’à 110 minutes avant et après un signal, et rien ne relie deux journées. "
    "Lire les deux premières heures et le cœur de la nuit comme un minimum. Là où la courbe s’arrête, rien n’a été "
    "publié : ce n’est pas zéro.",
)
NO_PRESENCE: Final = Text(
    "**Presence is not published here on this day**: at no time were there {k} {unit} in an area of their own. It is "
    "not zero.",
    "**La présence n’est pas publiée ici ce jour-là** : il n’y a eu à aucun moment {k} {unit} dans un secteur à part. "
    "Ce n’est pas zéro.",
)
BY_SLOT: Final = Text("The curve as a table", "La courbe en tableau")
BY_AREA: Final = Text("The map at {time} as a table", "La carte à {time} en tableau")
NOTHING: Final = Text("not published", "non publié")
TIP: Final = Text("{people} people ({between})", "{people} personnes ({between})")
TIP_SHARED: Final = Text("{people} together with neighbours", "{people} avec des voisines")
ONLY_SHARED: Final = Text(
    "**Presence is published here only together with neighbours**: at no time were there {k} {unit} in areas of the "
    "zone’s own. It is not zero. The map shows the shared areas.",
    "**La présence n’est publiée ici qu’avec des voisines** : il n’y a eu à aucun moment {k} {unit} dans des secteurs "
    "propres à la zone. Ce n’est pas zéro. La carte montre les secteurs communs.",
)
COLUMNS: Final = (
    Text("Time", "Heure"),
    Text("People", "Personnes"),
    Text("Interval", "Intervalle"),
    Text("Devices", "Appareils"),
    Text("Together with neighbours", "Avec des voisines"),
)


@st.fragment
def show_day(view: View, day: pd.DataFrame) -> None:
    """Show the rows of `by_slot`; moving the slider draws only this anew."""
    if day["people"].isna().all() and day["shared_people"].isna().all():
        st.info(view.say(NO_PRESENCE), icon=":material/visibility_off:")
        return
    options = tuple(day["name"])
    at_first = options[slots.busiest(day)]
    now = options.index(chosen("t", options, at_first))
    st.subheader(view.say(OVER_THE_DAY), anchor=False)
    if day["people"].isna().all():
        st.info(view.say(ONLY_SHARED), icon=":material/join:")
    else:
        _curve(view, day, now)
    clocks = {name: view.clock(start) for name, start in zip(options, day["start"], strict=True)}
    choice(st.select_slider, "t", view.say(texts.TIME), options, at_first, clocks.__getitem__)
    parts = show_map(view, day.loc[now, "start"])
    with st.expander(view.say(BY_SLOT), icon=":material/table:"):
        st.table(_table(view, day))
    with st.expander(view.say(BY_AREA, time=view.clock(day.loc[now, "start"])), icon=":material/table:"):
        st.table(parts)
    st.caption(view.say(EDGES))


def _curve(view: View, day: pd.DataFrame, now: int) -> None:
    tips = [_tip(view, row) for _, row in day.iterrows()]
    hours = [(place, view.clock(start)) for place, start in enumerate(day["start"]) if _on_axis(start)]
    chart = curve(placed(day).assign(tip=tips), hours, now, slots.peak(day), view.language, view.paint)
    st.altair_chart(chart, width="stretch", alt=view.say(CURVE_ALT, zone=view.zone.name))
    keys = [(cards.BLUE, KEY_LINE), (cards.VERMILLION, KEY_NOW)]
    if day["shared_people"].notna().any():
        keys.insert(1, ("var(--hx-shared)", KEY_SHARED))
    st.html(cards.key([(colour, view.say(text)) for colour, text in keys]))


def _on_axis(moment: datetime) -> bool:
    return moment.minute == 0 and moment.hour % 2 == 1


def _tip(view: View, row: pd.Series) -> str:
    """What is said of a slot that is pointed at."""
    said = [NOTHING] if pd.isna(row["people"]) and pd.isna(row["shared_people"]) else []
    lines = [view.clock(row["start"]), *(view.say(text) for text in said)]
    if pd.notna(row["people"]):
        lines.append(view.say(TIP, people=view.number(row["people"]), between=view.between(row)))
    if pd.notna(row["shared_people"]):
        lines.append(view.say(TIP_SHARED, people=view.number(row["shared_people"])))
    return " · ".join(lines)


def _table(view: View, day: pd.DataFrame) -> pd.DataFrame:
    """The slots as text."""
    nothing = view.say(NOTHING)
    rows = [
        (
            view.clock(row["start"]),
            *(
                (view.number(row["people"]), view.between(row), view.number(row["devices"]))
                if pd.notna(row["people"])
                else (nothing, "", "")
            ),
            view.number(row["shared_people"]) if pd.notna(row["shared_people"]) else "",
        )
        for _, row in day.iterrows()
    ]
    time, *others = (view.say(column) for column in COLUMNS)
    return pd.DataFrame(rows, columns=[time, *others]).set_index(time)
