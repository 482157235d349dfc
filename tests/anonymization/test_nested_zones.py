"""What is published of zones inside each other: no class of one tells of a few devices by subtraction."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymization.classes import Classes, split_by_class
from anonymization.comparisons import COMPARISONS
from anonymization.images import Image
from anonymization.nested import Limits, Pairs, Rows, isolating
from anonymization.origins import OriginTally
from anonymization.policy import Policy
from anonymization.protect_days import protect_attendance
from anonymization.tally import Tally
from anonymization.tree import class_tree
from anonymization.zone_days import ZonePart
from schemas.vocabulary import AGE_BANDS, ARRIVAL_HOURS, DWELL_BANDS, VISITOR_CATEGORIES
from tests.anonymization.crowds import (
    DAY,
    DIJON,
    HOW_LONG,
    METROPOLE,
    NODE,
    ORIGINS,
    VENUE,
    WHO,
    Kind,
    crowd,
    isolated,
    kinds_of_people,
    kinds_of_visits,
    protection,
    released,
)
from tests.anonymization.test_feasibility import all_counts

Homes = Mapping[str, int]
K = 20
EVERYTHING = dict.fromkeys(
    ("|".join(names) for names in (VISITOR_CATEGORIES, DWELL_BANDS, ARRIVAL_HOURS, ORIGINS.names)), "all"
)
"""A pool of all classes, for short; ages and occupations print `all` themselves."""
PLACES = {"attendance_by_category": "visitor_category", "attendance_by_origin": "origin"}
NAMES = {METROPOLE: "metropole", DIJON: "21231", VENUE: "venue"}


def published(
    name: str, *parts: tuple[int, np.ndarray], rounding: int = 0, first_hour: int = 5
) -> dict[str, list[tuple[object, ...]]]:
    """The rows of each zone of one indicator, from its counts by class."""
    day = [ZonePart((zone,), (NODE[zone],), int(counts.sum())) for zone, counts in parts]
    devices = np.stack([counts for _, counts in parts]).astype(np.int64)
    tables = protect_attendance(
        day, {name: Tally(devices, devices * 1000)}, None, DAY, protection(K, rounding), first_hour
    )
    return by_zone(tables[name])


def by_zone(table: pa.Table) -> dict[str, list[tuple[object, ...]]]:
    known = {"age_band", "spc", "visitor_category", "origin", "dwell_band", "arrival_hour", "devices"}
    found: dict[str, list[tuple[object, ...]]] = {}
    for row in table.to_pylist():
        values = tuple(EVERYTHING.get(row[name], row[name]) for name in table.column_names if name in known)
        found.setdefault(row["zone_id"], []).append(values)
    return found


def ages(**devices: int) -> np.ndarray:
    """Devices below 18 (`child`), aged 18-24 (`young`), 45-54 (`old`), of unknown age and foreign."""
    counts = np.zeros(len(AGE_BANDS) + 1, np.int64)
    for name, place in (("child", 0), ("young", 1), ("old", 4), ("unknown", 7), ("foreign", 8)):
        counts[place] = devices.get(name, 0)
    return counts


def categories(*devices: int) -> np.ndarray:
    return np.array(devices, np.int64)


def nights(*devices: tuple[int, int]) -> np.ndarray:
    return np.array(devices, np.int64)


def dwell(**devices: int) -> np.ndarray:
    counts = np.zeros(len(DWELL_BANDS), np.int64)
    for name, place in (("short", 0), ("middle", 2), ("long", 4), ("longest", 5)):
        counts[place] = devices.get(name, 0)
    return counts


def arrivals(*cells: tuple[int, int, int]) -> np.ndarray:
    counts = np.zeros((len(DWELL_BANDS), 24), np.int64)
    for band, hour, devices in cells:
        counts[band, hour] += devices
    return counts


LEFT = pytest.mark.parametrize(
    ("left", "told"),
    [(0, True), (1, False), (19, False), (20, True), (21, True)],
    ids=["0", "1", "k-1", "k", "k+1"],
)


def test_a_nested_zones_class_is_not_isolated_by_subtracting_it() -> None:
    # 50 of 18-24 were in the commune and 45 of these in the venue: 5 were in the commune only, and are 18-24.
    commune, venue = ages(young=50, old=90), ages(young=45, old=40)
    found = published("attendance_by_age", (DIJON, commune), (VENUE, venue))
    assert found == {"21231": [("18-24", 50), ("45-54", 90)], "venue": [("all", 85)]}


@LEFT
def test_an_age_of_a_zone_inside_is_told_where_nobody_or_at_least_k_are_left(left: int, told: bool) -> None:
    found = published("attendance_by_age", (DIJON, ages(young=30 + left, old=90)), (VENUE, ages(young=30, old=40)))
    assert (found["venue"] != [("all", 70)]) is told


@LEFT
def test_so_is_a_pool_of_ages(left: int, told: bool) -> None:
    # Inside, children pool with 18-24; around it, both stand apart.
    outer, inner = ages(child=20, young=20 + left, old=90), ages(child=15, young=25, old=30)
    found = published("attendance_by_age", (DIJON, outer), (VENUE, inner))
    assert (found["venue"] != [("all", 70)]) is told


@LEFT
def test_so_are_residents(left: int, told: bool) -> None:
    outer, inner = categories(30 + left, 70, 0, 0, 0), categories(30, 30, 0, 0, 0)
    found = published("attendance_by_category", (METROPOLE, outer), (DIJON, inner))
    assert found["21231"] == ([("excursionist", 30), ("resident", 30)] if told else [("all", 60)])


@LEFT
def test_who_sleeps_inside_may_be_at_home_around(left: int, told: bool) -> None:
    # 60 sleep in the venue; around it those who sleep are tourists or residents.
    outer = nights((40, 30), (60, 0), (0, 30 + left), (0, 0), (0, 0))
    inner = nights((0, 0), (25, 0), (0, 60), (0, 0), (0, 0))
    both = [(DIJON, outer), (VENUE, inner)]
    found = published("attendance_by_category", *((zone, counts.sum(axis=1)) for zone, counts in both))
    assert found["venue"] == [("excursionist", 25), ("tourist", 60)]
    day = protect(both)
    by_category, asleep = by_zone(day["attendance_by_category"]), by_zone(day["nights"])
    assert by_category["venue"] == ([("excursionist", 25), ("tourist", 60)] if told else [("all", 85)])
    assert asleep.get("venue", []) == ([("tourist", 60)] if told else [])


def protect(parts: Sequence[tuple[int, np.ndarray]]) -> dict[str, pa.Table]:
    """Categories and nights together."""
    day = [ZonePart((zone,), (NODE[zone],), int(counts.sum())) for zone, counts in parts]
    devices = np.stack([counts for _, counts in parts]).astype(np.int64)
    tally = Tally(devices, devices * 1000)
    counts = {"attendance_by_category": tally.sum(axis=2), "nights": tally}
    return protect_attendance(day, counts, None, DAY, protection(K))


@LEFT
def test_where_only_nights_would_isolate_categories_stay(left: int, told: bool) -> None:
    outer = nights((60, 30 + left), (60, 0), (0, 0), (0, 0), (0, 0))
    inner = nights((30, 30), (30, 0), (0, 0), (0, 0), (0, 0))
    day = protect([(METROPOLE, outer), (DIJON, inner)])
    assert by_zone(day["attendance_by_category"])["21231"] == [("excursionist", 30), ("resident", 60)]
    assert by_zone(day["nights"]).get("21231", []) == ([("resident", 30)] if told else [])


@LEFT
def test_so_are_those_who_stay_longer(left: int, told: bool) -> None:
    # 30 stayed long inside; around the venue they stayed long or longest.
    outer, inner = dwell(short=90, long=10 + left, longest=20), dwell(short=40, long=30)
    outer = outer if left >= 10 else dwell(short=90, long=30 + left)
    found = published("dwell", (DIJON, outer), (VENUE, inner))
    assert found["venue"] == ([("4-8 h", 30), ("<30 min", 40)] if told else [("all", 70)])


@LEFT
@pytest.mark.parametrize("first_hour", [5, 0])
def test_so_are_those_who_come_earlier_in_the_privacy_day(left: int, told: bool, first_hour: int) -> None:
    # 30 came at 23 h inside, or 30 at 2 h, which is later in a day that begins at 5.
    inner = arrivals((2, 23, 30), (2, 12, 40)) if first_hour == 5 else arrivals((2, 2, 30), (2, 12, 40))
    outer = arrivals((2, 12, 70 + left), (2, 2, 50)) if first_hour == 5 else arrivals((2, 2, 30 + left), (2, 12, 90))
    found = published("dwell_by_arrival", (DIJON, outer), (VENUE, inner), first_hour=first_hour)
    hours = {hour for _, hour, _ in found["venue"]}
    assert hours == ({"23" if first_hour == 5 else "02", "12"} if told else {"all"})


def test_where_hours_collapse_the_dwell_classes_stay() -> None:
    outer = arrivals((2, 9, 60), (2, 20, 90), (5, 9, 90))
    inner = arrivals((2, 9, 30), (2, 12, 40), (5, 9, 60))
    outer[2, 9], outer[5, 9] = 45, 60
    found = published("dwell_by_arrival", (DIJON, outer), (VENUE, inner))
    assert found["venue"] == [("1-2 h", "all", 70), (">=8 h", "all", 60)]


def test_where_dwell_collapses_so_do_arrivals() -> None:
    outer, inner = arrivals((2, 9, 90), (5, 9, 65)), arrivals((2, 9, 30), (5, 9, 60))
    assert published("dwell_by_arrival", (DIJON, outer), (VENUE, inner))["venue"] == [("all", "all", 90)]
    assert published("dwell", (DIJON, outer.sum(axis=1)), (VENUE, inner.sum(axis=1)))["venue"] == [("all", 90)]


def origins_of(*parts: tuple[int, Homes], others: bool = False) -> dict[str, pa.Table]:
    """Origins of parts, and categories where nobody is a tourist."""
    day = [ZonePart((zone,), (NODE[zone],), sum(homes.values())) for zone, homes in parts]
    listed = [
        (at, ORIGINS.place[name], number) for at, (_, homes) in enumerate(parts) for name, number in homes.items()
    ]
    part, origin, devices = np.array(listed, np.int64).reshape(-1, 3).T
    own = [{ORIGINS.names[at] for at in ORIGINS.residents((zone,))} for zone, _ in parts]
    residents = [sum(n for name, n in homes.items() if name in own[at]) for at, (_, homes) in enumerate(parts)]
    counts = np.array([[r, sum(homes.values()) - r, 0, 0, 0] for r, (_, homes) in zip(residents, parts, strict=True)])
    tallies = {"attendance_by_category": Tally(counts, counts * 1000)} if others else {}
    return protect_attendance(
        day, tallies, OriginTally(part, origin, Tally(devices, devices * 1000)), DAY, protection(K)
    )


@LEFT
def test_so_are_origins_and_categories_with_them(left: int, told: bool) -> None:
    parts = (DIJON, {"21231": 200, "75": 30 + left}), (VENUE, {"21231": 50, "75": 30})
    tables = origins_of(*parts, others=True)
    origins, category = by_zone(tables["attendance_by_origin"]), by_zone(tables["attendance_by_category"])
    assert origins["venue"] == ([("21231", 50), ("75", 30)] if told else [("all", 80)])
    assert category["venue"] == ([("excursionist", 80)] if told else [("all", 80)])
    assert by_zone(origins_of(*parts)["attendance_by_origin"]) == origins


def test_origins_tell_that_no_other_is_at_home_around() -> None:
    # Nobody in the venue lives in Dijon, so that its excursionists are among those of Dijon: 5 are left.
    parts = (DIJON, {"21231": 200, "75": 85, "39198": 80}), (VENUE, {"75": 80, "39198": 80})
    tables = origins_of(*parts, others=True)
    assert by_zone(tables["attendance_by_category"])["venue"] == [("all", 160)]


@LEFT
def test_origins_collapse_with_the_categories_whose_first_cut_they_share(left: int, told: bool) -> None:
    # All of the venue come from Paris, and so are tourists in Dijon, too, where they sleep.
    day = [ZonePart((DIJON,), (NODE[DIJON],), 190 + left), ZonePart((VENUE,), (NODE[VENUE],), 60)]
    category = np.array([[100, 60, 30 + left, 0, 0], [0, 30, 30, 0, 0]], np.int64)
    listed = [(0, "21231", 100), (0, "75", 90 + left), (1, "75", 60)]
    part, origin, devices = np.array([(at, ORIGINS.place[name], n) for at, name, n in listed], np.int64).T
    tables = protect_attendance(
        day,
        {"attendance_by_category": Tally(category, category * 1000)},
        OriginTally(part, origin, Tally(devices, devices * 1000)),
        DAY,
        protection(K),
    )
    assert by_zone(tables["attendance_by_category"])["venue"] == (
        [("excursionist", 30), ("tourist", 30)] if told else [("all", 60)]
    )
    assert by_zone(tables["attendance_by_origin"])["venue"] == [("75" if told else "all", 60)]


@LEFT
def test_foreign_devices_of_ages_are_compared_with_those_of_categories(left: int, told: bool) -> None:
    # Around the venue ages collapse, since one is above the share, and foreign devices are told by categories.
    outer, inner = ages(young=200, foreign=30 + left), ages(young=40, old=30, foreign=30)
    day = [ZonePart((zone,), (NODE[zone],), int(of.sum())) for zone, of in ((DIJON, outer), (VENUE, inner))]
    counts = {
        "attendance_by_age": np.stack([outer, inner]),
        "attendance_by_category": np.array([[100, 100, 0, 30 + left, 0], [0, 70, 0, 30, 0]]),
    }
    tables = protect_attendance(
        day, {name: Tally(each, each * 1000) for name, each in counts.items()}, None, DAY, protection(K)
    )
    found = by_zone(tables["attendance_by_age"])
    assert found["21231"] == [("all", 230 + left)]
    assert (found["venue"] != [("all", 100)]) is told


def test_a_zone_whose_devices_are_all_of_those_around_it_tells_as_much() -> None:
    whole = ages(young=50, old=40)
    found = published("attendance_by_age", (DIJON, whole), (VENUE, whole))
    assert found["venue"] == found["21231"] == [("18-24", 50), ("45-54", 40)]


def test_what_collapsed_is_no_measure_for_what_is_inside_it() -> None:
    # Dijon collapses for 5 of the metropole; the venue leaves 15 of Dijon, which nobody sees, and 20 of the metropole.
    parts = (METROPOLE, ages(young=75, old=200)), (DIJON, ages(young=70, old=100)), (VENUE, ages(young=55, old=30))
    found = published("attendance_by_age", *parts)
    assert found["21231"] == [("all", 170)]
    assert found["venue"] == [("18-24", 55), ("45-54", 30)]
    parts = *parts[:2], (VENUE, ages(young=56, old=30))
    assert published("attendance_by_age", *parts)["venue"] == [("all", 86)]


def test_what_collapsed_lists_every_class_as_a_pool_of_all_does() -> None:
    parts = (DIJON, {"21231": 200, "75": 35}), (VENUE, {"21231": 50, "75": 30})
    tables = origins_of(*parts, others=True)
    values = {name: set(tables[name][attribute].to_pylist()) for name, attribute in PLACES.items()}
    assert "|".join(VISITOR_CATEGORIES) in values["attendance_by_category"]
    assert "|".join(ORIGINS.names) in values["attendance_by_origin"]
    outer, inner = arrivals((2, 9, 90), (5, 9, 65)), arrivals((2, 9, 30), (5, 9, 60))
    day = [ZonePart((zone,), (NODE[zone],), int(of.sum())) for zone, of in ((DIJON, outer), (VENUE, inner))]
    devices = np.stack([outer, inner])
    by_arrival = protect_attendance(day, {"dwell_by_arrival": Tally(devices, devices * 1000)}, None, DAY, protection(K))
    last = by_arrival["dwell_by_arrival"].to_pylist()[-1]
    assert (last["dwell_band"], last["arrival_hour"]) == ("|".join(DWELL_BANDS), "|".join(ARRIVAL_HOURS))


def test_the_row_of_a_collapsed_attribute_is_rounded_as_the_plain_figure() -> None:
    outer, inner = ages(young=50, old=90), ages(young=45, old=38)
    plain = published("attendance", (DIJON, outer.sum()), (VENUE, inner.sum()), rounding=5)
    found = published("attendance_by_age", (DIJON, outer), (VENUE, inner), rounding=5)
    assert found["venue"] == [("all", *plain["venue"][0])]


@LEFT
def test_a_zone_inside_a_pool_of_zones_is_compared_with_it(left: int, told: bool) -> None:
    pool = ZonePart((DIJON, 3), (NODE[DIJON], NODE[3]), 120 + left)
    day = [pool, ZonePart((VENUE,), (NODE[VENUE],), 70)]
    counts = np.stack([ages(young=30 + left, old=90), ages(young=30, old=40)])
    table = protect_attendance(day, {"attendance_by_age": Tally(counts, counts * 1000)}, None, DAY, protection(K))
    assert (by_zone(table["attendance_by_age"])["venue"] != [("all", 70)]) is told


def test_every_door_compares_by_itself() -> None:
    assert {comparison.inner for comparison in COMPARISONS} >= {*WHO, *HOW_LONG, "attendance_by_spc"}


PEOPLE = {(inner, outer): kinds_of_people(inner, outer) for inner in NAMES for outer in NAMES if inner > outer}
VISITS = kinds_of_visits()


def found_by_attackers(tables: dict[str, pa.Table], k: int) -> list[tuple[str, str, int]]:
    zones = set(tables["attendance"]["zone_id"].to_pylist())
    found = []
    for (inner, outer), people in PEOPLE.items():
        ends = NAMES[inner], NAMES[outer]
        if zones.issuperset(ends):
            views: list[tuple[list[Kind], Sequence[str]]] = [(people, WHO), (VISITS, HOW_LONG)]
            for kinds, indicators in views:
                found += isolated(tables, ends, kinds, indicators, k)
    return found


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(2, 6),
    st.integers(20, 250),
    st.integers(2, 3),
    st.sampled_from([0.8, 0.9, 0.97]),
)
def test_an_attacker_who_tries_all_unions_isolates_nobody(
    seed: int, k: int, devices: int, classes: int, loyal: float
) -> None:
    tables = released(crowd(seed, devices, classes=classes, loyal=loyal), k)
    assert found_by_attackers(tables, k) == []


def test_the_attacker_isolates_somebody_without_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(rows: dict[str, object], *_: object) -> dict[str, object]:
        return dict(rows)

    monkeypatch.setattr("anonymization.protect_days.without_isolating", nothing)
    found = [each for seed in range(10) for each in found_by_attackers(released(crowd(seed, 120, classes=3), 5), 5)]
    assert {one for one, _, _ in found} >= {*WHO, *HOW_LONG}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 20))
def test_collapsed_rows_still_sum_to_their_part(seed: int, k: int) -> None:
    tables = released(crowd(seed, 200), k)
    plain = {zone: rows[0][-1] for zone, rows in by_zone(tables["attendance"]).items()}
    for name, table in tables.items():
        if name != "nights":
            sums = {zone: sum(int(str(row[-1])) for row in rows) for zone, rows in by_zone(table).items()}
            assert sums == plain, name


# Exhaustive: a zone inside another, and two classes.


def known_exactly(name_of_collapsed: str) -> int:
    """How many numbers of 1 to k-1 of a class, in the outer zone alone, what is published leaves one value only."""
    k, names = 3, ("a", "b")
    two = Classes("any", names, class_tree(names, names), names)
    counts = all_counts(4, 20)
    inner, left = counts[:, :2], counts[:, 2:]
    printed = (inner.sum(axis=1) >= k) & ((left.sum(axis=1) == 0) | (left.sum(axis=1) >= k))
    inner, left = inner[printed], left[printed]
    splits = [split_by_class(two, Tally(each, each), Policy(k, 1.0, 0, test=True)) for each in (inner, inner + left)]
    code = {"a": 1, "b": 2, "a|b": 3}
    rows = [Rows(s.part, np.array([code[v] for v in s.value]), s.tally.devices, s.part * 0 + 1) for s in splits]
    each = np.arange(len(inner))
    collapses = isolating(Pairs(each, each), *rows, Image(names, np.array([1, 2])), Limits(k))
    seen: list[list[tuple[int, str, int]]] = [[] for _ in each]
    for zone, split in enumerate(splits):
        for part, value, devices in zip(split.part.tolist(), split.value, split.tally.devices.tolist(), strict=True):
            if zone or not collapses[part]:
                seen[part].append((zone, value, devices))
    for part in np.flatnonzero(collapses).tolist():
        seen[part].append((0, name_of_collapsed, int(inner[part].sum())))
    possible: dict[tuple[tuple[int, str, int], ...], set[int]] = {}
    for rows_seen, devices in zip(seen, left[:, 0].tolist(), strict=True):
        possible.setdefault(tuple(sorted(rows_seen)), set()).add(devices)
    return sum(len(values) == 1 and 0 < min(values) < k for values in possible.values())


def test_what_collapses_looks_like_a_pool_so_that_nobody_knows_what_was_left() -> None:
    assert known_exactly("a|b") == 0
    assert known_exactly("all") > 0
