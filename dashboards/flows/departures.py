"""A zone's trips by the hour in which they begin: out of it and into it, with intervals, and what has no figure."""

from collections.abc import Sequence
from typing import Final

import altair as alt
import pandas as pd
import streamlit as st

from dashboards import cards, slots, tables, texts
from dashboards.arithmetic import in_tens
from dashboards.charts import Chart, dressed
from dashboards.flows import written
from dashboards.flows.chosen import Asked
from dashboards.palette import Paint
from dashboards.states import NO_DATA, POOLED, PUBLISHED
from dashboards.texts import Language, Text
from dashboards.view import View

HEIGHT: Final = 260
TITLE: Final = Text("When do people leave for it, and leave it?", "Quand en part-on, et quand part-on pour y venir ?")
ALT: Final = Text(
    "Trips out of and into {zone} by hour of departure; the table below has the same figures",
    "Déplacements depuis et vers {zone} par heure de départ ; le tableau ci-dessous a les mêmes chiffres",
)
DIRECTIONS: Final = {"out": Text("out of the zone", "au départ"), "in": Text("into the zone", "à destination")}
KEY_POOLED: Final = Text(
    "╱ only counted together with other zones: not zero", "╱ compté seulement avec d’autres zones : ce n’est pas zéro"
)
KEY_NOTHING: Final = Text("· nothing published: not zero", "· rien de publié : ce n’est pas zéro")
TABLE: Final = Text("The hours as a table", "Les heures en tableau")
COLUMNS: Final = (
    Text("Leaving at", "Départ"),
    Text("Direction", "Sens"),
    texts.OF_PEOPLE,
    texts.OF_INTERVAL,
    Text("Days with a figure", "Jours avec un chiffre"),
    texts.OF_STATE,
)


def by_hour(view: View, asked: Asked, rows: pd.DataFrame) -> pd.DataFrame:
    """One row per hour and direction, in order: people and interval, null where the zone alone has none.

    `status`; `at_least`: whether there may be more, in pools or on days without a figure. `rows` are those of
    `flow_choices.of_zone`.
    """
    clocks, rows = hours(view, asked), in_tens(rows)
    grid = pd.DataFrame([(clock, direction) for clock in clocks for direction in DIRECTIONS], columns=_KEY)
    own = grid.merge(rows[rows["alone"]].drop(columns="alone"), on=_KEY, how="left")
    shared = grid.merge(rows.loc[~rows["alone"], _KEY].assign(shared=True), on=_KEY, how="left")["shared"].notna()
    status = pd.Series(NO_DATA.code, index=own.index).mask(shared, POOLED.code)
    more = own["people"].notna() & (shared | (own["days_published"] < own["days"]))
    return own.assign(
        at_least=more,
        status=status.mask(own["people"].notna(), PUBLISHED.code),
        days=len(asked.days),
        place=grid.index // 2,
    )


def hours(view: View, asked: Asked) -> list[str]:
    """The hours of the day by their local time; those of a mean day are 24."""
    begins = [moment for moment in slots.starts(view.day) if moment.minute == 0]
    names = slots.names(begins)
    return list(dict.fromkeys(name[:5] for name in names)) if asked.mean else names


def show(view: View, asked: Asked, found: pd.DataFrame) -> None:
    """Show the hours."""
    st.subheader(view.say(TITLE), anchor=False)
    st.altair_chart(
        chart(_told(view, found), view.language, view.paint), width="stretch", alt=view.say(ALT, zone=view.zone.name)
    )
    keys = [(cards.BLUE, DIRECTIONS["out"]), (cards.VERMILLION, DIRECTIONS["in"])]
    missing = [(POOLED, KEY_POOLED), (NO_DATA, KEY_NOTHING)]
    keys += [("none;display:none", text) for state, text in missing if (found["status"] == state.code).any()]
    st.html(cards.key([(colour, view.say(text)) for colour, text in keys]))
    with st.expander(view.say(TABLE), icon=":material/table:"):
        tables.show(_table(view, asked, found))


