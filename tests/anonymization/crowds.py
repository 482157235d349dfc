"""Random crowds in zones inside each other: what is counted of them, and what everybody knows of such crowds.

A metropole holds the commune 21231, which holds a venue. Who visits an inner zone visits the outer ones, for at least
as long, no later, and sleeps there too where it sleeps inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

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
from schemas.indicators import INDICATORS
from schemas.vocabulary import AGE_BANDS, ALL, DWELL_BANDS, FOREIGN, SPC, UNKNOWN, VISITOR_CATEGORIES
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


# What everybody knows: the kinds of device that there can be, and the value of each in both zones.

Kind = dict[str, tuple[str, str]]
"""By indicator, the value of a kind of device in the inner zone and in the outer one."""
Row = tuple[frozenset[str], int]
"""The values that a row lists, none where it collapsed to `all`, and its devices."""

WHO = ("attendance_by_age", "attendance_by_category", "nights", "attendance_by_origin")
HOW_LONG = ("dwell", "dwell_by_arrival")


def _category(home: str, place: int, night: int) -> str:
    if home in RESIDENTS[place]:
        return VISITOR_CATEGORIES[0]
    return VISITOR_CATEGORIES[1 + 2 * (home in COUNTRIES) + night]


def kinds_of_people(inner: int, outer: int) -> list[Kind]:
    """By home, nights and age."""
    found = []
    for home, (slept, slept_around), age in product(ORIGINS.names, [(0, 0), (0, 1), (1, 1)], AGE_BANDS):
        own, around = _category(home, inner, slept), _category(home, outer, slept_around)
        known = FOREIGN if home in COUNTRIES else age
        found.append(
            {
                "attendance_by_age": (known, known),
                "attendance_by_category": (own, around),
                "nights": (f"{own} {slept}", f"{around} {slept_around}"),
                "attendance_by_origin": (home, home),
            }
        )
    return found


def kinds_of_visits() -> list[Kind]:
    """By dwell and arrival."""
    places = range(len(DWELL_BANDS))
    bands = [(own, around) for own in places for around in places if around >= own]
    ranks = [(own, around) for own in range(24) for around in range(24) if around <= own]
    found = []
    for band, rank in product(bands, ranks):
        band_of = [DWELL_BANDS[at] for at in band]
        visit = [f"{name} {(at + FIRST_HOUR) % 24:02}" for name, at in zip(band_of, rank, strict=True)]
        found.append({"dwell": (band_of[0], band_of[1]), "dwell_by_arrival": (visit[0], visit[1])})
    return found


def rows_of(tables: dict[str, pa.Table], indicator: str, zone_id: str) -> list[Row]:
    """The rows of a zone; those of nights are the categories, in two where the night is told."""
    if indicator == "nights":
        return _stays(tables, zone_id)
    if indicator == "dwell_by_arrival":
        rows = _listed(tables[indicator], zone_id, "dwell_band", "arrival_hour")
        return [(_crossed(band, hour), devices) for (band, hour), devices in rows]
    attribute = INDICATORS[indicator].attributes[0]
    return [(_tokens(value), devices) for (value,), devices in _listed(tables[indicator], zone_id, attribute)]


def _stays(tables: dict[str, pa.Table], zone_id: str) -> list[Row]:
    nights = dict(_listed(tables["nights"], zone_id, "visitor_category"))
    found: list[Row] = []
    for (value,), devices in _listed(tables["attendance_by_category"], zone_id, "visitor_category"):
        night = nights.get((value,), 0)
        sides = [{f"{name} {slept}" for name in _tokens(value)} for slept in (0, 1)]
        if night:
            found += [(frozenset(sides[1]), night), (frozenset(sides[0]), devices - night)]
        else:
            found.append((frozenset(sides[0] | sides[1]), devices))
    return [row for row in found if row[1]]


def _listed(table: pa.Table, zone_id: str, *attributes: str) -> list[tuple[tuple[str, ...], int]]:
    columns = [table[name].to_pylist() for name in ("zone_id", "devices", *attributes)]
    return [(tuple(values), devices) for zone, devices, *values in zip(*columns, strict=True) if zone == zone_id]


def _tokens(value: str) -> frozenset[str]:
    return frozenset() if value == ALL else frozenset(value.split("|"))


def _crossed(band: str, hour: str) -> frozenset[str]:
    hours = _tokens(hour) or {f"{each:02}" for each in range(24)}
    return frozenset(f"{each} {at}" for each in _tokens(band) for at in hours)


def isolated(
    tables: dict[str, pa.Table], ends: tuple[str, str], kinds: list[Kind], indicators: Sequence[str], k: int
) -> list[tuple[str, str, int]]:
    """All numbers of 1 to k-1 that an attacker finds by taking rows of a zone from rows of the zone around it.

    The rows taken are known to be among the others: each kind of device that can be in one of them is in one of these.
    What no row lists is known to be nobody.
    """
    rows = {(name, end): rows_of(tables, name, ends[end]) for name in indicators for end in (0, 1)}
    masks = {key: [_mask(key, values, of_key, kinds) for values, _ in of_key] for key, of_key in rows.items()}
    possible = (1 << len(kinds)) - 1
    for of_key in masks.values():
        possible &= _union(of_key) if of_key else possible
    found = []
    for one, other in product(indicators, indicators):
        inner, outer = rows[one, 0], rows[other, 1]
        for chosen in _sets(len(inner)) if outer else ():
            taken = possible & _union([masks[one, 0][at] for at in chosen])
            left = sum(devices for (_, devices), mask in zip(outer, masks[other, 1], strict=True) if mask & taken)
            left -= sum(inner[at][1] for at in chosen)
            if 0 < left < k:
                found.append((one, other, left))
    return found


def _sets(rows: int) -> list[tuple[int, ...]]:
    """All sets of rows; of many rows, those of up to three and their complements."""
    sizes = range(1, rows + 1) if rows <= 8 else (1, 2, 3, rows - 2, rows - 1, rows)
    return [chosen for size in sizes for chosen in combinations(range(rows), size)]


def _union(masks: Sequence[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def _mask(key: tuple[str, int], values: frozenset[str], rows: list[Row], kinds: list[Kind]) -> int:
    """The kinds that a row can hold, as bits."""
    name, end = key
    apart = any(FOREIGN in listed for listed, _ in rows)
    found = 0
    for place, kind in enumerate(kinds):
        value = kind[name][end]
        value = UNKNOWN if value == FOREIGN and not apart else value
        found |= (not values or value in values) << place
    return found
