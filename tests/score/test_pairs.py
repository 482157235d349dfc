"""Errors and coverage of pairs, worked out by hand."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.score.figure import Figure
from pipelines.score.pairs import coverage, errors, pairs_of
from tests.score.town import dated


def by_key(figures) -> dict[str, Figure]:
    return {figure.key: figure for figure in figures}


def test_errors_are_told_by_kind_and_by_size_of_the_truth() -> None:
    pairs = dated(
        """
        kind    people people_low people_high truth
        commune 110    0          0           100
        commune 80     0          0           100
        commune 100    0          0           100
        venue   3000   0          0           2000
        """
    )
    found = by_key(errors("x", pairs))
    assert found["x.commune.0-300.median"] == Figure("x.commune.0-300.median", pytest.approx(0.1), 3)
    assert found["x.commune.0-300.p90"].value == pytest.approx(0.18)  # between 0.1 and 0.2, four fifths of the way
    assert found["x.commune.0-300.bias"].value == pytest.approx(-0.1 / 3)
    assert found["x.venue.2000-5000.bias"].value == pytest.approx(0.5)
    assert found["x.venue.2000+.median"].value == found["x.venue.all.median"].value == pytest.approx(0.5)
    assert not [key for key in found if key.startswith(("x.venue.0-300", "x.commune.300"))]


@pytest.mark.parametrize(
    ("truth", "size"),
    [
        (299, "0-300"),
        (300, "300-1000"),
        (999, "300-1000"),
        (1000, "1000-2000"),
        (1999, "1000-2000"),
        (2000, "2000-5000"),
        (4999, "2000-5000"),
        (5000, "5000+"),
    ],
)
def test_a_size_begins_at_its_lower_bound(truth: int, size: str) -> None:
    pairs = pairs_of([{"kind": "c", "people": 1, "people_low": 0, "people_high": 2, "truth": truth}])
    sizes = {figure.key.split(".")[2] for figure in errors("x", pairs)}
    assert sizes == {size, "all"} | ({"2000+"} if truth >= 2000 else set())


def test_a_truth_of_nobody_has_no_relative_error_but_is_in_an_interval_or_not() -> None:
    pairs = dated(
        """
        kind people people_low people_high truth
        c    50     0          90          0
        c    50     10         90          0
        """
    )
    assert list(errors("x", pairs)) == []
    assert by_key(coverage("x", pairs))["x.coverage.all"] == Figure("x.coverage.all", 0.5, 2)


@pytest.mark.parametrize(("truth", "covered"), [(89, 0), (90, 1), (110, 1), (111, 0)])
def test_the_ends_of_an_interval_belong_to_it(truth: int, covered: int) -> None:
    pairs = pairs_of([{"kind": "c", "people": 100, "people_low": 90, "people_high": 110, "truth": truth}])
    assert by_key(coverage("x", pairs))["x.coverage.0-300"].value == covered


def test_nothing_is_told_of_no_pairs() -> None:
    none = pairs_of([])
    assert [*errors("x", none), *coverage("x", none)] == []


@given(st.lists(st.tuples(st.integers(1, 9_000), st.integers(0, 9_000)), min_size=1, max_size=20))
def test_doubling_people_and_truth_changes_no_error(rows: list[tuple[int, int]]) -> None:
    def overall(factor: int) -> dict[str, float]:
        columns = {"people": [factor * people for _, people in rows], "truth": [factor * truth for truth, _ in rows]}
        zero = [0] * len(rows)
        pairs = pa.table({"kind": ["c"] * len(rows), **columns, "people_low": zero, "people_high": zero})
        return {f.key: f.value for f in errors("x", pairs) if ".all." in f.key}

    assert overall(2) == pytest.approx(overall(1))
