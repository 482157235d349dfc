"""Those who came on one day, split into published classes: bars for the report, and where they live as a table."""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from anonymization.released import Day
from dashboards import queries
from dashboards.cards import Bar
from dashboards.queries import Query
from dashboards.split import classes
from dashboards.split.origins import origin_name
from dashboards.texts import Text, value_name
from dashboards.view import View
from schemas.indicators import INDICATORS, Indicator

MOST_ORIGINS: Final = 4
WRITTEN: Final = Text("{people} ({low} to {high})", "{people} ({low} à {high})")

SPLITS: Final = (
    ("attendance_by_age", queries.BY_AGE, Text("Age", "Âge")),
    ("attendance_by_spc", queries.BY_SPC, Text("Socio-professional group", "Catégorie socioprofessionnelle")),
    ("dwell", queries.BY_DWELL, Text("How long they stayed", "Durée de présence")),
)


@dataclass(frozen=True)
class Split:
    """What is split, and the bars of its classes; none where it was not published, or not split."""

    title: Text
    bars: list[Bar]


@dataclass(frozen=True)
class Origin:
    """Where people live, how many, and between which two numbers."""

    name: str
    people: str
    between: str


def splits(view: View, day: Day) -> list[Split]:
    """Age, socio-professional group and dwell of those who came on a day."""
    return [_split(view, day, INDICATORS[name], query, title) for name, query, title in SPLITS]


def origins(view: View, day: Day) -> list[Origin]:
    """Where the most of those live who came on a day."""
    rows = _asked(view, day, queries.BY_ORIGIN)
    most = rows.sort_values(["people", "value"], ascending=[False, True]).head(MOST_ORIGINS)
    names = [origin_name(str(value), view.store.zones, view.language) for value in most["value"]]
    return [
        Origin(name, view.number(row["people"]), view.between(row))
        for name, (_, row) in zip(names, most.iterrows(), strict=True)
    ]


def _split(view: View, day: Day, indicator: Indicator, query: Query, title: Text) -> Split:
    rows = _asked(view, day, query)
    if rows.empty or classes.is_whole(rows):
        return Split(title, [])
    (attribute,) = indicator.attributes
    ordered = classes.in_order(attribute, rows)
    return Split(title, [_bar(view, attribute, row) for _, row in ordered.iterrows()])


def _asked(view: View, day: Day, query: Query) -> pd.DataFrame:
    return view.store.ask(query, zone=view.zone.zone_id, day=day.date.isoformat())


def _bar(view: View, attribute: str, row: pd.Series) -> Bar:
    numbers = {name: view.number(row[column]) for name, column in _COLUMNS.items()}
    name, style = value_name(attribute, row["value"], view.language), classes.style_of(row["value"])
    return Bar(name, row["people"], row["people_low"], row["people_high"], view.say(WRITTEN, **numbers), style)


_COLUMNS: Final = {"people": "people", "low": "people_low", "high": "people_high"}
