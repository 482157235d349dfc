"""Those who came, split into published classes: as bars with intervals, and the same as a table."""

from typing import Final

import pandas as pd
import streamlit as st

from dashboards import cards, texts
from dashboards.cards import Bar, bars
from dashboards.texts import Text, value_name
from dashboards.view import View
from schemas.fields import ATTRIBUTES
from schemas.indicators import Indicator
from schemas.vocabulary import ALL, DWELL_BANDS, FOREIGN, SEPARATOR, UNKNOWN

KEY_PLAIN: Final = Text(
    "one class; the thin line is its {confidence} interval",
    "une classe ; le trait fin est son intervalle à {confidence}",
)
KEY_MERGED: Final = Text(
    "several classes published as one, as one of them was too small",
    "plusieurs classes publiées ensemble, l’une d’elles étant trop petite",
)
KEY_APART: Final = Text("not known, or foreign visitors", "non connu, ou visiteurs étrangers")
WRITTEN: Final = Text("{people} ({between}) · {share}", "{people} ({between}) · {share}")
COLUMNS: Final = (
    Text("Class", "Classe"),
    Text("People", "Personnes"),
    Text("Interval", "Intervalle"),
    Text("Devices", "Appareils"),
    Text("Share", "Part"),
)


def is_whole(rows: pd.DataFrame) -> bool:
    """Whether the part was published without a split."""
    return list(rows["value"]) == [ALL]


def show(view: View, indicator: Indicator, rows: pd.DataFrame) -> None:
    """Show the rows of one part."""
    (attribute,) = indicator.attributes
    ordered = in_order(attribute, rows)
    whole = ordered["people"].sum() or 1
    shares = [view.percent(people / whole) for people in ordered["people"]]
    drawn = [_bar(view, attribute, row, share) for (_, row), share in zip(ordered.iterrows(), shares, strict=True)]
    st.html(bars(drawn, view.question(indicator)))
    st.html(cards.key(_key(view, ordered)))
    with st.expander(view.say(texts.AS_TABLE), icon=":material/table:"):
        st.table(_table(view, attribute, ordered, shares))


def in_order(attribute: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows in the public order of the classes; what is apart comes last."""
    values = ATTRIBUTES[attribute].values
    places = {value: place for place, value in enumerate(values)}
    order = [places.get(value.split(SEPARATOR)[0], len(values)) for value in rows["value"]]
    return rows.assign(order=order).sort_values(["order", "value"]).drop(columns="order").reset_index(drop=True)


def from_band_on(rows: pd.DataFrame, band: str) -> tuple[float, float, float]:
    """People who stayed as long as a dwell band or longer, at least and at most, and people in all.

    The two differ where a merged class has bands on both sides.
    """
    long = set(DWELL_BANDS[DWELL_BANDS.index(band) :])
    members = [set(value.split(SEPARATOR)) for value in rows["value"]]
    least = rows["people"][[each <= long for each in members]].sum()
    most = rows["people"][[bool(each & long) for each in members]].sum()
    return float(least), float(most), float(rows["people"].sum()) or 1.0


def style_of(value: str) -> str:
    """How the bar of a class is drawn."""
    if value in (UNKNOWN, FOREIGN):
        return "apart"
    return "merged" if SEPARATOR in value else "plain"


def _bar(view: View, attribute: str, row: pd.Series, share: str) -> Bar:
    written = view.say(WRITTEN, people=view.number(row["people"]), between=view.between(row), share=share)
    name = value_name(attribute, row["value"], view.language)
    return Bar(name, row["people"], row["people_low"], row["people_high"], written, style_of(row["value"]))


def _key(view: View, rows: pd.DataFrame) -> list[tuple[str, str]]:
    """What the kinds of bar that there are stand for."""
    said = {"plain": (cards.BLUE, KEY_PLAIN), "merged": (cards.MERGED, KEY_MERGED), "apart": (cards.GREY, KEY_APART)}
    found = {style_of(value) for value in rows["value"]}
    return [(colour, view.say(text)) for style, (colour, text) in said.items() if style in found]


def _table(view: View, attribute: str, rows: pd.DataFrame, shares: list[str]) -> pd.DataFrame:
    lines = [
        (
            value_name(attribute, row["value"], view.language),
            view.number(row["people"]),
            view.between(row),
            view.number(row["devices"]),
            share,
        )
        for (_, row), share in zip(rows.iterrows(), shares, strict=True)
    ]
    name, *others = (view.say(column) for column in COLUMNS)
    return pd.DataFrame(lines, columns=[name, *others]).set_index(name)
