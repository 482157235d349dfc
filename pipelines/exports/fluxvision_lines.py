"""The files of a Flux Vision delivery: which lines each one has, and which published classes a line stands for."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pipelines.exports.zones import Zone
from schemas.countries import UNKNOWN_COUNTRY
from schemas.french_places import COUNTRIES, DEPARTEMENTS
from schemas.vocabulary import FOREIGN, UNKNOWN

MASKED: Final = "#"
"""The volume of what is not published on its own, which is never 0."""
TOTAL: Final = "CUMUL"

_LOCAL, _NONLOCAL, _ABROAD, _ANY = "LOCAL", "NONLOCAL", "ETRANGER", ""
_NOT_GIVEN: Final = "NR"
_COMMUNE: Final = re.compile(r"(?:\d\d|2[AB])\d{3}")

Row = tuple[frozenset[str], float]
"""A published row of a zone: the classes that it covers, and its people."""


@dataclass(frozen=True)
class Line:
    """A line of a file: what it is called, and the classes of the attribute that it adds up."""

    origin: str
    category: str
    dimensions: tuple[str, ...]
    classes: frozenset[str]


@dataclass(frozen=True)
class Family:
    """A kind of file: `columns` are its own, `lines` gives those of a zone among all zones of the release.

    `total`: the split covers all who are in `attendance`.
    """

    name: str
    indicator: str
    attribute: str
    columns: tuple[str, ...]
    lines: Callable[[Zone, Sequence[Zone]], list[Line]]
    total: bool = False


def volume(rows: Iterable[Row], classes: frozenset[str]) -> str:
    """The people of the rows that cover these classes and no others, or MASKED where a row crosses or none is there.

    A pool lists all that it covers, so that what no row names held nobody.
    """
    touching = [(covered, people) for covered, people in rows if covered & classes]
    if not touching or any(covered - classes for covered, _ in touching):
        return MASKED
    return str(round(sum(people for _, people in touching)))


def _by_category(zone: Zone, zones: Sequence[Zone]) -> list[Line]:
    return [Line(origin, category, (), frozenset({published})) for published, origin, category in _CATEGORIES]


def _by_age(zone: Zone, zones: Sequence[Zone]) -> list[Line]:
    known = [Line(_ANY, _ANY, (label,), frozenset({band})) for band, label in _AGES.items()]
    return [*known, Line(_ABROAD, _ANY, (_NOT_GIVEN,), frozenset({FOREIGN}))]


def _by_dwell(zone: Zone, zones: Sequence[Zone]) -> list[Line]:
    return [Line(_ANY, _ANY, (label,), frozenset({band})) for band, label in _DWELL.items()]


def _by_departement(zone: Zone, zones: Sequence[Zone]) -> list[Line]:
    """Residents by their département, then all other domestic visitors by theirs."""
    communes: dict[str, set[str]] = {}
    for each in zones:
        if _COMMUNE.fullmatch(each.zone_id):
            communes.setdefault(_departement_of(each.zone_id), set()).add(each.zone_id)
    lines = []
    for code, place in DEPARTEMENTS.items():
        inside = communes.get(code, set()) & zone.inside
        outside = {code} | communes.get(code, set()) - zone.inside
        for origin, classes in ((_LOCAL, inside), (_NONLOCAL, outside)):
            if classes:
                lines.append(Line(origin, _ANY, (place.name, place.region, place.new_region), frozenset(classes)))
    return [*lines, Line(_NONLOCAL, _ANY, (_NOT_GIVEN,) * 3, frozenset({UNKNOWN}))]


def _by_country(zone: Zone, zones: Sequence[Zone]) -> list[Line]:
    named = {**COUNTRIES, UNKNOWN_COUNTRY: _NOT_GIVEN}
    return [Line(_ABROAD, _ANY, (name,), frozenset({code})) for code, name in named.items()]


def _departement_of(commune: str) -> str:
    return commune[:3] if commune.startswith("97") else commune[:2]


_CATEGORIES: Final = (
    ("resident", _LOCAL, "RESIDENT"),
    ("excursionist", _NONLOCAL, "EXCURSIONNISTE"),
    ("tourist", _NONLOCAL, "TOURISTE"),
    ("foreign excursionist", _ABROAD, "EXCURSIONNISTE"),
    ("foreign tourist", _ABROAD, "TOURISTE"),
)
_AGES: Final = {
    "<18": "<18",
    "18-24": "18-24 ans",
    "25-34": "25-34 ans",
    "35-44": "35-44 ans",
    "45-54": "45-54 ans",
    "55-64": "55-64 ans",
    "65+": "65 ans et +",
    UNKNOWN: _NOT_GIVEN,
}
_DWELL: Final = {
    "<30 min": "MOINS DE 30 MIN",
    "30-60 min": "30 MIN A 1 H",
    "1-2 h": "1 H A 2 H",
    "2-4 h": "2 H A 4 H",
    "4-8 h": "4 H A 8 H",
    ">=8 h": "8 H ET PLUS",
}

FAMILIES: Final = (
    Family("Nuitee", "nights", "visitor_category", (), _by_category),
    Family("Diurne", "attendance_by_category", "visitor_category", (), _by_category),
    Family("Diurne_Age", "attendance_by_age", "age_band", ("Age",), _by_age, total=True),
    Family(
        "Diurne_Departement",
        "attendance_by_origin",
        "origin",
        ("NomDepartement", "NomRegion", "NomNouvelleRegion"),
        _by_departement,
    ),
    Family("Diurne_Pays", "attendance_by_origin", "origin", ("Pays",), _by_country),
    Family("DureePresence", "dwell", "dwell_band", ("DureePresence",), _by_dwell, total=True),
)