def picture(view: View, found: pd.DataFrame, paint: Paint) -> Chart:
    """The chart, to be taken away."""
    return chart(_told(view, found), view.language, paint)


def chart(told: pd.DataFrame, language: Language, paint: Paint) -> Chart:
    """The chart of hours with their `name`, `direction` in words, `first` (out) or not, `sign` and `tip`."""
    names = list(dict.fromkeys(told["name"]))
    words = list(dict.fromkeys(told["said"]))
    base = alt.Chart(told).encode(
        x=alt.X("name:N", sort=names, title=None, axis=_axis(names)),
        xOffset=alt.XOffset("said:N", sort=words),
        tooltip=alt.Tooltip("tip:N", title=" "),
    )
    people = alt.Y("people:Q", title=None, scale=alt.Scale(zero=True, nice=True))
    colour = alt.Color("said:N", legend=None, scale=alt.Scale(domain=words, range=[paint.blue, paint.vermillion]))
    layers = [
        base.mark_bar().encode(y=people, color=colour),
        base.mark_rule(color=paint.text, strokeWidth=1.5).encode(y=alt.Y("people_low:Q", title=None), y2="people_high"),
        base.mark_text(color=paint.text, baseline="bottom", dy=-1, fontSize=12).encode(y=alt.YDatum(0), text="sign:N"),
    ]
    return dressed(alt.layer(*layers).properties(height=HEIGHT), language, paint)


def _axis(names: Sequence[str]) -> alt.Axis:
    return alt.Axis(values=list(names[::2]), labelAngle=0, labelOverlap=True, ticks=False)


def _told(view: View, found: pd.DataFrame) -> pd.DataFrame:
    """The hours with what is said of each."""
    signs = {POOLED.code: "╱", NO_DATA.code: "·", PUBLISHED.code: ""}
    name = [hour_name(view, clock) for clock in found["clock"]]
    said = [view.say(DIRECTIONS[direction]) for direction in found["direction"]]
    tip = [
        f"{when} · {where} · {figure(view, row)}"
        for when, where, (_, row) in zip(name, said, found.iterrows(), strict=True)
    ]
    return found[["people", "people_low", "people_high"]].assign(
        name=name, said=said, tip=tip, sign=found["status"].map(signs)
    )


def hour_name(view: View, clock: str) -> str:
    """An hour as it is written here; one that the clock shows a second time keeps its b."""
    hour = int(clock[:2])
    return f"{clock[:5] if view.language == 'en' else f'{hour} h'}{clock[5:]}"


def figure(view: View, row: pd.Series) -> str:
    """A figure with its interval, or what there is in its place."""
    if pd.notna(row["people"]):
        return written.figure(view, row)
    return view.say((POOLED if row["status"] == POOLED.code else NO_DATA).name)


def _table(view: View, asked: Asked, found: pd.DataFrame) -> pd.DataFrame:
    states = {state.code: view.say(state.name) for state in (PUBLISHED, POOLED, NO_DATA)}
    rows = [
        (
            hour_name(view, row["clock"]),
            view.say(DIRECTIONS[row["direction"]]),
            "" if pd.isna(row["people"]) else written.people(view, row["people"], row["at_least"]),
            ""
            if pd.isna(row["people"])
            else written.between(view, row["people_low"], row["people_high"], row["at_least"]),
            "" if pd.isna(row["people"]) else f"{row['days_published']:.0f} / {row['days']}",
            states[row["status"]],
        )
        for _, row in found.iterrows()
    ]
    frame = pd.DataFrame(rows, columns=[view.say(column) for column in COLUMNS])
    if not asked.mean:
        frame = frame.drop(columns=view.say(COLUMNS[4]))
    return frame.set_index(view.say(COLUMNS[0]))


_KEY: Final = ["clock", "direction"]
