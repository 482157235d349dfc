"""What is said of classes that were published otherwise on the days that they would be compared with."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from dashboards import formats
from dashboards.baseline import Difference
from dashboards.texts import Text
from dashboards.view import View

OTHERWISE: Final = Text(
    "Not compared: {count} of {all}, published otherwise, or not at all, on {days}.",
    "Sans comparaison : {count} sur {all}, publié autrement, ou pas du tout, le {days}.",
)
NONE_ALIKE: Final = Text(
    "Not compared: published otherwise, or not at all, on {days}.",
    "Sans comparaison : publié autrement, ou pas du tout, le {days}.",
)


def otherwise(view: View, rows: pd.DataFrame, found: Mapping[str, Difference]) -> str:
    """Which rows have nothing that they are compared with, and of which days; "" where none are or nothing is asked."""
    lacking = sum(value not in found for value in rows["value"])
    if view.baseline is None or not view.baseline.days or not lacking:
        return ""
    days = ", ".join(formats.short_date(day.date, view.language) for day in view.baseline.days)
    return view.say(OTHERWISE if lacking < len(rows) else NONE_ALIKE, count=lacking, all=len(rows), days=days)
