"""What a page is given: the release, and what the reader has chosen to see of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from anonymization.happenings import Happening
from anonymization.released import Day
from dashboards import formats, palette, queries, texts
from dashboards.baseline import Baseline, Difference, Figure, difference
from dashboards.palette import Paint
from dashboards.queries import Query, Value
from dashboards.store import Store
from dashboards.texts import Language, Text
from dashboards.zones import Zone, name_of
from schemas.indicators import Indicator
from schemas.typography import set_in_french


@dataclass(frozen=True)
class View:
    """A zone and a day of a release, in a language; the event whose they are, and what they are compared with.

    `period`: the days in words, where figures are not those of the day.
    """

    store: Store
    language: Language
    zone: Zone
    day: Day
    event: Happening | None = None
    baseline: Baseline | None = None
    period: str = ""

    def say(self, text: Text, **values: object) -> str:
        """A text in the reader's language; it may speak of `k`, `unit` and `confidence`."""
        confidence = formats.stated_percent(self.day.terms.confidence, self.language)
        known = {"k": self.day.terms.k, "unit": self.unit, "confidence": confidence}
        return text.say(self.language, **known | values)

    def ask(self, query: Query, **parameters: Value) -> pd.DataFrame:
        """The answer to a question about this zone on this day."""
        return self.store.ask(query, zone=self.zone.zone_id, day=self.day.date.isoformat(), **parameters)

    def compared(self, now: Figure | None, of: Callable[[Zone, Day], Figure | None]) -> Difference | None:
        """How a figure differs from the same figure of the days that it is compared with."""
        return None if self.baseline is None else difference(now, self.baseline.figures(of))

    def difference(self, found: Difference, by: str | None = None, write: Callable[[float], str] | None = None) -> str:
        """A difference in words: by how much, from what, and whether it is more than chance.

        `by`: how much, where it is not said as a share; `write` writes a figure that is no number of people.
        """
        share = "" if found.change is None else formats.change(found.change, self.language)
        short = (texts.BASE_EDITION, texts.BASE_ONE, texts.BASE_SOME)
        said = " ".join(part for part in (share if by is None else by, self._than(found, write, *short)) if part)
        return said if found.significant else f"{said} · {self.say(texts.NOT_SURE)}"

    def against(self, found: Difference, write: Callable[[float], str] | None = None) -> str:
        """What a figure is compared with, as a part of a sentence; `write` as in `difference`."""
        return self._than(found, write, texts.AGAINST_EDITION, texts.AGAINST_ONE, texts.AGAINST_SOME)

    def _than(
        self, found: Difference, write: Callable[[float], str] | None, edition: Text, one: Text, some: Text
    ) -> str:
        people = (write or self.people)(found.then.value)
        if self.baseline is None or self.baseline.kind == "edition":
            return self.say(edition, people=people)
        weekday = formats.weekday(self.day.date.weekday(), self.language)
        text = one if found.days == 1 else some
        return self.say(text, people=people, middle=self.middle(found.days), days=found.days, weekday=weekday)

    @property
    def paint(self) -> Paint:
        """The colours of the theme that is shown."""
        return palette.DARK if st.context.theme.type == "dark" else palette.LIGHT

    def address(self) -> str:
        """The address of this page with all that was chosen."""
        page = (st.context.url or "").partition("?")[0]
        return f"{page}?{urlencode(sorted(st.query_params.to_dict().items()))}"

    def link(self, page: str) -> str:
        """The address of another page with all that was chosen, from any page of the dashboard."""
        return f"{page}?{urlencode(sorted(st.query_params.to_dict().items()))}"

    def question(self, indicator: Indicator) -> str:
        """What an indicator answers."""
        return set_in_french(indicator.question_fr) if self.language == "fr" else indicator.question_en

    def attendance(self) -> pd.Series | None:
        """The one row of those who came to the zone in the day, alone or in a pool; None if none was published."""
        rows = self.ask(queries.ATTENDANCE)
        return rows.iloc[0] if len(rows) else None

    @property
    def unit(self) -> str:
        """What k counts."""
        return texts.UNITS[self.day.unit].say(self.language) if self.day.unit in texts.UNITS else self.day.unit

    def number(self, value: float, decimals: int = 0) -> str:
        """A number as it is written here."""
        return formats.number(value, self.language, decimals)

    def people(self, value: float) -> str:
        """A number of people in whole tens, as they are published; a median of them may lie between."""
        return self.number(formats.tens(value))

    def middle(self, days: int) -> str:
        """What the median of so many days is called; that of two is their mean."""
        return self.say(texts.MEAN if days == 2 else texts.MEDIAN)

    def slots(self, count: int, whole: int) -> str:
        """How many of all slots."""
        return self.say(texts.ONE_SLOT if count == 1 else texts.SEVERAL_SLOTS, count=count, all=whole)

    def signed(self, value: float) -> str:
        """A change as it is written here, with its sign."""
        return formats.signed(value, self.language)

    def percent(self, share: float) -> str:
        """A share as it is written here."""
        return formats.percent(share, self.language)

    def clock(self, moment: datetime) -> str:
        """A time of day as it is written here."""
        return formats.clock(moment, self.language)

    def between(self, row: pd.Series) -> str:
        """The interval of a row."""
        low, high = self.number(row["people_low"]), self.number(row["people_high"])
        return self.say(texts.BETWEEN, low=low, high=high)

    def area(self, zone_id: str) -> str:
        """The name of a part from its joined identifiers."""
        return name_of(zone_id, self.store.zones, self.language)
