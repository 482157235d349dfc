"""Those who came, split into published classes: as bars with intervals, and the same as a table."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

import pandas as pd
import streamlit as st

from anonymization.released import Day
from dashboards import barchart, cards, formats, tables, texts
from dashboards.baseline import Difference, Figure, figure_of
from dashboards.cards import Bar, bars
from dashboards.exports.taken import Picture, Sheet
from dashboards.queries import Query
from dashboards.split.origins import origin_name
from dashboards.split.otherwise import otherwise
from dashboards.states import POOLED, PUBLISHED
from dashboards.texts import Text, value_name
from dashboards.view import View
from dashboards.zones import Zone
from schemas.fields import ATTRIBUTES
from schemas.indicators import Indicator
from schemas.vocabulary import ALL, DWELL_BANDS, FOREIGN, SEPARATOR, UNKNOWN

MOST_BARS: Final = 15
"""Classes that are drawn of a long list; the table has all."""

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
POOLED_SHARE: Final = Text(
    "{share} of the people are in classes that were published together with others.",
    "{share} des personnes sont dans des classes publiées avec d’autres.",
)
MORE_ROWS: Final = Text(
    "{count} smaller ones stand in the table.", "{count} autres, plus petites, sont dans le tableau."
)
CHANGE: Final = Text("{change}, not significant", "{change}, non significatif")
AGAINST: Final = Text(
    "Each class is compared with {what}, where it was published alike; “not significant” where the intervals overlap.",
    "Chaque classe est comparée à {what}, là où elle a été publiée de même ; « non significatif » où les intervalles "
    "se recouvrent.",
)
EDITION: Final = Text("the last edition", "la dernière édition")
OTHER_DAY: Final = Text("another {weekday}", "un autre {weekday}")
OTHER_DAYS: Final = Text("the {middle} of {days} other {weekday}s", "la {middle} de {days} autres {weekday}s")
COLUMNS: Final = (
    Text("Class", "Classe"),
    texts.OF_PEOPLE,
    texts.OF_INTERVAL,
    texts.OF_DEVICES,
    Text("Share", "Part"),
)
COMPARED: Final = Text("Compared", "Comparaison")


def is_whole(rows: pd.DataFrame) -> bool:
    """Whether the part was published without a split."""
    return list(rows["value"]) == [ALL]


def show(
    view: View,
    indicator: Indicator,
    rows: pd.DataFrame,
    found: Mapping[str, Difference] | None = None,
    whole: float | None = None,
) -> None:
    """Show the rows of one part; `found`: how classes differ from what they are compared with.

    `whole`: the people that shares are of, where the rows are not all of them.
    """
    (attribute,) = indicator.attributes
    ordered = in_order(attribute, rows)
    whole = whole or float(ordered["people"].sum()) or 1.0
    shares = [view.percent(people / whole) for people in ordered["people"]]
    compared = [_change(view, (found or {}).get(value)) for value in ordered["value"]]
    drawn = [
        _bar(view, attribute, row, share, change)
        for (_, row), share, change in zip(ordered.iterrows(), shares, compared, strict=True)
    ]
    st.html(bars(drawn[:MOST_BARS], view.question(indicator)))
    st.html(cards.key(_key(view, ordered)))
    said = [view.say(POOLED_SHARE, share=formats.unmarked(view.percent(pooled(ordered))))]
    if len(drawn) > MOST_BARS:
        said.insert(0, view.say(MORE_ROWS, count=len(drawn) - MOST_BARS))
    if any(compared):
        said.append(view.say(AGAINST, what=_what(view)))
    if found is not None:
        said.append(otherwise(view, ordered, found))
    st.caption(" ".join(said).strip())
    with st.expander(view.say(texts.AS_TABLE), icon=":material/table:"):
        tables.show(_table(view, attribute, ordered, shares, compared))


def differences(view: View, query: Query, rows: pd.DataFrame) -> dict[str, Difference]:
    """By class, how it differs from the same class where it was published alike, of the same zones."""
    if view.baseline is None:
        return {}
    asked = {
        day.date: view.store.ask(query, zone=view.baseline.zone.zone_id, day=day.date.isoformat())
        for day in view.baseline.days
    }
    return {
        str(row["value"]): difference
        for _, row in rows.iterrows()
        if (difference := view.compared(figure_of(row), _like(row, asked))) is not None
    }


def sheet(view: View, indicator: Indicator, rows: pd.DataFrame, found: Mapping[str, Difference]) -> Sheet:
    """The rows of one part to take away, with the code of each one's state."""
    (attribute,) = indicator.attributes
    ordered = in_order(attribute, rows)
    known = [found.get(value) for value in ordered["value"]]
    frame = ordered.rename(columns={"value": attribute}).assign(
        name=[name_of(view, attribute, value) for value in ordered["value"]],
        status=[POOLED.code if merged(value) else PUBLISHED.code for value in ordered["value"]],
        compared_with=[None if each is None else each.then.value for each in known],
        days_compared=[None if each is None else each.days for each in known],
        significant=[None if each is None else each.significant for each in known],
    )
    return Sheet(indicator.name, view.question(indicator), frame)


