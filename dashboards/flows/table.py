"""The matrix of flows on the page: its picture, its table, and what is taken away of it."""

from typing import Final

import pandas as pd
import streamlit as st

from dashboards import cards, texts
from dashboards.charts import Chart
from dashboards.exports.taken import Sheet
from dashboards.flows.matrix import MOST_ZONES, Matrix, busiest, chart, long, matrix, side, wide
from dashboards.maps.mapframe import RAMP
from dashboards.palette import Paint
from dashboards.states import NO_DATA, POOLED, PUBLISHED
from dashboards.texts import Text
from dashboards.view import View

TITLE: Final = Text("The matrix from zone to zone", "La matrice de zone à zone")
ALT: Final = Text(
    "Matrix of {zones} zones: colour and figure say how many people; the table below has the same figures",
    "Matrice de {zones} zones : la couleur et le chiffre disent combien de personnes ; le tableau ci-dessous a les "
    "mêmes chiffres",
)
FROM: Final = Text("From", "De")
TO: Final = Text("To", "Vers")
KEY_FEW: Final = Text("few people", "peu de monde")
KEY_MANY: Final = Text("many: up to {people}", "beaucoup : jusqu’à {people}")
KEY_POOLED: Final = Text("╱ only in merged pairs: not zero", "╱ seulement dans des paires réunies : ce n’est pas zéro")
KEY_NOTHING: Final = Text("· nothing published: not zero", "· rien de publié : ce n’est pas zéro")
KEY_MORE: Final = Text(
    "+ or ≥: at some hours or on some days the pair is merged or has no figure: as many, or more",
    "+ ou ≥ : à certaines heures ou certains jours la paire est réunie ou sans chiffre : autant, ou plus",
)
CUT: Final = Text(
    "The {shown} zones with the most trips are shown, of {all}; the file has them all.",
    "Les {shown} zones aux déplacements les plus nombreux sont montrées, sur {all} ; le fichier les a toutes.",
)
TABLE: Final = Text("The matrix as a table", "La matrice en tableau")
PEOPLE: Final = Text("Matrix: people", "Matrice : personnes")
LOW: Final = Text("Matrix: lower end of the interval", "Matrice : bas de l’intervalle")
HIGH: Final = Text("Matrix: upper end of the interval", "Matrice : haut de l’intervalle")
LONG: Final = Text("Matrix, one pair a row", "Matrice, une paire par ligne")
STATES: Final = {each.code: each for each in (PUBLISHED, POOLED, NO_DATA)}


def show(view: View, pairs: pd.DataFrame, zones: tuple[str, ...]) -> Matrix:
    """Show the matrix of these zones, and return that of all of them."""
    st.subheader(view.say(TITLE), anchor=False)
    kept = busiest(pairs, zones)
    found = matrix(pairs, kept)
    told = _told(view, found)
    drawn = chart(told, _names(view, kept), _ends(view), view.language, view.paint)
    with st.container(key="matrix"):
        st.altair_chart(drawn.properties(height=side(len(kept))), width="stretch", alt=view.say(ALT, zones=len(kept)))
    st.html(cards.key(_key(view, told)))
    if len(kept) < len(zones):
        st.caption(view.say(CUT, shown=MOST_ZONES, all=len(zones)))
    with st.expander(view.say(TABLE), icon=":material/table:"):
        st.dataframe(_table(view, told, _names(view, kept)), width="stretch")
    return found if len(kept) == len(zones) else matrix(pairs, zones)


def picture(view: View, pairs: pd.DataFrame, zones: tuple[str, ...], paint: Paint) -> Chart:
    """The picture of the matrix, to be taken away."""
    kept = busiest(pairs, zones)
    return chart(_told(view, matrix(pairs, kept)), _names(view, kept), _ends(view), view.language, paint)


def sheets(view: View, found: Matrix) -> list[Sheet]:
    """The matrix as it is taken away: three wide tables, and a long one with names."""
    named, names = long(found), {zone: view.area(zone) for zone in found.zones}
    for at, end in ((1, "origin"), (3, "destination")):
        named.insert(at, f"{end}_name", named[end].map(names))
    return [
        Sheet("matrix", view.say(PEOPLE), wide(found.people, found)),
        Sheet("matrix-low", view.say(LOW), wide(found.low, found)),
        Sheet("matrix-high", view.say(HIGH), wide(found.high, found)),
        Sheet("matrix-long", view.say(LONG), named),
    ]


def _ends(view: View) -> tuple[str, str]:
    return view.say(FROM), view.say(TO)


def _names(view: View, zones: tuple[str, ...]) -> list[str]:
    """Names that differ."""
    names = [view.area(each) for each in zones]
    return [name if names.count(name) == 1 else f"{name} {each}" for name, each in zip(names, zones, strict=True)]


def _told(view: View, found: Matrix) -> pd.DataFrame:
    """Each pair of two zones with what is written in it and said of it."""
    frame = long(found)
    names = dict(zip(found.zones, _names(view, found.zones), strict=True))
    origin, destination = frame["origin"].map(names), frame["destination"].map(names)
    written, said = _written(view, frame)
    return frame.assign(
        **{"from": origin, "to": destination},
        written=written,
        sign=frame["at_least"].map({True: "+", False: ""}),
        tip=origin + " → " + destination + " · " + pd.Series(said, dtype=object),
    )


def _written(view: View, frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """What is written in each pair, and what is said of it."""
    written, said = [], []
    columns = (frame[name] for name in ("people", "people_low", "people_high", "at_least", "status"))
    for people, low, high, more, status in zip(*columns, strict=True):
        if pd.isna(people):
            written.append("")
            said.append(view.say(STATES[status].name))
        else:
            written.append(f"{'≥ ' if more else ''}{view.number(people)}")
            between = view.say(texts.BETWEEN, low=view.number(low), high=view.number(high))
            said.append(f"{written[-1]} ({between})")
    return written, said


def _key(view: View, told: pd.DataFrame) -> list[tuple[str, str]]:
    """What colours and signs stand for, as far as there are any."""
    greatest = told["people"].max()
    keys = []
    if pd.notna(greatest):
        keys = [(RAMP[0], view.say(KEY_FEW)), (RAMP[-1], view.say(KEY_MANY, people=view.number(greatest)))]
    signs = [
        ("var(--hx-shared)", KEY_POOLED, (told["status"] == POOLED.code).any()),
        ("none;display:none", KEY_NOTHING, (told["status"] == NO_DATA.code).any()),
        ("none;display:none", KEY_MORE, told["at_least"].any()),
    ]
    return keys + [(colour, view.say(text)) for colour, text, there in signs if there]


def _table(view: View, told: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """The matrix as texts."""
    states = {code: view.say(state.name) for code, state in STATES.items()}
    text = told["written"].where(told["written"] != "", told["status"].map(states))
    found = told.assign(text=text).pivot(index="from", columns="to", values="text")
    return found.reindex(index=order, columns=order).fillna("—").rename_axis(view.say(FROM))
