"""Arrivals and departures in words: bars over the hours, and the same as a table."""

from collections.abc import Callable, Sequence
from typing import Final

import pandas as pd
import streamlit as st

from dashboards import cards, tables, texts
from dashboards.baseline import Figure
from dashboards.charts import Chart
from dashboards.happening import barcharts, curves, said
from dashboards.happening.course import Course
from dashboards.happening.movement import Hour
from dashboards.palette import Paint
from dashboards.texts import Text
from dashboards.view import View

TITLE: Final = Text("Arrivals and departures", "Arrivées et départs")
CHANGE: Final = Text(
    "By how many people the zone became fuller or emptier, by hour",
    "De combien de personnes la zone s’est remplie ou vidée, heure par heure",
)
TRIPS: Final = Text(
    "Trips to the zone and from it, by hour of departure",
    "Déplacements vers la zone et depuis elle, par heure de départ",
)
CHANGE_ALT: Final = Text(
    "Bars of the change of people in {zone} by hour; the table below has the same figures",
    "Barres de la variation des personnes dans {zone} par heure ; le tableau ci-dessous a les mêmes chiffres",
)
TRIPS_ALT: Final = Text(
    "Bars of trips to {zone} and from it by hour; the table below has the same figures",
    "Barres des déplacements vers {zone} et depuis elle par heure ; le tableau ci-dessous a les mêmes chiffres",
)
FULLER: Final = Text("more people", "plus de personnes")
EMPTIER: Final = Text("fewer people", "moins de personnes")
ARRIVED: Final = Text("trips to the zone", "déplacements vers la zone")
LEFT: Final = Text("trips from the zone, drawn below zero", "déplacements depuis la zone, dessinés sous zéro")
CHANGE_MEANS: Final = Text(
    "The change is the difference of the people present in the first slot of two successive hours: those who arrived "
    "less those who left. Its interval reaches from the least to the most that both figures allow. Where it holds "
    "zero, the change is not significant. Nothing links two privacy days, so that there is no change from one to the "
    "next.",
    "La variation est la différence des personnes présentes au premier créneau de deux heures successives : les "
    "arrivées moins les départs. Son intervalle va du moins au plus que permettent les deux chiffres. S’il contient "
    "zéro, la variation n’est pas significative. Rien ne relie deux journées : il n’y a pas de variation de l’une à "
    "l’autre.",
)
TRIPS_MEANS: Final = Text(
    "Trips are those between zones of the same kind that are published for this zone by itself. Trips in pools that it "
    "is a part of are not among them, nor are those from outside the zones: read them as a lower bound.",
    "Les déplacements sont ceux, entre zones du même type, qui sont publiés pour cette zone seule. Ceux des "
    "regroupements dont elle fait partie n’y sont pas, ni ceux qui viennent d’en dehors des zones : les lire "
    "comme un minimum.",
)
NO_TRIPS: Final = Text(
    "No trips are published for this zone by itself in these hours. It is not zero.",
    "Aucun déplacement n’est publié pour cette zone seule à ces heures. Ce n’est pas zéro.",
)
COLUMNS: Final = (
    Text("Hour", "Heure"),
    Text("Change", "Variation"),
    texts.OF_INTERVAL,
    Text("Significant", "Significative"),
    Text("Trips to the zone", "Déplacements vers la zone"),
    Text("Interval of trips to it", "Intervalle des déplacements vers elle"),
    Text("Trips from the zone", "Déplacements depuis la zone"),
    Text("Interval of trips from it", "Intervalle des déplacements depuis elle"),
)
YES, NO = Text("yes", "oui"), Text("no", "non")
NEXT_DAY: Final = Text("another privacy day", "autre journée")


