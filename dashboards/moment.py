"""Presence over a period and at one instant of it: the curve, the slider and the map, which move together."""

from dataclasses import replace
from datetime import datetime
from typing import Final

import streamlit as st

from dashboards import cards, slots, tables, texts
from dashboards.choices import choice, chosen
from dashboards.happening import curves, said
from dashboards.happening.course import Course
from dashboards.maps.place import show_map
from dashboards.texts import Text
from dashboards.view import View

OVER_THE_DAY: Final = Text("How many people were here, and when?", "Combien de personnes étaient là, et quand ?")
CURVE_ALT: Final = Text(
    "Curve of the people present in {zone} by slot; the table below has the same figures",
    "Courbe des personnes présentes dans {zone} par créneau ; le tableau ci-dessous a les mêmes chiffres",
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
ONLY_SHARED: Final = Text(
    "**Presence is published here only together with neighbours**: at no time were there {k} {unit} in areas of the "
    "zone’s own. It is not zero. The map shows the shared areas.",
    "**La présence n’est publiée ici qu’avec des voisines** : il n’y a eu à aucun moment {k} {unit} dans des secteurs "
    "propres à la zone. Ce n’est pas zéro. La carte montre les secteurs communs.",
)


def is_published(course: Course) -> bool:
    """Whether there is a figure of presence, of the zone itself or shared with neighbours."""
    return bool(course.slots["people"].notna().any() or course.slots["shared_people"].notna().any())


def chosen_slot(course: Course) -> int:
    """The place of the slot that the map shows: what the reader chose, else the peak."""
    rows = course.slots[course.slots["name"].notna()]
    at_first = course.slots.loc[_busiest(course), "name"]
    return int(rows.index[list(rows["name"]).index(chosen("t", tuple(rows["name"]), at_first))])


def show(view: View, course: Course) -> None:
    """Show the curve, the slider, the map, and both as tables."""
    st.subheader(view.say(OVER_THE_DAY), anchor=False)
    now = chosen_slot(course)
    if course.slots["people"].isna().all():
        st.info(view.say(ONLY_SHARED), icon=":material/join:")
    else:
        chart = curves.chart(view, course, now, view.paint)
        st.altair_chart(chart, width="stretch", alt=view.say(CURVE_ALT, zone=view.zone.name))
        st.html(cards.key([*curves.key(view, course), (cards.VERMILLION, view.say(KEY_NOW))]))
    with st.expander(view.say(BY_SLOT), icon=":material/table:"):
        tables.show(curves.table(view, course))
    _slider(view, course)
    start = course.slots.loc[now, "start"]
    parts = show_map(at_slot(view, start), start)
    with st.expander(view.say(BY_AREA, time=view.clock(start)), icon=":material/table:"):
        tables.show(parts)
    st.caption(view.say(EDGES))


def at_slot(view: View, start: datetime) -> View:
    """The view of the privacy day in which a slot lies."""
    return replace(view, day=view.store.day_of(start))


def _slider(view: View, course: Course) -> None:
    rows = course.slots[course.slots["name"].notna()]
    several = rows["day"].nunique() > 1
    clocks = {
        name: said.moment(view, start, weekday=several) for name, start in zip(rows["name"], rows["start"], strict=True)
    }
    at_first = course.slots.loc[_busiest(course), "name"]
    choice(st.select_slider, "t", view.say(texts.TIME), tuple(clocks), at_first, clocks.__getitem__)


def _busiest(course: Course) -> int:
    """The slot to begin with: that of the most people during the period, of the zone or shared; else any."""
    for rows in (course.during, course.slots):
        known = rows[rows["people"].notna() | rows["shared_people"].notna()]
        if len(known):
            return int(known.index[slots.busiest(known.reset_index(drop=True))])
    return int(course.slots[course.slots["name"].notna()].index[0])
