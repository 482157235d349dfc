"""The page of flows: who goes from where to where, when, on a day or on a mean day."""

from collections.abc import Callable
from typing import Final

import pandas as pd
import streamlit as st

from dashboards import cards, charts, degraded, layout, palette, states
from dashboards.arithmetic import in_tens
from dashboards.cards import Bar
from dashboards.charts import Chart
from dashboards.exports import buttons
from dashboards.exports.taken import Picture, Sheet, Taken
from dashboards.flows import chosen as flow_choices
from dashboards.flows import departures, trips, written
from dashboards.flows import figures as flow_cards
from dashboards.flows import largest as flow_map
from dashboards.flows import table as flow_matrix
from dashboards.flows.chosen import Asked
from dashboards.flows.matrix import side
from dashboards.page import Page
from dashboards.store import Store
from dashboards.texts import Text
from dashboards.view import View

COUNTED: Final = Text(
    "A trip leads from one zone to another of the same kind, with at least 15 minutes at either end; a person counts "
    "once for each pair and hour of departure. Trips are not people: whoever goes there and back makes two.",
    "Un déplacement mène d’une zone à une autre du même type, avec au moins 15 minutes à chaque bout ; une personne "
    "compte une fois par paire et par heure de départ. Des déplacements ne sont pas des personnes : un aller-retour en "
    "fait deux.",
)
ALONE: Final = Text(
    "With ≥ stands what is published of the zone alone; what is in pools comes on top. To compare such figures is to "
    "compare how much is in pools, too.",
    "Avec ≥ figure ce qui est publié de la zone seule ; ce qui est dans des regroupements s’y ajoute. Comparer de tels "
    "chiffres, c’est aussi comparer la part des regroupements.",
)
NO_FLOWS: Final = Text(
    "**No flows are published here.** No pair of zones of this kind, nor all of them together, reached {k} {unit} in "
    "an hour; or there are no two such zones. It is not zero.",
    "**Aucun flux n’est publié ici.** Aucune paire de zones de ce type, ni toutes ensemble, n’a atteint {k} {unit} en "
    "une heure ; ou il n’y a pas deux zones de ce type. Ce n’est pas zéro.",
)
NO_SENSITIVE: Final = Text(
    "**A sensitive place has no flows**: it has a total for the day and nothing finer.",
    "**Un lieu sensible n’a pas de flux** : il a un total du jour et rien de plus fin.",
)
NO_SUCH: Final = Text(
    "**No published pair leads that way at these hours.** It is not zero.",
    "**Aucune paire publiée ne va dans ce sens à ces heures.** Ce n’est pas zéro.",
)
MEAN: Final = Text(
    "**A mean day: {kind}, days in this release: {days}.** A day on which a pair has no figure of its own is not zero, "
    "but nothing is put in its place: the figures are lower bounds, and the tables say how many days have one. The "
    "interval is the mean of their bounds; it does not tell how days differ. A mean day is compared "
    "with no other.",
    "**Un jour moyen : {kind}, jours de cette publication : {days}.** Un jour où une paire n’a pas de chiffre propre "
    "n’est pas zéro, mais rien n’est mis à sa place : les chiffres sont des minimums, et les tableaux disent combien "
    "de jours en ont un. L’intervalle est la moyenne de leurs bornes ; il ne dit pas combien ils diffèrent. "
    "Un jour moyen n’est comparé à aucun autre.",
)
ONE_DAY: Final = Text(
    "This release has only one day of this kind: the mean is that day.",
    "Cette publication n’a qu’un jour de ce type : la moyenne est ce jour.",
)
PERIOD: Final = Text(
    "mean day, {kind}, days of this release: {days}", "jour moyen, {kind}, jours de cette publication : {days}"
)
KINDS: Final = {
    "monday-friday": Text("Monday to Friday", "du lundi au vendredi"),
    "saturday": Text("Saturdays", "samedis"),
    "sunday": Text("Sundays", "dimanches"),
}
DISTANCES: Final = Text("How far do they go?", "À quelle distance vont-elles ?")
FROM_CENTRE: Final = Text(
    "As the crow flies, from the middle of one zone to that of the other; classes stand together where pairs do.",
    "À vol d’oiseau, du milieu d’une zone à celui de l’autre ; des classes sont réunies là où des paires le sont.",
)
PAIRS: Final = Text("Flows", "Flux")
HOURS: Final = Text("Trips of the zone by hour", "Déplacements de la zone par heure")
MAP: Final = Text("The largest flows", "Les plus grands flux")


