"""The page of the map: where people were, how that differs from other days, and how long they stayed."""

from datetime import datetime
from functools import partial
from time import monotonic
from typing import Final

import streamlit as st

from dashboards import cards, formats, layout, queries, slots, texts
from dashboards.choices import choice, chosen
from dashboards.exports import buttons
from dashboards.exports.taken import Picture, Sheet, Taken
from dashboards.maps import deck, difference, dwell, hexmap, legend, panel, people, whole
from dashboards.maps.area import MOST_AREAS, Area
from dashboards.maps.shown import Shown
from dashboards.page import Page
from dashboards.states import POOLED, PUBLISHED
from dashboards.texts import Text, kind_name
from dashboards.view import View

SHOW: Final = Text("Figure", "Chiffre")
SHOWS: Final = {
    "people": Text("people", "personnes"),
    "difference": Text("difference to the same weekday", "écart au même jour de semaine"),
    "dwell": Text("time spent", "durée sur place"),
}
BY: Final = Text("By", "Par")
HEXAGONS: Final = "hexagons"
BY_HEXAGONS: Final = Text("published areas of hexagons", "secteurs publiés d’hexagones")
VERSION: Final = Text("Version", "Version")
VERSIONS: Final = {
    "map": Text("Interactive map", "Carte interactive"),
    "accessible": Text("Accessible version", "Version accessible"),
}
PLAY: Final = Text("Play", "Lire")
STOP: Final = Text("Stop", "Arrêter")
SECONDS: Final = 2.0
"""How long a slot stays when the day is played."""
ALT: Final = Text(
    "{title}: map of {zone} with {count} areas; choose an area by the list beside it, or read the table below",
    "{title} : carte de {zone} avec {count} secteurs ; choisir un secteur dans la liste à côté, ou lire le tableau",
)
TABLE: Final = Text("The map as a table", "La carte en tableau")
TOO_MANY: Final = Text(
    "There are too many areas here to draw each: zones are shown instead.",
    "Il y a trop de secteurs ici pour les dessiner tous : les zones sont montrées à la place.",
)
SENSITIVE: Final = Text(
    "A sensitive place is not shown on the map by time of day.",
    "Un lieu sensible n’est pas montré sur la carte à une heure donnée.",
)
_NO_MOTION: Final = "<style>@media (prefers-reduced-motion: reduce) {.st-key-play {display:none}}</style>"


def render(view: View) -> None:
    """Show the page."""
    if view.zone.sensitive:
        st.info(view.say(SENSITIVE), icon=":material/shield:")
        return
    playing = bool(st.session_state.get("playing"))
    st.fragment(_show, run_every=SECONDS if playing else None)(view, playing)


def _show(view: View, playing: bool) -> None:
    """All that moves with the time; only this is drawn anew when it does."""
    show, by, version = _choices(view)
    now = _time(view, playing)
    moment = slots.starts(view.day)[now]
    found = _shown(view, show, by, moment)
    area = found.holding(panel.asked())
    st.subheader(formats.unmarked(found.title), anchor=False)
    if not found.sheet["status"].isin([PUBLISHED.code, POOLED.code]).any():
        layout.no_figure(view)
    map_column, side_column = st.columns([7, 3])
    with map_column:
        if version == "accessible":
            _accessible(view, found, area)
        else:
            _interactive(view, found, area, moment)
        for line in found.said:
            st.caption(line)
    with side_column:
        if show != "dwell":
            st.html(cards.cards([whole.card(view, now)]))
        st.html(legend.html(found.legend))
        panel.show(view, found, area, now, curve=by == HEXAGONS)
    if version == "accessible":
        st.dataframe(found.table, width="stretch", key="table")
    else:
        with st.expander(view.say(TABLE), icon=":material/table:"):
            st.dataframe(found.table, width="stretch", key="table")
    layout.interval_covers(view)
    _offer(view, found)


