"""Classes as rows print them, and what everybody knows of them: who was in a place was in the one around it.

Age, occupation and home are the same everywhere. A visit of the place around is as long or longer, begins no later, and
is by night if the other is. A home inside a place is inside the one around it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from schemas.countries import COUNTRIES
from schemas.indicators import INDICATORS
from schemas.vocabulary import ALL, ARRIVAL_HOURS, DWELL_BANDS, FOREIGN, SEPARATOR, VISITOR_CATEGORIES

Bits = int
"""A set of kinds of devices, of rows, or of homes: one bit for each, the first one lowest."""

RESIDENT, OTHER, ABROAD = 1, 2, 4
"""Homes as seen from a part: inside it, elsewhere in the country, abroad."""
HOMES: Final = (RESIDENT, OTHER, ABROAD)
ANYWHERE: Final = RESIDENT | OTHER | ABROAD

ASLEEP: Final = " by night"
"""Ends the name of a kind of devices that slept in the part."""


@dataclass(frozen=True)
class Attribute:
    """What is known of an attribute: its kinds of devices, and in which of them a device can be around.

    `around`: a set of kinds inside to those around; `home`: a kind, and the homes inside a part, to where it can live.
    """

    kinds: tuple[str, ...]
    around: Callable[[Bits], Bits]
    home: Callable[[str, frozenset[str]], int]

    def of(self, value: str) -> Bits:
        """The kinds that a printed value lists."""
        listed = frozenset(value.split(SEPARATOR))
        return self._where(lambda kind: value == ALL or kind.removesuffix(ASLEEP) in listed)

    def at(self, residents: frozenset[str]) -> tuple[Bits, ...]:
        """The kinds that can live in each of HOMES."""
        homes = [self.home(kind, residents) for kind in self.kinds]
        return tuple(sum(1 << at for at, home in enumerate(homes) if home & each) for each in HOMES)

    def _where(self, chosen: Callable[[str], bool]) -> Bits:
        return sum(1 << at for at, kind in enumerate(self.kinds) if chosen(kind))


def attribute(name: str, values: Iterable[str], first_hour: int) -> Attribute:
    """What is known of an attribute of which these values are printed, in days that begin at a local hour.

    Of an attribute that is not known here nothing is: a device may be in any class around.
    """
    listed = {each for value in values for each in value.split(SEPARATOR)} - {ALL}
    if name in _PERSONAL:
        return Attribute(tuple(sorted(listed | {FOREIGN})), lambda kinds: kinds, _home_of_person)
    if name == "origin":
        return Attribute(tuple(sorted(listed)), lambda kinds: kinds, _home_of_origin)
    if name == "visitor_category":
        kinds = tuple(kind for category in VISITOR_CATEGORIES for kind in _nights(category))
        asleep = sum(1 << at for at, kind in enumerate(kinds) if kind.endswith(ASLEEP))
        everybody = (1 << len(kinds)) - 1
        return Attribute(kinds, lambda kinds: everybody if kinds & ~asleep else asleep, _home_of_visitor)
    hours = ARRIVAL_HOURS[first_hour:] + ARRIVAL_HOURS[:first_hour]
    rising = {"dwell_band": DWELL_BANDS, "arrival_hour": hours[::-1]}.get(name)
    if rising is not None:
        everything = (1 << len(rising)) - 1
        return Attribute(rising, lambda kinds: everything & -(kinds & -kinds), lambda kind, residents: ANYWHERE)
    everything = (1 << len(listed)) - 1
    return Attribute(tuple(sorted(listed)), lambda kinds: everything, lambda kind, residents: ANYWHERE)


_PERSONAL: Final = frozenset(each.attributes[0] for each in INDICATORS.values() if each.homogeneous)
"""What the register says of a person, and of foreign devices never."""


def _nights(category: str) -> tuple[str, ...]:
    """The kinds of a category: residents slept there or not, and for all others the category says it."""
    if category == VISITOR_CATEGORIES[0]:
        return category, category + ASLEEP
    return (category + ASLEEP if "tourist" in category else category,)


def _home_of_person(kind: str, residents: frozenset[str]) -> int:
    return ABROAD if kind == FOREIGN else RESIDENT | OTHER


def _home_of_origin(kind: str, residents: frozenset[str]) -> int:
    return ABROAD if kind in COUNTRIES else RESIDENT if kind in residents else OTHER


def _home_of_visitor(kind: str, residents: frozenset[str]) -> int:
    return ABROAD if kind.startswith(FOREIGN) else RESIDENT if kind.startswith(VISITOR_CATEGORIES[0]) else OTHER
