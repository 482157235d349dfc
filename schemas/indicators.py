"""Every released indicator: the question that it answers and the columns that it publishes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from schemas import fields as f
from schemas.tables import Sensitivity, Table


@dataclass(frozen=True)
class Indicator:
    """A published count of devices, by window, part and attributes.

    `homogeneous`: a part that one class dominates collapses to `all`. `additive`: the rows of a window may be
    summed. `design_effect`: public factor on the variance behind `people_low` and `people_high`.
    """

    name: str
    question_en: str
    question_fr: str
    population: Literal["presence", "attendance"]
    window: Literal["slot", "hour", "day"]
    attributes: tuple[str, ...] = ()
    homogeneous: bool = False
    additive: bool = False
    design_effect: float = 1.0

    @cached_property
    def table(self) -> Table:
        """The released table: one row for each window, part and combination of attribute classes."""
        grain = " x ".join((f"One {self.window}", "part", *self.attributes))
        attributes = (f.ATTRIBUTES[name] for name in self.attributes)
        columns = (*_WHERE_AND_WHEN, *attributes, *_MEASURES)
        return Table(self.name, f"{grain}.", columns, Sensitivity.PUBLIC)


_WHERE_AND_WHEN = (f.WINDOW_START, f.WINDOW_END, f.PART_ZONE_ID, f.CELLS)
_MEASURES = (f.DEVICES, f.PEOPLE, f.PEOPLE_LOW, f.PEOPLE_HIGH, f.ADDITIVE)

_ALL = (
    Indicator(
        name="presence",
        question_en="How many people are here in this slot?",
        question_fr="Combien de personnes sont ici pendant ce créneau ?",
        population="presence",
        window="slot",
        additive=True,
    ),
    Indicator(
        name="presence_by_age",
        question_en="Of which age are the people who are here at this hour?",
        question_fr="De quel âge sont les personnes ici à cette heure ?",
        population="presence",
        window="hour",
        attributes=("age_band",),
        homogeneous=True,
        additive=True,
    ),
    Indicator(
        name="presence_by_spc",
        question_en="Of which socio-professional class are the people who are here at this hour?",
        question_fr="De quelle catégorie socioprofessionnelle sont les personnes ici à cette heure ?",
        population="presence",
        window="hour",
        attributes=("spc",),
        homogeneous=True,
        additive=True,
    ),
    Indicator(
        name="attendance",
        question_en="How many different people came here in the day, for at least 15 minutes?",
        question_fr="Combien de personnes différentes sont venues ici dans la journée, au moins 15 minutes ?",
        population="attendance",
        window="day",
    ),
    Indicator(
        name="attendance_by_age",
        question_en="Of which age are the people who came here in the day?",
        question_fr="De quel âge sont les personnes venues dans la journée ?",
        population="attendance",
        window="day",
        attributes=("age_band",),
        homogeneous=True,
    ),
    Indicator(
        name="attendance_by_spc",
        question_en="Of which socio-professional class are the people who came here in the day?",
        question_fr="De quelle catégorie socioprofessionnelle sont les personnes venues dans la journée ?",
        population="attendance",
        window="day",
        attributes=("spc",),
        homogeneous=True,
    ),
    Indicator(
        name="dwell",
        question_en="How long did the people who came here in the day stay?",
        question_fr="Combien de temps sont restées les personnes venues ici dans la journée ?",
        population="attendance",
        window="day",
        attributes=("dwell_band",),
    ),
)

INDICATORS = {indicator.name: indicator for indicator in _ALL}
