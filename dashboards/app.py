"""The dashboard of the release in HEXAFLUX_RELEASE, as `hexaflux dashboard RELEASE` starts it.

HEXAFLUX_VERIFIED may hold the head of the chain that an audit has just passed; without it the release is audited here.
HEXAFLUX_FEEDS may name the folder of civic feeds that their own page reads.
"""

import os
from dataclasses import replace
from pathlib import Path

import streamlit as st

from anonymization.own_folder import usual_folder
from dashboards import cards, choices, layout, texts
from dashboards.page import all_pages
from dashboards.store import Store, open_store
from dashboards.texts import Language
from schemas.errors import HexafluxError


@st.cache_resource(show_spinner=True)
def _store(release: str, verified: str) -> Store:
    return open_store(Path(release), usual_folder(), verified)


def _verified() -> Store:
    """The release as it was verified; where files have changed since, all is verified again."""
    release = os.environ.get("HEXAFLUX_RELEASE", "")
    store = _store(release, os.environ.get("HEXAFLUX_VERIFIED", ""))
    if not store.seals.broken():
        return store
    # What the audit before the start said is no longer so.
    os.environ.pop("HEXAFLUX_VERIFIED", None)
    _store.clear()
    return _store(release, "")


def main() -> None:
    """Show the page that is asked for."""
    st.set_page_config(page_title="Hexaflux", page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide")
    spoken = choices.language()
    st.html(cards.STYLE)
    try:
        store = _verified()
    except HexafluxError as error:
        st.error(f"**{texts.REFUSED.say(spoken)}**", icon=":material/gpp_bad:")
        st.code(f"Error: {error.message}\nHint: {error.hint}", language=None, wrap_lines=True)
        st.stop()
    pages = {page.path: page for page in all_pages()}
    asked = st.navigation(
        [
            st.Page(lambda: None, title=page.title.say(spoken), icon=page.icon, url_path=path)
            for path, page in pages.items()
        ],
        position="top",
    )
    if store.release.test:
        st.warning(texts.TEST.say(spoken), icon=":material/science:")
    # The first page has no path.
    page = pages.get(asked.url_path, next(iter(pages.values())))
    asks = page.asks if page.compares(store) else page.asks - {"baseline"}
    view = choices.choices(store, spoken, asks)
    if page.period is not None:
        view = replace(view, period=page.period(view))
    if page.asks:
        layout.heading(view, presence=page.presence)
    else:
        layout.title(page.title.say(spoken))
    page.render(view)
    layout.footer(store.release, view, counted=page.counted)
    _say_language(spoken)


def _say_language(spoken: Language) -> None:
    """Tell screen readers and the browser's translator, which Streamlit tells that all is English."""
    st.html(f"<script>document.documentElement.lang = '{spoken}'</script>", unsafe_allow_javascript=True)
