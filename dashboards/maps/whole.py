"""The zone as a whole at the time of the map, with its interval and with what it is compared with."""

from typing import Final

import pandas as pd

from anonymization.released import Day
from dashboards import queries, slots, texts
from dashboards.baseline import Figure, figure_of
from dashboards.cards import Card
from dashboards.texts import Text
from dashboards.view import View
from dashboards.zones import Zone

TITLE: Final = Text("{zone} at {time}", "{zone} à {time}")
BEYOND: Final = Text(
    "{people} more are in areas that reach beyond the zone", "{people} autres sont dans des secteurs qui la dépassent"
)
NONE: Final = Text(
    "no figure of its own at this time: not zero", "pas de chiffre propre à cette heure : ce n’est pas zéro"
)


def card(view: View, now: int) -> Card:
    """The people in the zone in a slot of the day, those in its own areas."""
    row = _slots(view, view.zone, view.day).loc[now]
    title = view.say(TITLE, zone=view.zone.name, time=view.clock(row["start"]))
    beyond = [] if pd.isna(row["shared_people"]) else [view.say(BEYOND, people=view.number(row["shared_people"]))]
    figure = figure_of(row)
    if figure is None:
        return Card(title, "—", (view.say(NONE), *beyond))

    def same(zone: Zone, day: Day) -> Figure | None:
        rows = _slots(view, zone, day)
        found = rows[rows["name"] == row["name"]]
        return figure_of(found.iloc[0]) if len(found) else None

    found = view.compared(figure, same)
    compared = () if found is None else (view.difference(found),)
    between = view.say(texts.BETWEEN, low=view.number(figure.low), high=view.number(figure.high))
    lines = (view.say(texts.PEOPLE), view.say(texts.INTERVAL, between=between), *beyond)
    return Card(title, view.number(figure.value), lines, compared)


def _slots(view: View, zone: Zone, day: Day) -> pd.DataFrame:
    rows = view.store.ask(queries.PRESENCE, zone=zone.zone_id, day=day.date.isoformat())
    return slots.by_slot(day, rows)
