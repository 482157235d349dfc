"""The area that the reader chose: on the map, in the picture or in the list beside them; it stands in the address."""

from typing import Final

import streamlit as st

from dashboards.cards import Card, cards
from dashboards.maps import around, deck
from dashboards.maps.area import Area
from dashboards.maps.shown import Shown
from dashboards.texts import Text
from dashboards.view import View

ADDRESS: Final = "part"
DECK: Final = "deck"
PICTURE: Final = "picture"
LIST: Final = "area"
NONE: Final = ""

CHOOSE: Final = Text("Area", "Secteur")
NO_AREA: Final = Text("none: choose one here or on the map", "aucun : choisir ici ou sur la carte")


def asked() -> str:
    """What the address asks for: the key of an area, or a hexagon."""
    found = st.session_state.get(ADDRESS, st.query_params.get(ADDRESS, NONE))
    return str(found)


def pick_from_deck() -> None:
    """Take what was pointed at on the map; what was let go of stays chosen."""
    picked = st.session_state[DECK].selection.objects
    for name, objects in picked.items():
        if str(name).startswith(deck.AREAS) and objects:
            _choose(str(objects[0]["properties"]["key"]))


def pick_from_picture() -> None:
    """Take what was pointed at, or chosen by the keyboard, in the picture."""
    if key := st.session_state[PICTURE].get("picked"):
        _choose(str(key))


def show(view: View, found: Shown, area: Area | None, now: int, curve: bool) -> None:
    """Show the list of areas, and the figures of the chosen one with its day."""
    known = [each for each in found.areas if each.key]
    names = {each.key: _named(each) for each in known}
    key = area.key if area else NONE
    st.session_state[LIST] = key
    st.selectbox(
        view.say(CHOOSE),
        (NONE, *sorted(names, key=names.__getitem__)),
        format_func=lambda each: names.get(each) or view.say(NO_AREA),
        key=LIST,
        on_change=_pick_from_list,
    )
    if area is None:
        return
    _address(key if asked() == NONE else asked())
    title, *lines = area.lines
    st.html(cards([Card(title, area.figure or area.sign or view.say(area.state.name), lines)]))
    if curve and area.readable:
        around.show(view, area, now)


def _named(area: Area) -> str:
    return " · ".join(area.lines[:2])


def _pick_from_list() -> None:
    _choose(str(st.session_state[LIST]))


def _choose(key: str) -> None:
    st.session_state[ADDRESS] = key
    _address(key)


def _address(key: str) -> None:
    if key:
        st.query_params[ADDRESS] = key
    elif ADDRESS in st.query_params:
        del st.query_params[ADDRESS]
