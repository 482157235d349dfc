"""The harness: medians, bounds with their margin, verdicts, and the page."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.score.bound import TARGETS, Bound
from pipelines.score.figure import Figure, Scored
from pipelines.score.sheet import Sheet
from tests.accuracy import recorded, report
from tests.accuracy.coverage import coverage, outside
from tests.accuracy.headlines import HEADLINES
from tests.accuracy.page import page
from tests.accuracy.town import Size, Town, measure
from tests.accuracy.verdict import Line, broken, lines, medians

ERROR, SHARE, FREE = "dwell.distance.median", "attendance_by_category.right", "presence.hexagon.misplaced"


def line_of(found: list[Line], key: str) -> Line:
    return next(line for line in found if line.headline.key == key)


def test_every_target_of_the_score_is_watched_and_every_headline_once() -> None:
    keys = [headline.key for headline in HEADLINES]
    assert len(set(keys)) == len(keys)
    assert {target.key for target in TARGETS} <= set(keys)


def test_a_target_of_more_is_on_a_headline_of_which_more_is_better() -> None:
    aims = [(headline, headline.target) for headline in HEADLINES if headline.target]
    assert all(headline.more_is_better == (target.least is not None) for headline, target in aims)


def test_the_median_is_over_the_towns_that_have_the_figure() -> None:
    assert medians([{ERROR: 0.1}, {ERROR: 0.3}, {ERROR: 0.2}, {"else": 1}]) == {ERROR: 0.2}


@pytest.mark.parametrize(
    ("key", "value", "bound"),
    [
        (FREE, 0.2, {"max": 0.23}),
        (FREE, 0.01, {"max": 0.015}),
        ("attendance.coverage.all", 0.8, {"min": 0.77}),
        ("attendance.coverage.all", 0.99, {"min": 0.985}),
        ("attendance.coverage.all", 0.05, {"min": 0.0425}),
        ("attendance.coverage.all", 0.004, {"min": 0}),
    ],
)
def test_a_bound_is_what_was_measured_with_a_margin(key: str, value: float, bound: dict[str, float]) -> None:
    assert recorded.bounds_of({key: value}) == {key: bound}


@pytest.mark.parametrize(
    ("key", "value", "bound"),
    [
        (ERROR, 0.059, {"max": 0.06}),
        (ERROR, 0.06, {"max": 0.06}),
        (ERROR, 0.061, {"max": 0.0702}),
        (SHARE, 0.951, {"min": 0.95}),
        (SHARE, 0.95, {"min": 0.95}),
        (SHARE, 0.949, {"min": 0.9413}),
    ],
)
def test_a_target_that_is_met_is_not_given_up(key: str, value: float, bound: dict[str, float]) -> None:
    assert recorded.bounds_of({key: value}) == {key: bound}


def test_what_is_recorded_is_read_again_and_kept_by_what_was_measured(tmp_path: Path) -> None:
    towns = [{ERROR: 0.1, SHARE: 0.5}]
    recorded.write(medians(towns), tmp_path / "bounds.json")
    bounds = recorded.read(tmp_path / "bounds.json")
    assert bounds == {ERROR: Bound(ERROR, most=0.115, required=True), SHARE: Bound(SHARE, least=0.425, required=True)}
    assert broken(lines(towns, bounds)) == []


@pytest.mark.parametrize(("value", "worse"), [(0.114, []), (0.115, []), (0.116, [ERROR])])
def test_a_median_beyond_its_bound_is_worse(value: float, worse: list[str]) -> None:
    bounds = {ERROR: Bound(ERROR, most=0.115, required=True)}
    assert broken(lines([{ERROR: 0.0}, {ERROR: value}, {ERROR: 1.0}], bounds)) == worse


def test_a_recorded_figure_that_is_gone_is_worse() -> None:
    found = lines([{}], {FREE: Bound(FREE, most=1, required=True)})
    assert broken(found) == [FREE]
    assert report.verdict(line_of(found, FREE)) == "WORSE"


def test_nothing_is_worse_where_nothing_was_recorded(tmp_path: Path) -> None:
    assert recorded.read(tmp_path / "none.json") == {}
    assert broken(lines([{ERROR: 0.9}], {})) == []


def test_targets_are_told_apart_from_bounds() -> None:
    found = lines([{ERROR: 0.07}], {ERROR: Bound(ERROR, most=0.08)})
    assert report.verdict(line_of(found, ERROR)) == "missed"
    assert report.verdict(line_of(found, SHARE)) == "not measured"
    assert report.cells(line_of(found, ERROR)) == [ERROR, "≤ 0.0600", "0.0700", "0.0700", "≤ 0.0800", "missed"]


def test_the_recorded_bounds_are_of_figures_that_are_watched() -> None:
    assert recorded.read().keys() <= {headline.key for headline in HEADLINES}


SIZE = Size(start=date(2026, 6, 20))
COVERED = {"presence, zones": 0.951}


def test_the_page_has_every_figure_by_seed_and_says_what_is_missed() -> None:
    towns = [town(1, 0.05), town(2, 0.09), town(3, 0.07)]
    told = page(
        towns, lines([each.figures for each in towns], {}), Size(start=date(2026, 6, 20)), {"presence, zones": 0.951}, 7
    )
    assert f"| {ERROR} | ≤ 0.0600 | 0.0500 | 0.0900 | 0.0700 | 0.0700 |  | missed |" in told
    assert "- Dwell: distance of the splits, median: 7.0%; the target of at most 6% is **missed**." in told
    assert "- Visitors in the right category: not measured." in told
    assert "- 3 × dwell: part that is not a single zone" in told
    assert "- flows: not in this release" in told
    assert max(map(len, told.splitlines())) <= 200


@pytest.mark.slow
def test_a_small_town_is_made_published_and_scored_twice_alike(tmp_path: Path) -> None:
    size = Size(devices=1_000, days=1)
    said: list[str] = []
    one, other = (measure(tmp_path, 4, size, said.append) for _ in range(2))
    assert one.failed_checks == ()
    assert one.figures == pytest.approx(other.figures)
    assert FREE in one.figures
    assert said.count("seed 4: simulating") == 1


def town(seed: int, value: float) -> Town:
    scored = Scored((Figure(ERROR, value, 2),), {"dwell: part that is not a single zone": 3})
    return Town(seed, Sheet(scored, ("flows",)), ())


def test_intervals_of_the_kernels_own_towns_hold_the_truth_about_as_often_as_they_say() -> None:
    found = coverage(30, seed=5)
    # 30 towns tell a coverage of 95 % to about 4 %: a design effect of half or twice what it should be shows.
    assert {name: share for name, share in found.items() if not 0.89 <= share <= 0.995} == {}


def test_a_coverage_at_a_bound_is_inside_and_one_beyond_it_is_not() -> None:
    assert outside({"a": 0.93, "b": 0.97, "c": 0.9299, "d": 0.9701}) == ["c", "d"]
