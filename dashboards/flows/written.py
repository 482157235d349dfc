"""How trips are written: with their interval, or with ≥ and its lower end where there are as many, or more."""

from typing import Final

import pandas as pd

from dashboards import texts
from dashboards.baseline import Figure
from dashboards.texts import Text
from dashboards.view import View

AT_LEAST: Final = Text("at least {low}", "au moins {low}")


def people(view: View, value: float, at_least: bool) -> str:
    """A number of trips; `at_least`: whether there may be more."""
    return f"≥ {view.number(value)}" if at_least else view.number(value)


def between(view: View, low: float, high: float, at_least: bool) -> str:
    """The interval; its upper end tells nothing where there may be more."""
    if at_least:
        return view.say(AT_LEAST, low=view.number(low))
    return view.say(texts.BETWEEN, low=view.number(low), high=view.number(high))


def interval(view: View, found: Figure, at_least: bool) -> str:
    """The interval of a figure, and what it is."""
    return view.say(texts.INTERVAL, between=between(view, found.low, found.high, at_least))


def figure(view: View, row: pd.Series) -> str:
    """The people of a row with `at_least`, and their interval."""
    more = bool(row["at_least"])
    said = between(view, row["people_low"], row["people_high"], more)
    return f"{people(view, row['people'], more)} ({said})"
