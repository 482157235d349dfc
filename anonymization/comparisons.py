"""What is compared over nested zones, attribute by attribute: the same list for who publishes and for who verifies."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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
from anonymization.homes import Residents, others_around
from anonymization.images import AGE, DWELL, GROUP, SPC_GROUPS, STAY, STAY_OF, Image, hour_ranks
from anonymization.nested import MOST_ROWS, Bools, Ints, Limits, Pairs, Rows, isolating, merged
from anonymization.nested_arrivals import isolating_corners
from anonymization.nested_origins import OriginRows, isolating_origins
from schemas.countries import COUNTRIES
from schemas.indicators import INDICATORS
from schemas.vocabulary import ALL, SEPARATOR

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
    """The rows of a day by indicator, the place of each origin in the public list, and the day's first clock hour.

    `residents`: the origins of the residents of each part.
    """

    figures: Mapping[str, Figures]
    origins: Mapping[str, int]
    first_hour: int
    residents: Residents

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

    @cached_property
    def dwells(self) -> Rows:
        """Rows by dwell band."""
        return dwell_rows(self.of(DWELLS), DWELL)

    @cached_property
    def homes(self) -> OriginRows:
        """Rows by origin."""
        return origin_rows(self.of(BY_ORIGIN), self.origins)

    def stay_images(self, pairs: Pairs) -> Iterator[tuple[Image, Bools]]:
        """The images of categories, each with the pairs that have it, bool[pairs]."""
        foreign = np.array([name in COUNTRIES for name in self.origins], np.bool_)
        some, rest = others_around(pairs, self.homes, foreign, self.residents)
        for (may, may_not), image in STAY_OF.items():
            yield image, (some == may) & (rest == may_not)
        # Without other domestic devices any image does.
        yield STAY, ~some & ~rest

    def in_groups(self, name: str) -> Rows:
        """Rows by age, class or category, with the groups that they hold for their classes."""
        if name == BY_CATEGORY:
            return groups_of_stays(stay_rows(self.of(BY_CATEGORY), none_of(1)))
        return groups_of_known(self.ages, AGE) if name == BY_AGE else groups_of_known(self.professions, SPC_GROUPS)

    @cached_property
    def groups(self) -> Mapping[str, Rows]:
        """What indicators tell of residents, other domestic and foreign devices: rows of a part by these groups."""
        return {name: merged(self.in_groups(name)) for name in (BY_AGE, BY_SPC, BY_CATEGORY)}

    @cached_property
    def _without_foreign(self) -> Ints:
        return parts_without_foreign(self.of(BY_CATEGORY))


def published_in(
    tables: Mapping[str, pa.Table], names: pa.Array, first_hour: int, communes: Callable[[int], Sequence[str]]
) -> Published:
    """What released tables print of the parts that have these names, by indicator.

    `communes`: the place of a part to the communes that are its zones or inside.
    """
    figures = {name: _figures(tables[name], name, names) for name in COMPARED if name in tables}
    printed = pc.unique(figures.get(BY_ORIGIN, none_of(1)).values[0])
    tokens = pc.unique(pc.split_pattern(printed, SEPARATOR).flatten()).to_pylist()
    places = {token: place for place, token in enumerate(token for token in tokens if token != ALL)}

    def residents(part: int) -> Ints:
        return np.array([places[name] for name in communes(part) if name in places], np.int64)

    return Published(figures, places, first_hour, residents)


def _figures(table: pa.Table, name: str, names: pa.Array) -> Figures:
    """The rows of the parts; one with more rows than its attribute has classes is damaged, and left to other checks."""
    part = pc.fill_null(pc.index_in(table["zone_id"].combine_chunks(), names), -1).to_numpy().astype(np.int64)
    rows = np.bincount(part + 1, minlength=len(names) + 1)[part + 1]
    kept = (part >= 0) & ((rows <= MOST_ROWS) | (name in (BY_ORIGIN, BY_ARRIVAL)))
    attributes = INDICATORS[name].attributes
    some = table.select([*attributes, "devices"]).filter(pa.array(kept))
    values = tuple(some[attribute].combine_chunks() for attribute in attributes)
    return Figures(part[kept], values, some["devices"].to_numpy())


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
    found = np.zeros(pairs.inner.size, np.bool_)
    for image, places in published.stay_images(pairs):
        found[places] = isolating(pairs.where(places), published.stays, published.stays, image, limits)
    return found


def _origins(published: Published, pairs: Pairs, limits: Limits) -> Bools:
    return isolating_origins(pairs, published.homes, published.homes, len(published.origins), limits)


def _dwells(published: Published, pairs: Pairs, limits: Limits) -> Bools:
    return isolating(pairs, published.dwells, published.dwells, DWELL, limits)


def _arrivals(published: Published, pairs: Pairs, limits: Limits) -> Bools:
    rows = corner_rows(published.of(BY_ARRIVAL, 2), hour_ranks(published.first_hour))
    return isolating_corners(pairs, rows, rows, limits)


def _groups(inner: str, outer: str) -> Comparison:
    """Attributes that tell foreign devices or residents apart, each beside another one of the outer zone."""

    def judge(published: Published, pairs: Pairs, limits: Limits) -> Bools:
        return isolating(pairs, published.groups[inner], published.groups[outer], GROUP, limits)

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
