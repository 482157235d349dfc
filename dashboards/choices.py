"""The choices above the pages; every one of them stands in the address, so that a page can be sent to somebody."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import streamlit as st

from dashboards import formats, queries, texts
from dashboards.store import Store
from dashboards.texts import LANGUAGES, Language
from dashboards.view import View
from dashboards.zones import label
from schemas.vocabulary import SEPARATOR


class Widget(Protocol):
    """A widget of Streamlit that chooses one of several texts."""

    def __call__(
        self,
        label: str,
        *,
        options: Sequence[str],
        format_func: Callable[[str], str],
        key: str,
        persist_state: Literal["session"],
    ) -> str | None:
        """What is chosen."""


def chosen(name: str, options: Sequence[str], default: str) -> str:
    """What is chosen: by the reader, else in the address, else by default; only ever one of the options."""
    asked = st.session_state.get(name, st.query_params.get(name))
    return asked if asked in options else default


def choice(
    widget: Widget, name: str, title: str, options: Sequence[str], default: str, say: Callable[[str], str]
) -> str:
    """A widget whose value stands in the address under its name."""
    current = chosen(name, options, default)
    if st.session_state.get(name) != current:
        st.session_state[name] = current
    found = widget(title, options=options, format_func=say, key=name, persist_state="session") or default
    st.query_params[name] = found
    return found


def language() -> Language:
    """The language that the reader chose, else that of the address, else of the browser."""
    browser = "fr" if (st.context.locale or "fr").lower().startswith("fr") else "en"
    return "fr" if chosen("lang", tuple(LANGUAGES), browser) == "fr" else "en"


def choices(store: Store, spoken: Language) -> View:
    """The row of choices."""
    zone_column, day_column, language_column = st.columns([5, 4, 2], vertical_alignment="bottom")
    days = {day.date.isoformat(): day for day in store.release.days}
    last = max(days)
    with zone_column:
        zone = choice(
            st.selectbox,
            "zone",
            texts.ZONE.say(spoken),
            tuple(store.zones),
            busiest(store, last),
            lambda each: label(store.zones[each], store.zones, spoken),
        )
    with day_column:
        day = choice(
            st.selectbox,
            "day",
            texts.DAY.say(spoken),
            tuple(days),
            last,
            lambda each: formats.long_date(days[each].date, spoken),
        )
    with language_column:
        names = {str(code): name for code, name in LANGUAGES.items()}
        choice(st.selectbox, "lang", texts.LANGUAGE.say(spoken), tuple(names), spoken, names.__getitem__)
    return View(store, spoken, store.zones[zone], days[day])


def busiest(store: Store, day: str) -> str:
    """The zone that most people came to, to begin with."""
    found = store.ask(queries.BUSIEST_ZONE, day=day)["zone_id"].tolist()
    first = found[0].split(SEPARATOR)[0] if found else ""
    return first if first in store.zones else next(iter(store.zones))
