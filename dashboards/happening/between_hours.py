"""The choice of two hours and the figures between them."""

from typing import Final

import streamlit as st

from dashboards import texts
from dashboards.cards import cards
from dashboards.choices import choice
from dashboards.happening import said
from dashboards.happening.between import END, Between, at_first, between, edges
from dashboards.happening.course import Course
from dashboards.texts import Text
from dashboards.view import View

TITLE: Final = Text("Between two hours", "Entre deux heures")
FROM: Final = Text("From", "De")
TO: Final = Text("To", "À")
AVERAGE: Final = Text("Present on average", "Présentes en moyenne")
HOURS: Final = Text("Person-hours", "Personnes-heures")
HOURS_MEANS: Final = Text(
    "the hours that all of them spent here, added up", "les heures passées ici par toutes, additionnées"
)
HOURS_AT_LEAST: Final = Text(
    "of the slots with a figure only: there were more", "des seuls créneaux avec un chiffre : il y en a eu plus"
)
NOT_DISTINCT: Final = Text(
    "How many different people came between two hours is not published: only by day, and by slot. Of any two hours it "
    "would let two figures that differ by a few minutes tell who came in these minutes.",
    "Le nombre de personnes différentes venues entre deux heures n’est pas publié : seulement par jour, et par "
    "créneau. Pour deux heures quelconques, deux chiffres séparés de quelques minutes diraient qui est venu pendant "
    "ces minutes.",
)
NOTHING: Final = Text(
    "Nothing was published of the zone by itself between these hours. It is not zero.",
    "Rien n’a été publié de la zone seule entre ces heures. Ce n’est pas zéro.",
)


def show(view: View, course: Course) -> Between:
    """Show the choice and the figures."""
    st.subheader(view.say(TITLE), anchor=False)
    found = between(course, *_chosen(view, course))
    gaps = said.gaps(view, found.told)
    partly = (view.say(HOURS_AT_LEAST),) if found.told.missing else ()
    shown = [
        said.card(view, texts.MOST_AT_ONCE, found.most, found.most_change, gaps),
        said.card(view, AVERAGE, found.average, found.average_change, gaps),
        said.card(view, HOURS, found.hours, found.hours_change, partly, view.say(HOURS_MEANS), None),
    ]
    if found.most is None:
        st.info(view.say(NOTHING), icon=":material/visibility_off:")
    else:
        st.html(cards(card for card in shown if card))
    st.caption(view.say(NOT_DISTINCT))
    return found


def _chosen(view: View, course: Course) -> tuple[int, int]:
    """The places that the reader chose, the second after the first."""
    places, (start, end) = edges(course), at_first(course)
    several = course.slots["day"].nunique() > 1
    ends = [*course.slots["start"], course.slots["end"].iloc[-1]]

    def say(name: str) -> str:
        return said.moment(view, ends[places[name]], weekday=several)

    columns = st.columns([2, 2, 5])
    with columns[0]:
        first = choice(st.selectbox, "from", view.say(FROM), [each for each in places if each != END], start, say)
    later = [name for name, place in places.items() if place > places[first]]
    with columns[1]:
        last = choice(st.selectbox, "to", view.say(TO), later, end if end in later else later[-1], say)
    return places[first], places[last]
