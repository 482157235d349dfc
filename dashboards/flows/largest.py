"""The largest flows: as arcs on a map, as bars of where people leave and arrive, and as a table with arrows."""

from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from dashboards import cards, tables, texts
from dashboards.arithmetic import in_tens
from dashboards.cards import Bar, bars
from dashboards.flows import trips, written
from dashboards.flows.arcs import HEIGHT, Arc, arcs, deck, svg
from dashboards.flows.chosen import Asked
from dashboards.flows.ends import end_name
from dashboards.states import POOLED, PUBLISHED
from dashboards.texts import Text, value_name
from dashboards.view import View
from dashboards.zones import Zone
from schemas.vocabulary import ALL

MOST_ARCS: Final = 30
MOST_BARS: Final = 10
MOST_ROWS: Final = 100

TITLE: Final = Text("From where to where?", "D’où à où ?")
ALT: Final = Text(
    "Map of the {count} largest flows between single zones; the table below has the same figures and all others",
    "Carte des {count} plus grands flux entre zones seules ; le tableau ci-dessous a les mêmes chiffres et les autres",
)
KEY: Final = (
    ("var(--hx-blue)", Text("where they leave", "d’où l’on part")),
    ("var(--hx-vermillion)", Text("where they go", "où l’on va")),
)
WIDTH: Final = Text(
    "The wider, the more people: up to {people}.", "Plus c’est large, plus il y a de monde : jusqu’à {people}."
)
NOT_DRAWN: Final = Text(
    "{count} merged pairs with {people} trips have no line, as their ends are several zones: the table lists them.",
    "{count} paires réunies, {people} déplacements, n’ont pas de trait, car leurs bouts sont plusieurs zones : le "
    "tableau les donne.",
)
LEFT_OUT: Final = Text(
    "{count} smaller published pairs are not shown, by your choice.",
    "{count} paires publiées plus petites ne sont pas montrées, selon votre choix.",
)
LEAVING: Final = Text("Where they leave", "D’où l’on part")
ARRIVING: Final = Text("Where they go", "Où l’on va")
MORE: Final = Text("and {count} more in the table to take away", "et {count} autres dans le tableau à emporter")
NONE: Final = Text(
    "**No published pair is as large as that.** Choose a smaller number of people.",
    "**Aucune paire publiée n’est aussi grande.** Choisissez un nombre de personnes plus petit.",
)
TABLE: Final = Text("The flows as a table", "Les flux en tableau")
COLUMNS: Final = (
    Text("Flow", "Flux"),
    texts.OF_PEOPLE,
    texts.OF_INTERVAL,
    Text("Distance", "Distance"),
    Text("Hours with a figure", "Heures avec un chiffre"),
    Text("Days with a figure", "Jours avec un chiffre"),
    texts.OF_STATE,
)
TIP: Final = Text("{flow} · people: {people}", "{flow} · personnes : {people}")


@dataclass(frozen=True)
class Drawn:
    """What is drawn of the flows: the arcs, and the zones that are outlined."""

    arcs: list[Arc]
    zones: list[Zone]

    def svg(self) -> str:
        """As a picture."""
        return svg(self.arcs, self.zones)


def show(view: View, asked: Asked, chosen: pd.DataFrame) -> Drawn:
    """Show the pairs that were chosen, those of at least so many people."""
    st.subheader(view.say(TITLE), anchor=False)
    exact = enough(chosen, asked)
    shown = in_tens(exact)
    drawn = draw(view, shown)
    if shown.empty:
        st.info(view.say(NONE), icon=":material/filter_alt:")
        return drawn
    _map(view, shown, drawn)
    lists = [(title, trips.by_end(exact, end)) for end, title in (("origin", LEAVING), ("destination", ARRIVING))]
    several = [(title, rows) for title, rows in lists if len(rows) > 1] or lists
    for column, (title, rows) in zip(st.columns(len(several), gap="medium"), several, strict=True):
        with column:
            _bars(view, rows, title)
    if len(shown) < len(chosen):
        st.caption(view.say(LEFT_OUT, count=view.number(len(chosen) - len(shown))))
    with st.expander(view.say(TABLE), icon=":material/table:"):
        tables.show(_table(view, asked, shown))
        if len(shown) > MOST_ROWS:
            st.caption(view.say(MORE, count=view.number(len(shown) - MOST_ROWS)))
    return drawn