def _choices(view: View) -> tuple[str, str, str]:
    """What is shown, by what, and in which version."""
    kinds = tuple(sorted({zone.kind for zone in view.store.zones.values() if not zone.sensitive}))
    columns = st.columns([3, 3, 4, 2], vertical_alignment="bottom")
    with columns[0]:
        show = choice(st.selectbox, "show", view.say(SHOW), tuple(SHOWS), "people", lambda each: view.say(SHOWS[each]))
    options = (HEXAGONS, *kinds) if show == "people" else kinds
    with columns[1]:
        by = choice(st.selectbox, "by", view.say(BY), options, options[0], partial(_by, view))
    with columns[2]:
        version = choice(
            st.selectbox, "version", view.say(VERSION), tuple(VERSIONS), "map", lambda each: view.say(VERSIONS[each])
        )
    with columns[3]:
        _play(view)
    return show, by, version


def _by(view: View, option: str) -> str:
    return view.say(BY_HEXAGONS) if option == HEXAGONS else kind_name(option, view.language)


def _play(view: View) -> None:
    """The button that lets the day go by; nothing moves unless it was asked to."""
    st.html(_NO_MOTION)
    playing = bool(st.session_state.get("playing"))
    text, icon = (STOP, ":material/stop:") if playing else (PLAY, ":material/play_arrow:")
    if st.button(view.say(text), key="play", icon=icon, width="stretch"):
        st.session_state["playing"] = not playing
        st.session_state["played"] = monotonic()
        st.rerun()


def _time(view: View, playing: bool) -> int:
    """The slot that is chosen, the next one when the day is played."""
    starts = slots.starts(view.day)
    options = tuple(slots.names(starts))
    at_first = options[slots.busiest(slots.by_slot(view.day, view.ask(queries.PRESENCE)))]
    now = options.index(chosen("t", options, at_first))
    if playing and monotonic() - st.session_state.get("played", 0.0) > SECONDS * 0.8:
        now = (now + 1) % len(options)
        st.session_state["t"], st.session_state["played"] = options[now], monotonic()
    clocks = {name: view.clock(start) for name, start in zip(options, starts, strict=True)}
    choice(st.select_slider, "t", view.say(texts.TIME), options, at_first, clocks.__getitem__)
    return options.index(chosen("t", options, at_first))


def _shown(view: View, show: str, by: str, moment: datetime) -> Shown:
    finest = int(view.store.ask(queries.FINEST)["resolution"].max())
    if show == "difference":
        return difference.by_zone(view, moment, by, finest)
    if show == "dwell":
        return dwell.by_zone(view, by, finest)
    if by != HEXAGONS:
        return people.by_zone(view, moment, by)
    found = people.by_part(view, moment)
    if len(found.areas) <= MOST_AREAS:
        return found
    st.info(view.say(TOO_MANY))
    return people.by_zone(view, moment, view.zone.kind)


def _interactive(view: View, found: Shown, area: Area | None, moment: datetime) -> None:
    drawn = deck.deck(
        found.areas, view.zone, view.store.zones, found.finest, view.paint, found.signs, area, f"{moment:%H%M}"
    )
    st.pydeck_chart(
        drawn,
        height=deck.HEIGHT,
        key=panel.DECK,
        on_select=panel.pick_from_deck,
        selection_mode="single-object",
        alt=_alt(view, found),
    )


def _accessible(view: View, found: Shown, area: Area | None) -> None:
    key = area.key if area else ""
    drawn = hexmap.picture(
        found.areas, view.zone, view.store.zones, found.finest, _alt(view, found), found.signs, key, pick=True
    )
    # Declared on every run, as the registry of components is that of the session's server.
    component = st.components.v2.component("hexaflux_map", html=hexmap.BODY, css=hexmap.STYLE, js=hexmap.SCRIPT)
    component(data={"picture": drawn, "pick": True}, key=panel.PICTURE, on_picked_change=panel.pick_from_picture)


def _alt(view: View, found: Shown) -> str:
    count = sum(bool(area.key) for area in found.areas)
    return view.say(ALT, title=found.title, zone=view.zone.name, count=count)


def _offer(view: View, found: Shown) -> None:
    drawn = partial(hexmap.standing, found.areas, found.legend, view.zone, view.store.zones, found.finest, found.signs)
    sheets = [Sheet("map", found.title, found.sheet)]
    pictures = [Picture("map", f"{view.zone.name} · {found.title}", drawn)]
    buttons.offer(view, Taken(buttons.name_of_files("map", view), buttons.origin(view), sheets, pictures))


PAGE = Page("map", Text("Map", "Carte"), ":material/map:", 2, render, frozenset({"zone", "day", "baseline"}))
