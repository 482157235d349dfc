"""The first page: what a zone was on a day, in a few figures, three sentences, a calendar and a small map."""

from html import escape
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboards import layout, links, tables
from dashboards.baseline import Difference, Figure
from dashboards.cards import cards
from dashboards.exports import buttons
from dashboards.exports.taken import Sheet, Taken
from dashboards.maps.place import show_map
from dashboards.overview import weeks
from dashboards.overview.keyfigures import Compared, compared, figures
from dashboards.overview.sentences import sentences
from dashboards.page import Page
from dashboards.texts import Text
from dashboards.view import View

FIGURES: Final = Text("Figures of the day", "Chiffres du jour")
PARTS: Final = Text("The map as a table", "La carte en tableau")
COLUMNS: Final = ("figure", "unit", "value", "low", "high", "compared_with", "days_compared", "significant")


def render(view: View) -> None:
    """Show the page."""
    found = compared(view)
    if found.now.came is None:
        layout.not_published(view)
    else:
        layout.together(view, found.now.part)
    shown = list(figures(view, found))
    if shown:
        st.html(cards(shown))
        st.html("".join(f'<p class="hx-said">{escape(each)}</p>' for each in sentences(view, found)))
        layout.interval_covers(view)
    sheets, pictures = weeks.show(view)
    if found.now.peak is not None:
        parts = show_map(view, found.now.peak.start.astimezone(ZoneInfo(view.day.timezone)))
        with st.expander(view.say(PARTS), icon=":material/table:"):
            tables.show(parts)
    st.subheader(view.say(links.MORE), anchor=False)
    links.others(view, PAGE)
    taken = [Sheet("figures", view.say(FIGURES), figures_table(found)), *sheets]
    buttons.offer(view, Taken(buttons.name_of_files("overview", view), buttons.origin(view), taken, pictures))


def figures_table(found: Compared) -> pd.DataFrame:
    """The figures of the cards as a table of COLUMNS; a share or a median that lies between two has no value."""
    now = found.now
    rows: list[tuple[object, ...]] = []
    if now.peak is not None:
        rows.append(("most_at_once", "people", *_figure(now.peak.people), *_against(found.peak)))
    if now.came is not None:
        rows.append(("came", "people", *_figure(now.came), *_against(found.came)))
    if now.dwell is not None:
        place = None if now.dwell.figure is None else now.dwell.figure.value
        rows.append(("median_dwell", "place of the band", place, now.dwell.low, now.dwell.high, *_against(found.dwell)))
    if now.away is not None and not now.away.one_sided:
        share = None if now.away.figure is None else now.away.figure.value
        rows.append(("not_resident", "per cent", share, 100 * now.away.low, 100 * now.away.high, *_against(found.away)))
    if now.pooled is not None:
        rows.append(("pooled", "per cent", 100 * now.pooled, None, None, *_against(None)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _figure(figure: Figure) -> tuple[float, float, float]:
    return figure.value, figure.low, figure.high


def _against(found: Difference | None) -> tuple[float | None, int | None, bool | None]:
    return (None, None, None) if found is None else (found.then.value, found.days, found.significant)


PAGE = Page(
    "overview",
    Text("Overview", "Synthèse"),
    ":material/dashboard:",
    0,
    render,
    asks=frozenset({"zone", "day", "baseline"}),
)
