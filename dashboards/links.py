"""Links to other pages, with the zone, the day and all else that was chosen above the page."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from dashboards.page import Page, all_pages
from dashboards.texts import Text
from dashboards.view import View

KEPT: Final = ("lang", "event", "zone", "day", "base")
"""What means the same on every page."""

MORE: Final = Text("More of this zone and day", "Plus sur cette zone et ce jour")

COLUMNS: Final = 4


def others(view: View, here: Page) -> None:
    """Show links to all other pages."""
    some(view, {page.path: page.title for page in all_pages() if page is not here})


def some(view: View, said: Mapping[str, Text]) -> None:
    """Show links to some pages, by their paths, each with what is said of it."""
    pages = {page.path: page for page in all_pages()}
    chosen = {name: value for name, value in st.query_params.to_dict().items() if name in KEPT}
    columns = st.columns(COLUMNS)
    for place, (path, text) in enumerate(said.items()):
        target = st.Page(lambda: None, title=view.say(text), icon=pages[path].icon, url_path=path)
        with columns[place % len(columns)]:
            st.page_link(target, query_params=chosen)