def show(view: View, course: Course, found: Sequence[Hour]) -> None:
    """Show the charts and the table."""
    st.subheader(view.say(TITLE), anchor=False)
    st.markdown(f"**{view.say(CHANGE)}**")
    alt = view.say(CHANGE_ALT, zone=view.zone.name)
    st.altair_chart(changes(view, course, found, view.paint), width="stretch", alt=alt)
    st.html(cards.key([(cards.BLUE, view.say(FULLER)), ("var(--hx-orange)", view.say(EMPTIER))]))
    st.caption(view.say(CHANGE_MEANS))
    if has_trips(found):
        st.markdown(f"**{view.say(TRIPS)}**")
        alt = view.say(TRIPS_ALT, zone=view.zone.name)
        st.altair_chart(trips(view, course, found, view.paint), width="stretch", alt=alt)
        st.html(cards.key([(cards.BLUE, view.say(ARRIVED)), ("var(--hx-orange)", view.say(LEFT))]))
        st.caption(view.say(TRIPS_MEANS))
    else:
        st.caption(view.say(NO_TRIPS))
    with st.expander(view.say(texts.AS_TABLE), icon=":material/table:"):
        tables.show(table(view, course, found))


def has_trips(found: Sequence[Hour]) -> bool:
    """Whether any trip is published for the zone by itself."""
    return any(hour.arrived or hour.left for hour in found)


def is_significant(figure: Figure) -> bool:
    """Whether an interval of a change does not hold zero."""
    return figure.low > 0 or figure.high < 0


def changes(view: View, course: Course, found: Sequence[Hour], paint: Paint) -> Chart:
    """The net change by hour."""
    rows = [_drawn(view, course, hour, hour.change, signed=True) for hour in found if hour.change]
    return barcharts.upright(_frame(rows), len(course.slots), curves.hours(view, course), view.language, paint)


def trips(view: View, course: Course, found: Sequence[Hour], paint: Paint) -> Chart:
    """Trips in above zero and trips out below."""
    ends: tuple[Callable[[Hour], Figure | None], ...] = (
        lambda hour: hour.arrived,
        lambda hour: None if hour.left is None else Figure(-hour.left.value, -hour.left.high, -hour.left.low),
    )
    rows = [_drawn(view, course, hour, of(hour), signed=False) for of in ends for hour in found if of(hour)]
    return barcharts.upright(_frame(rows), len(course.slots), curves.hours(view, course), view.language, paint)


def table(view: View, course: Course, found: Sequence[Hour]) -> pd.DataFrame:
    """The hours as text."""
    rows = []
    for hour in found:
        change = hour.change
        nothing = view.say(texts.NOTHING if hour.linked else NEXT_DAY)
        rows.append(
            (
                _clock(view, course, hour),
                *((nothing, "", "") if change is None else _change(view, change)),
                *_trip(view, hour.arrived),
                *_trip(view, hour.left),
            )
        )
    columns = [view.say(column) for column in COLUMNS]
    return pd.DataFrame(rows, columns=columns).set_index(columns[0])


def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["place", "after", "value", "low", "high", "style", "tip"])


def _drawn(view: View, course: Course, hour: Hour, figure: Figure | None, *, signed: bool) -> dict[str, object]:
    figure = figure or Figure(0, 0, 0)
    write = view.signed if signed else lambda value: view.number(abs(value))
    low, high = sorted((figure.low, figure.high), key=lambda value: value if signed else abs(value))
    between = view.say(texts.BETWEEN, low=write(low), high=write(high))
    return {
        "place": hour.place,
        "after": hour.after,
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "style": "more" if figure.value >= 0 else "less",
        "tip": f"{_clock(view, course, hour)} · {write(figure.value)} ({between})",
    }


def _clock(view: View, course: Course, hour: Hour) -> str:
    several = course.slots["day"].nunique() > 1
    return said.moment(view, course.slots.loc[hour.place, "start"], weekday=several)


def _change(view: View, figure: Figure) -> tuple[str, str, str]:
    significant = view.say(YES if is_significant(figure) else NO)
    return view.signed(figure.value), said.between(view, figure, view.signed), significant


def _trip(view: View, figure: Figure | None) -> tuple[str, str]:
    return ("", "") if figure is None else (view.number(figure.value), said.between(view, figure))
