"""Links to other pages, with the zone, the day and all else that was chosen above the page."""

from collections.abc import Mapping
from math import ceil
from typing import Final

import streamlit as st

from dashboards.page import Page, all_pages
from dashboards.texts import Text
from dashboards.view import View

KEPT: Final = ("lang", "event", "zone", "day", "base")
"""What means the same on every page."""

MORE: Final = Text("More of this zone and day", "Plus sur cette zone et ce jour")

MOST_ABREAST: Final = 4
"""Links in a row."""


def others(view: View, here: Page) -> None:
    """Show links to all other pages."""
    some(view, {page.path: page.title for page in all_pages() if page is not here})


def some(view: View, said: Mapping[str, Text]) -> None:
    """Show links to some pages, by their paths, each with what is said of it, in rows of as many."""
    pages = {page.path: page for page in all_pages()}
    chosen = {name: value for name, value in st.query_params.to_dict().items() if name in KEPT}
    abreast = ceil(len(said) / max(ceil(len(said) / MOST_ABREAST), 1))
    for place, (path, text) in enumerate(said.items()):
        # Columns of their own for each row: below each other on a phone, they keep the order of the pages.
        if place % abreast == 0:
            columns = st.columns(abreast)
        target = st.Page(lambda: None, title=view.say(text), icon=pages[path].icon, url_path=path)
        with columns[place % abreast]:
            st.page_link(target, query_params=chosen)