def render(view: View) -> None:
    """Show the page."""
    if view.zone.sensitive:
        st.info(view.say(NO_SENSITIVE), icon=":material/shield:")
        return
    asked = flow_choices.asked(view)
    degraded.warn_of_trips(view, asked.days)
    _say_mean(view, asked)
    everything = flow_choices.pairs(view, asked, view.zone.kind)
    if everything.empty:
        if view.day.over:
            st.info(view.say(NO_FLOWS), icon=":material/visibility_off:")
        return
    row = view.attendance()
    if row is not None and not asked.mean:
        layout.together(view, row["zone_id"])
    chosen = everything
    if asked.direction != "all":
        chosen = trips.touching(everything, view.zone.zone_id, asked.direction)
    hourly = flow_choices.of_zone(view, asked, view.zone)
    st.html(cards.cards(flow_cards.figures(view, asked, hourly, everything, chosen)))
    st.caption(view.say(ALONE))
    found = departures.by_hour(view, asked, hourly)
    departures.show(view, asked, found)
    if chosen.empty:
        st.info(view.say(NO_SUCH), icon=":material/visibility_off:")
        return
    drawn = flow_map.show(view, asked, chosen)
    zones = joined(view)
    printed = in_tens(everything)
    matrix = flow_matrix.show(view, printed, zones)
    _distances(view, chosen)
    layout.interval_covers(view)
    st.caption(view.say(COUNTED))
    shown = in_tens(flow_map.enough(chosen, asked))
    sheets = [_pair_sheet(view, shown), *flow_matrix.sheets(view, matrix), _hour_sheet(view, found)]
    pictures = [
        Picture("map", view.say(MAP), drawn.svg),
        _picture(view, "hours", HOURS, lambda: departures.picture(view, found, palette.LIGHT), 900, departures.HEIGHT),
        _picture(
            view,
            "matrix",
            flow_matrix.TITLE,
            lambda: flow_matrix.picture(view, printed, zones, palette.LIGHT),
            900,
            side(len(zones)),
        ),
    ]
    buttons.offer(view, Taken(buttons.name_of_files("flows", view, asked.name), buttons.origin(view), sheets, pictures))


def joined(view: View) -> tuple[str, ...]:
    """The zones of the kind that flows join, in the order of their names."""
    zones = view.store.zones.values()
    return tuple(zone.zone_id for zone in zones if zone.kind == view.zone.kind and not zone.sensitive)


def _period(view: View) -> str:
    """The days that a mean is of, in words; "" for the day itself."""
    weekday, days = flow_choices.mean_of(view.store)
    return view.say(PERIOD, kind=view.say(KINDS[weekday]), days=len(days)) if weekday else ""


def _compares(store: Store) -> bool:
    return not flow_choices.mean_of(store)[0]


def _say_mean(view: View, asked: Asked) -> None:
    if not asked.mean:
        return
    text = view.say(MEAN, kind=view.say(KINDS[asked.weekday]), days=len(asked.days))
    st.info(f"{text} {view.say(ONE_DAY)}" if len(asked.days) == 1 else text, icon=":material/calendar_month:")


def _distances(view: View, chosen: pd.DataFrame) -> None:
    st.subheader(view.say(DISTANCES), anchor=False)
    rows = trips.by_distance(chosen)
    drawn = [
        Bar(
            flow_map.distance_name(view, row["value"]),
            row["people"],
            row["people_low"],
            row["people_high"],
            written.figure(view, row),
            "plain" if row["status"] == states.PUBLISHED.code else "merged",
        )
        for _, row in rows.iterrows()
    ]
    st.html(cards.bars(drawn, view.say(DISTANCES)))
    st.caption(view.say(FROM_CENTRE))


def _pair_sheet(view: View, shown: pd.DataFrame) -> Sheet:
    frame = shown.copy()
    for at, end in ((1, "origin"), (3, "destination")):
        frame.insert(at, f"{end}_name", [view.area(each) for each in frame[end]])
    return Sheet("flows", view.say(PAIRS), frame)


def _hour_sheet(view: View, found: pd.DataFrame) -> Sheet:
    columns = [
        "clock",
        "direction",
        "people",
        "people_low",
        "people_high",
        "at_least",
        "days",
        "days_published",
        "status",
    ]
    return Sheet("hours", view.say(HOURS), found[columns])


def _picture(view: View, name: str, title: Text, draw: Callable[[], Chart], width: int, height: int) -> Picture:
    return Picture(name, view.say(title), lambda: charts.svg(draw(), width, height))


PAGE = Page(
    "flows",
    Text("Flows", "Flux"),
    ":material/alt_route:",
    5,
    render,
    frozenset({"zone", "day", "baseline"}),
    _period,
    presence=False,
    compares=_compares,
)
