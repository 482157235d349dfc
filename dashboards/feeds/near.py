"""What is open nearest to where somebody is: the service and the place are chosen, and stand in the address."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import pandas as pd
import streamlit as st

from dashboards import tables
from dashboards.cards import Card, cards
from dashboards.choices import choice, chosen
from dashboards.feeds import nearest, wording
from dashboards.feeds.listing import THING, WHEN, WHERE
from dashboards.feeds.nearest import Near, Position
from dashboards.feeds.picked import STYLE
from dashboards.feeds.states import Standing
from dashboards.texts import Text
from dashboards.view import View
from dashboards.zones import label
from schemas.feeds import Text as Named

SERVICE: Final = "service"
PLACE: Final = "near"
POINT: Final = "point"
COORDINATES: Final = "point"
CHOSEN: Final = "item"
LONGEST: Final = 60
MOST: Final = 5

TITLE: Final = Text("What is open nearest?", "Qu’est-ce qui est ouvert au plus près ?")
WHAT: Final = Text("Service or kind of place", "Service ou type de lieu")
ANY: Final = Text("any", "tous")
FROM: Final = Text("From", "Depuis")
MIDDLE: Final = Text("the middle of {zone}", "le centre de {zone}")
THE_CHOSEN: Final = Text("the chosen item: {title}", "l’élément choisi : {title}")
A_POINT: Final = Text("a latitude and longitude", "une latitude et une longitude")
WRITE: Final = Text("Latitude, longitude (degrees)", "Latitude, longitude (degrés)")
EXAMPLE: Final = Text("for example 47.3220, 5.0415", "par exemple 47.3220, 5.0415")
NOT_A_POINT: Final = Text(
    "Write a latitude and a longitude in degrees, such as 47.3220, 5.0415.",
    "Écrire une latitude et une longitude en degrés, par exemple 47.3220, 5.0415.",
)
NONE_OPEN: Final = Text(
    "**Nothing of it is open at the chosen instant**, or its hours are unknown.",
    "**Rien de tel n’est ouvert à l’instant choisi**, ou ses horaires sont inconnus.",
)
AWAY: Final = Text("Distance", "Distance")
FLIES: Final = Text("{distance} as the crow flies", "{distance} à vol d’oiseau")
AS_TABLE: Final = Text("The nearest ones as a table", "Les plus proches en tableau")


def show(view: View, rows: Sequence[Standing], picked: Standing | None, at: datetime) -> None:
    """Show the choices and the nearest that is open; nothing where nothing has both hours and a position."""
    offered = nearest.services(rows)
    if not any(row.item.opening and row.item.position for row in rows):
        return
    st.subheader(view.say(TITLE), anchor=False)
    columns = iter(st.columns(3, vertical_alignment="bottom"))
    service = ""
    if offered:
        with next(columns):
            service = _service(view, offered)
    with next(columns):
        place = _place(view, picked)
    if place == COORDINATES:
        with next(columns):
            position = _point(view)
    else:
        position = _position(view, place, picked)
    if position is None:
        st.info(view.say(NOT_A_POINT), icon=":material/location_searching:")
        return
    found = nearest.nearest(nearest.offering(rows, service), position)[:MOST]
    if not found:
        st.info(view.say(NONE_OPEN), icon=":material/schedule:")
        return
    st.html(f'{STYLE}<div class="hx-item">{cards([_card(view, each, at) for each in found[:3]])}</div>')
    with st.expander(view.say(AS_TABLE), icon=":material/table:"):
        tables.show(_table(view, found, at))


def _service(view: View, offered: dict[str, Named]) -> str:
    """What is looked for; "" for anything."""
    options = ("", *offered)
    choice(st.selectbox, SERVICE, view.say(WHAT), options, "", lambda each: _said(view, offered, each))
    return chosen(SERVICE, options, "")


def _said(view: View, offered: dict[str, Named], key: str) -> str:
    return wording.named(offered[key], view) if key in offered else view.say(ANY)


def _place(view: View, picked: Standing | None) -> str:
    """From where: the middle of a zone, the chosen item, or a point that is written."""
    zones = {f"zone:{zone.zone_id}": zone for zone in view.store.zones.values() if not zone.sensitive}
    item = {CHOSEN: picked} if picked is not None and picked.item.position is not None else {}
    at_first = f"zone:{view.zone.zone_id}"

    def say(option: str) -> str:
        if option in zones:
            return view.say(MIDDLE, zone=label(zones[option], view.store.zones, view.language))
        if option == CHOSEN and picked is not None:
            return view.say(THE_CHOSEN, title=wording.named(picked.item.title, view))
        return view.say(A_POINT)

    options = (*item, *zones, COORDINATES)
    default = at_first if at_first in zones else options[0]
    choice(st.selectbox, PLACE, view.say(FROM), options, default, say)
    return chosen(PLACE, options, default)


def _position(view: View, place: str, picked: Standing | None) -> Position | None:
    if place == CHOSEN:
        return None if picked is None else picked.item.position
    west, south, east, north = view.store.zones[place.partition(":")[2]].bounds
    return (west + east) / 2, (south + north) / 2


def _point(view: View) -> Position | None:
    """The field of coordinates; what is written in it stands in the address."""
    if POINT not in st.session_state:
        st.session_state[POINT] = st.query_params.get(POINT, "")[:LONGEST]
    written = st.text_input(
        view.say(WRITE), key=POINT, max_chars=LONGEST, placeholder=view.say(EXAMPLE), persist_state="session"
    )
    st.query_params[POINT] = written
    return nearest.coordinates(written)


def _card(view: View, found: Near, at: datetime) -> Card:
    away = view.say(FLIES, distance=wording.distance(view, found.km))
    row = found.standing
    lines = [row.item.address, " · ".join(wording.named(tag, view) for tag in row.item.tags)]
    when = [text for text in (wording.when(view, row, at),) if text]
    return Card(wording.named(row.item.title, view), away, [line for line in lines if line], when)


def _table(view: View, found: Sequence[Near], at: datetime) -> pd.DataFrame:
    rows = [
        (
            wording.named(each.standing.item.title, view),
            wording.distance(view, each.km),
            wording.when(view, each.standing, at),
            each.standing.item.address,
        )
        for each in found
    ]
    first, *others = (view.say(column) for column in (THING, AWAY, WHEN, WHERE))
    return pd.DataFrame(rows, columns=[first, *others]).set_index(first)
