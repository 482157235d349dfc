"""What is compared: up to four zones on a day or events, which stand in the address as `a` to `d`."""

from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from anonymization.happenings import Happening
from anonymization.released import Day
from dashboards import formats, texts
from dashboards.choices import OTHER
from dashboards.store import Store
from dashboards.texts import Text
from dashboards.view import View
from dashboards.zones import Zone, label

SLOTS: Final = ("a", "b", "c", "d")
AT: Final = "@"
"""In the address, between a zone and its day."""

ADD: Final = Text("Add another", "Ajouter")
REMOVE: Final = Text("Remove {letter}", "Retirer {letter}")
WHAT: Final = Text("{letter}: event", "{letter} : événement")
WHERE: Final = Text("{letter}: zone", "{letter} : zone")
WHEN: Final = Text("{letter}: day", "{letter} : jour")


@dataclass(frozen=True)
class Subject:
    """One of those that are compared: a zone on a day, or an event with its zone and the day on which it begins."""

    slot: str
    zone: Zone
    day: Day
    event: Happening | None = None

    @property
    def letter(self) -> str:
        """How it is told from the others."""
        return self.slot.upper()

    @property
    def address(self) -> str:
        """How it stands in the address."""
        return self.event.name if self.event else f"{self.zone.zone_id}{AT}{self.day.date.isoformat()}"

    def view(self, view: View) -> View:
        """The view of its own zone and day."""
        return replace(view, zone=self.zone, day=self.day, event=self.event, baseline=None)

    def name(self, view: View) -> str:
        """Its name, with its letter."""
        if self.event:
            return f"{self.letter} · {self.event.name}"
        return f"{self.letter} · {self.zone.name} · {formats.long_date(self.day.date, view.language)}"


def read(store: Store, slot: str, text: str) -> Subject | None:
    """What a text of the address names; None where the release has no such zone, day or event."""
    for event in store.events:
        if event.name == text and event.zone_id in store.zones:
            return Subject(slot, store.zones[event.zone_id], store.day_of(event.start), event)
    zone, _, date = text.rpartition(AT)
    day = next((each for each in store.release.days if each.date.isoformat() == date), None)
    return Subject(slot, store.zones[zone], day) if zone in store.zones and day is not None else None


def asked(view: View) -> list[Subject]:
    """Show a row of choices for each that is compared, and what was chosen."""
    found = [_row(view, subject) for subject in _given(view)]
    for subject in found:
        st.query_params[subject.slot] = st.session_state[_kept(subject.slot)] = subject.address
    free = [slot for slot in SLOTS if slot not in {subject.slot for subject in found}]
    if free:
        last = found[-1]
        st.button(view.say(ADD), icon=":material/add:", key="add", on_click=_add, args=(free[0], last.address))
    return found


def usual(view: View) -> list[Subject]:
    """What is compared to begin with: the last two events, else two days of the zone, else two zones of the day."""
    store, days = view.store, view.store.release.days
    events = [each for each in store.events if each.zone_id in store.zones]
    if len(events) > 1:
        texts_ = [events[-1].name, events[-1].previous or events[-2].name]
    else:
        other = next((day for day in reversed(days) if day.date != view.day.date), None)
        zones = [zone for zone in store.zones if zone != view.zone.zone_id]
        texts_ = [f"{view.zone.zone_id}{AT}{view.day.date.isoformat()}"]
        if other is not None:
            texts_.append(f"{view.zone.zone_id}{AT}{other.date.isoformat()}")
        elif zones:
            texts_.append(f"{zones[0]}{AT}{view.day.date.isoformat()}")
    found = (read(store, slot, text) for slot, text in zip(SLOTS, texts_, strict=False))
    return [subject for subject in found if subject is not None]


def _given(view: View) -> list[Subject]:
    """What was chosen before, or stands in the address."""
    texts_ = {slot: st.session_state.get(_kept(slot), st.query_params.get(slot, "")) for slot in SLOTS}
    found = (read(view.store, slot, text) for slot, text in texts_.items())
    return [subject for subject in found if subject is not None] or usual(view)


def _row(view: View, subject: Subject) -> Subject:
    """The choices of one of those that are compared."""
    store, slot = view.store, subject.slot
    columns = iter(st.columns([4, 4, 3, 2] if store.events else [4, 3, 2], vertical_alignment="bottom"))
    event = None
    if store.events:
        names = {each.name: each for each in store.events if each.zone_id in store.zones}
        with next(columns):
            name = _select(
                view.say(WHAT, letter=subject.letter),
                f"{slot}_event",
                (*names, OTHER),
                subject.event.name if subject.event else OTHER,
                {OTHER: view.say(texts.OTHER_EVENT)},
            )
        event = names.get(name)
    if event is not None:
        found = read(store, slot, event.name) or subject
    else:
        zones = {each: label(zone, store.zones, view.language) for each, zone in store.zones.items()}
        days = {
            day.date.isoformat(): formats.long_date(day.date, view.language) for day in reversed(store.release.days)
        }
        with next(columns):
            title = view.say(WHERE, letter=subject.letter)
            zone = _select(title, f"{slot}_zone", tuple(zones), subject.zone.zone_id, zones)
        with next(columns):
            title = view.say(WHEN, letter=subject.letter)
            day = _select(title, f"{slot}_day", tuple(days), subject.day.date.isoformat(), days)
        found = read(store, slot, f"{zone}{AT}{day}") or subject
    if slot != SLOTS[0]:
        with next(columns):
            said = view.say(REMOVE, letter=subject.letter)
            st.button(said, icon=":material/close:", key=f"{slot}_away", on_click=_remove, args=(slot,))
    return found


def _select(title: str, key: str, options: tuple[str, ...], default: str, names: dict[str, str]) -> str:
    """A list to choose from; only ever one of the options."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = default
    return st.selectbox(title, options, format_func=lambda each: names.get(each, each), key=key) or default


def _kept(slot: str) -> str:
    """Under what name the session keeps a choice while other pages are shown."""
    return f"compared_{slot}"


def _add(slot: str, address: str) -> None:
    st.session_state[_kept(slot)] = address


def _remove(slot: str) -> None:
    st.session_state[_kept(slot)] = ""
    if slot in st.query_params:
        del st.query_params[slot]
    for name in ("event", "zone", "day"):
        st.session_state.pop(f"{slot}_{name}", None)
