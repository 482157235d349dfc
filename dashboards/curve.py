"""The curve of presence: people by slot with their interval, beside usual days and the last edition."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import altair as alt
import pandas as pd

from dashboards.charts import Chart, dressed
from dashboards.palette import Paint
from dashboards.states import DEGRADED, NO_DATA
from dashboards.texts import Language

HEIGHT: Final = 300
MOST_DASHES: Final = 9
"""Strokes of the hatching, one above the other."""

_WHOLE: Final[dict[str, object]] = {"y": alt.value(0), "y2": alt.value("height")}
_LATE: Final = 0.75
"""The share of the axis beyond which words have no room on the right."""


@dataclass(frozen=True)
class Drawn:
    """What a curve shows.

    `slots`: one row a slot as `placed` gives it, with `tip` said of each. `hours`: the places that are named on the
    axis. `usual`: what `usual_range` gives, or null. `lines`: usual days one by one (`place`, `line`, `people`), where
    they are too few for a range. `edition`: the last edition (`middle`, `people`). `event`: from where to where it is.
    `now`: the slot that the map shows. `said`: the names of `event` and `peak`.
    """

    slots: pd.DataFrame
    hours: Sequence[tuple[int, str]]
    usual: pd.DataFrame | None = None
    lines: pd.DataFrame | None = None
    edition: pd.DataFrame | None = None
    event: tuple[int, int] | None = None
    now: int | None = None
    peak: int | None = None
    peak_said: str = ""


def curve(drawn: Drawn, language: Language, paint: Paint) -> Chart:
    """The chart. Slots without a figure are gaps; the axis counts slots, so that days of 23 and 25 hours are right."""
    x = alt.X(
        "middle:Q", title=None, axis=hour_axis(drawn.hours), scale=alt.Scale(domain=[0, len(drawn.slots)], nice=False)
    )
    ground = [*_event(drawn, paint), *_states(drawn.slots, paint)]
    people = alt.layer(*_usual(drawn, x, paint), *_edition(drawn, x, paint), *_own(drawn, x, paint))
    layers = [*ground, people, _tips(drawn.slots)]
    # What lies below has a scale of its own, from 0 at the bottom to 1 at the top.
    chart = alt.layer(*layers).resolve_scale(y="independent").properties(height=HEIGHT)
    return dressed(chart, language, paint)


def placed(slots: pd.DataFrame) -> pd.DataFrame:
    """The slots with where each is drawn, `place` to `after`, and whether a part of the zone is `shared`."""
    place = pd.Series(range(len(slots)), dtype="int64")
    return slots[["people", "people_low", "people_high", "status"]].assign(
        place=place, middle=place + 0.5, after=place + 1, shared=slots["shared_people"].notna()
    )


def hour_axis(hours: Sequence[tuple[int, str]]) -> alt.Axis:
    """An axis of places that names some of them."""
    names = {str(place): name for place, name in hours}
    return alt.Axis(
        values=[place for place, _ in hours],
        labelExpr=f"{json.dumps(names)}[datum.value]",
        grid=True,
        labelOverlap=True,
        # In pixels: a name that would end beyond the chart is left out.
        labelBound=5,
    )


def _own(drawn: Drawn, x: alt.X, paint: Paint) -> list[alt.Chart]:
    base = alt.Chart(drawn.slots)
    layers = [
        base.mark_area(color=paint.blue, opacity=0.25).encode(x=x, y=_people("people_low"), y2="people_high:Q"),
        base.mark_line(color=paint.blue, strokeWidth=2.5).encode(x=x, y=_people("people")),
    ]
    if drawn.now is not None:
        moment = base.transform_filter(alt.datum.place == drawn.now)
        layers.append(moment.mark_rule(color=paint.vermillion, strokeWidth=2, strokeDash=[5, 3]).encode(x=x))
    if drawn.peak is not None:
        top = base.transform_filter(alt.datum.place == drawn.peak).encode(x=x, y=_people("people"))
        layers.append(top.mark_point(color=paint.blue, filled=True, size=90, opacity=1, stroke=paint.ground))
        align, dx = _beside(drawn)
        layers.append(
            top.mark_text(
                text=drawn.peak_said, dy=-14, align=align, dx=dx, fontSize=13, fontWeight=600, color=paint.ink
            )
        )
    return layers


def _beside(drawn: Drawn) -> tuple[Literal["left", "center", "right"], int]:
    """Where the words of the peak stand, and how many pixels aside: beside the line of the moment where it is there."""
    if drawn.peak is None or drawn.now != drawn.peak:
        return "center", 0
    return ("right", -8) if drawn.peak > len(drawn.slots) * _LATE else ("left", 8)


def _usual(drawn: Drawn, x: alt.X, paint: Paint) -> list[alt.Chart]:
    if drawn.usual is not None:
        base = alt.Chart(drawn.usual)
        return [
            base.mark_area(color=paint.grey, opacity=0.22).encode(x=x, y=_people("low"), y2="high:Q"),
            base.mark_line(color=paint.grey, strokeWidth=2, strokeDash=[6, 4]).encode(x=x, y=_people("median")),
        ]
    if drawn.lines is not None:
        line = alt.Chart(drawn.lines).mark_line(color=paint.grey, strokeWidth=1, strokeDash=[6, 4])
        return [line.encode(x=x, y=_people("people"), detail="line:N")]
    return []


def _edition(drawn: Drawn, x: alt.X, paint: Paint) -> list[alt.Chart]:
    if drawn.edition is None:
        return []
    line = alt.Chart(drawn.edition).mark_line(color=paint.orange, strokeWidth=2.5, strokeDash=[10, 3, 2, 3])
    return [line.encode(x=x, y=_people("people"))]


def _event(drawn: Drawn, paint: Paint) -> list[alt.Chart]:
    """The hours of the event as a lighter or darker ground between two lines."""
    if drawn.event is None:
        return []
    start, end = drawn.event
    base = alt.Chart(pd.DataFrame({"place": [start], "after": [end]}))
    sides = alt.Chart(pd.DataFrame({"place": [start, end]}))
    return [
        base.mark_rect(color=paint.blue, opacity=0.08).encode(x=_place(), x2="after:Q", **_WHOLE),
        sides.mark_rule(color=paint.blue, strokeWidth=1).encode(x=_place(), **_WHOLE),
    ]


def _states(slots: pd.DataFrame, paint: Paint) -> list[alt.Chart]:
    """The looks of `states`: stripes for pools, upright lines where a cell was silent, dots where nothing is known."""
    layers = []
    heights = pd.DataFrame({"height": [number / MOST_DASHES for number in range(MOST_DASHES)]})
    shared = slots[slots["shared"]][["place", "after"]]
    if len(shared):
        ground = alt.Chart(shared).mark_rect(color=paint.shared, opacity=1)
        layers.append(ground.encode(x=_place(), x2="after:Q", **_WHOLE))
        dashes = shared.merge(heights, how="cross").assign(top=lambda rows: rows["height"] + 1 / MOST_DASHES)
        stroke = alt.Chart(dashes).mark_rule(color=paint.text, strokeWidth=1, opacity=0.55)
        layers.append(stroke.encode(x=_place(), x2="after:Q", y=_height("height"), y2="top:Q"))
    silent = slots[slots["status"] == DEGRADED.code][["place", "middle"]]
    if len(silent):
        lines = pd.concat([silent[["place"]], silent[["middle"]].set_axis(["place"], axis=1)])
        stroke = alt.Chart(lines).mark_rule(color=paint.vermillion, strokeWidth=1.5, opacity=0.6)
        layers.append(stroke.encode(x=_place(), **_WHOLE))
    nothing = slots[slots["status"] == NO_DATA.code][["middle"]]
    if len(nothing):
        dots = nothing.merge(heights, how="cross").assign(height=lambda rows: rows["height"] + 0.5 / MOST_DASHES)
        mark = alt.Chart(dots).mark_circle(color=paint.grey, size=9, opacity=1)
        layers.append(mark.encode(x=alt.X("middle:Q"), y=_height("height")))
    return layers


def _tips(slots: pd.DataFrame) -> alt.Chart:
    ground = alt.Chart(slots).mark_rect(opacity=0)
    found: alt.Chart = ground.encode(x=_place(), x2="after:Q", tooltip=alt.Tooltip("tip:N", title=" "), **_WHOLE)
    return found


def _place() -> alt.X:
    return alt.X("place:Q", title=None)


def _height(column: str) -> alt.Y:
    return alt.Y(f"{column}:Q", axis=None, scale=alt.Scale(domain=[0, 1]))


def _people(column: str) -> alt.Y:
    return alt.Y(f"{column}:Q", title=None, scale=alt.Scale(zero=True, nice=True))
