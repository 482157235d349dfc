"""Every released indicator: the question that it answers and the columns that it publishes."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias, get_args

from schemas import fields as f
from schemas.tables import Sensitivity, Table

PartKind: TypeAlias = Literal["zone", "hexagons"]
"""What a part is made of: whole zones (or the whole territory), or hexagons inside a zone or outside them all."""


@dataclass(frozen=True)
class DesignEffect:
    """Public factors on the variance behind `people_low` and `people_high`, by what a part is made of.

    Against the variance of a Poisson number of devices: below 1 where the census pins the sum, up to 1.3 where a part
    is small against a cell, for then truth and draw both vary, 2 P (1 - P) a device. With these numbers intervals of
    95 % hold the truth in 93 to 97 % of simulated towns, at 3 people a device: `tests/accuracy/coverage.py`.
    """

    zone: float = 1.0
    hexagons: float = 1.0


@dataclass(frozen=True)
class Indicator:
    """A published count of devices, by window, part and attributes.

    `splits`: the indicator whose rows it splits, "" for none; they share its attributes. `partial`: of each such row it
    gives some of the devices, not all. `homogeneous`: a part that one class dominates collapses to `all`. `additive`:
    the rows of a window may be summed.
    """

    name: str
    question_en: str
    question_fr: str
    population: Literal["presence", "attendance", "flows", "transit"]
    window: Literal["slot", "hour", "day"]
    attributes: tuple[str, ...] = ()
    splits: str = ""
    partial: bool = False
    homogeneous: bool = False
    additive: bool = False
    design_effect: DesignEffect = field(default_factory=DesignEffect)

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
        design_effect=DesignEffect(0.7, 0.85),
    ),
    Indicator(
        name="presence_by_age",
        question_en="Of which age are the people who are here at this hour?",
        question_fr="De quel âge sont les personnes ici à cette heure ?",
        population="presence",
        window="hour",
        attributes=("age_band",),
        splits="presence",
        homogeneous=True,
        additive=True,
        design_effect=DesignEffect(0.6, 0.95),
    ),
    Indicator(
        name="presence_by_spc",
        question_en="Of which socio-professional class are the people who are here at this hour?",
        question_fr="De quelle catégorie socioprofessionnelle sont les personnes ici à cette heure ?",
        population="presence",
        window="hour",
        attributes=("spc",),
        splits="presence",
        homogeneous=True,
        additive=True,
        design_effect=DesignEffect(0.6, 0.95),
    ),
    Indicator(
        name="attendance",
        question_en="How many different people came here in the day, for at least 15 minutes?",
        question_fr="Combien de personnes différentes sont venues ici dans la journée, au moins 15 minutes ?",
        population="attendance",
        window="day",
        design_effect=DesignEffect(0.7, 0.85),
    ),
    Indicator(
        name="attendance_by_age",
        question_en="Of which age are the people who came here in the day?",
        question_fr="De quel âge sont les personnes venues dans la journée ?",
        population="attendance",
        window="day",
        attributes=("age_band",),
        splits="attendance",
        homogeneous=True,
        design_effect=DesignEffect(0.6, 0.95),
    ),
    Indicator(
        name="attendance_by_spc",
        question_en="Of which socio-professional class are the people who came here in the day?",
        question_fr="De quelle catégorie socioprofessionnelle sont les personnes venues dans la journée ?",
        population="attendance",
        window="day",
        attributes=("spc",),
        splits="attendance",
        homogeneous=True,
        design_effect=DesignEffect(0.6, 0.95),
    ),
    Indicator(
        name="attendance_by_category",
        question_en="Who came here in the day: residents, excursionists, tourists, or visitors from abroad?",
        question_fr="Qui est venu ici dans la journée : habitants, excursionnistes, touristes, visiteurs étrangers ?",
        population="attendance",
        window="day",
        attributes=("visitor_category",),
        splits="attendance",
        design_effect=DesignEffect(0.7, 0.8),
    ),
    Indicator(
        name="attendance_by_origin",
        question_en="Where do the people live who came here in the day?",
        question_fr="Où habitent les personnes venues dans la journée ?",
        population="attendance",
        window="day",
        attributes=("origin",),
        splits="attendance",
        design_effect=DesignEffect(0.7, 0.8),
    ),
    Indicator(
        name="dwell",
        question_en="How long did the people who came here in the day stay?",
        question_fr="Combien de temps sont restées les personnes venues ici dans la journée ?",
        population="attendance",
        window="day",
        attributes=("dwell_band",),
        splits="attendance",
        design_effect=DesignEffect(0.7, 0.8),
    ),
    Indicator(
        name="dwell_by_arrival",
        question_en="At which hour did the people arrive who stayed so long?",
        question_fr="À quelle heure sont arrivées les personnes restées aussi longtemps ?",
        population="attendance",
        window="day",
        attributes=("dwell_band", "arrival_hour"),
        splits="dwell",
        design_effect=DesignEffect(0.7, 0.8),
    ),
    Indicator(
        name="nights",
        question_en="How many of the people who came here in the day spent the night here?",
        question_fr="Combien des personnes venues dans la journée ont passé la nuit ici ?",
        population="attendance",
        window="day",
        attributes=("visitor_category",),
        splits="attendance_by_category",
        partial=True,
        design_effect=DesignEffect(0.7, 0.8),
    ),
    Indicator(
        name="flows",
        question_en="How many people go from here to there, by the hour in which they leave?",
        question_fr="Combien de personnes vont d’ici à là, selon l’heure de départ ?",
        population="flows",
        window="hour",
        attributes=("origin_zone_id", "destination_zone_id", "distance_class"),
        design_effect=DesignEffect(0.85, 0.85),
    ),
    Indicator(
        name="transit",
        question_en="How many people cross here in this hour without a visit?",
        question_fr="Combien de personnes traversent ici pendant cette heure sans s’y arrêter ?",
        population="transit",
        window="hour",
        design_effect=DesignEffect(0.7, 0.85),
    ),
)

INDICATORS = {indicator.name: indicator for indicator in _ALL}


def design_effect(indicator: Indicator, kind: PartKind) -> float:
    """The public factor on the variance behind the interval of a row, by what its part is made of."""
    return indicator.design_effect.zone if kind == "zone" else indicator.design_effect.hexagons


def stated_effects() -> dict[str, dict[str, float]]:
    """The design effects of all indicators, as a release states them."""
    kinds: tuple[PartKind, ...] = get_args(PartKind)
    return {
        name: {str(kind): design_effect(indicator, kind) for kind in kinds} for name, indicator in INDICATORS.items()
    }
