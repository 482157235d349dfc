"""The page of an event: how many came, when the most people were there, and where."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import streamlit as st

from anonymization.released import Day
from dashboards import formats, layout, links, moment
from dashboards.cards import cards
from dashboards.exports import buttons
from dashboards.exports.taken import Taken
from dashboards.happening import between_hours, movement_charts, phase_bars, sheets, summary
from dashboards.happening.course import Course, course_of
from dashboards.happening.movement import hours
from dashboards.happening.period import days_missing
from dashboards.happening.phases import phases
from dashboards.overview.keyfigures import Compared
from dashboards.page import Page
from dashboards.report import document
from dashboards.texts import Text
from dashboards.view import View

OF_EACH_DAY: Final = Text("Who came on each day", "Les venues de chaque jour")
WHY_NOT_DISTINCT: Final = Text(
    "How many different people came over all days is not published, and cannot be: nothing links a phone of one day "
    "with one of another. Person-days count somebody once on each day on which they came; the interval is the sum of "
    "the bounds.",
    "Le nombre de personnes différentes sur l’ensemble des jours n’est pas publié, et ne peut pas l’être : rien ne "
    "relie un téléphone d’un jour à celui d’un autre. Les personnes-jours comptent chacun une fois par jour de venue ; "
    "l’intervalle est la somme des bornes.",
)
WHOLE_DAYS: Final = Text(
    "Those who came are counted over the whole day, in the zone: the hours of the event have no such figure.",
    "Les venues sont comptées sur la journée entière, dans la zone : les heures de l’événement n’ont pas ce chiffre.",
)
DAY_MISSING: Final = Text(
    "**{days}: not in this release.** The figures are of the other days of the event.",
    "**{days} : absent de cette publication.** Les chiffres portent sur les autres jours de l’événement.",
)
MORE_PAGES: Final = {
    "profiles": Text("Who came", "Qui est venu"),
    "dwell": Text("How long they stayed", "Combien de temps"),
    "map": Text("The map", "La carte"),
    "flows": Text("The flows", "Les flux"),
}


def render(view: View) -> None:
    """Show the page."""
    course = course_of(view)
    days = summary.days(view, course)
    if missing := days_missing(view.store, course.period):
        told = ", ".join(formats.long_date(day, view.language) for day in missing)
        st.info(view.say(DAY_MISSING, days=told[:1].upper() + told[1:]), icon=":material/event_busy:")
    shown = _one_day(view, course, *days[0]) if len(days) == 1 else _several_days(view, course, days)
    if view.event is not None and shown:
        st.caption(view.say(WHOLE_DAYS))
    st.markdown(f"**{view.say(links.MORE)}**")
    links.some(view, MORE_PAGES)
    presence = not view.zone.sensitive and moment.is_published(course)
    if presence:
        _explore(view, course, days)
    elif not view.zone.sensitive:
        st.info(view.say(moment.NO_PRESENCE), icon=":material/visibility_off:")
    if not presence:
        name, origin = buttons.name_of_files("event", view), buttons.origin(view)
        _take(view, course, days, Taken(name, origin, [sheets.of_days(view, days)]))
    if shown or presence:
        layout.interval_covers(view)


@st.fragment
def _explore(view: View, course: Course, days: Sequence[tuple[Day, Compared]]) -> None:
    """Show what moves with the choices below the first figures; a change of them draws only this anew."""
    moment.show(view, course)
    found = phases(course) if view.event is not None else []
    if found:
        phase_bars.show(view, found)
    chosen = between_hours.show(view, course)
    movement = hours(view, course)
    movement_charts.show(view, course, movement)
    start = course.slots.loc[moment.chosen_slot(course), "start"]
    at = moment.at_slot(view, start)
    tables = [
        sheets.of_slots(view, course),
        sheets.of_days(view, days),
        *([sheets.of_phases(view, found)] if found else []),
        sheets.of_between(view, course, chosen),
        sheets.of_hours(view, course, movement),
        sheets.of_map(at, start),
    ]
    pictures = sheets.pictures(view, course, found, movement, at, start)
    _take(view, course, days, Taken(buttons.name_of_files("event", view), buttons.origin(view), tables, pictures))


def _take(view: View, course: Course, days: Sequence[tuple[Day, Compared]], taken: Taken) -> None:
    """Show the buttons of the report and of the figures."""
    label = view.say(document.TITLE if view.event is not None else document.OF_DAY)
    st.download_button(
        label,
        partial(document.write, view, course, days, taken.origin),
        f"{taken.name}-{view.language}.html",
        "text/html",
        key="take-report",
        icon=":material/description:",
        on_click="ignore",
        type="primary",
    )
    buttons.offer(view, taken)


def _one_day(view: View, course: Course, day: Day, found: Compared) -> bool:
    """Show the cards of a period in one privacy day; whether there are any."""
    _as_published(view, found)
    shown = [*summary.of_day(view, day, found), *summary.of_period(view, course)]
    if shown:
        st.html(cards(shown))
    return bool(shown)


def _several_days(view: View, course: Course, days: Sequence[tuple[Day, Compared]]) -> bool:
    """Show the cards of a period, then those of each of its days; whether there are any."""
    all_days = summary.person_days(view, days)
    found = [*summary.of_period(view, course), *([all_days] if all_days else [])]
    if found:
        st.html(cards(found))
    st.subheader(view.say(OF_EACH_DAY), anchor=False)
    shown = bool(found)
    for day, compared in days:
        title = formats.long_date(day.date, view.language)
        st.markdown(f"**{title[:1].upper()}{title[1:]}**")
        _as_published(replace(view, day=day), compared)
        if of_day := summary.of_day(view, day, compared):
            st.html(cards(of_day))
            shown = True
    st.caption(view.say(WHY_NOT_DISTINCT))
    return shown


def _as_published(view: View, found: Compared) -> None:
    """Say so where those who came to the zone were not published, or only together with others."""
    if found.now.came is None:
        layout.not_published(view)
    else:
        layout.together(view, found.now.part)


PAGE = Page(
    "event",
    Text("Event", "Événement"),
    ":material/event:",
    1,
    render,
    frozenset({"event", "baseline", "zone", "day"}),
)
"""One page a file."""
