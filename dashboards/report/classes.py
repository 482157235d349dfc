"""Those who came on one day, split into published classes: bars for the report, and where they live as a table."""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from anonymization.released import Day
from dashboards import classes, queries, texts
from dashboards.cards import Bar
from dashboards.queries import Query
from dashboards.texts import Text, value_name
from dashboards.view import View
from schemas.indicators import INDICATORS, Indicator

MOST_ORIGINS: Final = 7
WRITTEN: Final = Text("{share} ({low} to {high})", "{share} ({low} à {high})")

SPLITS: Final = (
    ("attendance_by_age", queries.BY_AGE),
    ("attendance_by_spc", queries.BY_SPC),
    ("dwell", queries.BY_DWELL),
)


@dataclass(frozen=True)
class Split:
    """An indicator, and the bars of its classes; none where it was not published, or not split."""

    indicator: Indicator
    bars: list[Bar]


@dataclass(frozen=True)
class Origin:
    """Where people live, how many, and between which two numbers."""

    name: str
    people: str
    between: str


def splits(view: View, day: Day) -> list[Split]:
    """Age, socio-professional group and dwell of those who came on a day."""
    return [_split(view, day, INDICATORS[name], query) for name, query in SPLITS]


def origins(view: View, day: Day) -> list[Origin]:
    """Where the most of those live who came on a day."""
    rows = _asked(view, day, queries.BY_ORIGIN)
    most = rows.sort_values(["people", "value"], ascending=[False, True]).head(MOST_ORIGINS)
    return [
        Origin(_place(view, str(row["value"])), view.number(row["people"]), view.between(row))
        for _, row in most.iterrows()
    ]


def _split(view: View, day: Day, indicator: Indicator, query: Query) -> Split:
    rows = _asked(view, day, query)
    if rows.empty or classes.is_whole(rows):
        return Split(indicator, [])
    (attribute,) = indicator.attributes
    ordered = classes.in_order(attribute, rows)
    return Split(indicator, [_bar(view, attribute, row) for _, row in ordered.iterrows()])


def _asked(view: View, day: Day, query: Query) -> pd.DataFrame:
    return view.store.ask(query, zone=view.zone.zone_id, day=day.date.isoformat())


def _bar(view: View, attribute: str, row: pd.Series) -> Bar:
    numbers = {name: view.number(row[column]) for name, column in _COLUMNS.items()}
    name, style = value_name(attribute, row["value"], view.language), classes.style_of(row["value"])
    return Bar(name, row["people"], row["people_low"], row["people_high"], view.say(WRITTEN, **numbers), style)


def _place(view: View, value: str) -> str:
    return view.say(texts.UNKNOWN_ORIGIN) if value == "unknown" else view.area(value)


_COLUMNS: Final = {"share": "people", "low": "people_low", "high": "people_high"}
