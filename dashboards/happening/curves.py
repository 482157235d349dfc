"""The curve of a period: what is drawn, what is said of it, and the same as a table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from dashboards import cards, slots, states, texts
from dashboards.charts import Chart
from dashboards.curve import Drawn, curve, placed
from dashboards.happening import said
from dashboards.happening.course import Course
from dashboards.happening.timeline import DURING
from dashboards.happening.usual import LEAST_DAYS, one_by_one, usual_range
from dashboards.palette import Paint
from dashboards.texts import Text
from dashboards.view import View

KEY_LINE: Final = Text("people here, with the {confidence} interval", "personnes ici, avec l’intervalle à {confidence}")
KEY_SHARED: Final = Text(
    "hatched: the zone, or a piece of it, is counted together with neighbours",
    "hachuré : la zone, ou un morceau, est comptée avec des voisines",
)
KEY_EVENT: Final = Text("the hours of the event", "les heures de l’événement")
KEY_USUAL: Final = Text(
    "dashed: median of {days} other days of the same weekday; grey: eight in ten of them",
    "tirets : médiane de {days} autres jours, mêmes jours de semaine ; gris : huit sur dix d’entre eux",
)
KEY_DAYS: Final = Text(
    "dashed: other days of the same weekday, one by one; they are too few for a range",
    "tirets : d’autres jours, mêmes jours de semaine, un par un ; ils sont trop peu pour une plage",
)
KEY_EDITION: Final = Text(
    "dash-dotted: the last edition, hour by hour from its start",
    "trait mixte : la dernière édition, heure par heure depuis son début",
)
TIP_SHARED: Final = Text("{people} together with neighbours", "{people} avec des voisines")
TIP_EDITION: Final = Text("last edition: {people}", "dernière édition : {people}")
TIP_USUAL: Final = Text("usually {people}", "d’habitude {people}")
PEAK: Final = Text("{people} at {time}", "{people} à {time}")
COLUMNS: Final = (
    texts.TIME,
    texts.OF_PEOPLE,
    texts.OF_INTERVAL,
    texts.OF_DEVICES,
    Text("Together with neighbours", "Avec des voisines"),
    Text("Usually", "D’habitude"),
    Text("Last edition", "Dernière édition"),
    texts.OF_STATE,
)
DASHED: Final = f"repeating-linear-gradient(90deg,{cards.GREY} 0 5px,transparent 5px 8px)"
MIXED: Final = "repeating-linear-gradient(90deg,var(--hx-orange) 0 8px,transparent 8px 10px,var(--hx-orange) 10px 12px)"
SHADED: Final = "color-mix(in srgb,var(--hx-blue) 14%,transparent);outline:1px solid var(--hx-blue)"
MOST_NAMES: Final = 13
"""Hours that are named on the axis at most."""


def chart(view: View, course: Course, now: int | None, paint: Paint) -> Chart:
    """The curve; `now` is the place of the slot that the map shows."""
    frame = placed(course.slots).assign(tip=_tips(view, course))
    usual, lines = usual_range(course.slots, _usual(course)), one_by_one(course.slots, _usual(course))
    event = np.flatnonzero(course.slots["phase"] == DURING)
    peak = slots.peak(course.slots.where(course.slots["phase"] == DURING))
    drawn = Drawn(
        frame,
        hours(view, course),
        usual=_in_place(course, usual),
        lines=_in_place(course, lines),
        edition=_in_place(course, _edition(course)),
        event=(int(event[0]), int(event[-1]) + 1) if view.event is not None else None,
        now=now,
        peak=peak,
        peak_said="" if peak is None else _peak_said(view, course.slots.loc[peak]),
    )
    return curve(drawn, view.language, paint)


def key(view: View, course: Course) -> list[tuple[str, str]]:
    """What its lines and grounds stand for, as backgrounds and words."""
    days = len(_usual(course))
    found = [(cards.BLUE, view.say(KEY_LINE))]
    if view.event is not None:
        found.append((SHADED, view.say(KEY_EVENT)))
    if days:
        found.append((DASHED, view.say(KEY_USUAL if days >= LEAST_DAYS else KEY_DAYS, days=days)))
    if _edition(course) is not None:
        found.append((MIXED, view.say(KEY_EDITION)))
    if course.slots["shared_people"].notna().any():
        found.append((states.POOLED.look, view.say(KEY_SHARED)))
    statuses = set(course.slots["status"])
    return found + [
        (state.look, state.explained(view.language))
        for state in (states.DEGRADED, states.NO_DATA)
        if state.code in statuses
    ]


def table(view: View, course: Course) -> pd.DataFrame:
    """The slots as text."""
    compared = beside(course)
    several = course.slots["day"].nunique() > 1
    names = {state.code: view.say(state.name) for state in states.STATES}
    rows = [
        (
            said.moment(view, row["start"], weekday=several),
            *_own(view, row),
            _number(view, row["shared_people"]),
            _number(view, compared.loc[at, "usual"]),
            _number(view, compared.loc[at, "edition"]),
            names[row["status"]],
        )
        for at, row in course.slots.iterrows()
    ]
    columns = [view.say(column) for column in COLUMNS]
    found = pd.DataFrame(rows, columns=columns).set_index(columns[0])
    empty = [column for column in (columns[4], columns[5], columns[6]) if (found[column] == "").all()]
    return found.drop(columns=empty)


def beside(course: Course) -> pd.DataFrame:
    """For each slot what is usual (the median of other days, with its range) and what the last edition had."""
    usual, edition = usual_range(course.slots, _usual(course)), _edition(course)
    found = pd.DataFrame(index=course.slots.index)
    for name, source, column in (
        ("usual", usual, "median"),
        ("usual_low", usual, "low"),
        ("usual_high", usual, "high"),
        ("edition", edition, "people"),
    ):
        by_step = None if source is None else source.set_index("step")[column]
        found[name] = np.nan if by_step is None else by_step.reindex(course.slots["step"]).to_numpy()
    return found


def hours(view: View, course: Course) -> list[tuple[int, str]]:
    """The full hours that are named, evenly apart, on the local clock."""
    several = course.slots["day"].nunique() > 1
    full = [(int(place), start) for place, start in course.slots["start"].items() if start.minute == 0]
    apart = next((hours for hours in (1, 2, 3, 6, 12) if len(full) <= hours * MOST_NAMES), 24)
    named = [(place, start) for place, start in full if (start.hour - 1) % apart == 0 or apart == 1]
    return [(place, _hour(view, start, several)) for place, start in named]


def _usual(course: Course) -> Sequence[pd.DataFrame]:
    return [each.slots for each in course.like.get("weekday", ())]


def _edition(course: Course) -> pd.DataFrame | None:
    rows = [each.slots for each in course.like.get("edition", ())]
    return rows[0][["step", "people"]] if rows else None


def _in_place(course: Course, frame: pd.DataFrame | None) -> pd.DataFrame | None:
    """Where the slots of other periods are drawn; those beyond the period are left out."""
    if frame is None:
        return None
    place = frame["step"] - int(course.slots["step"].iloc[0])
    shown = frame.assign(middle=place + 0.5)
    return shown[(place >= 0) & (place < len(course.slots))]


def _hour(view: View, start: datetime, several: bool) -> str:
    weekday = said.short_weekday(view, start)
    return f"{weekday} {view.clock(start)}" if several else view.clock(start)


def _peak_said(view: View, row: pd.Series) -> str:
    return view.say(PEAK, people=view.number(row["people"]), time=view.clock(row["start"]))


def _tips(view: View, course: Course) -> list[str]:
    """What is said of each slot that is pointed at."""
    compared = beside(course)
    several = course.slots["day"].nunique() > 1
    return [_tip(view, row, compared.loc[at], several) for at, row in course.slots.iterrows()]


def _tip(view: View, row: pd.Series, compared: pd.Series, several: bool) -> str:
    lines = [said.moment(view, row["start"], weekday=several)]
    if pd.isna(row["people"]) and pd.isna(row["shared_people"]):
        lines.append(view.say(texts.NOTHING))
    if pd.notna(row["people"]):
        lines.append(view.say(texts.PEOPLE_BETWEEN, people=view.number(row["people"]), between=view.between(row)))
    if pd.notna(row["shared_people"]):
        lines.append(view.say(TIP_SHARED, people=view.number(row["shared_people"])))
    if row["status"] == states.DEGRADED.code:
        lines.append(view.say(states.DEGRADED.name))
    for name, text in (("usual", TIP_USUAL), ("edition", TIP_EDITION)):
        if pd.notna(compared[name]):
            lines.append(view.say(text, people=view.number(compared[name])))
    return " · ".join(lines)


def _own(view: View, row: pd.Series) -> tuple[str, str, str]:
    if pd.isna(row["people"]):
        return view.say(texts.NOTHING), "", ""
    return view.number(row["people"]), view.between(row), view.number(row["devices"])


def _number(view: View, value: float) -> str:
    return "" if pd.isna(value) else view.number(value)
