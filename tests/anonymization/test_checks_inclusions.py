"""What the verifier finds in printed numbers of zones inside each other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymization.checks import inclusions, widths
from anonymization.checks.day import Day
from anonymization.checks.evidence import collect
from anonymization.checks.nests import differences, nested_pairs
from anonymization.checks.rule import Finding, Rule
from anonymization.checks.spans import merged, spans
from anonymization.checks.terms import Terms
from anonymization.checks.windows import files_of_day
from anonymization.checks.zone_map import Zone, ZoneMap, read_zones
from anonymization.entries import ZONES
from tests.anonymization import crowds
from tests.anonymization import releases as r
from tests.anonymization.crowds import crowd, released
from tests.anonymization.releases import Draft, publish, replaced, table, with_value

Change = Callable[[Draft], Draft]


def sound() -> Draft:
    """A sound draft with every indicator, in which what lasts two hours in the venue lasts as long in its commune."""
    content = r.whole_draft()
    for day in content.tables:
        content = replaced(content, "dwell", lambda rows: with_value(rows, 4, "dwell_band", "1-2 h"), day)
        content = replaced(content, "dwell_by_arrival", lambda rows: with_value(rows, 5, "dwell_band", "1-2 h"), day)
    return content


def found_in(rule: Rule, release: Path) -> list[Finding]:
    """What a rule finds in the days of a signed release."""
    evidence = collect(release)
    zones = read_zones(release / ZONES)
    days = (files_of_day(evidence, entry, zones) for entry in evidence.days)
    return [rule.examine(day) for files in days for day in files.pieces()]


def problems(rule: Rule, release: Path) -> list[str]:
    return [problem for finding in found_in(rule, release) for problem in finding.problems]


def changed(name: str, row: int, column: str, value: object) -> Change:
    return lambda content: replaced(content, name, lambda rows: with_value(rows, row, column, value))


def venue_row(name: str, attribute: str, value: str, devices: int) -> Change:
    """The last row of an indicator is the venue's."""

    def change(content: Draft) -> Draft:
        row = content.tables[r.SATURDAY][name].num_rows - 1
        content = changed(name, row, attribute, value)(content)
        return changed(name, row, "devices", devices)(content)

    return change


def test_a_sound_release_passes_both_rules(tmp_path: Path) -> None:
    release = publish(tmp_path / "release", sound())
    assert problems(inclusions.RULE, release) == problems(widths.RULE, release) == []
    assert sum(finding.figure or 0 for finding in found_in(inclusions.RULE, release)) == 4
    figures = [finding.figure for finding in found_in(widths.RULE, release) if finding.figure is not None]
    assert min(figures) >= 20


ISOLATING: dict[str, Change] = {
    "attendance_by_spc": venue_row("attendance_by_spc", "spc", "1|2", 20),
    "attendance_by_origin": venue_row("attendance_by_origin", "origin", "21231", 35),
    "dwell": venue_row("dwell", "dwell_band", "2-4 h", 30),
    "dwell_by_arrival": venue_row("dwell_by_arrival", "arrival_hour", "08", 20),
}


@pytest.mark.parametrize("name", ISOLATING)
def test_a_signed_release_that_isolates_a_few_is_refused(name: str, tmp_path: Path) -> None:
    found = problems(inclusions.RULE, publish(tmp_path / "release", ISOLATING[name](sound())))
    assert [each for each in found if each.startswith(f"{name}/date=2026-06-20: 1 zones")]
    assert "first: V in 21231" in found[0]


@pytest.mark.parametrize(
    ("left", "refused"), [(0, False), (5, False), (10, True), (15, False), (20, False), (-10, True), (-5, False)]
)
def test_it_is_refused_beyond_what_rounding_can_explain(left: int, refused: bool, tmp_path: Path) -> None:
    # Of 45 from Dijon in the commune; each of two numbers is within 4.
    content = venue_row("attendance_by_origin", "origin", "21231", 45 - left)(sound())
    assert bool(problems(inclusions.RULE, publish(tmp_path / "release", content))) is refused


@pytest.mark.parametrize(("left", "refused"), [(0, False), (1, True), (19, True), (20, False), (21, False)])
def test_without_rounding_every_difference_below_k_is_refused(left: int, refused: bool, tmp_path: Path) -> None:
    content = replace(sound(), policy=r.policy(rounding=0))
    content = venue_row("attendance_by_origin", "origin", "21231", 45 - left)(content)
    found = problems(inclusions.RULE, publish(tmp_path / "release", content))
    assert any(each.startswith("attendance_by_origin/date=2026-06-20") for each in found) is refused


def test_nights_are_compared_with_the_nights_around(tmp_path: Path) -> None:
    # 35 excursionists of the venue do not sleep there; in the commune 20 residents were awake, and 25 asleep.
    def with_nights(devices: int) -> Draft:
        content = replaced(
            sound(),
            "attendance_by_category",
            lambda _: table(
                "attendance_by_category",
                [*r.CATEGORY[:6], ("05:00", "V", [r.VENUE], "foreign tourist", devices)],
            ),
        )
        rows = [*r.NIGHTS, ("05:00", "V", [r.VENUE], "foreign tourist", devices)]
        return replaced(content, "nights", lambda _: table("nights", rows))

    assert problems(inclusions.RULE, publish(tmp_path / "sound", with_nights(25))) == []
    found = problems(inclusions.RULE, publish(tmp_path / "more", with_nights(40)))
    assert found[0].startswith("nights/date=2026-06-20: 1 zones")


