"""Reach: the rows of a part in which the devices of each row of a part inside it can be, or of the same part.

A union of rows that holds all that some rows reach holds all their devices, so that anybody can subtract these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Final

from pipelines.attacks.figures.classes import ABROAD, ANYWHERE, ASLEEP, HOMES, OTHER, RESIDENT, Attribute, Bits
from schemas.errors import UsageError
from schemas.indicators import INDICATORS
from schemas.vocabulary import FOREIGN, UNKNOWN

MOST_UNIONS: Final = 1_000
"""Unions of rows of one indicator and part that are tried at most, those of few rows first."""

SOME, OTHERS, ALL_OF_THEM = "some", "others", ""
"""Of a row of an indicator that gives some devices of another: these, those left, or the row that is not told apart."""

_ASLEEP_ARE: Final = {"nights": SOME}
"""Of indicators that give some devices of another, which ones slept in the part."""


@dataclass(frozen=True)
class Printed:
    """What a row prints of classes: a value for each attribute, and which devices these are."""

    values: tuple[str, ...]
    which: str = ALL_OF_THEM


@dataclass(frozen=True)
class Row:
    """The kinds of devices that a row can hold, by attribute, and where they can live as seen from the part."""

    kinds: Mapping[str, Bits]
    homes: Bits


@dataclass(frozen=True)
class Part:
    """Rows by indicator; `at`: the kinds of each attribute by HOMES; `whole`: the indicators that hold all devices."""

    rows: Mapping[str, tuple[Row, ...]]
    at: Mapping[str, tuple[Bits, ...]]
    whole: tuple[str, ...]


def part_of(
    printed: Mapping[str, Sequence[Printed]],
    attributes: Mapping[str, Attribute],
    residents: frozenset[str],
    whole: Sequence[str],
) -> Part:
    """The rows of a part, by indicator, with what they tell of each other.

    `whole`: the indicators whose rows hold every device of the part. If no row of one of them can hold a device of some
    home, none of the part lives there.
    """
    at = {name: each.at(residents) for name, each in attributes.items()}
    first = {name: [_row(name, each, rows, attributes, at) for each in rows] for name, rows in printed.items()}
    homes = reduce(and_, (reduce(or_, (row.homes for row in first[name]), 0) for name in whole), ANYWHERE)
    known = {name: tuple(_living(row, homes, at) for row in rows) for name, rows in first.items()}
    return Part(known, at, tuple(whole))


def _row(
    indicator: str,
    row: Printed,
    rows: Sequence[Printed],
    attributes: Mapping[str, Attribute],
    at: Mapping[str, tuple[Bits, ...]],
) -> Row:
    """A row by itself: where no row of foreign devices stands, they are among the unknown ones."""
    kinds = {}
    for place, name in enumerate(INDICATORS[indicator].attributes):
        known = attributes[name]
        kinds[name] = known.of(row.values[place])
        if known.of(UNKNOWN) & kinds[name] and not any(each.values[place] == FOREIGN for each in rows):
            kinds[name] |= known.of(FOREIGN) if INDICATORS[indicator].homogeneous else 0
        if row.which:
            asleep = sum(1 << at for at, kind in enumerate(known.kinds) if kind.endswith(ASLEEP))
            kinds[name] &= asleep if row.which == _those_asleep(indicator) else ~asleep
    return _living(Row(kinds, ANYWHERE), ANYWHERE, at)


def _those_asleep(indicator: str) -> str:
    """Which of the devices that an indicator tells apart slept in the part; one that is not known stops the attack."""
    if indicator not in _ASLEEP_ARE:
        raise UsageError(
            f"attacks: expected to know which devices {indicator} gives of another indicator, found no rule",
            "add it to _ASLEEP_ARE in pipelines/attacks/figures/reach.py",
        )
    return _ASLEEP_ARE[indicator]


def _living(row: Row, homes: Bits, at: Mapping[str, tuple[Bits, ...]]) -> Row:
    """A row of which everybody lives in some of `homes`."""
    homes &= row.homes
    for name, kinds in row.kinds.items():
        homes &= _homes(kinds, at[name])
    kept = {name: kinds & reduce(or_, _of_homes(at[name], homes), 0) for name, kinds in row.kinds.items()}
    return Row(kept, homes)


def _homes(kinds: Bits, at: tuple[Bits, ...]) -> Bits:
    """Where some kinds can live."""
    return sum(home for home, able in zip(HOMES, at, strict=True) if kinds & able)


def _of_homes(at: tuple[Bits, ...], homes: Bits) -> list[Bits]:
    """The kinds that can live in each of some homes."""
    return [able for home, able in zip(HOMES, at, strict=True) if home & homes]


@dataclass(frozen=True)
class Nesting:
    """A part inside another, or the `same` part twice; `attributes` are those of their rows."""

    inner: Part
    outer: Part
    same: bool
    attributes: Mapping[str, Attribute]

    def reached(self, inner: str, outer: str) -> list[Bits]:
        """For each row of an indicator inside, the rows of one around that can hold a device of it, as bits."""
        moves = self._moves()
        around = [self._around(row, moves) for row in self.inner.rows[inner]]
        return [
            sum(1 << place for place, row in enumerate(self.outer.rows[outer]) if _meet(each, row)) for each in around
        ]

    def _moves(self) -> dict[int, Bits]:
        """For each home as seen from inside, the homes as seen from around."""
        if self.same:
            return {home: home for home in HOMES}
        moves = {RESIDENT: RESIDENT, OTHER: RESIDENT | OTHER, ABROAD: ABROAD}
        for name in self.inner.whole:
            found = [self._around(_living(row, OTHER, self.inner.at), moves).homes for row in self.inner.rows[name]]
            moves[OTHER] &= reduce(or_, found, 0)
        return moves

    def _around(self, row: Row, moves: Mapping[int, Bits]) -> Row:
        """What the devices of a row are around."""
        homes = reduce(or_, (moves[home] for home in HOMES if home & row.homes), 0)
        kinds = {name: self._kinds(name, bits, row.homes, moves) for name, bits in row.kinds.items()}
        return _living(Row(kinds, ANYWHERE), homes, self.outer.at)

    def _kinds(self, name: str, kinds: Bits, homes: Bits, moves: Mapping[int, Bits]) -> Bits:
        if self.same:
            return kinds
        found = 0
        for home, able in zip(HOMES, self.inner.at[name], strict=True):
            if home & homes and kinds & able:
                around = self.attributes[name].around(kinds & able)
                found |= around & reduce(or_, _of_homes(self.outer.at[name], moves[home]), 0)
        return found


def _meet(one: Row, other: Row) -> bool:
    """Whether a device can be of both rows."""
    shared = one.kinds.keys() & other.kinds.keys()
    return bool(one.homes & other.homes) and all(one.kinds[name] & other.kinds[name] for name in shared)


def unions(reached: Sequence[Bits]) -> list[tuple[Bits, Bits]]:
    """Unions of rows around that are worth a try, and for each all rows inside whose devices it holds, both as bits.

    Unions of reaches that overlap: what others leave is the sum of what these leave. Fewer rows inside would leave
    more, as each holds at least k.
    """
    single = list(dict.fromkeys(each for each in reached if each))
    found = dict.fromkeys(single)
    queue = list(single)
    for union in queue:
        for each in single:
            if len(found) < MOST_UNIONS and each & union and each | union not in found:
                found[each | union] = None
                queue.append(each | union)
    return [(union, _held(reached, union)) for union in found]


def _held(reached: Sequence[Bits], union: Bits) -> Bits:
    return sum(1 << place for place, each in enumerate(reached) if each and not each & ~union)