def picture(view: View, indicator: Indicator, rows: pd.DataFrame) -> Picture:
    """The bars of one part to take away."""
    (attribute,) = indicator.attributes
    ordered = in_order(attribute, rows)
    whole = float(ordered["people"].sum()) or 1.0
    listed = [
        _bar(view, attribute, row, view.percent(row["people"] / whole), "")
        for _, row in ordered.head(MOST_BARS).iterrows()
    ]
    return Picture(indicator.name, view.question(indicator), lambda: barchart.drawn(listed, view.language))


def in_order(attribute: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows in the public order of the classes, places by size; what is apart comes last."""
    if attribute == "origin":
        ordered = rows.assign(apart=rows["value"] == UNKNOWN)
        by_size = ordered.sort_values(["apart", "people", "value"], ascending=[True, False, True])
        return by_size.drop(columns="apart").reset_index(drop=True)
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


def pooled(rows: pd.DataFrame) -> float:
    """The share of the people who are in merged classes."""
    together = [merged(value) for value in rows["value"]]
    return float(rows["people"][together].sum()) / (float(rows["people"].sum()) or 1.0)


def merged(value: str) -> bool:
    """Whether a class stands for several."""
    return value == ALL or SEPARATOR in value


def style_of(value: str) -> str:
    """How the bar of a class is drawn."""
    if value in (UNKNOWN, FOREIGN):
        return "apart"
    return "merged" if SEPARATOR in value else "plain"


def name_of(view: View, attribute: str, value: str) -> str:
    """The name of a class in the reader's language."""
    if attribute == "origin":
        return origin_name(value, view.store.zones, view.language)
    return value_name(attribute, value, view.language)


def _like(row: pd.Series, asked: Mapping[date, pd.DataFrame]) -> Callable[[Zone, Day], Figure | None]:
    """The figure of the same class on another day; where zones are counted together, of the same ones."""

    def figure(zone: Zone, day: Day) -> Figure | None:
        rows = asked[day.date]
        zones = str(row["zone_id"]) if SEPARATOR in str(row["zone_id"]) else zone.zone_id
        same = rows[(rows["value"] == row["value"]) & (rows["zone_id"] == zones)]
        return figure_of(same.iloc[0]) if len(same) else None

    return figure


def _change(view: View, found: Difference | None) -> str:
    if found is None or found.change is None:
        return ""
    change = formats.change(found.change, view.language)
    return change if found.significant else view.say(CHANGE, change=change)


def _what(view: View) -> str:
    """What classes are compared with."""
    if view.baseline is None or view.baseline.kind == "edition":
        return view.say(EDITION)
    days = len(view.baseline.days)
    weekday = formats.weekday(view.day.date.weekday(), view.language)
    return view.say(OTHER_DAY if days == 1 else OTHER_DAYS, middle=view.middle(days), days=days, weekday=weekday)


def _bar(view: View, attribute: str, row: pd.Series, share: str, change: str) -> Bar:
    written = view.say(WRITTEN, people=view.number(row["people"]), between=view.between(row), share=share)
    name = name_of(view, attribute, row["value"])
    style = style_of(row["value"])
    return Bar(name, row["people"], row["people_low"], row["people_high"], written, style, change)


def _key(view: View, rows: pd.DataFrame) -> list[tuple[str, str]]:
    """What the kinds of bar that there are stand for."""
    said = {"plain": (cards.BLUE, KEY_PLAIN), "merged": (cards.MERGED, KEY_MERGED), "apart": (cards.GREY, KEY_APART)}
    found = {style_of(value) for value in rows["value"]}
    return [(colour, view.say(text)) for style, (colour, text) in said.items() if style in found]


def _table(view: View, attribute: str, rows: pd.DataFrame, shares: list[str], compared: list[str]) -> pd.DataFrame:
    lines = [
        (
            name_of(view, attribute, row["value"]),
            view.number(row["people"]),
            view.between(row),
            view.number(row["devices"]),
            share,
            change,
        )
        for (_, row), share, change in zip(rows.iterrows(), shares, compared, strict=True)
    ]
    name, *others = (view.say(column) for column in (*COLUMNS, COMPARED))
    frame = pd.DataFrame(lines, columns=[name, *others]).set_index(name)
    return frame if any(compared) else frame.iloc[:, :-1]
