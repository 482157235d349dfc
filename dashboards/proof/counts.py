"""What a release counts together, and how small its figures are, for those who review it."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

import altair as alt
import pandas as pd
import streamlit as st

from anonymization.released import Day
from dashboards import charts, queries, tables, texts
from dashboards.exports.taken import Picture, Sheet
from dashboards.palette import LIGHT, Paint
from dashboards.proof import evidence
from dashboards.texts import Text
from dashboards.view import View
from schemas.indicators import INDICATORS

POOLED: Final = Text("What is counted together", "Ce qui est compté ensemble")
POOLED_MEANS: Final = Text(
    "Nobody is left out: what is too small is counted together with its neighbours, in one row for several zones, "
    "hexagons or classes, or left unsplit. Share of the people in such rows, over all days.",
    "Personne n’est écarté : ce qui est trop petit est compté avec ses voisins, dans une ligne pour plusieurs zones, "
    "hexagones ou classes, ou n’est pas ventilé. Part des personnes dans ces lignes, sur tous les jours.",
)
SMALL: Final = Text("How small published counts are", "La taille des effectifs publiés")
SMALLEST: Final = Text(
    "The smallest published count is {smallest}; none may be below {least} (k = {k}, rounded to {rounding}).",
    "Le plus petit effectif publié est {smallest} ; aucun ne peut être au-dessous de {least} (k = {k}, arrondi à "
    "{rounding}).",
)
BELOW: Final = Text(
    "A published count is below what its day allows: {days}.",
    "Un effectif publié est au-dessous de ce que permet son jour : {days}.",
)
NOISY: Final = Text(
    "The smallest published count is {smallest}; under differential privacy, noise decides what is printed, and the "
    "verifier judges it.",
    "Le plus petit effectif publié est {smallest} ; sous confidentialité différentielle, le bruit décide de ce qui est "
    "imprimé, et le vérificateur en juge.",
)
ALT: Final = Text(
    "Published rows by their count of devices; the table below has the same figures",
    "Lignes publiées selon leur effectif d’appareils ; le tableau ci-dessous a les mêmes chiffres",
)
SHARE: Final = Text("{share}%", "{share} %")
OF_COUNTS: Final = (texts.OF_DEVICES, Text("Published rows", "Lignes publiées"))
OF_INDICATORS: Final = (
    Text("Indicator", "Indicateur"),
    Text("Rows", "Lignes"),
    Text("Of several", "De plusieurs"),
    Text("People in them", "Part des personnes"),
    Text("Smallest count", "Plus petit effectif"),
)
HEIGHT: Final = 240


def show_pooling(view: View) -> Sheet:
    """Show what of each indicator is counted together; the table to take away."""
    found = view.store.ask(queries.POOLING)
    st.subheader(view.say(POOLED), anchor=False)
    st.caption(view.say(POOLED_MEANS))
    rows = [
        (
            f"{escape(view.question(INDICATORS[row['indicator']]))}<small>{escape(row['indicator'])}</small>",
            view.number(row["rows"]),
            view.number(row["pooled_rows"]),
            "" if pd.isna(row["pooled_share"]) else view.say(SHARE, share=view.number(100 * row["pooled_share"], 1)),
            view.number(row["smallest"]),
        )
        for _, row in found.iterrows()
    ]
    st.html(evidence.table("", OF_INDICATORS, rows, view.language, "hx-figures"))
    return Sheet("pooling", view.say(POOLED), found)


def show_counts(view: View) -> tuple[Sheet, Picture]:
    """Show how many counts are how small, and the smallest; what can be taken away of it."""
    by_day = view.store.ask(queries.COUNTS)
    found = by_day.groupby("devices_from", as_index=False)["rows"].sum()
    names = [
        view.say(texts.BETWEEN, low=view.number(low), high=view.number(2 * low - 1))
        for low in found["devices_from"].tolist()
    ]
    title = view.say(SMALL)
    st.subheader(title, anchor=False)
    _say_smallest(view, by_day)

    def drawn(paint: Paint) -> charts.Chart:
        return _chart(found.assign(name=names), view, paint)

    if names:
        st.altair_chart(drawn(view.paint), width="stretch", alt=view.say(ALT))
        with st.expander(view.say(texts.AS_TABLE), icon=":material/table:"):
            devices, rows = (view.say(column) for column in OF_COUNTS)
            tables.show(
                pd.DataFrame({devices: names, rows: [view.number(each) for each in found["rows"]]}).set_index(devices)
            )
    return Sheet("counts", title, by_day), Picture("counts", title, lambda: charts.svg(drawn(LIGHT), 700, HEIGHT))


def below_minimum(by_day: pd.DataFrame, days: Sequence[Day]) -> list[str]:
    """The days with a count below what k devices can be rounded to; those of differential privacy are left out."""
    least = {day.date.isoformat(): day.terms.printed_minimum for day in days if day.terms.dp is None}
    smallest: Mapping[str, int] = by_day.groupby("day")["smallest"].min().to_dict()
    return [day for day, count in smallest.items() if day in least and count < least[day]]


def _say_smallest(view: View, by_day: pd.DataFrame) -> None:
    terms = view.day.terms
    smallest = view.number(by_day["smallest"].min()) if len(by_day) else "-"
    wrong = below_minimum(by_day, view.store.release.days)
    if wrong:
        st.error(view.say(BELOW, days=", ".join(wrong)), icon=":material/gpp_bad:")
    elif terms.dp is not None:
        st.caption(view.say(NOISY, smallest=smallest))
    else:
        said = view.say(SMALLEST, smallest=smallest, least=terms.printed_minimum, rounding=terms.rounding or 1)
        st.caption(said)


def _chart(found: pd.DataFrame, view: View, paint: Paint) -> charts.Chart:
    chart = (
        alt.Chart(found)
        .mark_bar(color=paint.blue)
        .encode(
            x=alt.X("name:N", sort=list(found["name"]), title=view.say(OF_COUNTS[0]), axis=alt.Axis(labelAngle=-30)),
            y=alt.Y("rows:Q", title=view.say(OF_COUNTS[1])),
            tooltip=[alt.Tooltip("name:N", title=view.say(OF_COUNTS[0])), alt.Tooltip("rows:Q", format=",")],
        )
        .properties(height=HEIGHT)
    )
    return charts.dressed(chart, view.language, paint)
