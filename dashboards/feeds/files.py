"""The published files themselves: which there are, and a button for each."""

from functools import partial
from pathlib import PurePosixPath
from typing import Final

import pandas as pd
import streamlit as st

from dashboards import formats, tables
from dashboards.feeds import folder, wording
from dashboards.feeds.manifest import File
from dashboards.feeds.published import Published
from dashboards.texts import Text
from dashboards.view import View

TITLE: Final = Text("The files", "Les fichiers")
PAGES: Final = Text(
    "The page for residents is a file that needs nothing else. Open it from the folder, or take it away here:",
    "La page des habitants est un fichier qui n’a besoin de rien d’autre. L’ouvrir dans le dossier, ou l’emporter "
    "ici :",
)
LIST: Final = Text("All files of “{feed}”", "Tous les fichiers de « {feed} »")
LIST_OF_ALL: Final = Text("All files", "Tous les fichiers")
CHOOSE: Final = Text(
    "Choose one feed above for buttons that take its files away.",
    "Choisir un flux ci-dessus pour des boutons qui emportent ses fichiers.",
)
COLUMNS: Final = (Text("Path", "Chemin"), Text("Size", "Taille"), Text("SHA-256", "SHA-256"))
DIGITS: Final = 12
MOST: Final = 40
"""Buttons on the page."""
_MIME: Final = {
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".csv": "text/csv",
    ".html": "text/html",
    ".ics": "text/calendar",
    ".xml": "application/xml",
    ".zip": "application/zip",
}


def show(view: View, found: Published, feed: str) -> None:
    """Show the pages for residents, and the files of a feed, or without buttons those of all for ""."""
    st.subheader(view.say(TITLE), anchor=False)
    pages = [file for file in found.manifest.shared if file.path.endswith(".html")]
    if pages:
        st.caption(view.say(PAGES))
        with st.container(horizontal=True):
            _buttons(found, pages)
    chosen = next((each for each in found.manifest.feeds if each.name == feed), None)
    files = found.manifest.files if chosen is None else chosen.files
    title = view.say(LIST_OF_ALL) if chosen is None else view.say(LIST, feed=wording.named(chosen.title, view))
    with st.expander(formats.unmarked(title), icon=":material/folder_open:"):
        tables.show(_table(view, found, files))
        if chosen is None:
            st.caption(view.say(CHOOSE))
        else:
            _buttons(found, files)


def _table(view: View, found: Published, files: tuple[File, ...] | list[File]) -> pd.DataFrame:
    rows = [(f"{found.folder.name}/{file.path}", wording.size(view, file.size), file.sha256[:DIGITS]) for file in files]
    first, *others = (view.say(column) for column in COLUMNS)
    return pd.DataFrame(rows, columns=[first, *others]).set_index(first)


def _buttons(found: Published, files: tuple[File, ...] | list[File]) -> None:
    """What is taken away is verified once more, when somebody asks for it."""
    for file in files[:MOST]:
        name = PurePosixPath(file.path)
        st.download_button(
            formats.unmarked(f"{found.folder.name}/{file.path}"),
            partial(folder.read_stated, found.folder, file),
            name.name,
            _MIME.get(name.suffix, "application/octet-stream"),
            key=f"feedfile-{file.path}",
            on_click="ignore",
        )
