"""The page that compares: up to four zones, days or events side by side, on the same scales."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import pandas as pd
import streamlit as st

from dashboards import charts, layout, palette, tables
from dashboards.choices import choice
from dashboards.comparing import multiples, subjects
from dashboards.comparing import shown as comparison
from dashboards.comparing.compared import Distance, distances, figures, people_by_slot
from dashboards.comparing.multiples import Axes
from dashboards.comparing.shown import Panel
from dashboards.comparing.subjects import Subject
from dashboards.exports import buttons
from dashboards.exports.taken import Picture, Sheet, Taken
from dashboards.page import Page
from dashboards.states import NO_DATA, POOLED, PUBLISHED
from dashboards.texts import Text
from dashboards.view import View

ALIGN: Final = Text("Curves side by side", "Courbes alignées")
ALIGNS: Final = {
    "clock": Text("by the clock", "selon l’heure"),
    "start": Text("by hours from the start", "en heures depuis le début"),
}
SCALE: Final = Text("Curves show", "Les courbes montrent")
SCALES: Final = {
    "people": Text("people", "des personnes"),
    "index": Text("an index: {letter} = 100 at each hour", "un indice : {letter} = 100 à chaque heure"),
}
CURVES: Final = Text("Curves of presence", "Courbes de présence")
FROM_START: Final = Text(
    "Hours are counted from the start of the event; those that are no event from the beginning of their day.",
    "Les heures sont comptées depuis le début de l’événement ; pour ce qui n’en est pas un, depuis le début du jour.",
)
DAY_OF_EVENT: Final = Text(
    "Figures of an event are those of its zone on the whole day on which it begins.",
    "Les chiffres d’un événement sont ceux de sa zone sur toute la journée où il commence.",
)
HOW: Final = Text(
    "The interval of a difference goes from the least to the most that both figures allow. It holds zero where the two "
    "intervals overlap, and the difference is then not significant. Zones that are counted together with "
    "others are not compared.",
    "L’intervalle d’un écart va du moins au plus que permettent les deux chiffres. Il contient zéro là où les deux "
    "intervalles se recouvrent, et l’écart n’est alors pas significatif. Des zones comptées avec d’autres ne "
    "sont pas comparées.",
)


def render(view: View) -> None:
    """Show the page."""
    chosen = subjects.asked(view)
    align, scale = _choices(view, chosen)
    panels = _panels(view, chosen, align, scale)
    if not any(each.figure for panel in panels for each in panel.figures):
        layout.no_figure(view)
    shared = multiples.axes(
        [panel.shown for panel in panels], _labels(view, align), 100.0 if scale == "index" else None
    )
    comparison.show(view, panels, shared)
    st.subheader(view.say(comparison.FIGURES), anchor=False)
    tables.show(comparison.figure_table(view, panels))
    found = distances(panels[0].figures, [panel.figures for panel in panels[1:]])
    if found:
        st.subheader(view.say(comparison.DIFFERENCES, letter=chosen[0].letter), anchor=False)
        tables.show(comparison.difference_table(view, chosen[0], found))
        st.caption(view.say(HOW))
    if align == "start":
        st.caption(view.say(FROM_START))
    if any(subject.event for subject in chosen):
        st.caption(view.say(DAY_OF_EVENT))
    layout.interval_covers(view)
    _offer(view, panels, found, shared)


def _choices(view: View, chosen: Sequence[Subject]) -> tuple[str, str]:
    """How curves are aligned, and what they show."""
    columns = iter(st.columns([4, 4, 3]))
    aligns = tuple(ALIGNS) if any(subject.event for subject in chosen) else ("clock",)
    scales = tuple(SCALES) if len(chosen) > 1 else ("people",)
    align, scale = aligns[0], scales[0]
    if len(aligns) > 1:
        with next(columns):
            align = choice(st.selectbox, "align", view.say(ALIGN), aligns, align, lambda each: view.say(ALIGNS[each]))
    if len(scales) > 1:
        with next(columns):
            scale = choice(
                st.selectbox,
                "scale",
                view.say(SCALE),
                scales,
                scale,
                lambda each: view.say(SCALES[each], letter=chosen[0].letter),
            )
    return align, scale


def _panels(view: View, chosen: Sequence[Subject], align: str, scale: str) -> list[Panel]:
    days = [_aligned(subject, people_by_slot(view, subject), align) for subject in chosen]
    shown = [multiples.as_index(day, days[0]) for day in days] if scale == "index" else days
    return [
        Panel(subject, figures(view, subject), day, drawn)
        for subject, day, drawn in zip(chosen, days, shown, strict=True)
    ]


def _aligned(subject: Subject, day: pd.DataFrame, align: str) -> pd.DataFrame:
    if align == "clock":
        return multiples.by_clock(day)
    return multiples.from_start(day, subject.event.start if subject.event else day["start"].iloc[0])


def _labels(view: View, align: str) -> str:
    """How the axis writes hours, as an expression of Vega."""
    if align == "clock":
        hour = "datum.value % 24"
        return f"({hour}) + ' h'" if view.language == "fr" else f"pad({hour}, 2, '0', 'left') + ':00'"
    return "(datum.value > 0 ? '+' : datum.value < 0 ? '\u2212' : '') + abs(datum.value) + ' h'"


def _offer(view: View, panels: Sequence[Panel], found: Sequence[Distance], shared: Axes) -> None:
    names = " · ".join(panel.subject.name(view) for panel in panels)
    origin = replace(buttons.origin(view), period=names)
    sheets = [
        Sheet("figures", view.say(comparison.FIGURES), _figures(panels)),
        Sheet("curves", view.say(CURVES), _curves(panels)),
    ]
    if found:
        title = view.say(comparison.DIFFERENCES, letter=panels[0].subject.letter)
        sheets.append(Sheet("differences", title, _differences(found)))
    pictures = [
        Picture(f"curve-{panel.subject.slot}", panel.subject.name(view), partial(_picture, view, panel, shared))
        for panel in panels
    ]
    buttons.offer(view, Taken("hexaflux-compare", origin, sheets, pictures))


def _picture(view: View, panel: Panel, shared: Axes) -> str:
    said = comparison.tips(view, panel, shared.level is not None)
    chart = multiples.curve(panel.shown, said, shared, view.language, palette.LIGHT)
    return charts.svg(chart, 900, multiples.HEIGHT)


def _figures(panels: Sequence[Panel]) -> pd.DataFrame:
    rows = [
        (
            each.subject.letter,
            each.subject.address,
            each.subject.zone.zone_id,
            each.subject.day.date.isoformat(),
            each.name,
            each.figure.value if each.figure else None,
            each.figure.low if each.figure else None,
            each.figure.high if each.figure else None,
            each.state.code,
        )
        for panel in panels
        for each in panel.figures
    ]
    columns = ["letter", "subject", "zone_id", "day", "figure", "people", "people_low", "people_high", "status"]
    return pd.DataFrame(rows, columns=columns)


def _curves(panels: Sequence[Panel]) -> pd.DataFrame:
    frames = []
    for panel in panels:
        day = panel.day
        status = pd.Series(NO_DATA.code, index=day.index).mask(day["shared_people"].notna(), POOLED.code)
        frames.append(
            day[["start", "hour", "people", "people_low", "people_high"]].assign(
                letter=panel.subject.letter, status=status.mask(day["people"].notna(), PUBLISHED.code)
            )
        )
    return pd.concat(frames, ignore_index=True)


def _differences(found: Sequence[Distance]) -> pd.DataFrame:
    rows = [
        (
            each.one.subject.letter,
            each.one.name,
            *((each.difference.value, each.difference.low, each.difference.high) if each.difference else _NOTHING),
            *((each.index.value, each.index.low, each.index.high) if each.index else _NOTHING),
            each.significant if each.difference else None,
            each.one.state.code,
        )
        for each in found
    ]
    columns = [
        "letter",
        "figure",
        "difference",
        "difference_low",
        "difference_high",
        "index",
        "index_low",
        "index_high",
    ]
    return pd.DataFrame(rows, columns=[*columns, "significant", "status"])


_NOTHING: Final = (None, None, None)

PAGE = Page("compare", Text("Compare", "Comparer"), ":material/compare_arrows:", 6, render, frozenset())
