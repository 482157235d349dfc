"""The tables and pictures of the page to take away."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

import pandas as pd

from anonymization.released import Day
from dashboards import barchart
from dashboards.baseline import Difference, Figure
from dashboards.charts import Chart, svg
from dashboards.exports.taken import Picture, Sheet
from dashboards.happening import curves, movement_charts, phase_bars
from dashboards.happening.between import Between
from dashboards.happening.course import Course
from dashboards.happening.movement import Hour
from dashboards.happening.phases import Phase
from dashboards.maps import parts
from dashboards.maps.place import standing
from dashboards.overview.keyfigures import Compared
from dashboards.palette import LIGHT
from dashboards.states import DEGRADED, NO_DATA, POOLED, PUBLISHED
from dashboards.texts import Text
from dashboards.view import View
from schemas.vocabulary import DWELL_BANDS, SEPARATOR

SLOTS: Final = Text("People by slot", "Personnes par créneau")
DAYS: Final = Text("Who came, by day", "Venues par jour")
PHASES: Final = Text("Before, during, after", "Avant, pendant, après")
BETWEEN: Final = Text("Between two hours", "Entre deux heures")
MOVEMENT: Final = Text("Arrivals and departures by hour", "Arrivées et départs par heure")
MAP: Final = Text("The map at {time}", "La carte à {time}")

WIDTH: Final = 960
_MEASURES: Final = ("devices", "people", "people_low", "people_high")


def of_slots(view: View, course: Course) -> Sheet:
    """One row per slot."""
    rows = course.slots
    frame = pd.DataFrame(
        {
            "slot_start": rows["start"],
            "slot_end": rows["end"],
            "privacy_day": rows["day"],
            "phase": rows["phase"] if view.event is not None else None,
            **{name: rows[name] for name in _MEASURES},
            "people_with_neighbours": rows["shared_people"],
            **dict(curves.beside(course).items()),
            "status": rows["status"],
        }
    )
    return Sheet("slots", view.say(SLOTS), frame)


def of_days(view: View, found: Sequence[tuple[Day, Compared]]) -> Sheet:
    """One row per privacy day: those who came, the bands of the median of dwell, the share who live elsewhere."""
    return Sheet("days", view.say(DAYS), pd.DataFrame([_day(day, each) for day, each in found]))


def of_phases(view: View, found: Sequence[Phase]) -> Sheet:
    """One row per phase of an event."""
    rows = [
        {
            "phase": phase.code,
            **_figure("average", phase.average, phase.average_change),
            **_figure("most_at_once", phase.most, phase.most_change),
            "slots_with_a_figure": phase.told.published,
            "slots": phase.told.all,
            "status": _status(phase.average, phase.told.degraded),
        }
        for phase in found
    ]
    return Sheet("phases", view.say(PHASES), pd.DataFrame(rows))


def of_between(view: View, course: Course, found: Between) -> Sheet:
    """One row of the two hours that are chosen."""
    row = {
        "start": course.slots["start"].iloc[found.first],
        "end": course.slots["end"].iloc[found.last - 1],
        **_figure("most_at_once", found.most, found.most_change),
        **_figure("average", found.average, found.average_change),
        **_figure("person_hours", found.hours, found.hours_change),
        "slots_with_a_figure": found.told.published,
        "slots": found.told.all,
        "status": _status(found.average, found.told.degraded),
    }
    return Sheet("between", view.say(BETWEEN), pd.DataFrame([row]))


def of_hours(view: View, course: Course, found: Sequence[Hour]) -> Sheet:
    """One row per hour."""
    rows = [
        {
            "hour_start": course.slots.loc[hour.place, "start"],
            **_figure("change", hour.change),
            **_figure("trips_in", hour.arrived),
            **_figure("trips_out", hour.left),
            "status": _status(hour.change, 0),
        }
        for hour in found
    ]
    columns = [f"{name}{end}" for name in ("change", "trips_in", "trips_out") for end in ("", "_low", "_high")]
    return Sheet("movement", view.say(MOVEMENT), pd.DataFrame(rows, columns=["hour_start", *columns, "status"]))


def of_map(view: View, start: datetime) -> Sheet:
    """One row per published area that has to do with the zone at an instant, of the view's day."""
    found = parts.snapshot(view, start).parts
    own = found[found["touches"]]
    frame = own[["zone_id", "cells", "km2", *_MEASURES]].assign(
        slot_start=start, within_zone=own["inside"].astype(bool), status=[state.code for state in own["state"]]
    )
    return Sheet("map", view.say(MAP, time=view.clock(start)), frame.reset_index(drop=True))


def pictures(
    view: View, course: Course, phases: Sequence[Phase], hours: Sequence[Hour], at: View, start: datetime
) -> list[Picture]:
    """What is drawn on the page, made when it is taken; `at` is the view of the day of the map's moment."""
    found: list[tuple[str, Text, Callable[[], Chart], int]] = []
    if course.slots["people"].notna().any():
        change = partial(movement_charts.changes, view, course, hours, LIGHT)
        found.append(("curve", SLOTS, partial(curves.chart, view, course, None, LIGHT), 320))
        found.append(("change", movement_charts.CHANGE, change, 240))
    if any(phase.average for phase in phases):
        bars = phase_bars.averages(view, list(phases))
        drawn = partial(barchart.chart, bars, view.language, LIGHT)
        found.append(("phases", phase_bars.AVERAGE, drawn, barchart.ROW * 3))
    if movement_charts.has_trips(hours):
        trips = partial(movement_charts.trips, view, course, hours, LIGHT)
        found.append(("trips", movement_charts.TRIPS, trips, 240))
    charts = [Picture(name, view.say(title), partial(_svg, chart, height)) for name, title, chart, height in found]
    return [*charts, Picture("map", view.say(MAP, time=view.clock(start)), partial(standing, at, start))]


def _svg(chart: Callable[[], Chart], height: int) -> str:
    return svg(chart(), WIDTH, height)


def _day(day: Day, found: Compared) -> dict[str, object]:
    now = found.now
    dwell, away = now.dwell, None if now.away is None or now.away.one_sided else now.away
    return {
        "privacy_day": day.date.isoformat(),
        "zone_id": now.part or None,
        "devices": now.devices if now.came is not None else None,
        **_figure("came", now.came, found.came),
        "median_stay_from": DWELL_BANDS[dwell.first] if dwell else None,
        "median_stay_to": DWELL_BANDS[dwell.last] if dwell else None,
        "live_elsewhere_least": away.least if away else None,
        "live_elsewhere_most": away.most if away else None,
        "live_elsewhere_low": away.low if away else None,
        "live_elsewhere_high": away.high if away else None,
        "status": POOLED.code if SEPARATOR in now.part else _status(now.came, 0),
    }


def _figure(name: str, figure: Figure | None, change: Difference | None = None) -> dict[str, object]:
    """A figure with its interval, and with what it is compared with where it is."""
    columns: dict[str, object] = {
        name: None if figure is None else figure.value,
        f"{name}_low": None if figure is None else figure.low,
        f"{name}_high": None if figure is None else figure.high,
    }
    if change is not None:
        columns |= {f"{name}_compared_with": change.then.value, f"{name}_significant": change.significant}
    return columns


def _status(figure: Figure | None, degraded: int) -> str:
    return NO_DATA.code if figure is None else DEGRADED.code if degraded else PUBLISHED.code
