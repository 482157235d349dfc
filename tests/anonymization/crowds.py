"""Random crowds in zones inside each other: what is counted of them, and what everybody knows of such crowds.

A metropole holds the commune 21231, which holds a venue. Who visits an inner zone visits the outer ones, for at least
as long, no later, and sleeps there too where it sleeps inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.classes import AGE, SPC_GROUPS
from anonymization.origins import Origins, OriginTally
from anonymization.policy import Policy
from anonymization.protect import Estimate, Protection
from anonymization.protect_days import protect_attendance
from anonymization.tally import Tally
from anonymization.zone_days import ZonePart
from schemas.countries import COUNTRIES
from schemas.vocabulary import AGE_BANDS, DWELL_BANDS, SPC, UNKNOWN, VISITOR_CATEGORIES
from tests.anonymization.territories import SEVENS, below, build, zone

Ints = npt.NDArray[np.int64]

AREA = build(
    SEVENS,
    zone("metropole", SEVENS[:3], kind="area"),
    zone("21231", SEVENS[:1], parent=0, size=150),
    zone("21515", SEVENS[1:2], parent=0, size=10),
    zone("39198", SEVENS[3:4], size=30),
    zone("venue", [below(SEVENS[0], 0)], kind="venue", parent=1),
)
METROPOLE, DIJON, VENUE = 0, 1, 4
NESTED = (METROPOLE, DIJON, VENUE)
NODE = {int(place): node for node, place in enumerate(AREA.zone) if place >= 0}
ORIGINS = Origins(AREA.zones)
HOMES = ("21231", "21515", "39198", "21", "75", UNKNOWN, "DE", "CH")
RESIDENTS: dict[int, set[str]] = {METROPOLE: {"21231", "21515"}, DIJON: {"21231"}, VENUE: set()}
DAY = (0, 86_400_000_000)
FIRST_HOUR = 5


@dataclass(frozen=True)
class Crowd:
    """Devices, with int64[n] columns; those of the zones, outermost first: whether they visit, and how."""

    home: Ints
    age: Ints
    spc: Ints
    visits: Sequence[npt.NDArray[np.bool_]]
    nights: Sequence[npt.NDArray[np.bool_]]
    bands: Sequence[Ints]
    ranks: Sequence[Ints]


def crowd(seed: int, devices: int, zones: int = 3, *, classes: int = 8, loyal: float = 0.9) -> Crowd:
    """A crowd of few or many classes, of which a `loyal` share visits the next inner zone, and stays as long."""
    rng = np.random.default_rng(seed)

    def some(names: Sequence[str]) -> Ints:
        chosen = rng.choice(len(names), min(classes, len(names)), replace=False)
        return rng.choice(chosen, devices, p=rng.dirichlet(np.ones(chosen.size)))

    visits, nights = [np.ones(devices, np.bool_)], [rng.random(devices) < 0.5]
    bands, ranks = [some(DWELL_BANDS)], [some([str(hour) for hour in range(24)])]
    for _ in range(zones - 1):
        same = rng.random((3, devices)) < loyal
        visits.append(visits[-1] & (rng.random(devices) < loyal))
        nights.append(nights[-1] & same[0])
        bands.append(np.where(same[1], bands[-1], rng.integers(0, bands[-1] + 1)))
        ranks.append(np.where(same[2], ranks[-1], rng.integers(ranks[-1], 24)))
    return Crowd(some(HOMES), some(AGE_BANDS), some(SPC), visits, nights, bands, ranks)


def counted(crowd: Crowd, zones: Sequence[int] = NESTED) -> tuple[list[ZonePart], dict[str, Tally], OriginTally]:
    """The parts of zones one inside the other, and the counts of each indicator."""
    counts: dict[str, list[Ints]] = {}
    origins = []
    for at, place in enumerate(zones):
        own = crowd.visits[at]
        home = crowd.home[own]
        foreign = np.array([name in COUNTRIES for name in HOMES])[home]
        resident = np.array([name in RESIDENTS[place] for name in HOMES])[home]
        night = crowd.nights[at][own].astype(np.int64)
        category = np.where(resident, 0, 1 + 2 * foreign + night)
        hour = (crowd.ranks[at][own] + FIRST_HOUR) % 24
        of_zone = {
            "attendance": np.array(home.size),
            "attendance_by_age": _counts(AGE.columns, np.where(foreign, len(AGE_BANDS), crowd.age[own])),
            "attendance_by_spc": _counts(SPC_GROUPS.columns, np.where(foreign, len(SPC), crowd.spc[own])),
            "attendance_by_category": _counts(5, category),
            "nights": _counts(10, category * 2 + night).reshape(5, 2),
            "dwell": _counts(6, crowd.bands[at][own]),
            "dwell_by_arrival": _counts(144, crowd.bands[at][own] * 24 + hour).reshape(6, 24),
        }
        for name, values in of_zone.items():
            counts.setdefault(name, []).append(values)
        origins += [(at, ORIGINS.place[HOMES[each]]) for each in home.tolist()]
    parts = [
        ZonePart((place,), (NODE[place],), int(size)) for place, size in zip(zones, counts["attendance"], strict=True)
    ]
    part, origin = np.array(origins, np.int64).reshape(-1, 2).T
    ones = np.ones(part.size, np.int64)
    tallies = {name: _tally(np.stack(values)) for name, values in counts.items()}
    return parts, tallies, OriginTally(part, origin, Tally(ones, ones * 1000))


def _counts(classes: int, of: Ints) -> Ints:
    return np.bincount(of, minlength=classes).astype(np.int64)


def _tally(devices: npt.NDArray[np.generic]) -> Tally:
    counts = devices.astype(np.int64)
    return Tally(counts, counts * 1000)


def protection(k: int, rounding: int = 0) -> Protection:
    return Protection(AREA, Policy(k, 1.0, rounding, test=True), Estimate(0.95), bytes(16))


def released(people: Crowd, k: int, rounding: int = 0, zones: Sequence[int] = NESTED) -> dict[str, pa.Table]:
    """Everything that is published of a crowd; zones that too few visited, or missed, are left out."""
    sizes = [int(visits.sum()) for visits in people.visits]
    kept: list[int] = []
    for at, size in enumerate(sizes[: len(zones)]):
        if size >= k and all(sizes[outer] == size or sizes[outer] - size >= k for outer in kept):
            kept.append(at)
    some = Crowd(
        people.home,
        people.age,
        people.spc,
        *([of[at] for at in kept] for of in (people.visits, people.nights, people.bands, people.ranks)),
    )
    parts, counts, origins = counted(some, [zones[at] for at in kept])
    return protect_attendance(parts, counts, origins, DAY, protection(k, rounding), FIRST_HOUR)


# What everybody knows: the kinds of device that there can be, and the class of each in both zones.

Kind = tuple[str, str]
"""The class of a device in the inner zone and in the outer one."""


def _category(home: str, zone_place: int, night: bool) -> str:
    if home in RESIDENTS[zone_place]:
        return VISITOR_CATEGORIES[0]
    return VISITOR_CATEGORIES[1 + 2 * (home in COUNTRIES) + night]


def who(inner: int, outer: int) -> list[dict[str, tuple[set[str], set[str]]]]:
    """Of each kind of device by home, nights and age: by indicator, the values that it has inside and around."""
    kinds = []
    # A device at home in any place that a release can tell apart, known or not.
    for home, (slept, slept_around), known in product(HOMES, [(0, 0), (0, 1), (1, 1)], ("18-24", "65+", UNKNOWN)):
        own, around = (_category(home, zone, bool(night)) for zone, night in ((inner, slept), (outer, slept_around)))
        abroad = home in COUNTRIES
        ages = {"foreign", UNKNOWN} if abroad else {known}
        kinds.append(
            {
                "attendance_by_category": ({own}, {around}),
                "nights": ({f"{own} {slept}"}, {f"{around} {slept_around}"}),
                "attendance_by_origin": ({home}, {home}),
                "attendance_by_age": (ages, ages),
            }
        )
    return kinds
