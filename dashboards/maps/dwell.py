"""How long the people stayed who came to each zone in the day: the class of dwell that holds the median."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from dashboards import queries, texts
from dashboards.baseline import Figure, figure_of
from dashboards.maps import legend
from dashboards.maps.area import Area
from dashboards.maps.legend import Legend
from dashboards.maps.people import zones_of
from dashboards.maps.shown import Shown
from dashboards.split import classes
from dashboards.states import NO_DATA, POOLED, PUBLISHED
from dashboards.texts import Text, value_name
from dashboards.view import View
from schemas.vocabulary import DWELL_BANDS, SEPARATOR

COLOURS: Final = ("#f0f7d9", "#d0ecb8", "#8dd3c0", "#41b6c4", "#225ea8", "#0c2c84")
"""ColorBrewer YlGnBu, one colour for each class; light is short."""
EDGES: Final = ("15 min", "30 min", "1 h", "2 h", "4 h", "8 h", "")
"""Where the classes of dwell begin and end; a visit has 15 minutes at least."""

TITLE: Final = Text("How long people stayed, by {kind}", "Combien de temps les personnes sont restées, par {kind}")
KEY: Final = Text("The class that holds the median", "La classe où se trouve la médiane")
CAME: Final = Text(
    "{people} people came in the day ({between})", "{people} personnes venues dans la journée ({between})"
)
MEDIAN: Final = Text("median stay: {band}", "durée médiane : {band}")
MERGED: Final = Text(
    "the class is merged with others: it cannot be told more closely",
    "la classe est réunie avec d’autres : on ne peut pas dire plus précisément",
)
TOGETHER: Final = Text("counted together: {zones}", "comptées ensemble : {zones}")
WHOLE_DAY: Final = Text(
    "Of the whole day: the time above makes no difference here. Classes are as published; no median is published.",
    "Sur toute la journée : l’heure ci-dessus n’y change rien. Les classes sont celles publiées ; aucune médiane ne "
    "l’est.",
)
COLUMNS: Final = (
    texts.ZONE,
    Text("Class of the median", "Classe de la médiane"),
    Text("People who came", "Personnes venues"),
    texts.OF_INTERVAL,
    texts.OF_STATE,
)


@dataclass(frozen=True)
class Stay:
    """The class of dwell that holds the median of a part, and how many people came to it."""

    band: str
    came: Figure | None


def by_zone(view: View, kind: str, finest: int) -> Shown:
    """The zones of a kind around the zone."""
    rows = view.store.ask(queries.DWELL_BY_ZONE, day=view.day.date.isoformat())
    wanted = {zone.zone_id for zone in zones_of(view, kind)}
    named = [(zone_id, of) for zone_id, of in rows.groupby("zone_id") if wanted & set(zone_id.split(SEPARATOR))]
    found = {str(zone_id): Stay(median_class(of), figure_of(of.iloc[0], "came")) for zone_id, of in named}
    areas = [_area(view, zone_id, stay) for zone_id, stay in found.items()]
    known = {each for zone_id in found for each in zone_id.split(SEPARATOR)}
    areas = [*(_nothing(view, each) for each in sorted(wanted - known)), *areas]
    title = view.say(TITLE, kind=texts.kind_name(kind, view.language))
    said = [view.say(WHOLE_DAY)]
    return Shown(title, areas, _legend(view, areas), _table(view, areas, found), _sheet(areas, found), finest, said)


def median_class(rows: pd.DataFrame) -> str:
    """The published class, in order of length, in which the first half of the people ends."""
    ordered = classes.in_order("dwell_band", rows)
    reached = ordered["people"].cumsum() >= ordered["people"].sum() / 2
    return str(ordered["value"][int(np.argmax(reached))])


def span(band: str) -> str:
    """From where to where a class reaches, as short as it can be written; several in order are one."""
    members = [DWELL_BANDS.index(each) for each in band.split(SEPARATOR)]
    low, high = EDGES[min(members)], EDGES[max(members) + 1]
    return f"{low} – {high}" if high else f"≥ {low}"


def _cells(view: View, zone_id: str) -> tuple[int, ...]:
    zones = [view.store.zones[each] for each in zone_id.split(SEPARATOR) if each in view.store.zones]
    return tuple(sorted({int(cell) for zone in zones for cell in zone.cells}))


def _area(view: View, zone_id: str, stay: Stay) -> Area:
    band = stay.band
    together, merged = SEPARATOR in zone_id, SEPARATOR in band
    name, said = view.area(zone_id), value_name("dwell_band", band, view.language)
    lines = [name, view.say(MEDIAN, band=said)]
    if stay.came:
        lines.append(view.say(CAME, people=view.number(stay.came.value), between=_between(view, stay.came)))
    if merged:
        lines.append(view.say(MERGED))
    if together:
        lines.append(view.say(TOGETHER, zones=name))
    fill = "" if merged else COLOURS[DWELL_BANDS.index(band)]
    state = POOLED if together or merged else PUBLISHED
    return Area(zone_id, name, _cells(view, zone_id), fill, state, state is POOLED, tuple(lines), span(band), said)


def _nothing(view: View, zone_id: str) -> Area:
    said = NO_DATA.explained(view.language)
    return Area(zone_id, view.area(zone_id), _cells(view, zone_id), "", NO_DATA, False, (view.area(zone_id), said))


def _legend(view: View, areas: list[Area]) -> Legend:
    names = [value_name("dwell_band", band, view.language) for band in DWELL_BANDS]
    colours = list(zip(COLOURS, names, strict=True))[::-1]
    return Legend(view.say(KEY), colours, legend.states_on(view, areas), view.say(legend.THE_ZONE))


def _between(view: View, figure: Figure) -> str:
    return view.say(texts.BETWEEN, low=view.number(figure.low), high=view.number(figure.high))


def _table(view: View, areas: list[Area], found: dict[str, Stay]) -> pd.DataFrame:
    rows = []
    for area in areas:
        stay = found.get(area.key)
        came = stay.came if stay else None
        rows.append(
            (
                area.name,
                value_name("dwell_band", stay.band, view.language) if stay else "",
                view.number(came.value) if came else "",
                _between(view, came) if came else "",
                view.say(area.state.name),
            )
        )
    zone, *others = (view.say(column) for column in COLUMNS)
    return pd.DataFrame(rows, columns=[zone, *others]).set_index(zone)


def _sheet(areas: list[Area], found: dict[str, Stay]) -> pd.DataFrame:
    rows = []
    for area in areas:
        stay = found.get(area.key)
        came = stay.came if stay else None
        rows.append(
            {
                "zone_id": area.key,
                "zone": area.name,
                "dwell_band": stay.band if stay else None,
                "people": came.value if came else None,
                "people_low": came.low if came else None,
                "people_high": came.high if came else None,
                "status": area.state.code,
                "cells": np.array(area.cells, np.uint64),
            }
        )
    return pd.DataFrame(rows)
