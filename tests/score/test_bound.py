"""Bounds: at, below and above; from a file; and what is told of them."""

from pathlib import Path

import pytest

from pipelines.score.bound import TARGETS, Bound, judge, read_bounds
from pipelines.score.figure import Figure, Scored
from pipelines.score.sheet import Sheet
from pipelines.score.show import as_values, summary
from schemas.errors import InputError


@pytest.mark.parametrize(("value", "met"), [(0.049, True), (0.05, True), (0.051, False)])
def test_at_most_includes_the_bound(value: float, met: bool) -> None:
    (judged,) = judge([Bound("x", most=0.05)], [Figure("x", value, 1)])
    assert judged.met is met


@pytest.mark.parametrize(("value", "met"), [(0.89, False), (0.9, True), (0.91, True)])
def test_at_least_includes_the_bound(value: float, met: bool) -> None:
    (judged,) = judge([Bound("x", least=0.9)], [Figure("x", value, 1)])
    assert judged.met is met


def test_a_figure_that_is_not_there_misses_a_bound_only_if_it_is_required() -> None:
    judged = judge([Bound("x", most=1), Bound("y", most=1, required=True)], [])
    assert [each.verdict for each in judged] == ["not measured", "missed"]


def test_a_file_of_bounds_requires_every_figure_that_it_names(tmp_path: Path) -> None:
    file = tmp_path / "bounds.json"
    file.write_text('{"a": {"max": 0.05}, "b": {"min": 0.9, "max": 1}}')
    assert read_bounds(file) == (Bound("a", 0.05, None, True), Bound("b", 1, 0.9, True))


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"a": 1}', '{"a": {}}', '{"a": {"most": 1}}', '{"a": {"max": "much"}}', '{"a": null}']
)
def test_a_file_that_holds_no_bounds_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "bounds.json"
    file.write_text(content)
    with pytest.raises(InputError, match=r"bounds\.json: expected JSON"):
        read_bounds(file)


def test_a_file_of_bounds_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected JSON of bounds"):
        read_bounds(tmp_path / "none.json")


def test_every_target_is_of_another_figure_and_has_a_side() -> None:
    assert len({target.key for target in TARGETS}) == len(TARGETS)
    assert all((target.most is None) != (target.least is None) and not target.required for target in TARGETS)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (0.01, "score: 1 figures, 1 bounds, all met"),
        (0.06, "score: 1 figures, 1 bounds, 1 missed: x"),
    ],
)
def test_the_last_line_says_which_bounds_are_missed(value: float, line: str) -> None:
    figures = (Figure("x", value, 3),)
    judged = judge([Bound("x", most=0.05)], figures)
    sheet = Sheet(Scored(figures), ())
    assert summary(sheet, judged) == line
    assert as_values(sheet, judged)["summary"] == line
    assert as_values(sheet, judged)["met"] is (value < 0.05)


def test_the_last_line_does_not_call_met_what_was_not_measured() -> None:
    judged = judge([Bound("x", most=0.05)], [])
    assert summary(Sheet(Scored(), ()), judged) == "score: 0 figures, 1 bounds, none missed (1 not measured)"