def test_foreign_devices_are_compared_across_attributes(tmp_path: Path) -> None:
    # The venue tells 35 of 45 foreign devices by occupation, and the commune tells them by category.
    content = replaced(
        sound(),
        "attendance_by_spc",
        lambda _: table(
            "attendance_by_spc",
            [
                ("05:00", "21231", [r.A], "all", 100),
                *r.ATTENDANCE_BY_SPC[3:6],
                ("05:00", "V", [r.VENUE], "1", 25),
                ("05:00", "V", [r.VENUE], "3", 25),
                ("05:00", "V", [r.VENUE], "foreign", 35),
            ],
        ),
    )
    content = changed("attendance_by_category", 1, "devices", 45)(content)
    found = problems(inclusions.RULE, publish(tmp_path / "release", content))
    assert [each for each in found if "attendance_by_spc" in each and "of attendance_by_category" in each]


def test_without_the_zones_of_the_day_nothing_is_compared() -> None:
    day = Day(TERMS, None, released(crowd(1, 300), 20))
    assert inclusions.RULE.examine(day) == Finding((), 0)
    assert widths.RULE.examine(day) == Finding(())
    assert list(differences(day)) == []


def test_more_inside_than_around_is_a_problem_of_its_own(tmp_path: Path) -> None:
    content = venue_row("dwell", "dwell_band", "1-2 h", 150)(sound())
    found = problems(widths.RULE, publish(tmp_path / "release", content))
    assert found == [
        "attendance/date=2026-06-20: V in 21231 by dwell: expected cells that explain what is published, found none"
    ]


def test_widths_find_what_inequalities_tell(tmp_path: Path) -> None:
    # 30 stayed two hours or more in the venue, and 40 in its commune did.
    content = venue_row("dwell", "dwell_band", "2-4 h", 30)(sound())
    found = problems(widths.RULE, publish(tmp_path / "release", content))
    assert found == ["attendance/date=2026-06-20: V in 21231 by dwell tells a number of devices below 20"]


@pytest.mark.parametrize("start", [0, 5])
def test_hours_are_compared_in_the_order_of_the_privacy_day(start: int) -> None:
    rows = [("metropole", "23", 60), ("metropole", "02", 90), ("21231", "02", 50), ("21231", "12", 30)]
    terms = replace(TERMS, first_hour=start)
    day = Day(terms, ZONE_MAP, {"attendance": plain(metropole=150, dijon=80), "dwell_by_arrival": arrivals(rows)})
    # 2 h is the last hour but three of a day that begins at 5, and all of the commune may come before it.
    assert bool(inclusions.RULE.examine(day).problems) is (start == 0)


TERMS = Terms(
    day=date(2026, 6, 20),
    k=20,
    max_share=1.0,
    rounding=0,
    slot=900_000_000,
    start=0,
    end=86_400_000_000,
    zones_sha256="",
    test=True,
    confidence=0.95,
    effects={},
)
ZONE_MAP = ZoneMap(
    {
        area.zone_id: Zone(
            area.zone_id,
            area.kind,
            crowds.AREA.zones[area.parent].zone_id if area.parent >= 0 else None,
            False,
            merged(*spans(area.cells)),
        )
        for area in crowds.AREA.zones
    }
)


def plain(metropole: int, dijon: int) -> pa.Table:
    rows: list[r.Row] = [("05:00", "21231", [r.B], "", dijon), ("05:00", "metropole", [r.A], "", metropole)]
    return table("attendance", rows)


def arrivals(rows: Sequence[tuple[str, str, int]]) -> pa.Table:
    return table("dwell_by_arrival", [("05:00", zone, [r.A], ("1-2 h", hour), devices) for zone, hour, devices in rows])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(11, 25), st.sampled_from([0, 1, 5, 7]), st.sampled_from([2, 3, 8]))
def test_what_is_protected_passes_both_rules(seed: int, k: int, rounding: int, classes: int) -> None:
    tables = released(crowd(seed, 600, classes=classes), k, rounding)
    day = Day(replace(TERMS, k=k, rounding=rounding), ZONE_MAP, tables)
    assert inclusions.RULE.examine(day).problems == ()
    assert widths.RULE.examine(day).problems == ()


def test_what_is_not_protected_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anonymization.protect_days.without_isolating", lambda rows, *_: dict(rows))
    days = [Day(TERMS, ZONE_MAP, released(crowd(seed, 400), 20)) for seed in range(5)]
    for rule in (inclusions.RULE, widths.RULE):
        assert [problem for day in days for problem in rule.examine(day).problems]


def test_pairs_are_found_among_many_zones() -> None:
    nothing = merged(*spans(np.zeros(0, np.uint64)))

    def zones() -> Iterator[Zone]:
        for at in range(3000):
            yield Zone(f"c{at}", "commune", None, False, nothing)
        for at in range(1000):
            yield Zone(f"v{at}", "venue", f"c{at}", False, nothing)

    names = [*(f"c{at}" for at in range(2998)), "c2998|c2999", *(f"v{at}" for at in range(998)), "v998|v999"]
    pairs = nested_pairs(names, ZoneMap({zone.zone_id: zone for zone in zones()}))
    # The last two venues are in two communes that are published apart.
    assert pairs.inner.tolist() == list(range(2999, 2999 + 998))
    assert pairs.outer.tolist() == list(range(998))


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["metropole", "21231", "venue"], [(1, 0), (2, 0), (2, 1)]),
        (["21231|39198", "venue"], [(1, 0)]),
        (["metropole", "21231|39198"], []),
        (["metropole", "21231|21515"], [(1, 0)]),
        (["venue", "unknown"], []),
        (["21231|venue"], []),
        ([], []),
    ],
)
def test_a_part_is_inside_one_that_holds_each_of_its_zones(names: list[str], found: list[tuple[int, int]]) -> None:
    pairs = nested_pairs(names, ZONE_MAP)
    assert list(zip(pairs.inner.tolist(), pairs.outer.tolist(), strict=True)) == found
