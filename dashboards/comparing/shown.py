"""Those that are compared, side by side: their curves on shared axes, their figures, and a table of differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from dashboards import cards, degraded, formats, states, tables, texts
from dashboards.baseline import Figure
from dashboards.cards import Bar, Card
from dashboards.comparing import multiples
from dashboards.comparing.compared import Compared, Distance, between
from dashboards.comparing.multiples import Axes
from dashboards.comparing.subjects import Subject
from dashboards.states import PUBLISHED
from dashboards.texts import Text
from dashboards.view import View
from schemas.vocabulary import SEPARATOR

ABREAST: Final = 2
CARDS: Final = 3
"""How many figures stand on cards; those after them are bars."""

CURVE_ALT: Final = Text(
    "Curve of {name}, on the axes of the others; the table below has the same figures",
    "Courbe de {name}, sur les axes des autres ; le tableau ci-dessous a les mêmes chiffres",
)
CURVE_TABLE: Final = Text("{letter}: the curve as a table", "{letter} : la courbe en tableau")
TIP: Final = Text("{time} · {people} people ({between})", "{time} · {people} personnes ({between})")
TIP_INDEX: Final = Text("{time} · index {people} ({between})", "{time} · indice {people} ({between})")
DWELL: Final = Text("How long did they stay?", "Combien de temps sont-elles restées ?")
FIGURES: Final = Text("All figures", "Tous les chiffres")
DIFFERENCES: Final = Text("Differences to {letter}", "Écarts avec {letter}")
FIGURE: Final = Text("Figure", "Chiffre")
DIFFERENCE: Final = Text("Difference", "Écart")
INDEX: Final = Text("Index, {letter} = 100", "Indice, {letter} = 100")
SURE: Final = Text("More than chance?", "Plus que le hasard ?")
SIGNIFICANT: Final = Text("yes", "oui")
NOT_COMPARED: Final = Text(
    "not compared: {letter} has no figure of its own", "non comparé : {letter} n’a pas de chiffre propre"
)
INDEX_NAME: Final = Text("Index", "Indice")


@dataclass(frozen=True)
class Panel:
    """One of those that are compared, with its figures and its curve; `shown` is the curve as it is drawn."""

    subject: Subject
    figures: list[Compared]
    day: pd.DataFrame
    shown: pd.DataFrame


def show(view: View, panels: Sequence[Panel], shared: Axes) -> None:
    """Show the panels, two abreast where there is room."""
    for at in range(0, len(panels), ABREAST):
        for column, panel in zip(st.columns(ABREAST, gap="large"), panels[at : at + ABREAST], strict=False):
            with column:
                _panel(view, panel, shared)
    _dwell(view, panels)


def tips(view: View, panel: Panel, index: bool) -> list[str]:
    """What is said of each slot."""
    said = []
    for time, people, low, high, shared in zip(
        panel.shown["start"],
        panel.shown["people"],
        panel.shown["people_low"],
        panel.shown["people_high"],
        panel.shown["shared_people"],
        strict=True,
    ):
        clock = view.clock(time)
        if pd.isna(people):
            state = states.NO_DATA if pd.isna(shared) else states.POOLED
            said.append(f"{clock} · {view.say(state.name)}")
        else:
            interval = view.say(texts.BETWEEN, low=view.number(low), high=view.number(high))
            text = TIP_INDEX if index else TIP
            said.append(view.say(text, time=clock, people=view.number(people), between=interval))
    return said


def figure_table(view: View, panels: Sequence[Panel]) -> pd.DataFrame:
    """One row for each figure, one column for each of those that are compared."""
    columns = {panel.subject.name(view): [_written(view, each) for each in panel.figures] for panel in panels}
    names = [each.name for each in panels[0].figures]
    return pd.DataFrame(columns, index=pd.Index(names, name=view.say(FIGURE)))


def difference_table(view: View, base: Subject, found: Sequence[Distance]) -> pd.DataFrame:
    """One row for each figure of those that are compared with the first."""
    rows = [(f"{each.one.subject.letter} · {each.one.name}", *_difference(view, base, each)) for each in found]
    head = [view.say(text, letter=base.letter) for text in (FIGURE, DIFFERENCE, INDEX, SURE)]
    return pd.DataFrame(rows, columns=head).set_index(head[0])


def _panel(view: View, panel: Panel, shared: Axes) -> None:
    own, subject = panel.subject.view(view), panel.subject
    st.subheader(formats.unmarked(subject.name(view)), anchor=False)
    if subject.event is not None:
        st.caption(formats.unmarked(f"{own.zone.name} · {formats.long_date(own.day.date, view.language)}"))
    _say_state(own)
    said = tips(view, panel, shared.level is not None)
    chart = multiples.curve(panel.shown, said, shared, view.language, view.paint)
    st.altair_chart(chart, width="stretch", alt=view.say(CURVE_ALT, name=subject.name(view)))
    with st.expander(view.say(CURVE_TABLE, letter=subject.letter), icon=":material/table:"):
        tables.show(_curve_table(view, panel, shared.level is not None))
    # Below the curves: notes make cards of one higher than those of the other, and curves are read across.
    st.html(cards.cards((_card(view, each) for each in panel.figures[:CARDS]), narrow=True))


def _say_state(own: View) -> None:
    """What must be known of the figures of one before they are read."""
    row = own.attendance()
    if not own.day.over:
        st.info(own.say(texts.STILL_OPEN), icon=":material/schedule:")
    degraded.warn(own)
    if own.zone.sensitive:
        st.info(own.say(texts.SENSITIVE), icon=":material/shield:")
    if row is not None and SEPARATOR in str(row["zone_id"]):
        names = formats.unmarked(own.area(str(row["zone_id"])))
        st.info(own.say(texts.TOGETHER, zones=names), icon=":material/join:")


def _card(view: View, each: Compared) -> Card:
    if each.figure is None:
        return Card(each.name, "—", (view.say(each.state.name),))
    lines = [view.say(texts.INTERVAL, between=between(view, each.figure))]
    if each.note:
        lines.append(each.note)
    if each.state != PUBLISHED:
        lines.append(view.say(each.state.name))
    return Card(each.name, view.number(each.figure.value), lines)


def _dwell(view: View, panels: Sequence[Panel]) -> None:
    """Bars of those who stayed so long, on one scale for all."""
    bands = [[each for each in panel.figures[CARDS:] if each.figure is not None] for panel in panels]
    longest = max((each.figure.high for some in bands for each in some if each.figure is not None), default=0.0)
    if not longest:
        return
    st.subheader(view.say(DWELL), anchor=False)
    for at in range(0, len(panels), ABREAST):
        some = zip(st.columns(ABREAST, gap="large"), panels[at : at + ABREAST], bands[at : at + ABREAST], strict=False)
        for column, panel, found in some:
            with column:
                name = panel.subject.name(view)
                drawn = [_bar(view, each, each.figure) for each in found if each.figure is not None]
                st.caption(formats.unmarked(name))
                st.html(cards.bars(drawn, name, longest))


def _bar(view: View, each: Compared, figure: Figure) -> Bar:
    written = f"{view.number(figure.value)} ({between(view, figure)})"
    style = "plain" if each.state == PUBLISHED else "merged"
    return Bar(each.name, figure.value, figure.low, figure.high, written, style)


def _written(view: View, each: Compared) -> str:
    """A figure with its interval, or what there is in its place."""
    if each.figure is None:
        return view.say(each.state.name)
    said = f"{view.number(each.figure.value)} ({between(view, each.figure)})"
    return said if each.state == PUBLISHED else f"{said} · {view.say(each.state.name)}"


def _difference(view: View, base: Subject, each: Distance) -> tuple[str, str, str]:
    if each.difference is None:
        letter = each.one.subject.letter if not each.one.comparable else base.letter
        return view.say(NOT_COMPARED, letter=letter), "", ""
    index = "" if each.index is None else f"{view.number(each.index.value)} ({between(view, each.index)})"
    sure = SIGNIFICANT if each.significant else texts.NOT_SURE
    signed = _signed(view, each.difference.value)
    interval = view.say(texts.BETWEEN, low=_signed(view, each.difference.low), high=_signed(view, each.difference.high))
    return f"{signed} ({interval})", index, view.say(sure)


def _signed(view: View, value: float) -> str:
    sign = "+" if value > 0 else "\u2212" if value < 0 else ""
    return f"{sign}{view.number(abs(value))}"


def _curve_table(view: View, panel: Panel, index: bool) -> pd.DataFrame:
    rows = [
        (
            view.clock(row["start"]),
            *(
                (view.number(row["people"]), view.between(row))
                if pd.notna(row["people"])
                else (view.say((states.NO_DATA if pd.isna(row["shared_people"]) else states.POOLED).name), "")
            ),
        )
        for _, row in panel.shown.iterrows()
    ]
    head = [view.say(text) for text in (texts.TIME, INDEX_NAME if index else texts.OF_PEOPLE, texts.OF_INTERVAL)]
    return pd.DataFrame(rows, columns=head).set_index(head[0])
