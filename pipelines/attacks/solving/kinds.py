"""Kinds: the classes that the rows of a population tell apart, in families that split the same devices.

A family is an indicator that splits the plain figure, with all that split its rows in turn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import pyarrow as pa

from anonymization.classes import CLASSES
from pipelines.arrays import Bools, Ints, column
from pipelines.score.sql import ask
from schemas.countries import COUNTRIES
from schemas.indicators import INDICATORS, Indicator
from schemas.vocabulary import ALL, FOREIGN, SEPARATOR, UNKNOWN

_ABROAD: Final = {
    *COUNTRIES,
    FOREIGN,
    *(
        name
        for each in CLASSES.values()
        for name, group in zip(each.names, each.groups, strict=True)
        if group == FOREIGN
    ),
}


@dataclass(frozen=True)
class Kinds:
    """The classes of all families: `family` int64[kinds]; `foreign` bool[kinds]: whether one is of foreign devices.

    `rest` bool[kinds]: those whom an indicator leaves that gives some of the devices: nobody, or at least k.
    """

    family: Ints
    foreign: Bools
    rest: Bools


@dataclass(frozen=True)
class Family:
    """`attributes` of its finest indicator, and each class as a value of each; `first`: the place of the first kind.

    Where an indicator gives some of the devices, each class stands twice: those whom it gives, and the others.
    """

    attributes: tuple[str, ...]
    classes: tuple[tuple[str, ...], ...]
    partial: bool
    first: int

    @property
    def size(self) -> int:
        """How many kinds there are."""
        return len(self.classes) * (1 + self.partial)

    def of_row(self, values: Mapping[str, str], *, foreign_unknown: bool, some: bool) -> Ints:
        """The kinds that a row lists, given its values; `some`: it gives some of the devices.

        `foreign_unknown`: foreign devices are among the unknown ones.
        """
        listed = {name: set(text.split(SEPARATOR)) for name, text in values.items() if text != ALL}
        for each in listed.values():
            each |= {FOREIGN} if foreign_unknown and UNKNOWN in each else set()
        places = [listed.get(name) for name in self.attributes]
        own = [
            all(names is None or value in names for value, names in zip(each, places, strict=True))
            for each in self.classes
        ]
        given = np.flatnonzero(own) + self.first
        return given if some or not self.partial else np.concatenate([given, given + len(self.classes)])


def families_of(indicators: Sequence[Indicator], rows: Mapping[str, pa.Table]) -> dict[str, Family]:
    """The families by the name of the indicator that splits the plain figure, with all values that rows print."""
    found: dict[str, Family] = {}
    members: dict[str, list[Indicator]] = {}
    for indicator in indicators:
        if name := family_name(indicator):
            members.setdefault(name, []).append(indicator)
    for name, own in members.items():
        attributes = max((each.attributes for each in own), key=len)
        values = [_values(attribute, own, rows) for attribute in attributes]
        first = sum(each.size for each in found.values())
        found[name] = Family(attributes, tuple(product(*values)), any(each.partial for each in own), first)
    return found


def family_name(indicator: Indicator) -> str:
    """The indicator below the plain one that an indicator splits, or is; nothing for one that splits none."""
    if not indicator.splits:
        return ""
    return family_name(INDICATORS[indicator.splits]) or indicator.name


def kinds_of(families: Mapping[str, Family]) -> Kinds:
    """The kinds of all families, or one of all devices where there are none."""
    if not families:
        return Kinds(np.zeros(1, np.int64), np.zeros(1, np.bool_), np.zeros(1, np.bool_))
    foreign, rest = [], []
    for each in families.values():
        abroad = [not _ABROAD.isdisjoint(values) for values in each.classes]
        foreign += abroad * (1 + each.partial)
        rest += [False] * len(abroad) + [True] * len(abroad) * each.partial
    family = np.repeat(np.arange(len(families)), [each.size for each in families.values()])
    return Kinds(family, np.array(foreign, np.bool_), np.array(rest, np.bool_))


def listed_in(indicator: Indicator, rows: pa.Table, families: Mapping[str, Family], kinds: int) -> Ints:
    """int64[2, n]: pairs of a row and a kind that it counts; a row that is not split counts all."""
    name = family_name(indicator)
    if not name:
        return np.stack([np.repeat(np.arange(rows.num_rows), kinds), np.tile(np.arange(kinds), rows.num_rows)])
    apart = " OR ".join(f"{each} = '{FOREIGN}'" for each in indicator.attributes)
    labels = ask(
        f"""
        SELECT {", ".join(indicator.attributes)}, NOT apart AS hidden, list(row ORDER BY row) AS rows FROM (
            SELECT *, bool_or({apart}) OVER (PARTITION BY window_start, zone_id, cells) AS apart FROM rows
        ) GROUP BY ALL ORDER BY ALL
        """,  # noqa: S608 - the names are those of declared attributes
        rows=rows.append_column("row", pa.array(np.arange(rows.num_rows))),
    )
    pieces = [np.zeros((2, 0), np.int64)]
    for label in labels.to_pylist():
        values = {attribute: label[attribute] for attribute in indicator.attributes}
        found = families[name].of_row(values, foreign_unknown=label["hidden"], some=indicator.partial)
        own = np.array(label["rows"], np.int64)
        pieces.append(np.stack([np.repeat(own, found.size), np.tile(found, own.size)]))
    return np.concatenate(pieces, axis=1)


def _values(attribute: str, indicators: Sequence[Indicator], rows: Mapping[str, pa.Table]) -> list[str]:
    """The values of an attribute that any row prints; foreign devices have one where they are counted apart."""
    printed = {
        value
        for each in indicators
        if attribute in each.attributes
        for text in set(column(rows[each.name], attribute).tolist())
        for value in str(text).split(SEPARATOR)
    }
    if any(each.homogeneous for each in indicators):
        printed.add(FOREIGN)
    return sorted(printed - {ALL}) or [ALL]
