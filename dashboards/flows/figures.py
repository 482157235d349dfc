"""The figures of a zone's trips: out of it, into it, within it, its busiest hour, and how much is merged."""

from collections.abc import Callable
from typing import Final

import pandas as pd

from anonymization.released import Day
from dashboards.arithmetic import total
from dashboards.baseline import Figure
from dashboards.cards import Card
from dashboards.flows import chosen as flow_choices
from dashboards.flows import trips, written
from dashboards.flows.chosen import Asked
from dashboards.flows.departures import hour_name
from dashboards.texts import Text
from dashboards.view import View
from dashboards.zones import Zone

OUT: Final = Text("Trips out of the zone", "Déplacements au départ")
IN: Final = Text("Trips into the zone", "Déplacements à destination")
WITHIN: Final = Text("Trips within the zone", "Déplacements internes")
BUSIEST: Final = Text("Busiest hour", "Heure la plus chargée")
MERGED: Final = Text("Trips in merged pairs", "Déplacements en paires réunies")
TRIPS: Final = Text("{people} trips, out and in", "{people} déplacements, départs et arrivées")
TOGETHER: Final = Text(
    "{people} more are in pools that the zone is one of, in {hours} hours",
    "{people} autres sont dans des regroupements dont la zone fait partie, en {hours} heures",
)
TOGETHER_ONCE: Final = Text(
    "{people} more are in pools that the zone is one of, in one hour",
    "{people} autres sont dans des regroupements dont la zone fait partie, en une heure",
)
NOT_ALONE: Final = Text("not published alone", "non publié à part")
BETWEEN_INNER: Final = Text(
    "between the zones inside it, as far as they are published",
    "entre les zones qu’elle contient, si elles sont publiées",
)
NO_INNER: Final = Text(
    "a trip leads from one zone to another, and there is none inside this one",
    "un déplacement mène d’une zone à une autre, et celle-ci n’en contient pas",
)
OF_SHOWN: Final = Text(
    "of the trips shown below; what is merged is of at least {k} {unit} all together",
    "des déplacements montrés plus bas ; ce qui est réuni porte sur au moins {k} {unit} ensemble",
)
NO_TRIPS: Final = Text("no trips are published", "aucun déplacement n’est publié")


def figures(
    view: View, asked: Asked, hourly: pd.DataFrame, everything: pd.DataFrame, pairs: pd.DataFrame
) -> list[Card]:
    """The cards; `hourly` as `flow_choices.of_zone` has it, `everything` all pairs, `pairs` those that are shown."""
    rows = flow_choices.in_band(hourly, asked)
    return [
        _direction(view, asked, everything, rows, "out", OUT),
        _direction(view, asked, everything, rows, "in", IN),
        _within(view, asked),
        _busiest(view, asked, rows),
        _merged(view, pairs),
    ]


def alone(pairs: pd.DataFrame, end: str, part: str) -> Figure | None:
    """The trips of the pairs in which a zone, or the zones that it was counted with, alone is that end."""
    return total(pairs[pairs[end] == part])


def clock_figure(rows: pd.DataFrame, clock: str) -> Figure | None:
    """The trips of an hour, out and in."""
    return total(rows[(rows["clock"] == clock) & rows["alone"]])


def busiest_hour(rows: pd.DataFrame) -> str | None:
    """The hour with the most trips out and in, the first of several; None where none has a figure."""
    sums = rows[rows["alone"]].groupby("clock", sort=False)["people"].sum()
    return None if sums.empty else str(sums.idxmax())


def inner_zones(view: View) -> list[Zone]:
    """The zones right inside the zone, without sensitive ones."""
    found = view.store.zones.values()
    return [zone for zone in found if zone.parent == view.zone.zone_id and not zone.sensitive]


def within(view: View, asked: Asked) -> Figure | None:
    """The trips between zones right inside the zone; None where none is published."""
    inner = inner_zones(view)
    found = []
    for kind in dict.fromkeys(zone.kind for zone in inner):
        own = {zone.zone_id for zone in inner if zone.kind == kind}
        others = [z for z in view.store.zones.values() if z.kind == kind and not z.sensitive]
        everywhere = all(zone.zone_id in own for zone in others)
        found.append(trips.within(flow_choices.pairs(view, asked, kind), own, everywhere))
    return total(pd.concat(found)) if found else None


def _direction(view: View, asked: Asked, pairs: pd.DataFrame, rows: pd.DataFrame, direction: str, title: Text) -> Card:
    end = "origin" if direction == "out" else "destination"
    found = alone(pairs, end, flow_choices.counted_as(view, asked, view.zone))

    def same(zone: Zone, day: Day) -> Figure | None:
        other = flow_choices.on(asked, day)
        part = flow_choices.counted_as(view, other, zone)
        return alone(flow_choices.pairs(view, other, zone.kind), end, part)

    shared = rows[(rows["direction"] == direction) & ~rows["alone"]]
    lines = []
    if len(shared):
        people, hours = view.people(shared["people"].sum()), shared["clock"].nunique()
        lines.append(view.say(TOGETHER_ONCE if hours == 1 else TOGETHER, people=people, hours=hours))
    more = bool(len(shared)) or trips.partial(pairs[pairs[end] == flow_choices.counted_as(view, asked, view.zone)])
    return _card(view, asked, title, found, lines, same, more)


def _within(view: View, asked: Asked) -> Card:
    if not inner_zones(view):
        return Card(view.say(WITHIN), "—", (view.say(NO_INNER),))
    return _card(view, asked, WITHIN, within(view, asked), [view.say(BETWEEN_INNER)], None, True)


def _busiest(view: View, asked: Asked, rows: pd.DataFrame) -> Card:
    clock = busiest_hour(rows)
    if clock is None:
        return Card(view.say(BUSIEST), "—", (view.say(NOT_ALONE),))
    found = clock_figure(rows, clock)
    at = rows[rows["clock"] == clock]
    more = not at["alone"].all() or trips.partial(at)
    lines = []
    if found is not None:
        people = written.people(view, found.value, more)
        lines = [view.say(TRIPS, people=people), written.interval(view, found, more)]

    def same(zone: Zone, day: Day) -> Figure | None:
        return clock_figure(flow_choices.of_zone(view, flow_choices.on(asked, day), zone), clock)

    compared = _compared(view, asked, found, same)
    return Card(view.say(BUSIEST), hour_name(view, clock), lines, compared)


def _merged(view: View, pairs: pd.DataFrame) -> Card:
    share = trips.pooled_share(pairs)
    if share is None:
        return Card(view.say(MERGED), "—", (view.say(NO_TRIPS),))
    return Card(view.say(MERGED), view.percent(share), (view.say(OF_SHOWN),))


def _card(
    view: View,
    asked: Asked,
    title: Text,
    found: Figure | None,
    lines: list[str],
    same: Callable[[Zone, Day], Figure | None] | None,
    more: bool,
) -> Card:
    if found is None:
        return Card(view.say(title), "—", (view.say(NOT_ALONE), *lines))
    said = (written.interval(view, found, more), *lines)
    return Card(view.say(title), written.people(view, found.value, more), said, _compared(view, asked, found, same))


def _compared(
    view: View, asked: Asked, found: Figure | None, same: Callable[[Zone, Day], Figure | None] | None
) -> tuple[str, ...]:
    """The figure against the same of other days; a mean day is compared with nothing."""
    if asked.mean or same is None:
        return ()
    difference = view.compared(found, same)
    return () if difference is None else (view.difference(difference),)
