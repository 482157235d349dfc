"""What is compared over nested zones, attribute by attribute: the same list for who publishes and for who verifies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from anonymization.figures import (
    Figures,
    corner_rows,
    dwell_rows,
    groups_of_known,
    groups_of_stays,
    known_class_rows,
    none_of,
    origin_rows,
    parts_without_foreign,
    stay_rows,
)
from anonymization.images import AGE, DWELL, GROUP, SPC_GROUPS, STAY, hour_ranks
from anonymization.nested import Bools, Ints, Limits, Pairs, Rows, isolating
from anonymization.nested_arrivals import isolating_corners
from anonymization.nested_origins import isolating_origins

BY_AGE: Final = "attendance_by_age"
BY_SPC: Final = "attendance_by_spc"
BY_CATEGORY: Final = "attendance_by_category"
BY_ORIGIN: Final = "attendance_by_origin"
NIGHTS: Final = "nights"
DWELLS: Final = "dwell"
BY_ARRIVAL: Final = "dwell_by_arrival"
COMPARED: Final = (BY_AGE, BY_SPC, BY_CATEGORY, BY_ORIGIN, NIGHTS, DWELLS, BY_ARRIVAL)


@dataclass(frozen=True)
class Published:
    """The rows of a day by indicator, the place of each origin in the public list, and the day's first clock hour."""

    figures: Mapping[str, Figures]
    origins: Mapping[str, int]
    first_hour: int

    def of(self, name: str, attributes: int = 1) -> Figures:
        """The rows of an indicator, none where it is not published."""
        return self.figures.get(name, none_of(attributes))

    @cached_property
    def ages(self) -> Rows:
        """Rows by age."""
        return known_class_rows(self.of(BY_AGE), AGE, self._without_foreign)

    @cached_property
    def professions(self) -> Rows:
        """Rows by socio-professional class."""
        return known_class_rows(self.of(BY_SPC), SPC_GROUPS, self._without_foreign)

    @cached_property
    def stays(self) -> Rows:
        """Rows by category, and by night where that is told."""
        return stay_rows(self.of(BY_CATEGORY), self.of(NIGHTS))

    def groups(self, name: str) -> Rows:
        """What an indicator tells of residents, other domestic and foreign devices."""
        if name == BY_CATEGORY:
            return groups_of_stays(self.stays)
        return groups_of_known(self.ages, AGE) if name == BY_AGE else groups_of_known(self.professions, SPC_GROUPS)

    @cached_property
    def _without_foreign(self) -> Ints:
        return parts_without_foreign(self.of(BY_CATEGORY))


@dataclass(frozen=True)
class Comparison:
    """Rows of `inner` in a zone, beside those of `outer` in a zone around it; `judge` finds the pairs that isolate."""

    inner: str
    outer: str
    judge: Callable[[Published, Pairs, Limits], Bools]


def _ages(published: Published, pairs: Pairs, limits: Limits) -> Bools:
    return isolating(pairs, published.ages, published.ages, AGE, limits)


def _professions(published: Published, pairs: Pairs, limits: Limits) -> Bools:
    return isolating(pairs, published.professions, published.professions, SPC_GROUPS, limits)


def _stays(published: Published, pairs: Pairs, limits: Limits) -> Bools:
    return isolating(pairs, published.stays, published.stays, STAY, limits)


def _origins(published: Published, pairs: Pairs, limits: Limits) -> Bools:
    rows = origin_rows(published.of(BY_ORIGIN), published.origins)
    return isolating_origins(pairs, rows, rows, len(published.origins), limits)


def _dwells(published: Published, pairs: Pairs, limits: Limits) -> Bools:
    rows = dwell_rows(published.of(DWELLS), DWELL)
    return isolating(pairs, rows, rows, DWELL, limits)


def _arrivals(published: Published, pairs: Pairs, limits: Limits) -> Bools:
    rows = corner_rows(published.of(BY_ARRIVAL, 2), hour_ranks(published.first_hour))
    return isolating_corners(pairs, rows, rows, limits)


def _groups(inner: str, outer: str) -> Comparison:
    """Attributes that tell foreign devices or residents apart, each beside another one of the outer zone."""

    def judge(published: Published, pairs: Pairs, limits: Limits) -> Bools:
        return isolating(pairs, published.groups(inner), published.groups(outer), GROUP, limits)

    return Comparison(inner, outer, judge)


_WITH_GROUPS = (BY_AGE, BY_SPC, BY_CATEGORY)

COMPARISONS: Final = (
    Comparison(BY_AGE, BY_AGE, _ages),
    Comparison(BY_SPC, BY_SPC, _professions),
    Comparison(NIGHTS, NIGHTS, _stays),
    Comparison(BY_CATEGORY, BY_CATEGORY, _stays),
    Comparison(BY_ORIGIN, BY_ORIGIN, _origins),
    *(_groups(inner, outer) for inner in _WITH_GROUPS for outer in _WITH_GROUPS if inner != outer),
    Comparison(DWELLS, DWELLS, _dwells),
    Comparison(BY_ARRIVAL, BY_ARRIVAL, _arrivals),
)
"""In the order in which they are made: what one of them collapses is not looked at by the next."""


def parts_of(pairs: Pairs, found: Bools) -> Ints:
    """The inner parts of the pairs that were found."""
    return np.unique(pairs.inner[found])
