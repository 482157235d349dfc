"""The item that the reader chose, on the map or in the list beside it; it stands in the address."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Final

import streamlit as st

from dashboards import formats
from dashboards.cards import Card, cards
from dashboards.feeds import pointmap, wording
from dashboards.feeds.states import Standing
from dashboards.texts import Text
from dashboards.view import View

ADDRESS: Final = "item"
DECK: Final = "feedmap"
LIST: Final = "feeditem"
DRAWN: Final = "feedkeys"
"""In the session: the keys of the points, in the order in which they were drawn."""
NONE: Final = ""
MOST: Final = 5
"""Dates and exceptions that are told of an item."""

CHOOSE: Final = Text("Place or item", "Lieu ou élément")
NOT_CHOSEN: Final = Text("none: choose one here or on the map", "aucun : choisir ici ou sur la carte")
OPTION: Final = Text("{title} · {state}", "{title} · {state}")
HOURS: Final = Text("Hours: {hours}", "Horaires : {hours}")
LINK: Final = Text("Its own page", "Sa page")
OTHER_HOURS: Final = Text(
    "Other hours, {first} to {last}: {reason}", "Autres horaires, du {first} au {last} : {reason}"
)
HOLDS_UNTIL: Final = Text("What is known of it holds until {when}", "Ce qu’on en sait vaut jusqu’à {when}")


def asked(rows: Sequence[Standing]) -> Standing | None:
    """What is chosen, as far as it is among what is shown."""
    key = str(st.session_state.get(ADDRESS, st.query_params.get(ADDRESS, NONE)))
    return next((row for row in rows if row.item.key == key), None) if key else None


def pick_from_map() -> None:
    """Take what was pointed at on the map; what was let go of stays chosen."""
    keys = st.session_state.get(DRAWN, ())
    for name, objects in st.session_state[DECK].selection.objects.items():
        if str(name).startswith(pointmap.POINTS) and objects:
            place = objects[0].get("place")
            if isinstance(place, int) and 0 <= place < len(keys):
                _choose(str(keys[place]))


def choose(view: View, rows: Sequence[Standing], chosen: Standing | None) -> None:
    """Show the list of all items."""
    names = {
        row.item.key: view.say(OPTION, title=wording.named(row.item.title, view), state=view.say(row.state.name))
        for row in rows
    }
    st.session_state[LIST] = chosen.item.key if chosen else NONE
    st.selectbox(
        view.say(CHOOSE),
        (NONE, *names),
        format_func=lambda each: names.get(each) or view.say(NOT_CHOSEN),
        key=LIST,
        on_change=_pick_from_list,
    )


def show(view: View, row: Standing, at: datetime) -> None:
    """Show all that is known of the item."""
    item = row.item
    _choose(item.key)
    said = [
        wording.named(item.text, view),
        item.address,
        view.say(HOURS, hours=item.opening.hours) if item.opening and item.opening.hours else "",
        *_exceptions(view, row, at),
        *(wording.moment(view, each) for each in item.dates[:MOST]),
        *wording.facts(view, row),
        wording.tags(view, row),
        "" if item.valid_until is None else view.say(HOLDS_UNTIL, when=wording.moment(view, item.valid_until)),
    ]
    stands_out = [text for text in (wording.named(item.mark, view), wording.when(view, row, at)) if text]
    card = Card(wording.named(item.title, view), wording.state(view, row), [line for line in said if line], stands_out)
    st.html(f'{STYLE}<div class="hx-item">{cards([card])}</div>{_link(view, item.link)}')


def _exceptions(view: View, row: Standing, at: datetime) -> list[str]:
    """Until when hours are others, of what is not over."""
    coming = [each for each in row.item.exceptions if each[1] >= at.date()]
    return [
        view.say(
            OTHER_HOURS,
            first=formats.short_date(first, view.language),
            last=formats.short_date(last, view.language),
            reason=wording.named(reason, view),
        ).rstrip(" :\u202f")
        for first, last, reason in coming[:MOST]
    ]


def _link(view: View, address: str) -> str:
    if not address:
        return ""
    told = f"{escape(view.say(LINK))} ({escape(address)})"
    return f'<a class="hx-line" rel="noopener noreferrer" href="{escape(address)}">{told}</a>'


def _pick_from_list() -> None:
    _choose(str(st.session_state[LIST]))


def _choose(key: str) -> None:
    st.session_state[ADDRESS] = key
    if key:
        st.query_params[ADDRESS] = key
    elif ADDRESS in st.query_params:
        del st.query_params[ADDRESS]


STYLE: Final = "<style>.hx-item .hx-figure {font-size:1.4rem} .hx-item {overflow-wrap:anywhere}</style>"
