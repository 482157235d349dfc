"""What a reader asks of flows: of which days, of which hours, in which direction, and from how many people on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd
import streamlit as st

from anonymization.released import Day
from dashboards import queries, slots
from dashboards.choices import choice, chosen
from dashboards.flows import trips
from dashboards.queries import Value
from dashboards.store import Store
from dashboards.texts import Text
from dashboards.view import View
from dashboards.zones import Zone

DAYS: Final = Text("Days", "Jours")
THIS_DAY: Final = Text("this day", "ce jour")
MEAN_DAYS: Final = {
    "monday-friday": Text("mean Mon-Fri ({count} d)", "moyenne lun-ven ({count} j)"),
    "saturday": Text("mean Saturday ({count} d)", "moyenne samedi ({count} j)"),
    "sunday": Text("mean Sunday ({count} d)", "moyenne dimanche ({count} j)"),
}
FROM: Final = Text("Leaving from", "Départ à partir de")
UNTIL: Final = Text("Leaving before", "Départ avant")
DIRECTION: Final = Text("Flows", "Flux")
DIRECTIONS: Final = {
    "all": Text("between all zones of this kind", "entre toutes les zones de ce type"),
    "out": Text("out of the zone", "qui quittent la zone"),
    "in": Text("into the zone", "qui arrivent dans la zone"),
    "both": Text("out of it or into it", "qui la quittent ou y arrivent"),
}
LEAST: Final = Text("At least … people", "Au moins … personnes")
PUBLISHED: Final = Text("all that is published", "tout ce qui est publié")
STEPS: Final = (0, 100, 200, 500, 1000, 2000, 5000, 10_000)
"""Lower bounds that can be chosen; nothing below what is published is there to be shown."""


@dataclass(frozen=True)
class Asked:
    """`weekday` is the kind of days that a mean is of, "" for the day of the view; `days` are those days.

    Hours are those of the local clock; where `last` is not after `first`, the band goes over midnight.
    """

    weekday: str
    days: tuple[Day, ...]
    first: int
    last: int
    direction: str
    least: int

    @property
    def name(self) -> str:
        """What figures are of, for the names of files: the day, or a mean and its first and last day; and the hours."""
        dates = [day.date.isoformat() for day in self.days]
        days = f"mean-{self.weekday}-{min(dates)}-to-{max(dates)}" if self.mean else dates[0]
        return days if self.first == self.last else f"{days}-{self.first:02}h-{self.last:02}h"

    @property
    def mean(self) -> bool:
        """Whether figures are those of a mean day."""
        return self.weekday != ""


def asked(view: View) -> Asked:
    """Show the choices, and what was chosen."""
    kinds = by_weekday(view.store.release.days)
    columns = st.columns([3, 2, 2, 4, 3], vertical_alignment="bottom")
    start = slots.starts(view.day)[0].hour
    hours = [str((start + step) % 24) for step in range(24)]
    with columns[0]:
        of = choice(st.selectbox, "of", view.say(DAYS), ("day", *kinds), "day", lambda each: _days(view, kinds, each))
    with columns[1]:
        first = choice(st.selectbox, "from", view.say(FROM), hours, hours[0], lambda each: _clock(view, each))
    with columns[2]:
        until = choice(st.selectbox, "until", view.say(UNTIL), hours, hours[0], lambda each: _clock(view, each))
    with columns[3]:
        direction = choice(
            st.selectbox,
            "dir",
            view.say(DIRECTION),
            tuple(DIRECTIONS),
            "all",
            lambda each: DIRECTIONS[each].say(view.language),
        )
    with columns[4]:
        least = choice(
            st.selectbox, "least", view.say(LEAST), [str(step) for step in STEPS], "0", lambda each: _least(view, each)
        )
    return Asked(*_mean(view, kinds, of), int(first), int(until), direction, int(least))


def mean_of(store: Store) -> tuple[str, tuple[Day, ...]]:
    """The kind of days that a mean is asked of, and those days; "" and none for the day of the view."""
    kinds = by_weekday(store.release.days)
    of = chosen("of", ("day", *kinds), "day")
    return ("", ()) if of == "day" else (of, tuple(kinds[of]))


def by_weekday(days: Iterable[Day]) -> dict[str, list[Day]]:
    """The days that are over, by kind."""
    found: dict[str, list[Day]] = {kind: [] for kind in MEAN_DAYS}
    for day in days:
        if day.over:
            found[kind_of_day(day)].append(day)
    return {kind: some for kind, some in found.items() if some}


def kind_of_day(day: Day) -> str:
    """The kind of a day, by its date."""
    return {5: "saturday", 6: "sunday"}.get(day.date.weekday(), "monday-friday")


def pairs(view: View, asked: Asked, kind: str) -> pd.DataFrame:
    """The pairs of zones of a kind in the days and hours that are asked for."""
    band: dict[str, Value] = {"kind": kind, "from_hour": asked.first, "to_hour": asked.last}
    if asked.mean:
        return trips.of_mean_day(view.store.ask(queries.FLOWS_WEEKDAY_AVERAGE, **band), asked.weekday)
    return trips.of_day(view.store.ask(queries.FLOWS, day=asked.days[0].date.isoformat(), **band))


def counted_as(view: View, asked: Asked, zone: Zone) -> str:
    """The zone as it was counted on the day, alone or with others; a mean day is of the zone alone."""
    if asked.mean:
        return zone.zone_id
    rows = view.store.ask(queries.ATTENDANCE, zone=zone.zone_id, day=asked.days[0].date.isoformat())
    return str(rows["zone_id"].iloc[0]) if len(rows) else zone.zone_id


def of_zone(view: View, asked: Asked, zone: Zone) -> pd.DataFrame:
    """The trips of a zone by hour, of all hours of the days that are asked for."""
    dates = [day.date.isoformat() for day in asked.days]
    rows = view.store.ask(
        queries.FLOWS_OF_ZONE, zone=zone.zone_id, kind=zone.kind, first_day=min(dates), last_day=max(dates)
    )
    rows = rows[rows["day"].isin(dates)]
    if not asked.mean:
        return trips.of_zone(rows, 1)
    # An hour that the clock shows twice is one hour of a mean day.
    rows = rows.assign(clock=rows["clock"].str[:5])
    return trips.of_zone(rows, len(dates), {zone.zone_id})


def on(asked: Asked, day: Day) -> Asked:
    """The same of another day."""
    return replace(asked, days=(day,))


def in_band(rows: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """The rows of the hours that are asked for."""
    known = {clock: trips.in_band(int(clock[:2]), asked.first, asked.last) for clock in rows["clock"].unique()}
    return rows[rows["clock"].map(known).astype(bool)].reset_index(drop=True)


def _mean(view: View, kinds: dict[str, list[Day]], of: str) -> tuple[str, tuple[Day, ...]]:
    return ("", (view.day,)) if of == "day" else (of, tuple(kinds[of]))


def _days(view: View, kinds: dict[str, list[Day]], each: str) -> str:
    if each == "day":
        return view.say(THIS_DAY)
    return view.say(MEAN_DAYS[each], count=len(kinds[each]))


def _clock(view: View, hour: str) -> str:
    return f"{int(hour):02d}:00" if view.language == "en" else f"{int(hour)} h"


def _least(view: View, each: str) -> str:
    return view.say(PUBLISHED) if each == "0" else view.number(int(each))
