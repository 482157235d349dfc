"""Tables on a page; names in them come from other people's files, and a page must load nothing that they name."""

import pandas as pd
import streamlit as st

from dashboards.formats import unmarked


def show(frame: pd.DataFrame) -> None:
    """Show a table of texts as they are; of itself Streamlit reads cells, index and columns as Markdown."""
    st.table(plain(frame))


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with all its texts, and the names of its rows and columns, so that none is Markdown."""
    texts = frame.map(_plain).rename(index=_plain, columns=_plain)
    return texts.rename_axis(index=_plain, columns=_plain)


def _plain(value: object) -> object:
    return unmarked(value) if isinstance(value, str) else value
