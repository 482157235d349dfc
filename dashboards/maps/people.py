"""How many people are where at an instant: by published part, or by zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pandas as pd

from dashboards import queries, texts
from dashboards.baseline import Figure, figure_of
from dashboards.maps import legend, parts, place
from dashboards.maps.area import Area
from dashboards.maps.mapframe import colour, frame_of
from dashboards.maps.missing import missing
from dashboards.maps.parts import PER_KM2, snapshot
from dashboards.maps.shown import Shown
from dashboards.states import NO_DATA, POOLED, PUBLISHED, State
from dashboards.texts import Text
from dashboards.view import View
from dashboards.zones import Zone

TITLE: Final = Text("People at {time}", "Personnes à {time}")
BY_ZONE: Final = Text("People at {time}, by {kind}", "Personnes à {time}, par {kind}")
NO_PARTS: Final = Text("Nothing was published here at this time.", "Rien n’a été publié ici à cette heure.")
WITH_OTHERS: Final = Text(
    "counted together with neighbours: {own} people in areas of its own, {shared} in areas that reach beyond it",
    "comptée avec des voisines : {own} personnes dans des secteurs propres, {shared} dans d’autres qui la dépassent",
)
POOLED_ZONES: Final = Text(
    "{count} of {all} zones have no figure of their own at this time: their areas reach beyond them, or nothing was "
    "published.",
    "{count} zones sur {all} n’ont pas de chiffre propre à cette heure : leurs secteurs les dépassent, ou rien n’a été "
    "publié.",
)
COLUMNS: Final = (
    texts.ZONE,
    texts.OF_PEOPLE,
    texts.OF_INTERVAL,
    texts.OF_DEVICES,
    texts.OF_DENSITY,
    texts.OF_STATE,
)


@dataclass(frozen=True)
class ZoneFigure:
    """What was published of a zone at an instant: of its own parts, and of those that reach beyond it; None of none."""

    zone: Zone
    own: pd.Series | None
    shared: pd.Series | None

    @property
    def state(self) -> State:
        """Published where no part reaches beyond the zone."""
        if self.shared is not None:
            return POOLED
        return NO_DATA if self.own is None else PUBLISHED

    @property
    def figure(self) -> Figure | None:
        """The people of a zone that has a figure of its own."""
        return figure_of(self.own) if self.own is not None and self.shared is None else None


def by_part(view: View, moment: datetime) -> Shown:
    """The published parts around the zone."""
    found = snapshot(view, moment)
    areas = place.with_missing(view, found)
    key = place.key_of(view, found, areas)
    title = view.say(TITLE, time=view.clock(moment))
    said = [place.pooled_share(view, found, moment)] if len(found.parts) else [view.say(NO_PARTS)]
    return Shown(
        title,
        areas,
        key,
        place.table(view, found, around=True),
        _part_sheet(view, moment, found.parts),
        found.finest,
        said,
    )


def by_zone(view: View, moment: datetime, kind: str) -> Shown:
    """The zones of a kind around the zone."""
    found = snapshot(view, moment)
    figures = zone_figures(view, moment, kind)
    areas = [_zone_area(view, each, found.bounds) for each in figures]
    back = missing(view, frame_of(view.zone), areas, found.finest)
    drawn = [area for area in back if area.state is not NO_DATA] + areas
    title = view.say(BY_ZONE, time=view.clock(moment), kind=texts.kind_name(kind, view.language))
    key = legend.density(view, place.DENSITY, found.bounds, drawn)
    apart = sum(each.state is not PUBLISHED for each in figures)
    said = [view.say(POOLED_ZONES, count=apart, all=len(figures)), place.pooled_share(view, found, moment)]
    return Shown(title, drawn, key, _zone_table(view, figures), zone_sheet(view, moment, figures), found.finest, said)


def zone_figures(view: View, moment: datetime, kind: str) -> list[ZoneFigure]:
    """What was published of each zone of a kind that is not sensitive and in view."""
    rows = view.store.ask(
        queries.PRESENCE_BY_ZONE,
        day=view.store.day_of(moment).date.isoformat(),
        at=moment.astimezone(UTC).isoformat(),
        kind=kind,
    )
    sides = {(row["zone_id"], bool(row["inside"])): row for _, row in rows.iterrows()}
    return [
        ZoneFigure(zone, sides.get((zone.zone_id, True)), sides.get((zone.zone_id, False)))
        for zone in zones_of(view, kind)
    ]


def zones_of(view: View, kind: str) -> list[Zone]:
    """The zones of a kind that are not sensitive and in view."""
    frame = frame_of(view.zone)
    zones = view.store.zones.values()
    return [zone for zone in zones if zone.kind == kind and not zone.sensitive and frame.meets(zone.bounds)]


def _zone_area(view: View, found: ZoneFigure, bounds: Sequence[float]) -> Area:
    name, cells = found.zone.name, tuple(int(cell) for cell in found.zone.cells)
    own, state = found.own, found.state
    if state is PUBLISHED and own is not None:
        lines = [
            name,
            view.say(texts.PEOPLE_BETWEEN, people=view.number(own["people"]), between=view.between(own)),
            view.say(PER_KM2, density=parts.density(view, own), area=view.number(own["km2"], 1)),
        ]
        figure = f"{view.number(own['people'])} {view.say(texts.PEOPLE)}"
        fill = colour(float(own["people"]) / float(own["km2"]), bounds)
        return Area(
            found.zone.zone_id, name, cells, fill, state, False, tuple(lines), view.number(own["people"]), figure
        )
    lines = [name, state.explained(view.language)]
    if state is POOLED:
        lines.append(_together(view, found))
    return Area(found.zone.zone_id, name, cells, "", state, state is POOLED, tuple(lines))


def _together(view: View, found: ZoneFigure) -> str:
    own = 0 if found.own is None else found.own["people"]
    shared = 0 if found.shared is None else found.shared["people"]
    return view.say(WITH_OTHERS, own=view.number(own), shared=view.number(shared))


def _zone_table(view: View, figures: Sequence[ZoneFigure]) -> pd.DataFrame:
    rows = [(each.zone.name, *_written(view, each), view.say(each.state.name)) for each in in_order(figures)]
    zone, *others = (view.say(column) for column in COLUMNS)
    return pd.DataFrame(rows, columns=[zone, *others]).set_index(zone)


def in_order(figures: Sequence[ZoneFigure]) -> list[ZoneFigure]:
    """Zones with the most people first, those without a figure of their own last."""
    return sorted(figures, key=lambda each: (each.figure is None, -(each.figure.value if each.figure else 0)))


def _written(view: View, found: ZoneFigure) -> tuple[str, str, str, str]:
    if found.figure is None or found.own is None:
        return "", "", "", ""
    row = found.own
    return view.number(row["people"]), view.between(row), view.number(row["devices"]), parts.density(view, row)


def zone_sheet(view: View, moment: datetime, figures: Sequence[ZoneFigure]) -> pd.DataFrame:
    """One row per zone, with its cells and the code of its state; no figure where it has none of its own."""
    measures = ("devices", "people", "people_low", "people_high")
    rows = [
        {
            "window_start": moment.astimezone(UTC),
            "zone_id": each.zone.zone_id,
            "zone": each.zone.name,
            **{name: None if each.figure is None or each.own is None else float(each.own[name]) for name in measures},
            "status": each.state.code,
            "cells": each.zone.cells,
        }
        for each in figures
    ]
    return pd.DataFrame(rows)


def _part_sheet(view: View, moment: datetime, rows: pd.DataFrame) -> pd.DataFrame:
    measures = ["hexagons", "km2", "devices", "people", "people_low", "people_high"]
    return pd.DataFrame(
        {
            "window_start": [moment.astimezone(UTC)] * len(rows),
            "zone_id": rows["zone_id"],
            "zone": [view.area(zone_id) for zone_id in rows["zone_id"]],
            **{name: rows[name] for name in measures},
            "status": [state.code for state in rows["state"]],
            "cells": rows["cells"],
        }
    )
