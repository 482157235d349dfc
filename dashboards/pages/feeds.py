"""The page of the civic feeds: whether they are fresh, what residents see now, and what is wrong in the sources."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Final

import streamlit as st

from dashboards import cards, tables
from dashboards.choices import choice, chosen
from dashboards.exports import buttons
from dashboards.exports.taken import Origin, Sheet, Taken
from dashboards.feeds import (
    files,
    folder,
    freshness,
    listing,
    moment,
    near,
    picked,
    pointmap,
    states,
    troubles,
    wording,
)
from dashboards.feeds.published import Finding, Published, published
from dashboards.feeds.states import LOOKS, STATES, Standing
from dashboards.maps.deck import HEIGHT
from dashboards.page import Page
from dashboards.texts import Text
from dashboards.view import View
from schemas.errors import HexafluxError

FEED: Final = "feed"
ALL: Final = ""
CHOOSE: Final = Text("Feed", "Flux")
ALL_FEEDS: Final = Text("all feeds", "tous les flux")
NONE: Final = Text(
    "No civic feeds stand beside this release. To build those of a town and to show them here:",
    "Aucun flux de services ne se trouve à côté de cette publication. Pour construire ceux d’une ville et les "
    "montrer ici :",
)
COMMANDS: Final = "hexaflux feeds build CONFIG --out DIR\nhexaflux dashboard RELEASE --feeds DIR"
REFUSED: Final = Text(
    "These feeds are not shown: their folder is not what a build writes.",
    "Ces flux ne sont pas montrés : leur dossier n’est pas celui qu’écrit une construction.",
)
TEST: Final = Text(
    "**Feeds of a test.** Counts in them may be of too few people to hide anybody.",
    "**Flux d’essai.** Leurs comptes peuvent porter sur trop peu de personnes pour cacher qui que ce soit.",
)
BUILT: Final = Text(
    "{town} · built for {when} · manifest {sha256}", "{town} · construits pour le {when} · manifeste {sha256}"
)
FRESH: Final = Text("Are the feeds fresh?", "Les flux sont-ils à jour ?")
FRESH_TABLE: Final = Text("The feeds as a table", "Les flux en tableau")
NOW: Final = Text("What residents see, {when}", "Ce que voient les habitants, {when}")
NOTHING: Final = Text("Nothing was published here.", "Rien n’a été publié ici.")
MAP_ALT: Final = Text(
    "Map of {count} items; choose one by the list beside it, or read the table below",
    "Carte de {count} éléments ; en choisir un dans la liste à côté, ou lire le tableau ci-dessous",
)
KEY: Final = Text("At the chosen instant", "À l’instant choisi")
ITEMS: Final = Text("All items as a table", "Tous les éléments en tableau")
SHEETS: Final = {
    "items": Text("Items at the chosen instant", "Éléments à l’instant choisi"),
    "feeds": Text("Feeds and their rows", "Flux et leurs lignes"),
    "findings": Text("What to correct in the sources", "Ce qu’il faut corriger dans les sources"),
}


def render(view: View) -> None:
    """Show the page."""
    where = folder.folder_of(view.store.release.root)
    if where is None:
        st.info(view.say(NONE), icon=":material/location_city:")
        st.code(COMMANDS, language=None, wrap_lines=True)
        return
    try:
        found = published(where)
    except HexafluxError as error:
        st.error(f"**{view.say(REFUSED)}**", icon=":material/gpp_bad:")
        st.code(f"Error: {error.message}\nHint: {error.hint}", language=None, wrap_lines=True)
        return
    _head(view, found)
    if found.manifest.test:
        st.warning(view.say(TEST), icon=":material/science:")
    feed, at = _choices(view, found)
    _fresh(view, found, at)
    rows = listing.standings(view, found, feed, at)
    chosen_one = picked.asked(rows)
    _now(view, found, rows, chosen_one, at)
    near.show(view, rows, chosen_one, at)
    wrong = troubles.of_feed(found.findings, feed)
    troubles.show(view, wrong)
    files.show(view, found, feed)
    _offer(view, found, rows, at, wrong)


def _head(view: View, found: Published) -> None:
    when = wording.moment(view, found.manifest.at)
    said = view.say(BUILT, town=found.manifest.name, when=when, sha256=found.sha256[: files.DIGITS])
    st.html(f'<div class="hx-when">{escape(said)}</div>')


def _choices(view: View, found: Published) -> tuple[str, datetime]:
    """Which feed, and at which instant."""
    titles = {feed.name: wording.named(feed.title, view) for feed in found.manifest.feeds}
    built, zone = found.manifest.at, wording.zone_of(view)
    options = (ALL, *titles)
    columns = st.columns([4, 4, 4], vertical_alignment="bottom")
    with columns[0]:
        choice(st.selectbox, FEED, view.say(CHOOSE), options, ALL, lambda each: titles.get(each) or view.say(ALL_FEEDS))
    with columns[1]:
        day = moment.choose_day(view.language, built, zone)
    with columns[2]:
        at = moment.choose_time(view.language, built, day, zone)
    return chosen(FEED, options, ALL), at


def _fresh(view: View, found: Published, at: datetime) -> None:
    st.subheader(view.say(FRESH), anchor=False)
    st.html(cards.cards(freshness.cards(view, found.manifest, at)))
    with st.expander(view.say(FRESH_TABLE), icon=":material/table:"):
        tables.show(freshness.table(view, found.manifest, at))


def _now(view: View, found: Published, rows: Sequence[Standing], chosen_one: Standing | None, at: datetime) -> None:
    st.subheader(view.say(NOW, when=wording.moment(view, at)), anchor=False)
    if not rows:
        st.info(view.say(NOTHING), icon=":material/inbox:")
        return
    st.html(cards.cards(listing.counts(view, rows)))
    _soon(listing.now_and_next(view, rows, at))
    placed = pointmap.shown(rows)
    map_column, side_column = st.columns([7, 3]) if placed else (st.container(), st.container())
    if placed:
        with map_column:
            _map(view, placed, chosen_one, at)
    with side_column:
        st.html(_key(view, placed))
        picked.choose(view, rows, chosen_one)
        if chosen_one is not None:
            picked.show(view, chosen_one, at)
    with st.expander(view.say(ITEMS), icon=":material/table:"):
        tables.show(listing.table(view, found, rows, at))
        if len(rows) > listing.MOST_ROWS:
            st.caption(view.say(listing.FIRST, shown=listing.MOST_ROWS, count=view.number(len(rows))))


def _soon(lists: Sequence[str]) -> None:
    if lists:
        for column, said in zip(st.columns(len(lists)), lists, strict=True):
            column.html(STYLE + said)


def _map(view: View, placed: Sequence[Standing], chosen_one: Standing | None, at: datetime) -> None:
    st.html(STYLE)
    st.session_state[picked.DRAWN] = [row.item.key for row in placed]
    st.pydeck_chart(
        pointmap.drawn(view, placed, chosen_one.item.key if chosen_one else "", f"{at:%Y%m%d%H%M}"),
        height=HEIGHT,
        key=picked.DECK,
        on_select=picked.pick_from_map,
        selection_mode="single-object",
        alt=view.say(MAP_ALT, count=view.number(len(placed))),
    )


STYLE: Final = """<style>
.st-key-feedmap {border:1px solid var(--hx-line);border-radius:.5rem;background:var(--hx-sunk)}
.hx-list {color:var(--hx-text);padding-left:1.2rem;margin:.2rem 0;overflow-wrap:anywhere}
.hx-list li {margin:.25rem 0}
</style>"""


def _key(view: View, placed: Sequence[Standing]) -> str:
    """What the colours and signs of the map stand for."""
    there = {row.state for row in placed}
    said = [
        (state.look, view.say(wording.STATE, sign=LOOKS[state].sign, name=view.say(state.name)))
        for state in STATES
        if state in there
    ]
    return cards.key(said, view.say(KEY)) if said else ""


def _offer(view: View, found: Published, rows: Sequence[Standing], at: datetime, wrong: Sequence[Finding]) -> None:
    town = found.manifest
    period = f"{town.name} · {wording.moment(view, at)}"
    origin = Origin(
        f"feeds of {town.town}, {town.at.isoformat()}", found.sha256, view.address(), period, 0, "", town.test
    )
    frames = {
        "items": listing.sheet(view, rows, at),
        "feeds": freshness.sheet(town),
        "findings": troubles.sheet(view, wrong),
    }
    sheets = [Sheet(name, view.say(SHEETS[name]), frame) for name, frame in frames.items() if len(frame)]
    buttons.offer(view, Taken(f"hexaflux-feeds-{town.town}-{at:%Y-%m-%d-%H%M}", origin, sheets, states=states.STATES))


PAGE = Page(
    "feeds",
    Text("Town services", "Services de la ville"),
    ":material/location_city:",
    8,
    render,
    frozenset(),
    counted=False,
)