def enough(chosen: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """The pairs of at least as many people as are asked for."""
    return chosen[chosen["people"] >= asked.least].reset_index(drop=True)


def draw(view: View, shown: pd.DataFrame) -> Drawn:
    """The arcs of the largest pairs of single zones, over all zones of the kind."""
    largest = trips.told(shown[shown["status"] == PUBLISHED.code].head(MOST_ARCS).reset_index(drop=True))
    tips = [view.say(TIP, flow=flow_name(view, row), people=written.figure(view, row)) for _, row in largest.iterrows()]
    zones = [zone for zone in view.store.zones.values() if zone.kind == view.zone.kind]
    return Drawn(arcs(largest, tips, view.store.zones), zones)


def flow_name(view: View, row: pd.Series) -> str:
    """From where to where, with an arrow."""
    zones, spoken = view.store.zones, view.language
    origin = end_name(row["origin"], zones, spoken)
    return f"{origin} → {end_name(row['destination'], zones, spoken, row['origin'])}"


def _map(view: View, shown: pd.DataFrame, drawn: Drawn) -> None:
    chart = deck(drawn.arcs, drawn.zones, view.paint)
    st.pydeck_chart(chart, height=HEIGHT, key="flows", alt=view.say(ALT, count=len(drawn.arcs)))
    greatest = shown.loc[shown["status"] == PUBLISHED.code, "people"].max()
    st.html(cards.key([(colour, view.say(text)) for colour, text in KEY]))
    if pd.notna(greatest):
        st.caption(view.say(WIDTH, people=view.number(greatest)))
    merged = shown[shown["status"] == POOLED.code]
    if len(merged):
        people = view.number(merged["people"].sum())
        st.caption(view.say(NOT_DRAWN, count=view.number(len(merged)), people=people))


def _bars(view: View, rows: pd.DataFrame, title: Text) -> None:
    """The most that leave or arrive; what is pooled comes last, as it is of no single zone."""
    single, merged = rows[rows["status"] == PUBLISHED.code], rows[rows["status"] == POOLED.code]
    kept = [*single.head(MOST_BARS).iterrows(), *merged.head(3).iterrows()]
    drawn = [
        Bar(
            end_name(row["place"], view.store.zones, view.language),
            row["people"],
            row["people_low"],
            row["people_high"],
            written.figure(view, row),
            "plain" if row["status"] == PUBLISHED.code else "merged",
        )
        for _, row in kept
    ]
    st.html(f'<div class="hx-title">{view.say(title)}</div>{bars(drawn, view.say(title))}')
    if len(rows) > len(kept):
        st.caption(view.say(MORE, count=view.number(len(rows) - len(kept))))


def _table(view: View, asked: Asked, shown: pd.DataFrame) -> pd.DataFrame:
    states = {state.code: view.say(state.name) for state in (PUBLISHED, POOLED)}
    rows = [
        (
            flow_name(view, row),
            written.people(view, row["people"], row["at_least"]),
            written.between(view, row["people_low"], row["people_high"], row["at_least"]),
            distance_name(view, row["distance_class"]),
            view.number(row["hours"]),
            f"{row['days_published']} / {row['days']}",
            states[row["status"]],
        )
        for _, row in trips.told(shown.head(MOST_ROWS)).iterrows()
    ]
    frame = pd.DataFrame(rows, columns=[view.say(column) for column in COLUMNS])
    if not asked.mean:
        frame = frame.drop(columns=view.say(COLUMNS[5]))
    return frame.set_index(view.say(COLUMNS[0]))


UNKNOWN_DISTANCE: Final = Text("any distance (origins counted together)", "toute distance (départs comptés ensemble)")


def distance_name(view: View, value: str) -> str:
    """The name of a class of distance; classes that were merged follow each other."""
    return view.say(UNKNOWN_DISTANCE) if value == ALL else value_name("distance_class", value, view.language)
