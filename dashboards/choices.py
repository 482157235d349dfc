"""The choices above the pages; every one of them stands in the address, so that a page can be sent to somebody."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, Literal, Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from anonymization.happenings import NO_EVENT, Happening
from anonymization.released import Day
from dashboards import copying, formats, queries, texts
from dashboards.baseline import Baseline, same_weekday
from dashboards.store import Store
from dashboards.texts import LANGUAGES, Language
from dashboards.view import View
from dashboards.zones import Zone, label
from schemas.vocabulary import SEPARATOR

OTHER: Final = NO_EVENT
"""In the address, in place of the name of an event: another zone and day."""
_ROW: Final = 15
"""How wide the choices are together."""


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
    asked = _asked(name)
    return asked if asked is not None and asked in options else default


def _asked(name: str) -> str | None:
    """What the reader chose, else what the address says, whether or not this page can show it."""
    asked: str | None = st.session_state.get(name, st.query_params.get(name))
    return asked


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


def hold(name: str, value: str) -> None:
    """Let all pages begin with a value, as if the reader had chosen it."""
    st.session_state[name] = st.query_params[name] = value


def by_hand() -> None:
    """Leave the event, as the reader picked a zone or day of their own."""
    hold("event", OTHER)


def kept(name: str, options: Sequence[str], default: str) -> str:
    """What is chosen under a name that this page has no widget for; it stays in the address."""
    found = chosen(name, options, default)
    st.query_params[name] = found
    return found


def language() -> Language:
    """The language that the reader chose, else that of the address, else of the browser."""
    browser = "fr" if (st.context.locale or "fr").lower().startswith("fr") else "en"
    return "fr" if chosen("lang", tuple(LANGUAGES), browser) == "fr" else "en"


def choices(store: Store, spoken: Language, asks: frozenset[str]) -> View:
    """The rows of choices of a page that asks for some things; what it does not ask for stays as it was chosen."""
    asked = "event" in asks and bool(store.events)
    elsewhere = asked and chosen("event", *_events(store)) == OTHER
    columns = iter(st.columns(_widths(asks, asked, elsewhere), vertical_alignment="bottom"))
    event = None
    if asked:
        with next(columns):
            event = _event(store, spoken)
    elif _asked("event") in (*(each.name for each in store.events), OTHER):
        hold("event", str(_asked("event")))
    if event is None:
        zone = _zone(store, spoken, "zone" in asks, columns)
        day = _day(store, spoken, "day" in asks, columns)
    else:
        zone, day = store.zones[event.zone_id], store.day_of(event.start)
        hold("zone", zone.zone_id)
        hold("day", day.date.isoformat())
    baseline = _baseline(store, spoken, zone, day, event, columns) if "baseline" in asks else None
    with next(columns):
        names = {str(code): name for code, name in LANGUAGES.items()}
        choice(st.selectbox, "lang", texts.LANGUAGE.say(spoken), tuple(names), spoken, names.__getitem__)
    with next(columns):
        copying.button(spoken)
    return View(store, spoken, zone, day, event, baseline)


def _widths(asks: frozenset[str], asked: bool, elsewhere: bool) -> list[int]:
    """How wide the choices are, and what is left of their row, so that those of all pages are alike."""
    if elsewhere:
        return [4, 4, 3, 3, 2, 2]
    places = [4] * (1 if asked else len(asks & {"zone", "day"}))
    widths = [*places, *([3] if "baseline" in asks else []), 2, 2]
    left = _ROW - sum(widths)
    return [*widths, left] if left else widths


def _event(store: Store, spoken: Language) -> Happening | None:
    """The event that is asked about; None for another zone and day."""
    options, default = _events(store)
    found = choice(
        st.selectbox,
        "event",
        texts.EVENT.say(spoken),
        options,
        default,
        lambda each: texts.OTHER_EVENT.say(spoken) if each == OTHER else each,
    )
    return next((event for event in store.events if event.name == found), None)


def _events(store: Store) -> tuple[tuple[str, ...], str]:
    """The events that can be asked about, and the one to begin with: none where the address names a zone or day."""
    elsewhere = "event" not in st.query_params and ("zone" in st.query_params or "day" in st.query_params)
    return (*(event.name for event in store.events), OTHER), OTHER if elsewhere else store.events[-1].name


def _named(store: Store) -> Happening | None:
    """The event that was chosen on some page, or that the address names; zone and day begin with its own."""
    asked = _asked("event")
    return next((event for event in store.events if event.name == asked), None)


def _zone(store: Store, spoken: Language, asked: bool, columns: Iterator[DeltaGenerator]) -> Zone:
    named, last = _named(store), max(day.date.isoformat() for day in store.release.days)
    options, default = tuple(store.zones), busiest(store, last) if named is None else named.zone_id
    if not asked:
        return store.zones[kept("zone", options, default)]
    with next(columns):
        return store.zones[
            choice(
                partial(st.selectbox, on_change=by_hand),
                "zone",
                texts.ZONE.say(spoken),
                options,
                default,
                lambda each: label(store.zones[each], store.zones, spoken),
            )
        ]


def _day(store: Store, spoken: Language, asked: bool, columns: Iterator[DeltaGenerator]) -> Day:
    days = {day.date.isoformat(): day for day in store.release.days}
    named = _named(store)
    default = max(days) if named is None else store.day_of(named.start).date.isoformat()
    if not asked:
        return days[kept("day", tuple(days), default)]
    with next(columns):
        found = choice(
            partial(st.selectbox, on_change=by_hand),
            "day",
            texts.DAY.say(spoken),
            tuple(days),
            default,
            lambda each: formats.long_date(days[each].date, spoken),
        )
    return days[found]


def _baseline(
    store: Store, spoken: Language, zone: Zone, day: Day, event: Happening | None, columns: Iterator[DeltaGenerator]
) -> Baseline | None:
    """What figures are compared with; None where the reader wants nothing, or there is nothing."""
    possible = baselines(store, zone, day, event)
    if not possible:
        return None
    options = (*possible, "none")
    with next(columns):
        return possible.get(_base(spoken, options))


def _base(spoken: Language, options: tuple[str, ...]) -> str:
    """What the reader compares with, else the first of what this page can; that is shown and not kept.

    Each page can compare with something else: what one falls back to must not become the choice of all.
    """
    shown = f"base_{options[0]}"
    # A widget under this name began with its first option: anything else was picked by the reader.
    picked = st.session_state.pop(shown, options[0])
    if picked in options and picked != options[0]:
        hold("base", picked)
    asked = _asked("base")
    if asked in texts.BASELINES:
        hold("base", asked)
    elif "base" in st.query_params:
        del st.query_params["base"]
    key = "base" if asked in options else shown
    st.session_state[key] = asked if asked in options else options[0]
    return (
        st.selectbox(
            texts.BASELINE.say(spoken),
            options=options,
            format_func=lambda each: texts.BASELINES[each].say(spoken),
            key=key,
            persist_state="session",
        )
        or options[0]
    )


def baselines(store: Store, zone: Zone, day: Day, event: Happening | None) -> dict[str, Baseline]:
    """By kind, what figures of a zone and day can be compared with: the last edition, and days of the same weekday."""
    found: dict[str, Baseline] = {}
    previous = next((each for each in store.events if event is not None and each.name == event.previous), None)
    if previous is not None:
        found["edition"] = Baseline("edition", store.zones[previous.zone_id], (store.day_of(previous.start),))
    held = [each for each in store.events if each.zone_id == zone.zone_id]
    eventful = [each for happening in held for each in store.days_between(happening.start, happening.end)]
    if usual := same_weekday(day, store.release.days, eventful):
        found["weekday"] = Baseline("weekday", zone, usual)
    return found


def busiest(store: Store, day: str) -> str:
    """The zone that most people came to, to begin with."""
    found = store.ask(queries.BUSIEST_ZONE, day=day)["zone_id"].tolist()
    first = found[0].split(SEPARATOR)[0] if found else ""
    return first if first in store.zones else next(iter(store.zones))
